from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.management.arguments import timezone
from training.market_data.importing import import_market_data
from training.models import MarketData
from training.strategy.values import TIMEFRAMES


class Command(KtrdrCommand):
    help = "Import a symbol's bars from a CSV or Parquet file. What it replaces stays stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "file", nargs="+", type=Path, help="The file, or several that continue each other."
        )
        parser.add_argument("--symbol", required=True, help="Name that strategies refer to.")
        parser.add_argument("--timeframe", required=True, choices=TIMEFRAMES)
        parser.add_argument(
            "--timezone",
            type=timezone,
            default="UTC",
            metavar="ZONE",
            help="Zone of times without an offset, like America/New_York. Default: UTC.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        data = import_market_data(
            options["file"],
            symbol=options["symbol"],
            timeframe=options["timeframe"],
            timezone=options["timezone"],
        )
        if options["json"]:
            self.print_json(
                {
                    "symbol": data.symbol,
                    "timeframe": data.timeframe,
                    "fingerprint": data.fingerprint,
                    "report": data.report,
                }
            )
        else:
            self._print(data)
        return ExitCode.DONE

    def _print(self, data: MarketData) -> None:
        report = data.report
        self.stdout.write(f"Imported {data.symbol} {data.timeframe}: {report['rows']} rows")
        self.stdout.write(f"  from {report['first']} to {report['last']}")
        self.stdout.write(f"  fingerprint {data.fingerprint}")
        if (zone := report["reading"]["timezone"]) is not None:
            self.stdout.write(f"  times without an offset were read in {zone}")
        if report["rows_moved"]:
            self.stdout.write(f"  sorted: {report['rows_moved']} rows stood after a later one")
        if report["duplicates_removed"]:
            self.stdout.write(f"  repeated rows dropped: {report['duplicates_removed']}")
        for note in report["notes"]:
            self.stdout.write(f"  {note}")
        self.stdout.write(f"  gaps: {report['num_gaps']}")
        for gap in report["gaps"]:
            missing = f"{gap['num_missing']} bars missing"
            self.stdout.write(f"    {gap['after']} to {gap['before']}: {missing}")
