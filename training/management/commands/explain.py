from argparse import ArgumentParser
from typing import Any

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from training.explaining.process import explained
from training.explaining.words import (
    FINE_PRINT,
    about_rules,
    heads,
    lines,
    rule_heads,
    rule_lines,
)
from training.management.arguments import add_model_argument
from training.strategy.values import first_second
from training.trained.stored_models import find_model


class Command(KtrdrCommand):
    help = (
        "Why a model decides as it does at the close of one bar: its indicators' values, their "
        "memberships, what it says, and how far each indicator moves that."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_model_argument(parser)
        parser.add_argument(
            "--at",
            required=True,
            metavar="DATE",
            help="The bar: an ISO date or UTC time; where none is open then, the last one before.",
        )
        parser.add_argument(
            "--symbol", help="Whose bar. May be left out for a model of one symbol."
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        model = find_model(options["model"])
        told = explained(model, symbol=options["symbol"], at=_second(options["at"]))
        if options["json"]:
            self.print_json({"model": model.pk, "operation_id": model.operation_id, **told})
            return ExitCode.DONE
        self.stdout.write(
            f"{told['symbol']} {told['timeframe']}, the bar of {told['time']}: {told['decision']}"
        )
        inputs = [(it["id"], f"{it['value']:.6g}", f"{it['input']:.4f}") for it in told["inputs"]]
        self.print_rows(("INPUT", "VALUE", "TO THE NETWORK"), inputs, is_headed=True)
        if told["rules"]:
            columns = [name.upper() for name in rule_heads(told)]
            self.print_rows(columns, rule_lines(told), is_headed=True)
            self.stderr.write(about_rules(told))
        columns = [name.upper() for name in heads(told)]
        self.print_rows(columns, lines(told), is_headed=True)
        self.stderr.write(FINE_PRINT)
        for note in told["notes"]:
            self.stderr.write(f"Note: {note['text']}")
        return ExitCode.DONE


def _second(moment: str) -> int:
    try:
        return first_second(moment)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(reason=f"at: {error}") from error
