"""What there is to document, found in the code itself."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from textwrap import dedent

from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandParser

from ktrdr_site.environment import FILE, SECRETS
from operations.errors import DomainError
from tests.running.stack import PROJECT

PACKAGES = ("ktrdr_site", "operations", "checkpoints", "training")
READERS = re.compile(r"env_\w+|_read|get|getenv|given|is_given")
"""Functions whose first argument is the name of an environment variable."""
NOT_FOR_USERS = {
    "DJANGO_SETTINGS_MODULE",  # of Django, and always the same
    "KTRDR_FAILPOINTS",  # where a test lets a process die
    "KTRDR_FAILPOINTS_ONCE",
}
OURS = (
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_URL",
    "DEBUG",
    "REDIS_URL",
    "SECRET_KEY",
    "SECURE_HSTS_SECONDS",
    "SECURE_SSL_REDIRECT",
)
"""Beside those that begin with KTRDR."""


@cache
def environment_variables() -> dict[str, str | None]:
    """Every variable that a process reads, with its default where it is one number."""
    found: dict[str, str | None] = {}
    for path in _files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _reads(node) and (name := _text(node.args[0])):
                found[name] = _default(node) or found.get(name)
            elif isinstance(node, ast.Subscript) and (name := _text(node.slice)):
                found.setdefault(name, None)
    ours = {
        name: default
        for name, default in found.items()
        if (name.startswith("KTRDR_") or name in OURS) and name not in NOT_FOR_USERS
    }
    return ours | {f"{name}{FILE}": None for name in SECRETS}


def commands() -> dict[str, CommandParser]:
    """Our own management commands' parsers, by name."""
    owned = {name: app for name, app in get_commands().items() if app in PACKAGES}
    return {
        name: load_command_class(str(app), name).create_parser("manage.py", name)
        for name, app in sorted(owned.items())
    }


def domain_errors() -> list[type[DomainError]]:
    """Every kind there is, in the order of their codes."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(PROJECT / package)], f"{package}."):
            if module.name.endswith("errors") or "commands" in module.name:
                importlib.import_module(module.name)
    importlib.import_module("training.strategy.faults")
    ours = (kind for kind in _kinds_of(DomainError) if kind.__module__.startswith(PACKAGES))
    return sorted(ours, key=lambda kind: (kind.code, kind.__name__))


def members(enum: type[Enum]) -> dict[str, str]:
    """Each value with the string that stands below its member."""
    [definition] = ast.parse(dedent(inspect.getsource(enum))).body
    assert isinstance(definition, ast.ClassDef)
    told = {}
    for node, following in zip(definition.body, [*definition.body[1:], None], strict=True):
        if isinstance(node, ast.Assign):
            below = following.value if isinstance(following, ast.Expr) else None
            told[ast.literal_eval(node.value)] = " ".join((_text(below) or "").split())
    return told


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))


def _files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (PROJECT / package).rglob("*.py")


def _kinds_of(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from _kinds_of(kind)


def _reads(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
    return bool(call.args) and READERS.fullmatch(name) is not None


def _default(call: ast.Call) -> str | None:
    given = call.args[1] if len(call.args) > 1 else None
    is_number = isinstance(given, ast.Constant) and type(given.value) in (int, float)
    return str(ast.literal_eval(given)) if given and is_number else None


def _text(node: ast.AST | None) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else None  # type: ignore[union-attr, return-value]
