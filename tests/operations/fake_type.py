"""A kind of operation without a training: `operations` knows a kind by its dotted paths only."""

from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from pytest_django.fixtures import Settings

from operations.errors import DomainError
from operations.models import Operation
from operations.resume_options import ResumeOptions
from training.launch.resume_options import TrainingResumeOptions

OPERATION_TYPES = {
    "fake": {
        "job": "tests.operations.fake_type.run",
        "queue_for": "tests.operations.fake_type.queue_for",
        "check_resume": "tests.operations.fake_type.check_resume",
        "resume_options": "training.launch.resume_options.TrainingResumeOptions",
        "restart_request": "tests.operations.fake_type.restart_request",
        "presentation": "training.presentation.TRAINING",
    }
}
"""It is shown and resumed as a training: what is shown of trainings needs none."""

PLAIN = {
    "fake": {
        "job": "tests.operations.fake_type.run",
        "queue_for": "tests.operations.fake_type.queue_for",
        "check_resume": "tests.operations.fake_type.check_plain_resume",
        "restart_request": "tests.operations.fake_type.restart_request",
    }
}
"""A kind that brings nothing of its own to show, and lets nobody decide anything."""

PATIENT = {
    "KTRDR_LEASE_SECONDS": 600.0,
    "KTRDR_HEARTBEAT_SECONDS": 5.0,
    "KTRDR_SWEEP_INTERVAL_SECONDS": 60.0,
}

QUEUE = "training"


class FakeDataChanged(DomainError):
    """The data of operation {operation_id} have changed."""

    code = "data_changed"
    status = 409


def run(operation_id: str, attempt: int) -> None:
    """The job that rings name; no worker runs here."""


def queue_for(request: dict[str, Any]) -> str:
    return str(request.get("queue", QUEUE))


def restart_request(operation: Operation, *, owner: AbstractBaseUser | None) -> dict[str, Any]:
    return dict(operation.request)


def check_plain_resume(operation: Operation, options: ResumeOptions) -> dict[str, Any]:
    return dict(operation.request)


def check_resume(operation: Operation, options: TrainingResumeOptions) -> dict[str, Any]:
    request: dict[str, Any] = dict(operation.request)
    if request.get("data_changed") and not options.accept_changed_data:
        raise FakeDataChanged(operation_id=operation.pk)
    return request | ({"device": options.device} if options.device else {})


@pytest.fixture
def fake_type(settings: Settings) -> None:
    """Operations of the type `fake`, which need no training, and leases that no slow test outlives:
    `scenes.expire_lease` ends them."""
    settings.OPERATION_TYPES = OPERATION_TYPES
    for name, seconds in PATIENT.items():
        setattr(settings, name, seconds)
