"""Work beside the pages: it tells how far it is, stops when asked, and never hangs a page.

Jobs beside the pages: how they end, and how they are stopped.
"""

from __future__ import annotations

import math
import threading

import pytest

from geo.cancellation import Progress
from geo.errors import InputError, Offline
from geo.ui.jobs import Job, JobQueue, PlanJob

SOON_S = 20


def test_a_job_gives_its_result_and_the_gap_that_it_was_told_of() -> None:
    gaps: list[float | None] = []

    def work(job: PlanJob[int]) -> int:
        for value, bound in ((math.inf, -math.inf), (200.0, 150.0), (160.0, 160.0)):
            assert job.progress(0.0, value, bound)
            gaps.append(job.gap)
        return 7

    job = PlanJob(work)
    assert (job.state, job.over, job.result) == ("waiting", False, None)
    job.start()
    assert job.wait(SOON_S)
    assert (job.state, job.over, job.result, job.error) == ("done", True, 7, "")
    assert gaps == [None, 0.25, 0.0]


def test_a_stopped_job_hears_it_at_its_next_step() -> None:
    begun, stopped = threading.Event(), threading.Event()

    def work(job: PlanJob[str]) -> str:
        begun.set()
        assert stopped.wait(SOON_S)
        return "on" if job.progress(0.0, 1.0, 1.0) else "best so far"

    job = PlanJob(work)
    job.start()
    assert begun.wait(SOON_S)
    job.stop()
    stopped.set()
    assert job.wait(SOON_S)
    assert job.result == "best so far"


def test_a_job_whose_visitor_has_gone_stops() -> None:
    job = PlanJob(lambda one: one.progress(0.0, 1.0, 1.0), is_wanted=lambda: False)
    job.start()
    assert job.wait(SOON_S)
    assert job.result is False


def test_jobs_wait_for_a_seat_and_give_up_when_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.ui.jobs._SLOTS", threading.BoundedSemaphore(1))
    begun, free = threading.Event(), threading.Event()

    def work(_job: PlanJob[bool]) -> bool:
        begun.set()
        return free.wait(SOON_S)

    first = PlanJob(work)
    first.start()
    assert begun.wait(SOON_S)
    second: PlanJob[int] = PlanJob(lambda _job: 2)
    third: PlanJob[int] = PlanJob(lambda _job: 3)
    second.start()
    third.start()
    third.stop()
    assert third.wait(SOON_S)
    assert (third.state, third.result) == ("failed", None)
    assert second.state == "waiting"
    free.set()
    assert second.wait(SOON_S)
    assert (first.result, second.result) == (True, 2)


def test_what_a_person_can_mend_is_told_and_the_rest_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def contradict(_job: PlanJob[int]) -> int:
        raise InputError("place n1 is both forced and banned; drop one of the two.")

    def break_down(_job: PlanJob[int]) -> int:
        raise ZeroDivisionError("somebody's home")

    mendable, broken = PlanJob(contradict), PlanJob(break_down)
    for job in (mendable, broken):
        job.start()
        assert job.wait(SOON_S)
        assert (job.state, job.result) == ("failed", None)
    assert "forced and banned" in mendable.error
    assert broken.error == ""
    assert "a job failed" in caplog.text


def test_a_job_tells_how_far_it_is_and_what_came_of_it() -> None:
    half, go_on = threading.Event(), threading.Event()

    def errand(tell: Progress) -> int:
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

    def errand(tell: Progress) -> str:
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
    def offline(_tell: Progress) -> str:
        raise Offline("there is no way to example.org; check the network.")

    def broken(_tell: Progress) -> str:
        raise KeyError("52.1234, a secret")

    job, other = Job("a", offline), Job("b", broken)
    assert job.wait(10)
    assert job.error == "there is no way to example.org; check the network."
    assert other.wait(10)
    assert "log of the app" in other.error
    assert "secret" not in other.error


def test_a_desk_has_one_job_at_a_time() -> None:
    desk, go_on = JobQueue(), threading.Event()

    def errand(_tell: Progress) -> str:
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
    def errand(tell: Progress) -> None:
        tell("x", said[0])

    job = Job("a", errand)
    assert job.wait(10)
    assert job.done == said[1]
