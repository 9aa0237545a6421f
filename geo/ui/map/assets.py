"""The files that the browser needs: modules of our components, MapLibre GL, sheets and styles.

MapLibre GL comes from the installed package ``maplibre``, which is found but never imported. All
files are read once; their address holds a digest of them all, so a browser may keep them for ever
and a new version is fetched at once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from geo.errors import SetupError
from geo.ui.map.style import map_style

PREFIX = "crossroads"
"""Every address of ours begins with it, below the app's own; Streamlit's never do."""

_UI = Path(__file__).parents[1]
_OWN_FOLDERS = (_UI / "map" / "browser", _UI / "place_search" / "browser")
_LIBRARY = ("maplibre-gl.js", "maplibre-gl.css")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}

_SCRIPT = """
let main;
export default function (component) {{
  main ??= import(new URL({url!r}, document.baseURI).href);
  const shown = main.then((module) => module.default(component));
  return async () => (await shown)();
}}
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes and its media type."""

    content: bytes
    media_type: str


@cache
def read_assets() -> dict[str, Asset]:
    """Return every file by its name.

    Raises
    ------
    SetupError
        The package ``maplibre`` is not installed, or is without its library.
    """
    contents = {
        path.name: path.read_bytes() for own in _OWN_FOLDERS for path in sorted(own.iterdir())
    }
    contents |= {name: (_library_folder() / name).read_bytes() for name in _LIBRARY}
    contents["light.json"] = _style(dark=False)
    contents["dark.json"] = _style(dark=True)
    return {
        name: Asset(content, _TYPES[Path(name).suffix])
        for name, content in contents.items()
        if Path(name).suffix in _TYPES
    }


@cache
def assets_digest() -> str:
    """Return a short text that changes whenever any file does."""
    digest = hashlib.sha256()
    for name, asset in sorted(read_assets().items()):
        digest.update(name.encode())
        digest.update(asset.content)
    return digest.hexdigest()[:16]


def asset_url(name: str) -> str:
    """Return the address of a file, to be completed in the browser with its base address.

    Raises
    ------
    KeyError
        There is no such file.
    """
    read_assets()[name]
    return f"{PREFIX}/assets/{assets_digest()}/{name}"


def component_script(name: str) -> str:
    """Return the script of a Streamlit component: one line that imports a module of ours.

    Streamlit hands over a script as text, and again whenever the page runs; and modules that import
    each other need addresses.

    Raises
    ------
    KeyError
        There is no such module.
    """
    return _SCRIPT.format(url=asset_url(name))


def preload_link() -> str:
    """Return the ``Link`` header by which a browser fetches the map's scripts with the page."""
    modules = [name for name in read_assets() if name.endswith(".js") and name not in _LIBRARY]
    links = [f"<{asset_url(name)}>; rel=modulepreload" for name in modules]
    return ", ".join([*links, f"<{asset_url(_LIBRARY[0])}>; rel=preload; as=script"])


def _style(*, dark: bool) -> bytes:
    return json.dumps(map_style(dark=dark), separators=(",", ":")).encode()


def _library_folder() -> Path:
    spec = find_spec("maplibre")
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / "srcjs"
        if all((folder / name).is_file() for name in _LIBRARY):
            return folder
    raise SetupError("MapLibre GL is missing; install it with 'pip install maplibre'.")
