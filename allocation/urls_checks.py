"""Addresses of the page that says how a draw is checked."""

from django.urls import URLPattern, URLResolver, path

from allocation.views import checking

urlpatterns: list[URLPattern | URLResolver] = [
    path("public/draws/check/", checking.check, name="public_check"),
    path("public/draws/<str:code>/check/", checking.check, name="public_draw_check"),
]
