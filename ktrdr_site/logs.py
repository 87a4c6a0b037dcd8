"""How a log line looks: one JSON object for a machine, or a line for a person."""

import copy
import json
import logging
from datetime import UTC, datetime
from typing import Any

from operations import log_context
from operations.text import printable, without_login

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
MOST_CHARACTERS = 500
"""Of a line that anybody on the network may have written, as often as they like."""


class JsonFormatter(logging.Formatter):
    """RFC 8259, on one line: time, level, logger, message, and what the line is about."""

    def format(self, record: logging.LogRecord) -> str:
        record = _shown(record)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
            **log_context.fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return _fit(json.dumps(line, ensure_ascii=False, default=str))


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _fit(super().format(_shown(record)))


def _shown(record: logging.LogRecord) -> logging.LogRecord:
    """Of what a client did wrong one line, however long it is and wherever it was found."""
    if not _is_clients_fault(record):
        return record
    line = copy.copy(record)
    line.msg, line.args = record.getMessage().partition("\n")[0][:MOST_CHARACTERS], ()
    line.exc_info = line.exc_text = line.stack_info = None
    if line.levelno > logging.WARNING:
        line.levelno, line.levelname = logging.WARNING, "WARNING"
    return line


def _is_clients_fault(record: logging.LogRecord) -> bool:
    """As the status of the answer says; without one, whether bytes came that are not HTTP."""
    if (status := getattr(record, "status_code", None)) is not None:
        return bool(status < 500)
    kind = record.exc_info[0] if record.exc_info else None
    return kind is not None and kind.__module__.startswith("h11.")


def _fit(line: str) -> str:
    """For a terminal and for whoever reads a log: text, and no user of a database."""
    return without_login(printable(line))


def log_settings(*, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING. uvicorn's loggers lose their own handlers: all lines look alike."""
    own = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": "ktrdr_site.logs.TextFormatter", "format": TEXT},
            "json": {"()": "ktrdr_site.logs.JsonFormatter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "text",
            }
        },
        "loggers": {"uvicorn": own, "uvicorn.access": own, "uvicorn.error": own},
        "root": {"handlers": ["console"], "level": "INFO"},
    }
