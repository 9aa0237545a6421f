"""What stays for as long as the app runs, left out of every search for garbage.

Streamlit has Python look through all of memory for garbage at the end of each run, just when the
browser asks for the bands around a new start; what is imported and opened once, hundreds of
thousands of objects, would keep it waiting for more than a tenth of a second each time.
"""

import gc


def keep_for_good() -> None:
    """Take whatever is in memory now, but for garbage, for something that stays.

    What is let go of later is freed all the same, unless it holds itself.
    """
    gc.collect()
    gc.freeze()
