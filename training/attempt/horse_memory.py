"""How much memory a horse may take."""

import numpy as np
from django.conf import settings

from operations import process_memory

MEGABYTE = 1_000_000
SHARED_ROWS = 512
"""A product of so many rows and columns goes to all threads of OpenBLAS, in some 5 ms."""


def limit_memory() -> None:
    """From here on this process may take KTRDR_TRAINING_MEMORY_MB more than it has.

    What it then asks for in vain raises, and the training ends with its own words. Of a training
    on the CPU only: a GPU's driver asks for addresses that it never fills.
    """
    if settings.KTRDR_TRAINING_MEMORY_MB:
        process_memory.allow_more(settings.KTRDR_TRAINING_MEMORY_MB * MEGABYTE)


def take_room_for_products() -> None:
    """Of NumPy's matrices, before there is a limit: OpenBLAS takes 32 MB for each thread at the
    first product that threads share, and where it is refused them it hangs in its own exit."""
    square = np.ones((SHARED_ROWS, SHARED_ROWS))
    square @ square
