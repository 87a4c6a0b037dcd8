"""Every setting of a KTRDR site, read from the environment. `variables.py` describes them.

A bad value stops the process here, with the variable's name and what it accepts.
"""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from checkpoints.policy import KEEP_AT_LEAST
from ktrdr_site.api_description import DESCRIPTION_SETTINGS
from ktrdr_site.checkpoint_storage import storage_setting
from ktrdr_site.environment import (
    env_bool,
    env_choice,
    env_database,
    env_int,
    env_list,
    env_megabytes,
    env_networks,
    env_notify_urls,
    env_pause,
    env_redis,
    env_remote_user_header,
    env_root_path,
    env_seconds,
    env_web_address,
    env_webhook_key,
    is_given,
)
from ktrdr_site.key_and_hosts import allowed_hosts, secret_key
from ktrdr_site.local import local_site, place
from ktrdr_site.logs import log_settings
from ktrdr_site.machine import follow_command, manage_command, memory_mb
from ktrdr_site.private import keep_new_files_private, tighten_directory, tighten_file

DEBUG = env_bool("DEBUG", False)

# -- What this process writes, and what was there before, is for its user alone.

keep_new_files_private()
KTRDR_DATA_DIR = place.data_directory()
if KTRDR_DATA_DIR.exists():
    tighten_directory(KTRDR_DATA_DIR)

# -- Secrets and hosts. `manage.py up` writes var/secret_key for a site on one's own machine.

LOCAL_SITE = local_site.has_a_key_of_its_own()
SECRET_KEY = secret_key(local_site.secret_key_file(), debug=DEBUG)
ALLOWED_HOSTS = allowed_hosts(is_local=LOCAL_SITE, debug=DEBUG)
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

# -- Where the site stands below its host's root; `ktrdr_site/doorway/root_path.py` reads it, too.

KTRDR_ROOT_PATH = env_root_path("KTRDR_ROOT_PATH")
FORCE_SCRIPT_NAME = KTRDR_ROOT_PATH or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{KTRDR_ROOT_PATH}/"

# -- Applications. `training` stands before django_rq: its rqworker command replaces theirs.

INSTALLED_APPS = [
    "ktrdr_site",
    "training",
    "operations",
    "checkpoints",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_rq",
]

MIDDLEWARE = [
    "ktrdr_site.request_id.request_id_middleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "ktrdr_site.storable.StorableMiddleware",
    "ktrdr_site.compression.PageCompressionMiddleware",
    "ktrdr_site.static_files.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ktrdr_site.remote_user.RemoteUserMiddleware",
]

ROOT_URLCONF = "ktrdr_site.urls"
ASGI_APPLICATION = "ktrdr_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# -- Database: SQLite on one machine, PostgreSQL for a team.

LOCK_SECONDS = 20
"""How long a writer waits for another one's lock. Nobody holds one for as long as 50 ms of work, so
what waits for longer has met a fault: it is told so (503), or tries again, as a worker does."""

# WAL lets readers and one writer work at once; IMMEDIATE takes the write lock at BEGIN, so that two
# writers wait for each other instead of failing; FULL survives a power cut (2.7 ms a commit).
SQLITE_OPTIONS = {
    "timeout": LOCK_SECONDS,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}

KTRDR_LEASE_SECONDS = env_seconds("KTRDR_LEASE_SECONDS", 30)

# A process that freezes in the middle of a transaction, or is cut off there, holds the lock of its
# operation's row, and nobody could take over: the server ends its session after a lease.
SESSION_LIMITS_MS = {
    "idle_in_transaction_session_timeout": round(KTRDR_LEASE_SECONDS * 1000),
    "lock_timeout": LOCK_SECONDS * 1000,
}
# A pooler takes none, and has sessions for others to use next: the role has to have the limits
# (`ktrdr_site/pooler.py` asks), and no cursor may outlive its transaction.
KTRDR_DATABASE_POOLER = env_bool("KTRDR_DATABASE_POOLER", False)

# A network that swallows packets says nothing: without these a worker would wait for an answer for
# a quarter of an hour. What was sent and is not acknowledged within 10 s ends the connection, and
# so does a server that is silent for 5 + 3 x 2 s while it owes an answer: with 5 s to connect
# again, a heartbeat still arrives within the default lease of 30 s.
POSTGRESQL_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,  # seconds
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 3,
}
# A page takes the first rows of an index. Parallel workers, which PostgreSQL begins for that, read
# on meanwhile, nine times as much as one alone, on cores that other requests are waiting for.
SERIAL = {"max_parallel_workers_per_gather": 0}
if not KTRDR_DATABASE_POOLER:
    POSTGRESQL_OPTIONS["options"] = " ".join(
        f"-c {name}={value}" for name, value in (SESSION_LIMITS_MS | SERIAL).items()
    )

DATABASES = {
    "default": env_database(
        "DATABASE_URL",
        {"ENGINE": "django.db.backends.sqlite3", "NAME": KTRDR_DATA_DIR / place.DATABASE_FILE},
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if DATABASES["default"]["NAME"] != ":memory:":  # which a check refuses
        DATABASES["default"]["NAME"] = place.in_checkout(DATABASES["default"]["NAME"])
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
    for suffix in ("", "-wal", "-shm"):
        tighten_file(Path(f"{DATABASES['default']['NAME']}{suffix}"))
else:
    given = DATABASES["default"].get("OPTIONS", {})
    # No CONN_MAX_AGE: each request has a thread of its own, so one kept open is never used again,
    # and stays until it is collected as garbage. Under load they took all that PostgreSQL has.
    DATABASES["default"].update(
        {
            "DISABLE_SERVER_SIDE_CURSORS": KTRDR_DATABASE_POOLER,
            "OPTIONS": {**POSTGRESQL_OPTIONS, **given},
        }
    )

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Redis is the doorbell. Without REDIS_URL it is the Valkey server that `manage.py up` runs.

# A Unix socket's path may be 107 bytes long; a checkout deeper than that gets one in the temporary
# directory, named after the data directory and this user.
VALKEY_DIR = KTRDR_DATA_DIR / "valkey"
VALKEY_SOCKET = VALKEY_DIR / "valkey.sock"
if len(os.fsencode(VALKEY_SOCKET)) > 100:
    _digest = hashlib.sha256(os.fsencode(KTRDR_DATA_DIR)).hexdigest()[:16]
    VALKEY_SOCKET = Path(tempfile.gettempdir()) / f"ktrdr-{os.getuid()}-{_digest}" / "valkey.sock"

REDIS_URL = env_redis("REDIS_URL", f"unix://{quote(str(VALKEY_SOCKET))}")
EMBEDDED_VALKEY = not is_given("REDIS_URL")

# In strict order: a worker empties the first one before it looks at the next.
QUEUES = ("training-gpu", "training-high", "training", "training-gpu-low", "training-low")
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": -1, "SERIALIZER": "rq.serializers.JSONSerializer"}
    for name in QUEUES
}
RQ_SHOW_ADMIN_LINK = False  # its pages unpickle, and clean up registries where they are looked at
RQ = {
    "WORKER_CLASS": "training.worker.TrainingWorker",
    "JOB_CLASS": "operations.doorbell.ring.DoorbellJob",
}

# -- What kinds of operations there are, by dotted path, so that `operations` imports none of them.

_FAMILY: dict[str, Any] = {
    "queue_for": "training.launch.family.queue_for",
    "check_resume": "training.launch.family.check_resume",
    "resumes_from": "rows",
    "parts_job": "operations.parts.run_next",
    "hold": "training.launch.family.hold",
    "restart_request": "training.launch.family.restart_request",
    "describe": "training.launch.family.describe",
}
_FOLDS: dict[str, Any] = {
    **_FAMILY,
    "job": "training.folds.job.run_folds",
    "part_results": (),
    "result": "training.folds.outcome.result",
    "outcome": "training.folds.outcome.outcome",
    "headline": "training.folds.outcome.headline",
    "remedy": "training.folds.outcome.remedy",
}

OPERATION_TYPES: dict[str, dict[str, Any]] = {
    "training": {
        "job": "training.jobs.run_training",
        "queue_for": "training.launch.start.queue_for",
        "check_resume": "training.launch.resuming.check_resume",
        "resume_options": "training.launch.resume_options.TrainingResumeOptions",
        "resume_errors": "training.launch.resuming.RESUME_ERRORS",
        "hold": "training.launch.holding.hold",
        "restart_request": "training.launch.start.restart_request",
        "restart_errors": "training.launch.start.RESTART_ERRORS",
        "restart_plan": "training.launch.restart_plan.plan_restart",
        "describe": "training.trained.outcome.describe",
        "result": "training.trained.outcome.result",
        "outcome": "training.trained.outcome.outcome",
        "headline": "training.trained.outcome.headline",
        "remedy": "training.launch.remedies.remedy_of",
        "presentation": "training.presentation.TRAINING",
        "links": "training.views.links.links_of",
        "clean_up": "training.upkeep.clean_up",
    },
    "sweep": {
        **_FAMILY,
        "job": "training.sweep.job.run_sweep",
        "part_results": (
            "cancelled",
            "training_failed",
            "strategy_invalid",
            "too_few_bars",
            "symbol_not_trained",
            "too_few_events",
            "empty_part",
            "missing_class",
            "price_not_positive",
            "indicator_not_finite",
        ),
        "result": "training.sweep.outcome.result",
        "outcome": "training.sweep.outcome.outcome",
        "headline": "training.sweep.outcome.headline",
        "remedy": "training.sweep.outcome.remedy",
        "presentation": "training.presentation.trials.SWEEP",
    },
    "walk_forward": {
        **_FOLDS,
        "presentation": "training.presentation.folds.WALK_FORWARD",
        "links": "training.views.links.links_of_walk",
    },
    "cross_validation": {
        **_FOLDS,
        "presentation": "training.presentation.folds.CROSS_VALIDATION",
    },
    "analysis": {
        "job": "training.explaining.job.run_analysis",
        "queue_for": "training.explaining.start.queue_for",
        "check_resume": "training.explaining.start.check_resume",
        "resumes_from": "rows",
        "restart_request": "training.explaining.start.restart_request",
        "outcome": "training.explaining.outcome.outcome",
        "headline": "training.explaining.outcome.headline",
        "remedy": "training.explaining.outcome.remedy",
        "presentation": "training.presentation.importance.ANALYSIS",
        "links": "training.explaining.outcome.links_of",
    },
}

FAMILY_TURN_SECONDS = 60.0
"""For which one process takes part after part of a family; then another one's turn comes."""

# -- KTRDR

KTRDR_HEARTBEAT_SECONDS = env_seconds("KTRDR_HEARTBEAT_SECONDS", 5)
KTRDR_SWEEP_INTERVAL_SECONDS = env_seconds("KTRDR_SWEEP_INTERVAL_SECONDS", 10)
KTRDR_MAX_RESTARTS = env_int("KTRDR_MAX_RESTARTS", 3, minimum=0)
KTRDR_MAX_RESTARTS_CAP = env_int("KTRDR_MAX_RESTARTS_CAP", 100, minimum=0)
KTRDR_SHUTDOWN_GRACE_SECONDS = env_seconds("KTRDR_SHUTDOWN_GRACE_SECONDS", 25)
KTRDR_STALL_SECONDS = env_seconds("KTRDR_STALL_SECONDS", 600)
KTRDR_TRAINING_MEMORY_MB = env_megabytes("KTRDR_TRAINING_MEMORY_MB", memory_mb() // 2)
KTRDR_CHECKPOINT_EPOCH_INTERVAL = env_int("KTRDR_CHECKPOINT_EPOCH_INTERVAL", 10, minimum=1)
KTRDR_CHECKPOINT_SECONDS = env_pause("KTRDR_CHECKPOINT_SECONDS", 2)
KTRDR_CHECKPOINT_TIME_INTERVAL_SECONDS = env_seconds("KTRDR_CHECKPOINT_TIME_INTERVAL_SECONDS", 300)
KTRDR_CHECKPOINT_SECONDS_FLOOR = env_seconds("KTRDR_CHECKPOINT_SECONDS_FLOOR", 1)
KTRDR_CHECKPOINT_KEEP = env_int("KTRDR_CHECKPOINT_KEEP", 2, minimum=KEEP_AT_LEAST)
KTRDR_CHECKPOINT_KEEP_CAP = env_int("KTRDR_CHECKPOINT_KEEP_CAP", 20, minimum=KEEP_AT_LEAST)
KTRDR_API_REQUESTS_PER_MINUTE = env_int("KTRDR_API_REQUESTS_PER_MINUTE", 1200, minimum=0)
KTRDR_API_ACTIONS_PER_MINUTE = env_int("KTRDR_API_ACTIONS_PER_MINUTE", 300, minimum=0)
KTRDR_FAILED_LOGINS_PER_MINUTE = env_int("KTRDR_FAILED_LOGINS_PER_MINUTE", 10, minimum=0)
KTRDR_FAILED_LOGINS_PER_ADDRESS = env_int("KTRDR_FAILED_LOGINS_PER_ADDRESS", 50, minimum=0)
KTRDR_UPLOAD_MB = env_int("KTRDR_UPLOAD_MB", 300, minimum=0)
KTRDR_CHECKPOINT_MAX_AGE_DAYS = env_int("KTRDR_CHECKPOINT_MAX_AGE_DAYS", 30, minimum=1)

# -- The webhook: whom to tell when an operation ends.

KTRDR_WEBHOOK_URL = env_web_address("KTRDR_WEBHOOK_URL")
KTRDR_WEBHOOK_KEY = env_webhook_key("KTRDR_WEBHOOK_SECRET")
if KTRDR_WEBHOOK_URL and not KTRDR_WEBHOOK_KEY:
    raise ImproperlyConfigured(
        "KTRDR_WEBHOOK_URL needs a KTRDR_WEBHOOK_SECRET, by which its receiver knows our messages: "
        "whsec_ and 24 to 64 random bytes in base64."
    )

KTRDR_NOTIFY_URLS = env_notify_urls("KTRDR_NOTIFY_URLS")

# -- Files. Checkpoints, models and market data share one storage.

KTRDR_CHECKPOINT_STORAGE = os.environ.get("KTRDR_CHECKPOINT_STORAGE") or str(
    KTRDR_DATA_DIR / "checkpoints"
)
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "ktrdr_site.static_files.VersionedStaticFiles"},
    "checkpoints": storage_setting(KTRDR_CHECKPOINT_STORAGE, os.environ),
}

# Served from where they are installed: nothing to collect after an upgrade.
STATIC_URL = f"{KTRDR_ROOT_PATH}/static/"
WHITENOISE_USE_FINDERS = True

# -- Access. Cookies are for HTTPS only, except for a site on one's own machine.

SERVES_HTTPS = not (DEBUG or LOCAL_SITE)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVES_HTTPS
SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", SERVES_HTTPS)
SECURE_HSTS_SECONDS = env_int("SECURE_HSTS_SECONDS", 31_536_000 if SERVES_HTTPS else 0, minimum=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVES_HTTPS
# Headers that anybody could send: believed of these proxies alone (`ktrdr_site/doorway`). The older
# KTRDR_TLS_PROXY=true stands for one on this machine or in its private networks.
PRIVATE_NETWORKS = (
    "127.0.0.0/8, ::1, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, "
    "fc00::/7, fe80::/10"
)
KTRDR_TLS_PROXY = env_bool("KTRDR_TLS_PROXY", False)
KTRDR_TRUSTED_PROXIES = env_networks(
    "KTRDR_TRUSTED_PROXIES", PRIVATE_NETWORKS if KTRDR_TLS_PROXY else ""
)
KTRDR_REMOTE_USER_HEADER = env_remote_user_header("KTRDR_REMOTE_USER_HEADER")
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
if KTRDR_REMOTE_USER_HEADER:  # without it a session that a proxy began is over
    AUTHENTICATION_BACKENDS.append("operations.access.remote_user.KnownRemoteUser")
# Preloading binds a whole domain for years: that is for its owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# Everything a page loads is our own file: no script, style or handler inside of a page runs.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # icons inside of style sheets
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
LOGIN_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "operations.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["operations.api.permissions.ScopedPermission"],
    "DEFAULT_THROTTLE_CLASSES": ["operations.api.throttling.UserRate"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["operations.api.parsers.StorableJSONParser"],
    "EXCEPTION_HANDLER": "operations.api.problems.problem_response",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "operations.api.openapi.EndpointSchema",
}
SPECTACULAR_SETTINGS = DESCRIPTION_SETTINGS
MANAGE = manage_command(place.BASE_DIR)
"""How a command is typed in the checkout's directory, for messages and pages."""
FOLLOW = follow_command(place.BASE_DIR)
"""Likewise, before an operation's id."""
API_DESCRIPTION = place.BASE_DIR / "docs" / "openapi.json"
EVALUATION_DOCUMENT = place.BASE_DIR / "docs" / "EVALUATION.md"

# -- Time and words

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en-us"
USE_I18N = False

LOG_FORMAT = env_choice(
    "KTRDR_LOG_FORMAT",
    ("json", "text"),
    default="text" if DEBUG or LOCAL_SITE or sys.stderr.isatty() else "json",
)
LOGGING = log_settings(as_json=LOG_FORMAT == "json")
