"""Addresses of clues."""

from django.urls import path

from renewal.views import clues

urlpatterns = [
    path("office/clues/", clues.index, name="office_clues"),
    path("office/clues/<int:pk>/", clues.clue, name="office_clue"),
]
