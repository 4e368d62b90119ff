"""Addresses of the re-check and of exits."""

from django.urls import URLPattern, URLResolver, include, path

from renewal.views import exits, mine

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("renewal.urls_campaign")),
    path("office/exits/", exits.index, name="office_exits"),
    path("office/exits/<int:pk>/", exits.case, name="office_exit"),
    path("my/hearing/", mine.hearing, name="my_hearing"),
    path("", include("renewal.urls_household")),
]
