"""Run one benchmark and keep its figures.

python -m tests.benchmarks.run_one NAME FILE [OPTION]...
"""

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path


def main() -> None:
    name, file, *arguments = sys.argv[1:]
    figures = importlib.import_module(f"tests.benchmarks.bench_{name}").main(arguments)
    rows = [{**asdict(figure), "ratio": figure.ratio, "holds": figure.holds} for figure in figures]
    Path(file).write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
