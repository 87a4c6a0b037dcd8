import os
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand
from training.management.files import WouldOverwrite, write_text
from training.management.strategies import expand, fault_as_json, place_in
from training.strategy import Fault, StrategyInvalid, StrategyNotFound, find_strategy
from training.strategy.converting import Converted, convert


class Command(KtrdrCommand):
    help = (
        "Write strategy files of the original KTRDR as files of this grammar, and print every "
        "difference."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", nargs="+", help="A file, or a folder of them.")
        parser.add_argument(
            "--out",
            type=Path,
            metavar="PATH",
            help="A file for one, a folder for several. Without it they are printed, and the "
            "differences go to stderr.",
        )
        parser.add_argument(
            "--replace", action="store_true", help="Overwrite what is there; else it stays."
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        names = list(expand(options["file"]))
        targets = _targets(names, options["out"], options["replace"])
        results = [_convert(name, target) for name, target in zip(names, targets, strict=True)]
        for result in results:
            if result.converted is not None and result.target is not None:
                write_text(result.target, result.converted.text, replace=options["replace"])
        if options["json"]:
            self.print_json([result.as_json() for result in results])
        else:
            self._print(results)
        return ExitCode.DONE if all(not one.faults for one in results) else ExitCode.BAD_INPUT

    def _print(self, results: "Sequence[_Result]") -> None:
        for number, result in enumerate(results):
            to_stdout = result.target is None
            lines = self.stderr if to_stdout or result.faults else self.stdout
            for line in result.lines():
                lines.write(line)
            if result.converted is not None and to_stdout:
                if number:
                    self.stdout.write("---")
                self.stdout.write(result.converted.text)


@dataclass(frozen=True, kw_only=True)
class _Result:
    file: str
    target: Path | None
    converted: Converted | None
    faults: tuple[Fault, ...] = ()

    def lines(self) -> Iterator[str]:
        for fault in self.faults:
            path = f"{fault.path}: " if fault.path else ""
            yield f"{place_in(self.file, fault.line)}: {path}{fault.message}"
        if self.converted is None:
            return
        for change in self.converted.changes:
            yield f"{place_in(self.file, change.line)}: {change}"
        for warning in self.converted.warnings:
            yield f"{self.file}: warning: {warning.path}: {warning.message}"
        if self.target is not None:
            yield f"{self.file}: converted to {self.target}"

    def as_json(self) -> dict[str, Any]:
        converted = self.converted
        return {
            "file": self.file,
            "converted": converted is not None,
            "written_to": None if self.target is None or not converted else str(self.target),
            "yaml": converted.text if converted else None,
            "changes": [one.as_json() for one in converted.changes] if converted else [],
            "faults": [fault_as_json(fault) for fault in self.faults],
            "warnings": [fault_as_json(one) for one in converted.warnings] if converted else [],
        }


def _convert(name: str, target: Path | None) -> _Result:
    try:
        file = find_strategy(name, allow_paths=True)
        converted = convert(file.text, source=name)
    except StrategyInvalid as error:
        return _Result(file=name, target=target, converted=None, faults=error.faults)
    except StrategyNotFound as error:
        fault = Fault(location=(), message=str(error))
        return _Result(file=name, target=target, converted=None, faults=(fault,))
    return _Result(file=name, target=target, converted=converted)


def _targets(names: Sequence[str], out: Path | None, replace: bool) -> list[Path | None]:
    """Where each goes. Raises `InvalidInput`, `WouldOverwrite`: before anything is written."""
    if out is None:
        return [None] * len(names)
    is_folder = out.is_dir() or len(names) > 1 or str(out).endswith(os.sep)
    if len(names) > 1 and out.exists() and not out.is_dir():
        raise InvalidInput(reason=f"--out {out} is a file, and there are {len(names)} to write.")
    targets = [out / f"{Path(name).stem}.yaml" if is_folder else out for name in names]
    again = [str(path) for path in dict.fromkeys(targets) if targets.count(path) > 1]
    if again:
        raise InvalidInput(reason=f"Several files would be written to {', '.join(again)}.")
    there = [str(path) for path in targets if os.path.lexists(path)]
    if there and not replace:
        raise WouldOverwrite(paths=", ".join(there))
    return list(targets)
