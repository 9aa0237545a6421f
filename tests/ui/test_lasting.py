from __future__ import annotations

import gc
import weakref

from geo.ui.lasting import keep_for_good


class Ring:
    """Something that holds itself, so that only a search for garbage finds it."""

    def __init__(self) -> None:
        self.me = self


def test_what_is_there_is_not_looked_through_again_and_garbage_goes() -> None:
    stays, goes = Ring(), Ring()
    seen_last = weakref.ref(goes)
    del goes
    keep_for_good()
    assert seen_last() is None
    assert not any(one is stays for one in gc.get_objects())


def test_what_comes_later_is_still_looked_through() -> None:
    keep_for_good()
    late = Ring()
    seen_last = weakref.ref(late)
    del late
    gc.collect()
    assert seen_last() is None
