"""What the commands have in common: `--json`, errors, exit codes."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.core.management.base import BaseCommand, OutputWrapper
from rest_framework.renderers import JSONRenderer
from rich.console import Console

from operations import actor
from operations.actor import Actor
from operations.errors import DomainError, UserNotFound
from operations.management.tables import table
from operations.models import Operation, Status
from operations.outage import DATABASE_FAULT
from operations.text import printable, without_login


class ExitCode(IntEnum):
    DONE = 0
    UNEXPECTED = 1
    BAD_INPUT = 2
    CONFLICT = 3
    NOT_FOUND = 4
    FAILED = 5
    """The operation failed, or no checkpoint verifies."""
    CANCELLED = 6
    DETACHED = 130
    """Ctrl-C while following, as a shell says it: the operation goes on."""


OF_HTTP_STATUS = {
    400: ExitCode.BAD_INPUT,
    403: ExitCode.BAD_INPUT,
    404: ExitCode.NOT_FOUND,
    409: ExitCode.CONFLICT,
    422: ExitCode.FAILED,
}
OF_END = {
    Status.COMPLETED: ExitCode.DONE,
    Status.FAILED: ExitCode.FAILED,
    Status.CANCELLED: ExitCode.CANCELLED,
}
EPILOG = (
    "Exit codes: 0 done; 1 unexpected; 2 usage or bad input; 3 conflict; 4 not found, or no "
    "checkpoint; 5 the operation failed, or no checkpoint verifies; 6 cancelled; 130 detached "
    "with Ctrl-C."
)


class Printed(OutputWrapper):
    """Text that a user may have written: shown, and no command to the terminal."""

    def write(self, msg: str = "", *args: Any, **options: Any) -> None:  # type: ignore[override]
        super().write(printable(msg), *args, **options)


class KtrdrCommand(BaseCommand):
    """A command whose `run` answers with an exit code; domain errors get theirs here."""

    requires_system_checks = ()  # each would import every view first: 0.5 s
    _is_plain = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        raise NotImplementedError

    def actor(self) -> Actor:
        """Who does what it does."""
        return actor.command(type(self).__module__.rpartition(".")[2])

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout, self.stderr = _printed(self.stdout), _printed(self.stderr)
        self._is_plain = options["no_color"]
        try:
            with actor.process_is(self.actor()):
                code = self.run(options)
        except DomainError as error:
            code = OF_HTTP_STATUS.get(error.status, ExitCode.UNEXPECTED)
            self._report(error, as_json=options["json"])
        except DATABASE_FAULT as error:
            code = ExitCode.UNEXPECTED
            self.stderr.write(
                f"The database does not answer as it should: {without_login(str(error).strip())}\n"
                f"Is DATABASE_URL right, and has `{settings.MANAGE} migrate` run?"
            )
        if code is not ExitCode.DONE:
            raise SystemExit(code)

    def print_json(self, data: Any, *, indent: int | None = 2) -> None:
        """In the API's own encoding; without indent, on one line."""
        media_type = f"application/json; indent={indent}" if indent else None
        self.stdout.write(JSONRenderer().render(data, media_type).decode())

    def print_rows(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        spare: Sequence[str] = (),
        is_headed: bool = False,
    ) -> None:
        """A table on a terminal; anywhere else tab-separated lines, headed where columns vary.

        The first column names the row, and is never shortened. Where the terminal is too narrow
        the `spare` columns go, in that order.
        """
        lines = [[_one_line(cell) for cell in row] for row in rows]
        if self.stdout.isatty():
            console = self.console()
            console.print(table(columns, lines, spare=spare, width=console.width))
            return
        for line in [columns, *lines] if is_headed else lines:
            self.stdout.write("\t".join(line))

    def console(self) -> Console:
        """The terminal; with `--no-color` its text has no style at all."""
        return Console(color_system=None) if self._is_plain else Console()

    def _report(self, error: DomainError, *, as_json: bool) -> None:
        if as_json:
            problem = {"code": error.code, "detail": str(error), "errors": error.errors}
            self.stderr.write(json.dumps(problem))
            return
        self.stderr.write(f"Error: {error}")
        for fault in error.errors:
            if fault["detail"] in str(error) and _is_told(fault["pointer"], str(error)):
                continue  # said once is enough
            self.stderr.write(f"  {fault['pointer']}: {fault['detail']}")


def _is_told(pointer: str, sentence: str) -> bool:
    """As it is, or as a path of settings: `training.epochs` for `#/training/epochs`."""
    return pointer in sentence or pointer.removeprefix("#/").replace("/", ".") in sentence


def add_user_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--user", help="Whom it belongs to; without, nobody: only staff see it.")


def add_child_user_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--user", help="Whom it belongs to; without, the owner of its parent.")


def heir_of(options: dict[str, Any], parent: Operation) -> AbstractBaseUser | None:
    """Whom a child belongs to. Raises `UserNotFound`."""
    return owner_of(options) or parent.owner


def owner_of(options: dict[str, Any]) -> User | None:
    """Raises `UserNotFound`."""
    return get_user(options["user"]) if options["user"] else None


def get_user(username: str) -> User:
    """Raises `UserNotFound`."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise UserNotFound(username=username)
    return user


def _printed(output: Any) -> Printed:
    """Around the same stream, in the same colour."""
    printed = Printed(output._out, output.ending)
    printed.style_func = output.style_func
    return printed


def _one_line(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return "" if cell is None else " ".join(str(cell).split())
