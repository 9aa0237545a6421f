"""The app's frame: routes, guard and navigation. Start it by ``streamlit run app.py``."""

import streamlit as st
from starlette.middleware import Middleware

from geo.settings import read_settings
from geo.ui import MAIN, preload
from geo.ui.guard import LOCAL_HOSTS, Guard
from geo.ui.map.assets import preload_link
from geo.ui.routes import app_routes
from geo.ui.session import TOKENS

__all__ = ["app", "preload"]

settings = read_settings()
app = st.App(
    MAIN,
    routes=app_routes(settings.regions_dir, TOKENS),
    middleware=[
        Middleware(
            Guard,
            hosts=(*LOCAL_HOSTS, *settings.hosts),
            sources=[settings.basemap_origin] if settings.basemap else [],
            link=preload_link(),
        )
    ],
)
