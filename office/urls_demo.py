"""Addresses of the demonstration; wired only where settings.DEMO is true."""

from django.urls import URLPattern, URLResolver, path

from office.gallery import gallery, gallery_kiosk, gallery_question, gallery_staff, gallery_wall

urlpatterns: list[URLPattern | URLResolver] = [
    path("components/", gallery, name="components"),
    path("components/kiosk/", gallery_kiosk, name="components_kiosk"),
    path("components/question/", gallery_question, name="components_question"),
    path("components/staff/", gallery_staff, name="components_staff"),
    path("components/wall/", gallery_wall, name="components_wall"),
]
