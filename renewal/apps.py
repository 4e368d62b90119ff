"""The app's registration."""

from django.apps import AppConfig


class RenewalConfig(AppConfig):
    name = "renewal"
    verbose_name = "年度复核"

    def ready(self) -> None:
        """Papers go through the one pipeline of papers; a renewal is checked before it is given."""
        from allocation.leases import renewing
        from renewal import recheck_papers, renewals

        recheck_papers.register()
        renewing.check_first(renewals.why_not_approve)
