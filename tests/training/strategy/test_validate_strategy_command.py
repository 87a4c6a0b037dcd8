"""`validate_strategy`: every fault with file, line and path, and an exit code."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

SHIPPED = Path("training/strategies")


def validate(*arguments: str | Path) -> tuple[int, str]:
    output = io.StringIO()
    try:
        call_command("validate_strategy", *map(str, arguments), stdout=output)
    except SystemExit as end:
        return int(end.code or 0), output.getvalue()
    return 0, output.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    text = (SHIPPED / "rsi_reversal.yaml").read_text()
    (tmp_path / "good.yaml").write_text(text)
    broken = text.replace("period: 14", "perod: 14").replace("epochs: 60", "epochs: 0")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "bad.yml").write_text(broken)
    (tmp_path / "notes.txt").write_text("no strategy")
    return tmp_path


def test_valid_files_end_with_0() -> None:
    code, output = validate(SHIPPED, "sp500_daily")
    assert code == 0
    assert output.count(": valid\n") == len([*SHIPPED.glob("*.yaml")]) + 1


def test_each_fault_of_a_folder_is_printed_with_file_line_and_path(folder: Path) -> None:
    code, output = validate(folder)
    bad = folder / "deep" / "bad.yml"
    assert code == 2
    assert output.splitlines() == [
        f"{bad}:11: indicators.rsi_14.perod: unknown key; did you mean period?",
        f"{bad}:26: training.epochs: must be at least 1, not 0",
        f"{folder / 'good.yaml'}: valid",
    ]


def test_json_says_the_same(folder: Path) -> None:
    code, output = validate(folder, "--json")
    assert code == 2
    bad, good = json.loads(output)
    assert good == {"file": str(folder / "good.yaml"), "valid": True, "faults": [], "warnings": []}
    assert bad["faults"][0] == {
        "path": "indicators.rsi_14.perod",
        "pointer": "#/indicators/rsi_14/perod",
        "line": 11,
        "message": "unknown key; did you mean period?",
    }


def test_lenient_turns_old_keys_into_warnings(folder: Path) -> None:
    path = folder / "old.yaml"
    path.write_text((folder / "good.yaml").read_text() + "scope: universal\n")
    assert validate(path)[0] == 2
    code, output = validate(path, "--lenient")
    assert code == 0
    assert ": warning: scope: has no effect and was ignored\n" in output


@pytest.mark.parametrize("name", ["missing.yaml", "sp500_dayly", "a\0b", "x" * 5000])
def test_what_is_not_there_is_a_fault(name: str) -> None:
    code, output = validate(name)
    assert code == 2
    assert "There is no strategy" in output


def test_a_folder_without_strategies_is_a_mistake(tmp_path: Path) -> None:
    assert validate(tmp_path)[0] == 2
