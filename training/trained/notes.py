"""What to keep in mind of a prediction: it is given all the same, but not without a word."""

from dataclasses import dataclass
from enum import StrEnum


class NoteCode(StrEnum):
    ZONE_OF_IMPORT = "zone_of_import"
    """Times of the file were read in the zone that the symbol's import was read in."""
    ZONE_OF_TRAINING = "zone_of_training"
    """Likewise, in the zone of the files that the model was trained on, which is another one."""
    ZONE_UNKNOWN = "zone_unknown"
    """Times of the file were read as UTC, because no zone is known for the symbol."""
    ZONE_DIFFERS = "zone_differs"
    """`--timezone` is another zone than that of the symbol's import."""
    FILE_REPAIRED = "file_repaired"
    """The file was sorted, or repeated rows were dropped, or its values are odd."""
    FILE_ALONE = "file_alone"
    """The file does not join the stored history: nothing before its first bar counts."""
    TIMEFRAME_UNPROVED = "timeframe_unproved"
    """The file has too few bars to tell how long they last."""
    RESAMPLED = "resampled"
    """Bars of a higher timeframe are made of the file's, where imported ones were trained on."""
    FINER_STORED = "finer_stored"
    """Bars of a finer timeframe are stored ones: the file has none."""
    DROPPED_ROWS = "dropped_rows"
    """Bars on which a finer timeframe has no bar that is new enough: no decision is made there."""
    SYMBOL_NOT_TRAINED = "symbol_not_trained"
    """The model was not trained on the symbol; that was accepted."""
    TRAINING_BARS_CHANGED = "training_bars_changed"
    """Bars that the model was trained on have other values today, as after a split."""
    OUTSIDE_FITTED_RANGE = "outside_fitted_range"
    """More than 5 % of an input's values lie outside those of its training rows."""
    OUTSIDE_FUZZY_SETS = "outside_fuzzy_sets"
    """On more than 5 % of the bars a fuzzy input is in none of its sets."""
    NO_FORECAST = "no_forecast"
    """Some of the bars were trained or validated on."""
    BEGINS_LATER = "begins_later"
    """The first bar that can be decided on is later than asked for."""
    NO_BARS = "no_bars"
    """There is no bar as late as asked for."""
    BAR_NOT_OVER = "bar_not_over"
    """The last bar has not ended yet, so its values are not final."""


@dataclass(frozen=True, kw_only=True)
class Note:
    code: NoteCode
    text: str

    def to_json(self) -> dict[str, str]:
        return {"code": self.code.value, "text": self.text}
