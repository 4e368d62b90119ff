"""Addresses around a round: plan, roster, objections, checks, intentions at the window."""

from django.urls import URLPattern, path

from allocation.views import intention, objection_desk, plan_homes, round_desk, round_public

_PUBLIC = "public/draws/<str:code>/"
_OFFICE = "office/rounds/<str:code>/"
urlpatterns: list[URLPattern] = [
    path(f"{_PUBLIC}plan/", round_public.plan, name="public_plan"),
    path(f"{_PUBLIC}plan.pdf", round_public.plan_pdf, name="public_plan_pdf"),
    path(f"{_PUBLIC}roster/", round_public.roster, name="public_roster"),
    path(f"{_PUBLIC}object/", round_public.object_to, name="public_roster_object"),
    path(f"{_PUBLIC}objected/", round_public.objected, name="public_roster_objected"),
    path(f"{_PUBLIC}follow/", round_public.follow, name="public_roster_follow"),
    path("my/wait/change/", intention.change, name="my_wait_change"),
    path("window/intention/", intention.at_window, name="window_intention"),
    path("window/intention/<uuid:ref>/", intention.wishes, name="window_wishes"),
    path(f"{_OFFICE}change/", round_desk.change, name="office_round_change"),
    path(f"{_OFFICE}preview/", round_desk.preview, name="office_round_preview"),
    path(f"{_OFFICE}homes/<int:pk>/", plan_homes.change, name="office_round_home"),
    path(f"{_OFFICE}checks/", round_desk.checks, name="office_round_checks"),
    path(f"{_OFFICE}checks/<int:pk>/", round_desk.check, name="office_round_check"),
    path(f"{_OFFICE}objections/", objection_desk.index, name="office_objections"),
    path(f"{_OFFICE}objections/<int:pk>/", objection_desk.objection, name="office_objection"),
    path(
        f"{_OFFICE}objections/<int:pk>/claim/", objection_desk.claim, name="office_objection_claim"
    ),
]
