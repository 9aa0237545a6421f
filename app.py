"""The app's frame: routes, guard, sign-in and navigation. Start it by ``streamlit run app.py``."""

import streamlit as st

from geo.ui import MAIN, preload
from geo.ui.routes import app_routes
from geo.ui.script_errors import log_errors_as_lines, show_error
from geo.ui.session import TOKENS
from geo.ui.start import check_address, keep_to_ourselves, read_start
from geo.ui.websocket import limit_messages
from geo.ui.widget_values import leave_out_wrong_values

__all__ = ["app", "preload"]

keep_to_ourselves()
limit_messages()
leave_out_wrong_values()
log_errors_as_lines()
start = read_start()
app = st.App(
    MAIN,
    secrets=start.secrets,
    routes=app_routes(start.settings.regions_dir, TOKENS),
    middleware=start.middleware,
    on_script_error=show_error,
)
check_address(start)
preload.keep_for_good()
