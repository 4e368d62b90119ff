"""Views that cannot carry a decorator, and who may see them: the one list (see `accounts.access`).

They belong to other packages, or to core, which stands below. Named by their dotted path:
`public`, `signed_in` or `monitoring` (the monitoring system's own addresses).
"""

VIEWS = {
    # the description of the API is public; what the API answers is not
    "drf_spectacular.views.SpectacularAPIView": "public",
    "drf_spectacular.views.SpectacularJSONAPIView": "public",
    "drf_spectacular.views.SpectacularYAMLAPIView": "public",
    "drf_spectacular.views.SpectacularSwaggerView": "public",
    "drf_spectacular.views.SpectacularSwaggerSplitView": "public",
    "drf_spectacular.views.SpectacularRedocView": "public",
    "rest_framework.routers.APIRootView": "signed_in",
    # says that the parts are alive, nothing else
    "health_check.views.HealthCheckView": "public",
    "health_check.views.MainView": "public",
    "django_prometheus.exports.ExportToDjangoView": "monitoring",
    # language, catalogues and files without anybody's data
    "core.preferences.preferences": "public",
    "django.views.i18n.set_language": "public",
    "django.views.i18n.JavaScriptCatalog": "public",
    "django.views.static.serve": "public",
    "django.contrib.staticfiles.views.serve": "public",
}
