"""Addresses of the demonstration; wired only where settings.DEMO is true."""

from django.urls import URLPattern, URLResolver, path

from office.gallery import gallery

urlpatterns: list[URLPattern | URLResolver] = [
    path("components/", gallery, name="components"),
]
