"""Addresses of proactive aid at the street, and of a payment that went to the wrong household."""

from django.urls import URLPattern, path

from allocation.views import aid_desk, rent_payment

urlpatterns: list[URLPattern] = [
    path("review/aid/", aid_desk.listed, name="aid_list"),
    path("review/aid/<int:pk>/", aid_desk.one, name="aid_one"),
    path("operator/rent/payment/<int:pk>/", rent_payment.payment, name="rent_payment"),
]
