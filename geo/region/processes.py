"""A second Python that works beside this one, and the sharing of work with it.

A `ChildProcess` runs one function; both sides exchange pickles over its standard input and output.
Its input stays open: where it closes, the parent is gone, killed perhaps, and the child ends at
once. (Not `multiprocessing`, which runs the program of whoever builds a region once more and asks
them to guard against that, and whose workers outlive a parent that is killed.)
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any, BinaryIO, Self, TypeVar

from geo.errors import SetupError

Item = TypeVar("Item")
Result = TypeVar("Result")

_PROGRAM = "from geo.region.processes import run_child; run_child()"


@contextmanager
def gc_paused() -> Iterator[None]:
    """Free objects by their reference counts alone.

    A build keeps millions of small objects and makes no cycles of them. Python would search all
    of them for cycles, again and again as they grow in number, which took a sixth of the reading.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class ParentConnection:
    """What a child has of its parent; ends the process where the parent is gone."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._messages: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def receive(self) -> Any:
        """Wait for the next message."""
        return self._messages.get()

    def send(self, message: object) -> None:
        """Send a message; an error is raised where it is received."""
        self._outgoing.write(pack_message(message))
        self._outgoing.flush()

    def _read(self) -> None:
        while True:
            try:
                message = pickle.load(self._incoming)  # noqa: S301 - from our parent
            except (EOFError, pickle.UnpicklingError):
                os._exit(1)
            self._messages.put(message)


class ChildProcess:
    """A process that runs a function; a context, which ends it.

    ``function`` must be one of a module; it is called with a `ParentConnection`. What it returns is
    sent, or the error that it raises.
    """

    def __init__(self, function: Callable[[ParentConnection], object], *, if_killed: str) -> None:
        self._if_killed = if_killed
        self.process = subprocess.Popen(  # noqa: S603 - Python itself, and no shell
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # The child finds the modules that this process finds.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.send(function)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with suppress(BrokenPipeError), self.process:  # which may hold what was not written yet
            self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()

    def send(self, message: object) -> None:
        """Send a message; where the process has ended, `receive` raises."""
        assert self.process.stdin is not None  # noqa: S101 - for the type checker
        with suppress(OSError):
            pickle.dump(message, self.process.stdin, pickle.HIGHEST_PROTOCOL)
            self.process.stdin.flush()

    def receive(self) -> Any:
        """Wait for the next message, and return it; raise it where it is an error.

        Raises
        ------
        SetupError
            The process was ended from outside.
        """
        assert self.process.stdout is not None  # noqa: S101 - for the type checker
        try:
            message = pickle.load(self.process.stdout)  # noqa: S301 - from our own program
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise SetupError(self._if_killed) from error
        if isinstance(message, BaseException):
            raise message
        return message


def run_child() -> None:
    """Run the function that the parent names; the program of a `ChildProcess`."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    parent = ParentConnection(os.fdopen(0, "rb"), os.fdopen(1, "wb"))
    try:
        parent.send(parent.receive()(parent))
    except BaseException as error:  # noqa: BLE001 - the parent is to raise it
        parent.send(error)
    os._exit(0)  # without waiting for the thread that reads the input


def pack_message(message: Any) -> bytes:
    """Return a message as a pickle; an error that cannot be unpacked again becomes one that can."""
    if not isinstance(message, BaseException):
        return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    try:
        packed = pickle.dumps(message)
        pickle.loads(packed)  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever their code raises
        return pickle.dumps(RuntimeError(f"{type(message).__name__}: {message}"))
    return packed


_AHEAD = 2
"""Calls that wait for the worker: one in work, and one so that it never waits for us."""


class Worker:
    """Shares calls between this process and a second one; a context, which ends it."""

    def __init__(self, *, if_killed: str) -> None:
        self._child = ChildProcess(_run_calls, if_killed=if_killed)
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._child.kill()  # before the thread is waited for, which may wait for the child
        self._thread.shutdown(cancel_futures=True)
        self._child.__exit__()

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
                waiting.append(self._thread.submit(self._call, function, item))
            else:
                own: Future[Result] = Future()
                own.set_result(function(item))
                waiting.append(own)
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
        for one in waiting:
            yield one.result()

    def _call(self, function: Callable[[Item], Result], item: Item) -> Result:
        self._child.send((function, item))
        result: Result = self._child.receive()
        return result


def _run_calls(parent: ParentConnection) -> None:
    """Do what a `Worker` asks for until it ends."""
    while True:
        function, item = parent.receive()
        try:
            parent.send(function(item))
        except Exception as error:  # noqa: BLE001 - the parent is to raise it
            parent.send(error)
