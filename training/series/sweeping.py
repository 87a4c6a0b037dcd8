"""Remove files of bars without a row: imports that were killed, or began again, left them."""

from functools import partial

from checkpoints import files
from training.market_data.stored import DIRECTORY
from training.models import MarketData
from training.orphans import remove_orphans


def sweep_orphans() -> list[str]:
    """Files that were removed. Raises `StorageUnavailable`."""
    return remove_orphans(
        "files of bars",
        MarketData,
        stored=partial(files.list_files, DIRECTORY),
        with_rows=lambda: set(MarketData.objects.values_list("file", flat=True)),
        is_abandoned=files.is_old,
        remove=files.remove,
    )
