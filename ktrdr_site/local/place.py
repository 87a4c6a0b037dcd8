"""Where a site on one's own machine has its files. Imports nothing that takes time."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]

DATABASE_FILE = "ktrdr.sqlite3"
"""In the data directory, where no DATABASE_URL is given."""


def in_checkout(path: str | Path) -> Path:
    """A relative path begins at the checkout, whatever directory a process was started in: all of
    a site's processes and commands have to mean the same files."""
    return Path(os.path.normpath(BASE_DIR / path))


def data_directory() -> Path:
    return in_checkout(os.environ.get("KTRDR_DATA_DIR") or "var")
