"""Strategy files that a command is given: files, folders of them, names of shipped ones."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from operations.errors import DomainError
from training.strategy import Fault
from training.strategy.library import SUFFIXES


def expand(names: Iterable[str]) -> Iterator[str]:
    """Folders as the strategy files in them; everything else as it is. Raises `EmptyFolder`."""
    for name in names:
        if not _is_folder(name):
            yield name
            continue
        found = sorted(path for path in Path(name).rglob("*") if path.suffix in SUFFIXES)
        if not found:
            raise EmptyFolder(folder=name)
        yield from map(str, found)


def fault_as_json(fault: Fault) -> dict[str, Any]:
    return {
        "path": fault.path,
        "pointer": fault.pointer,
        "line": fault.line,
        "message": fault.message,
    }


def place_in(file: str, line: int | None) -> str:
    """`FILE:LINE`, as compilers write it."""
    return f"{file}:{line}" if line else file


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):  # too long, or a NUL
        return False


class EmptyFolder(DomainError):
    """There is no strategy file (*.yaml, *.yml) in {folder}."""

    code = "empty_folder"
    status = 400
