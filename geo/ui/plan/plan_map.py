"""Plans and coverage on the map, and the tables beside it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

from geo import texts
from geo.export.listing import StartLabel
from geo.meetup import Attendee, Meetup, MeetupPlan
from geo.meetup.coverage import Coverage, Nearest
from geo.model import BBox, Place, Point
from geo.palette import LEVEL_COLORS, SUGGESTED_COLOR, UNREACHED_COLOR, group_color
from geo.places import get_kind, label
from geo.region import Region
from geo.texts import coverage as coverage_texts
from geo.texts import plan as plan_texts
from geo.ui import page
from geo.ui.cards import place_card
from geo.ui.map import AttendeeLines, Card, LegendEntry, PersonMarker, Scene
from geo.units import Measures, drive

_NO_GROUP_COLOR = "#6b7280"
_LEFT_OUT_COLOR = "#b02a37"
_MAX_NAMES = 60


def plan_scene(
    region: Region, plan: MeetupPlan, starts: Mapping[str, StartLabel], selected: str | None
) -> Scene:
    """Return the map of a plan; people stand where a browser may know them."""
    ids = {meetup.place.osm_id for meetup in plan.meetups}
    points = [start.point for start in starts.values() if start.point]
    places = [meetup.place.point for meetup in plan.meetups]
    measures = page.measures()
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {sorted(ids)} {len(points)}",
        fit=BBox.around([*places, *(point for point in points if point in region.bbox)]),
        cards=[_card(n, meetup, plan, measures) for n, meetup in enumerate(plan.meetups, start=1)],
        people=people_markers(plan, starts),
        attendee_lines=[
            AttendeeLines(meetup.place.point, _attendee_starts(meetup, starts), group_color(number))
            for number, meetup in enumerate(plan.meetups, start=1)
        ],
        lists=True,
        picks=False,
        locates=False,
        selected=selected if selected in ids else None,
        heading=plan_texts.meetups(len(plan.meetups)),
        texts=plan_texts.MAP,
    )


def people_markers(plan: MeetupPlan, starts: Mapping[str, StartLabel]) -> list[PersonMarker]:
    """Return one marker for each settlement that people start from, with how many they are."""
    going: dict[tuple[str, Point], Counter[int]] = defaultdict(Counter)
    for number, meetup in enumerate(plan.meetups, start=1):
        for one in meetup.attendees:
            _count(going, starts.get(one.person.id), number)
    for left in plan.unplaced:
        _count(going, starts.get(left.person.id), 0)
    return [
        PersonMarker(
            point,
            str(sum(groups.values())),
            _color(groups),
            plan_texts.origin_and_groups(
                name, {n: groups[n] for n in sorted(groups) if n}, groups[0]
            ),
        )
        for (name, point), groups in going.items()
    ]


def start_markers(starts: Mapping[str, StartLabel]) -> list[PersonMarker]:
    """Return one marker for each settlement that people start from, before there is a plan."""
    going = Counter((start.label, start.point) for start in starts.values())
    return [
        PersonMarker(point, str(count), _NO_GROUP_COLOR, plan_texts.origin_count(name, count))
        for (name, point), count in going.items()
        if point is not None
    ]


def _count(
    going: dict[tuple[str, Point], Counter[int]], start: StartLabel | None, number: int
) -> None:
    if start is not None and start.point is not None:
        going[start.label, start.point][number] += 1


def _color(groups: Counter[int]) -> str:
    """Return a group's colour where all go to one, else a neutral one."""
    if groups[0]:
        return _LEFT_OUT_COLOR
    numbers = [number for number, count in groups.items() if count]
    return group_color(numbers[0]) if len(numbers) == 1 else _NO_GROUP_COLOR


def _attendee_starts(meetup: Meetup, starts: Mapping[str, StartLabel]) -> Sequence[Point]:
    found = [starts.get(one.person.id) for one in meetup.attendees]
    return list(dict.fromkeys(one.point for one in found if one and one.point))


def _card(number: int, meetup: Meetup, plan: MeetupPlan, measures: Measures) -> Card:
    request, count = plan.request, len(meetup.attendees)
    at = request.starts_at or datetime.now().astimezone()
    card = place_card(meetup.place, number, at=at, measures=measures)
    if request.starts_at is None:
        card = replace(card, status="", tone="")
    longest = plan_texts.LONGEST_TO_MEETUP.format(worst=drive(meetup.worst_s))
    return replace(
        card,
        color=group_color(number),
        headline=texts.non_breaking(plan_texts.people(count)),
        detail=texts.non_breaking(longest) if count else "",
        notes=(
            *card.notes,
            plan_texts.attendees([_attendee_text(one) for one in meetup.attendees], _MAX_NAMES),
        ),
    )


def _attendee_text(one: Attendee) -> str:
    back = drive(one.return_time_s) if math.isfinite(one.return_time_s) else ""
    return plan_texts.attendee(one.person.id, drive(one.travel_time_s), back)


def coverage_scene(
    region: Region, found: Coverage, starts: Mapping[str, StartLabel], selected: str | None
) -> Scene:
    """Return the map: people at their settlements, suggested memberships as cards."""
    minutes = cutoff_minutes(found)
    people = _markers(found, starts)
    cards = [
        replace(
            _reachable_card(one.place, number, SUGGESTED_COLOR),
            headline=plan_texts.people(len(one.people)),
            detail=coverage_texts.SUGGESTED,
        )
        for number, one in enumerate(found.suggestions, start=1)
    ]
    cards += [
        replace(
            _reachable_card(place, n, UNREACHED_COLOR),
            headline="",
            detail=coverage_texts.UNREACHED,
        )
        for n, place in enumerate(found.unreached, start=len(cards) + 1)
    ]
    points = [person.point for person in people if person.point in region.bbox]
    ids = {card.id for card in cards}
    return replace(
        page.empty_scene(region, ""),
        fit_id=f"{region.name} {len(people)} {sorted(ids)}",
        fit=BBox.around([*points, *(card.point for card in cards)]),
        people=people,
        cards=cards,
        lists=bool(cards),
        legend=[
            LegendEntry(coverage_texts.level_label(lacking, minutes), LEVEL_COLORS[lacking])
            for lacking in range(len(minutes) + 1)
        ],
        heading=coverage_texts.memberships_label(len(found.suggestions))
        if found.suggestions
        else "",
        hint=_proof(found) if cards else "",
        selected=selected if selected in ids else None,
        picks=False,
        locates=False,
        texts=coverage_texts.MAP,
        height_px=520,
    )


def cutoff_minutes(found: Coverage) -> list[float]:
    """Return the drives that were looked at, in minutes."""
    return [cutoff_s / 60 for cutoff_s in found.cutoffs_s]


def count_missed_cutoffs(nearest: Nearest | None, cutoffs_s: Sequence[float]) -> int:
    """Return within how many of the drives there is no place."""
    if nearest is None:
        return len(cutoffs_s)
    return sum(nearest.travel_time_s > cutoff_s for cutoff_s in cutoffs_s)


def numbers_html(found: Coverage) -> str:
    """Return how many people have a place within each drive, as large numbers."""
    everybody = len(found.people)
    of_total = coverage_texts.COUNT_OF_TOTAL
    cells = "".join(
        f"<div><dt>{escape(coverage_texts.COUNT_LABEL.format(minutes=minutes))}</dt>"
        f"<dd>{escape(of_total.format(count=count, everybody=everybody))}</dd></div>"
        for minutes, count in zip(cutoff_minutes(found), found.covered, strict=True)
    )
    return f'<dl class="numbers">{cells}</dl>'


def kinds_html(found: Coverage) -> str:
    """Return how many people have each kind within each drive, as a table with bars."""
    minutes = cutoff_minutes(found)
    heads = [coverage_texts.KIND, coverage_texts.PLACES, *(texts.minutes(one) for one in minutes)]
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    total = sum(one.places for one in found.by_kind)
    rows = [_row(coverage_texts.ANY, total, found.covered, len(found.people))]
    rows += [
        _row(
            texts.capitalise(get_kind(one.kind).plural), one.places, one.covered, len(found.people)
        )
        for one in sorted(found.by_kind, key=lambda one: (-one.covered[0], -one.covered[-1]))
    ]
    return (
        f'<table class="bars"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def person_rows(
    found: Coverage, starts: Mapping[str, StartLabel], *, only_lacking: bool
) -> list[dict[str, Any]]:
    """Return what each person has, as rows of a table."""
    titles = coverage_texts.COLUMNS
    return [
        {
            titles["id"]: one.person.id,
            titles["near"]: starts[one.person.id].label if one.person.id in starts else "",
            titles["team"]: one.person.team,
            titles["nearest"]: label(one.nearest.place) if one.nearest else "",
            titles["minutes"]: one.nearest.travel_time_s / 60 if one.nearest else None,
            titles["fallback"]: label(one.fallback.place) if one.fallback else "",
            titles["fallback_minutes"]: one.fallback.travel_time_s / 60 if one.fallback else None,
        }
        for one in found.people
        if not only_lacking or count_missed_cutoffs(one.nearest, found.cutoffs_s)
    ]


def _markers(found: Coverage, starts: Mapping[str, StartLabel]) -> list[PersonMarker]:
    here: dict[tuple[str, Point], Counter[int]] = defaultdict(Counter)
    for one in found.people:
        start = starts.get(one.person.id)
        if start is not None and start.point is not None:
            here[start.label, start.point][count_missed_cutoffs(one.nearest, found.cutoffs_s)] += 1
    minutes = cutoff_minutes(found)
    return [
        PersonMarker(
            point,
            str(levels.total()),
            LEVEL_COLORS[max(levels)],
            coverage_texts.marker_label(
                name,
                plan_texts.people(levels.total()),
                coverage_texts.level_label(max(levels), minutes),
            ),
        )
        for (name, point), levels in here.items()
    ]


def _reachable_card(place: Place, number: int, color: str) -> Card:
    card = place_card(place, number, at=datetime.now().astimezone(), measures=page.measures())
    return replace(card, color=color)


def _proof(found: Coverage) -> str:
    if not found.suggestions:
        return ""
    return coverage_texts.PROVEN if found.suggestions_proven else coverage_texts.NOT_PROVEN


def _row(name: str, places: int, covered: Sequence[int], everybody: int) -> str:
    cells = "".join(
        f'<td style="--share:{count / everybody if everybody else 0:.3f}"><span>{count}</span></td>'
        for count in covered
    )
    return f'<tr><th scope="row">{escape(name)}</th><td class="plain">{places}</td>{cells}</tr>'
