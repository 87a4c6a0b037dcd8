"""What the sweeper does now and then, beside its looks: delete what nobody needs any more."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import connections

from operations import operation_types
from operations.access import addresses
from operations.errors import StorageUnavailable
from operations.outage import DATABASE_AWAY
from operations.upkeep import checkpoints

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0


def clean_up() -> None:
    """One round; what cannot be done now is done in the next one."""
    try:
        addresses.prune()
        max_age = timedelta(days=settings.KTRDR_CHECKPOINT_MAX_AGE_DAYS)
        cleaned = checkpoints.clean_up(max_age=max_age)
        others = operation_types.clean_up()
        logger.info(
            "housekeeping: %d old checkpoints, %d left-over directories",
            len(cleaned.pruned),
            len(cleaned.orphans) + len(others),
        )
    except (StorageUnavailable, *DATABASE_AWAY) as error:
        logger.warning("housekeeping is put off: %s", error)
    finally:
        connections.close_all()
