"""Addresses of the re-check and of exits."""

from django.urls import URLPattern, URLResolver, include, path

from renewal import urls_exits

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("renewal.urls_campaign")),
    path("", include("renewal.urls_household")),
    path("", include("renewal.urls_violations")),
    path("", include("renewal.urls_clues")),
    path("", include("renewal.urls_discovery")),
    path("", include("renewal.urls_stock")),
    *urls_exits.urlpatterns,
]
