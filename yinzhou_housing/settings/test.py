"""Tests: the demo's settings on a database of their own."""

import os

from yinzhou_housing.settings.dev import *  # noqa: F403
from yinzhou_housing.settings.dev import DATABASES

DATABASES["default"]["TEST"] = {"NAME": os.environ.get("YZ_TEST_DB", "yinzhou_test")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
