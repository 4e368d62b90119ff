"""The app's registration."""

from django.apps import AppConfig


class AllocationConfig(AppConfig):
    name = "allocation"
    verbose_name = "配租"

    def ready(self) -> None:
        """Papers to a just cause go through the one pipeline of papers."""
        from allocation import cause_papers

        cause_papers.register()
