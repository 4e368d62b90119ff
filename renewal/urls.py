"""Addresses of the re-check and of exits."""

from django.urls import URLPattern, URLResolver, include, path

from renewal import urls_exits
from renewal.views import campaigns, mine

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("renewal.urls_violations")),
    path("", include("renewal.urls_clues")),
    path("office/recheck/", campaigns.index, name="office_recheck"),
    path("office/recheck/<int:year>/", campaigns.campaign, name="office_recheck_campaign"),
    path("office/recheck/<int:year>/progress/", campaigns.progress, name="office_recheck_progress"),
    path("office/recheck/<int:year>/do/<slug:verb>/", campaigns.move, name="office_recheck_move"),
    path("office/recheck/household/<int:pk>/", campaigns.settle, name="office_recheck_settle"),
    path("my/recheck/", mine.recheck, name="my_recheck"),
    *urls_exits.urlpatterns,
    path("", include("renewal.urls_discovery")),
]
