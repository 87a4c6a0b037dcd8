"""The fields of the page that starts a search: those of a training, and what is searched how."""

import json
from dataclasses import asdict, replace
from typing import Any

from django import forms

from training.strategy.limits import MAX_CHARACTERS, MAX_ENTRIES
from training.sweep.start import SAMPLER_NAMES, SweepStart
from training.views.start_form import LARGEST_INTEGER, StartForm

SAMPLER_WORDS = {
    "random": "random: each point alone",
    "qmc": "qmc: no part of the space left out",
    "grid": "grid: every point of choices",
    "tpe": "tpe: learns from earlier trials",
}


class RungsField(forms.CharField):
    """Numbers of epochs, separated by commas or spaces."""

    def clean(self, value: Any) -> tuple[int, ...] | None:
        written = super().clean(value).replace(",", " ").split()
        try:
            rungs = tuple(map(int, written))
        except ValueError:
            raise forms.ValidationError(
                "Write numbers of epochs with commas between them, such as 10, 30, 90."
            ) from None
        if len(rungs) > MAX_ENTRIES:
            raise forms.ValidationError(f"At most {MAX_ENTRIES}.")
        return rungs or None


class SearchForm(StartForm):
    """`seed` is the search's: trials keep that of the strategy."""

    space_yaml = forms.CharField(
        label="The space, in YAML", strip=False, max_length=MAX_CHARACTERS, widget=forms.Textarea
    )
    sampler = forms.ChoiceField(
        label="Sampler",
        choices=[(name, SAMPLER_WORDS[name]) for name in SAMPLER_NAMES],
        initial="random",
    )
    trials = forms.IntegerField(label="Trials", required=False, max_value=LARGEST_INTEGER)
    brackets = forms.IntegerField(label="Brackets", required=False, max_value=LARGEST_INTEGER)
    repeat = forms.IntegerField(label="Seeds of each", required=False, max_value=LARGEST_INTEGER)
    rungs = RungsField(label="Rungs", required=False, max_length=1000)

    def to_search(self) -> SweepStart:
        """The start of a valid form."""
        given = self.cleaned_data
        return SweepStart(
            training=replace(self.to_request(), seed=None),
            space=given["space_yaml"],
            sampler=given["sampler"],
            trials=given["trials"],
            brackets=given["brackets"],
            rungs=given["rungs"],
            seed=given["seed"] or 0,
            repeat=1 if given["repeat"] is None else given["repeat"],
        )

    def body(self) -> bytes:
        return json.dumps(asdict(self.to_search()), sort_keys=True).encode()
