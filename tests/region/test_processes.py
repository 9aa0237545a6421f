"""The second Python that shares the making of tiles."""

from __future__ import annotations

import gc
import math
import os
import pickle
import signal

import pytest

from geo.errors import SetupError
from geo.region.processes import ChildProcess, ParentConnection, Worker, gc_paused, pack_message

IF_KILLED = "the map was not finished, as its process was ended from outside."


def test_results_come_in_the_order_of_the_items() -> None:
    with Worker(if_killed=IF_KILLED) as worker:
        assert list(worker.map(math.sqrt, map(float, range(200)))) == [k**0.5 for k in range(200)]


def test_both_processes_work() -> None:
    with Worker(if_killed=IF_KILLED) as worker:
        pids = set(worker.map(_pid, range(50)))
    assert len(pids) == 2
    assert os.getpid() in pids


def test_an_error_of_the_function_is_raised_here() -> None:
    with Worker(if_killed=IF_KILLED) as worker, pytest.raises(ValueError, match="math domain"):
        list(worker.map(math.sqrt, [4.0, -1.0]))


def test_an_error_that_cannot_be_packed_is_told() -> None:
    class Odd(Exception):
        """Known to no other process."""

    told = pickle.loads(pack_message(Odd("seven")))  # noqa: S301 - our own
    assert isinstance(told, RuntimeError)
    assert str(told) == "Odd: seven"


def test_where_it_is_killed_we_say_so() -> None:
    with (
        Worker(if_killed=IF_KILLED) as worker,
        pytest.raises(SetupError, match="ended from outside"),
    ):
        list(worker.map(_kill_me, [os.getpid()]))


def test_it_ends_with_whoever_started_it() -> None:
    with ChildProcess(_wait_for_ever, if_killed=IF_KILLED) as child:
        assert child.process.stdin is not None
        child.process.stdin.close()
        assert child.process.wait(timeout=60) == 1


def test_messages_go_both_ways_and_the_result_comes_last() -> None:
    with ChildProcess(_double, if_killed=IF_KILLED) as child:
        child.send([1, 2])
        assert [child.receive() for _ in range(3)] == [2, 4, "done"]


def _wait_for_ever(parent: ParentConnection) -> None:
    parent.receive()


def _double(parent: ParentConnection) -> str:
    for number in parent.receive():
        parent.send(2 * number)
    return "done"


def _pid(_item: int) -> int:
    return os.getpid()


def _kill_me(spared: int) -> None:
    if os.getpid() != spared:
        os.kill(os.getpid(), signal.SIGKILL)


def test_the_search_goes_on_after_a_build_that_failed() -> None:
    def fail() -> None:
        with gc_paused():
            assert not gc.isenabled()
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert gc.isenabled()


def test_who_searches_for_no_garbage_still_does_not_afterwards() -> None:
    gc.disable()
    try:
        with gc_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
