"""Where a region came from: each file that it was built of, and how to tell whether it is the same.

A server that is asked for a file again may have another one of the same size. So what it said of
the file when it was downloaded is kept: the MD5, which also tells what was published without one,
and the ETag and date of HTTP, by which a server that publishes no MD5 can be asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file can be had again, and what was said of it there.

    Attributes
    ----------
    url
        Its address; empty where it is a file of somebody's own.
    md5
        The MD5 of its content; empty where that is not known.
    etag, modified
        What the server said of it; empty where it said nothing.
    outline
        The shapely geometry, lon and lat, that a catalogue gives of it; None where none does.
    """

    url: str = ""
    md5: str = ""
    etag: str = ""
    modified: str = ""
    outline: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """One file that a region was built from.

    Attributes
    ----------
    name
        Its file name.
    bytes
        Its size.
    osm_timestamp
        When OpenStreetMap looked like this; None where it does not say.
    url, md5, etag, modified
        As those of an `Origin`.
    """

    name: str
    bytes: int
    osm_timestamp: datetime | None
    url: str = ""
    md5: str = ""
    etag: str = ""
    modified: str = ""
