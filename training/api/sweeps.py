"""The body of a request that starts a search."""

from typing import Any

from rest_framework import serializers

from training.api.serializers import StartBody, start_request
from training.strategy.limits import MAX_ENTRIES
from training.sweep.start import SAMPLER_NAMES, SweepStart


class SweepBody(StartBody):
    """Of each trial's training, and of the search. `seed` is the search's: trials keep theirs."""

    seed = serializers.IntegerField(default=0)
    space_yaml = serializers.CharField(
        trim_whitespace=False,
        help_text="Settings by dotted path, each with its values.",
    )
    sampler = serializers.ChoiceField(
        list(SAMPLER_NAMES), default="random", help_text="How points of the space are chosen."
    )
    trials = serializers.IntegerField(
        required=False, help_text="81, or all points of a smaller space, unless you say otherwise."
    )
    brackets = serializers.IntegerField(
        required=False, help_text="1, or 3 with the sampler tpe, unless you say otherwise."
    )
    rungs = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        max_length=MAX_ENTRIES,
        help_text="Epochs after which trials are compared; the last are all of them.",
    )
    repeat = serializers.IntegerField(
        default=1, help_text="Trainings of each trial, with a seed each: compared by their mean."
    )


def sweep_start(given: dict[str, Any]) -> SweepStart:
    """Of a validated `SweepBody`."""
    of_search = {
        name: given[name] for name in ("sampler", "trials", "brackets", "repeat") if name in given
    }
    own = {"seed", "space_yaml", "rungs", *of_search}
    return SweepStart(
        training=start_request({name: given[name] for name in given if name not in own}),
        space=given["space_yaml"],
        space_source="space_yaml",
        rungs=tuple(given["rungs"]) if "rungs" in given else None,
        seed=given["seed"],
        **of_search,
    )
