"""A second Python that works beside this one: told by pickles on its standard input, and answering.

Its input stays open: where it closes, whoever started it is gone, killed perhaps, and it ends at
once. (Not `multiprocessing`, which runs the program of whoever builds a region once more and asks
them to guard against that, and whose workers outlive a parent that is killed.)
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from typing import Any, BinaryIO


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


def tell(process: subprocess.Popen[bytes], what: object) -> None:
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


def say(answer: object, answers: BinaryIO) -> None:
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
