"""The environment variables of a site in words: docs/SETTINGS.md is written from this table.

What each accepts, and the numbers, are where they are read: most of them in `settings.py`.
"""

from dataclasses import dataclass

from ktrdr_site.environment import FILE, SECRETS


@dataclass(frozen=True)
class Variable:
    """One row: a variable, or a few that belong together, separated by blanks."""

    names: str
    about: str = ""
    default: str | None = None
    """In words; None is the number in the code, or nothing."""


VARIABLES = (
    Variable(
        "DATABASE_URL",
        "`postgres://user:password@host:5432/name`",
        default="SQLite in `var/`",
    ),
    Variable(
        "KTRDR_DATABASE_POOLER",
        "on where `DATABASE_URL` leads to PgBouncer, in session or transaction mode, or to another "
        "pooler: [DEPLOYMENT.md](DEPLOYMENT.md) has the two lines that its role needs",
        default="off",
    ),
    Variable("REDIS_URL", default="the Valkey of `make up`"),
    Variable(
        "SECRET_KEY ALLOWED_HOSTS",
        "32 random characters or more; hosts separated by commas, and no `*`",
        default="written by `make up`; required otherwise",
    ),
    Variable(
        " ".join(f"{name}{FILE}" for name in SECRETS),
        "the absolute path of a file that holds the secret, instead of the variable itself, as "
        "Docker, Kubernetes and systemd (`LoadCredential`) hand secrets over; to set both is "
        "refused",
    ),
    Variable("DEBUG", "never in production", default="off"),
    Variable(
        "KTRDR_ROOT_PATH",
        "the path of a site that does not have its host for itself, as `/ktrdr`; the proxy in "
        "front passes it on, or takes it away",
        default="`/`",
    ),
    Variable("CSRF_TRUSTED_ORIGINS", "origins of a TLS proxy, separated by commas"),
    Variable(
        "KTRDR_TRUSTED_PROXIES",
        "addresses and networks, separated by commas, of the proxies in front: theirs alone are "
        "`X-Forwarded-For` and `X-Forwarded-Proto` believed, which each has to set itself, "
        "whatever a client sent",
        default="nobody's",
    ),
    Variable(
        "KTRDR_REMOTE_USER_HEADER",
        "the header, as `X-Remote-User`, in which those proxies name the user whom they have "
        "signed in, for pages and the admin: one who is here already; the API keeps tokens. They "
        "have to set it themselves, whatever a client sent; needs `KTRDR_TRUSTED_PROXIES`",
        default="nobody is signed in by a proxy",
    ),
    Variable(
        "KTRDR_TLS_PROXY",
        "the older way: on stands for every private network in `KTRDR_TRUSTED_PROXIES`",
        default="off",
    ),
    Variable("SECURE_SSL_REDIRECT", default="on, except for `make up`"),
    Variable(
        "SECURE_HSTS_SECONDS",
        "for so long browsers ask this host, and hosts below it, by https only",
        default="a year; 0 for `make up`",
    ),
    Variable(
        "KTRDR_DATA_DIR",
        "SQLite, secret key, Valkey, feature cache; a relative path begins at the checkout, here "
        "and in `DATABASE_URL` and `KTRDR_CHECKPOINT_STORAGE`",
        default="`var/`",
    ),
    Variable(
        "KTRDR_CHECKPOINT_STORAGE",
        "a directory (with a `/`), or `s3`; checkpoints, models, market data",
        default="`var/checkpoints`",
    ),
    Variable(
        "KTRDR_S3_BUCKET KTRDR_S3_PREFIX KTRDR_S3_ENDPOINT_URL",
        "for `s3`: bucket, path in it, and the server if it is not AWS; credentials as boto3 takes "
        "them (`AWS_ACCESS_KEY_ID`, a profile, a role; `AWS_DEFAULT_REGION`)",
    ),
    Variable("KTRDR_CHECKPOINT_EPOCH_INTERVAL", "epochs between checkpoints …"),
    Variable(
        "KTRDR_CHECKPOINT_SECONDS",
        "… but not more often than this, however short epochs are; 0: each time …",
    ),
    Variable("KTRDR_CHECKPOINT_TIME_INTERVAL_SECONDS", "… or seconds, whichever comes first"),
    Variable("KTRDR_CHECKPOINT_SECONDS_FLOOR", "fewer seconds between them nobody may ask for"),
    Variable("KTRDR_CHECKPOINT_KEEP", "checkpoints of a running operation, 2 or more"),
    Variable("KTRDR_CHECKPOINT_KEEP_CAP", "more of them nobody may ask for"),
    Variable("KTRDR_CHECKPOINT_MAX_AGE_DAYS", "of stopped operations; the newest one stays"),
    Variable(
        "KTRDR_API_REQUESTS_PER_MINUTE",
        "of one user, of the API and of clicks, over all web processes; 429 beyond; 0 for no limit",
    ),
    Variable(
        "KTRDR_UPLOAD_MB",
        "the largest file of prices that the web takes, in megabytes; the command has no limit. A "
        "user may have two, for an hour each, in the data directory",
    ),
    Variable("KTRDR_API_ACTIONS_PER_MINUTE", "those that start, preview, resume, cancel or delete"),
    Variable(
        "KTRDR_FAILED_LOGINS_PER_MINUTE",
        "of one address for one user name, and bad tokens of one address; 0 also for no delay of "
        "the next try for a name",
    ),
    Variable(
        "KTRDR_FAILED_LOGINS_PER_ADDRESS", "of one address for all user names, in ten minutes"
    ),
    Variable(
        "KTRDR_WEBHOOK_URL KTRDR_WEBHOOK_SECRET",
        "where to POST when an operation ends, and the key (`whsec_…`) that signs it as Standard "
        "Webhooks do",
    ),
    Variable(
        "KTRDR_NOTIFY_URLS",
        "whom else to tell, by apprise: addresses of mail, chats, phones, with white space between "
        "them ([how](MONITORING.md#mail-chats-phones)); needs requirements-notify.txt",
    ),
    Variable(
        "KTRDR_LOG_FORMAT",
        "JSON: one object a line, with operation and attempt ids",
        default="`json`; on a terminal and for `make up` `text`",
    ),
    Variable("KTRDR_HEARTBEAT_SECONDS"),
    Variable(
        "KTRDR_LEASE_SECONDS",
        "a worker silent for longer is replaced; at least three heartbeats",
    ),
    Variable("KTRDR_SWEEP_INTERVAL_SECONDS"),
    Variable("KTRDR_MAX_RESTARTS", "lost workers before an operation waits for a person"),
    Variable("KTRDR_MAX_RESTARTS_CAP", "more of them nobody may ask for"),
    Variable("KTRDR_SHUTDOWN_GRACE_SECONDS", "from SIGTERM to SIGKILL"),
    Variable("KTRDR_STALL_SECONDS", "without a batch, a training counts as dead"),
    Variable(
        "KTRDR_TRAINING_MEMORY_MB",
        "what a training on a CPU may take: a start that needs more is refused, and a worker takes "
        "no more; 0 or none for no limit. Less where several workers share a machine",
        default="half of the machine's, or the container's",
    ),
)
