"""Readers of environment variables, each by what it holds.

A bad value raises `ImproperlyConfigured`, with the variable's name and what it accepts. The value
itself is repeated only where it cannot be a secret: no part of an address ever is.
"""

import base64
import os
import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from redis import Redis

T = TypeVar("T")

FILE = "_FILE"
"""Ends the name of a variable that says which file holds the secret."""
SECRETS = (
    "SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "KTRDR_WEBHOOK_URL",
    "KTRDR_WEBHOOK_SECRET",
    "KTRDR_NOTIFY_URLS",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
"""What may lie in a file instead, as container platforms and systemd hand secrets over."""

PLAIN = re.compile(r"[\w.,+ -]{1,40}")

POSTGRESQL = "django.db.backends.postgresql"
DATABASE_SCHEMES = ("postgres://", "postgresql://", "pgsql://", "psql://", "sqlite://")

NOTIFY_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE | re.ASCII)
ROOT_PATH = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+/?|/", re.ASCII)
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)+", re.ASCII)
HEADERS_IN_USE = re.compile(
    "x-forwarded-(for|proto|host|port)|(content|transfer|accept|if|sec|hx)-.*|user-agent"
    "|x-csrftoken|x-request-id|idempotency-key|last-event-id|proxy-authorization",
    re.IGNORECASE,
)
DATABASE_NUMBER = re.compile(r"(/\d*)?")
REDIS_ADDRESSES = (
    "redis://user:password@host:6379/0, rediss://… over TLS (?ssl_ca_certs=/path), or "
    "unix:///path?db=0; no redis-sentinel://, but the one server. Of a password, %, /, @, : and # "
    "are written as %25, %2F, %40, %3A and %23"
)


def is_given(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a variable is set, itself or by its file, which is not looked into."""
    by_file = name in SECRETS and environ.get(f"{name}{FILE}", "").strip()
    return bool(environ.get(name, "").strip() or by_file)


def given(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """What a variable says, or the file that holds it; nothing where it is not set.

    Raises ImproperlyConfigured for both, and for a file that cannot be read or is empty. Nothing of
    what is in the file is in the error.
    """
    value = environ.get(name, "").strip()
    path = environ.get(f"{name}{FILE}", "").strip() if name in SECRETS else ""
    if value and path:
        raise ImproperlyConfigured(f"{name} and {name}{FILE} are both set: unset one of them.")
    return _content(f"{name}{FILE}", Path(path)) if path else value


def _content(name: str, path: Path) -> str:
    """Raises ImproperlyConfigured; not even the path is repeated, which may be the secret itself,
    given to the wrong variable."""
    refused = f"{name} is not valid: it accepts the absolute path of a file with the secret"
    if not path.is_absolute():
        raise ImproperlyConfigured(f"{refused}.")
    try:
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ImproperlyConfigured(f"{refused}, and that one cannot be read: {why}.") from None
    if not content:
        raise ImproperlyConfigured(f"{refused}, and that one is empty.")
    return content


def _read(
    name: str,
    default: T,
    parse: Callable[[str], T],
    accepts: str,
    environ: Mapping[str, str] = os.environ,
) -> T:
    raw = given(name, environ)
    if not raw:
        return default
    try:
        return parse(raw)
    except ValueError:  # whose message may repeat a part of a password
        raise ImproperlyConfigured(
            f"{shown(name, raw)} is not valid: it accepts {accepts}."
        ) from None


def shown(name: str, raw: str) -> str:
    """The variable, with its value if that is a plain word or number."""
    return f"{name}={raw!r}" if PLAIN.fullmatch(raw) else name


def env_bool(name: str, default: bool) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}

    def parse(raw: str) -> bool:
        if raw.lower() not in words:
            raise ValueError(raw)
        return words[raw.lower()]

    return _read(name, default, parse, "true or false")


def env_int(name: str, default: int, *, minimum: int) -> int:
    def parse(raw: str) -> int:
        if int(raw) < minimum:
            raise ValueError(raw)
        return int(raw)

    return _read(name, default, parse, f"a whole number, {minimum} or more")


def env_seconds(name: str, default: float) -> float:
    def parse(raw: str) -> float:
        if not 0 < float(raw) < float("inf"):
            raise ValueError(raw)
        return float(raw)

    return _read(name, default, parse, "seconds, more than 0; fractions are accepted")


def env_pause(name: str, default: float) -> float:
    """0 stands for none."""

    def parse(raw: str) -> float:
        if not 0 <= float(raw) < float("inf"):
            raise ValueError(raw)
        return float(raw)

    return _read(name, default, parse, "seconds, 0 or more; fractions are accepted")


def env_megabytes(name: str, default: int) -> int:
    """0 stands for no limit."""

    def parse(raw: str) -> int:
        number = 0 if raw.lower() == "none" else int(raw)
        if number < 0:
            raise ValueError(raw)
        return number

    return _read(name, default, parse, "megabytes, a whole number; 0 or none for no limit")


def env_list(name: str) -> list[str]:
    return [item.strip() for item in given(name).split(",") if item.strip()]


def env_networks(name: str, default: str) -> tuple[IPv4Network | IPv6Network, ...]:
    def parse(raw: str) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(word.strip()) for word in raw.split(",") if word.strip())

    accepts = "addresses and networks, separated by commas, as 10.0.0.7, 192.168.0.0/24"
    return _read(name, parse(default), parse, accepts)


def env_choice(name: str, choices: tuple[str, ...], *, default: str) -> str:
    def parse(raw: str) -> str:
        if raw not in choices:
            raise ValueError(raw)
        return raw

    return _read(name, default, parse, " or ".join(choices))


def env_root_path(name: str) -> str:
    """`/ktrdr`, without a slash at its end; empty where the site has its host for itself."""

    def parse(raw: str) -> str:
        if not ROOT_PATH.fullmatch(raw):
            raise ValueError
        return raw.rstrip("/")

    return _read(name, "", parse, "a path that begins with /, as /ktrdr: letters, digits, . _ - /")


def env_remote_user_header(name: str) -> str:
    """Empty for none. Needs the proxies to be named: whole private networks are not believed."""

    def parse(raw: str) -> str:
        if not HEADER_NAME.fullmatch(raw) or HEADERS_IN_USE.fullmatch(raw):
            raise ValueError
        return raw

    accepts = "a header that has no other use, letters, digits and -, as X-Remote-User"
    header = _read(name, "", parse, accepts)
    if header and not is_given("KTRDR_TRUSTED_PROXIES"):
        raise ImproperlyConfigured(
            f"{name} needs KTRDR_TRUSTED_PROXIES: the addresses that may say who somebody is."
        )
    return header


def env_web_address(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """Without a user and password, which no sender of ours would pass on."""

    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError
        if parts.port == 0:  # asking raises for one that is no number
            raise ValueError
        return raw

    return _read(name, "", parse, "https://host/path", environ)


def env_redis(name: str, default: str) -> str:
    def parse(raw: str) -> str:
        if not raw.startswith(("unix:///", "redis://", "rediss://")):
            raise ValueError
        try:
            pool = Redis.from_url(raw).connection_pool
            pool.make_connection()  # connects to nothing yet, and refuses options that are none
        except TypeError:
            raise ValueError from None
        if not {"host", "path"} & pool.connection_kwargs.keys():
            raise ValueError
        if not raw.startswith("unix:") and not DATABASE_NUMBER.fullmatch(urlsplit(raw).path):
            raise ValueError  # redis-py would take 0 for it
        return raw

    return _read(name, default, parse, REDIS_ADDRESSES)


def env_webhook_key(name: str) -> bytes:
    """The key that a Standard Webhooks secret holds. What it was is in no error."""
    raw = given(name)
    try:
        key = base64.b64decode(raw.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if raw and not (raw.startswith("whsec_") and 24 <= len(key) <= 64):
        raise ImproperlyConfigured(
            f"{name} is not valid: it accepts whsec_ and 24 to 64 random bytes in base64."
        )
    return key


def env_notify_urls(name: str) -> tuple[str, ...]:
    """Addresses of apprise, each once. They hold tokens: none is repeated in an error."""

    def parse(raw: str) -> tuple[str, ...]:
        urls = tuple(dict.fromkeys(raw.split()))
        if not all(NOTIFY_ADDRESS.fullmatch(url) for url in urls):
            raise ValueError
        return urls

    return _read(
        name, (), parse, "addresses of apprise, service://…, with white space between them"
    )


def env_database(name: str, default: dict[str, Any]) -> dict[str, Any]:
    def parse(raw: str) -> dict[str, Any]:
        if not raw.startswith(DATABASE_SCHEMES):  # of others django-environ warns, address and all
            raise ValueError
        config = dict(environ.Env.db_url_config(raw))
        if config["ENGINE"] == POSTGRESQL and "@" in str(config["NAME"]):
            raise ValueError  # a slash too few, or one inside of the password
        return config

    return _read(
        name, default, parse, "postgres://user:password@host:5432/name or sqlite:////absolute/path"
    )
