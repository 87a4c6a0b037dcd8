"""What the bars make of a model's fuzzy sets, in a process of its own. Free of torch."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from operations.bounded.work import Tell
from training.features.assembly import load_histories
from training.features.history import data_fingerprints
from training.features.progress import Progress, no_progress
from training.launch.preview import SetsOverBars
from training.launch.preview_sets import sets_over_bars
from training.launch.request import TrainingRequest
from training.market_data.pinned import pinned_or_today
from training.models import TrainedModel
from training.trained.stored_models import read_network


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Of `arguments["model_id"]`, as `training.views.sets_picture` draws it.

    Raises as `load_histories`.
    """
    model = TrainedModel.objects.select_related("operation").get(pk=arguments["model_id"])
    found, are_its_bars = sets_of(model, tell)
    return {"fuzzy_sets": [asdict(one) for one in found], "are_its_bars": are_its_bars}


def sets_of(
    model: TrainedModel, progress: Progress = no_progress
) -> tuple[tuple[SetsOverBars, ...], bool]:
    """Over the bars that it was trained on, and True; or today's where those are gone. What it has
    learned stands beside what its strategy has.

    Raises as `load_histories`, `read_network`.
    """
    request = TrainingRequest.of(model.operation)
    strategy = request.read_strategy()
    pinned = pinned_or_today(request.imports, strategy.symbols, strategy.timeframes)
    histories = load_histories(strategy, load_bars=pinned.load_bars, progress=progress)
    progress("Laying the fuzzy sets over the bars")
    are_its_bars = data_fingerprints(histories) == request.data
    learned = read_network(model).manifest["sets"] if strategy.learned_inputs() else {}
    return sets_over_bars(strategy, histories, learned), are_its_bars
