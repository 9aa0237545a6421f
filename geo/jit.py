"""How the inner loops are compiled, in one place.

``cache=True`` keeps the machine code on disk, so that compiling never meets a person twice;
``nogil=True`` lets every other session run meanwhile. Numba's own threads are never used: its
default threading layer aborts the process when two threads enter it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def jit(function: F) -> F:
    """Compile a function of numbers and arrays when it is first called with their types."""
    return cast("F", njit(cache=True, nogil=True)(function))
