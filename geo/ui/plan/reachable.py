"""Coverage as the page shows it: markers by how far the nearest place is, a table with bars."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

from geo.export.listing import Start
from geo.meetup.coverage import Coverage, Nearest
from geo.model import BBox, Place, Point
from geo.places import get_kind, label
from geo.region import Region
from geo.ui import page, words
from geo.ui.cards import place_card
from geo.ui.map import Card, LegendEntry, Person, Scene
from geo.ui.words import coverage as said
from geo.ui.words import plan as plan_said


def coverage_scene(
    region: Region, found: Coverage, starts: Mapping[str, Start], selected: str | None
) -> Scene:
    """Return the map: people at their settlements, suggested memberships as cards."""
    minutes = cutoff_minutes(found)
    people = _markers(found, starts)
    cards = [
        replace(
            _card(one.place, number, said.SUGGESTED_COLOR),
            headline=plan_said.people(len(one.people)),
            detail=said.SUGGESTED,
        )
        for number, one in enumerate(found.suggestions, start=1)
    ]
    cards += [
        replace(_card(place, n, said.UNREACHED_COLOR), headline="", detail=said.UNREACHED)
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
            LegendEntry(said.level(lacking, minutes), said.LEVELS[lacking])
            for lacking in range(len(minutes) + 1)
        ],
        heading=said.memberships(len(found.suggestions)) if found.suggestions else "",
        hint=_proof(found) if cards else "",
        selected=selected if selected in ids else None,
        picks=False,
        locates=False,
        texts=said.MAP,
        height_px=520,
    )


def cutoff_minutes(found: Coverage) -> list[float]:
    """Return the drives that were looked at, in minutes."""
    return [cutoff_s / 60 for cutoff_s in found.cutoffs_s]


def lacking(nearest: Nearest | None, cutoffs_s: Sequence[float]) -> int:
    """Return within how many of the drives there is no place."""
    if nearest is None:
        return len(cutoffs_s)
    return sum(nearest.travel_time_s > cutoff_s for cutoff_s in cutoffs_s)


def numbers_html(found: Coverage) -> str:
    """Return how many people have a place within each drive, as large numbers."""
    everybody = len(found.people)
    cells = "".join(
        f"<div><dt>{escape(said.number_of(minutes))}</dt>"
        f"<dd>{escape(said.of_all(count, everybody))}</dd></div>"
        for minutes, count in zip(cutoff_minutes(found), found.covered, strict=True)
    )
    return f'<dl class="numbers">{cells}</dl>'


def kinds_html(found: Coverage) -> str:
    """Return how many people have each kind within each drive, as a table with bars."""
    minutes = cutoff_minutes(found)
    heads = [said.KIND, said.PLACES, *(words.minutes(one) for one in minutes)]
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    total = sum(one.places for one in found.by_kind)
    rows = [_row(said.ANY, total, found.covered, len(found.people))]
    rows += [
        _row(words.capital(get_kind(one.kind).plural), one.places, one.covered, len(found.people))
        for one in sorted(found.by_kind, key=lambda one: (-one.covered[0], -one.covered[-1]))
    ]
    return (
        f'<table class="bars"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def person_rows(
    found: Coverage, starts: Mapping[str, Start], *, only_lacking: bool
) -> list[dict[str, Any]]:
    """Return what each person has, as rows of a table."""
    titles = said.COLUMNS
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
        if not only_lacking or lacking(one.nearest, found.cutoffs_s)
    ]


def _markers(found: Coverage, starts: Mapping[str, Start]) -> list[Person]:
    here: dict[tuple[str, Point], Counter[int]] = defaultdict(Counter)
    for one in found.people:
        start = starts.get(one.person.id)
        if start is not None and start.point is not None:
            here[start.label, start.point][lacking(one.nearest, found.cutoffs_s)] += 1
    minutes = cutoff_minutes(found)
    return [
        Person(
            point,
            str(levels.total()),
            said.LEVELS[max(levels)],
            said.here(name, plan_said.people(levels.total()), said.level(max(levels), minutes)),
        )
        for (name, point), levels in here.items()
    ]


def _card(place: Place, number: int, color: str) -> Card:
    card = place_card(place, number, at=datetime.now().astimezone(), measures=page.measures())
    return replace(card, color=color)


def _proof(found: Coverage) -> str:
    if not found.suggestions:
        return ""
    return said.PROVEN if found.suggestions_proven else said.NOT_PROVEN


def _row(name: str, places: int, covered: Sequence[int], everybody: int) -> str:
    cells = "".join(
        f'<td style="--share:{count / everybody if everybody else 0:.3f}"><span>{count}</span></td>'
        for count in covered
    )
    return f'<tr><th scope="row">{escape(name)}</th><td class="plain">{places}</td>{cells}</tr>'
