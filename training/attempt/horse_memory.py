"""How much memory a horse may take."""

from django.conf import settings

from operations import process_memory

MEGABYTE = 1_000_000


def limit_memory() -> None:
    """From here on this process may take KTRDR_TRAINING_MEMORY_MB more than it has.

    What it then asks for in vain raises, and the training ends with its own words. Of a training
    on the CPU only: a GPU's driver asks for addresses that it never fills.
    """
    if settings.KTRDR_TRAINING_MEMORY_MB:
        process_memory.allow_more(settings.KTRDR_TRAINING_MEMORY_MB * MEGABYTE)
