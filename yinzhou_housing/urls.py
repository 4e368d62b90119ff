"""Every address of the platform, face by face."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("office.urls")),
    path("", include("applications.urls")),
    path("", include("allocation.urls")),
    path("", include("renewal.urls")),
    path("api/v1/", include("office.urls_api")),
]

if settings.DEMO:
    urlpatterns += [
        path("demo/", include("office.urls_demo")),
        path("demo/", include("accounts.urls_demo")),
    ]
