"""Arithmetic on lattices of travel times: spreading them off the roads, and blurring.

All of it is monotone: smaller times in, smaller times out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.bool_]
Field = npt.NDArray[np.float32]

FAR = np.float32(1e9)
"""Stands for "not reached", so that adding to it stays finite."""

_CLOSED_M = 700.0  # gaps of less than twice this between roads are closed
_KEPT_M = 250.0  # how far off a lonely road the area reaches
_LEAST_KEPT = 2  # cells, that a ribbon may outlive the blur
_TRACK_M_S = 12 / 3.6  # beside a road
_WALK_M_S = 4.5 / 3.6  # farther off
_SHORT_CUT_S = 100.0  # where there is a road, walking beats it by so much at most


def spreading(cell_m: float) -> list[np.float32]:
    """Return the seconds that each round of spreading costs, for cells of a width."""
    kept = max(_LEAST_KEPT, round(_KEPT_M / cell_m))
    closing = max(1, round((_CLOSED_M - _KEPT_M) / cell_m))
    return [np.float32(cell_m / _TRACK_M_S)] * kept + [np.float32(cell_m / _WALK_M_S)] * closing


def spread(times: Field, dry: Cells, rounds: list[np.float32]) -> None:
    """Let times spread off the roads over dry cells, then take back what closes no gap.

    This is the closing of mathematical morphology with a cone: times rise from cell to cell on the
    way out, and fall by as much on the way back, but not all the way: some cells beside each road
    stay. Rounds of eight and of four neighbours take turns, which makes the cone nearly round (an
    octagon).
    """
    wet = np.flatnonzero(~dry)
    flat = times.reshape(-1)
    for turn, step_s in enumerate(rounds):
        _look_round(times, np.minimum, step_s, diagonals=turn % 2 == 0)
        flat[wet] = FAR
    kept = rounds.count(rounds[0])
    for turn, step_s in enumerate(rounds[: len(rounds) - kept]):
        flat[wet] = -FAR
        _look_round(times, np.maximum, -step_s, diagonals=turn % 2 == 1)
    flat[wet] = FAR


def least_times(times: Field, beyond: npt.NDArray[np.int64], columns: int) -> Field:
    """Return the least time that the spread may give to cells with roads, and to those beside.

    Parameters
    ----------
    times
        (cells,) times by road; `FAR` where no road is reached.
    beyond
        Cells with junctions that are not reached; those without a time are out of reach.
    columns
        Cells in a row.
    """
    no_road = times == FAR
    no_road[beyond] = False
    least = np.where(no_road, -FAR, times - np.float32(_SHORT_CUT_S)).reshape(-1, columns)
    beside = least.copy()
    _look_round(beside, np.maximum, np.float32(0), diagonals=True)
    return np.where(no_road.reshape(-1, columns), beside, least)


def _look_round(times: Field, take: np.ufunc, step_s: np.float32, *, diagonals: bool) -> None:
    """Let each cell take the best of its own time and its neighbours' plus a step."""
    before = times + step_s
    take(times[1:], before[:-1], out=times[1:])
    take(times[:-1], before[1:], out=times[:-1])
    take(times[:, 1:], before[:, :-1], out=times[:, 1:])
    take(times[:, :-1], before[:, 1:], out=times[:, :-1])
    if diagonals:
        before += step_s * np.float32(np.sqrt(2) - 1)
        take(times[1:, 1:], before[:-1, :-1], out=times[1:, 1:])
        take(times[1:, :-1], before[:-1, 1:], out=times[1:, :-1])
        take(times[:-1, 1:], before[1:, :-1], out=times[:-1, 1:])
        take(times[:-1, :-1], before[1:, 1:], out=times[:-1, :-1])


def blur(field: Field) -> Field:
    """Return the field, each cell mixed with its neighbours (1-4-6-4-1 both ways).

    The outermost two rows and columns count as empty.
    """
    across = np.zeros_like(field)
    across[:, 2:-2] = _mix(
        field[:, :-4], field[:, 1:-3], field[:, 2:-2], field[:, 3:-1], field[:, 4:]
    )
    mixed = np.zeros_like(field)
    mixed[2:-2] = _mix(across[:-4], across[1:-3], across[2:-2], across[3:-1], across[4:])
    return mixed


def _mix(a: Field, b: Field, c: Field, d: Field, e: Field) -> Field:
    total = b + d
    total *= np.float32(2 / 3)
    total += c
    total *= np.float32(6)
    total += a
    total += e
    total *= np.float32(1 / 16)
    return total
