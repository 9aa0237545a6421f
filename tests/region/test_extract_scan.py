from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from geo.errors import UnreadableExtract
from geo.region.extract import read_extract, read_header, scan

NODES = "".join(f'<node id="{k}" lat="1" lon="{1 + k / 1000}"/>' for k in range(1, 50))
TIMED_OUT = 'runtime error: Query timed out in "recurse" at line 4 after 181 seconds.'
MEMORY = "runtime error: Query run out of memory using about 2048 MB of RAM."


def osm(body: str) -> bytes:
    return f'<?xml version="1.0"?>\n<osm version="0.6">{body}</osm>'.encode()


PACK: dict[str, Callable[[bytes], bytes]] = {
    ".osm": bytes,
    ".osm.gz": gzip.compress,
    ".osm.bz2": bz2.compress,
}


@pytest.mark.parametrize("ending", list(PACK))
@pytest.mark.parametrize("remark", [TIMED_OUT, MEMORY, MEMORY.replace("=", "&quot;")])
def test_an_answer_that_a_server_gave_up_is_not_whole(
    tmp_path: Path, ending: str, remark: str
) -> None:
    path = tmp_path / f"answer{ending}"
    path.write_bytes(PACK[ending](osm(f"{NODES}\n<remark> {remark} </remark>\n")))
    with pytest.raises(
        UnreadableExtract, match=r"is incomplete; the server reported: .runtime error"
    ):
        read_header(path)


def test_a_remark_across_two_pieces_of_the_file_is_seen(tmp_path: Path) -> None:
    for spare in range(-20, 21, 5):
        start = b'<osm version="0.6"><note>'
        body = start + b"<" * ((1 << 20) - len(start) + spare)
        path = tmp_path / f"x{spare}.osm"
        path.write_bytes(body + f"<remark>{TIMED_OUT}</remark></osm>".encode())
        with pytest.raises(UnreadableExtract, match="timed out"):
            scan(path)


def test_other_remarks_and_words_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "fine.osm"
    tags = '<tag k="remark" v="error, timed out"/><tag k="action" v="delete"/>'
    note = "<note>The data included in this document is from www.openstreetmap.org.</note>"
    body = f'{note}{NODES}<node id="99" lat="1" lon="1">{tags}</node><remark>all well</remark>'
    path.write_bytes(osm(body))
    assert scan(path) is None
    read_extract(path, [])


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (gzip.compress(osm(NODES)), "x.osm", r"packed with gzip; add \.gz to its name"),
        (gzip.compress(osm(NODES)), "x.osm.pbf", "packed with gzip"),
        (bz2.compress(osm(NODES)), "x.osm", r"packed with bzip2; add \.bz2"),
        (bz2.compress(osm(NODES)), "x.osm.gz", "packed with bzip2"),
        (b"\x28\xb5\x2f\xfd" + bytes(20), "x.osm.pbf", "packed with zstd; unpack it first"),
        (b"\x28\xb5\x2f\xfd" + bytes(20), "x.osm.zst", "packed with zstd; unpack it first"),
        (b"\xfd7zXZ\x00" + bytes(20), "x.osm.xz", "packed with xz"),
        (b"PK\x03\x04" + bytes(20), "x.osm", "packed with ZIP"),
    ],
)
def test_a_file_that_is_packed_otherwise_is_told_so(
    tmp_path: Path, content: bytes, name: str, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableExtract, match=sentence) as caught:
        read_header(path)
    assert "download it again" not in str(caught.value)


def blob(kind: bytes, field: int, content: bytes) -> bytes:
    """Write a blob of a PBF, its content in a field that stands for a compression."""

    def part(number: int, value: bytes) -> bytes:
        return bytes([number << 3 | 2, len(value)]) + value

    body = b"\x10" + bytes([len(content)]) + part(field, content)
    header = part(1, kind) + b"\x18" + bytes([len(body)])
    return len(header).to_bytes(4, "big") + header + body


@pytest.mark.parametrize(("field", "name"), [(4, "lzma"), (7, "zstd")])
def test_blocks_of_an_unknown_compression_are_told_so(
    tmp_path: Path, field: int, name: str
) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(blob(b"OSMHeader", field, b"whatever"))
    with pytest.raises(
        UnreadableExtract, match=f"compressed with {name}, which is not supported"
    ) as e:
        read_header(path)
    assert "damaged" not in str(e.value)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("filling", [b"A", b' \n<node id="1" lat="1" lon="1"/>'])
def test_what_unpacks_without_end_is_refused(tmp_path: Path, pack: object, filling: bytes) -> None:
    assert callable(pack)
    text = b'<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="name" v="'
    many = filling * ((40 << 20) // len(filling))
    path = tmp_path / f"bomb.osm.{'gz' if pack is gzip.compress else 'bz2'}"
    path.write_bytes(pack(text + many))
    with pytest.raises(UnreadableExtract, match="unpacks to far more"):
        read_header(path)


def test_a_packed_file_that_is_cut_off_is_still_told_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.osm.gz"
    content = gzip.compress(osm(NODES * 20))
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableExtract, match=r"cut off|damaged"):
        read_extract(path, [])


def test_ids_of_what_an_editor_deleted(tmp_path: Path) -> None:
    path = tmp_path / "josm.osm"
    body = (
        '<node id="1" action="delete" lat="1" lon="1"/><node id="2" action="modify"/>'
        "<way id='5' action='delete'/><relation id='7' action = 'delete'/>"
    )
    path.write_bytes(osm(body))
    assert scan(path) == {"n1", "w5", "r7"}
    path.write_bytes(osm('<node id="1" visible="false"/>'))
    assert scan(path) == frozenset()
