"""Sentences of the regions page, and of offers to add a region."""

from __future__ import annotations

from datetime import datetime

from geo.region import RefreshManifest
from geo.texts import capitalise, plural
from geo.units import day

ADD = "Add a region"
WHERE = "Which part of the world?"
WHERE_HINT = "Vermont, Andorra, DE-BY, or 43.9, -72.6"
CATALOGUE_HELP = (
    "The list of regions comes from {host} once a day and is searched on this computer: what you"
    " type is not sent."
)
POINT_HELP = (
    "Regions that hold your point, the smallest first. The point was rounded to about a kilometre"
    " and compared with the list on this computer; nothing was sent."
)
QUERYING = "Asking {host}…"
CATALOGUE_STALE = "{host} cannot be asked now; this is its list of {day}."
NOTHING_FOUND = "No region is called “{text}”. Try a country, a state, or a position."
NO_REGION_AT_POINT = "No region of the list holds that point."
CHOOSE = "Choose one, or several that touch, to become one region:"
ADD_NEIGHBOUR = "Add a neighbour"
ADD_NEIGHBOUR_HELP = "Look for the next one: both become one region, and a search sees both sides."
TOGETHER = "Together with **{titles}**, as one region: a search near the border sees both sides."
REMOVE_NEIGHBOUR = "Without it"
FAR_APART = "These lie far from each other and cannot be one region. Get one after the other."
NAME = "What to call it here"
TRY_AGAIN = "Try again"
SIZE_UNKNOWN = "The server does not say how large it is."
GET = "Get {names}"
DOWNLOADING = "Getting {name}"
UPDATING = "Updating {name}"
REFRESHING = "Refreshing the places of {name}"
BAD_NAME = "Use up to 64 small letters, digits, - and _, as in new-england."
REPLACES = "This replaces the region of that name, once the new one is whole."
NO_CONTACT = (
    "Regions come from public servers, which want to know who asks. Set **CROSSROADS_CONTACT** to"
    " your mail or web address and start Crossroads again. What is installed works without."
)
AREA = "Only the surroundings of a place"
AREA_HELP = "For places whose region is huge: roads and places of a small area, asked for directly."
AREA_WHERE = "About where?"
AREA_HINT = "43.9, -72.6"
AREA_KM = "How far around"
AREA_NAME = "my-area"
GET_AREA = "Get this area"
NO_POINT = "That is no position. Write it like 43.9, -72.6."
STOP = "Stop"
STOPPING = "Stopping…"
FAILED = "something went wrong that should not; the log of the app says what."
STOPPED = "Stopped. What has arrived is kept: begin again to go on."
DISMISS = "Hide"
SHOW_REGION = "Show {name}"
BUSY = "One thing after another: something else is being fetched."
UPDATE = "Update"
REBUILD = "Download and build again"
REFRESH = "Refresh places"
REFRESH_NOW = "Ask OpenStreetMap now"
REFRESH_DUE = "More than {days} days old: places may have opened, moved or closed since."
ALL_FRESH = "Places refreshed, as of **{day}**."
SOME_FRESH = "Places refreshed in {squares} of {all} squares, the last as of **{day}**."
MANY_SQUARES = "Too large to refresh at once; refresh around a start on “Near me”."

OUTSIDE_REGION = "That is {distance} from the nearest road of {region}."
SWITCH_REGION = "Look there in {name}"
ADD_REGION_THERE = "Get a region for that place"
ADD_REGION_THERE_HELP = (
    "The point, rounded to about a kilometre, is compared with a list of regions on this computer."
    " Nothing is sent."
)
ASK_OPERATOR = "Whoever runs Crossroads for you can add a region for that place."
SEARCH_NOTICE = (
    "To look “{text}” up on the web, this text, and nothing else, would be sent to **{host}**."
)
SEARCH_NEEDS_CONTACT = (
    "Looking addresses up on the web asks a public server, which wants to know who asks: set"
    " **CROSSROADS_CONTACT** to your mail or web address and start Crossroads again."
)
SEARCH_NOW = "Send it to {host}"
CLOSE_OFFER = "Never mind"
PLACES_OF = "Places of {month}"
ADDRESS_DATA = "Addresses © OpenStreetMap contributors (ODbL), found by Nominatim."
ADDRESS_NOT_FOUND = "{host} does not know it either. Check the spelling, or choose on the map."
FOUND_ON_WEB = "Found by {host}:"


def megabytes(size: float) -> str:
    """Return a size as people say it."""
    if size >= 1e9:
        return f"{size / 1e9:.1f}\N{NO-BREAK SPACE}GB"
    return f"{max(size / 1e6, 0.1):,.{0 if size >= 1e7 else 1}f}\N{NO-BREAK SPACE}MB"


def size(download: int, room: float) -> str:
    """Return how large a download is, and how much room it takes to build."""
    return f"**{megabytes(download)}** to download; building needs about {megabytes(room)} of room."


def squares_notice(count: int, host: str) -> str:
    """Return what asking for squares of the grid tells, and whom."""
    return (
        f"Asks **{host}** for {plural(count, 'square')} of a fixed grid, each 10 km wide."
        " Everybody's squares are the same, so your position is not told."
    )


def region_ready(name: str) -> str:
    """Return what is sentence of a region that was got."""
    return f"**{capitalise(name)}** is ready."


def nothing_newer(name: str, of: datetime) -> str:
    """Return what is sentence of a region that needs no update, with the day of its data."""
    return f"**{capitalise(name)}** is already the newest that is published: of {day(of)}."


def remove_places(count: int) -> str:
    """Return the button that accepts that places are gone."""
    return "Remove 1 place" if count == 1 else f"Remove {count:,} places"


def refresh_result(name: str, fresh: RefreshManifest, missing: int) -> str:
    """Return what a refresh of places has brought."""
    changes = f"{fresh.new} new, {fresh.changed} changed, {fresh.gone} gone"
    sentence = f"Places of **{capitalise(name)}** refreshed: {changes}."
    if missing:
        number = plural(missing, "square was", "squares were")
        sentence += f" {number} not answered; there nothing has changed."
    return sentence


def freshness(fresh: RefreshManifest) -> str:
    """Return how fresh the places of a region are."""
    latest = fresh.latest
    when = day(latest) if latest else "a day that is not known"
    if fresh.is_whole:
        return ALL_FRESH.format(day=day(fresh.osm_timestamp) if fresh.osm_timestamp else when)
    return SOME_FRESH.format(squares=fresh.squares, all=fresh.squares_in_all, day=when)
