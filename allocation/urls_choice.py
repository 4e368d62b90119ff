"""Addresses of viewings, just causes, hearings before a ban, calls, and choice days."""

from django.urls import URLPattern, path

from allocation.views import after, choice, choice_day, declining

urlpatterns: list[URLPattern] = [
    path("my/home/viewing/", declining.viewing, name="my_viewing"),
    path("my/home/cause/", declining.cause, name="my_cause"),
    path("my/home/hearing/", declining.hearing, name="my_ban_hearing"),
    path("my/choice/", choice.mine, name="my_choice"),
    path("my/choice/<int:home>/", choice.mine_home, name="my_choice_home"),
    path("my/choice/none/", choice.mine_none, name="my_choice_none"),
    path("kiosk/choice/", choice.kiosk, name="kiosk_choice"),
    path("kiosk/choice/<int:home>/", choice.kiosk_home, name="kiosk_choice_home"),
    path("public/draws/<str:code>/choice/", choice.hall, name="public_choice"),
    path("operator/viewings/", after.viewings_page, name="operator_viewings"),
    path("operator/viewings/<int:pk>/", after.viewing, name="operator_viewing"),
    path("office/declines/", after.index, name="office_declines"),
    path("office/declines/calls/<int:pk>/", after.call, name="office_offer_call"),
    path("office/declines/causes/<int:pk>/", after.cause, name="office_cause"),
    path("office/declines/<int:pk>/cause/", after.explain, name="office_explain"),
    path("office/declines/bans/<int:pk>/", after.ban, name="office_ban"),
    path("office/choice/", choice_day.days, name="office_choice_days"),
    path("office/rounds/<str:code>/choice/", choice_day.page, name="office_choice"),
    path("office/rounds/<str:code>/choice/desk/", choice_day.desk, name="office_choice_desk"),
]
