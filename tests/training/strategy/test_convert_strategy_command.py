"""`convert_strategy`: several files, printed or written, never over what is there unasked."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.training.strategy import ktrdr_shapes
from training.strategy import load_strategy


def run(*arguments: str | Path) -> tuple[int, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    try:
        call_command("convert_strategy", *map(str, arguments), stdout=output, stderr=errors)
    except SystemExit as end:
        return int(end.code or 0), output.getvalue(), errors.getvalue()
    return 0, output.getvalue(), errors.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    there = tmp_path / "theirs"
    there.mkdir()
    for number in (1, 12):
        (there / f"shape{number}.yaml").write_text(ktrdr_shapes.text(number))
    return there


def test_without_out_the_file_is_printed_and_the_differences_go_beside(folder: Path) -> None:
    file = folder / "shape12.yaml"
    code, output, errors = run(file)
    assert code == 0
    assert load_strategy(output, source="printed").strategy.base_timeframe == "1h"
    assert f"{file}:" in errors
    assert "indicators.bands.type: bbands is bollinger here" in errors
    assert next(line for line in output.splitlines() if "bbands is bollinger" in line)[0] == "#"


def test_a_folder_is_written_to_a_folder(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "ours"
    code, output, _ = run(folder, "--out", out)
    assert code == 0
    assert sorted(path.name for path in out.iterdir()) == ["shape1.yaml", "shape12.yaml"]
    for path in out.iterdir():
        load_strategy(path.read_text(), source=path.name)
        assert f"converted to {path}" in output


def test_what_is_there_stays_unless_asked(folder: Path, tmp_path: Path) -> None:
    file, out = folder / "shape1.yaml", tmp_path / "mine.yaml"
    out.write_text("mine")
    code, _, errors = run(file, "--out", out)
    assert (code, out.read_text()) == (3, "mine")
    assert f"{out} is there already" in errors
    assert "--replace" in errors
    assert run(folder, "--out", folder)[0] == 3
    assert file.read_text() == ktrdr_shapes.text(1)
    assert run(file, "--out", out, "--replace")[0] == 0
    load_strategy(out.read_text(), source="replaced")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.yaml", "theirs"]


def test_a_refused_file_is_told_and_the_others_are_written(folder: Path, tmp_path: Path) -> None:
    (folder / "shape19.yaml").write_text(ktrdr_shapes.text(19))
    out = tmp_path / "ours"
    code, _, errors = run(folder, "--out", out)
    assert code == 2
    assert sorted(path.name for path in out.iterdir()) == ["shape1.yaml", "shape12.yaml"]
    assert "training.labels.source: labels regime are not learned here" in errors


def test_json_says_the_same(folder: Path) -> None:
    code, output, _ = run(folder, "missing.yaml", "--json")
    assert code == 2
    first, second, missing = json.loads(output)
    assert first["converted"] and second["converted"] and not missing["converted"]
    assert missing["faults"][0]["message"].startswith("There is no strategy")
    load_strategy(second["yaml"], source="json")
    assert {"path", "line", "kind", "message"} == second["changes"][0].keys()
    assert second["written_to"] is None


def test_two_files_of_one_name_are_not_written_over_each_other(
    folder: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "shape1.yaml"
    twin.write_text(ktrdr_shapes.text(1))
    code, _, errors = run(folder / "shape1.yaml", twin, "--out", tmp_path / "ours")
    assert code == 2
    assert "Several files would be written" in errors
    assert not (tmp_path / "ours").exists()


def test_a_place_that_cannot_be_written_is_said(folder: Path) -> None:
    file = folder / "shape1.yaml"
    code, _, errors = run(file, "--out", file / "below.yaml")
    assert code == 2
    assert "cannot be written" in errors
