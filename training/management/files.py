"""Files that a command writes where a person says."""

import os
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
