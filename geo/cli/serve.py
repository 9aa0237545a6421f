"""``crossroads serve``."""

from __future__ import annotations

import os
import sys

import click

from geo.cli.arguments import example
from geo.errors import SetupError
from geo.settings import read_settings
from geo.signin import insist_on_sign_in, read_sign_in
from geo.tables import app_path


@click.command(epilog=example("crossroads serve --port 8600"))
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
def serve(address: str, port: int) -> None:
    """Start the app.

    Open it with a browser at the address that is printed. Without sign-in it answers this computer
    alone; docs/hosting.md says how to open it to a team.
    """
    settings = read_settings()
    sign_in = read_sign_in(settings)
    insist_on_sign_in(sign_in, address, settings.hosts)
    options = [f"--server.address={address}", f"--server.port={port}", "--server.headless=true"]
    if sign_in:
        # Read before the app can hand it over itself; replicas must seal alike.
        os.environ.setdefault("STREAMLIT_SERVER_COOKIE_SECRET", sign_in.cookie_secret)
        # Or Streamlit would ask a server elsewhere what this one is called.
        options.append(f"--browser.serverAddress={sign_in.host}")
    app = app_path()
    # The app is started in its own folder, where its configuration lies; the data stay where the
    # caller's folder and settings put them.
    os.environ["CROSSROADS_DATA_DIR"] = str(settings.data_dir.resolve())
    os.chdir(app.parent)
    command = [sys.executable, "-m", "streamlit", "run", app.name]
    try:
        os.execv(command[0], [*command, *options])  # noqa: S606 - no shell, and our own arguments
    except OSError as error:
        raise SetupError(f"cannot start the app: {error.strerror}.") from error
