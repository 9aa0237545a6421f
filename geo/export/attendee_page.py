"""A page of map links for one meetup: for all who come, or for one of them with their own drive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from geo.export import plan_words
from geo.export.document import document, safe
from geo.export.links import map_links
from geo.export.listing import Source
from geo.measures import Measures
from geo.meetup import Meetup, MeetupPlan
from geo.model import Place
from geo.places import get_kind, label, opening

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
    plan: MeetupPlan, meetup: Meetup, title: str, source: Source, measures: Measures
) -> str:
    """Return the page of a meetup, for all who come: where and when, and nobody's drive."""
    body = [*_facts(plan, meetup.place, measures), *_links(meetup.place)]
    return document(title, _STYLE, body, source)


def attendee_html(
    plan: MeetupPlan, meetup: Meetup, own: Sequence[str], source: Source, measures: Measures
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
        *(f"<p><strong>{safe(line)}</strong></p>" for line in own),
        *_links(meetup.place),
    ]
    return document(plan_words.invitation(label(meetup.place)), _STYLE, body, source)


def _facts(plan: MeetupPlan, place: Place, measures: Measures) -> Iterator[str]:
    yield f"<p>{safe(get_kind(place.kind).label)}</p>"
    at = plan.request.starts_at
    if at is not None:
        local = at if at.tzinfo is None else at.astimezone(opening.timezone(place.point))
        yield f"<p>{safe(measures.moment(local))}</p>"
    address = [place.tags.get(key, "") for key in ("addr:street", "addr:housenumber", "addr:city")]
    if any(address):
        yield f"<p><bdi>{safe(' '.join(filter(None, address)))}</bdi></p>"


def _links(place: Place) -> Iterator[str]:
    yield "<ul>"
    links = map_links(place)
    for key, title in _SERVICES.items():
        yield f'<li><a href="{escape(links[key])}" rel="noopener noreferrer">{safe(title)}</a></li>'
    yield "</ul>"
