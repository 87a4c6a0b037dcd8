"""What the demo shows: a bar for each training, and above it what happens, line by line."""

from contextlib import AbstractContextManager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from operations.management.following import event_line, position
from operations.reading.following import Look
from operations.reading.words import done_words


class Screen(AbstractContextManager["Screen"]):
    """Without a terminal there are only the lines."""

    def __init__(self) -> None:
        self._console = Console(soft_wrap=True, highlight=False)
        self._bars = Progress(
            TextColumn("[bold]{task.description:>12}"),
            BarColumn(bar_width=30),
            TaskProgressColumn(),
            TextColumn("{task.fields[words]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> "Screen":
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def tell(self, line: str, *, style: str = "bold cyan") -> None:
        self._console.print(f"[{style}]{escape(line)}[/]")

    def add_training(self, name: str) -> TaskID:
        return self._bars.add_task(name, total=100, words="")

    def show(self, training: TaskID, look: Look) -> None:
        for event in look.events:
            if event.data.get("checkpoint_type") != "periodic":  # too many: the bar shows the last
                self._console.print(f"[dim]  {escape(event_line(event))}[/]")
        now = look.now
        saved = now.latest_checkpoint
        words = f"{now.phase or now.operation.status}  {position(now)}"
        if saved is not None:
            words += f"  (saved: {done_words(saved.epoch, saved.batch)})"
        self._bars.update(training, completed=now.progress["percent"] or 0, words=words)
