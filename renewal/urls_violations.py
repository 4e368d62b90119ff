"""Addresses of inspections, violations and fines."""

from django.urls import URLPattern, URLResolver, path

from renewal.views import inspections, my_checks, violations

urlpatterns: list[URLPattern | URLResolver] = [
    path("office/inspections/", inspections.index, name="office_inspections"),
    path("office/inspections/plan/", inspections.plan, name="office_inspection_plan"),
    path("office/inspections/<int:pk>/", inspections.one, name="office_inspection"),
    path("office/inspections/<int:pk>/visit/", inspections.visit, name="office_inspection_visit"),
    path(
        "office/inspections/record/<int:pk>/", inspections.record, name="office_inspection_record"
    ),
    path("inspections/photos/<int:pk>/", inspections.photo, name="inspection_photo"),
    path("operator/checks/", inspections.operator, name="operator_home_checks"),
    path("office/violations/", violations.index, name="office_violations"),
    path("office/violations/new/", violations.add, name="office_violation_add"),
    path("office/violations/<int:pk>/", violations.one, name="office_violation"),
    path("office/violations/<int:pk>/order.pdf", violations.order, name="office_violation_order"),
    path("office/violations/fines/<int:pk>/", violations.fine, name="office_fine"),
    path("my/checks/", my_checks.index, name="my_checks"),
    path("my/checks/record/<int:pk>/", my_checks.record, name="my_check_record"),
    path("my/checks/matter/<int:pk>/", my_checks.one, name="my_check_matter"),
    path("my/checks/matter/<int:pk>/order.pdf", my_checks.order, name="my_check_order"),
    path("my/checks/fine/<int:pk>/", my_checks.fine, name="my_check_fine"),
]
