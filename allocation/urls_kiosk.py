"""Addresses around the self-service machines: help, offline, attendant, hall, office, phone."""

from django.urls import URLPattern, URLResolver, path

from allocation.views import (
    attend,
    cause_desk,
    estates,
    kiosk,
    kiosk_office,
    kiosk_offline,
    kiosk_place,
    my_slot,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("kiosk/call/<slug:kind>/", kiosk.call, name="kiosk_call"),
    path("kiosk/attendant/", kiosk.attendant, name="kiosk_attendant"),
    path("kiosk/choose/decline/cause/", kiosk.cause, name="kiosk_cause"),
    path("kiosk/offline/", kiosk_offline.offline, name="kiosk_offline"),
    path("kiosk/beat/", kiosk_offline.beat, name="kiosk_beat"),
    path("kiosk/worker.js", kiosk_offline.worker, name="kiosk_worker"),
    path("kiosk/hall/", attend.screen, name="kiosk_hall"),
    path("kiosk/attend/", attend.attend, name="kiosk_attend"),
    path("kiosk/attend/code/", attend.code, name="kiosk_new_code"),
    path("kiosk/attend/<int:pk>/take/", attend.take, name="kiosk_take"),
    path("kiosk/attend/<int:pk>/close/", attend.close, name="kiosk_close"),
    path("kiosk/place/", kiosk_place.place, name="kiosk_place"),
    path("office/estates/<str:code>/way/", estates.set_way, name="office_estate_way"),
    path("office/kiosks/", kiosk_office.machines, name="office_kiosks"),
    path("office/kiosks/register/", kiosk_office.register, name="office_kiosk_register"),
    path("office/kiosks/hours/", kiosk_office.hours, name="office_kiosk_hours"),
    path("office/kiosks/<int:pk>/<slug:step>/", kiosk_office.step, name="office_kiosk_step"),
    path("office/declines/causes/<int:pk>/paper/", cause_desk.brought, name="office_cause_paper"),
    path("my/draw/slot/", my_slot.slot, name="my_slot"),
]
