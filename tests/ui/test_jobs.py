"""Jobs: how far they are, how they end, how they are cancelled, and how they wait for a slot."""

from __future__ import annotations

import math
import threading

import pytest

from geo.errors import InputError, Offline
from geo.ui.jobs import Job, JobQueue, check_cancelled

SOON_S = 20


def test_a_job_has_its_result_and_the_gap_of_what_was_reported() -> None:
    gaps: list[float | None] = []

    def work(job: Job[int]) -> int:
        for value, bound in ((math.inf, -math.inf), (200.0, 150.0), (160.0, 160.0)):
            assert job.report_bound(0.0, value, bound)
            gaps.append(job.gap)
        return 7

    job = Job(work)
    assert (job.state, job.is_over, job.result) == ("waiting", False, None)
    job.start()
    assert job.wait(SOON_S)
    assert (job.state, job.is_over, job.result, job.error) == ("done", True, 7, "")
    assert gaps == [None, 0.25, 0.0]


def test_a_job_shows_its_step_and_the_fraction_that_is_done() -> None:
    half, go_on = threading.Event(), threading.Event()

    def work(job: Job[int]) -> int:
        job.report("reading", 0.5)
        half.set()
        assert go_on.wait(SOON_S)
        job.report("", 1.7)
        return 42

    job = Job(work, title="Counting")
    job.start()
    assert half.wait(SOON_S)
    assert (job.step, job.done, job.is_over, job.result) == ("reading", 0.5, False, None)
    go_on.set()
    assert job.wait(SOON_S)
    assert (job.step, job.done, job.result, job.error) == ("reading", 1.0, 42, "")


@pytest.mark.parametrize(("reported", "done"), [(-1.0, 0.0), (0.25, 0.25), (7.0, 1.0)])
def test_a_fraction_is_never_less_than_nothing_nor_more_than_all(
    reported: float, done: float
) -> None:
    job: Job[None] = Job(lambda one: one.report("x", reported))
    job.start()
    assert job.wait(SOON_S)
    assert job.done == done


def test_a_cancelled_job_may_return_the_best_that_it_has() -> None:
    begun, cancelled = threading.Event(), threading.Event()

    def work(job: Job[str]) -> str:
        begun.set()
        assert cancelled.wait(SOON_S)
        return "on" if job.report_bound(0.0, 1.0, 1.0) else "best so far"

    job = Job(work)
    job.start()
    assert begun.wait(SOON_S)
    job.cancel()
    cancelled.set()
    assert job.wait(SOON_S)
    assert (job.result, job.state, job.is_cancelled) == ("best so far", "done", True)


@pytest.mark.parametrize("by_thread", [True, False])
def test_a_cancelled_job_ends_where_it_reports_or_checks(by_thread: bool) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(job: Job[str]) -> str:
        begun.set()
        assert go_on.wait(SOON_S)
        check_cancelled() if by_thread else job.report("never seen", 0.1)
        return "never"

    job = Job(work)
    job.start()
    assert begun.wait(SOON_S)
    job.cancel()
    assert (job.is_cancelled, job.is_over) == (True, False)
    go_on.set()
    assert job.wait(SOON_S)
    assert (job.state, job.result, job.step, job.error) == ("cancelled", None, "", "")


def test_nothing_is_cancelled_in_a_thread_without_a_job() -> None:
    check_cancelled()


def test_a_job_whose_visitor_has_gone_ends() -> None:
    job = Job(lambda one: one.report_bound(0.0, 1.0, 1.0), is_wanted=lambda: False)
    job.start()
    assert job.wait(SOON_S)
    assert job.result is False


def test_errors_that_a_person_can_mend_are_shown_and_the_rest_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def contradict(_job: Job[int]) -> int:
        raise InputError("place n1 is both forced and banned; drop one of the two.")

    def be_offline(_job: Job[int]) -> int:
        raise Offline("there is no way to example.org; check the network.")

    def break_down(_job: Job[int]) -> int:
        raise ZeroDivisionError("somebody's home")

    jobs = [Job(work) for work in (contradict, be_offline, break_down)]
    for job in jobs:
        job.start()
        assert job.wait(SOON_S)
        assert (job.state, job.result) == ("failed", None)
    assert [job.error for job in jobs] == [
        "place n1 is both forced and banned; drop one of the two.",
        "there is no way to example.org; check the network.",
        "",
    ]
    assert isinstance(jobs[0].failure, InputError)
    assert "a job failed" in caplog.text


def test_jobs_wait_for_a_slot_and_leave_the_queue_when_cancelled() -> None:
    queue, begun, free = JobQueue(1), threading.Event(), threading.Event()

    def work(_job: Job[bool]) -> bool:
        begun.set()
        return free.wait(SOON_S)

    first = Job(work)
    queue.submit(first)
    assert begun.wait(SOON_S)
    second, third = Job(lambda _job: 2), Job(lambda _job: 3)
    queue.submit(second)
    queue.submit(third)
    third.cancel()
    assert third.wait(SOON_S)
    assert (third.state, third.result) == ("cancelled", None)
    assert second.state == "waiting"
    free.set()
    assert second.wait(SOON_S)
    assert (first.result, second.result) == (True, 2)


def test_a_queue_takes_no_second_job_that_wants_it_idle() -> None:
    queue, go_on = JobQueue(1), threading.Event()
    jobs = [Job(lambda _job: go_on.wait(SOON_S), about=name) for name in ("one", "two", "three")]
    assert queue.submit_if_idle(jobs[0])
    assert not queue.submit_if_idle(jobs[1])
    queue.dismiss()
    assert (queue.latest, queue.is_busy, queue.count) == (jobs[0], True, 1)
    go_on.set()
    assert jobs[0].wait(SOON_S)
    assert queue.submit_if_idle(jobs[2])
    assert jobs[2].wait(SOON_S)
    assert jobs[1].state == "waiting"
    queue.dismiss()
    assert queue.latest is None
