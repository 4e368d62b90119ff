"""Addresses of the API of applications."""

from rest_framework.routers import BaseRouter

from applications.api.views import CallViewSet, CaseViewSet, QueueViewSet


def register(router: BaseRouter) -> None:
    """Adds cases, queue and calls."""
    router.register("cases", CaseViewSet, basename="case")
    router.register("queue", QueueViewSet, basename="queue")
    router.register("calls", CallViewSet, basename="call")
