"""An attempt outlives an outage of its storage: what cannot do without it waits for a while."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

from operations.errors import StorageUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

PAUSE_SECONDS = 2.0


def wait_for_storage(act: Callable[[], T], *, waiting: Callable[[], None]) -> T:
    """Do what needs the storage, again and again while it is full or away, but not for ever.

    `waiting` is called before each pause, and may raise where nobody waits any longer. Raises
    `StorageUnavailable` after KTRDR_STALL_SECONDS.
    """
    deadline = time.monotonic() + settings.KTRDR_STALL_SECONDS
    while True:
        try:
            return act()
        except StorageUnavailable as error:
            if time.monotonic() > deadline:
                raise
            logger.warning("the storage is away, trying again: %s", error)
        waiting()
        time.sleep(PAUSE_SECONDS)
