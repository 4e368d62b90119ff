"""The Celery application.

Truth lives in our tables, never in Celery's results: a task may run twice after a lost worker,
so every task re-reads its row under lock and returns when the work is done.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinzhou_housing.settings.dev")

app = Celery("yinzhou_housing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
