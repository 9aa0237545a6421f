"""A listing as one page of HTML to print or send: heading, map, table, whose data.

The page is whole in itself: no script, no font, no picture from elsewhere, and a content security
policy that would refuse them. Names are escaped and isolated (``<bdi>``), so that one in Arabic or
Hebrew does not turn the line around.

A whole page of HTML around a body: no script, nothing from elsewhere, and a policy that says so.

A content security policy (CSP 3) knows the page's own style by its hash and refuses all else.

A page of map links for one meetup: for all who come, or for one of them with their own drive.

A plan as one page of HTML: the map, how good it is, the curve, and who goes where.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from geo.export.charts import curve_svg, drives_svg, group_colour
from geo.export.links import map_links, qr_svg
from geo.export.listing import Attribution, Column, Listing, ListingRow
from geo.export.plan import Remedies
from geo.export.svg_map import AttendeeLine, Backdrop, listing_svg
from geo.meetup import Meetup, MeetupPlan
from geo.model import Place
from geo.places import get_kind, label, opening
from geo.text import strip_controls
from geo.texts import exported_plan, exports
from geo.units import Measures, drive


def html_document(title: str, style: str, body: Iterable[str], source: Attribution) -> str:
    """Return a page.

    Parameters
    ----------
    title
        Its heading, not yet escaped.
    style
        Its style sheet.
    body
        Its content, already HTML, below the heading.
    source
        Whose data; stands in the footer.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    heading = escape_text(title)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{heading}</title><style>{style}</style></head>",
            f"<body><main><h1><bdi>{heading}</bdi></h1>",
            *body,
            "</main>",
            f"<footer>{escape_text(exports.PRODUCT)} · {_attribution(source)}</footer>",
            "</body></html>\n",
        ]
    )


def escape_text(text: str, longest: int | None = None) -> str:
    """Return a stranger's text, escaped."""
    return escape(strip_controls(text, longest=longest))


def _attribution(source: Attribution) -> str:
    stamp = f" · {source.age}" if source.age else ""
    return (
        '<a href="https://www.openstreetmap.org/copyright" rel="noopener noreferrer">'
        f"{escape_text(source.attribution)}</a> · {escape_text(source.licence)}{stamp}"
    )


_SERVICES = {
    "osm": "OpenStreetMap",
    "google": "Google Maps",
    "apple": "Apple Maps",
    "waze": "Waze",
    "geo": "Open in your map app",
}

_STYLE = """
* { box-sizing: border-box; }
body { max-width: 34rem; margin: 0 auto; padding: 1.2rem; background: #fff; color: #1b2430;
  font: 17px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0 0 .4rem; font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
ul { list-style: none; margin: 1rem 0; padding: 0; display: grid; gap: .5rem; }
li a { display: block; padding: .7rem 1rem; border: 1px solid #b9c2cc; border-radius: 10px;
  color: #0b5cad; text-decoration: none; font-weight: 600; }
footer { font-size: .78rem; color: #55606b; margin-top: 1.2rem; }
"""


def meetup_html(
    plan: MeetupPlan, meetup: Meetup, title: str, source: Attribution, measures: Measures
) -> str:
    """Return the page of a meetup, for all who come: where and when, and nobody's drive."""
    body = [*_facts(plan, meetup.place, measures), *_links(meetup.place)]
    return html_document(title, _STYLE, body, source)


def attendee_html(
    plan: MeetupPlan, meetup: Meetup, own: Sequence[str], source: Attribution, measures: Measures
) -> str:
    """Return the page of one attendee: where and when, and their own drive.

    Parameters
    ----------
    plan, meetup
        What they come to.
    own
        Sentences that are for them alone.
    source
        Whose data.
    measures
        How the reader measures.
    """
    body = [
        *_facts(plan, meetup.place, measures),
        *(f"<p><strong>{escape_text(line)}</strong></p>" for line in own),
        *_links(meetup.place),
    ]
    return html_document(
        exported_plan.INVITATION.format(place=label(meetup.place)), _STYLE, body, source
    )


def _facts(plan: MeetupPlan, place: Place, measures: Measures) -> Iterator[str]:
    yield f"<p>{escape_text(get_kind(place.kind).label)}</p>"
    at = plan.request.starts_at
    if at is not None:
        local = at if at.tzinfo is None else at.astimezone(opening.timezone(place.point))
        yield f"<p>{escape_text(measures.moment(local))}</p>"
    address = [place.tags.get(key, "") for key in ("addr:street", "addr:housenumber", "addr:city")]
    if any(address):
        yield f"<p><bdi>{escape_text(' '.join(filter(None, address)))}</bdi></p>"


def _links(place: Place) -> Iterator[str]:
    yield "<ul>"
    links = map_links(place)
    for key, title in _SERVICES.items():
        url, name = escape(links[key]), escape_text(title)
        yield f'<li><a href="{url}" rel="noopener noreferrer">{name}</a></li>'
    yield "</ul>"


ROWS = 12
"""Places that fit on one page below the map."""

_MOST_PEOPLE = 5
"""People whose drives fit side by side; with more, the longest and the total must do."""

_MAP_PAGE_STYLE = """
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
    policy = (
        f"default-src 'none'; style-src '{_style_hash(_MAP_PAGE_STYLE)}'; base-uri 'none';"
        " form-action 'none'"
    )
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{title}</title><style>{_MAP_PAGE_STYLE}</style></head>",
            f"<body><header><div><h1>{title}</h1>",
            *(f"<p>{_text(note)}</p>" for note in listing.notes),
            f"</div>{_qr_figure(link)}</header>",
            *_body(listing, ground),
            f"<footer>{_text(exports.PRODUCT)} · {_source_list(listing)}</footer>",
            "</body></html>\n",
        ]
    )


def _body(listing: Listing, ground: Backdrop | None) -> list[str]:
    if not listing.entries:
        return [f"<p>{_text(exports.NO_PLACES)}</p>"]
    left = len(listing.entries) - ROWS
    return [
        f'<div class="map">{listing_svg(listing, ground, numbered=ROWS)}</div>',
        *_table(listing),
        *(
            [f'<p class="small">{_text(exports.MORE_ROWS.format(count=left))}</p>']
            if left > 0
            else []
        ),
    ]


def _table(listing: Listing) -> list[str]:
    columns = _columns(listing)
    heads = "".join(
        f'<th scope="col"{_class(column)}>{_text(_title(column))}</th>' for column in columns
    )
    head = f'<tr><th scope="col">{_text(exports.NUMBER)}</th>{heads}</tr>'
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


def _row(listing: Listing, columns: list[Column], number: int, entry: ListingRow) -> str:
    cells = "".join(
        f"<td{_class(column)}>{_cell(listing, column, entry)}</td>" for column in columns
    )
    return f"<tr><td>{number}</td>{cells}</tr>"


def _cell(listing: Listing, column: Column, entry: ListingRow) -> str:
    shown = f"<bdi>{_text(listing.shown(entry, column), 80)}</bdi>"
    if column.key != "name":
        return shown
    href = escape(map_links(entry.place)["osm"])
    return f'<a href="{href}" rel="noopener noreferrer">{shown}</a>'


def _class(column: Column) -> str:
    if column.quantity in {"minutes", "km"}:
        return ' class="number"'
    return {"name": ' class="name"', "open": ' class="short"'}.get(column.key, "")


def _qr_figure(link: str | None) -> str:
    if link is None:
        return ""
    return (
        f'<div class="code"><a href="{escape(link)}" rel="noopener noreferrer">{qr_svg(link)}</a>'
        f"{_text(exports.SCAN_QR)}</div>"
    )


def _source_list(listing: Listing) -> str:
    source = listing.source
    stamp = f" · {source.age}" if source.age else ""
    return (
        '<a href="https://www.openstreetmap.org/copyright" rel="noopener noreferrer">'
        f"{_text(source.attribution)}</a> · {_text(source.licence)}{stamp}"
    )


def _style_hash(text: str) -> str:
    """Return what a content security policy knows a style by (CSP 3, section 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(text: str, longest: int | None = None) -> str:
    return escape(strip_controls(text, longest=longest))


_PLAN_STYLE = """
@page { margin: 12mm; }
* { box-sizing: border-box; }
body { max-width: 60rem; margin: 0 auto; padding: 1.2rem; background: #fff; color: #1b2430;
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0 0 .4rem; font-size: 1.7rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 1.4rem 0 .3rem; font-size: 1.1rem; overflow-wrap: anywhere; }
p { margin: .2rem 0; }
.map svg { display: block; width: 100%; height: auto; margin: .8rem 0; border-radius: 10px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; break-inside: avoid; }
figcaption { font-weight: 600; font-size: .9rem; }
figure svg { display: block; width: 100%; height: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th { text-align: left; border-bottom: 2px solid #1b2430; }
th, td { padding: .2rem .6rem .2rem 0; vertical-align: top; overflow-wrap: anywhere; }
td { border-bottom: 1px solid #dfe3e8; }
tr { break-inside: avoid; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.dot { margin-right: .4rem; vertical-align: -1px; }
a { color: #0b5cad; }
footer { font-size: .78rem; color: #55606b; margin-top: 1.2rem; }
"""


def plan_html(
    plan: MeetupPlan,
    listing: Listing,
    *,
    ground: Backdrop | None = None,
    spokes: Sequence[AttendeeLine] = (),
    help_: Remedies | None = None,
) -> str:
    """Return a plan as a page.

    Parameters
    ----------
    plan
        The plan.
    listing
        Its meetups.
    ground
        What the map shows below.
    spokes
        Who goes where, as lines.
    help_
        What would help those who are left out.
    """
    body = [f"<p>{escape_text(note)}</p>" for note in listing.notes]
    if plan.meetups:
        body.append(f'<div class="map">{listing_svg(listing, ground, spokes=spokes)}</div>')
    body += ['<div class="charts">', *_charts(plan), "</div>"]
    for number, meetup in enumerate(plan.meetups, start=1):
        body += _meetup(number, meetup)
    body += _left_out(plan)
    body += _remedies_section(plan, help_ or Remedies())
    return html_document(listing.title, _PLAN_STYLE, body, listing.source)


def _charts(plan: MeetupPlan) -> Iterator[str]:
    for title, svg in (
        (exported_plan.CURVE, curve_svg(plan)),
        (exported_plan.HISTOGRAM, drives_svg(plan)),
    ):
        if svg:
            yield f"<figure><figcaption>{escape_text(title)}</figcaption>{svg}</figure>"


def _meetup(number: int, meetup: Meetup) -> Iterator[str]:
    href = escape(map_links(meetup.place)["osm"])
    dot = (
        '<svg class="dot" width="12" height="12" aria-hidden="true">'
        f'<circle cx="6" cy="6" r="6" fill="{group_colour(number)}"/></svg>'
    )
    name = escape_text(
        exported_plan.MEETUP_TITLE.format(number=number, place=label(meetup.place)), 120
    )
    yield f'<h2>{dot}<a href="{href}" rel="noopener noreferrer"><bdi>{name}</bdi></a></h2>'
    heads = (
        exported_plan.TITLES["id"],
        exports.TITLES["minutes"],
        exports.TITLES["return_minutes"],
    )
    yield _table_head(heads)
    for one in meetup.attendees:
        yield (
            f"<tr><td><bdi>{escape_text(one.person.id, 80)}</bdi></td>"
            f'<td class="number">{drive(one.travel_time_s)}</td>'
            f'<td class="number">{drive(one.return_time_s)}</td></tr>'
        )
    yield "</tbody></table>"


def _left_out(plan: MeetupPlan) -> Iterator[str]:
    if not plan.unplaced:
        return
    yield f"<h2>{escape_text(exported_plan.UNPLACED)}</h2>"
    yield _table_head((exported_plan.TITLES["id"], exported_plan.TITLES["reason"]), numbers=False)
    for one in plan.unplaced:
        why = escape_text(exported_plan.reason(one, plan.request))
        yield f"<tr><td><bdi>{escape_text(one.person.id, 80)}</bdi></td><td>{why}</td></tr>"
    yield "</tbody></table>"


def _remedies_section(plan: MeetupPlan, help_: Remedies) -> Iterator[str]:
    lines = [exported_plan.repair(one) for one in help_.repairs]
    lines += [exported_plan.alternative(one, plan) for one in help_.offers]
    if lines:
        yield f"<h2>{escape_text(exported_plan.HELP)}</h2><ul>"
        for line in lines:
            yield f"<li><bdi>{escape_text(line)}</bdi></li>"
        yield "</ul>"


def _table_head(titles: Sequence[str], *, numbers: bool = True) -> str:
    cells = "".join(
        f'<th scope="col"{" class=number" if numbers and i else ""}>{escape_text(title)}</th>'
        for i, title in enumerate(titles)
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>"
