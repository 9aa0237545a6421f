"""Invented names: settlements, water, peaks, streets and firms, none of them taken from a map."""

from __future__ import annotations

import numpy as np

_TOWNS = ("Yarrowick", "Ombrelby Mills", "Tarrowgate", "Quarrenton", "Vellington Falls")
_HEADS = (
    "Quill", "Pell", "Sorrel", "Tamsel", "Umbrel", "Brackle", "Kestrin", "Merrin", "Orrick", "Ivel",
    "Garrow", "Haskel", "Linnet", "Rusket", "Thrumble", "Velm", "Cobbin", "Droven", "Emmet",
    "Furzel", "Juniver", "Mossel", "Pomfrin", "Sedgel", "Teasel", "Wexel", "Yaffle", "Brindle",
    "Dappel", "Gimbal", "Ulver", "Zennet", "Corvin", "Fessel", "Nimble", "Ottrel", "Plover",
    "Vesper", "Ambel", "Jessam",
)  # fmt: skip
_TAILS = (
    "bury",
    "wick",
    "stead",
    "holt",
    "mere",
    "combe",
    "dale",
    "ford",
    "field",
    "fold",
    "thorpe",
)
_HAMLET_ENDS = (
    "Corners",
    "Hollow",
    "Flats",
    "Mills",
    "Junction",
    "Bottom",
    "Four Corners",
    "Notch",
)
_STREETS = (
    "Maple", "Alder", "Mill", "Orchard", "Tannery", "Quarry", "Depot", "Larch", "Chandler",
    "Cooper", "Ropewalk", "Foundry", "Weaver", "Juniper", "Hemlock", "Sawyer", "Granary", "Pearl",
    "Cider", "Hawthorn", "Lantern", "Summer", "Spruce", "Thistle", "Union", "Kiln", "Brewer",
    "Canal", "Meadow", "Heron", "Plover", "Fiddler", "Tinker", "Linden", "Mason", "Copper",
    "Schoolhouse", "Bellows", "Wheelwright", "Otter", "Mulberry", "Gable", "Saddler", "Harbor",
    "Beacon", "Clover", "Dovecote", "Elder", "Fern", "Glover", "Hop", "Ivy", "Kite", "Loom",
)  # fmt: skip
_SUFFIXES = ("Street", "Street", "Street", "Avenue", "Lane", "Road", "Court", "Terrace")
_RURAL = (
    "Hill", "Hollow", "Brook", "Ridge", "Farm", "Swamp", "Meeting House", "Sugarbush", "Pasture",
    "Ledge", "Cemetery", "Cross", "Sawmill", "Bridge", "Town Line", "Beaver Meadow", "Stone Wall",
    "Old Stage", "Creamery", "Pound", "Heath", "Cold Spring", "Bear Run", "Turnpike", "Upper",
)  # fmt: skip
_PEAK_ENDS = ("Mountain", "Peak", "Knob", "Hill", "Dome", "Ledge")


class Names:
    """Gives out names, each settlement's only once within one county."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.town_name = str(rng.choice(_TOWNS))
        pairs = [head + tail for head in _HEADS for tail in _TAILS if head[-1] != tail[0]]
        self._stems = [str(name) for name in rng.permutation(np.array(pairs))]
        self._heads = [str(name) for name in rng.permutation(np.array(_HEADS))]
        self._firsts: set[str] = set()
        self.county_name = f"{self._fresh()} County (fictional)"
        self.lake_name = f"Lake {self._fresh()}"

    def _fresh(self) -> str:
        """Return the next stem; while they last, one that begins like none before."""
        unlike = (stem for stem in self._stems if stem[:4] not in self._firsts)
        stem = next(unlike, self._stems[0])
        self._stems.remove(stem)
        self._firsts.add(stem[:4])
        return stem

    def settlement(self, kind: str) -> str:
        """Return a name for a town, village or hamlet."""
        if kind == "town":
            return self.town_name
        stem = self._fresh()
        if kind == "hamlet" and self._rng.random() < 0.45:
            return f"{self._heads.pop()} {self._pick(_HAMLET_ENDS)}"
        return stem

    def street(self) -> str:
        """Return a street's name."""
        return f"{self._pick(_STREETS)} {self._pick(_SUFFIXES)}"

    def streets(self, count: int) -> list[str]:
        """Return names for the streets of one settlement, all different while they last."""
        chosen = [str(name) for name in self._rng.permutation(np.array(_STREETS))]
        names = [f"{name} {self._pick(_SUFFIXES)}" for name in chosen]
        return [names[index % len(names)] for index in range(count)]

    def rural_road(self) -> str:
        """Return a country road's name."""
        last = self._pick(_RURAL)
        if " " in last:
            return f"{last} Road"
        return f"{self._pick(_HEADS if self._rng.random() < 0.6 else _STREETS)} {last} Road"

    def river(self) -> str:
        """Return a river's name."""
        return f"{self._pick(_HEADS)} River"

    def brook(self) -> str:
        """Return a stream's name."""
        return f"{self._pick(_HEADS)} {'Brook' if self._rng.random() < 0.8 else 'Creek'}"

    def peak(self) -> str:
        """Return a mountain's name."""
        return f"{self._pick(_HEADS)} {self._pick(_PEAK_ENDS)}"

    def first(self) -> str:
        """Return one word for a firm, a park, a school."""
        return self._pick(_HEADS)

    def _pick(self, words: tuple[str, ...]) -> str:
        return words[int(self._rng.integers(len(words)))]
