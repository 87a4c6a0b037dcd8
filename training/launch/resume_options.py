"""What a caller of a training's resume may decide."""

from dataclasses import dataclass

from operations.resume_options import ResumeOptions, one_of, yes_or_no
from training.devices import DEVICES

ACCEPT_SEEN_TEST = (
    "Go on although its weights were trained on bars that are to score them; said wherever the "
    "score is shown."
)


@dataclass(frozen=True, kw_only=True)
class TrainingResumeOptions(ResumeOptions):
    accept_changed_data: bool = yes_or_no(
        help="Go on although the data differ from those of the start; recorded.",
        label="also if the market data have changed (recorded as not exact)",
    )
    accept_seen_test: bool = yes_or_no(
        help=ACCEPT_SEEN_TEST,
        label="also if its test part was trained on (said beside every score)",
    )
    device: str | None = one_of(DEVICES)
    """None keeps what the start asked for."""
