"""One-click sign-in; wired only where settings.DEMO is true."""

from django.urls import path

from accounts.views import demo

urlpatterns = [
    path("as/", demo.people, name="demo_people"),
    path("as/<slug:key>/", demo.sign_in_as, name="demo_sign_in_as"),
]
