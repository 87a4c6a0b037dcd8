"""What a user says about an upload: the words of the command, a control for each."""

from collections.abc import Iterator
from typing import Any

from django import forms

from training.market_data.reading.options import DELIMITERS, OF_IMPORTS, OPTIONS, Option
from training.strategy.values import SYMBOL, SYMBOL_TEXT, TIMEFRAMES
from training.uploads.asked import Asked

CHOICES = {
    "delimiter": tuple(DELIMITERS),
    "dates": ("dmy", "mdy", "ymd"),
    "decimal": (".", ","),
    "stamps": ("open", "close"),
}
"""Of the options that take one of a few words."""
SAID = (*OPTIONS, *OF_IMPORTS)
FOUND = "as the file shows"


class UploadForm(forms.Form):
    """Shapes and sizes only: what an option may say is for `Asked.parsed`."""

    symbol = forms.RegexField(
        f"{SYMBOL.rstrip('$')}\\Z", label="Symbol", error_messages={"invalid": SYMBOL_TEXT}
    )
    timeframe = forms.ChoiceField(label="Length of a bar", choices=[(it, it) for it in TIMEFRAMES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= {option.name: _field(option) for option in SAID}

    def controls(self) -> Iterator[forms.BoundField]:
        """Of the options, in their order."""
        return (self[option.name] for option in SAID)

    def has_options(self) -> bool:
        return any(self.data.get(option.name) for option in SAID)

    def asked(self) -> Asked:
        """Of a valid form."""
        given = dict(self.cleaned_data)
        symbol, timeframe = given.pop("symbol"), given.pop("timeframe")
        return Asked(symbol=symbol, timeframe=timeframe, options=given)


def _field(option: Option) -> forms.Field:
    told = {"label": option.name.replace("_", " "), "help_text": option.help, "required": False}
    if option.takes is None:
        return forms.BooleanField(**told)  # type: ignore[arg-type]
    if option.name in CHOICES:
        choices = [("", FOUND), *((word, word) for word in CHOICES[option.name])]
        return forms.ChoiceField(choices=choices, **told)  # type: ignore[arg-type]
    shown = forms.TextInput(attrs={"placeholder": option.takes, "autocomplete": "off"})
    return forms.CharField(max_length=1000, strip=False, widget=shown, **told)  # type: ignore[arg-type]
