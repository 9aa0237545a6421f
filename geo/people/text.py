"""What strangers may write where others read it: names and addresses, made harmless."""

from __future__ import annotations

import re
import unicodedata

from geo.errors import InputError
from geo.tabular import clean_line

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

    Raises
    ------
    InputError
        It is none.

    Examples
    --------
    >>> clean_email(" Wren@Example.ORG ")
    'wren@example.org'
    """
    email = unicodedata.normalize("NFC", text.strip()).casefold()
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email) or not email.isprintable():
        raise InputError("that is no e-mail address; write it like name@example.org.")
    return email
