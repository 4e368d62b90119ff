"""Addresses of one household's re-check: its page, the desk's, the window's, calls and renewals."""

from django.urls import path

from renewal.views import contacts, mine, renewals, settling

urlpatterns = [
    path("my/recheck/", mine.recheck, name="my_recheck"),
    path("my/recheck/terms/", mine.terms, name="my_recheck_terms"),
    path("office/recheck/household/<int:pk>/", settling.settle, name="office_recheck_settle"),
    path("office/contacts/", contacts.contacts, name="office_contacts"),
    path("office/contacts/<int:pk>/", contacts.contact, name="office_contact"),
    path("office/renewals/", renewals.index, name="office_renewals"),
    path("office/renewals/<int:pk>/", renewals.one, name="office_renewal"),
    path("window/recheck/", contacts.find, name="window_recheck"),
    path("window/recheck/<int:pk>/", contacts.fill_in, name="window_recheck_one"),
]
