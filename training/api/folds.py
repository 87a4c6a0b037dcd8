"""The bodies of requests that start a walk-forward or a cross-validation."""

from dataclasses import fields
from typing import Any

from rest_framework import serializers

from training.api.serializers import StartBody, start_request
from training.folds.cross_validation import CrossValidation
from training.folds.request import FRESH
from training.folds.start import FoldsStart
from training.folds.walk_forward import STARTS, WalkForward


class FoldsBody(StartBody):
    """Of the training that is repeated, whose own split is not used, and of what is left out."""

    embargo = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="Bars left out after what the labels of a test reach; the strategy's unless you "
        "say otherwise.",
    )


class WalkForwardBody(FoldsBody):
    train = serializers.CharField(
        max_length=10, help_text="Length of a window with its validation, such as `5y` or `6mo`."
    )
    test = serializers.CharField(max_length=10, help_text="Length of the test that follows it.")
    step = serializers.CharField(
        required=False, max_length=10, help_text="From window to window; the test's length."
    )
    validation = serializers.CharField(
        required=False,
        max_length=10,
        help_text="The end of each training window; a fifth of its bars unless you say otherwise.",
    )
    anchored = serializers.BooleanField(
        default=False, help_text="Whether every window is trained from the first bar on."
    )
    start = serializers.ChoiceField(
        list(STARTS),
        default=FRESH,
        help_text="What a window begins with: fresh weights, or those that the previous one has "
        "learned, for as many epochs more.",
    )
    gaps = serializers.BooleanField(
        default=False, help_text="Whether a longer step may leave out bars between two tests."
    )


class CrossValidationBody(FoldsBody):
    groups = serializers.IntegerField(
        default=6, help_text="Contiguous groups that the history is cut into."
    )
    test_groups = serializers.IntegerField(
        default=2, help_text="How many of them a training is tested on."
    )


def walk_forward_start(given: dict[str, Any]) -> FoldsStart:
    """Of a validated `WalkForwardBody`."""
    return _folds_start(given, WalkForward)


def cross_validation_start(given: dict[str, Any]) -> FoldsStart:
    """Of a validated `CrossValidationBody`."""
    return _folds_start(given, CrossValidation)


def _folds_start(given: dict[str, Any], plan: type[WalkForward | CrossValidation]) -> FoldsStart:
    names = {field.name for field in fields(plan)}
    of_plan = {name: value for name, value in given.items() if name in names}
    rest = {name: value for name, value in given.items() if name not in {*names, "embargo"}}
    return FoldsStart(
        training=start_request(rest), plan=plan(**of_plan), embargo=given.get("embargo")
    )
