from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.meetup import candidates
from geo.meetup.candidates import Candidates, pareto_filter


@dataclass
class _Rooms:
    """What is asked of candidates."""

    rooms: np.ndarray[Any, Any]
    forced: np.ndarray[Any, Any]


def _candidates(rooms: list[float], forced: tuple[int, ...] = ()) -> Candidates:
    return cast("Candidates", _Rooms(np.array(rooms, float), np.array(forced, np.intp)))


def test_a_place_that_is_nowhere_nearer_is_needless() -> None:
    seconds = np.array([[1.0, 2.0, 9.0], [1.0, 1.0, 0.0]])
    assert pareto_filter(seconds, _candidates([np.inf] * 3), 1).tolist() == [0, 2]


def test_the_first_of_equal_places_is_kept() -> None:
    assert pareto_filter(np.ones((2, 5)), _candidates([np.inf] * 5), 2).tolist() == [0, 1]


def test_a_better_place_must_have_room() -> None:
    seconds = np.array([[1.0, 2.0]] * 3)
    assert pareto_filter(seconds, _candidates([2.0, np.inf]), 1).tolist() == [0, 1]
    assert pareto_filter(seconds, _candidates([3.0, np.inf]), 1).tolist() == [0]


def test_what_nobody_reaches_is_needless_unless_it_is_forced() -> None:
    seconds = np.array([[1.0, np.inf, np.inf]])
    assert pareto_filter(seconds, _candidates([np.inf] * 3, forced=(2,)), 1).tolist() == [0, 2]


_drives = st.sampled_from([0.0, 1.0, 2.0, 3.0, np.inf])


@given(
    rows=st.integers(1, 4).flatmap(
        lambda m: st.lists(st.lists(_drives, min_size=3, max_size=3), min_size=m, max_size=12)
    ),
    spare=st.integers(1, 3),
    data=st.data(),
)
def test_all_that_is_needless_goes_and_every_other_place_stays(
    rows: list[list[float]], spare: int, data: st.DataObject
) -> None:
    seconds = np.array(rows).T
    m = seconds.shape[1]
    rooms = data.draw(st.lists(st.sampled_from([1.0, 3.0, np.inf]), min_size=m, max_size=m))
    forced = tuple(data.draw(st.sets(st.integers(0, m - 1), max_size=2)))
    assert pareto_filter(seconds, _candidates(rooms, forced), spare).tolist() == [
        j for j in range(m) if j in forced or not _needless(seconds, rooms, j, spare)
    ]


def _needless(seconds: Any, rooms: list[float], j: int, spare: int) -> bool:
    """Whether so many others are as good, by the definition; of equal ones the first is better."""
    if not np.isfinite(seconds[:, j]).any():
        return True
    room = rooms[j] if spare > 1 else len(seconds)
    betters = [
        k
        for k in range(seconds.shape[1])
        if k != j
        and rooms[k] >= room
        and (seconds[:, k] <= seconds[:, j]).all()
        and ((seconds[:, k] < seconds[:, j]).any() or k < j)
    ]
    return len(betters) >= spare


@pytest.mark.parametrize("spare", [1, 8])
def test_each_place_is_compared_with_few_others(
    monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    compared = 0
    real = candidates._dominates

    def counted(drives: Any, other: Any, place: Any) -> Any:
        nonlocal compared
        compared += len(place)
        return real(drives, other, place)

    monkeypatch.setattr(candidates, "_dominates", counted)
    rng = np.random.default_rng(1)
    for places in (1000, 4000):
        compared = 0
        homes, spots = rng.random((40, 2)), rng.random((places, 2))
        seconds = np.hypot(*(homes[:, None] - spots[None]).transpose(2, 0, 1))
        kept = pareto_filter(seconds, _candidates([np.inf] * places), spare)
        assert 0 < len(kept) < places
        assert compared <= 128 * places
