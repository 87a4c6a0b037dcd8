"""A site as it is installed: `manage.py serve`, a worker that trains, a sweeper, two users."""

import socket
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from operations.access import tokens
from operations.access.tokens import Scope
from operations.models import Operation
from tests.acceptance import trainings
from tests.running.stack import Stack, wait_until
from tests.running.web import HOST, free_port
from tests.training.jobs import large_models
from tests.training.jobs.scenes import LSTM, trained
from training.strategy import find_strategy

AS_INSTALLED = {
    "KTRDR_API_REQUESTS_PER_MINUTE": "1200",
    "KTRDR_API_ACTIONS_PER_MINUTE": "300",
    "KTRDR_FAILED_LOGINS_PER_MINUTE": "10",
    "KTRDR_FAILED_LOGINS_PER_ADDRESS": "50",
    "KTRDR_LEASE_SECONDS": "30",
}
"""Which the tests otherwise lift, or shorten."""
PACE = {"KTRDR_HEARTBEAT_SECONDS": "1"}
"""Five times as often as installed: more of them come while it is watched."""
LONG = 50_000
"""Epochs: it trains until the test ends."""
LOST = {"worker_lost", "interrupted", "checkpoint_failed", "failed"}


@dataclass(kw_only=True)
class LoadedSite:
    stack: Stack
    has_large_model: bool
    large_model: int = field(init=False)
    """The operator's LSTM that looks 1000 bars back, with 256 units; if it is wanted."""
    port: int = field(default_factory=free_port)
    cookies: dict[str, str] = field(init=False)
    """Of the sessions of a `viewer`, who has no permission, and of an `operator`."""
    tokens: dict[str, dict[str, str]] = field(init=False)
    """Headers that they send to the API."""
    strategy_text: str = field(default_factory=lambda: find_strategy("sp500_daily").text)

    def __post_init__(self) -> None:
        users = {name: User.objects.create_user(name) for name in ("viewer", "operator")}
        users["viewer"].groups.clear()
        self.cookies = {name: _session_of(user) for name, user in users.items()}
        self.tokens = {name: _headers_of(user) for name, user in users.items()}
        if self.has_large_model:  # before there is a sweeper, which would miss its heartbeats
            self.large_model = _large_model(users["operator"])
        self.stack.start("web", "serve", "--port", str(self.port), **AS_INSTALLED, **PACE)
        self.stack.worker(**AS_INSTALLED, **PACE)
        self.stack.sweeper(**AS_INSTALLED, **PACE)
        self.operation = trainings.start(epochs=LONG, every_epochs=50)
        Operation.objects.filter(pk=self.operation.pk).update(owner=users["operator"])
        wait_until(self._answers, 60)
        trainings.wait_for_epoch(self.operation, 2)

    def lost(self) -> set[str]:
        """What says that the training was disturbed."""
        operation = trainings.now(self.operation)
        found = LOST & set(trainings.events_of(operation))
        return found if operation.attempt == 1 else {f"attempt {operation.attempt}", *found}

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0


def _large_model(owner: User) -> int:
    model = large_models.owned(trained(LSTM), owner)
    large_models.grow(model, hidden=256, length=1000)
    return int(model.pk)


def _session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def _headers_of(user: User) -> dict[str, str]:
    _, secret = tokens.issue(user, scope=Scope.OPERATE)
    return {"Authorization": f"Bearer {secret}"}
