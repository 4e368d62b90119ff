"""One-click sign-in; wired only where settings.DEMO is true."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
