"""Addresses of the API: each app registers its own endpoints with one router.

An app that has endpoints keeps them in ``<app>/api.py`` with a function ``register(router)``.
"""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

router = SimpleRouter()
for module in ("applications.api.routes", "allocation.api", "renewal.api"):
    if find_spec(module) is not None:
        import_module(module).register(router)

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api/docs.html"),
        name="api_docs",
    ),
]
