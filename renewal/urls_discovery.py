"""Addresses of proactive discovery: the street's desk, the numbers, the person's page."""

from django.urls import path

from renewal.views import my_outreach, outreach

urlpatterns = [
    path("review/outreach/", outreach.listed, name="outreach_list"),
    path("review/outreach/numbers/", outreach.numbers, name="outreach_numbers"),
    path("review/outreach/<int:pk>/", outreach.one, name="outreach_one"),
    path("review/outreach/<int:pk>/letter.pdf", outreach.letter, name="outreach_letter"),
    path("my/outreach/", my_outreach.mine, name="my_outreach"),
]
