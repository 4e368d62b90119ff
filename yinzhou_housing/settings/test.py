"""Tests: the demo's settings on a database of their own."""

import os

from yinzhou_housing.settings import connections

# Names the database, and so keeps test runs on one server apart.
TEST_DATABASE = os.environ.get("YZ_TEST_DB", "yinzhou_test")
# Every run, and every process of pytest-xdist, counts in a Redis database of its own.
os.environ["REDIS_URL"] = connections.numbered(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"),
    run=TEST_DATABASE,
    worker=os.environ.get("PYTEST_XDIST_WORKER", ""),
)

from yinzhou_housing.settings.dev import *  # noqa: E402, F403
from yinzhou_housing.settings.dev import DATABASES  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": TEST_DATABASE}
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
