"""Tell a lack of memory from every other fault: it says nothing about a file. Free of torch."""

from collections.abc import Iterator

WORDS = (
    "can't allocate memory",
    "Could not allocate bytes object",
    "can't start new thread",
)
"""Of torch's allocators on the CPU, and of Python where a thread's stack does not fit: they raise a
plain RuntimeError, so nothing but words tells."""
TYPE_OF_TORCH = "OutOfMemoryError"  # a GPU's


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether it, or what it was raised for, is that: libraries hide a MemoryError in their own."""
    return any(_is_one(each) for each in _chain(error))


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
