"""The search's own job: it looks at what its trials have, decides once, and waits or ends.

A decision is a function of the request, of the decision before it and of what the trials have: an
attempt that was killed before it could write one decides the same again. All that is read of a
trial is its value at the rung; the test part is scored once, by the winner, when it is chosen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from operations import lifecycle
from operations.decision import Decision, NewPart
from operations.errors import DomainError
from operations.lifecycle import Failure
from operations.models import Operation, Status
from operations.naming import child_name
from operations.parts import broken_parts, parts_to_resume
from training.family import (
    awaited_by,
    differences_of,
    fail_with,
    going_on_from_newest,
    is_mine,
    park,
    pulse,
    queue_of_part,
    run_family,
)
from training.launch.start import OPERATION_TYPE as TRAINING
from training.sweep.again import CHOSEN, POINTS_DIGEST, points_digest, require_the_same
from training.sweep.decided import Decided, Phase
from training.sweep.halving import best_first, going_on
from training.sweep.progress import progress_of
from training.sweep.repeats import standings
from training.sweep.request import Search, SweepRequest, Trial
from training.sweep.result import result_of
from training.sweep.suggested import of_bracket, to_keep

UNREAD = ("request", "pinned", "progress")
"""Of a trial, by a decision: most of what its row holds."""


def run_sweep(operation_id: str, attempt: int) -> None:
    """Claim, decide, wait or end. A duplicate or superseded delivery leaves quietly."""
    run_family(operation_id, attempt, _decider)


def _decider(sweep: Operation) -> Callable[[], None]:
    """Raises `DecidedOtherwise`."""
    search = Search(SweepRequest.from_json(sweep.request))
    require_the_same(search, Decided(sweep))
    return partial(_decide, sweep, search)


def _decide(sweep: Operation, search: Search) -> None:
    if not is_mine(sweep):
        return
    trials = list(Operation.objects.filter(part_of=sweep).defer(*UNREAD).order_by("part_number"))
    decided = Decided(sweep)
    phase = decided.phase
    if broken := broken_parts(sweep):
        fail_with(sweep, broken[0], "Trial", "the search")
    elif stopped := parts_to_resume(sweep):
        assert phase is not None
        resumed = [going_on_from_newest(part, _hold_at(search, phase, part)) for part in stopped]
        _park(sweep, search, Decision(resumed=resumed, data=phase.to_json()))
    elif phase is None:
        _begin(sweep, search, 0, decided)
    elif phase.winner is not None:
        _end(sweep, search, trials, decided, phase.winner)
    else:
        _decide_rung(sweep, search, trials, decided, phase)


def _hold_at(search: Search, phase: Phase, part: Operation) -> int | None:
    """The rung that its bracket runs to; of the winner None, which runs to its end."""
    is_winner = phase.winner and part.part_number == search.first_part(phase.winner)
    return None if is_winner else search.request.rungs[phase.rung]


# -- Brackets and rungs


def _decide_rung(
    sweep: Operation,
    search: Search,
    trials: Sequence[Operation],
    decided: Decided,
    phase: Phase,
) -> None:
    """Of what holds at the bracket's rung the best go on; after its last one the next begins."""
    numbers = set(search.numbers(phase.bracket))
    held = [trial for trial in trials if trial.held_at]
    compared = [part for part in held if search.trial_of(part.part_number or 0) in numbers]
    better = going_on(standings(search, compared), search.monitored)
    is_last = phase.rung + 1 == len(search.request.rungs)
    if better and not is_last:
        chosen = {standing.number for standing in better}
        released = _ids(search, compared, chosen)
        _park(
            sweep,
            search,
            Decision(
                released=released,
                out=_ids(search, compared, numbers - chosen),
                hold_at=search.request.rungs[phase.rung + 1],
                data={
                    **Phase(bracket=phase.bracket, rung=phase.rung + 1).to_json(),
                    "trials": len(released),
                    "values": _values(search, compared),
                    CHOSEN: sorted(chosen),
                },
            ),
        )
    else:
        _end_bracket(sweep, search, held, decided, phase)


def _end_bracket(
    sweep: Operation,
    search: Search,
    held: Sequence[Operation],
    decided: Decided,
    phase: Phase,
) -> None:
    """The best of all brackets until now stays; after the last one it is the winner.

    Of several trainings that with the strategy's own seed goes on: the best one would be luck.
    """
    ranked = best_first(standings(search, held), search.monitored)
    best = ranked[0].number if ranked else 0
    out = [part.pk for part in held if search.trial_of(part.part_number or 0) != best]
    if phase.bracket + 1 < search.request.brackets:
        values = _values(search, held)
        _begin(sweep, search, phase.bracket + 1, decided, out=out, values=values)
    elif not ranked:
        message = f"None of its {search.request.trials:,} trials has a value to be compared by."
        lifecycle.fail(sweep.pk, sweep.attempt, Failure(code="no_winner", message=message))
    else:
        last = Phase(bracket=phase.bracket, rung=phase.rung, winner=best)
        data = {**last.to_json(), "values": _values(search, held), CHOSEN: [best]}
        won, *others = _ids(search, held, {best})
        _park(sweep, search, Decision(released=[won], out=[*out, *others], data=data))


def _begin(
    sweep: Operation,
    search: Search,
    number: int,
    decided: Decided,
    *,
    out: Sequence[str] = (),
    values: Mapping[str, str] = {},
) -> None:
    trials, new, refused = [], [], {}
    beat_if_due = pulse(sweep)
    for trial in of_bracket(search, number, decided, values):
        beat_if_due()
        trials.append(trial)
        try:
            places = range(search.request.repeat)
            new += [_part(sweep, search, trial, place) for place in places]
        except DomainError as error:
            refused[str(trial.number)] = f"cannot be trained: {error}"
    data: dict[str, Any] = {**Phase(bracket=number, rung=0).to_json(), "trials": len(new)}
    data[POINTS_DIGEST] = points_digest(trials)
    data |= {"refused": refused} if refused else {}
    data |= {"values": dict(values)} if values else {}
    data |= to_keep(search, trials)
    _park(sweep, search, Decision(new=new, out=out, data=data))


def _part(sweep: Operation, search: Search, trial: Trial, place: int) -> NewPart:
    """Raises a domain error where these settings cannot be trained."""
    request = search.training_of(trial, place).to_json()
    seed = [f"seed {search.seed_of(place)}"] if search.request.repeat > 1 else []
    return NewPart(
        operation_id=lifecycle.new_operation_id(TRAINING),
        number=search.first_part(trial.number) + place,
        operation_type=TRAINING,
        request=request,
        queue=queue_of_part(request),
        name=child_name(sweep.name, (f"trial {trial.number}", *seed)),
        hold_at=search.request.rungs[0],
    )


def _end(
    sweep: Operation,
    search: Search,
    trials: Sequence[Operation],
    decided: Decided,
    winner: int,
) -> None:
    won = next(part for part in trials if part.part_number == search.first_part(winner))
    if won.status != Status.COMPLETED:
        message = f"Its winner, trial {winner}, {won.pk}, ended before it was scored: {won.status}."
        lifecycle.fail(sweep.pk, sweep.attempt, Failure(code="no_winner", message=message))
        return
    differences = differences_of(trials, "trial")
    lifecycle.describe_attempt(
        sweep.pk, sweep.attempt, exact=not differences, differences=differences
    )
    result = result_of(search, decided, trials, won)
    with lifecycle.completing(sweep.pk, sweep.attempt, result=result):
        return


def _park(sweep: Operation, search: Search, decision: Decision) -> None:
    phase = Phase.from_json(decision.data)
    park(sweep, decision, progress_of(search, phase, awaited_by(decision)))


def _values(search: Search, parts: Iterable[Operation]) -> dict[str, str]:
    return {str(standing.number): standing.value for standing in standings(search, parts)}


def _ids(search: Search, parts: Iterable[Operation], trials: set[int]) -> list[str]:
    """By number."""
    return [part.pk for part in parts if search.trial_of(part.part_number or 0) in trials]
