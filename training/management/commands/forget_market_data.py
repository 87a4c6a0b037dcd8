from argparse import ArgumentParser
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.management.arguments import add_series_arguments
from training.series.versions import forget_market_data


class Command(KtrdrCommand):
    help = (
        "Delete a series with all its imports. Refused, and nothing deleted, where trainings or "
        "models stand on its bars."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_series_arguments(parser)

    def run(self, options: dict[str, Any]) -> ExitCode:
        symbol, timeframe = options["symbol"], options["timeframe"]
        count = forget_market_data(symbol, timeframe)
        if options["json"]:
            self.print_json({"symbol": symbol, "timeframe": timeframe, "imports": count})
        else:
            self.stdout.write(f"Forgot {symbol} {timeframe}, with its imports: {count}")
        return ExitCode.DONE
