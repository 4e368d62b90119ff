"""Addresses of the re-check and of exits."""

from django.urls import include, path

from renewal.views import campaigns, exits, mine

urlpatterns = [
    path("office/recheck/", campaigns.index, name="office_recheck"),
    path("office/recheck/<int:year>/", campaigns.campaign, name="office_recheck_campaign"),
    path("office/recheck/<int:year>/progress/", campaigns.progress, name="office_recheck_progress"),
    path("office/recheck/<int:year>/do/<slug:verb>/", campaigns.move, name="office_recheck_move"),
    path("office/recheck/household/<int:pk>/", campaigns.settle, name="office_recheck_settle"),
    path("office/exits/", exits.index, name="office_exits"),
    path("office/exits/<int:pk>/", exits.case, name="office_exit"),
    path("my/recheck/", mine.recheck, name="my_recheck"),
    path("my/hearing/", mine.hearing, name="my_hearing"),
    path("", include("renewal.urls_stock")),
]
