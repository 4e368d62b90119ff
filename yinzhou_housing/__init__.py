"""Wiring of the platform: settings, URLs, Celery. Nothing imports it but the entry points."""

from yinzhou_housing.celery import app as celery_app

__all__ = ["celery_app"]
