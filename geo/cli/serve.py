"""``crossroads serve``."""

from __future__ import annotations

import os
import sys

import click

from geo.cli.arguments import example
from geo.errors import SetupError
from geo.settings import read_settings
from geo.tables import app_path


@click.command(epilog=example("crossroads serve --port 8600"))
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
def serve(address: str, port: int) -> None:
    """Start the app.

    Open it with a browser at the address that is printed.
    """
    app = app_path()
    # The app is started in its own folder, where its configuration lies; the data stay where the
    # caller's folder and settings put them.
    os.environ["CROSSROADS_DATA_DIR"] = str(read_settings().data_dir.resolve())
    os.chdir(app.parent)
    command = [sys.executable, "-m", "streamlit", "run", app.name]
    options = [f"--server.address={address}", f"--server.port={port}", "--server.headless=true"]
    try:
        os.execv(command[0], [*command, *options])  # noqa: S606 - no shell, and our own arguments
    except OSError as error:
        raise SetupError(f"cannot start the app: {error.strerror}.") from error
