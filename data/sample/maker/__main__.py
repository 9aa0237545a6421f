"""Write the sample region: ``python -m data.sample.maker [FOLDER] [--junctions N] [--seed N]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from data.sample.maker import SEED, write_sample, write_sample_roster
from geo.files import table_path


def main() -> None:
    """Write the extract, for the one county also ``roster.csv``, and say what is in it."""
    parser = argparse.ArgumentParser(prog="python -m data.sample.maker", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=table_path("sample"))
    parser.add_argument("--junctions", type=int, help="as many counties as this takes")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    counts = write_sample(
        options.folder / "sample.osm.pbf", junctions=options.junctions, seed=options.seed
    )
    if options.junctions is None:
        write_sample_roster(options.folder / "roster.csv", seed=options.seed)
    print(counts, file=sys.stderr)


if __name__ == "__main__":
    main()
