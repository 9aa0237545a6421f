"""A listing as one page of HTML to print or send: heading, map, table, whose data.

The page is whole in itself: no script, no font, no picture from elsewhere, and a content security
policy that would refuse them. Names are escaped and isolated (``<bdi>``), so that one in Arabic or
Hebrew does not turn the line around.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from geo.export import words
from geo.export.backdrop import Backdrop
from geo.export.links import map_links
from geo.export.listing import Column, Entry, Listing
from geo.export.picture import listing_svg
from geo.export.qr import qr_svg
from geo.export.text import plain

ROWS = 12
"""Places that fit on one page below the map."""

_MOST_PEOPLE = 5
"""People whose drives fit side by side; with more, the longest and the total must do."""

_STYLE = """
@page { margin: 11mm; }
* { box-sizing: border-box; }
body { max-width: 46rem; margin: 0 auto; padding: 1rem; background: #fff; color: #1b2430;
  font: 14px/1.4 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
header { display: flex; gap: 1rem; justify-content: space-between; align-items: flex-start; }
h1 { margin: 0 0 .3rem; font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere; }
p { margin: .2rem 0; }
.map svg { display: block; width: 100%; height: auto; margin: .7rem 0; border-radius: 8px; }
.code { flex: none; width: 6.5rem; font-size: .7rem; text-align: center; color: #55606b; }
.code svg { display: block; width: 100%; height: auto; }
table { width: 100%; border-collapse: collapse; font-size: .86rem; }
th { text-align: left; font-weight: 600; border-bottom: 2px solid #1b2430; }
th, td { padding: .2rem .5rem .2rem 0; vertical-align: top; }
td { border-bottom: 1px solid #dfe3e8; }
.name { min-width: 10rem; overflow-wrap: anywhere; }
.short { white-space: nowrap; }
tr { break-inside: avoid; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
a { color: #0b5cad; }
footer, .small { font-size: .75rem; color: #55606b; margin-top: .6rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 12px; }
  a { color: inherit; text-decoration: none; }
  .map svg { height: 90mm; margin: .3rem auto; }
  .code { width: 5rem; }
  th, td { padding-top: .1rem; padding-bottom: .1rem; }
}
"""


def listing_html(
    listing: Listing, *, ground: Backdrop | None = None, link: str | None = None
) -> str:
    """Return the listing as a page.

    Parameters
    ----------
    ground
        What the map shows below the places.
    link
        Opens the search in the app; stands as a QR code in the corner.

    Raises
    ------
    InputError
        The link is too long for a QR code.
    """
    title = _text(listing.title)
    policy = f"default-src 'none'; style-src '{_hash(_STYLE)}'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}</title><style>{_STYLE}</style></head>",
            f"<body><header><div><h1>{title}</h1>",
            *(f"<p>{_text(note)}</p>" for note in listing.notes),
            f"</div>{_code(link)}</header>",
            *_body(listing, ground),
            f"<footer>{_text(words.PRODUCT)} · {_source(listing)}</footer>",
            "</body></html>\n",
        ]
    )


def _body(listing: Listing, ground: Backdrop | None) -> list[str]:
    if not listing.entries:
        return [f"<p>{_text(words.NO_PLACES)}</p>"]
    left = len(listing.entries) - ROWS
    return [
        f'<div class="map">{listing_svg(listing, ground, numbered=ROWS)}</div>',
        *_table(listing),
        *([f'<p class="small">{_text(words.more(left))}</p>'] if left > 0 else []),
    ]


def _table(listing: Listing) -> list[str]:
    columns = _columns(listing)
    heads = "".join(
        f'<th scope="col"{_class(column)}>{_text(_title(column))}</th>' for column in columns
    )
    head = f'<tr><th scope="col">{_text(words.NUMBER)}</th>{heads}</tr>'
    rows = (
        _row(listing, columns, number, entry)
        for number, entry in enumerate(listing.entries[:ROWS], start=1)
    )
    return [f"<table><thead>{head}</thead><tbody>", *rows, "</tbody></table>"]


def _columns(listing: Listing) -> list[Column]:
    """Return the columns that have room on a page."""
    people = len(listing.starts)
    return [
        column
        for column in listing.columns
        if column.shown and (column.index is None or people <= _MOST_PEOPLE)
    ]


def _title(column: Column) -> str:
    """Return the title of a column; one person's drive stands below their name alone."""
    return column.title if column.index is None else column.short


def _row(listing: Listing, columns: list[Column], number: int, entry: Entry) -> str:
    cells = "".join(
        f"<td{_class(column)}>{_cell(listing, column, entry)}</td>" for column in columns
    )
    return f"<tr><td>{number}</td>{cells}</tr>"


def _cell(listing: Listing, column: Column, entry: Entry) -> str:
    shown = f"<bdi>{_text(listing.shown(entry, column), 80)}</bdi>"
    if column.key != "name":
        return shown
    href = escape(map_links(entry.place)["osm"])
    return f'<a href="{href}" rel="noopener noreferrer">{shown}</a>'


def _class(column: Column) -> str:
    if column.quantity in {"minutes", "km"}:
        return ' class="number"'
    return {"name": ' class="name"', "open": ' class="short"'}.get(column.key, "")


def _code(link: str | None) -> str:
    if link is None:
        return ""
    return (
        f'<div class="code"><a href="{escape(link)}" rel="noopener noreferrer">{qr_svg(link)}</a>'
        f"{_text(words.OPEN_HERE)}</div>"
    )


def _source(listing: Listing) -> str:
    source = listing.source
    stamp = f" · {source.age}" if source.age else ""
    return (
        '<a href="https://www.openstreetmap.org/copyright" rel="noopener noreferrer">'
        f"{_text(source.attribution)}</a> · {_text(source.licence)}{stamp}"
    )


def _hash(text: str) -> str:
    """Return what a content security policy knows a style by (CSP 3, section 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(text: str, longest: int | None = None) -> str:
    return escape(plain(text, longest=longest))
