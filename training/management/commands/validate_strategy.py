from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from operations.errors import DomainError
from operations.management.base import ExitCode, KtrdrCommand
from training.strategy import Fault, StrategyInvalid, StrategyNotFound, find_strategy
from training.strategy.library import SUFFIXES


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
            help="Ignore, with a warning, keys of older files that never had an effect.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        results = [_validate(name, options["lenient"]) for name in _expand(options["file"])]
        if options["json"]:
            self.print_json(results)
        else:
            for result in results:
                self._print(result)
        return ExitCode.DONE if all(result["valid"] for result in results) else ExitCode.BAD_INPUT

    def _print(self, result: dict[str, Any]) -> None:
        for kind, faults in (("", result["faults"]), ("warning: ", result["warnings"])):
            for fault in faults:
                place = ":".join(str(part) for part in (result["file"], fault["line"]) if part)
                path = f"{fault['path']}: " if fault["path"] else ""
                self.stdout.write(f"{place}: {kind}{path}{fault['message']}")
        if result["valid"]:
            self.stdout.write(f"{result['file']}: valid")


def _expand(names: Iterable[str]) -> Iterator[str]:
    """Folders as the strategy files in them; everything else as it is."""
    for name in names:
        if not _is_folder(name):
            yield name
            continue
        found = sorted(path for path in Path(name).rglob("*") if path.suffix in SUFFIXES)
        if not found:
            raise EmptyFolder(folder=name)
        yield from map(str, found)


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):  # too long, or a NUL
        return False


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
        "faults": [_as_json(fault) for fault in faults],
        "warnings": [_as_json(fault) for fault in warnings],
    }


def _as_json(fault: Fault) -> dict[str, Any]:
    return {
        "path": fault.path,
        "pointer": fault.pointer,
        "line": fault.line,
        "message": fault.message,
    }


class EmptyFolder(DomainError):
    """There is no strategy file (*.yaml, *.yml) in {folder}."""

    code = "empty_folder"
    status = 400
