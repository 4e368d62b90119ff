"""Addresses of office."""

from django.urls import URLPattern, URLResolver, path
from django_prometheus.exports import ExportToDjangoView

from office import (
    audit_overrides,
    audit_views,
    public,
    views_dashboards,
    views_exports,
    views_ops,
    views_review,
    views_sources,
    views_waiting,
)
from office.health import Health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("help/", public.help_page, name="help"),
    path("healthz", Health.as_view(), name="healthz"),
    path("metrics", ExportToDjangoView, name="metrics"),
    path("office/", views_dashboards.today, name="office"),
    path("office/onestop/", views_dashboards.onestop, name="office_onestop"),
    path("office/oneflow/", views_dashboards.oneflow, name="office_oneflow"),
    path("office/onenet/", views_dashboards.onenet, name="office_onenet"),
    path("office/cases/", views_dashboards.case_list, name="office_cases"),
    path("office/cases/<str:case_no>/", views_dashboards.case_sheet, name="office_case"),
    path("office/exports/", views_exports.mine, name="office_exports"),
    path("office/exports/<int:pk>/", views_exports.progress, name="office_export_progress"),
    path("office/exports/<int:pk>/cancel/", views_exports.cancel, name="office_export_cancel"),
    path("office/exports/<int:pk>/file/", views_exports.download, name="office_export_download"),
    path("office/exports/new/<slug:kind>/", views_exports.ask, name="office_export"),
    path("office/review/", views_review.numbers, name="office_review"),
    path("office/waiting/", views_waiting.on_day, name="office_waiting"),
    path("office/waiting/<str:case_no>/", views_waiting.household, name="office_wait"),
    path("office/search/", views_dashboards.search, name="office_search"),
    path("office/sources/", views_sources.sources, name="office_sources"),
    path("office/sources/catalogue/", views_sources.catalogue, name="office_source_catalogue"),
    path("office/sources/<slug:code>/", views_sources.source, name="office_source"),
    path("office/messages/", views_ops.messages_page, name="office_messages"),
    path("office/people/", views_ops.people, name="office_people"),
    path("office/ops/", views_ops.ops, name="office_ops"),
    path("office/ops/outbox/<int:pk>/retry/", views_ops.retry, name="office_outbox_retry"),
    path("audit/", audit_views.entries, name="audit"),
    path("audit/overrides/", audit_overrides.listed, name="audit_overrides"),
    path("audit/looks/", audit_views.looks, name="audit_looks"),
    path("audit/verify/", audit_views.verify, name="audit_verify"),
]
