"""Answers with a million operations and ten million events behind them, beside a thousand.

    python -m tests.benchmarks.bench_web [--operations N] [--database postgresql|sqlite]

Whole requests through Django, in this process: middleware, authentication, queries, JSON or HTML;
no network. Two processes, each with a database of its own, are in turns asked the same questions.
A page's first reading, from a cold disk, is not measured. On both databases, unless one is named.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.figures import Figure, machine, medians, table
from tests.benchmarks.site import benchmark_site

MOST_MILLISECONDS = 50.0
ROUNDS = 15
FEW = 1_000
API = "/api/v1/operations"
READY = "ready"
DATABASES = ("postgresql", "sqlite")
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


PROMISED = ("list", "detail", "dashboard: list", "dashboard: operation")
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


def look(history: Any) -> Callable[[], dict[str, float]]:
    """A round: milliseconds of every question and act, once each."""
    from django.contrib.auth.models import User
    from django.test import Client

    asked = readers(history)
    operator = Client()
    operator.force_login(User.objects.create_superuser("operator"))

    def one_round() -> dict[str, float]:
        reads = {name: ask(client, address) for name, (client, address) in asked.items()}
        return reads | {
            "cancel, unclaimed": _post(operator, _waiting(), "cancel"),
            "cancel, running": _post(operator, _running(), "cancel"),
            "resume": _post(operator, _stopped(), "resume"),
        }

    return one_round


def serve(operations: int, *, on_sqlite: bool) -> None:
    """In a process of its own: a round for each line that comes in."""
    os.environ |= UNLIMITED
    with benchmark_site(on_sqlite=on_sqlite, valkey=True):
        logging.disable(logging.WARNING)
        from tests.benchmarks.million import fill

        one_round = look(fill(operations=operations))
        one_round()  # what every process does once
        print(READY, flush=True)
        for _ in sys.stdin:
            print(json.dumps(one_round()), flush=True)


class Site:
    """A process that answers rounds of questions about so long a history."""

    def __init__(self, operations: int, database: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.bench_web", "--serve", str(operations)]
        self._process = subprocess.Popen(
            [*command, "--database", database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say_until(READY)

    def one_round(self) -> dict[str, float]:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        measured: dict[str, float] = json.loads(self._say_until("{"))
        return measured

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _say_until(self, beginning: str) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(beginning):
                return line
        raise RuntimeError("the benchmark's site has ended")


def run(operations: int, database: str) -> list[Figure]:
    sites = {"few": Site(FEW, database), "many": Site(operations, database)}
    rounds: dict[str, list[dict[str, float]]] = {"few": [], "many": []}
    for _ in range(ROUNDS):
        for name, site in sites.items():
            rounds[name].append(site.one_round())
    for site in sites.values():
        site.close()
    few, many = _by_question(rounds["few"]), _by_question(rounds["many"])
    return [_figure(name, many[name], few[name], database) for name in many]


def _by_question(rounds: list[dict[str, float]]) -> dict[str, float]:
    return medians({name: [one[name] for one in rounds] for name in rounds[0]})


def _figure(name: str, many: float, few: float, database: str) -> Figure:
    return Figure(
        name=f"{database}: {name}",
        value=many,
        unit="ms",
        reference=f"{FEW:,} operations",
        reference_value=few,
        at_most=MOST_MILLISECONDS if name in PROMISED else None,
    )


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve, on_sqlite=options.database == "sqlite")
        return []
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    figures: list[Figure] = []
    for database in [options.database] if options.database else DATABASES:
        answered = run(options.operations, database)
        print(*table(f"Web on {database}, {options.operations:,} operations", answered), sep="\n")
        figures += answered
    return figures


if __name__ == "__main__":
    main()
