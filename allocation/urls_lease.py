"""Addresses of leases: the household's own pages, and the office's list."""

from django.urls import URLPattern, path

from allocation.views import my_lease, my_other_home, office_leases

urlpatterns: list[URLPattern] = [
    path("my/lease/", my_lease.lease, name="my_lease"),
    path("my/lease/lease.pdf", my_lease.lease_pdf, name="my_lease_pdf"),
    path("my/lease/renew/", my_other_home.renew, name="my_lease_renew"),
    path("my/lease/swap/", my_other_home.swap, name="my_lease_swap"),
    path("my/lease/<int:pk>/", my_lease.text, name="my_lease_text"),
    path("my/lease/<int:pk>.pdf", my_lease.text_pdf, name="my_lease_text_pdf"),
    path("office/leases/", office_leases.leases_list, name="office_leases"),
    path("office/leases/signers/", office_leases.signers, name="office_lease_signers"),
    path(
        "office/leases/signers/<int:pk>/", office_leases.revoke, name="office_lease_signer_revoke"
    ),
    path("office/leases/text/<int:pk>.pdf", office_leases.text_pdf, name="office_lease_text_pdf"),
    path("office/leases/<str:number>/", office_leases.one, name="office_lease"),
    path("office/leases/<str:number>/<slug:act>/", office_leases.step, name="office_lease_step"),
]
