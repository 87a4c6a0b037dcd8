"""Machine code by numba: compiled once per installation and processor, then loaded from the disk.

Importing this costs nothing: numba's own import takes 0.26 s, and only a process that computes
features or trains has to pay it.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """`machine_code` of the function, from its first call on: for loops that Python calls.

    Such a loop cannot call another one: what numba compiles sees `machine_code` only.
    """

    @functools.cache
    def code() -> Callable[P, R]:
        from training.compilation.machine_code import machine_code

        compiled_function: Callable[P, R] = machine_code(function)
        return compiled_function

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return code()(*args, **kwargs)

    return call
