"""Names, e-mail addresses and other texts of strangers, cleaned of what can do harm.

Names come from OpenStreetMap and from people. Each format escapes what is markup to it; this module
takes out what no format can carry: control characters, which XML 1.0 forbids (section 2.2) and
terminals obey, and the marks that turn the direction of all text behind them (Unicode Standard
Annex 9, 2.1 and 2.2), by which a name could rewrite the line it stands in.
"""

from __future__ import annotations

import re
import unicodedata

from geo.errors import InputError

_CONTROL_CHARACTERS = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069]|[\U0001fffe\U0001ffff]"
)
_BLANKS = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")


def strip_controls(text: str, *, longest: int | None = None) -> str:
    r"""Return a text as one line that every format can carry.

    Of a text longer than ``longest`` characters the end is cut off and shown by an ellipsis.

    Examples
    --------
    >>> strip_controls("Bean\x00\n & Gone\u202e"), strip_controls("Llanfairpwllgwyngyll", longest=6)
    ('Bean & Gone', 'Llanf…')
    """
    line = _BLANKS.sub(" ", _CONTROL_CHARACTERS.sub("", text)).strip()
    if longest is not None and len(line) > longest:
        return line[: longest - 1].rstrip() + "…"
    return line


def clean_line(text: str, longest: int) -> str:
    r"""Return a text as one line without signs that drive terminals or turn the writing round.

    Examples
    --------
    >>> clean_line(" Zoë\u202e\x1b[31m  Smith ", 120)
    'Zoë[31m Smith'
    """
    kept = (sign for sign in text if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return " ".join("".join(kept).split())[:longest].rstrip()


LONGEST_NAME = 120
LONGEST_TEAM = 80
_LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3
_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"']+@[^\s@<>()\[\]\\,;:\"']+\.[^\s@<>()\[\]\\,;:\"'.]+")


def clean_name(text: str) -> str:
    """Return how somebody is called.

    Raises
    ------
    InputError
        Nothing remains of it.
    """
    name = clean_line(text, LONGEST_NAME)
    if not name:
        raise InputError("the name is empty; write how you are called.")
    return name


def clean_email(text: str) -> str:
    """Return an e-mail address in small letters.

    Some letters become others as soon as software compares without regard to case or form: the
    Kelvin sign and a full-width k become k, a dotless i and a long s become i and s. Whoever owns
    an address with one of them must not be taken for the owner of the other, so there are no such
    addresses here; see Unicode Technical Report 36, section 3, and UTS 39.

    Raises
    ------
    InputError
        It is none, or has letters that are taken for others.

    Examples
    --------
    >>> clean_email(" Wren@Example.ORG ")
    'wren@example.org'
    """
    address = unicodedata.normalize("NFC", text.strip())
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address) or not address.isprintable():
        raise InputError("that is no e-mail address; write it like name@example.org.")
    # The Kelvin sign is no more after NFC itself, so that is checked letter by letter.
    changed_by_nfc = any(unicodedata.normalize("NFC", letter) != letter for letter in text.strip())
    if changed_by_nfc or _fold(address) != address.lower():
        raise InputError(
            "that e-mail address has letters that look like others (such as a full-width k);"
            " write it with plain letters."
        )
    return address.lower()


def clean_email_or_none(text: str | None) -> str | None:
    """Return an address that somebody signs in with as the roster has it; None for no such one."""
    try:
        return clean_email(text or "")
    except InputError:
        return None


def _fold(text: str) -> str:
    """Return a text as the most forgiving comparison sees it: no case, no compatibility forms."""
    plain = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFKC", plain.upper().casefold())
