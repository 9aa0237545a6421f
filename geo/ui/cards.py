"""Answers as cards of the map and its list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from geo import texts
from geo.export.links import edit_link, map_links
from geo.meetup import Halfway, MeetingPlace
from geo.model import Place
from geo.palette import PEOPLE_COLORS
from geo.people.preferences import Preferences, match_preferences
from geo.places import get_kind, label, opening, work_score
from geo.proximity import NearbyPlace
from geo.ui.map import Card, Drive, MapLink
from geo.units import Measures, drive

_SHOWN_FACTS = 4
_MIN_SHOWN_DISTANCE_M = 81  # shown as 0.1 miles or kilometres at least, or not at all


def nearby_cards(found: Sequence[NearbyPlace], *, at: datetime, measures: Measures) -> list[Card]:
    """Return a card for each place near a start, in the order given."""
    by_drive = sorted(found, key=lambda nearby: nearby.travel_time_s)
    rank = {nearby.place.osm_id: i + 1 for i, nearby in enumerate(by_drive)}
    of_kind: Counter[str] = Counter()
    kind_rank = {}
    for nearby in by_drive:
        of_kind[nearby.place.kind] += 1
        kind_rank[nearby.place.osm_id] = of_kind[nearby.place.kind]
    cards = []
    for number, nearby in enumerate(found, start=1):
        place = nearby.place
        far = "" if nearby.length_m < _MIN_SHOWN_DISTANCE_M else measures.distance(nearby.length_m)
        back = (
            ""
            if nearby.return_time_s is None
            else texts.RETURN_DRIVE.format(text=drive(nearby.return_time_s))
        )
        why = texts.rank_label(
            rank[place.osm_id], len(found), get_kind(place.kind).label, kind_rank[place.osm_id]
        )
        card = place_card(place, number, at=at, measures=measures)
        cards.append(
            replace(
                card,
                headline=texts.non_breaking(drive(nearby.travel_time_s)),
                detail=" · ".join(texts.non_breaking(text) for text in (far, back) if text),
                notes=(why, *card.notes),
            )
        )
    return cards


def mark_preferences(
    cards: Sequence[Card], places: Sequence[Place], wanted: Preferences
) -> list[Card]:
    """Return the cards of places with what suits the visitor, and what does not, first."""
    marked = []
    for card, place in zip(cards, places, strict=True):
        marks = map(texts.capitalise, match_preferences(place, wanted).reasons)
        marked.append(replace(card, facts=tuple(dict.fromkeys((*marks, *card.facts)))))
    return marked


def halfway_cards(
    halfway: Halfway, people: Sequence[str], *, at: datetime, measures: Measures
) -> list[Card]:
    """Return a card for each place where people can meet, with everybody's drive."""
    return [
        replace(
            place_card(found.place, number, at=at, measures=measures),
            headline=texts.non_breaking(drive(found.worst_s)),
            detail=texts.TOTAL_DRIVE.format(text=texts.non_breaking(drive(found.total_s))),
            drives=tuple(_drives(found, people)),
        )
        for number, found in enumerate(halfway.places, start=1)
    ]


def person_color(position: int) -> str:
    """Return the colour of the person at a position of the list."""
    return PEOPLE_COLORS[position % len(PEOPLE_COLORS)]


def open_status(place: Place, at: datetime, measures: Measures) -> tuple[str, opening.OpenState]:
    """Return whether a place is open, in words with the next change, and as a state."""
    state = opening.state(place, at)
    word = texts.STATES[state]
    change = None if state == "unknown" else opening.next_change(place, at)
    if change is None:
        return word, state
    here = at.astimezone(opening.timezone(place.point)) if at.tzinfo else at
    clock = measures.clock(change)
    if change.date() != here.date():
        clock = f"{change:%a} {clock}"
    return texts.STATE_UNTIL.format(state=word, clock=texts.non_breaking(clock)), state


def place_card(place: Place, number: int, *, at: datetime, measures: Measures) -> Card:
    """Return the card of a place: everything but the drives."""
    kind = get_kind(place.kind)
    text, state = open_status(place, at, measures)
    work = work_score(place)
    known = [reason.text for reason in work.reasons]
    return Card(
        id=place.osm_id,
        point=place.point,
        label=str(number),
        color=kind.color,
        title=label(place) if place.name else texts.capitalise(label(place)),
        kind=kind.label,
        status=text,
        tone=state,
        facts=[texts.capitalise(fact) for fact in known[:_SHOWN_FACTS]],
        notes=(texts.work_score_label(work.score, known),),
        links=tuple(_links(place)),
    )


def _drives(found: MeetingPlace, people: Sequence[str]) -> Iterator[Drive]:
    for i, (name, seconds) in enumerate(zip(people, found.travel_times_s, strict=True)):
        yield Drive(str(i + 1), person_color(i), texts.non_breaking(drive(seconds)), name)


def _links(place: Place) -> Iterator[MapLink]:
    website = place.tags.get("website") or place.tags.get("contact:website")
    if website:
        yield MapLink(texts.WEBSITE, website)
    phone = place.tags.get("phone") or place.tags.get("contact:phone")
    if phone:
        yield MapLink(phone, f"tel:{''.join(c for c in phone if c.isdigit() or c == '+')}")
    for service, url in map_links(place).items():
        yield MapLink(texts.SERVICES[service], url)
    edit = edit_link(place)
    if edit:
        yield MapLink(texts.EDIT_ON_OSM, edit)
