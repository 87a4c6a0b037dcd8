"""What nobody may ask for, unless the site does it by itself."""

import pytest
from pytest_django import Settings

from training.errors import StartInvalid
from training.launch.start import CheckpointSettings, StartRequest, check_request


@pytest.fixture(autouse=True)
def usual(settings: Settings) -> None:
    settings.KTRDR_MAX_RESTARTS_CAP = 100
    settings.KTRDR_CHECKPOINT_KEEP_CAP = 20
    settings.KTRDR_CHECKPOINT_SECONDS_FLOOR = 1.0


def asked(*, max_restarts: int | None = None, **checkpoint: float) -> list[str]:
    """Pointers of the refusal."""
    request = StartRequest(
        strategy="sp500_daily",
        max_restarts=max_restarts,
        checkpoint=CheckpointSettings(**checkpoint),  # type: ignore[arg-type]
    )
    try:
        check_request(request)
    except StartInvalid as refused:
        return [fault["pointer"] for fault in refused.errors]
    return []


def test_what_is_within_the_limits_is_accepted() -> None:
    assert asked(max_restarts=100, keep=20, every_seconds=1.0) == []


def test_what_is_beyond_them_is_named() -> None:
    places = ["#/max_restarts", "#/checkpoint/every_seconds", "#/checkpoint/keep"]
    assert asked(max_restarts=101, keep=21, every_seconds=1e-300) == places
    assert asked(every_seconds=float("nan")) == places[1:2]


def test_what_the_site_does_by_default_may_be_asked_for(settings: Settings) -> None:
    settings.KTRDR_MAX_RESTARTS = 500
    settings.KTRDR_CHECKPOINT_KEEP = 30
    settings.KTRDR_CHECKPOINT_TIME_INTERVAL_SECONDS = 0.5
    assert asked(max_restarts=500, keep=30, every_seconds=0.5) == []
