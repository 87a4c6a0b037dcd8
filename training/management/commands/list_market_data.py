from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.market_data import list_market_data

COLUMNS = ("SYMBOL", "TIMEFRAME", "ROWS", "FIRST", "LAST", "GAPS", "SOURCE", "FINGERPRINT")


class Command(KtrdrCommand):
    help = "List the market data that trainings can use: what was imported, and the samples."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--symbol", help="Only this one.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        entries = list_market_data(options["symbol"])
        if options["json"]:
            self.print_json([asdict(entry) for entry in entries])
            return ExitCode.DONE
        rows = [
            (
                entry.symbol,
                entry.timeframe,
                entry.report["rows"],
                entry.report["first"],
                entry.report["last"],
                entry.report["num_gaps"],
                "sample" if entry.is_sample else "imported",
                entry.fingerprint[:12],
            )
            for entry in entries
        ]
        self.print_rows(COLUMNS, rows)
        return ExitCode.DONE
