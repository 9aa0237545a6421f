"""Building a region beside Valhalla's tile builder: it does roads alone, on two threads in C++."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import peers
from tests.bench.table import Row

STATE_JUNCTIONS, COUNTY_JUNCTIONS = 150_000, 40_000

_BUILD = """
import json, resource, sys
from pathlib import Path
from geo.region.build import build_region
manifest = build_region(Path(sys.argv[1]), "bench", regions_dir=Path(sys.argv[2]))
both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)  # at the same moment at worst
peak_mb = sum(resource.getrusage(who).ru_maxrss for who in both) / 1024
print(json.dumps([manifest.step_seconds, manifest.counts, peak_mb]))
"""


@dataclass(frozen=True)
class Build:
    """One build in a process of its own."""

    whole_s: float
    step_seconds: dict[str, float]
    counts: dict[str, int]
    peak_mb: float


def rows() -> Iterator[Row]:
    """Yield the rows of the table."""
    for name in ("andorra", "rutland"):
        extract = peers.EXTRACTS / f"{name}.osm.pbf"
        if extract.is_file():
            yield from _rows(name, extract)
    yield from _state_rows()


def _rows(name: str, extract: Path) -> Iterator[Row]:
    build = min((_build(extract) for _ in range(3)), key=lambda one: one.whole_s)
    theirs = min(filter(None, (peers.valhalla_build_s(extract) for _ in range(3))), default=None)
    yield Row(
        f"build region, all of it, {name}",
        build.whole_s,
        "valhalla_build_tiles",
        theirs,
        bar=6,
        unit="s",
    )
    for step, seconds in build.step_seconds.items():
        yield Row(f"  of it: {step}", seconds, unit="s")
    yield Row(f"  peak memory, {name}", build.peak_mb, bar=500, unit="MB")


def _state_rows() -> Iterator[Row]:
    from data.sample.maker import write_sample

    with tempfile.TemporaryDirectory() as folder:
        extract = Path(folder) / "state.osm.pbf"
        started = time.perf_counter()
        write_sample(extract, junctions=STATE_JUNCTIONS)
        yield Row("make a synthetic state", time.perf_counter() - started, unit="s")
        build = _build(extract)
        what = f"build it ({build.counts['junctions']:,} junctions)"
        yield Row(what, build.whole_s, bar=60, unit="s")
        for step, seconds in build.step_seconds.items():
            yield Row(f"  of it: {step}", seconds, unit="s")
        yield Row("  peak memory", build.peak_mb, bar=2048, unit="MB")
        write_sample(extract, junctions=COUNTY_JUNCTIONS)
        less = _build(extract)
        larger = build.counts["junctions"] / less.counts["junctions"]
        exponent = math.log(build.whole_s / less.whole_s) / math.log(larger)
        yield Row("  exponent of its growth with the junctions", exponent, bar=1.05, unit="")


def _build(extract: Path) -> Build:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _BUILD, extract, folder],
            check=True,
            capture_output=True,
            text=True,
        )
        whole_s = time.perf_counter() - started
    return Build(whole_s, *json.loads(done.stdout))
