"""Real extracts: what share of their names, addresses and postcodes is found where it is."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geo.gazetteer import Gazetteer, PostalAddress
from geo.gazetteer.model import fold
from geo.region.extract import read_extract
from geo.region.names import NameCollector
from tests.gazetteer.extracts import Line, Truth, away_m, read_truth

REGIONS = ("andorra", "rutland", "harrisburg", "beatty")
STATES = {"harrisburg": ("PA", "Pennsylvania"), "beatty": ("NV", "Nevada")}
WITHIN_M = {"settlement": 1000.0, "street": 300.0, "place": 250.0}
SEED = 20_260


@pytest.fixture(scope="module")
def extracts(
    shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Gazetteer]:
    """Return the gazetteers of four extracts."""
    folder = tmp_path_factory.mktemp("names")
    found = {}
    for name in REGIONS:
        names = NameCollector()
        read_extract(shared(f"osm/{name}.osm.pbf"), [names])
        Gazetteer.write(folder / f"{name}.sqlite", names.finish())
        found[name] = Gazetteer.open(folder / f"{name}.sqlite")
    return found


@pytest.fixture(scope="module")
def truths(shared: Callable[[str], Path]) -> dict[str, Truth]:
    return {name: read_truth(shared(f"osm/{name}.osm.pbf")) for name in REGIONS}


def slip(text: str, chance: random.Random) -> str:
    """Return a text with one letter dropped, doubled, changed or swapped with the next."""
    spots = [at for at, char in enumerate(text) if char.isalpha()]
    at = chance.choice(spots)
    other = chance.choice("abcdefghijklmnopqrstuvwxyz".replace(text[at].casefold(), ""))
    return chance.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + other + text[at + 1 :],
            text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :],
        ]
    )


@pytest.mark.parametrize("kind", WITHIN_M)
def test_names_are_found_where_they_are(
    extracts: dict[str, Gazetteer], truths: dict[str, Truth], kind: str
) -> None:
    """At most one of 100 is wrong as it is written, and one of 25 with a slip."""
    chance = random.Random(SEED)
    wrong: list[str] = []
    slipped: list[str] = []
    asked = 0
    for region in REGIONS:
        names = sorted(name for name in truths[region].spelled[kind] if len(fold(name)) > 3)
        for name in chance.sample(names, min(100, len(names))):
            asked += 1
            for text, faults in ((name, wrong), (slip(name, chance), slipped)):
                found = extracts[region].search(text, limit=1)
                off_m = truths[region].away_m(name, found[0].point) if found else 1e9
                if off_m > WITHIN_M[kind]:
                    faults.append(f"{region}: {text}: {found[0].label if found else None}")
    assert len(wrong) <= 0.01 * asked, wrong
    assert len(slipped) <= 0.04 * asked, slipped


def test_house_numbers_are_found_in_american_forms(
    extracts: dict[str, Gazetteer], truths: dict[str, Truth]
) -> None:
    asked = 0
    wrong = []
    for region, (state, _name) in STATES.items():
        for tags, line in truths[region].houses:
            street, city = tags.get("addr:street"), tags.get("addr:city", "")
            if not street or "addr:interpolation" in tags:
                continue
            asked += 1
            number = tags["addr:housenumber"]
            code = tags.get("addr:postcode", "")
            plain = f"{number} {street}"
            town = f", {city} {state} {code}".rstrip() if city else ""
            for text in (plain, plain + town, f"{plain} Apt 4{town}"):
                match = extracts[region].geocode(text).match
                if match is None or away_m(match.point, line) > 250 or match.unmatched:
                    wrong.append((text, match))
    assert asked > 25
    assert len(wrong) <= 1, wrong


def test_towns_with_their_state(extracts: dict[str, Gazetteer], truths: dict[str, Truth]) -> None:
    for region, states in STATES.items():
        for town in sorted(truths[region].spelled["settlement"]):
            for state in states:
                for text in (f"{town}, {state}", f"{town} {state} USA"):
                    match = extracts[region].geocode(text).match
                    assert match is not None, text
                    assert truths[region].away_m(town, match.point) <= 500, text
                    assert match.unmatched == (), text


def _golden(path: Path) -> Iterator[tuple[str, str, str, list[Line]]]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield row["region"], row["variant"], row["q"], row["truth"]


@pytest.mark.parametrize("way", ["typing", "finished"])
def test_questions_that_were_asked_of_other_geocoders(
    extracts: dict[str, Gazetteer], shared: Callable[[str], Path], way: str
) -> None:
    asked: Counter[str] = Counter()
    wrong: dict[str, list[str]] = {"exact": [], "typo": [], "town first": []}
    for region, variant, text, truth in _golden(shared("golden/addresses.jsonl")):
        gazetteer = extracts[region]
        found = (
            gazetteer.search(text, limit=1) if way == "typing" else [gazetteer.geocode(text).match]
        )
        match = found[0] if found else None
        is_right = match and min(away_m(match.point, line) for line in truth) <= 250
        groups = ["typo" if "typo" in variant else "exact"]
        groups += ["town first"] if variant.startswith("town") else []
        for group in groups:
            asked[group] += 1
            if not is_right:
                wrong[group].append(text)
    assert len(wrong["exact"]) <= 0.02 * asked["exact"], wrong["exact"]
    assert len(wrong["typo"]) <= 0.03 * asked["typo"], wrong["typo"]
    assert len(wrong["town first"]) <= 0.05 * asked["town first"], wrong["town first"]


def _staff(region: str, truth: Truth, chance: random.Random) -> list[tuple[PostalAddress, str]]:
    country = {"andorra": "Andorra", "rutland": "United Kingdom"}.get(region, "USA")
    state = STATES.get(region, ("",))[0]
    towns = sorted(truth.spelled["settlement"])
    codes = sorted(
        {code for tags, _line in truth.houses if (code := tags.get("addr:postcode", ""))}
    )
    people = []
    for number in range(100):
        code = chance.choice(codes)
        if number % 3 == 0:
            people.append((PostalAddress(postcode=code), ""))
            continue
        town = chance.choice(towns)
        people.append((PostalAddress(town=town, state=state, country=country), town))
        people.append((PostalAddress(town=f"{town}, {state or country}"), town))
    return people


@pytest.mark.parametrize("here", REGIONS)
def test_a_national_roster_puts_nobody_of_another_region_here(
    extracts: dict[str, Gazetteer], truths: dict[str, Truth], here: str
) -> None:
    chance = random.Random(SEED)
    missed = []
    for region in REGIONS:
        for address, town in _staff(region, truths[region], chance):
            match = extracts[here].geocode(address).match
            if region != here:
                assert match is None, (region, address, match)
            elif match is None or (town and truths[here].away_m(town, match.point) > 3000):
                missed.append((address, match))
    assert len(missed) <= 2, missed
