"""What a training would learn from, before it is started; computed in the room for bounded work."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations.access import permissions
from operations.access.permissions import Permission
from operations.bounded.errors import NoAnswer, OverLimit
from operations.bounded.visit import Visit
from training.bounded_work import PREVIEW, ROOM
from training.errors import PreviewFailed
from training.launch.start import StartRequest, check_request


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the split."""

    name: str
    samples: int
    first: str
    """Open of the first sample's bar, UTC."""
    last: str
    balance: Mapping[str, int]
    """Samples by class; empty for a regression."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    rows: int
    """Bars of all symbols on which every feature has settled; not every row is a sample."""
    symbols: tuple[str, ...]
    feature_ids: tuple[str, ...]
    sequence_length: int
    """Rows that the network sees at once."""
    parts: tuple[Part, ...]
    symbol_samples: Mapping[str, Mapping[str, int]]
    """By symbol, then part."""
    outside_range: Mapping[str, Mapping[str, Mapping[str, float]]]
    """Shares of rows outside the training rows' range: by symbol, raw input and later part."""
    warnings: tuple[str, ...]
    subject: str
    """What was previewed, as `subject_of` names it."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Preview":
        """From what `asdict` and JSON made of one."""
        lists = {name: tuple(data[name]) for name in ("symbols", "feature_ids", "warnings")}
        return cls(**{**data, **lists, "parts": tuple(Part(**part) for part in data["parts"])})


def run_preview(
    request: StartRequest, *, user: AbstractBaseUser | AnonymousUser, visit: Visit | None = None
) -> Preview:
    """Prepare the request's features, which its worker on this machine then finds in the cache.

    Of one user's previews the newest counts: it ends the one before.

    Raises `NotPermitted`, as `check_request`, as `Room.run`, and `PreviewFailed`: it would take too
    much or, `PreviewRefused`, the data do not fit.
    """
    permissions.require(user, Permission.START)
    check_request(request)
    try:
        found = ROOM.run(
            PREVIEW, {"request": asdict(request)}, user=user.pk, visit=visit or Visit()
        )
    except OverLimit as error:
        raise PreviewFailed(
            reason=f"The preview was stopped, for {error.reason}, at this step: {error.step}. The "
            "training can be started all the same: a worker takes its time."
        ) from error
    except NoAnswer as error:
        raise PreviewFailed(
            reason="The preview ended without a result; the site's log says why."
        ) from error
    return Preview.from_json(found)
