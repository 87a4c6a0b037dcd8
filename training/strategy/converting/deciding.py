"""`decisions`: the rules of the original KTRDR's backtest."""

from training.strategy.converting.draft import Data, Draft, Kind
from training.strategy.faults import Location
from training.strategy.lenient import ACTED

PLACE: Location = ("decisions",)
COST: Location = (*PLACE, "cost_model")

HOURS = 4
"""Between two signals of KTRDR's backtest, where `filters` did not say another number."""


def convert_decisions(draft: Draft) -> None:
    """The whole section, which is made where there is none."""
    decisions = draft.made("decisions")
    draft.without_nulls(decisions, PLACE)
    labels = draft.section("training", "labels")
    is_regression = labels.get("source") == "forward_return"
    _output_format(draft, decisions, is_regression)
    aware = _position_awareness(draft, decisions)
    _filters(draft, decisions)
    for key in ("thresholds", "num_classes"):
        if key in decisions:
            draft.remove(decisions, PLACE, key, "KTRDR's backtest did not read it")
    _threshold(draft, decisions, is_regression)
    _cost(draft, decisions)
    draft.write(decisions, PLACE, {"on_hold": ("keep", "flat: there a hold keeps the position")})
    _selling(draft, decisions, is_regression=is_regression, aware=aware)


def _output_format(draft: Draft, decisions: Data, is_regression: bool) -> None:
    """It follows from the labels."""
    wanted = "regression" if is_regression else "classification"
    if decisions.get("output_format", wanted) != wanted:
        draft.put(decisions, PLACE, "output_format", wanted, "it follows from the labels")


def _position_awareness(draft: Draft, decisions: Data) -> bool:
    given = decisions.get("position_awareness", True)
    if "position_awareness" in decisions:
        draft.remove(decisions, PLACE, "position_awareness", ACTED)
    return given not in (False, "false", "no", 0)


def _filters(draft: Draft, decisions: Data) -> None:
    given = decisions.get("filters")
    hours = given.get("min_signal_separation", HOURS) if isinstance(given, dict) else HOURS
    if "filters" in decisions:
        draft.remove(decisions, PLACE, "filters", ACTED)
    draft.tell(
        Kind.DIFFERS,
        (*PLACE, "filters", "min_signal_separation"),
        f"KTRDR's backtest let {hours} hours pass between two signals; here there is no such wait",
    )


def _threshold(draft: Draft, decisions: Data, is_regression: bool) -> None:
    if is_regression:
        return
    given = decisions.get("confidence_threshold")
    if isinstance(given, int | float) and 1 < given < 100:
        share = round(given / 100, 6)
        draft.put(decisions, PLACE, "confidence_threshold", share, "a probability, no percentage")
    draft.write(decisions, PLACE, {"confidence_threshold": (0.5, 0)})


def _cost(draft: Draft, decisions: Data) -> None:
    given = decisions.get("cost_model")
    if isinstance(given, int | float) and not isinstance(given, bool):
        decisions["cost_model"] = {"round_trip_cost": given}
        draft.tell(Kind.CHANGED, COST, "is round_trip_cost here")
    elif not isinstance(given, dict):
        decisions["cost_model"] = {}
    cost: Data = decisions["cost_model"]
    draft.without_nulls(cost, COST)
    draft.write(cost, COST, {"round_trip_cost": (0.003, 0.001)})


def _selling(draft: Draft, decisions: Data, *, is_regression: bool, aware: bool) -> None:
    place: Location = (*PLACE, "allow_short_from_flat")
    if is_regression:
        told = (
            "sell from long went flat in KTRDR, and the next one short; here it goes short at once"
        )
        draft.tell(Kind.DIFFERS, PLACE, told)
    elif not aware:
        told = "without position_awareness sell from flat opened a short in KTRDR, as it does here"
        draft.tell(Kind.DIFFERS, place, told)
    elif decisions.get("allow_short") is not False:
        ours = "true: here sell from flat opens a short, there it did not"
        draft.write(decisions, PLACE, {"allow_short_from_flat": (False, ours)})
