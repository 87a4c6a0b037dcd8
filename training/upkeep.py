"""What the sweeper cleans up of trainings now and then."""

from training.series import sweeping
from training.trained.model_upkeep import sweep_orphans
from training.uploads import folder


def clean_up() -> list[str]:
    """Files of models and bars that no row has, which are returned; and uploads whose hour is
    over."""
    folder.sweep()
    return [*sweep_orphans(), *sweeping.sweep_orphans()]
