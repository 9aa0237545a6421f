"""What a pipe is told of a long command: each wait once, and nothing else."""

from __future__ import annotations

import pytest

from geo.cli.output import progress_bar


def test_a_pipe_is_told_what_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Refreshing vermont") as progress:
        progress("asking maps.test", 0.0)
        for left_s in (30, 29, 28):
            progress(f"maps.test is busy (504); asking again in {left_s} s", 0.1)
        progress("asking maps.test", 0.1)
        progress("waiting for a free slot at maps.test; asking again in 8 s", 0.1)
        progress("", 1.0)
    assert capsys.readouterr().err.splitlines() == [
        "Refreshing vermont: maps.test is busy (504); asking again in 30 s",
        "Refreshing vermont: waiting for a free slot at maps.test; asking again in 8 s",
    ]
