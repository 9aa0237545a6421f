"""The routing engines that ours stands beside, on the same extract, in the same process.

They come from the ``bench`` extra; None stands for one that is not installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXTRACTS = ROOT.parent / "shared" / "osm"


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="crossroads-bench-")
    _kept.append(folder)  # removed when the interpreter ends
    return Path(folder.name)


_kept: list[Any] = []


@cache
def osrm(extract: Path) -> Any | None:
    """Return an OSRM engine (car profile, contraction hierarchies) over an extract."""
    if find_spec("osrm") is None:
        return None
    import osrm as engine

    package = Path(engine.__file__).parent
    here = _folder() / extract.name
    here.symlink_to(extract)
    base = here.with_suffix("").with_suffix(".osrm")
    profile = next(package.rglob("profiles/car.lua"))
    _quietly(sys.executable, "-m", "osrm", "extract", "-p", profile, here)
    _quietly(sys.executable, "-m", "osrm", "contract", base)
    return engine.OSRM(storage_config=str(base), algorithm="CH", use_shared_memory=False)


@cache
def valhalla(extract: Path) -> Any | None:
    """Return a Valhalla actor over an extract."""
    if find_spec("valhalla") is None:
        return None
    import valhalla as engine

    config = _valhalla_config(_folder() / f"valhalla-{extract.stem}")
    _build_tiles(config, extract)
    return engine.Actor(str(config))


def valhalla_build_s(extract: Path) -> float | None:
    """Return how long Valhalla takes to build its tiles; None where it is not installed."""
    if find_spec("valhalla") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        config = _valhalla_config(Path(folder))
        started = time.perf_counter()
        _build_tiles(config, extract)
        return time.perf_counter() - started


def _valhalla_config(folder: Path) -> Path:
    import valhalla as engine

    (folder / "tiles").mkdir(parents=True)
    config = engine.get_config(tile_extract=folder, tile_dir=folder / "tiles")
    del config["mjolnir"]["tile_extract"]
    config["service_limits"]["isochrone"]["max_time_contour"] = 200
    config["service_limits"]["auto"]["max_matrix_location_pairs"] = 10_000_000
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config))
    return path


def _build_tiles(config: Path, extract: Path) -> None:
    import valhalla as engine

    program = Path(engine.__file__).parent / "bin" / "valhalla_build_tiles"
    _quietly(program, "-c", config, extract)


def _quietly(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
