"""Addresses of core."""

from django.urls import URLPattern, URLResolver, path

from core.preferences import preferences

urlpatterns: list[URLPattern | URLResolver] = [
    path("prefs/", preferences, name="preferences"),
]
