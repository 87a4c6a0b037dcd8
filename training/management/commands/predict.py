from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.market_data import load_bars
from training.market_data.report import as_text
from training.trained.prediction import DEFAULT_BARS, Forecast, bars_of_file, forecast
from training.trained.stored_models import find_model, read_network


class Command(KtrdrCommand):
    help = "Let a trained model decide on a symbol's bars: buy, hold or sell, at each bar's close."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "model", help="The model's id, or its operation's id, or a unique beginning of that."
        )
        parser.add_argument(
            "--symbol", help="Whose bars. May be left out for a model of one symbol."
        )
        parser.add_argument(
            "--file", type=Path, help="Take the bars from this CSV or Parquet file instead."
        )
        parser.add_argument(
            "--since",
            metavar="DATE",
            help=f"First bar: an ISO date or UTC time. Default: the newest {DEFAULT_BARS} bars.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        model = find_model(options["model"])
        network = read_network(model)
        load = load_bars if options["file"] is None else bars_of_file(network, options["file"])
        found = forecast(network, symbol=options["symbol"], since=options["since"], load_bars=load)
        if options["json"]:
            of_model = {"model": model.pk, "operation_id": model.operation_id}
            self.print_json(of_model | found.to_json())
            return ExitCode.DONE
        self.print_rows(_columns(found), _rows(found))
        if found.times.size and found.times[0] < found.test_since:
            self.stderr.write(
                f"The model was fitted on bars before {as_text(found.test_since)}: what it says "
                "of those is no forecast."
            )
        return ExitCode.DONE


def _columns(found: Forecast) -> list[str]:
    of_output = [name.upper() for name in found.class_names] or ["RETURN"]
    return ["TIME", "DECISION", "POSITION", "EVENT", *of_output]


def _rows(found: Forecast) -> Iterator[list[object]]:
    for row in found.rows():
        values = row["probabilities"].values() if found.class_names else [row["predicted_return"]]
        numbers = [f"{value:.4f}" if found.class_names else f"{value:+.4%}" for value in values]
        event = "yes" if row["is_event"] else "no"
        yield [row["time"], row["decision"], row["position"], event, *numbers]
