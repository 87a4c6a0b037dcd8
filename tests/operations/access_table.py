"""Every address of the site, and what it takes to be let in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from operations.access.permissions import Permission

API = "api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
OWNED = ("operation_id", "checkpoint_id", "model_id", "upload_id")
OUTSIDE = ("admin/", "metrics", "favicon.ico", "login/", "logout/")
"""Django's own admin, what probes and browsers ask by themselves, and the way in and out."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    method: str
    path: str
    permission: Permission | None = None
    """Acts, and needs this."""
    staff_only: bool = False

    @property
    def acts(self) -> bool:
        return self.permission is not None

    @property
    def is_owned(self) -> bool:
        """Whether it is about something that belongs to somebody."""
        return any(f"{{{name}}}" in self.path for name in OWNED)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def reads(*paths: str, **needs: Any) -> list[Endpoint]:
    return [Endpoint(method="GET", path=path, **needs) for path in paths]


def posts(*paths: str, permission: Permission, **needs: Any) -> list[Endpoint]:
    return [Endpoint(method="POST", path=path, permission=permission, **needs) for path in paths]


ONE, CHECKPOINT, MODEL, UPLOAD = (
    "operations/{operation_id}",
    "checkpoints/{checkpoint_id}",
    "models/{model_id}",
    "uploads/{upload_id}",
)

SERIES = "data/{symbol}/{timeframe}"

ENDPOINTS = [
    *reads("schema", "workers", "operations", "checkpoints", "models", "data", "data/{symbol}"),
    *reads(SERIES, f"{SERIES}/bars", f"{SERIES}/imports"),
    *posts(f"{SERIES}/undo", permission=Permission.DELETE_DATA),
    Endpoint(method="DELETE", path=SERIES, permission=Permission.DELETE_DATA),
    *reads("strategies", "strategies/{name}"),
    Endpoint(method="POST", path="strategies/validate"),  # acts on nothing
    *reads(ONE, f"{ONE}/attempts", f"{ONE}/checkpoints", f"{ONE}/metrics", f"{ONE}/events"),
    *reads(f"{ONE}/logs", f"{ONE}/results"),
    *posts(
        "training/start",
        "training/sweep",
        "training/walk-forward",
        "training/cross-validation",
        permission=Permission.START,
    ),
    *posts(f"{ONE}/restart", f"{ONE}/describe", permission=Permission.START),
    *posts(
        f"{ONE}/extend",
        f"{ONE}/extend-walk-forward",
        f"{ONE}/fork",
        f"{ONE}/open-test",
        permission=Permission.START,
    ),
    *posts(f"{ONE}/cancel", permission=Permission.CANCEL),
    Endpoint(method="DELETE", path=ONE, permission=Permission.CANCEL),
    *posts(f"{ONE}/resume", permission=Permission.RESUME),
    *reads(CHECKPOINT, f"{CHECKPOINT}/artifacts/{{name}}"),
    *posts(f"{CHECKPOINT}/verify", permission=Permission.MANAGE_CHECKPOINTS),
    Endpoint(method="DELETE", path=CHECKPOINT, permission=Permission.MANAGE_CHECKPOINTS),
    *reads("checkpoints/stats", "ledger", staff_only=True),
    *posts("checkpoints/cleanup", permission=Permission.MANAGE_CHECKPOINTS, staff_only=True),
    *reads(MODEL, f"{MODEL}/download", f"{MODEL}/predict", f"{MODEL}/explain"),
    *reads(f"{MODEL}/importance", f"{MODEL}/sets"),
    *posts(f"{MODEL}/importance", permission=Permission.START),
    *reads(f"{MODEL}/rules"),
    *reads(*(f"{MODEL}/{it}" for it in ("equity", "trades", "features", "memberships"))),
    *reads("uploads", UPLOAD),
    *posts("uploads", f"{UPLOAD}/preview", f"{UPLOAD}/import", permission=Permission.ADD_DATA),
    Endpoint(method="DELETE", path=UPLOAD, permission=Permission.ADD_DATA),
]


def routes() -> set[tuple[str, str]]:
    """Method and path, as `Endpoint` has them, of all that needs somebody to be signed in."""
    return {
        (method.upper(), path)
        for path, view in _views(get_resolver().url_patterns, "")
        if path and not path.startswith(OUTSIDE)
        for method in METHODS
        if hasattr(view, method)
    }


def _views(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = before + PARAMETER.sub(r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield path, _view_class(pattern.callback)
        else:
            yield from _views(pattern.url_patterns, path)


def _view_class(callback: Any) -> Any:
    return getattr(callback, "cls", None) or getattr(callback, "view_class", None)
