"""Addresses of office."""

from django.urls import URLPattern, URLResolver, path

from office import public

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("help/", public.help_page, name="help"),
]
