"""Tell a lack of memory from every other fault: it says nothing about a file. Free of torch."""

import gc
import traceback
from collections.abc import Iterator

from django.conf import settings

from operations import process_memory
from training.errors import OutOfMemory

WORDS = (
    "can't allocate memory",
    "Could not allocate bytes object",
    "can't start new thread",
)
"""Of torch's allocators on the CPU, and of Python where a thread's stack does not fit: they raise a
plain RuntimeError, so nothing but words tells."""
TYPE_OF_TORCH = "OutOfMemoryError"  # a GPU's
SHOWN_OF_REASON = 200  # characters: torch appends its stack


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether it, or what it was raised for, is that: libraries hide a MemoryError in their own."""
    return any(_is_one(each) for each in _chain(error))


def in_words(error: BaseException, *, where: str, or_else: str = "") -> OutOfMemory:
    """What its user is told. `or_else` follows "Resume it where it may take more"."""
    cause = next(filter(_is_one, _chain(error)), error)
    reason = str(cause).partition("\n")[0][:SHOWN_OF_REASON] or type(cause).__name__
    allowed = settings.KTRDR_TRAINING_MEMORY_MB or "no limit"
    return OutOfMemory(where=where, reason=reason, allowed=allowed, or_else=or_else)


def make_room(error: BaseException) -> None:
    """Let go of what the frames hold that it went through, and of the limit: its end comes yet."""
    for each in _chain(error):
        traceback.clear_frames(each.__traceback__)
    gc.collect()
    process_memory.lift_limit()


def has_room(size_bytes: int) -> bool:
    """Whether this process may take so much more now; takes none of it."""
    try:
        bytearray(size_bytes)  # zeros that nobody writes: addresses, not memory
    except MemoryError:
        return False
    return True


def _is_one(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == TYPE_OF_TORCH:
        return True
    return type(error) is RuntimeError and any(words in str(error) for words in WORDS)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
