"""Every benchmark, one after the other, each in a process of its own; `make bench` runs this.

    python -m tests.benchmarks [NAME]…

Prints each one's tables and, in the end, what is not as it must be: then it exits 1. Keeps
everything in tests/benchmarks/results/VERSION.json, with the machine described. Of a benchmark that
is not named the results there stay. Takes half an hour, on a machine that nobody else uses.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import machine
from training.version import VERSION

BENCHMARKS = (
    *("features", "training", "sets", "rules", "recurrent", "machinery", "epochs", "sweep"),
    "operations",
    *("checkpoints", "memory", "startup", "workers", "streams", "web", "pages", "lists"),
    *("ledger", "reading"),
)
RESULTS = Path(__file__).parent / "results"

Rows = list[dict[str, Any]]


def measure(name: str) -> Rows:
    with tempfile.NamedTemporaryFile() as file:
        command = [sys.executable, "-m", "tests.benchmarks.run_one", name, file.name]
        subprocess.run(command, check=True)
        rows: Rows = json.loads(Path(file.name).read_text())
        return rows


def keep(measured: dict[str, Rows]) -> Path:
    """In the file of this version; what it has of other benchmarks stays."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{VERSION}.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    where = machine()
    for name, rows in measured.items():
        kept[name] = {"machine": where, "figures": rows}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return path


def main() -> int:
    """How many promises were missed, at most 1: the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or BENCHMARKS
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    measured = {}
    for name in names:
        print(f"\n# {name}\n", flush=True)
        measured[name] = measure(name)
        print(f"\nkept in {keep(measured)}")
    missed = [(name, row) for name, rows in measured.items() for row in rows if not _holds(row)]
    for name, row in missed:
        print(f"missed: {name}: {row['name']}: {row['value']:.3g} {row['unit']}")
    return min(1, len(missed))


def _holds(row: dict[str, Any]) -> bool:
    return row["holds"] is not False


if __name__ == "__main__":
    sys.exit(main())
