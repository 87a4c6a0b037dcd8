"""Remove files of bars without a row: imports that were killed, or began again, left them."""

import logging

from checkpoints import files
from checkpoints.errors import StorageUnreachableError
from operations.errors import StorageUnavailable
from training.market_data.stored import DIRECTORY
from training.models import MarketData

logger = logging.getLogger(__name__)


def sweep_orphans() -> list[str]:
    """Files that were removed. Raises `StorageUnavailable`."""
    try:
        paths = set(files.list_files(DIRECTORY))
        used = set(MarketData.objects.values_list("file", flat=True))
        if paths and paths.isdisjoint(used):
            logger.warning(
                "Left %d files of bars alone: this database knows none of them, so they may be "
                "another site's",
                len(paths),
            )
            return []
        orphans = sorted(path for path in paths - used if files.is_old(path))
        for path in orphans:
            files.remove(path)
    except StorageUnreachableError as error:
        if not MarketData.objects.exists():
            return []  # nothing was ever stored, so there is no directory to list
        raise StorageUnavailable(reason=str(error)) from error
    return orphans
