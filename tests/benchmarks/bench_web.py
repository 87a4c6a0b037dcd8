"""Answers with a million operations and ten million events behind them, beside a thousand.

    python -m tests.benchmarks.bench_web [--operations N] [--database postgresql|sqlite]

Whole requests through Django, in this process: middleware, authentication, queries, JSON or HTML;
no network. The two histories are in turns asked the same questions. A page's first reading, from
a cold disk, is not measured.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.benchmarks.figures import Figure, interleaved, medians
from tests.benchmarks.site import benchmark_site

MOST_MILLISECONDS = 50.0
ROUNDS = 15
FEW = 1_000
API = "/api/v1/operations"
UNLIMITED = {"KTRDR_API_REQUESTS_PER_MINUTE": "0", "KTRDR_API_ACTIONS_PER_MINUTE": "0"}


def questions(history: Any) -> dict[str, str]:
    """Addresses by what a reader wants to see; of an operation in the middle of the history."""
    middle = history.operation_id(history.operations // 2 // 1000 * 1000 + 900)
    return {
        "list": API,
        "list, 200 rows": f"{API}?page_size=200",
        "list, oldest first": f"{API}?ordering=created_at",
        "list of the cancelled": f"{API}?status=cancelled",
        "list of the running": f"{API}?status=running",
        "list of the pending (none)": f"{API}?status=pending",
        "list of the active": f"{API}?active=true",
        "list of the inactive": f"{API}?active=false",
        "list of the resumable": f"{API}?resumable=true",
        "list of the not resumable": f"{API}?resumable=false",
        "list of another type (none)": f"{API}?operation_type=backtest",
        "search: an id's beginning": f"{API}?search={middle[:-2]}",
        "search: a common word": f"{API}?search=momentum",
        "search: one name": f"{API}?search=reversal+{history.operations // 2 + 1}",
        "search: nothing like it": f"{API}?search=nothinglikeit",
        "search: two letters": f"{API}?search=zq",
        "search among the failed": f"{API}?status=failed&search=pairs",
        "detail": f"{API}/{middle}",
        "events": f"{API}/{middle}/events",
        "attempts": f"{API}/{middle}/attempts",
        "checkpoints": f"{API}/{middle}/checkpoints",
        "workers": "/api/v1/workers",
        "checkpoints older than 30 days": "/api/v1/checkpoints?older_than_days=30",
        "dashboard: list": "/operations/",
        "dashboard: the failed": "/operations/?status=failed",
        "dashboard: search": "/operations/?search=momentum",
        "dashboard: operation": f"/operations/{middle}/",
        "admin: operations": "/admin/operations/operation/",
        "admin: the failed": "/admin/operations/operation/?status__exact=failed",
        "admin: search": "/admin/operations/operation/?q=momentum",
        "admin: operation": f"/admin/operations/operation/{middle}/change/",
        "admin: events": "/admin/operations/event/",
        "admin: attempts": "/admin/operations/attempt/",
        "admin: checkpoints": "/admin/checkpoints/checkpoint/",
    }


OWN = ("list", "list of the cancelled", "list of the resumable", "search: a common word")
"""Asked by a user who is not staff, too: one of 200 owns 5,000 of a million."""


def ask(client: Any, address: str) -> float:
    """Milliseconds to the whole answer."""
    begun = time.perf_counter()
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code} {answer.content[:500]!r}")
    return (time.perf_counter() - begun) * 1000


def readers(history: Any) -> dict[str, tuple[Any, str]]:
    """Each question with who asks it."""
    from django.contrib.auth.models import User
    from django.test import Client

    staff, owner = Client(), Client()
    staff.force_login(User.objects.create_superuser("staff"))
    owner.force_login(history.users[history.operations % len(history.users)])
    asked = questions(history)
    by_staff = {name: (staff, address) for name, address in asked.items()}
    return by_staff | {f"{name}, as an owner": (owner, asked[name]) for name in OWN}


def measure_reads(history: Any) -> dict[str, float]:
    """Median milliseconds by question."""
    asked = readers(history)
    ways = {name: _asking(client, address) for name, (client, address) in asked.items()}
    interleaved(ways, rounds=1)
    return medians(interleaved(ways, rounds=ROUNDS))


def _asking(client: Any, address: str) -> Callable[[], float]:
    return lambda: ask(client, address)


def measure_acts() -> dict[str, float]:
    """Median milliseconds of cancels and a resume, of operations that the product made."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return medians(
        interleaved(
            {
                "cancel, unclaimed": lambda: _post(client, _waiting(), "cancel"),
                "cancel, running": lambda: _post(client, _running(), "cancel"),
                "resume": lambda: _post(client, _stopped(), "resume"),
            },
            rounds=ROUNDS,
        )
    )


def _post(client: Any, operation_id: str, act: str) -> float:
    begun = time.perf_counter()
    answer = client.post(f"{API}/{operation_id}/{act}", {}, content_type="application/json")
    if answer.status_code >= 400:
        raise RuntimeError(f"{act}: {answer.status_code} {answer.content[:500]!r}")
    return (time.perf_counter() - begun) * 1000


def _waiting() -> str:
    from tests.acceptance import trainings

    return str(trainings.start().pk)


def _running() -> str:
    from operations import lifecycle

    operation_id = _waiting()
    assert lifecycle.claim(operation_id, 1, worker="w", device="cpu", token="t")
    return operation_id


def _stopped() -> str:
    """Cancelled by its worker, with a checkpoint of 40 kB."""
    from checkpoints import store
    from operations import lifecycle

    operation_id = _running()
    artifacts = {"model.pt": bytes(10_000), "optimizer.pt": bytes(30_000)}
    staged = store.stage(
        operation_id=operation_id,
        attempt=1,
        epoch=9,
        batch=0,
        checkpoint_type="cancellation",
        artifacts=artifacts,
    )
    with lifecycle.fenced(operation_id, 1):
        store.commit(staged, keep=2)
    assert lifecycle.request_cancel(operation_id) and lifecycle.cancel(operation_id, 1)
    return operation_id


@contextmanager
def filled(operations: int, *, on_sqlite: bool) -> Iterator[Any]:
    """A site with so long a history."""
    with benchmark_site(on_sqlite=on_sqlite, valkey=True):
        from tests.benchmarks.million import fill

        yield fill(operations=operations)


def measure(operations: int, *, on_sqlite: bool) -> dict[str, float]:
    with filled(operations, on_sqlite=on_sqlite) as history:
        return measure_reads(history) | measure_acts()


def figures(many: Mapping[str, float], few: Mapping[str, float]) -> list[Figure]:
    return [
        Figure(
            name=name,
            value=value,
            unit="ms",
            reference=f"{FEW:,} operations",
            reference_value=few[name],
            at_most=MOST_MILLISECONDS,
        )
        for name, value in many.items()
    ]
