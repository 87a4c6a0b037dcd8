from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from training.management.arguments import add_model_argument, add_reading_arguments, said
from training.market_data.reading.options import Options
from training.trained.prediction import DEFAULT_BARS, Forecast, forecast
from training.trained.stored_models import find_model, read_network
from training.trained.supply import PriceFile


class Command(KtrdrCommand):
    help = "Let a trained model decide on a symbol's bars: buy, hold or sell, at each bar's close."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_model_argument(parser)
        parser.add_argument(
            "--symbol", help="Whose bars. May be left out for a model of one symbol."
        )
        parser.add_argument(
            "--any-symbol",
            action="store_true",
            help="Let a model that scales nothing decide on a symbol it was not trained on.",
        )
        parser.add_argument(
            "--file",
            type=Path,
            help="Take the bars from this file, after the stored ones that it continues or "
            "overlaps with equal bars; it is read as the files of the model's training were.",
        )
        add_reading_arguments(parser)
        parser.add_argument(
            "--since",
            metavar="DATE",
            help=f"First bar: an ISO date or UTC time. Default: the newest {DEFAULT_BARS} bars.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        model = find_model(options["model"])
        network = read_network(model)
        found = forecast(
            network,
            symbol=options["symbol"],
            since=options["since"],
            any_symbol=options["any_symbol"],
            file=_file(options),
        )
        if options["json"]:
            of_model = {"model": model.pk, "operation_id": model.operation_id}
            self.print_json(of_model | found.to_json())
            return ExitCode.DONE
        self.print_rows(_columns(found), _rows(found), is_headed=True)
        for note in found.notes:
            self.stderr.write(f"Note: {note.text}")
        return ExitCode.DONE


def _file(options: dict[str, Any]) -> PriceFile | None:
    if options["file"] is not None:
        return PriceFile(path=options["file"], options=Options.of(options))
    if about_file := said(options):
        raise InvalidInput(reason=f"{about_file[0]} is about a file: give --file, too.")
    return None


def _columns(found: Forecast) -> list[str]:
    of_output = [name.upper() for name in found.class_names] or ["RETURN"]
    return ["TIME", "DECISION", "POSITION", "EVENT", *of_output]


def _rows(found: Forecast) -> Iterator[list[object]]:
    for row in found.rows():
        values = row["probabilities"].values() if found.class_names else [row["predicted_return"]]
        numbers = [f"{value:.4f}" if found.class_names else f"{value:+.4%}" for value in values]
        event = "yes" if row["is_event"] else "no"
        yield [row["time"], row["decision"], row["position"], event, *numbers]
