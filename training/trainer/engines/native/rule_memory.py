"""What the kernel reads and writes of a network of rules; free of numba."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from training.features.arrays import Float32Array, Int64Array
from training.trainer.engines.native.room import room


class Rules(NamedTuple):
    """R rules of as many slots each, S in all, choosing among M memberships; C columns, O outputs.

    Empty for another network. What is of a row stands beside that of the other rows, so that loops
    over them become vector code: [.., rows] is flat, and its rows are those of the batch.
    """

    choice: Float32Array  # [S, M + 1]: parameters; empty where the rules are written
    of_choice: Float32Array  # their gradient, as all `of_`
    then: Float32Array  # [R + 1, O]; the last one is of OTHERWISE
    of_then: Float32Array
    factors: Float32Array  # [(R + 1) * O, C] of linear consequents, or empty
    of_factors: Float32Array
    places: Int64Array  # [M]: which input each is
    ends: Int64Array  # [S]: where the members of each slot end
    members: Int64Array  # of all slots, one after another; several of a slot are an or
    softmax: Float32Array  # [S, M + 1], of the choices of this step
    worth: Float32Array  # [S, inputs]: slopes by how much a slot would count each input
    seen: Float32Array  # [inputs, rows]
    columns: Float32Array  # [C, rows], of linear consequents
    held: Float32Array  # [S, rows]: the factors of the strengths
    by_held: Float32Array  # [S, rows]: slopes by them
    shares: Float32Array  # [R + 1, rows]: what each rule counts for
    by_share: Float32Array  # [R + 1, rows]
    said: Float32Array  # [(R + 1) * O, rows], of linear consequents
    outputs: Float32Array  # [O, rows]
    errors: Float32Array  # [O, rows]
    total: Float32Array  # [rows]: the sum of all strengths
    mean: Float32Array  # [rows]: of slopes by shares
    by_seen: Float32Array  # [inputs, rows], where sets are learned


@dataclass(frozen=True, kw_only=True)
class RuleShape:
    """What the rules of a network need room for."""

    rules: int
    slots: int
    """Of all rules."""
    places: Int64Array
    """Which of the inputs memberships are."""
    written: Sequence[Sequence[int]] | None
    """Of each slot the memberships that it counts; None where they are learned."""
    inputs: int
    columns: int
    outputs: int
    is_linear: bool
    learns_sets: bool


def new_rules(
    shape: RuleShape, rows: int, parameters: Float32Array, gradient: Float32Array
) -> Rules:
    """Room for batches of `rows`; parameters and gradient are those after the sets'."""
    choices = (shape.slots, len(shape.places) + 1) if shape.written is None else (0, 1)
    consequents = shape.rules + 1, shape.outputs
    told = (shape.rules + 1) * shape.outputs
    factors = (told, shape.columns) if shape.is_linear else (0, 1)
    choice, then, by_column = _parts(parameters, choices, consequents, factors)
    of_choice, of_then, of_by_column = _parts(gradient, choices, consequents, factors)
    slots = [[0]] * shape.slots if shape.written is None else shape.written
    columns = shape.columns if shape.is_linear else 0
    return Rules(
        choice=choice,
        of_choice=of_choice,
        then=then,
        of_then=of_then,
        factors=by_column,
        of_factors=of_by_column,
        places=shape.places,
        ends=np.cumsum([len(own) for own in slots], dtype=np.int64),
        members=np.array([one for own in slots for one in own], np.int64),
        softmax=room(*choices),
        worth=room(shape.slots, shape.inputs),
        seen=room(shape.inputs * rows),
        columns=room(columns * rows),
        held=room(shape.slots * rows),
        by_held=room(shape.slots * rows),
        shares=room(consequents[0] * rows),
        by_share=room(consequents[0] * rows),
        said=room(told * rows if shape.is_linear else 0),
        outputs=room(shape.outputs * rows),
        errors=room(shape.outputs * rows),
        total=room(rows),
        mean=room(rows),
        by_seen=room(shape.inputs * rows if shape.learns_sets else 0),
    )


def no_rules() -> Rules:
    """Of another network."""
    nowhere = np.zeros(0, np.int64)
    shape = RuleShape(
        rules=-1,
        slots=0,
        places=nowhere,
        written=(),
        inputs=0,
        columns=0,
        outputs=0,
        is_linear=False,
        learns_sets=False,
    )
    return new_rules(shape, 0, room(0), room(0))


def _parts(flat: Float32Array, *shapes: tuple[int, int]) -> list[Float32Array]:
    """Of a flat array, one matrix after another."""
    found, start = [], 0
    for rows, columns in shapes:
        end = start + rows * columns
        found.append(flat[start:end].reshape(rows, columns))
        start = end
    return found
