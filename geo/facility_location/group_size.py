"""How many people may meet at one site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.facility_location.siting import Floats

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroupSize:
    """How many people may meet at one site.

    Attributes
    ----------
    least, most
        At each chosen site; ``most`` None = any number.
    rooms
        (m,) how many each site holds; None = any number.
    """

    least: int = 0
    most: int | None = None
    rooms: npt.ArrayLike | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """What any groups must keep to.

    Attributes
    ----------
    least, most
        The smallest group, and (c,) the largest at each site.
    forced
        (c,) sites that must be chosen.
    """

    least: int
    most: Ints
    forced: Bools


def rooms_of(size: GroupSize, shape: tuple[int, ...]) -> Floats:
    """Return (m,) the largest group at each site, at most everybody.

    Raises
    ------
    InputError
        A number is out of range, or there is not one room for each site.
    """
    n, m = shape
    if size.least < 0:
        raise InputError(f"a smallest group of {size.least} is none; give 0 or more.")
    most = n if size.most is None else size.most
    if size.most is not None and most < max(1, size.least) and n:
        raise InputError(
            f"a largest group of {most} is smaller than {max(1, size.least)}; give at least that."
        )
    if size.rooms is None:
        return np.full(m, float(most))
    rooms = np.asarray(size.rooms, np.float64)
    if rooms.shape != (m,):
        raise InputError(
            f"there are {m} sites but capacities of shape {rooms.shape}; give one a site."
        )
    if m and not rooms.min() >= 0:
        raise InputError("a capacity is negative or no number; give 0 or more, or inf.")
    return np.floor(np.minimum(rooms, most))
