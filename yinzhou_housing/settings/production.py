"""Production. Every secret comes from the environment; nothing of the demo exists here."""

from yinzhou_housing.settings.base import *  # noqa: F403
from yinzhou_housing.settings.base import env

SECRET_KEY = env("SECRET_KEY")
FIELD_KEYS = {int(version): key for version, key in env.dict("YZ_FIELD_KEYS").items()}
INDEX_KEY = env("YZ_INDEX_KEY")
PORTAL_SERVICE_PASSWORD = env("PORTAL_SERVICE_PASSWORD")
DATASHARE_APP_KEY = env("DATASHARE_APP_KEY")
DATASHARE_APP_SECRET = env("DATASHARE_APP_SECRET")
OUTBOX_SECRET = env("OUTBOX_SECRET")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
