"""A model as an ONNX file that says what it was compared with: nothing else leaves."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training.evaluation.decisions import decide
from training.export.errors import ExportDiffers, PackagesMissing
from training.features.arrays import Float64Array
from training.features.history import History
from training.features.matrix import FeatureColumns
from training.features.plan import Feature
from training.market_data.report import as_text
from training.models import TrainedModel
from training.tables.inputs import sources
from training.trained.account import Scored, scored
from training.trained.inputs import features_of
from training.version import VERSION

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession

ALLOWED = 1e-5
"""Of a probability, or of a predicted return: a thousandth of a percent."""
BATCH_FLOATS = 4_000_000
"""Values that are given to the runtime at once: 32 MB."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """With what the model itself says of the bars of its test part that it decides on."""

    samples: int
    largest_difference: float
    other_decisions: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"run on the {self.samples:,} bars of the test part: it differs by "
            f"{self.largest_difference:.1e} at most, and decides the same"
        )


def export_onnx(model: TrainedModel) -> tuple[bytes, Compared]:
    """The file, and how it compared: the same file for the same model.

    Raises `PackagesMissing`, `ExportDiffers`, and as `training.trained.account.scored`.
    """
    try:
        import onnx
        from onnxruntime import InferenceSession, SessionOptions

        from training.export.onnx_graph import build
    except ImportError as error:
        raise PackagesMissing(format="onnx", package=error.name) from error
    of = scored(model)
    features = features_of(of.strategy, of.network)
    made = build(of.network, features, of.strategy.symbols)
    onnx.checker.check_model(made, full_check=True)
    options = SessionOptions()
    options.log_severity_level = 3  # errors: what it warns of is how it optimises
    session = InferenceSession(
        made.SerializeToString(deterministic=True), options, providers=["CPUExecutionProvider"]
    )
    compared = _compare(session, of, features)
    if compared.largest_difference > ALLOWED or compared.other_decisions:
        raise ExportDiffers(
            samples=compared.samples,
            largest=f"{compared.largest_difference:.2e}",
            allowed=f"{ALLOWED:g}",
            others=compared.other_decisions,
        )
    _describe(made, model, of, features, compared)
    return made.SerializeToString(deterministic=True), compared


def _compare(session: "InferenceSession", of: Scored, features: tuple[Feature, ...]) -> Compared:
    said = np.concatenate(list(_said(session, of, features)))
    expected = of.said
    other = decide(of.strategy, said) != decide(of.strategy, expected)
    if expected.ndim > 1:
        other |= said.argmax(axis=1) != expected.argmax(axis=1)
    return Compared(
        samples=len(expected),
        largest_difference=float(np.max(np.abs(said - expected), initial=0.0)),
        other_decisions=int(other.sum()),
    )


def _said(
    session: "InferenceSession", of: Scored, features: tuple[Feature, ...]
) -> Iterator[Float64Array]:
    """What the runtime says of the rows that were decided on, in their order."""
    decided, first = of.trading.decided, 0
    for number, history in enumerate(of.histories):
        after = first + history.times.size
        rows = decided[(decided >= first) & (decided < after)] - first
        values = _values(of, history, features)
        for own in _batches(rows, of.network.manifest["sequence_length"] * values.shape[1]):
            yield _run(session, of, values, own, number)
        first = after


def _values(of: Scored, history: History, features: tuple[Feature, ...]) -> Float64Array:
    """[rows, sources]: what the features are made of."""
    columns, rows = FeatureColumns(of.strategy, history, features), slice(0, history.times.size)
    return np.stack([columns.values(it, rows) for it in sources(features).values()], axis=1)


def _batches(rows: NDArray[np.int64], floats: int) -> Iterator[NDArray[np.int64]]:
    size = max(1, BATCH_FLOATS // floats)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _run(
    session: "InferenceSession",
    of: Scored,
    values: Float64Array,
    rows: NDArray[np.int64],
    symbol: int,
) -> Float64Array:
    window = of.network.manifest["sequence_length"]
    if window > 1:
        steps = rows[:, np.newaxis] + np.arange(1 - window, 1)
        given = {"values": values[steps]}
    else:
        given = {"values": values[rows]}
    if any(it.name == "symbol" for it in session.get_inputs()):
        given["symbol"] = np.full(len(rows), symbol)
    (said,) = session.run(None, given)
    told: Float64Array = np.asarray(said, np.float64)
    return told


def _describe(
    made: "ModelProto",
    model: TrainedModel,
    of: Scored,
    features: tuple[Feature, ...],
    compared: Compared,
) -> None:
    from onnx import helper

    manifest = of.network.manifest
    made.producer_name, made.producer_version = "ktrdr", VERSION
    told = {
        "operation_id": model.operation_id,
        "weights_sha256": model.weights_sha256,
        "dataset_digest": manifest["dataset_digest"],
        "strategy_digest": manifest["strategy_digest"],
        "values": list(sources(features)),
        "feature_ids": manifest["feature_ids"],
        "symbols": list(of.strategy.symbols),
        "timeframe": of.strategy.base_timeframe,
        "sequence_length": manifest["sequence_length"],
        "class_names": manifest["class_names"],
        "decisions": of.strategy.decisions.model_dump(mode="json"),
        "compared_with": "the model, on every bar of its test part that it decides on",
        "compared_from": as_text(manifest["evaluation"]["first_time"]),
        "compared_to": as_text(manifest["evaluation"]["last_time"]),
        **compared.to_json(),
    }
    texts = {name: it if isinstance(it, str) else json.dumps(it) for name, it in told.items()}
    helper.set_model_props(made, texts)
