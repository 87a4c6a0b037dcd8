"""Files that a command writes where a person says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.errors import DomainError, InvalidInput


def write_text(target: Path, text: str, *, replace: bool) -> None:
    """Whole or not at all; its folders are made.

    Raises `InvalidInput`, and `WouldOverwrite` where something is there that is not to be replaced.
    """
    try:
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True)
        _put(target, text, replace=replace)
    except OSError as error:
        raise InvalidInput(reason=f"{target} cannot be written: {error.strerror}.") from error


@contextmanager
def put_aside(target: Path, *, replace: bool) -> Iterator[Path]:
    """A file beside the target to write to, which takes its name at the end; its folders are made.

    Where it ends in an error nothing is left. Raises as `write_text`, before anything is written.
    """
    if not replace and target.exists():
        raise WouldOverwrite(paths=str(target))
    new = target.parent / f".ktrdr-{os.getpid()}.new"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield new
        new.replace(target)
    except OSError as error:
        raise InvalidInput(reason=f"{target} cannot be written: {error.strerror}.") from error
    finally:
        new.unlink(missing_ok=True)


def _put(target: Path, text: str, *, replace: bool) -> None:
    """What is replaced is so at once; what is new is nobody else's."""
    if replace:
        new = target.with_name(f".{target.name}.{os.getpid()}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(target)
        return
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise WouldOverwrite(paths=str(target)) from error


class WouldOverwrite(DomainError):
    """{paths} is there already, and nothing was written. Say --replace to overwrite it."""

    code = "would_overwrite"
    status = 409
