"""A whole page of HTML around a body: no script, nothing from elsewhere, and a policy that says so.

A content security policy (CSP 3) knows the page's own style by its hash and refuses all else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from geo.export import words
from geo.export.listing import Source
from geo.export.text import plain


def document(title: str, style: str, body: Iterable[str], source: Source) -> str:
    """Return a page.

    Parameters
    ----------
    title
        Its heading, not yet escaped.
    style
        Its style sheet.
    body
        Its content, already HTML, below the heading.
    source
        Whose data; stands in the footer.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    heading = safe(title)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{heading}</title><style>{style}</style></head>",
            f"<body><main><h1><bdi>{heading}</bdi></h1>",
            *body,
            "</main>",
            f"<footer>{safe(words.PRODUCT)} · {_source(source)}</footer>",
            "</body></html>\n",
        ]
    )


def safe(text: str, longest: int | None = None) -> str:
    """Return a stranger's text, escaped."""
    return escape(plain(text, longest=longest))


def _source(source: Source) -> str:
    stamp = f" · {source.age}" if source.age else ""
    return (
        '<a href="https://www.openstreetmap.org/copyright" rel="noopener noreferrer">'
        f"{safe(source.attribution)}</a> · {safe(source.licence)}{stamp}"
    )
