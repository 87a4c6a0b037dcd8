"""What a preview does in its process. Free of torch."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from operations.errors import DomainError
from training.errors import PreviewRefused
from training.features.assembly import load_histories
from training.features.cache import prepare_from_histories
from training.features.dataset import Dataset
from training.features.progress import Progress, no_progress
from training.launch.layout import lay_out
from training.launch.preview import Part, Preview
from training.launch.preview_price import labelled_prices
from training.launch.preview_sets import sets_over_bars
from training.launch.previewed import subject_of
from training.launch.start import (
    CheckpointSettings,
    StartRequest,
    strategy_to_train,
)
from training.market_data import load_bars
from training.market_data.report import as_text
from training.strategy import LoadedStrategy, Strategy

PARTS = ("train", "validation", "test")


def answer(arguments: Mapping[str, Any], tell: Progress) -> dict[str, Any]:
    """The preview of `arguments["request"]`, as plain JSON.

    Raises as `check_request`, and `PreviewRefused`.
    """
    subject = ""  # until it is clear what a start would find itself
    try:
        loaded = strategy_to_train(_request(arguments["request"]))
        subject = _subject(loaded.strategy)
        return asdict(_preview(loaded, progress=tell))
    except DomainError as error:
        raise PreviewRefused(reason=str(error), errors=error.errors, subject=subject) from error


def sets(arguments: Mapping[str, Any], tell: Progress) -> list[dict[str, Any]]:
    """The fuzzy sets of `arguments["request"]` over its bars, as plain JSON.

    Raises `PreviewRefused`.
    """
    try:
        strategy = strategy_to_train(_request(arguments["request"])).strategy
        histories = load_histories(strategy, load_bars=load_bars, progress=tell)
        return [asdict(one) for one in sets_over_bars(strategy, histories)]
    except DomainError as error:
        raise PreviewRefused(reason=str(error), errors=error.errors, subject="") from error


def preview(request: StartRequest, *, progress: Progress = no_progress) -> Preview:
    """Raises as `strategy_to_train` and `build_dataset`."""
    return _preview(strategy_to_train(request), progress=progress)


def _preview(loaded: LoadedStrategy, *, progress: Progress) -> Preview:
    histories = load_histories(loaded.strategy, load_bars=load_bars, progress=progress)
    dataset = prepare_from_histories(loaded.strategy, histories, progress=progress)
    progress("Laying the fuzzy sets over the bars")
    said = [str(warning) for warning in loaded.warnings]
    return Preview(
        rows=len(dataset.features),
        symbols=dataset.symbol_names,
        feature_ids=loaded.strategy.feature_ids(),
        sequence_length=dataset.sequence_length,
        parts=tuple(_parts(dataset)),
        symbol_samples=dataset.symbol_samples,
        outside_range=dataset.outside_range,
        fuzzy_sets=sets_over_bars(loaded.strategy, histories),
        prices=tuple(labelled_prices(loaded.strategy, histories)),
        warnings=(*said, *(warning.message for warning in dataset.warnings)),
        subject=_subject(loaded.strategy),
    )


def _subject(strategy: Strategy) -> str:
    """Raises as `lay_out`."""
    return subject_of(strategy.snapshot(), lay_out(strategy).data)


def _parts(dataset: Dataset) -> Iterator[Part]:
    for name in PARTS:
        rows = getattr(dataset, name)
        times = dataset.times[rows]
        yield Part(
            name=name,
            samples=len(rows),
            first=as_text(int(times.min())),
            last=as_text(int(times.max())),
            balance=dataset.label_balance[name] if dataset.class_names else {},
        )


def _request(data: dict[str, Any]) -> StartRequest:
    names = {key: tuple(data[key]) for key in ("symbols", "timeframes") if data[key] is not None}
    return StartRequest(**{**data, **names, "checkpoint": CheckpointSettings(**data["checkpoint"])})
