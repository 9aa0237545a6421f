"""A second process that calls are shared with, so that both work at once.

Building without Python's search for garbage.

A second Python that works beside this one: told by pickles on its standard input, and answering.

Its input stays open: where it closes, whoever started it is gone, killed perhaps, and it ends at
once. (Not `multiprocessing`, which runs the program of whoever builds a region once more and asks
them to guard against that, and whose workers outlive a parent that is killed.)
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar

from geo.errors import SetupError


@contextmanager
def gc_paused() -> Iterator[None]:
    """Let what is no longer used go by its count alone, as nearly everything does.

    A build keeps millions of small objects and makes no rings of them. Python looks through all
    that are kept for such rings, again and again as they grow in number, which took a sixth of the
    reading.
    """
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def start_python(main: str) -> subprocess.Popen[bytes]:
    """Start a Python that waits for work; it finds the modules that this one finds.

    Parameters
    ----------
    main
        Its program.
    """
    return subprocess.Popen(  # noqa: S603 - Python itself, and no shell
        [sys.executable, "-c", main],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def report(process: subprocess.Popen[bytes], what: object) -> None:
    """Tell a process something; where it has ended, `answer_of` says so."""
    assert process.stdin is not None  # noqa: S101 - for the type checker
    with suppress(OSError):
        os.write(process.stdin.fileno(), pickle.dumps(what))


def answer_of(process: subprocess.Popen[bytes]) -> Any:
    """Return what a process answers next; raise it where it is an error.

    Raises
    ------
    EOFError
        It was ended from outside.
    """
    assert process.stdout is not None  # noqa: S101 - for the type checker
    try:
        answer = pickle.load(process.stdout)  # noqa: S301 - from our own program
    except pickle.UnpicklingError as error:
        raise EOFError("an answer is cut off") from error
    if isinstance(answer, BaseException):
        raise answer
    return answer


def send(answer: object, answers: BinaryIO) -> None:
    """Answer whoever started this process.

    Parameters
    ----------
    answer
        What to say; an error will be raised there.
    answers
        The standard output.
    """
    answers.write(packed(answer))
    answers.flush()


def packed(answer: Any) -> bytes:
    """Return an answer as a pickle; an error that cannot be unpacked again becomes one that can."""
    if not isinstance(answer, BaseException):
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    try:
        whole = pickle.dumps(answer)
        pickle.loads(whole)  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever their code raises
        return pickle.dumps(RuntimeError(f"{type(answer).__name__}: {answer}"))
    return whole


Item = TypeVar("Item")
Result = TypeVar("Result")

_MAIN = "from geo.region.processes import serve; serve()"
_AHEAD = 2
"""Calls that wait for the worker: one in work, and one so that it never waits for us."""


class Worker:
    """Shares calls between this process and a second one; a context, which ends it."""

    def __init__(self) -> None:
        self._process = start_python(_MAIN)
        self._talk = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._talk.shutdown(cancel_futures=True)
        self._process.communicate()

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield the result for each item in their order, as the built-in map does.

        Raises
        ------
        SetupError
            The second process was ended from outside; whatever the function raises.
        """
        waiting: deque[Future[Result]] = deque()
        for item in items:
            if sum(not one.done() for one in waiting) < _AHEAD:
                waiting.append(self._talk.submit(self._call, function, item))
            else:
                waiting.append(_done(function(item)))
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
        for one in waiting:
            yield one.result()

    def _call(self, function: Callable[[Item], Result], item: Item) -> Result:
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        try:
            pickle.dump((function, item), self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            result = pickle.load(self._process.stdout)  # noqa: S301 - from our own program
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise ended() from error
        if isinstance(result, BaseException):
            raise result
        answer: Result = result
        return answer


def ended() -> SetupError:
    """Return what is raised where a second process is gone."""
    return SetupError(
        "the map was not finished, as the process that drew it was ended from outside; "
        "close other programs if memory is short, and build the region again."
    )


def _done(value: Result) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(value)
    return future


def serve() -> None:
    """Do what stands on standard input until it ends; the program of the second process."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us decides
    told, answers = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    while True:
        try:
            function, item = pickle.load(told)  # noqa: S301 - from whoever started us
        except EOFError:
            return
        try:
            answer = function(item)
        except Exception as error:  # noqa: BLE001 - whoever started us is to raise it
            answer = error
        send(answer, answers)
