from argparse import ArgumentParser
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from operations.reading.words import share_words
from training.management.arguments import add_model_argument
from training.trained.rules import FINE_PRINT
from training.trained.rules_process import rules_of
from training.trained.stored_models import find_model
from training.trained.written_rules import written
from training.views.snapshots import as_yaml


class Command(KtrdrCommand):
    help = (
        "The rules of a model of rules as sentences, those that decide most first, with the share "
        "of the training's bars on which each fires and decides."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_model_argument(parser)
        parser.add_argument(
            "--yaml",
            action="store_true",
            help="Print its strategy in place of them, with its fuzzy sets as they are and each "
            "rule's `then` in full: a training of it begins where the model is.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        model = find_model(options["model"])
        network, found = rules_of(model)
        if options["yaml"]:
            text = as_yaml(written(network).snapshot())
            if options["json"]:
                self.print_json({"model": model.pk, "strategy_yaml": text})
            else:
                self.stdout.write(text, ending="")
            return ExitCode.DONE
        if options["json"]:
            told = [sentence.to_json() for sentence in found]
            self.print_json({"model": model.pk, "operation_id": model.operation_id, "rules": told})
            return ExitCode.DONE
        rows = [(share_words(it.fires), share_words(it.decides), str(it)) for it in found]
        self.print_rows(("FIRES", "DECIDES", "RULE"), rows, is_headed=True)
        self.stderr.write(FINE_PRINT)
        return ExitCode.DONE
