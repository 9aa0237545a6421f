"""The app's frame: routes, guard, sign-in and navigation. Start it by ``streamlit run app.py``."""

import streamlit as st

from geo.ui import MAIN, preload
from geo.ui.startup import check_address, keep_to_ourselves, read_start
from geo.ui.web.routes import app_routes
from geo.ui.web.session_bands import TOKENS
from geo.ui.web.websocket import leave_out_wrong_values, log_errors_as_lines, show_error

__all__ = ["app", "preload"]

keep_to_ourselves()
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
