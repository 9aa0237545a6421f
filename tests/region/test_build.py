from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.sample.maker import draft
from geo.errors import InputError, SetupError, UnknownName, UnreadableExtract, UnreadableRegion
from geo.isochrone import isochrones
from geo.model import Point
from geo.proximity import near_me
from geo.region import list_regions, load_region, read_manifest, remove_region
from geo.region.build import build_region, sample_path
from geo.region.bundle import lock_region
from geo.region.extract import read_extract
from geo.region.manifest import FORMAT, GENERATOR, MANIFEST, Manifest

CENTER = Point(-0.4709, 52.0181)


def build(extract: Path, folder: Path, name: str = "village") -> Manifest:
    return build_region(extract, name, regions_dir=folder)


def names_near_center(folder: Path) -> list[str | None]:
    region = load_region("village", regions_dir=folder)
    return [found.place.name for found in near_me(region, CENTER, cutoff_s=3600).places]


def test_a_build_tells_what_it_holds(village: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    manifest = build_region(
        village, "village", regions_dir=tmp_path, progress=lambda step, _: steps.append(step)
    )
    assert list_regions(tmp_path) == ["village"]
    assert read_manifest(tmp_path / "village") == manifest
    assert manifest.counts["places"] == 2
    # The four corners only bend; the 77 other crossings are where a driver can choose.
    assert 77 <= manifest.counts["junctions"] <= 81
    assert manifest.osm_timestamp is None
    assert (manifest.bbox.south, manifest.bbox.west) == (52.0, -0.5)
    assert steps[0] == "reading the extract"
    assert steps[-1] == "done"


def test_a_build_replaces_the_old_one_and_leaves_nothing_behind(
    village: Path, tmp_path: Path
) -> None:
    first = build(village, tmp_path)
    other = tmp_path / "other.osm"
    other.write_text(village.read_text("utf-8").replace("The Kettle", "The Urn"), "utf-8")
    second = build(other, tmp_path)
    assert first.build != second.build
    assert names_near_center(tmp_path)[0] == "The Urn"
    assert sorted(p.name for p in (tmp_path / "village").iterdir()) == sorted(
        [second.build, MANIFEST]
    )


def test_an_open_region_goes_on_working_while_it_is_replaced(village: Path, tmp_path: Path) -> None:
    build(village, tmp_path)
    region = load_region("village", regions_dir=tmp_path)
    build(village, tmp_path)
    assert near_me(region, CENTER, cutoff_s=600).places[0].place.name == "The Kettle"


@pytest.mark.parametrize("step", ["reading the extract", "roads", "places", "names", "checksums"])
def test_killed_at_any_step_the_old_bundle_stays(village: Path, tmp_path: Path, step: str) -> None:
    build(village, tmp_path)
    before = read_manifest(tmp_path / "village")
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from geo.region.build import build_region\n"
        f"die = lambda name, _: name == {step!r} and os.kill(os.getpid(), signal.SIGKILL)\n"
        "build_region(Path(sys.argv[1]), 'village', regions_dir=Path(sys.argv[2]), progress=die)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, village, tmp_path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert read_manifest(tmp_path / "village") == before
    assert names_near_center(tmp_path)[0] == "The Kettle"
    after = build(village, tmp_path)
    assert sorted(p.name for p in (tmp_path / "village").iterdir()) == sorted(
        [after.build, MANIFEST]
    )


def test_killed_the_first_time_there_is_no_region(village: Path, tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from geo.region.build import build_region\n"
        "die = lambda name, _: name == 'checksums' and os.kill(os.getpid(), signal.SIGKILL)\n"
        "build_region(Path(sys.argv[1]), 'village', regions_dir=Path(sys.argv[2]), progress=die)\n"
    )
    subprocess.run([sys.executable, "-c", script, village, tmp_path], check=False)
    assert list_regions(tmp_path) == []
    with pytest.raises(UnknownName, match="there are none yet"):
        load_region("village", regions_dir=tmp_path)
    build(village, tmp_path)
    assert list_regions(tmp_path) == ["village"]


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"<osm", b"<html></html>", b"hello"])
def test_what_is_no_extract_leaves_the_old_bundle(
    village: Path, tmp_path: Path, content: bytes
) -> None:
    before = build(village, tmp_path)
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(content)
    with pytest.raises(UnreadableExtract, match=r"bad\.osm\.pbf"):
        build(bad, tmp_path)
    assert read_manifest(tmp_path / "village") == before
    assert names_near_center(tmp_path)[0] == "The Kettle"


def test_an_extract_without_roads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roadless.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="amenity" v="cafe"/></node></osm>'
    )
    with pytest.raises(UnreadableExtract, match="no road that a car may use"):
        build(path, tmp_path / "regions")
    assert list_regions(tmp_path / "regions") == []


@pytest.mark.parametrize("name", ["", "../up", "A b", "-x", "x" * 65, "a/b", ".hidden"])
def test_a_name_that_is_no_folder_name_is_refused(village: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a region"):
        build(village, tmp_path, name)


def test_two_builds_of_one_region_do_not_mix(village: Path, tmp_path: Path) -> None:
    with lock_region("village", tmp_path), pytest.raises(SetupError, match="being built"):
        build(village, tmp_path)


def test_every_file_of_a_bundle_that_is_cut_off_or_edited_is_noticed(
    village: Path, tmp_path: Path
) -> None:
    manifest = build(village, tmp_path)
    files = tmp_path / "village" / manifest.build
    for relative, (size, _) in manifest.files.items():
        path = files / relative
        whole = path.read_bytes()
        damages = [whole[:-1], whole + b"x"] if size else [b"x"]
        if size:
            damages.append(whole[:-1] + bytes([whole[-1] ^ 1]))
        for damage in damages:
            path.write_bytes(damage)
            with pytest.raises(UnreadableRegion, match="build it again"):
                load_region("village", regions_dir=tmp_path)
        path.write_bytes(whole)
    assert names_near_center(tmp_path)[0] == "The Kettle"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'"format": {FORMAT}', '"format": 99'),
        ('"places": 2', '"places": 3'),
        ("{", "["),
        ("}", ""),
    ],
)
def test_an_edited_manifest_is_refused(village: Path, tmp_path: Path, old: str, new: str) -> None:
    build(village, tmp_path)
    path = tmp_path / "village" / MANIFEST
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(UnreadableRegion, match="build it again"):
        load_region("village", regions_dir=tmp_path)
    build(village, tmp_path)
    assert names_near_center(tmp_path)[0] == "The Kettle"


def test_a_removed_region_is_gone(village: Path, tmp_path: Path) -> None:
    build(village, tmp_path)
    remove_region("village", tmp_path)
    assert list_regions(tmp_path) == []
    assert not (tmp_path / "village").exists()
    with pytest.raises(UnknownName):
        remove_region("village", tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(village: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SetupError, match="may not be written"):
        build(village, tmp_path / "regions")


def test_a_full_disk_is_told(village: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(SetupError):
        build(village, full / "regions")


def test_builds_of_one_extract_hold_the_same_bytes(village: Path, tmp_path: Path) -> None:
    first = build(village, tmp_path, "one").files
    second = build(village, tmp_path, "two").files
    assert first == second


def test_the_sample_is_called_fictional_and_nothing_else_is(village: Path, tmp_path: Path) -> None:
    real = build(village, tmp_path)
    assert (real.fictional, real.attribution) == (False, "© OpenStreetMap contributors")
    assert "Open Database License" in real.licence
    invented = tmp_path / "invented.osm"
    text = village.read_text("utf-8").replace("<osm ", f'<osm generator="{GENERATOR}" ', 1)
    invented.write_text(re.sub(r' generator="[^"]*"(?=.* generator=)', "", text, count=1), "utf-8")
    manifest = build(invented, tmp_path, "invented")
    assert read_manifest(tmp_path / "invented") == manifest
    assert manifest.fictional
    assert manifest.licence == "MIT License; no real place, person or business"
    assert manifest.attribution_line == "Fictional county, made by Crossroads."


def test_the_sample_says_that_it_is_made_by_us() -> None:
    assert GENERATOR == draft.GENERATOR
    assert read_extract(sample_path(), []).generator == GENERATOR


STREETS = """<osm version="0.6">
<node id="1" lat="52.000" lon="-0.500"/><node id="2" lat="52.000" lon="-0.490"/>
<node id="3" lat="52.010" lon="-0.490"/><node id="4" lat="52.010" lon="-0.500"/>
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
<tag k="highway" v="residential"/></way>
<way id="2"><nd ref="1"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="3"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
</osm>"""


@pytest.mark.parametrize(
    "bounds", ["", '<bounds minlat="-80" minlon="-170" maxlat="80" maxlon="170"/>']
)
def test_roads_alone_make_a_region(tmp_path: Path, bounds: str) -> None:
    path = tmp_path / "streets.osm"
    path.write_text(STREETS.replace('<node id="1"', f'{bounds}<node id="1"', 1), "utf-8")
    manifest = build(path, tmp_path / "regions", "village")
    assert manifest.osm_timestamp is None
    assert (manifest.counts["places"], manifest.counts["names"]) == (0, 0)
    assert (manifest.bbox.west, manifest.bbox.north) == (-0.5, 52.01)
    region = load_region("village", regions_dir=tmp_path / "regions")
    corner = Point(-0.5, 52.0)
    assert near_me(region, corner, cutoff_s=3600).places == []
    reach = region.network.reach(corner, cutoff_s=3600)
    assert np.isfinite(reach.seconds).all()
    (band,) = isochrones(reach, [600.0], water=region.water)
    assert band.area.is_valid
    assert not band.area.is_empty
    snaps = region.network.snap(np.array([-0.5, -0.49]), np.array([52.0, 52.01]))
    seconds = region.network.matrix(snaps, snaps).seconds
    assert seconds.shape == (2, 2)
    assert np.isfinite(seconds).all()
    assert region.gazetteer.search("anything") == []
