"""What the machine under this site has, or the container that it runs in."""

import os
import sys
from pathlib import Path

MEGABYTE = 1_000_000

CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Of the second and the first version of Linux's control groups."""


def memory_mb() -> int:
    """Megabytes of memory that all processes here may take together."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_container_limits()]) // MEGABYTE


def manage_command(checkout: Path) -> str:
    """How `manage.py` is called in the checkout's directory, with this Python."""
    python = Path(sys.executable)
    is_inside = python.is_relative_to(checkout)
    return f"{python.relative_to(checkout) if is_inside else 'python'} manage.py"


def follow_command(checkout: Path) -> str:
    """How an operation is followed there, but for its id: `ktrdr` runs the Python of `.venv`."""
    is_there = Path(sys.prefix).resolve() == (checkout / ".venv").resolve()
    return "./ktrdr follow" if is_there else f"{manage_command(checkout)} follow_operation"


def _container_limits() -> list[int]:
    return [int(text) for path in CONTAINER_LIMITS if (text := _read(path)).isdigit()]


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
