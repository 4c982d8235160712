"""All settings of ShipSync, each read from the environment (or a `.env` file).

`.env.example` explains every name. What is missing or contradictory is reported
by `manage.py check` with an id (`connectors/checks.py`), not by a crash.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key

from shipsync_site.environment import Environment
from shipsync_site.keys import local_key

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
if env.bool("SHIPSYNC_READ_DOT_ENV", default=True):
    env.read_env(str(BASE_DIR / ".env"))

# --- Where we are ---------------------------------------------------------------

# development | production. Production demands explicit keys, https and hosts.
SHIPSYNC_ENV: str = env.str("SHIPSYNC_ENV", default="development")
PRODUCTION = SHIPSYNC_ENV == "production"
DEBUG: bool = env.bool("DEBUG", default=False)

# Everything this machine keeps: SQLite file, local keys, sandbox worlds, static files.
SHIPSYNC_DATA_DIR = Path(
    env.str("SHIPSYNC_DATA_DIR", default=str(BASE_DIR / ".shipsync"))
).absolute()

# The address under which ShipHero and Salesforce reach our webhooks.
SHIPSYNC_BASE_URL: str = env.str("SHIPSYNC_BASE_URL", default="").rstrip("/")

ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"]
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Keys -----------------------------------------------------------------------

# Signs sessions and forms. Made and kept in the data folder outside production.
SECRET_KEY: str = env.str("SECRET_KEY", default="")
# Fernet keys for credentials at rest, newest first; old ones stay until
# `manage.py rotate_encryption_key` has run.
SHIPSYNC_ENCRYPTION_KEYS: list[str] = env.list("SHIPSYNC_ENCRYPTION_KEYS", default=[])
if not PRODUCTION:
    SECRET_KEY = SECRET_KEY or local_key(
        SHIPSYNC_DATA_DIR / "secret_key", make=get_random_secret_key
    )
    SHIPSYNC_ENCRYPTION_KEYS = SHIPSYNC_ENCRYPTION_KEYS or [
        local_key(
            SHIPSYNC_DATA_DIR / "encryption_key",
            make=lambda: Fernet.generate_key().decode(),
        )
    ]

# --- How the sync behaves -------------------------------------------------------

# 60 makes a minute pass in a second. 1 in production; others only with the sandbox.
SHIPSYNC_TIME_SCALE: float = env.float("SHIPSYNC_TIME_SCALE", default=1.0)
# Whether the remote systems are the sandbox; the console then shows a banner.
SHIPSYNC_SANDBOX: bool = env.bool("SHIPSYNC_SANDBOX", default=False)
SHIPSYNC_SALESFORCE_API_VERSION: str = env.str(
    "SHIPSYNC_SALESFORCE_API_VERSION", default="66.0"
)
# What ShipHero's times without a zone mean.
SHIPSYNC_SHIPHERO_TIME_ZONE: str = env.str("SHIPSYNC_SHIPHERO_TIME_ZONE", default="UTC")
# Worker processes of one `manage.py work`.
SHIPSYNC_WORKERS: int = env.int("SHIPSYNC_WORKERS", default=2)
# A delivery larger than this is refused before it is read.
SHIPSYNC_MAX_WEBHOOK_BYTES: int = env.int(
    "SHIPSYNC_MAX_WEBHOOK_BYTES", default=2 * 1024 * 1024
)
# How long the raw body of a delivery is kept; what it said of an order stays.
SHIPSYNC_RAW_BODY_DAYS: int = env.int("SHIPSYNC_RAW_BODY_DAYS", default=30)

# --- Apps -----------------------------------------------------------------------

INSTALLED_APPS = [
    "shipsync_site.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "django_q",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "connectors.accounts.apps.AccountsConfig",
    "orders.apps.OrdersConfig",
    "inventory.apps.InventoryConfig",
    "connectors.apps.ConnectorsConfig",
    "shipsync_site.apps.SiteConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "connectors.console.gate.SignInGate",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "shipsync_site.urls"
WSGI_APPLICATION = "shipsync_site.wsgi.application"

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
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------

# PostgreSQL in production; SQLite is the embedded default for one small host.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url(
        "DATABASE_URL", default=f"sqlite:///{SHIPSYNC_DATA_DIR}/shipsync.sqlite3"
    )
}
_database = DATABASES["default"]
_database["ATOMIC_REQUESTS"] = False  # the phase runner owns its commits
_database["CONN_MAX_AGE"] = 60
if _database["ENGINE"].endswith("sqlite3"):
    Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Deferred transactions lose to "database is locked"; IMMEDIATE ones queue.
    # FULL: what was acknowledged to a sender survives a power cut.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        ),
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
    _database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Workers --------------------------------------------------------------------

# django-q2 is the bell and the process pool, never the record: each task may be
# lost or run twice. A small prefetch and one attempt keep it predictable.
Q_CLUSTER: dict[str, Any] = {
    "name": "shipsync",
    "orm": "default",
    "workers": SHIPSYNC_WORKERS,
    "queue_limit": SHIPSYNC_WORKERS,
    "bulk": 1,
    "timeout": 60,
    "retry": 240,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "poll": 0.05,
    "recycle": 500,
    "max_rss": 300_000,  # kilobytes
}

# --- Stock ----------------------------------------------------------------------

# A snapshot's file that is larger as it comes over the wire is not read to its end.
SHIPSYNC_SNAPSHOT_MAX_BYTES = env.int(
    "SHIPSYNC_SNAPSHOT_MAX_BYTES", default=4 * 1024**3
)

# --- Sign-in --------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "connectors.accounts.backend.OneReadBackend",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked_out.html"

# Whether the console asks for a one-time password after the password.
SHIPSYNC_REQUIRE_OTP: bool = env.bool("SHIPSYNC_REQUIRE_OTP", default=False)
# Roles that need one where not everybody does; superusers then need one too.
SHIPSYNC_OTP_ROLES: list[str] = env.list("SHIPSYNC_OTP_ROLES", default=[])
OTP_TOTP_ISSUER = "ShipSync"

# A session ends this long after signing in, and when nothing was asked of it for so
# long; 0 minutes: only by its age.
SHIPSYNC_SESSION_HOURS: int = env.int("SHIPSYNC_SESSION_HOURS", default=8)
SHIPSYNC_IDLE_MINUTES: int = env.int("SHIPSYNC_IDLE_MINUTES", default=60)
SESSION_COOKIE_AGE = SHIPSYNC_SESSION_HOURS * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# --- Transport security ---------------------------------------------------------

# Cookies, redirects and headers for https. On in production, off on a loopback demo.
SHIPSYNC_HTTPS: bool = env.bool("SHIPSYNC_HTTPS", default=PRODUCTION)
# Set only behind one proxy that itself sets X-Forwarded-Proto and X-Forwarded-For.
SHIPSYNC_BEHIND_PROXY: bool = env.bool("SHIPSYNC_BEHIND_PROXY", default=False)
if SHIPSYNC_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    AXES_CLIENT_IP_CALLABLE = "shipsync_site.proxy.client_address"

SESSION_COOKIE_SECURE = SHIPSYNC_HTTPS
CSRF_COOKIE_SECURE = SHIPSYNC_HTTPS
SECURE_SSL_REDIRECT = SHIPSYNC_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS: int = env.int(
    "SHIPSYNC_HSTS_SECONDS", default=365 * 24 * 60 * 60 if SHIPSYNC_HTTPS else 0
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SHIPSYNC_HTTPS
SECURE_HSTS_PRELOAD = SHIPSYNC_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A map or a configuration that was previewed is posted once more to be saved.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6_000_000

# Pages show texts written by strangers (errors, addresses): nothing inline runs.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}

# --- API ------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "connectors.api.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ShipSync",
    "DESCRIPTION": "Every operation of the console, for machines.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {  # several models have a `state`
        "OrderState": "orders.models.OrderState",
        "JobState": "connectors.models.JobState",
        "DeliveryState": "connectors.models.DeliveryState",
        "CredentialState": "connectors.accounts.models.CredentialState",
        "RequestState": "connectors.hearing.RequestState",
        "MessageState": "connectors.hearing.MessageState",
        "SnapshotState": "inventory.history.SnapshotState",
        "RunState": "inventory.writing.RunState",
        "AttemptOutcome": "connectors.models.Outcome",
        "RoutingOutcome": "orders.decisions.OUTCOMES",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# --- Static files ---------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(
    env.str("SHIPSYNC_STATIC_ROOT", default=str(SHIPSYNC_DATA_DIR / "static"))
)
# Production serves hashed names made by collectstatic; elsewhere files are found
# where they lie, so a clone needs no such step.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

# --- Language and time ----------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = "shipsync_site.formats"
TIME_ZONE = "UTC"

# --- Mail -----------------------------------------------------------------------

# smtp+tls://user:password@host:587, consolemail:// (default) ...
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# A mail server that is silent holds up nobody for long; its mail is tried again.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="shipsync@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Who is told when a worker stops, a credential is refused, an account is paused.
SHIPSYNC_ALERT_EMAILS: list[str] = env.list("SHIPSYNC_ALERT_EMAILS", default=[])
# Django 6 takes addresses; 5.2 wants pairs.
ADMINS: list[Any] = (
    SHIPSYNC_ALERT_EMAILS
    if django.VERSION >= (6, 0)
    else [(address, address) for address in SHIPSYNC_ALERT_EMAILS]
)

# --- Logs -----------------------------------------------------------------------

# One JSON object per line on stderr, secrets and personal data masked.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "connectors.logs.LineFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
    },
    "root": {
        "handlers": ["stderr"],
        "level": env.log_level("SHIPSYNC_LOG_LEVEL", default="INFO"),
    },
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True, "level": "WARNING"},
        "axes": {"level": "WARNING"},
    },
}
