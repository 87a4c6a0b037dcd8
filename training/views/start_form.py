"""The fields of the start page."""

import json
from dataclasses import asdict
from typing import Any, cast

from django import forms

from operations.models import NAME_MAX_LENGTH
from operations.views.once import OnceForm
from training.devices import DEVICES
from training.launch.previewed import Previewed
from training.launch.priority import HIGH, QUEUE_BY_PRIORITY
from training.launch.start import StartRequest
from training.strategy import list_strategies
from training.strategy.limits import MAX_CHARACTERS

DEFAULT_STRATEGY = "sp500_daily"
DEVICE_WORDS = {"auto": "any worker", "cpu": "CPU only", "cuda": "a GPU (CUDA)"}
LARGEST_INTEGER = 2**63 - 1


class NamesField(forms.CharField):
    """Names, separated by commas or spaces."""

    def clean(self, value: Any) -> tuple[str, ...] | None:
        return tuple(super().clean(value).replace(",", " ").split()) or None


def _shipped() -> list[tuple[str, str]]:
    return [("", "my own"), *((file.name, file.name) for file in list_strategies())]


class StartForm(OnceForm):
    """Shapes and sizes only: what makes sense is for `check_request` to say, all of it at once.

    The text is what is trained; choosing a shipped strategy only puts its text there.
    """

    shipped = forms.ChoiceField(label="Strategy", choices=_shipped, required=False)
    strategy_yaml = forms.CharField(
        label="Its text, in YAML", strip=False, max_length=MAX_CHARACTERS, widget=forms.Textarea
    )
    name = forms.CharField(label="Name", required=False, max_length=NAME_MAX_LENGTH)
    symbols = NamesField(label="Symbols", required=False, max_length=10_000)
    timeframes = NamesField(label="Timeframes", required=False, max_length=200)
    start_date = forms.CharField(label="From", required=False, max_length=40)
    end_date = forms.CharField(label="To", required=False, max_length=40)
    epochs = forms.IntegerField(label="Epochs", required=False, max_value=LARGEST_INTEGER)
    seed = forms.IntegerField(label="Seed", required=False, max_value=LARGEST_INTEGER)
    device = forms.ChoiceField(
        label="Device", choices=[(name, DEVICE_WORDS[name]) for name in DEVICES]
    )
    priority = forms.ChoiceField(
        label="Priority", choices=[(name, name) for name in QUEUE_BY_PRIORITY], initial="normal"
    )

    @property
    def previewed(self) -> Previewed | None:
        """What the last preview on its page has found."""
        return Previewed.unseal(self.data.get("previewed", ""))

    def offer_no_high_priority(self) -> None:
        """Shown to who may not have it. Sent all the same, it is for `prepare_start` to refuse."""
        choices = [(name, name) for name in QUEUE_BY_PRIORITY if name != HIGH]
        cast(forms.Select, self.fields["priority"].widget).choices = choices

    def to_request(self) -> StartRequest:
        """The request of a valid form."""
        given = self.cleaned_data
        return StartRequest(
            strategy_yaml=given["strategy_yaml"],
            symbols=given["symbols"],
            timeframes=given["timeframes"],
            start_date=given["start_date"] or None,
            end_date=given["end_date"] or None,
            epochs=given["epochs"],
            seed=given["seed"],
            name=given["name"],
            device=given["device"],
            priority=given["priority"],
        )

    def body(self) -> bytes:
        return json.dumps(asdict(self.to_request()), sort_keys=True).encode()
