"""A plan as one page of HTML: the map, how good it is, the curve, and who goes where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from geo.export import plan_words, words
from geo.export.backdrop import Backdrop
from geo.export.document import document, safe
from geo.export.links import map_links
from geo.export.listing import Listing
from geo.export.picture import Spoke, listing_svg
from geo.export.plan import Help
from geo.export.plan_picture import curve_svg, drives_svg, group_colour
from geo.measures import drive
from geo.meetup import Meetup, MeetupPlan
from geo.places import label

_STYLE = """
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
    spokes: Sequence[Spoke] = (),
    help_: Help | None = None,
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
    body = [f"<p>{safe(note)}</p>" for note in listing.notes]
    if plan.meetups:
        body.append(f'<div class="map">{listing_svg(listing, ground, spokes=spokes)}</div>')
    body += ['<div class="charts">', *_charts(plan), "</div>"]
    for number, meetup in enumerate(plan.meetups, start=1):
        body += _meetup(number, meetup)
    body += _left_out(plan)
    body += _help(plan, help_ or Help())
    return document(listing.title, _STYLE, body, listing.source)


def _charts(plan: MeetupPlan) -> Iterator[str]:
    for title, svg in (
        (plan_words.CURVE, curve_svg(plan)),
        (plan_words.HISTOGRAM, drives_svg(plan)),
    ):
        if svg:
            yield f"<figure><figcaption>{safe(title)}</figcaption>{svg}</figure>"


def _meetup(number: int, meetup: Meetup) -> Iterator[str]:
    href = escape(map_links(meetup.place)["osm"])
    dot = (
        '<svg class="dot" width="12" height="12" aria-hidden="true">'
        f'<circle cx="6" cy="6" r="6" fill="{group_colour(number)}"/></svg>'
    )
    name = safe(plan_words.meetup_title(number, label(meetup.place)), 120)
    yield f'<h2>{dot}<a href="{href}" rel="noopener noreferrer"><bdi>{name}</bdi></a></h2>'
    heads = (plan_words.TITLES["id"], words.TITLES["minutes"], words.TITLES["return_minutes"])
    yield _head(heads)
    for one in meetup.attendees:
        yield (
            f"<tr><td><bdi>{safe(one.person.id, 80)}</bdi></td>"
            f'<td class="number">{drive(one.travel_time_s)}</td>'
            f'<td class="number">{drive(one.return_time_s)}</td></tr>'
        )
    yield "</tbody></table>"


def _left_out(plan: MeetupPlan) -> Iterator[str]:
    if not plan.unplaced:
        return
    yield f"<h2>{safe(plan_words.UNPLACED)}</h2>"
    yield _head((plan_words.TITLES["id"], plan_words.TITLES["reason"]), numbers=False)
    for one in plan.unplaced:
        why = safe(plan_words.reason(one, plan.request))
        yield f"<tr><td><bdi>{safe(one.person.id, 80)}</bdi></td><td>{why}</td></tr>"
    yield "</tbody></table>"


def _help(plan: MeetupPlan, help_: Help) -> Iterator[str]:
    lines = [plan_words.repair(one) for one in help_.repairs]
    lines += [plan_words.offer(one, plan) for one in help_.offers]
    if lines:
        yield f"<h2>{safe(plan_words.HELP)}</h2><ul>"
        for line in lines:
            yield f"<li><bdi>{safe(line)}</bdi></li>"
        yield "</ul>"


def _head(titles: Sequence[str], *, numbers: bool = True) -> str:
    cells = "".join(
        f'<th scope="col"{" class=number" if numbers and i else ""}>{safe(title)}</th>'
        for i, title in enumerate(titles)
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>"
