"""The demo on one's own machine: what `./run` starts."""

import hashlib

from yinzhou_housing.settings.base import *  # noqa: F403
from yinzhou_housing.settings.base import env

DEBUG = env.bool("DEBUG", default=False)
DEMO = True
CLOCK_MAY_MOVE = True
ALLOWED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    "testserver",
    *env.list("ALLOWED_HOSTS", default=[]),
]


def _secret(name: str) -> str:
    """`./run` keeps secrets of its own; without it each name still has one of the right length."""
    return env(name, default="") or hashlib.sha256(f"demo only: {name}".encode()).hexdigest()


SECRET_KEY = _secret("SECRET_KEY")
FIELD_KEYS = {1: _secret("YZ_FIELD_KEY")}
INDEX_KEY = _secret("YZ_INDEX_KEY")
PORTAL_SERVICE_PASSWORD = _secret("PORTAL_SERVICE_PASSWORD")[:32]
DATASHARE_APP_KEY = _secret("DATASHARE_APP_KEY")[:32]
DATASHARE_APP_SECRET = _secret("DATASHARE_APP_SECRET")[:32]
OUTBOX_SECRET = _secret("OUTBOX_SECRET")

# The demo serves its own static files from where they lie; nothing is collected.
WHITENOISE_USE_FINDERS = True
