"""Pages of HTML to print or send: a listing, a plan, a meetup, one attendee's own drive.

What they say stands in ``templates/``. A page is whole in itself: no script, no font, no picture
from elsewhere, and a content security policy that knows the page's style by its hash and refuses
all else. Names come from strangers: every text is cleaned and escaped, and isolated (``<bdi>``) so
that one in Arabic or Hebrew does not turn the line around.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.export.charts import curve_svg, drives_svg
from geo.export.links import map_links, qr_svg
from geo.export.listing import Attribution, Listing
from geo.export.plan import Remedies
from geo.export.svg_map import AttendeeLine, Backdrop, listing_svg
from geo.meetup import Meetup, MeetupPlan
from geo.palette import group_color
from geo.places import get_kind, label, opening
from geo.text import strip_controls
from geo.texts import exported_plan, exports
from geo.units import Measures, drive

if TYPE_CHECKING:
    from jinja2 import Environment

ROWS = 12
"""Places that fit on one page below the map."""

_MOST_PEOPLE = 5
"""People whose drives fit side by side; with more, the longest and the total must do."""

_SERVICES = {
    "osm": "OpenStreetMap",
    "google": "Google Maps",
    "apple": "Apple Maps",
    "waze": "Waze",
    "geo": "Open in your map app",
}


@cache
def _environment() -> Environment:
    # Here, because the import takes 0.1 s, which commands that print a table need not wait for.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        finalize=_clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        cut=lambda text, longest: strip_controls(text, longest=longest),
        drive=drive,
        exports=exports,
        group_color=group_color,
        label=label,
        map_links=map_links,
        plan_texts=exported_plan,
        sha256=_sha256,
    )
    return environment


def _clean(value: Any) -> Any:
    """Take out of plain text what no page may carry; markup was made here."""
    return strip_controls(value) if type(value) is str else value


def _sha256(style: str) -> str:
    """Return what a content security policy knows a style by (CSP 3, section 2.3.1)."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _render(template: str, title: str, source: Attribution, **values: Any) -> str:
    page = _environment().get_template(template)
    return page.render(title=title, source=source, **values)


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
    columns = [
        column
        for column in listing.columns
        if column.shown and (column.index is None or len(listing.starts) <= _MOST_PEOPLE)
    ]
    return _render(
        "listing.html",
        listing.title,
        listing.source,
        listing=listing,
        columns=columns,
        rows=ROWS,
        link=link,
        map=listing_svg(listing, ground, numbered=ROWS) if listing.entries else "",
        qr=qr_svg(link) if link else "",
    )


def plan_html(
    plan: MeetupPlan,
    listing: Listing,
    *,
    ground: Backdrop | None = None,
    attendee_lines: Sequence[AttendeeLine] = (),
    remedies: Remedies | None = None,
) -> str:
    """Return a plan as a page.

    Parameters
    ----------
    listing
        Its meetups.
    ground
        What the map shows below.
    attendee_lines
        Who goes where, as lines.
    remedies
        What would help those who are left out.
    """
    remedies = remedies or Remedies()
    return _render(
        "plan.html",
        listing.title,
        listing.source,
        plan=plan,
        listing=listing,
        map=listing_svg(listing, ground, attendee_lines=attendee_lines) if plan.meetups else "",
        charts=[
            (exported_plan.CURVE, curve_svg(plan)),
            (exported_plan.HISTOGRAM, drives_svg(plan)),
        ],
        remedies=[
            *map(exported_plan.repair, remedies.repairs),
            *(exported_plan.alternative(one, plan) for one in remedies.offers),
        ],
    )


def meetup_html(
    plan: MeetupPlan, meetup: Meetup, title: str, source: Attribution, measures: Measures
) -> str:
    """Return the page of a meetup, for all who come: where and when, and nobody's drive."""
    return _meetup_page(plan, meetup, title, (), source, measures)


def attendee_html(
    plan: MeetupPlan, meetup: Meetup, own: Sequence[str], source: Attribution, measures: Measures
) -> str:
    """Return the page of one attendee: where and when, and the sentences that are theirs alone."""
    title = exported_plan.INVITATION.format(place=label(meetup.place))
    return _meetup_page(plan, meetup, title, own, source, measures)


def _meetup_page(
    plan: MeetupPlan,
    meetup: Meetup,
    title: str,
    own: Sequence[str],
    source: Attribution,
    measures: Measures,
) -> str:
    place, at = meetup.place, plan.request.starts_at
    if at is not None and at.tzinfo is not None:
        at = at.astimezone(opening.timezone(place.point))
    address = [place.tags.get(key, "") for key in ("addr:street", "addr:housenumber", "addr:city")]
    links = map_links(place)
    return _render(
        "meetup.html",
        title,
        source,
        kind=get_kind(place.kind).label,
        moment=measures.moment(at) if at is not None else "",
        address=" ".join(filter(None, address)),
        own=own,
        links=[(service, links[key]) for key, service in _SERVICES.items()],
    )
