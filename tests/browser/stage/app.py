"""The real routes and guard around a page that shows one map and echoes what it says."""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from geo.settings import read_settings
from geo.ui.web.routes import app_routes
from geo.ui.web.security import SecurityMiddleware
from geo.ui.web.tokens import TOKENS

REMOTE = read_settings().basemap_origin

app = st.App(
    Path(__file__).parent / "page.py",
    routes=app_routes(Path(os.environ["CROSSROADS_DATA_DIR"]) / "regions", TOKENS),
    middleware=[Middleware(SecurityMiddleware, sources=[REMOTE] if REMOTE else [])],
)
