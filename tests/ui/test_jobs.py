"""Jobs beside the pages: how they end, and how they are stopped."""

from __future__ import annotations

import threading

import pytest

from geo.errors import Offline
from geo.ui.jobs import Desk, Job, Told


def test_a_job_tells_how_far_it_is_and_what_came_of_it() -> None:
    half, go_on = threading.Event(), threading.Event()

    def errand(tell: Told) -> int:
        tell("reading", 0.5)
        half.set()
        go_on.wait(10)
        tell("", 1.7)
        return 42

    job = Job("Counting", errand)
    assert half.wait(10)
    assert (job.said, job.done, job.is_running, job.result) == ("reading", 0.5, True, None)
    go_on.set()
    assert job.wait(10)
    assert (job.said, job.done, job.result, job.error) == ("reading", 1.0, 42, "")
    assert not job.is_running


def test_a_job_ends_between_two_steps_once_it_is_told_to() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def errand(tell: Told) -> str:
        begun.set()
        go_on.wait(10)
        tell("never heard", 0.1)
        return "never"

    job = Job("Waiting", errand)
    assert begun.wait(10)
    job.stop()
    assert job.is_stopping
    go_on.set()
    assert job.wait(10)
    assert (job.was_stopped, job.result, job.said, job.error) == (True, None, "", "")
    assert not job.is_stopping


def test_what_goes_wrong_is_one_sentence() -> None:
    def offline(_tell: Told) -> str:
        raise Offline("there is no way to example.org; check the network.")

    def broken(_tell: Told) -> str:
        raise KeyError("52.1234, a secret")

    job, other = Job("a", offline), Job("b", broken)
    assert job.wait(10)
    assert job.error == "there is no way to example.org; check the network."
    assert other.wait(10)
    assert "log of the app" in other.error
    assert "secret" not in other.error


def test_a_desk_has_one_job_at_a_time() -> None:
    desk, go_on = Desk(), threading.Event()

    def errand(_tell: Told) -> str:
        go_on.wait(10)
        return "done"

    assert desk.begin("One", errand, about="one")
    assert not desk.begin("Two", errand, about="two")
    desk.put_away()
    assert desk.job is not None
    assert (desk.job.about, desk.is_busy, desk.count) == ("one", True, 1)
    go_on.set()
    assert desk.job.wait(10)
    assert desk.begin("Three", errand, about="three")
    assert desk.job.wait(10)
    desk.put_away()
    assert desk.job is None


@pytest.mark.parametrize("said", [(-1.0, 0.0), (0.25, 0.25), (7.0, 1.0)])
def test_a_fraction_is_never_less_than_nothing_nor_more_than_all(said) -> None:
    def errand(tell: Told) -> None:
        tell("x", said[0])

    job = Job("a", errand)
    assert job.wait(10)
    assert job.done == said[1]
