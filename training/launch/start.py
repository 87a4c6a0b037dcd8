"""Start a training, and start one again. Free of torch.

Everything an attempt needs is frozen into the operation's request here: the strategy with every
default filled in and its end date fixed, and the fingerprints of the bars it stands on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from checkpoints.policy import KEEP_AT_LEAST
from operations import dispatch, lifecycle
from operations.models import NAME_MAX_LENGTH, Operation
from operations.naming import child_name
from operations.text import unspeakable
from training.devices import DEVICES
from training.errors import StartInvalid
from training.features.errors import EmptyPart, PriceNotPositive, TooFewBars, TooFewTrainingRows
from training.launch.holding import hold
from training.launch.layout import lay_out
from training.launch.previewed import Previewed
from training.launch.priority import QUEUE_BY_PRIORITY, inheriting, require_priority
from training.launch.request import Saving, TrainingRequest
from training.launch.room import NO_ROOM, require_room
from training.market_data import MarketDataDamaged, MarketDataMissing, load_bars
from training.strategy import LoadedStrategy, Strategy, apply_overrides, find_strategy
from training.strategy import load_strategy as load_strategy_text

OPERATION_TYPE = "training"
GPU_QUEUE, GPU_PARTS_QUEUE = "training-gpu", "training-gpu-low"
GPU_QUEUES = (GPU_QUEUE, GPU_PARTS_QUEUE)
RESTART_ERRORS = (
    MarketDataMissing,
    MarketDataDamaged,
    TooFewBars,
    PriceNotPositive,
    TooFewTrainingRows,
    EmptyPart,
    *NO_ROOM,
)
"""What `restart_request` may raise."""


@dataclass(frozen=True, kw_only=True)
class CheckpointSettings:
    """How often to save, and how many checkpoints to keep. None takes the site's default."""

    every_epochs: int | None = None
    every_seconds: float | None = None
    keep: int | None = None


@dataclass(frozen=True, kw_only=True)
class StartRequest:
    """What a user may say about a training: either a strategy's name or its text, and changes."""

    strategy: str | None = None
    """Name of a shipped strategy."""
    strategy_yaml: str | None = None
    symbols: tuple[str, ...] | None = None
    timeframes: tuple[str, ...] | None = None
    start_date: str | None = None
    end_date: str | None = None
    epochs: int | None = None
    seed: int | None = None
    name: str = ""
    """Shown in lists; the strategy's own name when empty."""
    device: str = "auto"
    priority: str = "normal"
    max_restarts: int | None = None
    checkpoint: CheckpointSettings = CheckpointSettings()
    lenient: bool = False


@dataclass(frozen=True, kw_only=True)
class PreparedStart:
    """A start that was found to make sense: what is left is to write it down."""

    name: str
    request: TrainingRequest
    max_restarts: int | None
    owner: AbstractBaseUser | None
    """Whose it will be; nobody's is the site's own."""

    @property
    def seed(self) -> int:
        seed: int = self.request.strategy["training"]["seed"]
        return seed

    def with_seed(self, seed: int) -> Self:
        """The same on the same bars, with the seed in its name. Raises `StrategyInvalid`."""
        strategy = apply_overrides(self.request.read_strategy(), seed=seed)
        name = child_name(self.name, (f"seed {seed}",))
        return replace(self, name=name, request=self.request.with_strategy(strategy))


def start_training(
    request: StartRequest, *, owner: AbstractBaseUser | None = None, lineage: str = ""
) -> Operation:
    """Prepare a start and create its operation; raises as `prepare_start`."""
    return start_prepared(prepare_start(request, owner=owner), lineage=lineage)


def prepare_start(
    request: StartRequest,
    *,
    owner: AbstractBaseUser | None,
    previewed: Previewed | None = None,
) -> PreparedStart:
    """Check everything that can be checked. It reads bars, so call it outside of a transaction.

    `previewed` is what a preview has found, if it is of the same.

    Raises `PriorityNotPermitted`, `StartInvalid`, `StrategyNotFound`, `StrategyInvalid` with every
    fault, `MarketDataMissing` and its kind, `TooFewBars`, `TooFewTrainingRows`, `EmptyPart`,
    `WouldFail`, `NotEnoughDisk` or `NotEnoughMemory`.
    """
    require_priority(request.priority, owner)
    loaded = strategy_to_train(request)
    strategy, layout = loaded.strategy, lay_out(loaded.strategy)
    frozen = TrainingRequest(
        strategy=strategy.snapshot(),
        strategy_digest=strategy.digest(),
        warnings=tuple(str(warning) for warning in loaded.warnings),
        data=layout.data,
        imports=layout.imports,
        cuts=layout.cuts,
        trained=layout.trained,
        device=request.device,
        priority=request.priority,
        checkpoint=_saving(request.checkpoint),
    )
    if previewed is not None:
        previewed.require_trainable(frozen)
    require_room(strategy, layout, frozen)
    return PreparedStart(
        name=request.name or strategy.name,
        request=frozen,
        max_restarts=request.max_restarts,
        owner=owner,
    )


def start_prepared(prepared: PreparedStart, *, lineage: str = "") -> Operation:
    """Create the operation and ring for a worker."""
    request = prepared.request.to_json()
    with transaction.atomic():
        operation = lifecycle.start(
            operation_type=OPERATION_TYPE,
            name=prepared.name,
            owner=prepared.owner,
            lineage=lineage,
            queue=queue_for(request),
            request=request,
            max_restarts=prepared.max_restarts,
        )
        hold(operation.pk, request)
        dispatch.ring_after_commit(operation.pk, operation.attempt)
    return operation


def strategy_to_train(request: StartRequest) -> LoadedStrategy:
    """The strategy as it would be frozen now: with the request's changes and its end date fixed.

    Raises as `check_request`, and `MarketDataMissing` and its kind.
    """
    loaded = check_request(request)
    return replace(loaded, strategy=_with_end_date(loaded.strategy))


def check_request(request: StartRequest) -> LoadedStrategy:
    """The strategy with the request's changes; cheap, for it looks at no market data.

    Raises `StartInvalid`, `StrategyNotFound`, `StrategyInvalid` with every fault.
    """
    if faults := list(_faults(request)):
        raise StartInvalid(faults)
    loaded = _load(request)
    return replace(loaded, strategy=_overridden(request, loaded.strategy))


def queue_for(request: Mapping[str, Any]) -> str:
    """Only an operation that asks for a GPU waits for a worker that has one."""
    return GPU_QUEUE if request["device"] == "cuda" else QUEUE_BY_PRIORITY[request["priority"]]


def restart_request(operation: Operation, *, owner: AbstractBaseUser | None) -> dict[str, Any]:
    """The same strategy and seed from the start, on the bars there are now.

    Raises as `lay_out` and `require_room` do.
    """
    request = inheriting(TrainingRequest.of(operation).for_restart(), owner)
    strategy = request.read_strategy()
    layout = lay_out(strategy)
    require_room(strategy, layout, request)
    return layout.of(request).to_json()


def device_faults(device: str) -> list[dict[str, str]]:
    """Empty where the device can be asked for."""
    if device in DEVICES:
        return []
    return [_fault("device", f"must be one of {', '.join(DEVICES)}")]


def _load(request: StartRequest) -> LoadedStrategy:
    if request.strategy is not None:
        return find_strategy(request.strategy).load(lenient=request.lenient)
    return load_strategy_text(
        request.strategy_yaml or "", source="strategy_yaml", lenient=request.lenient
    )


def _overridden(request: StartRequest, strategy: Strategy) -> Strategy:
    return apply_overrides(
        strategy,
        symbols=request.symbols,
        timeframes=request.timeframes,
        start_date=request.start_date,
        end_date=request.end_date,
        epochs=request.epochs,
        seed=request.seed,
    )


def _with_end_date(strategy: Strategy) -> Strategy:
    """Fix the last bar there is now as the end: bars that arrive later change nothing."""
    if strategy.training_data.end_date is not None:
        return strategy
    last_opens = [
        int(load_bars(symbol, strategy.base_timeframe).times[-1]) for symbol in strategy.symbols
    ]
    last = datetime.fromtimestamp(max(last_opens), UTC)
    return apply_overrides(strategy, end_date=last.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _saving(given: CheckpointSettings) -> Saving:
    return Saving(
        every_epochs=given.every_epochs or settings.KTRDR_CHECKPOINT_EPOCH_INTERVAL,
        every_seconds=given.every_seconds or settings.KTRDR_CHECKPOINT_TIME_INTERVAL_SECONDS,
        keep=given.keep or settings.KTRDR_CHECKPOINT_KEEP,
    )


def _faults(request: StartRequest) -> list[dict[str, str]]:
    checkpoint = request.checkpoint
    # What a site does by default may be asked for, too.
    most_restarts = max(settings.KTRDR_MAX_RESTARTS_CAP, settings.KTRDR_MAX_RESTARTS)
    most_kept = max(settings.KTRDR_CHECKPOINT_KEEP_CAP, settings.KTRDR_CHECKPOINT_KEEP)
    least_seconds = min(
        settings.KTRDR_CHECKPOINT_SECONDS_FLOOR, settings.KTRDR_CHECKPOINT_TIME_INTERVAL_SECONDS
    )
    wrong: dict[str, tuple[bool, str]] = {
        "strategy": (
            (request.strategy is None) == (request.strategy_yaml is None),
            "give either strategy, a name, or strategy_yaml, a text",
        ),
        "priority": (
            request.priority not in QUEUE_BY_PRIORITY,
            f"must be one of {', '.join(QUEUE_BY_PRIORITY)}",
        ),
        "name": (
            len(request.name) > NAME_MAX_LENGTH or unspeakable(request.name) != "",
            f"must be at most {NAME_MAX_LENGTH} characters on one line, without control characters",
        ),
        "max_restarts": (
            request.max_restarts is not None and not 0 <= request.max_restarts <= most_restarts,
            f"must be 0 to {most_restarts}",
        ),
        "checkpoint/every_epochs": (
            checkpoint.every_epochs is not None and checkpoint.every_epochs < 1,
            "must be 1 or more",
        ),
        "checkpoint/every_seconds": (
            checkpoint.every_seconds is not None
            and not least_seconds <= checkpoint.every_seconds < 1e9,
            f"must be {least_seconds:g} or more",
        ),
        "checkpoint/keep": (
            checkpoint.keep is not None and not KEEP_AT_LEAST <= checkpoint.keep <= most_kept,
            f"must be {KEEP_AT_LEAST} to {most_kept}",
        ),
    }
    told = [_fault(pointer, message) for pointer, (bad, message) in wrong.items() if bad]
    return told + device_faults(request.device)


def _fault(pointer: str, detail: str) -> dict[str, str]:
    return {"pointer": f"#/{pointer}", "detail": detail}
