"""What can go wrong in a training that a user can meet. A class's docstring is its message."""

from typing import TYPE_CHECKING

from operations.errors import DomainError, NotPermitted

if TYPE_CHECKING:
    from training.trainer.state import Snapshot


class StartInvalid(DomainError):
    """The training was not started: {summary}."""

    code = "invalid_request"
    status = 400

    def __init__(self, errors: list[dict[str, str]]) -> None:
        told = (f"{error['pointer'].removeprefix('#/')}: {error['detail']}" for error in errors)
        super().__init__(errors=errors, summary="; ".join(told))


class PriorityNotPermitted(NotPermitted):
    """
    Priority {priority} goes before what everybody else waits for: it needs the permission
    {permission}, which only administrators have until they give it to somebody. Nothing was
    started; start it with priority normal.
    """


class NotEnoughDisk(DomainError):
    """
    The checkpoints of {whose} need {needed}, and the storage has {free} left. Free some
    space, or let `manage.py prune_checkpoints` do so. Nothing was started.
    """

    code = "not_enough_disk"
    status = 422


RESUME_WITH = "resume with --accept-changed-data (accept_changed_data in the API)"
RESUME_WITH_BOTH = (
    "resume with --accept-changed-data and, because its validation or test part may have been "
    "trained on, --accept-seen-test (accept_changed_data and accept_seen_test in the API)"
)
FORK = "fork it, with training.epochs set to as many as there shall be in all"
"""What a completed training can do in place of a resume."""


class NotEnoughMemory(DomainError):
    """
    This training needs some {needed} of memory, and a training may take {allowed} here
    (KTRDR_TRAINING_MEMORY_MB). Most of it is for {most}. Nothing was started.
    """

    code = "not_enough_memory"
    status = 422


class OutOfMemory(DomainError):
    """
    There was not enough memory {where}: {reason}. Nothing that was saved is lost. Resume it where
    it may take more (KTRDR_TRAINING_MEMORY_MB is {allowed} here, and the machine may have less
    left){or_else}.
    """

    code = "out_of_memory"
    status = 422


class DataChanged(DomainError):
    """
    The market data of operation {operation_id} are no longer those it was started with: {changes}.
    Import the old bars again (`import_market_data --replace`), and it goes on as it was. Or, to go
    on with today's, which is recorded, sets the best model so far aside and makes the result
    another one, {advice}.
    """

    code = "data_changed"
    status = 409

    @classmethod
    def between(
        cls,
        operation_id: str,
        *,
        before: dict[str, str],
        now: dict[str, str],
        advice: str = RESUME_WITH,
    ) -> "DataChanged":
        """Names what changed, with both fingerprints."""
        changed = sorted(name for name in before | now if before.get(name) != now.get(name))
        changes = [f"{name} was {before.get(name)}, is {now.get(name)}" for name in changed]
        return cls(operation_id=operation_id, changes="; ".join(changes), advice=advice)


class FeaturesChanged(DomainError):
    """
    The market data of operation {operation_id} are what they were, and this version computes rows
    or labels of them differently. Restart it (`manage.py restart_operation {operation_id}`); or, to
    go on with the other rows, which is recorded, sets the best model so far aside and makes the
    result another one, {advice}.
    """

    code = "features_changed"
    status = 409

    def __init__(self, *, operation_id: str, advice: str = RESUME_WITH) -> None:
        super().__init__(operation_id=operation_id, advice=advice)


class TestWasTrainedOn(DomainError):
    """
    {words}. A score there would be of what was learned by heart. {advice}: choose such dates with
    `training.data_split`, or go on all the same with --accept-seen-test (accept_seen_test in the
    API); then it is said wherever the score is shown.
    """

    code = "test_was_trained_on"
    status = 409
    __test__ = False  # no test, although its name begins like one

    def __init__(self, *, symbol: str, trained: str, parts: str, advice: str) -> None:
        self.words = f"Its weights were trained on {symbol} from {trained}, and its {parts}"
        super().__init__(words=self.words, advice=advice)


class PreviewFailed(DomainError):
    """There is no preview. {reason}"""

    code = "preview_failed"
    status = 422


class PreviewRefused(PreviewFailed):
    """There is no preview. {reason}"""

    def __init__(self, *, reason: str, errors: list[dict[str, str]], subject: str) -> None:
        super().__init__(reason=reason, errors=errors, subject=subject)

    @property
    def reason(self) -> str:
        return str(self.details["reason"])

    @property
    def subject(self) -> str:
        """What was previewed, as `training.launch.previewed` names it."""
        return str(self.details["subject"])


class TooLargeHere(DomainError):
    """
    This is more than is computed while somebody waits. {reason} Ask for fewer bars, or on the
    command line, which has no such limit: `manage.py predict {model_id}`.
    """

    code = "too_large_here"
    status = 422


class AnswerTooLarge(TooLargeHere):
    """
    This is more than is computed while somebody waits. {reason} The command line has no such limit:
    `manage.py {command}`.
    """


class TableTooLarge(TooLargeHere):
    """
    This is more than is written while somebody waits. {reason} Ask for a part of the time, or on
    the command line, which has no such limit: `manage.py export {what} --to {format}`.
    """


class WouldFail(DomainError):
    """Nothing was started, for its preview found what would end it before an epoch: {reason}"""

    code = "would_fail"
    status = 422

    @property
    def reason(self) -> str:
        return str(self.details["reason"])


class CannotBranch(DomainError):
    """Nothing was started: {reason}."""

    code = "cannot_branch"
    status = 409


class WindowChanged(DomainError):
    """
    Nothing was started: window {number} of {operation_id}, tested on {tested}, was trained on other
    bars than there are now: those of {series} differ from {since} on. Import the old bars again
    (`import_market_data --replace`), or start a new walk-forward.
    """

    code = "window_changed"
    status = 409


class NoEpochLeft(DomainError):
    """No epoch is left to train on the changed data: {reason}. Extend the operation instead."""

    code = "no_epoch_left"
    status = 409


class ModelNotFound(DomainError):
    """There is no model {model_id}."""

    code = "model_not_found"
    status = 404


class ModelDamaged(DomainError):
    """
    {file} of model {model_id} is {reason}. Train it again: `manage.py restart_operation
    {operation_id}`.
    """

    code = "model_damaged"
    status = 422


class ScoredBarsGone(DomainError):
    """
    Model {model_id} was scored on other bars of {series} than are stored now: what it did on them
    bar by bar cannot be told any more. Import those bars again, and it can; its totals stay.
    """

    code = "scored_bars_gone"
    status = 409


class TrainingBarsGone(DomainError):
    """
    Model {model_id} was trained on other bars of {series} than are stored now, and this is computed
    from those. Import those bars again, and it can be told.
    """

    code = "training_bars_gone"
    status = 409


class SymbolNotTrained(DomainError):
    """
    The model knows {known}, not {symbol}: {features} are scaled as fitted to each symbol's training
    bars, and there is no such fit for {symbol}. Train a model on {symbol}, or predict one of those.
    """

    code = "symbol_not_trained"
    status = 422


class SymbolNotKnown(SymbolNotTrained):
    """
    The model was trained on {known}, not on {symbol}. It scales nothing, so it can be asked all the
    same: with --any-symbol (any_symbol in the API). What it says of {symbol} was never tested.
    """


class OtherTimeframe(DomainError):
    """
    {file} does not fit the model, which decides on bars of {timeframe}: {reason}. Give it a file of
    {timeframe} bars.
    """

    code = "other_timeframe"
    status = 422


class CumulativeInput(DomainError):
    """
    The input {feature} adds up from the first bar of a history, and from another one it means
    nothing to the model: {reason}. Give a file that continues the stored bars of {symbol} or
    overlaps them with equal ones, or import the history that the model was trained on again.
    """

    code = "cumulative_input"
    status = 422


class DeviceUnavailable(DomainError):
    """
    This worker cannot train it: {reason}. Resume it with another device, or start a worker on a
    machine that has this one.
    """

    code = "device_unavailable"
    status = 422


class CodeChanged(DomainError):
    """
    Its first points were suggested by {then}, and this worker has {now}, which would suggest
    others. Install {then} there and resume the search, or start it again.
    """

    code = "code_changed"
    status = 409


class DecidedOtherwise(DomainError):
    """
    What the search had decided comes out otherwise on this worker: {what}. Its code is another one.
    Give it the version that the search began with and resume the search, or start it again.
    """

    code = "replay_mismatch"
    status = 409


class TrainingFailed(DomainError):
    """
    Training failed in epoch {epoch}, batch {batch}: {reason}. A training is deterministic, so a
    plain resume will fail at the same batch.
    """

    code = "training_failed"
    status = 500

    def __init__(self, *, epoch: int, batch: int, reason: str, last_good: "Snapshot") -> None:
        super().__init__(epoch=epoch, batch=batch, reason=reason)
        self.epoch = epoch  # counted from 0
        self.batch = batch  # the batch that failed; the number of batches means validation
        self.last_good = last_good
