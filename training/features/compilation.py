"""Machine code for loops over rows, compiled on first use."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` with numba at its first call; later processes load it from the disk.

    Importing a module of such functions costs nothing: numba's own import takes 0.26 s, and only
    a process that computes features has to pay it. Division by zero follows IEEE 754. The GIL is
    released, so a heartbeat thread goes on during a long loop.
    """

    @functools.cache
    def machine_code() -> Callable[P, R]:
        import numba

        code: Callable[P, R]
        try:
            code = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
        except RuntimeError:  # no directory for the code can be written: each process compiles
            code = numba.njit(nogil=True, error_model="numpy")(function)
        return code

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return machine_code()(*args, **kwargs)

    return call
