"""Lists of a million operations, sorted by each column, with each filter and with several.

    python -m tests.benchmarks.bench_lists [--operations N] [--database postgresql|sqlite]

Whole requests of `GET operations` through Django, in this process, 50 rows each. 85 % have
completed and have a model; each has a strategy of 50, a symbol of 20 and one that half of them
have, a timeframe of 5, a network of 4, a seed of 100, and every hundredth a tag. All are
independent of each other and of the figures, except for what is asked of `FAR`. A page's first
reading, from a cold disk, is not measured.
"""

import argparse
import logging
import os
from collections.abc import Iterator
from itertools import combinations
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.bench_web import DATABASES, UNLIMITED, ask
from tests.benchmarks.figures import Figure, machine, medians, table
from tests.benchmarks.site import benchmark_site

ONE_MILLISECONDS = 50.0
MORE_MILLISECONDS = 200.0
ROUNDS = 3
FIGURES = ("net_return", "sharpe", "max_drawdown", "accuracy", "val_loss")
PRIMES = (7919, 104_729, 15_485_863, 32_452_843, 49_979_687, 67_867_967, 86_028_121, 982_451_653)

FILTERS: dict[str, dict[str, str]] = {
    "a common symbol": {"symbol": "COMMON"},
    "a symbol": {"symbol": "S7"},
    "a strategy": {"strategy": "strategy-7"},
    "a timeframe": {"timeframe": "T3"},
    "a network": {"network": "N2"},
    "a seed": {"seed": "77"},
    "an owner": {"owner": "user-7"},
    "a tag": {"tag": "tag-3"},
    "a status": {"status": "completed"},
    "the failed": {"status": "failed"},
    "a day": {"since": "day"},
    "the older half": {"until": "half"},
}
FAR: dict[str, tuple[str, dict[str, str]]] = {
    "a symbol of the old ones": ("-created_at", {"symbol": "OLD"}),
    "a symbol of the worst": ("-net_return", {"symbol": "WORST"}),
    "an owner of the worst": ("-net_return", {"owner": "user-0"}),
    "the older half of what becomes more": ("-best_epoch", {"until": "half"}),
    "a tag and a symbol that meet at the end": ("-net_return", {"tag": "P", "symbol": "Q"}),
    "a symbol of the worst, of the old ones": ("-net_return", {"symbol": "WORST", "until": "half"}),
    "an owner of the worst and a tag": ("-net_return", {"owner": "user-0", "tag": "P"}),
    "the failed of a symbol that fails last": (
        "-created_at",
        {"symbol": "OLD", "status": "failed"},
    ),
}
"""Where what fits stands at the far end of an order."""


def _of(number: int, choices: int) -> str:
    """One of so many, of row `i`, independent of those of other numbers."""
    return f"((i * CAST({PRIMES[number]} AS bigint) % 1000003) * 31 % 1000003 % {choices})"


def _share(number: int) -> str:
    """From -0.5 to 0.5."""
    return f"((i * CAST({PRIMES[number]} AS bigint) % 1000003) * 17 % 1000003 / 1000003.0 - 0.5)"


LABELS = "".join(
    f"""
INSERT INTO training_label (operation_id, kind, value)
$series
SELECT $id, '{kind}', {value} FROM series WHERE {where};"""
    for kind, value, where in (
        ("symbol", f"'S' || {_of(0, 20)}", "TRUE"),
        ("symbol", "'COMMON'", f"{_of(1, 2)} = 0"),
        ("strategy", f"'strategy-' || {_of(2, 50)}", "TRUE"),
        ("timeframe", f"'T' || {_of(3, 5)}", "TRUE"),
        ("network", f"'N' || {_of(4, 4)}", "TRUE"),
        ("seed", _of(5, 100).join(("CAST(", " AS varchar(9))")), "TRUE"),
        ("tag", f"'tag-' || {_of(6, 5)}", f"{_of(7, 100)} = 0"),
        ("symbol", "'OLD'", "i < $total * 2 / 5"),
        ("symbol", "'WORST'", f"{_share(0)} < -0.1"),
        ("tag", "'P'", f"{_share(0)} > 0.1 OR {_share(0)} < -0.4"),
        ("symbol", "'Q'", f"{_share(0)} BETWEEN -0.1 AND 0.1 OR {_share(0)} < -0.4"),
    )
).split(";")[:-1]

CURVE = "0" * 3000
"""As long as a short evaluation is."""

MODELS = f"""
INSERT INTO training_trainedmodel (
    id, operation_id, name, created_at, size_bytes, weights_sha256, evaluation, strategy,
    test_first_time, best_epoch, strategy_name, network, {", ".join(FIGURES)})
$series
SELECT i, $id, $word || ' ' || i, $moment, 40000, '', '{{"metrics": {{}}, "curve": "{CURVE}"}}',
    '{{"name": "s", "training": {{"seed": 7}}}}', 1400000000 + i % 1000 * 86400,
    CAST(i AS bigint) * 60 / $total, 's', 'mlp',
    {", ".join(_share(number) for number in range(len(FIGURES)))}
FROM series WHERE i % 1000 BETWEEN 1 AND 850
"""

OWNERS = """
UPDATE operations_operation SET owner_id = $first_user
WHERE id IN (SELECT operation_id FROM training_trainedmodel
    WHERE net_return < -0.3 AND id BETWEEN $first AND $last)
"""
"""User 0 has the worst fifth."""


def questions(history: Any) -> dict[str, tuple[str, float]]:
    """Addresses of lists, and how many milliseconds they may take, by what they show."""
    from operations.reading.choosing import orderings

    filters = {name: _dated(query, history) for name, query in FILTERS.items()}
    asked = {}
    for ordering in (name for name in orderings() if name.startswith("-")):
        asked[f"by {ordering[1:]}"] = ({"ordering": ordering}, ONE_MILLISECONDS)
        for name, query in filters.items():
            asked[f"by {ordering[1:]}, {name}"] = (query | {"ordering": ordering}, ONE_MILLISECONDS)
    for ordering in ("-created_at", "-duration", "-net_return"):
        for together in (*combinations(filters, 2), *list(combinations(filters, 3))[::7]):
            query = {key: value for name in together for key, value in filters[name].items()}
            if len(query) >= len(together):
                title = f"by {ordering[1:]}, {', '.join(together)}"
                asked[title] = (query | {"ordering": ordering}, MORE_MILLISECONDS)
    for name, (ordering, query) in FAR.items():
        limit = ONE_MILLISECONDS if len(query) == 1 else MORE_MILLISECONDS
        asked[f"by {ordering[1:]}, {name}"] = (
            _dated(query, history) | {"ordering": ordering},
            limit,
        )
    return {
        name: (f"/api/v1/operations?{urlencode(query)}", limit)
        for name, (query, limit) in asked.items()
    }


def _dated(query: dict[str, str], history: Any) -> dict[str, str]:
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    ago = {"day": timedelta(days=1), "half": timedelta(seconds=15 * history.operations)}
    return {
        key: (now - ago[value]).isoformat() if value in ago else value
        for key, value in query.items()
    }


def run(operations: int, *, on_sqlite: bool) -> Iterator[Figure]:
    os.environ |= UNLIMITED
    with benchmark_site(on_sqlite=on_sqlite, valkey=True):
        logging.disable(logging.WARNING)
        from django.contrib.auth.models import User
        from django.test import Client

        from tests.benchmarks.million import fill

        history = fill(operations=operations, events_each=1, more=(*LABELS, MODELS, OWNERS))
        staff = Client()
        staff.force_login(User.objects.create_superuser("staff"))
        asked = questions(history)
        print(f"asks {len(asked)} questions", flush=True)
        measured = {
            name: [ask(staff, address) for _ in range(ROUNDS)]
            for name, (address, _) in asked.items()
        }
        for name, value in medians(measured).items():
            yield Figure(name=name, value=value, unit="ms", at_most=asked[name][1])


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    options = parser.parse_args(arguments)
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    figures = list(run(options.operations, on_sqlite=options.database == "sqlite"))
    title = f"Lists on {options.database}, {options.operations:,} operations"
    print(*table(title, figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
