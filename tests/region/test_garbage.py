from __future__ import annotations

import gc

import pytest

from geo.region.garbage import no_search_for_garbage


def test_the_search_goes_on_after_a_build_that_failed() -> None:
    def fail() -> None:
        with no_search_for_garbage():
            assert not gc.isenabled()
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert gc.isenabled()


def test_who_searches_for_no_garbage_still_does_not_afterwards() -> None:
    gc.disable()
    try:
        with no_search_for_garbage():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
