"""Which invitation the page makes next: a calendar must see one meeting move, not two."""

from __future__ import annotations

from datetime import datetime, timedelta

from geo.model import Place, Point
from geo.ui.share import _next_invitation

PLACE = Place(osm_id="n1", kind="cafe", name="Bean", point=Point(-0.7, 52.6), tags={})
AT = datetime(2026, 5, 4, 10)


def test_the_first_is_new_and_the_same_time_again_is_the_same() -> None:
    first = _next_invitation(None, PLACE, AT)
    assert (first.sequence, first.called_off) == (0, False)
    assert _next_invitation(first, PLACE, AT) == first


def test_another_time_moves_the_same_meeting() -> None:
    first = _next_invitation(None, PLACE, AT)
    moved = _next_invitation(first, PLACE, AT + timedelta(hours=1))
    assert (moved.uid, moved.sequence) == (first.uid, 1)
    again = _next_invitation(moved, PLACE, AT)
    assert (again.uid, again.sequence) == (first.uid, 2)


def test_two_meetings_at_one_place_are_two() -> None:
    assert _next_invitation(None, PLACE, AT).uid != _next_invitation(None, PLACE, AT).uid
