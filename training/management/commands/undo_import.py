from argparse import ArgumentParser
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.management.arguments import add_series_arguments
from training.series.presenting import import_as_json
from training.series.versions import undo_import


class Command(KtrdrCommand):
    help = (
        "Let the bars from before a series' newest import count again; the next undo goes back "
        "another one. Nothing is deleted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_series_arguments(parser)

    def run(self, options: dict[str, Any]) -> ExitCode:
        made = undo_import(options["symbol"], options["timeframe"])
        if options["json"]:
            self.print_json(import_as_json(made))
        else:
            self.stdout.write(f"{made.symbol} {made.timeframe}, import {made.number}: undo")
            self.stdout.write("\n".join(f"  {words}" for words in made.words))
        return ExitCode.DONE
