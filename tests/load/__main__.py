"""How many people one process carries: ``make load``, or ``python -m tests.load --help``.

It starts the app on this computer with a real region (the sample county where there is none), lets
visitors click every some seconds, and prints how long they wait and what they cost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import requests

from geo.cli.admin import compile_all
from geo.region import Region, load_region
from geo.region.build import SAMPLE_NAME, build_region, sample_path
from tests.load.visitor import Visitor

_ROOT = Path(__file__).resolve().parents[2]
_SHARED = _ROOT.parent / "shared" / "osm"
_START_S = 120.0
_PAGES = {"near": "", "halfway": "halfway", "regions": "regions"}


@contextmanager
def _app(data_dir: Path) -> Iterator[tuple[str, int]]:
    """Run the app on a free port; yield its address and process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "CROSSROADS_DATA_DIR": str(data_dir), "PYTHONPATH": str(_ROOT)}
    with (data_dir / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "geo", "serve", "--port", str(port)],
            cwd=_ROOT, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    base = f"http://localhost:{port}"
    try:
        _await(base, process)
        yield base, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _await(base: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"{base}/crossroads/health", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise SystemExit("the app did not start; run 'crossroads serve' to see why.")


def _cpu_s(pid: int) -> float:
    """Return the processor seconds of a process so far (proc(5): fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _starts(region: Region, count: int) -> list[tuple[float, float]]:
    """Return junctions of a region, always the same."""
    graph = region.network.graph
    rows = np.random.default_rng(7).integers(0, graph.junction_count, count)
    return [(float(graph.junction_lon[row]), float(graph.junction_lat[row])) for row in rows]


async def _visit(
    visitor: Visitor, starts: Sequence[tuple[float, float]], asked: argparse.Namespace, end: float
) -> None:
    chance = random.Random(starts[0][0])  # spreads the clicks, always alike
    await asyncio.sleep(chance.uniform(0, asked.every))
    for start in starts:
        if time.monotonic() >= end:
            return
        began = time.monotonic()
        await visitor.act(asked.page, start)
        await asyncio.sleep(max(0.0, asked.every - (time.monotonic() - began)))


async def _measure(asked: argparse.Namespace, base: str, pid: int, region: Region) -> None:
    starts = _starts(region, 4096)
    query = _query(asked.page, region.name, starts)
    visitors = [Visitor(base, _PAGES[asked.page], query) for _ in range(asked.sessions)]
    warm = Visitor(base, _PAGES[asked.page], query)
    await warm.open()
    for start in starts[:3]:
        await warm.act(asked.page, start)
    memory_mb = _memory_mb(pid)
    for at in range(0, len(visitors), 4):
        await asyncio.gather(*(one.open() for one in visitors[at : at + 4]))
    opened_mb, cpu_s = _memory_mb(pid), _cpu_s(pid)
    end = time.monotonic() + asked.seconds
    await asyncio.gather(
        *(_visit(one, starts[k :: asked.sessions], asked, end) for k, one in enumerate(visitors))
    )
    used_s, end_mb = _cpu_s(pid) - cpu_s, _memory_mb(pid)
    clicks = [seconds for one in visitors for seconds in one.clicks_s]
    _print("first page", [one.first_s for one in visitors])
    _print("click", clicks)
    cost_ms = 1000 * used_s / len(clicks)
    print(f"{'processor time a click':<24} {cost_ms:8.1f} ms ({len(clicks):,} clicks)")
    opened, after = ((mb - memory_mb) / len(visitors) for mb in (opened_mb, end_mb))
    print(f"{'memory a session':<24} {opened:8.2f} MB opened, {after:.2f} MB after the clicks")
    cards = statistics.mean(one.cards for one in visitors)
    print(f"{'places listed':<24} {cards:8.1f} a click")
    for one in (*visitors, warm):
        await one.close()


def _query(page: str, region: str, starts: Sequence[tuple[float, float]]) -> str:
    """Return what stands behind the page's ``?``: two starts for Meet halfway."""
    people = "".join(f"&from={lat:.5f},{lon:.5f}" for lon, lat in starts[:2])
    return f"region={region}{people if page == 'halfway' else ''}"


def _print(what: str, seconds: Sequence[float]) -> None:
    p50, p95 = np.percentile(np.array(seconds), [50, 95])
    print(f"{what:<24} {p50:8.3f} s p50, {p95:.3f} s p95")


def main() -> None:
    """Measure, and print."""
    asks = argparse.ArgumentParser(description=__doc__, prog="python -m tests.load")
    asks.add_argument("--sessions", type=int, default=100, help="how many visitors at once")
    asks.add_argument("--every", type=float, default=10.0, help="seconds between two clicks of one")
    asks.add_argument("--seconds", type=float, default=60.0, help="how long they click")
    asks.add_argument("--page", choices=_PAGES, default="near")
    asked = asks.parse_args()
    extract = _SHARED / "rutland.osm.pbf"
    source, name = (extract, "rutland") if extract.exists() else (sample_path(), SAMPLE_NAME)
    compile_all()  # once for this checkout; the first clicks would wait for it
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        build_region(source, name, regions_dir=data_dir / "regions")
        region = load_region(name, regions_dir=data_dir / "regions")
        print(
            f"{asked.sessions} sessions on {asked.page} of {name}, a click every {asked.every:g} s"
        )
        with _app(data_dir) as (base, pid):
            asyncio.run(_measure(asked, base, pid, region))


if __name__ == "__main__":
    main()
