"""Remove stored files that no row refers to, of whatever is stored as files and rows."""

import logging
from collections.abc import Callable, Collection

from django.db.models import Model

from checkpoints.errors import StorageUnreachableError
from operations.errors import StorageUnavailable

logger = logging.getLogger(__name__)


def remove_orphans(
    what: str,
    rows: type[Model],
    *,
    stored: Callable[[], Collection[str]],
    with_rows: Callable[[], set[str]],
    is_abandoned: Callable[[str], bool],
    remove: Callable[[str], None],
) -> list[str]:
    """
    Remove what lies in the storage, has no row and waits for none; nothing of another site's.

    Args:
        what: it is called, in the plural.
        rows: of the model that refers to it.
        stored: paths of all of it. Listed before the rows are read.
        with_rows: paths that rows refer to.
        is_abandoned: whether what lies at a path can no longer be waiting for its row.
        remove: what lies at a path.

    Returns:
        The paths that were removed.

    Raises:
        StorageUnavailable: the storage does not answer.
    """
    try:
        paths = set(stored())
        known = with_rows()
        if paths and paths.isdisjoint(known):
            logger.warning(
                "Left %d %s alone: this database knows none of them, so they may be another site's",
                len(paths),
                what,
            )
            return []
        orphans = sorted(path for path in paths - known if is_abandoned(path))
        for path in orphans:
            remove(path)
    except StorageUnreachableError as error:
        if not rows._default_manager.exists():
            return []  # nothing was ever stored, so there is no directory to list
        raise StorageUnavailable(reason=str(error)) from error
    return orphans
