"""What an operation of a training was asked for: frozen, typed, and the one home of inheriting it.

It is stored as the operation's `request`. A descendant takes over what `for_restart` and
`for_branch` say, never a copy: what a parent accepted or had seen is a statement about the parent's
own attempts.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

from operations.models import Operation
from training.strategy import Strategy

ORIGIN_ATTEMPT = 0
"""Number of the attempt, before any of a branch's own, that its parent's state is filed under."""

Ranges = dict[str, tuple[int, int]]
"""First and last bar by symbol: opens, Unix seconds."""


Runs = Annotated[
    tuple[Ranges, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, Mapping) else value),
]
"""Of each run of a part; one alone may be stored as such."""


class Record(BaseModel):
    """Read leniently: what an older version did not write has a default."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Cuts(Record):
    """Where the parts after the training part begin, UTC, embargoes not counted."""

    validation_start: str
    test_start: str


class Saving(Record):
    """How often an attempt saves, and how many checkpoints are kept."""

    every_epochs: int
    every_seconds: float
    keep: int


class Basis(Record):
    """What a state was trained on. None where version 0.1.0 did not record it."""

    strategy: dict[str, Any]
    data: dict[str, str] | None = None
    rows_version: int | None = None


class Origin(Basis):
    """Where a branch's weights come from."""

    operation_id: str


class AcceptedChange(Record):
    """That a user let the operation go on with other bars, or with other rows of the same bars."""

    at: str
    after_attempt: int
    before: dict[str, str]
    """Fingerprints of the bars, by `SYMBOL/timeframe`."""
    now: dict[str, str]
    rows_before: int = 0
    rows_now: int = 0


class TrainingRequest(Record):
    """Everything an attempt needs besides the bars themselves."""

    strategy: dict[str, Any]
    """The snapshot: every default filled in, the end date fixed."""
    strategy_digest: str
    warnings: tuple[str, ...] = ()
    data: dict[str, str]
    """Fingerprints of the bars used, by `SYMBOL/timeframe`."""
    imports: dict[str, int] | None = None
    """Numbers of the imports of the series that they come from, as `training/series/pinning.py`
    names them; None where version 0.1.0 did not record them."""
    cuts: Cuts | None = None
    """None where version 0.1.0 did not record them; and `trained` likewise."""
    trained: Runs | None = None
    """The bars of the training part, and those its labels may look at."""
    device: str
    priority: str
    checkpoint: Saving
    origin: Origin | None = None
    """None of what begins with fresh weights."""
    opens_test: bool | None = None
    """True of what trains nothing: it scores the state of its origin as it is."""
    accepted_data_changes: tuple[AcceptedChange, ...] = ()
    seen: tuple[Ranges, ...] = ()
    """Earlier training parts of the weights: of ancestors, and from before accepted changes."""
    seen_test: str = ""
    """In words, that the validation or test part overlaps them, which its user accepted."""

    @classmethod
    def of(cls, operation: Operation) -> Self:
        """Version 0.1.0 copied what a parent had accepted into its children: that is left out."""
        request = cls.from_json(operation.request)
        begun = operation.created_at.isoformat()
        own = tuple(change for change in request.accepted_data_changes if change.at >= begun)
        return request.model_copy(update={"accepted_data_changes": own})

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        return cls.model_validate(dict(values))

    def to_json(self) -> dict[str, Any]:
        """Without what is empty."""
        values = self.model_dump(mode="json")
        return {name: value for name, value in values.items() if value not in (None, [], "")}

    def read_strategy(self) -> Strategy:
        return Strategy.from_snapshot(self.strategy)

    def with_strategy(self, strategy: Strategy) -> Self:
        changed = {"strategy": strategy.snapshot(), "strategy_digest": strategy.digest()}
        return self.model_copy(update=changed)

    def for_restart(self) -> Self:
        """The same from the start: fresh weights, which have seen nothing and accepted nothing."""
        anew = {"origin": None, "opens_test": None, "seen": (), "seen_test": ""}
        return self.model_copy(update={**anew, "accepted_data_changes": ()})

    def for_branch(self, strategy: Strategy, origin: Origin, *, seen: tuple[Ranges, ...]) -> Self:
        """Other settings from a state of this one. Its bars are for the caller to look up."""
        child = self.for_restart().with_strategy(strategy)
        return child.model_copy(update={"origin": origin, "seen": seen})

    def accepting(self, change: AcceptedChange, *, seen: tuple[Ranges, ...]) -> Self:
        """Go on with other bars or rows: `seen` is what was trained on until now."""
        changes = (*self.accepted_data_changes, change)
        accepted = {"data": change.now, "accepted_data_changes": changes, "seen": seen}
        return self.model_copy(update=accepted)

    def is_accepted_since(self, attempt: int) -> bool:
        """Whether a change of the data was accepted after this attempt."""
        return any(attempt <= change.after_attempt for change in self.accepted_data_changes)

    def basis_of(self, attempt: int, *, rows_version: int) -> Basis:
        """What a state that `attempt` saved was trained on; `rows_version` is that of the newest.

        A branch's copy of its parent's state was made with the parent's settings, not its own.
        """
        if attempt == ORIGIN_ATTEMPT and self.origin is not None:
            return Basis(**self.origin.model_dump(exclude={"operation_id"}))
        for change in self.accepted_data_changes:
            if attempt <= change.after_attempt:
                return Basis(
                    strategy=self.strategy, data=change.before, rows_version=change.rows_before
                )
        return Basis(strategy=self.strategy, data=self.data, rows_version=rows_version)


def rows_version_of(operation: Operation, request: TrainingRequest, *, current: int) -> int:
    """The version of the rows that the newest attempts train on; `current` before the first."""
    if request.accepted_data_changes:
        return request.accepted_data_changes[-1].rows_now
    if not operation.pinned:
        return current
    version: int = operation.pinned["fingerprint"].get("rows_version", 0)
    return version
