"""The app's registration."""

from django.apps import AppConfig


class RenewalConfig(AppConfig):
    name = "renewal"
    verbose_name = "年度复核"

    def ready(self) -> None:
        """Papers, mandates and renewals of the apps below learn what they need of this one."""
        from allocation.leases import renewing
        from applications import acting
        from renewal import recheck_papers, renewals

        recheck_papers.register()
        acting.admit("my_recheck", "my_recheck_terms")
        renewing.check_first(renewals.why_not_approve)
