"""What is compiled once for a computer is compiled by two processes."""

from __future__ import annotations

from subprocess import Popen

from geo.cli.warm import compile_all


def test_the_process_beside_does_its_half(monkeypatch) -> None:
    ended: list[int] = []

    class Heard(Popen):
        def __exit__(self, *error) -> None:
            super().__exit__(*error)
            ended.append(self.returncode)

    monkeypatch.setitem(compile_all.__globals__, "Popen", Heard)
    compile_all()
    assert ended == [0]
