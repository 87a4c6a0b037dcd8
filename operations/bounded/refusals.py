"""A domain error on its way from one process to another, as plain JSON."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.module_loading import import_string

from operations.errors import DomainError


def as_json(error: DomainError) -> dict[str, Any]:
    kind = type(error)
    return {
        "kind": f"{kind.__module__}.{kind.__qualname__}",
        "message": str(error),
        "details": json.loads(json.dumps(error.details, default=str)),
        "errors": error.errors,
    }


def from_json(told: Mapping[str, Any]) -> DomainError:
    """An error of the same kind, with the same words, details and faults."""
    kind = import_string(told["kind"])
    if not issubclass(kind, DomainError):
        raise TypeError(f"{told['kind']} is no domain error")
    error: DomainError = kind.__new__(kind)
    error.args = (told["message"],)
    error.details, error.errors = told["details"], told["errors"]
    return error
