"""Chromium, and apps that run while a test looks at them."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    expect,
    sync_playwright,
)

from geo.region import Region

collect_ignore = ["stage"]

expect.set_options(timeout=30_000)  # a machine that does other things beside is slow, not wrong

HOSTILE = "<img src=x onerror=alert(1)>"
MAP = ".crossroads[data-ready]"
ROOT = Path(__file__).parents[2]
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
"""The first draws pages for nobody, by a fifth less work than the second."""
FRUGAL = {"reduced_motion": "reduce", "device_scale_factor": 0.5}
"""A camera that flies draws dozens of pictures, and here the processor draws every pixel."""
DESKTOP = {"viewport": {"width": 1200, "height": 800}, **FRUGAL}
POCKET = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    **FRUGAL,
}
FLAGS = (
    "--process-per-site",  # a page whose scripts the one before has compiled takes half the work
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # the processor draws pages faster than it plays a graphics card
    "--disable-gpu-rasterization",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-sandbox",
)


@dataclass
class Watch:
    """What a page did that it should not."""

    base: str
    troubles: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("request", self._request)
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        self.troubles.append("dialog")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        # Streamlit's page looks for its server below the page's own path before it looks above.
        seeks_server = "/_stcore/" in message.location["url"] and "404" in message.text
        if message.type == "error" and not seeks_server:
            self.troubles.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.troubles.append(f"foreign request: {request.url}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the browser tests did not run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app that shows one map."""
    yield from serve(Path(__file__).parent / "stage" / "app.py", tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    county: Region,
    village: Path,
    build_once: Callable[[Path, str], Region],
    regions_dir: Path,
) -> Iterator[str]:
    """The address of the app itself, with the sample county and a village of hostile names."""
    text = village.read_text("utf-8")
    for name in ("The Kettle", "Nine Lanes"):
        text = text.replace(name, escape(HOSTILE))
    hostile = tmp_path_factory.mktemp("hostile") / "hostile.osm"
    hostile.write_text(text, "utf-8")
    data_dir = tmp_path_factory.mktemp("site")
    for region in (county, build_once(hostile, "hostile")):
        shutil.copytree(regions_dir / region.name, data_dir / "regions" / region.name)
    yield from serve(ROOT / "app.py", data_dir)


@pytest.fixture
def visit(site: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a path of the app in a context and waits for its map.

    At the end of the test nothing may be wrong in the console, and nobody else was asked.
    """
    watch, pages = Watch(site), []

    def open_path(context: BrowserContext, path: str = "", *, wait_for: str = MAP) -> Page:
        page = context.new_page()
        pages.append(page)
        watch.follow(page)
        page.goto(site + path)
        page.locator(wait_for).first.wait_for(timeout=60_000)
        return page

    yield open_path
    for page in pages:
        page.close()
    assert watch.troubles == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(
    script: Path,
    data_dir: Path,
    *,
    port: int | None = None,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Generator[str]:
    """Run an app on this computer, on a free port unless told, and yield its address.

    It is ended by its id.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    here = {"CROSSROADS_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)}
    environ = {**os.environ, **here, **environ}
    log = data_dir / "app.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            await_health(process, port, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(timeout=20)


def await_health(
    process: subprocess.Popen[bytes],
    port: int,
    log: Path,
    *,
    host: str = "127.0.0.1",
    path: str = "/crossroads/health",
) -> None:
    for _ in range(300):
        connection = http.client.HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        try:
            process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"the app did not start:\n{log.read_text()}")


@pytest.fixture
def watch(stage: str) -> Watch:
    return Watch(stage)


@pytest.fixture(scope="session")
def desktop(chromium: Browser) -> Iterator[BrowserContext]:
    yield from lasting(chromium, DESKTOP)


@pytest.fixture(scope="session")
def pocket(chromium: Browser) -> Iterator[BrowserContext]:
    yield from lasting(chromium, POCKET)


def lasting(
    chromium: Browser, device: Mapping[str, Any], host: str = "127.0.0.1"
) -> Iterator[BrowserContext]:
    """Make a context with an empty page of a host that stays, and the host's process with it."""
    with closing(chromium.new_context(**device)) as context:
        empty = context.new_page()
        empty.route("**", lambda route: route.fulfill(body=""))
        empty.goto(f"http://{host}/")
        empty.unroute("**")
        yield context


@pytest.fixture
def page(desktop: BrowserContext, stage: str, watch: Watch) -> Iterator[Page]:
    """A page of a desktop, on the stage, whose map is ready."""
    yield from open_page(desktop, stage, watch)


@pytest.fixture
def phone(pocket: BrowserContext, stage: str, watch: Watch) -> Iterator[Page]:
    """The same in a pocket."""
    yield from open_page(pocket, stage, watch)


def open_page(context: BrowserContext, url: str, watch: Watch) -> Iterator[Page]:
    with closing(context.new_page()) as page:
        watch.follow(page)
        page.goto(url)
        page.locator(".crossroads[data-ready]").wait_for(timeout=60_000)
        yield page
