"""Sign-in, second factor and sign-out."""

from django.urls import path

from accounts.views import citizen, staff

app_name = "accounts"
urlpatterns = [
    path("accounts/citizen/sign-in/", citizen.sign_in, name="citizen_sign_in"),
    path("accounts/citizen/start/", citizen.start, name="citizen_start"),
    path("accounts/citizen/callback/", citizen.callback, name="citizen_callback"),
    path("accounts/staff/sign-in/", staff.sign_in, name="staff_sign_in"),
    path("accounts/staff/code/", staff.code, name="staff_code"),
    path("accounts/staff/enrol/", staff.enrol, name="staff_enrol"),
    path("accounts/sign-out/", citizen.sign_out, name="sign_out"),
    path("accounts/signed-out/", citizen.signed_out, name="signed_out"),
]
