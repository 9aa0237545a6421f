"""A search as a link, and back: whoever opens the link sees the same search.

A link holds what was asked, never an answer, and of each starting point only what its owner chose
to show: the caller passes the settlement's position, or the exact one (about a metre). The same
codec makes links and reads them, so they cannot drift apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from geo.errors import InputError
from geo.export.listing import StartLabel
from geo.model import Point
from geo.text import strip_controls

_DECIMALS = 5
"""Of a degree: about a metre."""

_MOST_FIELDS = 200
_LONGEST_LABEL = 80
_LONGEST_MIN = 24 * 60.0


@dataclass(frozen=True, slots=True)
class SharedSearch:
    """What a link says.

    Attributes
    ----------
    page
        The last part of the address, as ``"near"``.
    starts
        Where people start, each with its label; those without a position are left out.
    region
        Its name; empty for the only one.
    minutes
        The longest drive; None for any.
    kinds
        Only these kinds; empty for all.
    open_at
        When the places should be open; None for now.
    conditions
        The state of the roads.
    ferries, tolls
        Whether they may be used.
    objective
        What meeting places are ranked by; empty where nobody meets.
    """

    page: str
    starts: tuple[StartLabel, ...] = ()
    region: str = ""
    minutes: float | None = None
    kinds: tuple[str, ...] = ()
    open_at: datetime | None = None
    conditions: str = "dry"
    ferries: bool = True
    tolls: bool = True
    objective: str = ""

    def query(self) -> str:
        """Return the part of the link behind the question mark; what is usual is left out."""
        fields = [("from", _start_text(start)) for start in self.starts if start.point]
        if self.region:
            fields.append(("region", self.region))
        if self.minutes is not None:
            fields.append(("minutes", f"{self.minutes:g}"))
        fields += [("kind", kind) for kind in self.kinds]
        if self.open_at:
            fields.append(("open", self.open_at.isoformat(timespec="minutes")))
        if self.conditions != "dry":
            fields.append(("roads", self.conditions))
        fields += [(name, "no") for name in ("ferries", "tolls") if not getattr(self, name)]
        if self.objective:
            fields.append(("by", self.objective))
        return urlencode(fields)

    @classmethod
    def from_query(cls, page: str, query: str) -> SharedSearch:
        """Read a link; fields that nobody knows are passed over.

        Raises
        ------
        InputError
            A field is damaged; a part of a link was lost, or somebody edited it.
        """
        try:
            fields = parse_qsl(query, max_num_fields=_MOST_FIELDS)
            last = dict(fields)
            return cls(
                page=page,
                starts=tuple(_parse_start(value) for key, value in fields if key == "from"),
                region=last.get("region", ""),
                minutes=_parse_minutes(last["minutes"]) if "minutes" in last else None,
                kinds=tuple(value for key, value in fields if key == "kind"),
                open_at=datetime.fromisoformat(last["open"]) if "open" in last else None,
                conditions=last.get("roads", "dry"),
                ferries=last.get("ferries") != "no",
                tolls=last.get("tolls") != "no",
                objective=last.get("by", ""),
            )
        except ValueError as error:
            raise InputError(
                "the link is damaged; ask for it again, or fill in the search by hand."
            ) from error


def share_link(base_url: str, search: SharedSearch) -> str:
    """Return the link that opens a search.

    Parameters
    ----------
    base_url
        Where the app is, as ``"http://localhost:8501"``.

    Raises
    ------
    InputError
        The address is none of the web.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise InputError(f"{base_url!r} is no web address; it must begin with http:// or https://.")
    root = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    query = search.query()
    return f"{root}/{search.page}" + (f"?{query}" if query else "")


def _start_text(start: StartLabel) -> str:
    if start.point is None:
        return start.label
    position = f"{start.point.lat:.{_DECIMALS}f},{start.point.lon:.{_DECIMALS}f}"
    return f"{position},{strip_controls(start.label, longest=_LONGEST_LABEL)}"


def _parse_start(text: str) -> StartLabel:
    lat, lon, *label = text.split(",", 2)
    return StartLabel(
        strip_controls("".join(label), longest=_LONGEST_LABEL), Point(float(lon), float(lat))
    )


def _parse_minutes(text: str) -> float:
    minutes = float(text)
    if not math.isfinite(minutes) or not 0 < minutes <= _LONGEST_MIN:
        raise ValueError(text)
    return minutes
