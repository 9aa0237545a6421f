"""The committed sample, decoded once, and a county made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import osmium
import pytest

from data.sample.maker import county, write_sample
from data.sample.maker.county import County, make_county
from geo.files import table_path


@dataclass
class Decoded:
    """An extract as plain objects: ``(id, version, timestamp, tags, content)`` for each."""

    nodes: list[tuple] = field(default_factory=list)
    ways: list[tuple] = field(default_factory=list)
    relations: list[tuple] = field(default_factory=list)

    def tagged(self) -> Iterator[dict[str, str]]:
        """Give the tags of every object that has any."""
        for row in (*self.nodes, *self.ways, *self.relations):
            if row[3]:
                yield row[3]


def decode(path: Path) -> Decoded:
    """Read every object of an extract."""
    decoded = Decoded()
    for item in osmium.FileProcessor(str(path)):
        common = (item.id, item.version, str(item.timestamp), dict(item.tags))
        if item.is_node():
            decoded.nodes.append((*common, (item.location.x, item.location.y)))
        elif item.is_way():
            decoded.ways.append((*common, [node.ref for node in item.nodes]))
        else:
            decoded.relations.append((*common, [(m.type, m.ref, m.role) for m in item.members]))
    return decoded


@pytest.fixture(scope="session")
def committed() -> Path:
    return table_path("sample") / "sample.osm.pbf"


@pytest.fixture(scope="session")
def sample(committed: Path) -> Decoded:
    return decode(committed)


@pytest.fixture(scope="session")
def drawn() -> Iterator[County]:
    """The seed's county; made once and, while this folder's tests run, no second time."""
    made = make_county(county.SEED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            county,
            "make_county",
            lambda seed: made if seed == county.SEED else make_county(seed),
        )
        yield made


@pytest.fixture(scope="session")
def made_anew(drawn: County, tmp_path_factory: pytest.TempPathFactory) -> Decoded:
    path = tmp_path_factory.mktemp("sample") / "anew.osm.pbf"
    write_sample(path)
    return decode(path)
