"""How often a test range was looked at, in a ledger of a million lines.

    python -m tests.benchmarks.bench_ledger [--scores N] [--database postgresql|sqlite]

Half of them are of one symbol, the others of fifty; over forty years, in ranges of a month to a
year, every tenth line a window of a walk-forward. A look-up is what a page does for each
of its test ranges. It counts at most 10,000 lines of a symbol: what all that come to cost is told,
not promised.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.bench_web import DATABASES
from tests.benchmarks.figures import Figure, machine, medians, table
from tests.benchmarks.site import benchmark_site

if TYPE_CHECKING:
    from training.trained.ledger import TestRange

MOST_MILLISECONDS = 5.0
ROUNDS = 50
SYMBOLS = 50
DAY = 86_400
YEAR = 365 * DAY
YEARS = 40
ALL = "all years"
DIGITS = "a7c1e9d3b5f8a2c4" * 4

SCORES = f"""
INSERT INTO training_score
    (identity, look, operation_id, owner_name, symbols, timeframe, first_time, end_time)
WITH RECURSIVE series(i) AS
    (SELECT CAST(0 AS bigint) UNION ALL SELECT i + 1 FROM series WHERE i < %s - 1),
drawn AS (
    SELECT i, i / {SYMBOLS} AS line,
        CASE WHEN i %% 2 = 0 THEN 'ALL' ELSE 'S' || (i / 2 %% {SYMBOLS}) END AS symbol,
        i * 7919 %% 10007 * {YEARS * 365} / 10007 * {DAY} AS first,
        substr('{DIGITS[:16]}' || i || '{DIGITS}', 1, 64) AS id
    FROM series)
SELECT id, CASE WHEN line %% 10 = 0 THEN 'family ' || symbol || ' ' || (line / 200) ELSE id END,
    'op_' || i, '', CAST('["' || symbol || '"]' AS $json), '1d', first,
    first + (30 + i * 104729 %% 335) * {DAY}
FROM drawn
"""
SYMBOLS_OF_SCORES = """
INSERT INTO training_scoredsymbol
    (score_id, symbol, timeframe, first_time, end_time, seconds, look)
SELECT identity, replace(replace(CAST(symbols AS text), '["', ''), '"]', ''), timeframe,
    first_time, end_time, end_time - first_time, look
FROM training_score
"""


def fill(scores: int) -> None:
    from django.db import connection, transaction

    json = {"postgresql": "jsonb", "sqlite": "text"}[connection.vendor]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SCORES.replace("$json", json), [scores])
        cursor.execute(SYMBOLS_OF_SCORES)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def asked() -> dict[str, "TestRange"]:
    from training.trained.ledger import TestRange

    def one(first: int, years: int, *symbols: str) -> TestRange:
        return TestRange(
            symbols=symbols or ("S7",), timeframe="1d",
            first_time=first * YEAR, end_time=(first + years) * YEAR,
        )  # fmt: skip

    return {
        "an old year": one(1, 1),
        "a year in the middle": one(YEARS // 2, 1),
        "the newest year": one(YEARS - 1, 1),
        "ten years": one(YEARS // 2, 10),
        "a year of five symbols": one(YEARS // 2, 1, *(f"S{number}" for number in range(5))),
        ALL: one(0, YEARS),
        f"{ALL} of the symbol with half of the lines": one(0, YEARS, "ALL"),
    }


def run(number: int, *, on_sqlite: bool) -> Iterator[Figure]:
    with benchmark_site(on_sqlite=on_sqlite):
        from training.trained.ledger import times_looked

        fill(number)
        measured: dict[str, list[float]] = {}
        for name, looked_at in asked().items():
            found = times_looked(looked_at)
            title = f"{name}: {found:,} looks"
            measured[title] = [
                _milliseconds(partial(times_looked, looked_at)) for _ in range(ROUNDS)
            ]
        for title, value in medians(measured).items():
            is_promised = not title.startswith(ALL)
            at_most = MOST_MILLISECONDS if is_promised else None
            yield Figure(name=title, value=value, unit="ms", at_most=at_most)


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scores", type=int, default=1_000_000)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    options = parser.parse_args(arguments)
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    figures = list(run(options.scores, on_sqlite=options.database == "sqlite"))
    title = f"Look-ups on {options.database}, {options.scores:,} scores in the ledger"
    print(*table(title, figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()
