"""Whatever names a model's Sharpe ratio names what it is worth, too: page, answer and module.

`jobs/test_looks.py` asks each surface of today; this finds one that is new.
"""

import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"""metric_of:["']sharpe["']|\.sharpe\b""")
NAMED = re.compile(r"""["']sharpe["']""")
WORTH = re.compile(r"deflated_sharpe|\.worth\b|WORTH")
NO_SURFACE = {
    "training/evaluation/backtest.py": "computes it, of baselines, too",
    "training/models.py": "the column that lists are sorted by",
    "training/trained/choosing.py": "sorts by it",
    "training/trained/columns.py": "fills the column",
    "training/trained/ledger.py": "keeps it, of one return",
    "training/trained/sharpe_differences.py": "compares those of two models",
}


def files(pattern: str) -> list[str]:
    found = (path for app in ("training", "operations") for path in (ROOT / app).rglob(pattern))
    return sorted(str(path.relative_to(ROOT)) for path in found if "migrations" not in path.parts)


def text(name: str) -> str:
    return (ROOT / name).read_text()


def test_no_template_shows_a_ratio_alone() -> None:
    showing = [name for name in files("*.html") if SHOWN.search(text(name))]
    assert "training/templates/training/models.html" in showing
    assert [name for name in showing if not WORTH.search(text(name))] == []


def test_no_module_names_a_ratio_alone() -> None:
    naming = [name for name in files("*.py") if NAMED.search(text(name))]
    alone = {name for name in naming if not WORTH.search(text(name))}
    assert alone == set(NO_SURFACE)


def test_no_answer_is_described_with_a_ratio_alone() -> None:
    described: dict[str, dict[str, Any]] = json.loads(settings.API_DESCRIPTION.read_text())
    having = {
        name: told["properties"]
        for name, told in described["components"]["schemas"].items()
        if "sharpe" in told.get("properties", {})
    }
    assert "Metrics" in having
    assert [name for name, told in having.items() if "deflated_sharpe" not in told] == []
