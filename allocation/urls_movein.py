"""Addresses of moving in: the operating company's desks, the household's word, signed receipts."""

from django.urls import URLPattern, URLResolver, path

from allocation.views import (
    access_desk,
    callbacks,
    dead_letters,
    my_living,
    reconcile_desk,
    sheet_desk,
    upkeep_desk,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("my/keys/<slug:kind>/", my_living.sheet, name="my_sheet"),
    path("my/repair/", my_living.repair, name="my_repair"),
    path("my/repair/<int:pk>/", my_living.repair_answer, name="my_repair_answer"),
    path("operator/messages/", dead_letters.listed, name="operator_letters"),
    path("operator/messages/<int:pk>/", dead_letters.letter, name="operator_letter"),
    path("operator/handover/", sheet_desk.handovers, name="operator_handovers"),
    path("operator/moveout/", sheet_desk.moveouts, name="operator_moveouts"),
    path("operator/handover/<slug:kind>/<slug:number>/", sheet_desk.sheet, name="operator_sheet"),
    path("operator/access/", access_desk.listed, name="operator_access"),
    path("operator/access/<slug:number>/", access_desk.household, name="operator_household"),
    path("operator/spare/<int:pk>/", access_desk.spare, name="operator_spare"),
    path("operator/repairs/", upkeep_desk.listed, name="operator_repairs"),
    path("operator/repairs/<int:pk>/", upkeep_desk.repair, name="operator_repair"),
    path("operator/patrol/", upkeep_desk.patrol, name="operator_patrol"),
    path("photos/<int:pk>/", upkeep_desk.photo, name="home_photo"),
    path("operator/reconcile/", reconcile_desk.listed, name="operator_reconcile"),
    path("operator/reconcile/<int:pk>/", reconcile_desk.difference, name="operator_difference"),
    path("callbacks/receipts/<slug:destination>/", callbacks.receipt, name="receipt_callback"),
]
