"""Starts trainings as a script does: over HTTP, again and again until there is an answer."""

import json
import secrets
import socket
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model

from operations.access import tokens
from operations.access.tokens import Scope
from tests.acceptance.trainings import LASTING

TIMEOUT_SECONDS = 3.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(kw_only=True)
class Front:
    """The site's front door, while its web process is killed over and over."""

    port: int = field(default_factory=free_port)
    unanswered: dict[str, dict[str, object]] = field(default_factory=dict)
    """Requests by idempotency key: sent perhaps, and perhaps even carried out."""

    def __post_init__(self) -> None:
        user = get_user_model()._default_manager.create(username="chaos", is_staff=True)
        _, self._token = tokens.issue(user, scope=Scope.OPERATE)

    def order(self, *, epochs: int, seed: int) -> None:
        self.unanswered[secrets.token_hex(8)] = {
            "strategy_yaml": LASTING,
            "epochs": epochs,
            "seed": seed,
            "checkpoint": {"every_epochs": 2},
            "max_restarts": 1_000,
        }

    def answers(self) -> dict[str, int]:
        """Ask for everything once more; what was started by now, by operation id, with its seed."""
        started = {}
        for key, body in list(self.unanswered.items()):
            operation_id = self._ask(key, body)
            if operation_id is None:
                break
            del self.unanswered[key]
            started[operation_id] = int(str(body["seed"]))
        return started

    def _ask(self, key: str, body: dict[str, object]) -> str | None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/training/start",
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return str(json.load(answer)["data"]["operation_id"])
        except (OSError, ValueError):  # killed, starting, or without its database
            return None
