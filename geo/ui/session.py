"""What belongs to one visitor: the tokens under which the pages publish bands.

The store is one for the process, because routes and pages must share it.
"""

from __future__ import annotations

from streamlit import context
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.ui.cookies import BROWSER
from geo.ui.routes import areas_url
from geo.ui.tokens import TokenStore


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
    running = get_script_run_ctx(suppress_warning=True)
    if running is None:
        return None
    browser = context.cookies.get(BROWSER, "")
    token = TOKENS.publish(geojson, session=running.session_id, browser=browser)
    return areas_url(token)
