"""Readers of environment variables, each by what it holds.

A bad value raises `ImproperlyConfigured`, with the variable's name and what it accepts.
"""

import base64
import os
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

DATABASE_ENGINES = ("django.db.backends.postgresql", "django.db.backends.sqlite3")


def _read(name: str, default: T, parse: Callable[[str], T], accepts: str) -> T:
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        return parse(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r} is not valid: it accepts {accepts}.") from error


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


def env_megabytes(name: str, default: int) -> int:
    """0 stands for no limit."""

    def parse(raw: str) -> int:
        number = 0 if raw.lower() == "none" else int(raw)
        if number < 0:
            raise ValueError(raw)
        return number

    return _read(name, default, parse, "megabytes, a whole number; 0 or none for no limit")


def env_list(name: str) -> list[str]:
    return [item.strip() for item in os.environ.get(name, "").split(",") if item.strip()]


def env_choice(name: str, choices: tuple[str, ...], *, default: str) -> str:
    def parse(raw: str) -> str:
        if raw not in choices:
            raise ValueError(raw)
        return raw

    return _read(name, default, parse, " or ".join(choices))


def env_web_address(name: str) -> str:
    def parse(raw: str) -> str:
        if urlsplit(raw).scheme not in ("http", "https") or not urlsplit(raw).hostname:
            raise ValueError(raw)
        return raw

    return _read(name, "", parse, "https://host/path")


def env_webhook_key(name: str) -> bytes:
    """The key that a Standard Webhooks secret holds. What it was is in no error."""
    raw = os.environ.get(name, "").strip()
    try:
        key = base64.b64decode(raw.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if raw and not (raw.startswith("whsec_") and 24 <= len(key) <= 64):
        raise ImproperlyConfigured(
            f"{name} is not valid: it accepts whsec_ and 24 to 64 random bytes in base64."
        )
    return key


def env_database(name: str, default: dict[str, Any]) -> dict[str, Any]:
    def parse(raw: str) -> dict[str, Any]:
        config = environ.Env.db_url_config(raw)
        if config.get("ENGINE") not in DATABASE_ENGINES:
            raise ValueError(raw)
        return dict(config)

    return _read(
        name, default, parse, "postgres://user:password@host:5432/name or sqlite:////absolute/path"
    )
