"""What belongs to one visitor: the tokens under which the pages publish bands.

The store is one for the process, because routes and pages must share it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

from streamlit import context
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.ui.web.routes import areas_url
from geo.ui.web.security import BROWSER_COOKIE
from geo.ui.web.tokens import TokenStore


def _is_alive(session: str) -> bool:
    return Runtime.exists() and Runtime.instance().is_active_session(session)


TOKENS = TokenStore(is_alive=_is_alive)
"""What every session has published."""


def publish_areas(geojson: bytes) -> str | None:
    """Publish bands for the visitor of the page that runs, and return their address.

    Returns
    -------
    str or None
        To be given to a scene as ``areas_url``; None outside of a running page.
    """
    whose = _visitor()
    return areas_url(TOKENS.publish(_compress(geojson), **whose)) if whose else None


def promise_areas(make: Callable[[], bytes], of: object) -> str | None:
    """Have bands made while the page is already shown, and return the address where they will be.

    Parameters
    ----------
    make
        Makes the GeoJSON; called in another thread, so it may ask nothing of the page.
    of
        All that the bands depend on; as long as it is equal they are neither made nor fetched anew.

    Returns
    -------
    str or None
        As of `publish_areas`.
    """
    whose = _visitor()
    return areas_url(TOKENS.promise(lambda: _compress(make()), of=of, **whose)) if whose else None


def reserve_areas() -> str | None:
    """Return the address where the visitor's next bands will be; None outside of a running page."""
    whose = _visitor()
    return areas_url(TOKENS.reserve(**whose)) if whose else None


def _compress(geojson: bytes) -> bytes:
    """Return bands as they travel: packed quickly, and not by the thread that answers everybody."""
    return gzip.compress(geojson, 1, mtime=0)


def _visitor() -> dict[str, str] | None:
    """Return whose page runs; None outside of one."""
    running = get_script_run_ctx(suppress_warning=True)
    if running is None:
        return None
    return {"session": running.session_id, "browser": context.cookies.get(BROWSER_COOKIE, "")}
