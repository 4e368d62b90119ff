"""Settings that every place shares. What differs stands in dev, test and production."""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from yinzhou_housing.settings import connections

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

# -- What this place is ---------------------------------------------------------------------
DEBUG = False
DEMO = False  # the tour, one-click sign-in and the clock that can be moved
CLOCK_MAY_MOVE = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
SITE_URL = env("SITE_URL", default="").rstrip("/")  # our own address, for links in other systems
ROOT_URLCONF = "yinzhou_housing.urls"
WSGI_APPLICATION = "yinzhou_housing.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "core",
    "accounts",
    "datashare",
    "applications",
    "allocation",
    "renewal",
    "office",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.preferences.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allocation.middleware.KioskMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "applications.middleware.FamilyMiddleware",
    "accounts.middleware.AccessMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "core.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "core.forms.Renderer"

# -- Servers --------------------------------------------------------------------------------
DATABASES = {
    "default": connections.database(
        env("DATABASE_URL", default="postgresql://yinzhou@127.0.0.1:5432/yinzhou")
    )
}
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": connections.cache(REDIS_URL),
        "KEY_PREFIX": "yz",
    }
}

# -- Secrets --------------------------------------------------------------------------------
# FIELD_KEYS: version byte → 32-byte key in hex. New values are written with the highest version,
# old ones stay readable. INDEX_KEY feeds the blind indexes and never rotates without a re-index.
SECRET_KEY = env("SECRET_KEY", default="")
FIELD_KEYS: dict[int, str] = {}
INDEX_KEY = ""

# -- People ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
STAFF_IDLE_LIMIT = timedelta(minutes=30)
STAFF_SESSION_LIMIT = timedelta(hours=8)
STAFF_ONE_SESSION = env.bool("STAFF_ONE_SESSION", default=True)  # a newer sign-in ends the older
CITIZEN_SESSION_LIMIT = timedelta(hours=2)
LOGIN_URL = "accounts:staff_sign_in"
# Of allauth only the second factor is used; axes alone counts failures and locks.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "accounts.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp"]
MFA_TOTP_TOLERANCE = 1
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
MONITORING_NETWORKS = env.list("MONITORING_NETWORKS", default=["127.0.0.0/8", "::1/128"])
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
# by name alone: an office of forty people shares one address, and an attacker changes his
AXES_LOCKOUT_PARAMETERS = ["username"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_CLIENT_IP_CALLABLE = "accounts.middleware.client_address"
AXES_USERNAME_CALLABLE = "accounts.staff_sign_in.counted_name"
AXES_LOCKOUT_CALLABLE = "accounts.views.staff.locked"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "code"]
AXES_RESET_ON_SUCCESS = True
# axes.W006 asks for the address beside the name: an account is locked from everywhere, and an
# office behind one address is not locked by one colleague.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
PORTAL_URL = env("PORTAL_URL", default="http://127.0.0.1:8701")
PORTAL_BACKEND_URL = env("PORTAL_BACKEND_URL", default=PORTAL_URL)
PORTAL_SERVICE_CODE = env("PORTAL_SERVICE_CODE", default="yinzhou-housing")
PORTAL_SERVICE_PASSWORD = env("PORTAL_SERVICE_PASSWORD", default="")

# -- Other systems --------------------------------------------------------------------------
DATASHARE_GATEWAY_URL = env("DATASHARE_GATEWAY_URL", default="http://127.0.0.1:8702/gateway/")
DATASHARE_APP_KEY = env("DATASHARE_APP_KEY", default="")
DATASHARE_APP_SECRET = env("DATASHARE_APP_SECRET", default="")
# what a site's gateway does differently, by source: docs/runbooks/gateway.md
DATASHARE_INTERFACES: dict[str, dict] = env.json("DATASHARE_INTERFACES", default={})
DATASHARE_LOWER_CASE_KEYS = env.bool("DATASHARE_LOWER_CASE_KEYS", default=False)
DATASHARE_TIMEOUT = env.float("DATASHARE_TIMEOUT", default=5.0)  # seconds for one try
# nothing is sent: what would be asked goes to the log (docs/runbooks/gateway.md)
DATASHARE_DRY_RUN = env.bool("DATASHARE_DRY_RUN", default=False)
OUTBOX_DESTINATIONS = {
    "operator": env("OPERATOR_URL", default="http://127.0.0.1:8703/operator/"),
    "access": env("ACCESS_URL", default="http://127.0.0.1:8703/access/"),
    "sms": env("SMS_URL", default="http://127.0.0.1:8703/sms/"),
    # the province's portal: unified case numbers, status of cases, ratings (办件汇聚、好差评)
    "province": env("PROVINCE_URL", default=f"{PORTAL_BACKEND_URL.rstrip('/')}/cases/"),
    # 浙政钉: to-dos of desks that work elsewhere (applications/desks_elsewhere.yaml)
    "zhezhengding": env("ZHEZHENGDING_URL", default=f"{PORTAL_BACKEND_URL.rstrip('/')}/todos/"),
}
# these get the messages of one household one after the other
OUTBOX_ORDERED = ("operator", "access")
# a card or a code is what helps while the list of who may enter cannot be told
OUTBOX_PASSES = {"spare": ("grant",), "spare_ended": ("grant",)}
OUTBOX_SECRET = env("OUTBOX_SECRET", default="")
# offices that take over cases electronically (转交), by name: address. All others get paper.
TRANSFER_PARTNERS: dict[str, str] = env.json("TRANSFER_PARTNERS", default={})
OUTBOX_DESTINATIONS |= {
    f"transfer-{number}": url for number, url in enumerate(TRANSFER_PARTNERS.values(), start=1)
}

# -- Language and time ----------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# -- Files ----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / ".local" / "static"
# Citizens' papers lie outside the web root and are only ever served by a view that records it.
MEDIA_ROOT = Path(env("YZ_PAPERS", default=str(BASE_DIR / ".local" / "papers")))
# Uploads stay in memory up to the limit; nothing unencrypted touches the disk.
FILE_UPLOAD_HANDLERS = ["applications.papers.receiving.CappedUpload"]
PAPER_MOST_BYTES = env.int("PAPER_MOST_BYTES", default=10 * 1024 * 1024)  # one file
PAPER_MOST_PAGES = env.int("PAPER_MOST_PAGES", default=20)  # of one item
PAPER_HALF_HOURS = env.int("PAPER_HALF_HOURS", default=24)  # a half upload is kept so long
# clean | infected | unavailable | unscanned: applications.papers.scanning.Clamd asks a clamd
PAPER_SCANNER = env("PAPER_SCANNER", default="applications.papers.scanning.NoScanner")
PAPER_SCANNER_ADDRESS = env("PAPER_SCANNER_ADDRESS", default="unix:/run/clamav/clamd.ctl")
PAPER_SCANNER_TIMEOUT = env.float("PAPER_SCANNER_TIMEOUT", default=15.0)  # seconds

# -- Letters --------------------------------------------------------------------------------
# the service that seals letters: a class as in applications.seals; without one, ink on paper
LETTER_SEAL = env.str("LETTER_SEAL", default="applications.seals.NoSeal")
# addresses of the proxies before the web servers, whose X-Forwarded-For is believed
PROXY_ADDRESSES = env.list("PROXY_ADDRESSES", default=[])

# -- What a browser may do ------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, PORTAL_URL],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# -- API ------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.access.AccessPermission"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Yinzhou housing platform",
    "DESCRIPTION": "Cases, review queue, rounds, households and register calls.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "CaseState": "applications.states.APPLICATION.choices",
        "TaskState": "applications.states.REVIEW_TASK.choices",
    },
}

# -- Background work ------------------------------------------------------------------------
CELERY_BROKER_URL = connections.broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 2,
    "global_keyprefix": "yz:",
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ROUTES = {
    # a waiting citizen never queues behind a campaign
    "renewal.tasks.begin_move_outs": {"queue": "celery"},
    "renewal.tasks.remind_exits": {"queue": "celery"},
    "renewal.*": {"queue": "bulk"},
    "applications.tasks.preview_release": {"queue": "bulk"},
    "applications.tasks_duplicates.look_over_everybody": {"queue": "bulk"},
    "applications.tasks.prepare_part": {"queue": "bulk"},
    "applications.tasks_clocks.recalculate": {"queue": "bulk"},
    "applications.tasks_clocks.sweep_clocks": {"queue": "bulk"},
    "allocation.tasks_rent.*": {"queue": "bulk"},
    "office.tasks.*": {"queue": "bulk"},
}
# the line that people call; it connects to every office of the district
OFFICE_PHONE = "0574-12345"
CELERY_BEAT_SCHEDULE = {
    "go on with campaigns": {"task": "renewal.tasks.sweep_campaigns", "schedule": 60.0},
    "go on with stock imports": {
        "task": "renewal.tasks_stock.sweep_stock",
        "schedule": 60.0,
    },
    "seal the audit log": {"task": "core.tasks.seal_audit", "schedule": 2.0},
    "deliver the outbox": {"task": "core.tasks.deliver_outbox", "schedule": 5.0},
    "read receipts of SMS": {"task": "core.tasks.note_sms_receipts", "schedule": 5.0},
    "read unified case numbers": {
        "task": "applications.tasks_after.note_unified_numbers",
        "schedule": 5.0,
    },
    "forget stale answers": {"task": "datashare.tasks.forget_stale_answers", "schedule": 3600.0},
    "sweep the register checks": {"task": "applications.tasks.sweep_checks", "schedule": 15.0},
    "pass on homes not chosen": {"task": "allocation.tasks.lapse_offers", "schedule": 60.0},
    "read checks before allotment": {
        "task": "allocation.tasks.look_at_checks",
        "schedule": 60.0,
    },
    "invite waiting households": {
        "task": "allocation.tasks.invite_waiting",
        "schedule": 60.0,
    },
    "follow declines": {"task": "allocation.tasks.follow_declines", "schedule": 60.0},
    "call the next to choose": {"task": "allocation.tasks.call_next_turns", "schedule": 5.0},
    "look after homes held back": {
        "task": "allocation.tasks_homes.look_after_holds",
        "schedule": 900.0,
    },
    "scan waiting pictures of homes": {
        "task": "allocation.tasks_homes.scan_waiting_pictures",
        "schedule": 60.0,
    },
    "read receipts of leases": {"task": "allocation.tasks.note_receipts", "schedule": 5.0},
    # once a month by its own rows: most runs find nothing to do
    "bill the rents": {"task": "allocation.tasks_rent.bill_rents", "schedule": 1800.0},
    "remind of rents": {"task": "allocation.tasks_rent.remind_of_rents", "schedule": 1800.0},
    "remind of appointments": {"task": "allocation.tasks.sweep_appointments", "schedule": 300.0},
    "tend leases": {"task": "allocation.tasks.tend_leases", "schedule": 600.0},
    # once a day by its own row: the first call after midnight begins, later ones go on
    "compare both sides": {"task": "allocation.tasks.reconcile", "schedule": 600.0},
    "end cards and scan photos": {"task": "allocation.tasks.tidy_keys", "schedule": 300.0},
    "look for new entrants of aid": {
        "task": "renewal.tasks_discovery.search_entrants",
        "schedule": 300.0,
    },
    "follow who was found": {"task": "renewal.tasks_discovery.follow_outreach", "schedule": 300.0},
    # once a night by its own cursor: most runs find every day read
    "read changes between the years": {
        "task": "renewal.tasks.read_changes",
        "schedule": 300.0,
    },
    "tend clues": {"task": "renewal.tasks.tend_clues", "schedule": 30.0},
    "forget old messages": {"task": "allocation.tasks.prune_messages", "schedule": 3600.0},
    "begin move-outs": {"task": "renewal.tasks.begin_move_outs", "schedule": 15.0},
    # each day by its own rows: most runs find nothing to do
    "read presence": {"task": "renewal.tasks_violations.read_presence", "schedule": 3600.0},
    "note arrears": {"task": "renewal.tasks_violations.note_arrears", "schedule": 3600.0},
    "scan inspection photos": {
        "task": "renewal.tasks_violations.scan_inspection_photos",
        "schedule": 300.0,
    },
    # each once for its day, by the case's own row
    "remind of exits": {"task": "renewal.tasks.remind_exits", "schedule": 1800.0},
    # each rung once by its own row: most runs find nothing to do
    "remind in re-checks": {
        "task": "renewal.tasks_household.remind_households",
        "schedule": 900.0,
    },
    "check renewals": {"task": "renewal.tasks_household.check_renewals", "schedule": 60.0},
    "end public notices": {
        "task": "applications.tasks_review.close_publicities",
        "schedule": 30.0,
    },
    "end unanswered corrections": {
        "task": "applications.tasks_review.lapse_corrections",
        "schedule": 300.0,
    },
    "free claims that ran out": {
        "task": "applications.tasks_queue.free_claims",
        "schedule": 30.0,
    },
    "begin absences": {"task": "applications.tasks_queue.begin_absences", "schedule": 300.0},
    "sum up the counts of the queue": {
        "task": "applications.tasks_queue.fold_counts",
        "schedule": 60.0,
    },
    "scan waiting papers": {"task": "applications.tasks_papers.scan_waiting", "schedule": 60.0},
    "remind of papers": {"task": "applications.tasks_papers.remind_of_papers", "schedule": 900.0},
    "sweep half uploads": {"task": "applications.tasks_papers.sweep_papers", "schedule": 3600.0},
    "remind of missing consents": {
        "task": "applications.tasks_family.remind_missing_consents",
        "schedule": 900.0,
    },
    "end mandates and forget kept forms": {
        "task": "applications.tasks_family.tidy_up",
        "schedule": 3600.0,
    },
    "go on with reported changes": {
        "task": "applications.tasks_changes.sweep_changes",
        "schedule": 30.0,
    },
    "find who has come of age": {
        "task": "applications.tasks_changes.find_majorities",
        "schedule": 600.0,
    },
    "put waiting questions back": {
        "task": "applications.tasks_review.open_inquiries_again",
        "schedule": 300.0,
    },
    "send gathered corrections": {
        "task": "applications.tasks_review.send_gathered_corrections",
        "schedule": 300.0,
    },
    "remind of referrals": {
        "task": "applications.tasks_review.remind_of_referrals",
        "schedule": 900.0,
    },
    "find cases that will be late": {
        "task": "applications.tasks_clocks.sweep_clocks",
        "schedule": 600.0,
    },
    "pass what policy lets pass": {
        "task": "applications.tasks_clocks.pass_by_rule",
        "schedule": 60.0,
    },
    "remind of tasks": {"task": "applications.tasks_visit.remind_of_tasks", "schedule": 600.0},
    "settle to-dos elsewhere": {
        "task": "applications.tasks_visit.settle_todos",
        "schedule": 30.0,
    },
    # once a day by its own row: the first call after midnight begins, later ones go on
    "look for duplicates": {
        "task": "applications.tasks_duplicates.look_over_everybody",
        "schedule": 600.0,
    },
    "keep the numbers of the review": {
        "task": "office.tasks.keep_review_numbers",
        "schedule": 120.0,
    },
    "end exports and take up lost ones": {"task": "office.tasks.sweep_exports", "schedule": 60.0},
}

# -- Logs -----------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "core.logs.MaskingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}, "django_structlog": {"level": "WARNING"}},
}
