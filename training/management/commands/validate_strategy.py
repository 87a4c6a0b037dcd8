from argparse import ArgumentParser
from typing import Any

from operations.management.base import ExitCode, KtrdrCommand
from training.management.strategies import expand, fault_as_json, place_in
from training.strategy import Fault, StrategyInvalid, StrategyNotFound, find_strategy


class Command(KtrdrCommand):
    help = "Check strategy files, whole folders of them too, and print every fault with its line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "file", nargs="+", help="A file, a folder, or the name of a shipped strategy."
        )
        parser.add_argument(
            "--lenient",
            action="store_true",
            help="Ignore, with a warning, keys of older files that have no effect here.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        results = [_validate(name, options["lenient"]) for name in expand(options["file"])]
        if options["json"]:
            self.print_json(results)
        else:
            for result in results:
                self._print(result)
        return ExitCode.DONE if all(result["valid"] for result in results) else ExitCode.BAD_INPUT

    def _print(self, result: dict[str, Any]) -> None:
        for kind, faults in (("", result["faults"]), ("warning: ", result["warnings"])):
            for fault in faults:
                place = place_in(result["file"], fault["line"])
                path = f"{fault['path']}: " if fault["path"] else ""
                self.stdout.write(f"{place}: {kind}{path}{fault['message']}")
        if result["valid"]:
            self.stdout.write(f"{result['file']}: valid")


def _validate(name: str, lenient: bool) -> dict[str, Any]:
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    try:
        warnings = find_strategy(name, allow_paths=True).load(lenient=lenient).warnings
    except StrategyInvalid as error:
        faults = error.faults
    except StrategyNotFound as error:
        faults = (Fault(location=(), message=str(error)),)
    return {
        "file": name,
        "valid": not faults,
        "faults": [fault_as_json(fault) for fault in faults],
        "warnings": [fault_as_json(fault) for fault in warnings],
    }
