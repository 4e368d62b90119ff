"""Addresses of the rent: the household's, the operating company's, the office's."""

from django.urls import URLPattern, URLResolver, path

from allocation.views import rent_my, rent_office, rent_operator

urlpatterns: list[URLPattern | URLResolver] = [
    path("my/rent/", rent_my.rent, name="my_rent"),
    path("my/rent/statement.pdf", rent_my.statement, name="my_rent_pdf"),
    path("my/rent/help/", rent_my.ask, name="my_rent_ask"),
    path("my/rent/instalments/<int:pk>/", rent_my.answer, name="my_rent_answer"),
    path("operator/rent/", rent_operator.index, name="operator_rent"),
    path("operator/rent/home/<int:pk>/", rent_operator.home, name="operator_rent_home"),
    path("operator/rent/files/", rent_operator.files, name="operator_rent_files"),
    path("operator/rent/files/layout.xlsx", rent_operator.template, name="operator_rent_template"),
    path("operator/rent/files/<int:pk>/", rent_operator.file, name="operator_rent_file"),
    path("operator/rent/waiting/", rent_operator.waiting, name="operator_rent_waiting"),
    path("operator/rent/waiting/<int:pk>/", rent_operator.match, name="operator_rent_match"),
    path("office/rent/", rent_office.index, name="office_rent"),
    path("office/rent/homes/", rent_office.homes, name="office_rent_homes"),
    path("office/rent/lease/<int:pk>/", rent_office.lease, name="office_rent_lease"),
    path("office/rent/reduction/<int:pk>/", rent_office.decide, name="office_rent_decide"),
    path("office/rent/flag/<int:pk>/", rent_office.settle, name="office_rent_flag"),
]
