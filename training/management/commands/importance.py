from argparse import ArgumentParser
from typing import Any

from operations.management.base import (
    ExitCode,
    KtrdrCommand,
    add_child_user_argument,
    heir_of,
)
from operations.management.following import follow_to_end
from operations.models import Operation
from operations.reading.words import share_words
from training.explaining.outcome import FINE_PRINT, basis, is_clear, share
from training.explaining.request import PARTS, VALIDATION
from training.explaining.start import shown_analyses, start_importance
from training.management.arguments import add_model_argument
from training.management.starting import tell
from training.trained.stored_models import find_model

COLUMNS = ("INDICATOR", "LOSS RISES BY", "ERROR", "OF THE LOSS", "DECISIONS CHANGED", "FROM 0")


class Command(KtrdrCommand):
    help = (
        "Which inputs a model needs: how much worse it says when one indicator's values are "
        "shuffled. What was measured is shown; else a worker measures it, as an operation."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_model_argument(parser)
        parser.add_argument(
            "--part",
            choices=PARTS,
            default=VALIDATION,
            help="Whose rows: to choose inputs by those of the test part is a look at it.",
        )
        add_child_user_argument(parser)
        parser.add_argument("--follow", action="store_true", help="Show it until it ends.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        model = find_model(options["model"])
        known = shown_analyses(model).get(options["part"])
        if known is not None and known.result:
            return self._show(known, as_json=options["json"])
        owner = heir_of(options, model.operation)
        started = start_importance(model, part=options["part"], owner=owner)
        tell(self, [started], options)
        if options["follow"]:
            return follow_to_end(self, started.pk, as_json=options["json"])
        return ExitCode.DONE

    def _show(self, analysis: Operation, *, as_json: bool) -> ExitCode:
        told = analysis.result or {}
        if as_json:
            self.print_json({"operation_id": analysis.pk, **told})
            return ExitCode.DONE
        self.stdout.write(f"{basis(told)}.")
        rows = [
            (
                group["group"],
                f"{group['rise']:+.4g}",
                f"{group['standard_error']:.2g}",
                share(group, told["loss"]),
                share_words(group["changed"]),
                "yes" if is_clear(group) else "no",
            )
            for group in told["groups"]
        ]
        self.print_rows(COLUMNS, rows, is_headed=True)
        self.stderr.write(FINE_PRINT)
        for note in told["notes"]:
            self.stderr.write(f"Note: {note}")
        return ExitCode.DONE
