"""Show an operation as it goes: a live bar on a terminal, plain lines anywhere else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Protocol

from django.conf import settings
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from operations import operation_types
from operations.management.base import OF_END, ExitCode, KtrdrCommand
from operations.management.folding import Folding
from operations.models import Event, Status
from operations.operation_types import presentation
from operations.reading.as_json import EventSerializer, present
from operations.reading.following import follow
from operations.reading.overview import Overview
from operations.text import printable

EMPTY: tuple[object, ...] = ("", None, [])
NOT_SHOWN = ("checkpoint_id", "created_at", "samples", "values", "points")
"""Members of an event that would fill its line, and the time, with which it begins."""


class Screen(Protocol):
    def event(self, event: Event) -> None: ...
    def state(self, now: Overview) -> None: ...
    def end(self, now: Overview) -> None: ...


def follow_to_end(command: KtrdrCommand, operation_id: str, *, as_json: bool) -> ExitCode:
    """Returns when the operation has ended, with its exit code, or when Ctrl-C detaches."""
    with ExitStack() as stack:
        screen: Screen
        if as_json:
            screen = JsonLines(command)
        elif command.stdout.isatty():
            screen = stack.enter_context(LiveScreen(operation_id, command.console()))
        else:
            screen = PlainLines(command)
        try:
            status = _show(screen, operation_id)
        except KeyboardInterrupt:
            command.stderr.write(
                f"\nDetached. {operation_id} goes on; follow it again with:\n"
                f"  {settings.FOLLOW} {operation_id}"
            )
            return ExitCode.DETACHED
    return OF_END[status]


def _show(screen: Screen, operation_id: str) -> Status:
    for look in follow(operation_id):
        for event in look.events:
            screen.event(event)
        screen.state(look.now)
    screen.end(look.now)
    return Status(look.now.operation.status)


class PlainLines:
    """A line per event, saves folded, and one per milestone: of a training, per completed epoch."""

    def __init__(self, command: KtrdrCommand) -> None:
        self._command = command
        self._folding = Folding(event_line)
        self._milestone: object = None

    def event(self, event: Event) -> None:
        self._write(self._folding.lines(event))

    def state(self, now: Overview) -> None:
        milestone = now.progress[presentation(now.operation.operation_type).milestone]
        if milestone not in (None, self._milestone) and now.operation.is_live:
            self._write([progress_line(now)])
            self._milestone = milestone

    def end(self, now: Overview) -> None:
        rows = ["  ".join(cell.rjust(9) for cell in row) for row in table_rows(now)]
        self._write([*self._folding.rest(), *rows, end_line(now)])

    def _write(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._command.stdout.write(line)
        self._command.stdout.flush()


class JsonLines:
    """One JSON object per line: the events, and at last the operation."""

    def __init__(self, command: KtrdrCommand) -> None:
        self._command = command

    def event(self, event: Event) -> None:
        self._command.print_json(EventSerializer(event).data, indent=None)
        self._command.stdout.flush()

    def state(self, now: Overview) -> None:
        """Only what happens is a line: progress would be one every half second."""

    def end(self, now: Overview) -> None:
        self._command.print_json(present(now), indent=None)


class BarUnderTable(Progress):
    """The bar; above it the newest save, and of a family the table of its parts, which fills."""

    rows: Sequence[Sequence[str]] = ()
    saved = ""

    def get_renderables(self) -> Iterator[RenderableType]:
        if self.saved:
            yield Text(self.saved)
        if self.rows:
            yield self._table()
        yield from super().get_renderables()

    def _table(self) -> Table:
        head, *rows = self.rows
        table = Table(*head)
        for column in table.columns:
            column.justify = "right"
        for row in rows:
            table.add_row(*row)
        return table


class LiveScreen:
    """Events scroll by above a bar that stays."""

    def __init__(self, operation_id: str, console: Console) -> None:
        self._progress = BarUnderTable(
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[words]}", markup=False),
            console=console,
        )
        self._task = self._progress.add_task(operation_id, total=100, words="")
        self._folding = Folding(event_line)

    def __enter__(self) -> "LiveScreen":
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def event(self, event: Event) -> None:
        self._print(self._folding.lines(event))
        self._progress.saved = printable(self._folding.held)

    def state(self, now: Overview) -> None:
        self._progress.rows = table_rows(now)
        self._progress.update(
            self._task,
            completed=now.progress["percent"] or 0,
            description=str(now.phase or now.operation.status),
            words=position(now),
        )

    def end(self, now: Overview) -> None:
        self._progress.saved = ""
        self._print([*self._folding.rest(), end_line(now)])

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._progress.console.print(printable(line), markup=False, highlight=False)


def event_line(event: Event) -> str:
    details = " ".join(f"{key}={value}" for key, value in _flat(event.data) if value not in EMPTY)
    line = f"{event.created_at:%H:%M:%S}  attempt {event.attempt}  {event.event_type}  {details}"
    return line.rstrip()


def table_rows(now: Overview) -> list[tuple[str, ...]]:
    """The head and the rows; none where its type has no table."""
    table = presentation(now.operation.operation_type).table
    return table(now.operation) if table else []


def progress_line(now: Overview) -> str:
    percent = now.progress["percent"]
    done = f"{percent:.1f} %  " if percent is not None else ""
    return f"{now.operation.heartbeat_at:%H:%M:%S}  {now.phase}  {done}{position(now)}"


def end_line(now: Overview) -> str:
    operation = now.operation
    told = operation_types.headline(operation) or operation.error_message
    return f"Operation {operation.pk} is {operation.status}. {told}".rstrip()


def position(now: Overview) -> str:
    """In its type's words, with the time that is left: `epoch 12 of 40, …, 2:05 left`."""
    words = presentation(now.operation.operation_type).position(now.progress)
    parts = [words] if words else []
    if now.operation.is_live and now.progress["eta_seconds"]:
        minutes, seconds = divmod(round(now.progress["eta_seconds"]), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return ", ".join(parts)


def _flat(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if key in NOT_SHOWN:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield key, value
