"""Addresses of applications: applying, 我的, the window; the review has its own file."""

from django.urls import URLPattern, URLResolver, include, path

from applications.views import apply, data, family, look_desk, my, selfcheck, window

urlpatterns: list[URLPattern | URLResolver] = [
    path("check/", selfcheck.check, name="selfcheck"),
    path("apply/", apply.start, name="apply_start"),
    path("apply/for/", apply.For.as_view(), name="apply_for"),
    path("apply/consent/", apply.ConsentStep.as_view(), name="apply_consent"),
    path("apply/household/", apply.HouseholdStep.as_view(), name="apply_household"),
    path("apply/household/add/", apply.AddPerson.as_view(), name="apply_add_person"),
    path("apply/family/", apply.FamilyStep.as_view(), name="apply_family"),
    path("apply/family/join/", family.Join.as_view(), name="apply_join"),
    path("apply/known/", apply.KnownStep.as_view(), name="apply_known"),
    path("apply/known/rows/", apply.known_rows, name="apply_known_rows"),
    path("apply/dispute/<int:evidence_id>/", apply.Dispute.as_view(), name="apply_dispute"),
    path("apply/left/", apply.LeftStep.as_view(), name="apply_left"),
    path("apply/wishes/", apply.WishesStep.as_view(), name="apply_wishes"),
    path("apply/check/", apply.CheckStep.as_view(), name="apply_check"),
    path("apply/done/<str:case_no>/", apply.done, name="apply_done"),
    path("apply/done/<str:case_no>/rows/", apply.done_rows, name="apply_done_rows"),
    path("apply/done/<str:case_no>/receipt.pdf", apply.receipt, name="apply_receipt"),
    path("my/", my.home, name="my_home"),
    path("my/case/<str:case_no>/", my.case, name="my_case"),
    path("my/case/<str:case_no>/why/<int:item>/", my.why, name="my_why"),
    path("my/case/<str:case_no>/withdraw/", my.withdraw, name="my_withdraw"),
    path("my/case/<str:case_no>/reconsider/", my.reconsider, name="my_reconsider"),
    path("my/case/<str:case_no>/family/", my.family, name="my_family"),
    path("my/data/", data.mine, name="my_data"),
    path("my/data/ask/<slug:kind>/<int:ref>/", data.ask, name="my_data_ask"),
    path(
        "my/data/consents/<int:pk>/withdraw/", data.withdraw_consent, name="my_consent_withdraw"
    ),
    path("my/notices/", my.notices, name="my_notices"),
    path("window/", window.home, name="window_home"),
    path("window/face/", window.face, name="window_face"),
    path("window/face/state/", window.face_state, name="window_face_state"),
    path("window/<uuid:ref>/", window.desk, name="window_desk"),
    path("window/<uuid:ref>/checks/", window.checks, name="window_checks"),
    path("window/<uuid:ref>/household/", window.confirm, name="window_confirm"),
    path("window/<uuid:ref>/consent/", window.give_consent, name="window_consent"),
    path("window/<uuid:ref>/accept/", window.accept, name="window_accept"),
    path("window/<uuid:ref>/authorisation.pdf", window.authorisation, name="window_authorisation"),
    path("window/<uuid:ref>/receipt.pdf", window.receipt, name="window_receipt"),
    path("office/data/", look_desk.questions, name="look_questions"),
    path("office/data/<int:pk>/", look_desk.question, name="look_question"),
    path("office/deferrals/", look_desk.deferrals, name="look_deferrals"),
    path("office/deferrals/ask/", look_desk.request_deferral, name="look_deferral_ask"),
    path("office/deferrals/<int:pk>/", look_desk.deferral, name="look_deferral"),
    path("office/deferrals/<int:pk>/<slug:verb>/", look_desk.decide, name="look_deferral_do"),
    path("", include("applications.urls_review")),
]
