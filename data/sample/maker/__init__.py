"""The sample region: a fictional rural county, made from a seed, as a true OpenStreetMap extract.

It is what everybody sees first, and what tests and benchmarks can rely on, so it is drawn as a real
county grows: hills and a ridge, a long lake in its basin, brooks that run downhill, roads that look
for the easiest way through, settlements where roads meet. Nothing in it is copied from a map.

Where it lies: in the open water of Lake Superior, off Michigan's north shore, where there is no
land to be mistaken for it and nobody's home, and yet a real time zone (America/Detroit) and real
public holidays (United States) for its opening hours. It is called fictional wherever it shows: in
the county's name, the file's header and its README. Its postal codes start with 003, which the
United States Postal Service has given to nobody; its telephone numbers are 555-0100 to 555-0199,
which are kept for fiction; its web sites end in ``.example`` (RFC 2606).

The county tells a story. Two hamlets face each other across the lake, near by air and far by road,
for the one bridge, a toll bridge, is at its other end; a ferry crosses half-way. A ridge parts the
county, with two passes: the trunk road's, and a high gravel road that is shut in winter, beyond
which one hamlet lies. A larger sample is a sheet of such counties, three different ones over and
over.

Modules, from the ground up: ``grid``, ``terrain``; ``names``, ``settlements``, ``routes``,
``roads``, ``streets``, ``lines``, ``network``; ``landcover``; ``buildings``, ``places``,
``sights``; ``draft`` and ``county``.
"""

from __future__ import annotations

from data.sample.maker.county import SEED, SampleCounts, write_sample, write_sample_roster

__all__ = ["SEED", "SampleCounts", "write_sample", "write_sample_roster"]
