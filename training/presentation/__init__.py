"""How a training is shown where operations are: progress, curve and epochs."""

from operations.operation_types import Presentation
from training.presentation.epochs import panel
from training.presentation.found_by import FIGURES, LABEL_KINDS, beside_figures
from training.presentation.loss_curve import small_curves
from training.presentation.progress import PROGRESS_KEYS, position

TRAINING = Presentation(
    progress_keys=PROGRESS_KEYS,
    milestone="epoch",
    position=position,
    label_kinds=LABEL_KINDS,
    figures=FIGURES,
    beside_figures=beside_figures,
    small_curves=small_curves,
    row_template="training/operation_row.html",
    facts_template="training/operation_facts.html",
    what_is_safe="What was trained",
    restart_note="A new operation with the same strategy, data and seed, from the beginning.",
    out_note="It goes on to its last epoch. Its end is one more look at the test part.",
    panel_template="training/operation_panel.html",
    panel_head_template="training/operation_panel_head.html",
    panel=panel,
)
"""The row `presentation` of `OPERATION_TYPES`."""
