"""The app's frame: routes, guard, sign-in and navigation. Start it by ``streamlit run app.py``."""

import streamlit as st

from geo.ui import MAIN, preload
from geo.ui.startup import check_address, disable_ip_lookup, read_config
from geo.ui.web.routes import app_routes
from geo.ui.web.tokens import TOKENS
from geo.ui.web.websocket import (
    drop_invalid_widget_values,
    limit_messages,
    log_errors_without_traceback,
    show_error,
)

__all__ = ["app", "preload"]

disable_ip_lookup()
limit_messages()
drop_invalid_widget_values()
log_errors_without_traceback()
start = read_config()
app = st.App(
    MAIN,
    secrets=start.secrets,
    routes=app_routes(start.settings.regions_dir, TOKENS),
    middleware=start.middleware,
    on_script_error=show_error,
)
check_address(start)
preload.freeze_garbage_collector()
preload.warm_up_in_background()
