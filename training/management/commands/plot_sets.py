from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from training.launch.preview import SetsOverBars
from training.launch.preview_process import preview
from training.launch.start import StartRequest
from training.management.files import write_text
from training.presentation.fuzzy_pictures import as_csv, as_svg, pictures_of
from training.strategy import StrategyNotFound, find_strategy
from training.trained.sets_process import sets_of
from training.trained.stored_models import find_model


class Command(KtrdrCommand):
    help = (
        "Draw the fuzzy sets of a strategy or a model over the histogram of their indicators, as "
        "SVG: over all rows of its symbols and dates, a strategy's as their bars are stored today, "
        "a model's as they were when it was trained."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "what",
            help="A strategy's file or the name of a shipped one; or a model's id, or its "
            "operation's id, or a unique beginning or end of that.",
        )
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            metavar="FILE",
            help="It is overwritten; one that ends in .csv gets the numbers.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        sets = _sets(options["what"])
        if not sets:
            raise InvalidInput(reason=f"{options['what']} has no fuzzy sets among its inputs.")
        pictures = pictures_of(sets)
        is_csv = options["out"].suffix.lower() == ".csv"
        text = as_csv(pictures) if is_csv else as_svg(options["what"], pictures)
        write_text(options["out"], text, replace=True)
        if options["json"]:
            self.print_json(
                {"out": str(options["out"]), "fuzzy_sets": [asdict(one) for one in sets]}
            )
            return ExitCode.DONE
        for picture in pictures:
            for words in picture.said:
                self.stderr.write(f"{picture.name}: {words}")
        self.stdout.write(f"{len(sets)} fuzzy sets: {options['out']}")
        return ExitCode.DONE


def _sets(what: str) -> tuple[SetsOverBars, ...]:
    """Raises `ModelNotFound` of what is neither."""
    try:
        text = find_strategy(what, allow_paths=True).text
    except StrategyNotFound:
        return sets_of(find_model(what))[0]
    return preview(StartRequest(strategy_yaml=text)).fuzzy_sets
