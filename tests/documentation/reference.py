"""docs/REFERENCE.md: commands, endpoints, events, error codes and metrics, as the code has them."""

import json
import re
from argparse import Action
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from checkpoints.models import CheckpointType
from ktrdr_site.command.words import NOT_HERE, WORDS
from operations.api.openapi.problems import ALWAYS, WITH_BODY, WITH_INPUT, WITH_PATH
from operations.management.base import EPILOG
from operations.models import EventType, Outcome, Status
from operations.monitoring.measures import FAMILIES
from tests.documentation import sources
from tests.documentation.table import table
from tests.running.stack import PROJECT
from training.trained.notes import NoteCode

REFERENCE = PROJECT / "docs" / "REFERENCE.md"
ARCHITECTURE = PROJECT / "docs" / "ARCHITECTURE.md"
HEAD = """# Reference

Written from the code by `make reference`; a test compares it. Settings are in the
[SETTINGS.md](SETTINGS.md), strategies in the [strategy reference](STRATEGY_REFERENCE.md), the API
with every shape in `openapi.json`, which `/api/v1/docs` shows.
"""
UNEXPECTED = {
    "unexpected_error": "Any other error in a training; its traceback is on the attempt.",
    "worker_lost": "The worker died and the restart budget is spent. Resume it when you know why.",
}
"""Codes of failed operations that no domain error has."""
SELDOM = {
    405: {"method_not_allowed": f"{HTTPStatus(405).description}."},
    500: {"server_error": "The server failed. What happened is in its log."},
}


def reference() -> str:
    sections = {
        "ktrdr": _words(),
        "Commands": _commands(),
        "Endpoints": _endpoints(),
        "Statuses": _values(Status),
        "Outcomes of an attempt": _values(Outcome),
        "Types of checkpoints": _values(CheckpointType),
        "Events": _values(EventType),
        "Notes of predictions": _values(NoteCode),
        "Error codes": _error_codes(),
        "Metrics": table(("name at `/metrics`", ""), [(f"`{it[0]}`", it[1]) for it in FAMILIES]),
    }
    told = [f"## {title}\n\n{text.strip()}\n" for title, text in sections.items()]
    return "\n".join([HEAD, *told])


def _words() -> str:
    """Each with its command; then those that are none of `ktrdr`'s."""
    rows = [
        (f"`ktrdr {word.typed}`", f"[{word.command}](#{word.command})", word.about)
        for word in WORDS.values()
    ]
    left_out = [(f"[{name}](#{name})", reason) for name, reason in NOT_HERE.items()]
    return (
        "`./ktrdr` in the checkout, and `.venv/bin/ktrdr`. Each word is a command of `manage.py`, "
        "with the same arguments and exit codes and without Django's own options.\n\n"
        + table(("typed", "command", ""), rows)
        + "\n\nOf the others each has its reason:\n\n"
        + table(("command", "why it has no word"), left_out)
    )


def _commands() -> str:
    parts = [f"`python manage.py …`. {EPILOG} The usual options of Django are left out."]
    for name, parser in sources.commands().items():
        help_text = " ".join((parser.description or "").split())
        rows = [(_spelled(action), _cell(action.help or "")) for action in own(parser)]
        arguments = table(("argument", ""), rows) if rows else ""
        parts.append(f"### {name}\n\n{help_text}\n\n{arguments}")
    return "\n\n".join(part.strip() for part in parts)


def own(parser: CommandParser) -> Iterable[Action]:
    usual = BaseCommand().create_parser("manage.py", "usual")
    known = {option for action in usual._actions for option in action.option_strings}
    return [action for action in parser._actions if not known & set(action.option_strings)]


def _spelled(action: Action) -> str:
    name = max(action.option_strings, key=len, default=action.dest.upper())
    takes = "" if action.nargs == 0 or not action.option_strings else f" {_value_of(action)}"
    return f"`{name}{takes}`".replace("|", "\\|")


def _value_of(action: Action) -> str:
    if action.choices:
        return ", ".join(str(choice) for choice in action.choices)
    given = action.metavar or action.dest.upper()
    return given if isinstance(given, str) else " ".join(given)


def _endpoints() -> str:
    document: dict[str, Any] = json.loads(settings.API_DESCRIPTION.read_text())
    rows = [
        (f"`{method.upper()} {path.removeprefix('/api/v1/')}`", operation["summary"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    beside = [("`GET docs`", "A page that shows the description, to read and to try out")]
    return "Under `/api/v1/`.\n\n" + table(("method and path", ""), sorted([*rows, *beside]))


def _values(enum: Any) -> str:
    return table(("", ""), [(f"`{value}`", text) for value, text in sources.members(enum).items()])


def _error_codes() -> str:
    told = {(code, ""): text for code, text in UNEXPECTED.items()}
    for known in (ALWAYS, WITH_INPUT, WITH_BODY, WITH_PATH, SELDOM):
        for status, codes in known.items():
            told |= {(code, str(status)): text for code, text in codes.items()}
    ours: dict[tuple[str, str], list[str]] = {}
    for error in sources.domain_errors():
        messages = ours.setdefault((error.code, str(error.status)), [])
        messages.append(_message(error.__doc__ or ""))
    told = {key: " Or: ".join(messages) for key, messages in ours.items()} | told
    rows = [(f"`{code}`", status, _cell(text)) for (code, status), text in sorted(told.items())]
    return "Of a problem (HTTP), of an operation that failed, and of a command.\n\n" + table(
        ("code", "HTTP", "message"), rows
    )


def _message(docstring: str) -> str:
    text = " ".join(docstring.split())
    return re.sub(r"(?<!{){\w+}(?!})", "…", text).replace("{{", "{").replace("}}", "}")


def _cell(text: str) -> str:
    return " ".join(text.replace("%%", "%").replace("|", "\\|").split())
