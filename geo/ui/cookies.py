"""What cookies are called on the way to the browser and back.

Over https a cookie that nobody but this server may read, and no script, goes out with ``Secure``
and under a name that begins with ``__Host-``: a browser lets no other host of the domain, and no
page over plain http, set one of that name (RFC 6265bis, section 4.1.3; OWASP ASVS 5.0, 3.3). Coming
back, only such names are believed, and they lose the beginning, so that whoever reads cookies
inside need not know. Streamlit gives its own neither, so this is done here for all of them.

One cookie keeps its name: Streamlit's script reads it, to repeat it in a header (the token against
forged requests). It is ``Secure`` all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

BROWSER = "crossroads_browser"
"""Tells one browser from another; random, for as long as the browser runs."""

INVITATION = "crossroads_invitation"
"""Carries an invitation through the sign-in."""

WANTED = "crossroads_wanted"
"""The address that somebody came for before they signed in."""

USER = "_streamlit_user"
"""Streamlit's: who is signed in, sealed."""

_OURS = "|".join((BROWSER, INVITATION, WANTED))
_PRIVATE = re.compile(rf"(?:{USER}(?:_tokens)?(?:_\d+)?|_streamlit_session|{_OURS})")
_HOST, _SECURE = "__Host-", "__Secure-"


def outgoing(cookie: str) -> str:
    """Return a ``Set-Cookie`` header as it leaves over https.

    Examples
    --------
    >>> outgoing("_streamlit_user=abc; HttpOnly; Path=/; SameSite=lax")
    '__Host-_streamlit_user=abc; HttpOnly; Path=/; SameSite=lax; Secure'
    """
    name, _, rest = cookie.partition("=")
    attributes = [part.strip().casefold() for part in cookie.split(";")[1:]]
    if "secure" not in attributes:
        rest += "; Secure"
    if not _PRIVATE.fullmatch(name):
        return f"{name}={rest}"
    prefix = _HOST if "path=/" in attributes else _SECURE
    return f"{prefix}{name}={rest}"


def incoming(header: str) -> str:
    """Return a ``Cookie`` header as it is read inside, if it came over https.

    A private name without its beginning was set by somebody else, and is dropped.

    Examples
    --------
    >>> incoming("_streamlit_user=forged; __Host-_streamlit_user=abc; theme=dark")
    '_streamlit_user=abc; theme=dark'
    """
    return "; ".join(_believed(header.split(";")))


def make(name: str, value: str, *, max_age_s: int | None = None) -> str:
    """Return a ``Set-Cookie`` header for a cookie of ours, for the browser's run unless told."""
    age = "" if max_age_s is None else f"; Max-Age={max_age_s}"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}"


def read(header: str) -> dict[str, str]:
    """Return the cookies of a ``Cookie`` header by name; what breaks the rules is left out.

    Examples
    --------
    >>> read("a=1; b=x=y; nonsense")
    {'a': '1', 'b': 'x=y'}
    """
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value.strip('"') for name, sign, value in pairs if sign and name}


def _believed(cookies: Iterable[str]) -> Iterable[str]:
    for cookie in cookies:
        name, _, value = cookie.strip().partition("=")
        bare = name.removeprefix(_HOST).removeprefix(_SECURE)
        if not _PRIVATE.fullmatch(bare):
            yield cookie.strip()
        elif bare != name:
            yield f"{bare}={value}"
