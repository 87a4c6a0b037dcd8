"""`export`: what is taken away is what the training and its model say, or nothing is."""

import sys
from pathlib import Path

import numpy as np
import onnx
import polars as pl
import pytest
from onnxruntime import InferenceSession
from tensorboardX.proto.event_pb2 import Event

from operations.models import Metric, Operation
from operations.resume import resume_operation
from tests.asking.commands import Manage
from tests.training.jobs.predictions import RETURNS, since_of
from tests.training.jobs.scenes import CLASSES, LSTM, MLP, TWO_SYMBOLS, trained
from tests.training.launch import attempts
from training.attempt.requests import StopReason
from training.export import onnx_model
from training.models import TrainedModel
from training.strategy import Strategy
from training.tables.inputs import Span, features
from training.trained.prediction import forecast
from training.trained.stored_models import read_network

pytestmark = pytest.mark.django_db(transaction=True)

GRU_OF_TWO = TWO_SYMBOLS.replace(
    MLP, "model: {type: gru, architecture: {sequence_length: 5, hidden_size: 6, num_layers: 2}}"
)
GRU_RETURNS = RETURNS.replace(
    MLP, "model: {type: gru, architecture: {sequence_length: 4, hidden_size: 5}}"
)


@pytest.mark.parametrize(
    "text",
    [CLASSES, LSTM, GRU_OF_TWO, GRU_RETURNS],
    ids=["mlp", "lstm", "gru of two symbols", "gru of returns"],
)
def test_an_onnx_file_decides_as_the_model_does(text: str, manage: Manage, tmp_path: Path) -> None:
    model = trained(text)
    told = manage("export", str(model.pk), "--to", "onnx", "--out", str(tmp_path), "--json")
    assert told.code == 0, told.err
    [written] = told.json["written"]
    assert Path(written) == tmp_path / model.operation_id / "model.onnx"
    assert told.json["largest_difference"] <= 1e-5 and told.json["other_decisions"] == 0
    properties = {it.key: it.value for it in onnx.load(written).metadata_props}
    assert float(properties["largest_difference"]) == told.json["largest_difference"]
    assert int(properties["samples"]) == told.json["samples"] > 300
    assert properties["weights_sha256"] == model.weights_sha256
    decides_as(model, InferenceSession(written), properties)


def decides_as(model: TrainedModel, session: InferenceSession, properties: dict[str, str]) -> None:
    """Of values that anybody can have: those of the table of features."""
    network = read_network(model)
    window = network.manifest["sequence_length"]
    for number, symbol in enumerate(Strategy.from_snapshot(model.strategy).symbols):
        found = forecast(network, symbol=symbol, since=since_of(model))
        table = features(network, Span(symbol=symbol)).table
        values = table.select(pl.col("^.*@.*$")).to_numpy()
        given = {"values": np.ascontiguousarray(values)}
        if window > 1:
            views = np.lib.stride_tricks.sliding_window_view(values, window, axis=0)
            given = {"values": np.ascontiguousarray(views.transpose(0, 2, 1))}
        if len(session.get_inputs()) > 1:
            given["symbol"] = np.full(len(given["values"]), number)
        (said,) = session.run(None, given)
        last = np.asarray(said)[-len(found.outputs) :]
        assert np.abs(last - found.outputs).max() <= 1e-5
    assert properties["values"] == str([it for it in table.columns if "@" in it]).replace("'", '"')


def test_what_differs_is_not_written_and_says_by_how_much(
    manage: Manage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, file = trained(CLASSES), tmp_path / "mine.onnx"
    of_it = ("export", model.operation_id, "--to", "onnx", "--out", str(file))
    with monkeypatch.context() as patched:
        patched.setattr(onnx_model, "ALLOWED", 0.0)
        refused = manage(*of_it)
    assert refused.code == 5 and "differs from the model by up to" in refused.err
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "onnxruntime", None)
        refused = manage(*of_it)
    assert "pip install -c constraints.txt -r requirements-export.txt" in refused.err
    assert list(tmp_path.iterdir()) == []
    assert manage(*of_it).code == 0 and file.is_file()
    before = file.read_bytes()
    again = manage(*of_it)
    assert again.code == 3 and "--replace" in again.err
    assert manage(*of_it, "--replace").code == 0
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine.onnx"]


def test_every_table_reads_back_in_both_formats(manage: Manage, tmp_path: Path) -> None:
    model = trained(CLASSES)
    for format in ("csv", "parquet"):
        done = manage("export", model.operation_id, "--to", format, "--out", str(tmp_path))
        assert done.code == 0, done.err
    folder = tmp_path / model.operation_id
    names = {path.stem for path in folder.glob("*.csv")}
    assert names == {path.stem for path in folder.glob("*.parquet")}
    assert names == {
        *("metrics", "predictions", "features", "memberships"),
        *("positions", "trades", "equity", "months"),
    }
    assert len(list(folder.iterdir())) == 2 * len(names)
    for name in names - {"trades"}:
        parquet = pl.read_parquet(folder / f"{name}.parquet")
        csv = pl.read_csv(folder / f"{name}.csv", infer_schema_length=None)
        assert csv.columns == parquet.columns and csv.height == parquet.height > 0
        for column in parquet.columns:
            if parquet[column].dtype == pl.Float64:
                same = csv[column].cast(pl.Float64).equals(parquet[column], null_equal=True)
                assert same, f"{name}: {column}"
    equity = pl.read_parquet(folder / "equity.parquet")
    assert equity["equity"][-1] - 1.0 == model.evaluation["metrics"]["net_return"]


def events(path: Path) -> list[Event]:
    data, found = path.read_bytes(), []
    while data:
        length = int.from_bytes(data[:8], "little")
        found.append(Event.FromString(data[12 : 12 + length]))
        data = data[16 + length :]
    return found


def curve(path: Path) -> list[tuple[int, dict[str, float]]]:
    first, *others = events(path)
    assert first.file_version == "brain.Event:2"
    return [(it.step, {v.tag: v.simple_value for v in it.summary.value}) for it in others]


def test_a_training_resumed_three_times_has_the_curve_of_an_undisturbed_one(
    manage: Manage, tmp_path: Path
) -> None:
    calm, cut = attempts.start(epochs=8), attempts.start(epochs=8, every_epochs=3)
    attempts.run(calm)
    for boundary in (40, 60, 25):
        cut = attempts.run_until(cut, boundary, StopReason.CANCEL)
        resume_operation(cut.pk)
    cut = attempts.run(cut)
    assert cut.attempt == 4
    retold = Metric.objects.filter(operation=cut, attempt=4).first()
    assert retold is not None
    Metric.objects.create(  # an earlier attempt had come as far, before a save that was lost
        operation=cut, attempt=3, step=retold.step, values={"val_loss": 9.0, "train_loss": 9.0}
    )
    curves = []
    for operation in (calm, cut):
        done = manage("export", operation.pk, "--to", "tensorboard", "--out", str(tmp_path))
        assert done.code == 0 and "8 epochs; `tensorboard --logdir" in done.out, done.err
        [file] = (tmp_path / operation.pk).iterdir()
        assert file.name.startswith("events.out.tfevents.")
        curves.append(curve(file))
    assert [step for step, _ in curves[1]] == list(range(8))
    exact = {"train_loss", "val_loss", "learning_rate"}
    told = [[{n: v for n, v in it.items() if n in exact} for _, it in one] for one in curves]
    assert told[0] == told[1] and set(told[0][0]) >= {"train_loss", "val_loss"}


def test_what_has_no_model_says_what_to_do(manage: Manage, tmp_path: Path) -> None:
    waiting = attempts.start(epochs=9)
    out = ("--out", str(tmp_path))
    refused = manage("export", waiting.pk, "--to", "onnx", *out)
    assert refused.code == 3 and f"follow_operation {waiting.pk}` watches it" in refused.err
    for format in ("csv", "tensorboard"):
        refused = manage("export", waiting.pk, "--to", format, *out)
        assert refused.code == 3 and "has reported no epoch yet" in refused.err, refused.err
    stopped = attempts.run_until(waiting, 60, StopReason.CANCEL)
    refused = manage("export", stopped.pk, "--to", "onnx", *out)
    assert f"resume_operation {stopped.pk}`" in refused.err
    done = manage("export", stopped.pk, "--to", "csv", *out)
    assert done.code == 0 and "Its metrics alone" in done.err
    assert [path.name for path in (tmp_path / stopped.pk).iterdir()] == ["metrics.csv"]
    assert manage("export", "op_nothing", "--to", "csv").code == 4
    assert Operation.objects.count() == 1
