from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.management.arguments import add_reading_arguments
from training.market_data.importing import import_every_instrument, import_market_data
from training.market_data.reading.options import OF_IMPORTS, Options
from training.market_data.told import gaps_told, told
from training.series.entering import Imported
from training.series.presenting import imported_as_json
from training.strategy.values import TIMEFRAMES


class Command(KtrdrCommand):
    help = (
        "Import a symbol's bars from a file: CSV in any dialect, Excel, Parquet, Feather, JSON "
        "lines, in gzip or zip. Prints how it was read. Bars that go on with the stored ones come "
        "to them; what trainings stand on stays stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "file", nargs="+", type=Path, help="The file, or several that continue each other."
        )
        name = parser.add_mutually_exclusive_group(required=True)
        name.add_argument("--symbol", help="Name that strategies refer to.")
        name.add_argument(
            "--all-symbols",
            action="store_true",
            help="Import every instrument of the file under its own name.",
        )
        parser.add_argument("--timeframe", required=True, choices=TIMEFRAMES)
        for option in OF_IMPORTS:
            parser.add_argument(option.flag, action="store_true", help=option.help)
        add_reading_arguments(parser)

    def run(self, options: dict[str, Any]) -> ExitCode:
        imported = [imported_as_json(one) for one in _imported(options)]
        if options["json"]:
            self.print_json(imported if options["all_symbols"] else imported[0])
        else:
            for one in imported:
                self.stdout.write("\n".join(_lines(one)))
        return ExitCode.DONE


def _imported(options: dict[str, Any]) -> list[Imported]:
    said = {
        "timeframe": options["timeframe"],
        "options": Options.of(options),
        "replace": options["replace"],
        "new_symbol": options["new_symbol"],
    }
    if options["all_symbols"]:
        return import_every_instrument(options["file"], **said)
    return [import_market_data(options["file"], symbol=options["symbol"], **said)]


def _lines(imported: dict[str, Any]) -> Iterator[str]:
    report = imported["report"]
    yield f"Imported {imported['symbol']} {imported['timeframe']}: {report['rows']} rows"
    yield from (f"  {words}" for words in imported["words"])
    yield f"  now {imported['rows']} rows, import {imported['number']}"
    yield f"  fingerprint {imported['fingerprint']}"
    yield from (f"  {line}" for line in (*told(report), *gaps_told(report)))
