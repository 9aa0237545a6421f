"""The app is started only where it answers whom it may.

What is compiled once for a computer is compiled by two processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from subprocess import Popen

import pytest

from geo.cli import main
from geo.cli.admin import compile_all

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (["--address", "0.0.0.0"], {}, "answers this computer alone, not '0.0.0.0'"),
        (["--address", "::"], {}, "configure sign-in first"),
        ([], {"CROSSROADS_HOSTS": "meet.example.org"}, "CROSSROADS_HOSTS names"),
        ([], {"CROSSROADS_URL": "https://meet.example.org"}, "configured by half"),
    ],
)
def test_serve_refuses_to_answer_others_without_sign_in(
    capsys, monkeypatch, arguments, environ, told: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_streamlit_itself_is_refused_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port=0"]
    ended = subprocess.run(
        [*command, "--server.address=0.0.0.0", "--browser.serverAddress=localhost"],
        check=False,
        cwd=ROOT,
        env={
            **os.environ,
            "CROSSROADS_DATA_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 2
    assert "crossroads: without sign-in the app answers this computer alone" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_process_beside_does_its_half(monkeypatch) -> None:
    ended: list[int] = []

    class Heard(Popen):
        def __exit__(self, *error) -> None:
            super().__exit__(*error)
            ended.append(self.returncode)

    monkeypatch.setitem(compile_all.__globals__, "Popen", Heard)
    compile_all()
    assert ended == [0]
