"""What stays for as long as the app runs, left out of every search for garbage.

Python looks through all of memory for garbage now and then, and keeps every visitor waiting; what
is imported and opened once, hundreds of thousands of objects, would make that more than a tenth of
a second each time. Streamlit would have it looked through at the end of each run besides: that is
off (``postScriptGC`` in ``.streamlit/config.toml``).
"""

import gc


def keep_for_good() -> None:
    """Take whatever is in memory now, but for garbage, for something that stays.

    What is let go of later is freed all the same, unless it holds itself.
    """
    gc.collect()
    gc.freeze()
