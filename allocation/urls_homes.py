"""Addresses of homes and estates. A home's code holds slashes, so longer addresses stand first."""

from django.urls import URLPattern, URLResolver, path

from allocation.views import company, estates, home_imports, homes

urlpatterns: list[URLPattern | URLResolver] = [
    path("office/homes/", homes.index, name="office_homes"),
    path("office/homes/import/", home_imports.index, name="office_home_imports"),
    path("office/homes/import/template.xlsx", home_imports.template, name="office_home_template"),
    path("office/homes/import/<int:pk>/", home_imports.preview, name="office_home_import"),
    path(
        "office/homes/import/<int:pk>/<slug:step>/",
        home_imports.step,
        name="office_home_import_step",
    ),
    path("office/homes/pictures/<int:pk>.jpg", homes.picture, name="home_picture"),
    path(
        "office/homes/buildings/<str:estate>/<str:building>/",
        homes.building,
        name="office_building",
    ),
    path("office/homes/<path:code>/do/<slug:step>/", homes.step, name="office_home_step"),
    path("office/homes/<path:code>/", homes.home, name="office_home"),
    path("office/estates/", estates.index, name="office_estates"),
    path("office/estates/new/", estates.add, name="office_estate_add"),
    path("office/estates/<str:code>/", estates.estate, name="office_estate"),
    path("office/estates/<str:code>/standards/", estates.set_standard, name="office_standard"),
    path(
        "office/estates/<str:code>/standards/<int:pk>/",
        estates.take_back,
        name="office_standard_back",
    ),
    path("operator/inspections/", company.batch, name="operator_homes_batch"),
    path(
        "operator/homes/<path:code>/do/<slug:step>/", homes.company_step, name="operator_home_step"
    ),
    path("operator/homes/<path:code>/", homes.company_home, name="operator_home"),
    path("my/home/pictures/<int:pk>.jpg", homes.my_picture, name="my_home_picture"),
    path("kiosk/home/pictures/<int:pk>.jpg", homes.kiosk_picture, name="kiosk_home_picture"),
]
