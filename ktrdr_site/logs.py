"""How a log line looks: one JSON object for a machine, or a line for a person."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from operations import log_context
from operations.text import printable, without_login

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class JsonFormatter(logging.Formatter):
    """RFC 8259, on one line: time, level, logger, message, and what the line is about."""

    def format(self, record: logging.LogRecord) -> str:
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
        return _fit(super().format(record))


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
