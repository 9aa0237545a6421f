"""A second process that calls are shared with, so that both work at once."""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from geo.errors import SetupError
from geo.region.process import say, start_python

Item = TypeVar("Item")
Result = TypeVar("Result")

_MAIN = "from geo.region.basemap.worker import serve; serve()"
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
        say(answer, answers)
