"""Addresses of allocation: public draws, the household's own pages, kiosk, office, operator."""

from django.urls import URLPattern, URLResolver, include, path

from allocation import urls_checks, urls_lease, urls_rent
from allocation.views import company, kiosk, my, office, public

urlpatterns: list[URLPattern | URLResolver] = [
    *urls_checks.urlpatterns,
    path("", include("allocation.urls_rounds")),
    path("", include("allocation.urls_choice")),
    path("", include("allocation.urls_homes")),
    path("", include("allocation.urls_movein")),
    path("", include("allocation.urls_aid")),
    path("public/draws/", public.draws, name="public_draws"),
    path("public/draws/verifier/<str:name>", public.verifier, name="public_verifier"),
    path("public/draws/<str:code>/", public.draw, name="public_draw"),
    path("public/draws/<str:code>/<str:name>", public.file, name="public_draw_file"),
    path("my/wait/", my.wait, name="my_wait"),
    path("my/wait/leave/", my.leave, name="my_wait_leave"),
    path("my/draw/", my.draw, name="my_draw"),
    path("my/draw/slip.pdf", my.slip, name="my_slip"),
    path("my/draw/appointment.pdf", my.appointment, name="my_appointment"),
    path("my/home/", my.home, name="my_offer"),
    path("my/home/<slug:choice>/", my.choose, name="my_choose"),
    *urls_lease.urlpatterns,
    path("my/keys/", my.keys, name="my_keys"),
    path("", include("allocation.urls_kiosk")),
    path("kiosk/", kiosk.start, name="kiosk_start"),
    path("kiosk/pair/", kiosk.pair, name="kiosk_pair"),
    path("kiosk/identify/", kiosk.identify, name="kiosk_identify"),
    path("kiosk/code/", kiosk.code, name="kiosk_code"),
    path("kiosk/ticket/", kiosk.ticket, name="kiosk_ticket"),
    path("kiosk/result/", kiosk.result, name="kiosk_result"),
    path("kiosk/home/", kiosk.home, name="kiosk_home"),
    path("kiosk/choose/<slug:choice>/", kiosk.choose, name="kiosk_choose"),
    path("kiosk/slip/", kiosk.slip, name="kiosk_slip"),
    path("kiosk/slip.pdf", kiosk.slip_pdf, name="kiosk_slip_pdf"),
    path("kiosk/end/", kiosk.end, name="kiosk_end"),
    path("office/rounds/", office.rounds_list, name="office_rounds"),
    path("office/rounds/plan/", office.plan, name="office_round_plan"),
    path("office/rounds/<str:code>/", office.round_page, name="office_round"),
    path("office/rounds/<str:code>/homes/", office.homes, name="office_round_homes"),
    path("office/rounds/<str:code>/<slug:step>/", office.step, name="office_round_step"),
    path("operator/", company.today, name="operator_today"),
    path("operator/homes/", company.homes, name="operator_homes"),
    path("operator/retry/<int:pk>/", company.retry, name="operator_retry"),
    *urls_rent.urlpatterns,
]
