"""Addresses of the demonstration; wired only where settings.DEMO is true."""

from django.urls import URLPattern, URLResolver, path

from office import views_tour
from office.gallery import gallery, gallery_kiosk, gallery_question, gallery_staff, gallery_wall

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views_tour.page, name="tour"),
    path("enter/<slug:situation>/", views_tour.enter, name="tour_enter"),
    path("clock/", views_tour.move_clock, name="tour_clock"),
    path("departments/", views_tour.department, name="tour_departments"),
    path("reports/", views_tour.reports, name="tour_reports"),
    path("kiosk/", views_tour.kiosk, name="tour_kiosk"),
    path("components/", gallery, name="components"),
    path("components/kiosk/", gallery_kiosk, name="components_kiosk"),
    path("components/question/", gallery_question, name="components_question"),
    path("components/staff/", gallery_staff, name="components_staff"),
    path("components/wall/", gallery_wall, name="components_wall"),
]
