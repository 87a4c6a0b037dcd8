from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from operations.errors import DomainError
from operations.management.base import ExitCode, KtrdrCommand
from training.export.errors import NothingToExport
from training.export.subject import Subject, find
from training.management.files import put_aside

TABLES = ("csv", "parquet")
FORMATS = (*TABLES, "tensorboard", "onnx")


class Command(KtrdrCommand):
    help = (
        "Take an operation or its model away: every table as CSV or Parquet, its curve for "
        "TensorBoard, or its network as ONNX, which is compared with the model on the whole test "
        "part before it is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "id",
            help="A model's id, or an operation's id, or a unique beginning or end of that.",
        )
        parser.add_argument("--to", required=True, choices=FORMATS, help="What to write.")
        parser.add_argument(
            "--out",
            type=Path,
            default=Path(),
            metavar="DIR",
            help="Where a folder named by the operation's id is written; with --to onnx also a "
            "file, ending in .onnx. Default: here.",
        )
        parser.add_argument(
            "--replace", action="store_true", help="Overwrite files that are there already."
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        subject, folder = find(options["id"]), options["out"]
        self._as_json = options["json"]
        self._put = partial(put_aside, replace=options["replace"])
        self._told: dict[str, Any] = {"operation_id": subject.operation.pk, "written": []}
        of_it = folder / subject.operation.pk
        code = ExitCode.DONE
        if options["to"] == "onnx":
            self._onnx(subject, folder if folder.suffix == ".onnx" else of_it / "model.onnx")
        elif options["to"] == "tensorboard":
            self._tensorboard(subject, of_it)
        else:
            code = self._tables(subject, of_it, options["to"])
        if self._as_json:
            self.print_json(self._told)
        return code

    def _tables(self, subject: Subject, folder: Path, format: str) -> ExitCode:
        """What one table cannot tell stops no other one."""
        from training.export.tables import tables
        from training.tables.writing import WRITERS

        code = ExitCode.DONE
        if subject.model is None:
            self._note(f"Its metrics alone: {subject.why_no_model()}")
        for name, table in tables(subject).items():
            target = folder / f"{name}.{format}"
            try:
                with self._put(target) as path:
                    found = table()
                    if name == "metrics" and not found.height and subject.model is None:
                        raise NothingToExport(reason="It has reported no epoch yet.")
                    WRITERS[format](found, path)
            except DomainError as error:
                if subject.model is None:
                    raise
                self._note(f"{target.name}: {error}")
                code = ExitCode.FAILED
            else:
                self._wrote(target, f"{found.height:,} rows")
        return code

    def _tensorboard(self, subject: Subject, folder: Path) -> None:
        from training.export.event_file import file_name, write_events

        target = folder / file_name(subject.operation)
        with self._put(target) as path:
            steps = write_events(subject.operation, path)
        self._wrote(target, f"{steps:,} epochs; `tensorboard --logdir {folder.parent}` shows them")

    def _onnx(self, subject: Subject, target: Path) -> None:
        from training.export.onnx_model import export_onnx

        model = subject.require_model()
        with self._put(target) as path:
            content, compared = export_onnx(model)
            path.write_bytes(content)
        self._told |= compared.to_json()
        self._wrote(target, str(compared))

    def _wrote(self, target: Path, words: str) -> None:
        self._told["written"].append(str(target))
        if not self._as_json:
            self.stdout.write(f"{target}: {words}")

    def _note(self, words: str) -> None:
        self._told.setdefault("notes", []).append(words)
        self.stderr.write(f"Note: {words}")
