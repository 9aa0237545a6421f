"""Work beside the pages: it tells how far it is, stops when asked, and never hangs a page."""

from __future__ import annotations

import math
import threading

import pytest

from geo.errors import InputError
from geo.ui.plan.job import Job

SOON_S = 20


def test_a_job_gives_its_result_and_the_gap_that_it_was_told_of() -> None:
    gaps: list[float | None] = []

    def work(job: Job[int]) -> int:
        for value, bound in ((math.inf, -math.inf), (200.0, 150.0), (160.0, 160.0)):
            assert job.progress(0.0, value, bound)
            gaps.append(job.gap)
        return 7

    job = Job(work)
    assert (job.state, job.over, job.result) == ("waiting", False, None)
    job.start()
    assert job.wait(SOON_S)
    assert (job.state, job.over, job.result, job.error) == ("done", True, 7, "")
    assert gaps == [None, 0.25, 0.0]


def test_a_stopped_job_hears_it_at_its_next_step() -> None:
    begun, stopped = threading.Event(), threading.Event()

    def work(job: Job[str]) -> str:
        begun.set()
        assert stopped.wait(SOON_S)
        return "on" if job.progress(0.0, 1.0, 1.0) else "best so far"

    job = Job(work)
    job.start()
    assert begun.wait(SOON_S)
    job.stop()
    stopped.set()
    assert job.wait(SOON_S)
    assert job.result == "best so far"


def test_a_job_whose_visitor_has_gone_stops() -> None:
    job = Job(lambda one: one.progress(0.0, 1.0, 1.0), is_wanted=lambda: False)
    job.start()
    assert job.wait(SOON_S)
    assert job.result is False


def test_jobs_wait_for_a_seat_and_give_up_when_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.ui.plan.job._SEATS", threading.BoundedSemaphore(1))
    begun, free = threading.Event(), threading.Event()

    def work(_job: Job[bool]) -> bool:
        begun.set()
        return free.wait(SOON_S)

    first = Job(work)
    first.start()
    assert begun.wait(SOON_S)
    second: Job[int] = Job(lambda _job: 2)
    third: Job[int] = Job(lambda _job: 3)
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
    def contradict(_job: Job[int]) -> int:
        raise InputError("place n1 is both forced and banned; drop one of the two.")

    def break_down(_job: Job[int]) -> int:
        raise ZeroDivisionError("somebody's home")

    mendable, broken = Job(contradict), Job(break_down)
    for job in (mendable, broken):
        job.start()
        assert job.wait(SOON_S)
        assert (job.state, job.result) == ("failed", None)
    assert "forced and banned" in mendable.error
    assert broken.error == ""
    assert "a job failed" in caplog.text
