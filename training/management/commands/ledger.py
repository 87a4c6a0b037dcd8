from argparse import ArgumentParser
from datetime import UTC
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from operations.reading.words import NOTHING
from training.market_data.report import as_text
from training.models import Score
from training.trained.ledger_lines import as_json, lines
from training.trained.looks import Looks
from training.views.metrics import shown

COLUMNS = (
    *("OPERATION", "SCORED", "TIMEFRAME", "FIRST", "UNTIL", "RETURNS", "SHARPE OF ONE"),
    *("DEFLATED", "LOOKS", "OWNER", "SYMBOLS"),
)
SPARE = ("SYMBOLS", "OWNER", "RETURNS")


class Command(KtrdrCommand):
    help = (
        "List the looks at test ranges of a symbol, the newest first: who scored what, which "
        "nothing forgets. The ratio is that of one return, not annual."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("symbol", help="As `list_market_data` shows it.")
        parser.add_argument("--timeframe", help="Only of bars of this length.")
        parser.add_argument("--limit", type=int, default=50, help="At most so many (50).")

    def run(self, options: dict[str, Any]) -> ExitCode:
        limit = max(options["limit"], 1)
        newest, total = lines(options["symbol"], options["timeframe"], limit=limit)
        if options["json"]:
            self.print_json([as_json(score, looks) for score, looks in newest])
            return ExitCode.DONE
        self.print_rows(COLUMNS, [_row(score, looks) for score, looks in newest], spare=SPARE)
        if total > len(newest):
            self.stderr.write(f"{len(newest)} of {total:,}: --limit shows more.")
        return ExitCode.DONE


def _row(score: Score, looks: Looks) -> tuple[Any, ...]:
    return (
        score.operation_id,
        f"{score.scored_at.astimezone(UTC):%Y-%m-%d %H:%M}",
        score.timeframe,
        as_text(score.first_time),
        as_text(score.end_time),
        NOTHING if score.num_returns is None else score.num_returns,
        NOTHING if score.sharpe is None else f"{score.sharpe:+.4f}",
        shown("deflated_sharpe", looks.deflated_sharpe),
        looks.times_scored,
        score.owner_name or "nobody",
        ", ".join(score.symbols),
    )
