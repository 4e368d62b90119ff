"""The app's registration."""

from django.apps import AppConfig


class RenewalConfig(AppConfig):
    name = "renewal"
    verbose_name = "年度复核"

    def ready(self) -> None:
        """Papers to a question of the re-check go through the one pipeline of papers."""
        from renewal import recheck_papers

        recheck_papers.register()
