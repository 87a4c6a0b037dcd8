"""Fuzzy sets over their indicators, as a file."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from tests.acceptance import trainings
from training.jobs import run_training
from training.models import TrainedModel

pytestmark = pytest.mark.django_db(transaction=True)

POLYLINE = "{http://www.w3.org/2000/svg}polyline"


def test_a_strategy_and_its_model_have_the_same_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strategy, of_strategy, of_model = (tmp_path / name for name in ("s.yaml", "s.svg", "m.svg"))
    strategy.write_text(trainings.STRATEGY)
    operation = trainings.start(epochs=1, strategy_yaml=trainings.STRATEGY)
    run_training(operation.pk, 1)
    model = str(TrainedModel.objects.get().pk)

    call_command("plot_sets", str(strategy), "--out", str(of_strategy), "--json")
    told = json.loads(capsys.readouterr().out)["fuzzy_sets"]
    call_command("plot_sets", model, "--out", str(of_model))

    drawn = [_lines(path) for path in (of_strategy, of_model)]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == sum(len(group["sets"]) for group in told) > 0


def test_what_is_neither_is_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        call_command("plot_sets", "nothing_like_it", "--out", str(tmp_path / "x.svg"))
    assert not list(tmp_path.iterdir())


def _lines(path: Path) -> list[str]:
    return [line.attrib["points"] for line in ElementTree.parse(path).iter(POLYLINE)]
