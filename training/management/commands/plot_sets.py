from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from django.template.loader import render_to_string

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from training.launch.preview import SetsOverBars
from training.launch.preview_process import preview
from training.launch.start import StartRequest
from training.management.files import write_text
from training.presentation.fuzzy_pictures import pictures_of
from training.strategy import StrategyNotFound, find_strategy
from training.trained.stored_models import find_model

HEIGHT = 205
"""Of one fuzzy set's picture."""


class Command(KtrdrCommand):
    help = (
        "Draw the fuzzy sets of a strategy or a model over the histogram of their indicators, as "
        "SVG: over all rows of its symbols and dates, as their bars are stored today."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "what",
            help="A strategy's file or the name of a shipped one; or a model's id, or its "
            "operation's id, or a unique beginning or end of that.",
        )
        parser.add_argument(
            "--out", type=Path, required=True, metavar="FILE", help="It is overwritten."
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        sets = preview(StartRequest(strategy_yaml=_text(options["what"]))).fuzzy_sets
        if not sets:
            raise InvalidInput(reason=f"{options['what']} has no fuzzy sets among its inputs.")
        write_text(options["out"], _svg(options["what"], sets), replace=True)
        if options["json"]:
            self.print_json(
                {"out": str(options["out"]), "fuzzy_sets": [asdict(one) for one in sets]}
            )
            return ExitCode.DONE
        for picture in pictures_of(sets):
            for words in picture.said:
                self.stderr.write(f"{picture.name}: {words}")
        self.stdout.write(f"{len(sets)} fuzzy sets: {options['out']}")
        return ExitCode.DONE


def _text(what: str) -> str:
    """Raises `ModelNotFound` of what is neither."""
    try:
        return find_strategy(what, allow_paths=True).text
    except StrategyNotFound:
        return yaml.safe_dump(find_model(what).operation.request["strategy"])


def _svg(of: str, sets: tuple[SetsOverBars, ...]) -> str:
    pictures = pictures_of(sets)
    placed = [(picture, place * HEIGHT) for place, picture in enumerate(pictures)]
    return render_to_string(
        "training/fuzzy_sets.svg", {"of": of, "placed": placed, "height": HEIGHT * len(pictures)}
    )
