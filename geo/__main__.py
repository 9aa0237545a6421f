"""``python -m geo`` is the same as ``crossroads``."""

import sys


def run() -> int:
    """Run one command; a person who stops it while it is still loading sees no traceback."""
    try:
        from geo.cli import main

        return main()
    except KeyboardInterrupt:
        sys.stderr.write("crossroads: stopped.\n")
        return 130


if __name__ == "__main__":
    sys.exit(run())
