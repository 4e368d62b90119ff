"""Addresses of exits: the office's chain and the household's page."""

from django.urls import path

from renewal.views import exits, my_exit

urlpatterns = [
    path("office/exits/", exits.index, name="office_exits"),
    path("office/exits/<int:pk>/", exits.case, name="office_exit"),
    path(
        "office/exits/<int:pk>/letters/<int:letter>/", exits.letter_pdf, name="office_exit_letter"
    ),
    path("my/hearing/", my_exit.hearing, name="my_hearing"),
]
