"""The app's registration."""

from django.apps import AppConfig


class AllocationConfig(AppConfig):
    name = "allocation"
    verbose_name = "配租"

    def ready(self) -> None:
        """Papers to a just cause join the one pipeline; a helper's pages the one list of them."""
        from allocation import by_mandate, cause_papers

        by_mandate.register()
        cause_papers.register()
