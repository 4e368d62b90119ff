"""Addresses of the campaigns: by their code, the year or year and number."""

from django.urls import path, register_converter

from renewal.views import campaigns, reports, samples


class CampaignCode:
    """`2026`, or `2026-1` for a special campaign."""

    regex = "[0-9]{4}(?:-[0-9]{1,3})?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: object) -> str:
        return str(value)


register_converter(CampaignCode, "campaign")
_ONE = "office/recheck/<campaign:code>/"

urlpatterns = [
    path("office/recheck/", campaigns.index, name="office_recheck"),
    path(_ONE, campaigns.campaign, name="office_recheck_campaign"),
    path(f"{_ONE}progress/", campaigns.progress, name="office_recheck_progress"),
    path(f"{_ONE}do/<slug:verb>/", campaigns.move, name="office_recheck_move"),
    path(f"{_ONE}report/", reports.report, name="office_recheck_report"),
    path(f"{_ONE}sample/", samples.sample, name="office_recheck_sample"),
    path("office/recheck/sample/<int:pk>/", samples.household, name="office_recheck_sampled"),
]
