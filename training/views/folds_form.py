"""The fields of the pages that start a walk-forward or a cross-validation."""

import json
from dataclasses import asdict
from typing import Any

from django import forms

from training.folds.cross_validation import CrossValidation
from training.folds.request import FRESH
from training.folds.start import FoldsStart, Plan
from training.folds.walk_forward import STARTS, WalkForward
from training.views.start_form import LARGEST_INTEGER, StartForm


class FoldsForm(StartForm):
    embargo = forms.IntegerField(
        label="Embargo, in bars", required=False, max_value=LARGEST_INTEGER
    )

    def plan(self) -> Plan:
        """Of a valid form."""
        raise NotImplementedError

    def to_start(self) -> FoldsStart:
        """The start of a valid form."""
        return FoldsStart(
            training=self.to_request(), plan=self.plan(), embargo=self.cleaned_data["embargo"]
        )

    def body(self) -> bytes:
        return json.dumps(asdict(self.to_start()), sort_keys=True).encode()


def _length(label: str, **given: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=10, **given)


class WalkForwardForm(FoldsForm):
    train = _length("Train on", initial="5y")
    test = _length("Test on", initial="1y")
    step = _length("Step", required=False)
    validation = _length("Of these validate on", required=False)
    start = forms.ChoiceField(
        label="Begin with", choices=[(name, f"{name} weights") for name in STARTS], required=False
    )
    anchored = forms.BooleanField(label="From the first bar on, each", required=False)
    gaps = forms.BooleanField(label="Bars between two tests may be left out", required=False)

    def plan(self) -> WalkForward:
        given = self.cleaned_data
        return WalkForward(
            train=given["train"],
            test=given["test"],
            step=given["step"] or None,
            validation=given["validation"] or None,
            anchored=given["anchored"],
            gaps=given["gaps"],
            start=given["start"] or FRESH,
        )


class CrossValidationForm(FoldsForm):
    groups = forms.IntegerField(label="Groups", initial=6, max_value=LARGEST_INTEGER)
    test_groups = forms.IntegerField(label="Tested at once", initial=2, max_value=LARGEST_INTEGER)

    def plan(self) -> CrossValidation:
        given = self.cleaned_data
        return CrossValidation(groups=given["groups"], test_groups=given["test_groups"])
