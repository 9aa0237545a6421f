"""A question to a service, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from geo.errors import Interrupted
from geo.online.hosts import host_of, portal

_PAGES = (b"<!doc", b"<html")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an answer is taken, and how long is waited for it.

    Attributes
    ----------
    most_bytes
        A longer body is refused.
    total_s
        From the question to the last byte.
    idle_s
        The longest silence.
    """

    most_bytes: int = 64 << 20
    total_s: float = 120.0
    idle_s: float = 60.0


USUAL = Limits()
"""What will do for most answers."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a GET, or a POST where there is a form.

    Attributes
    ----------
    url
        Whom and for what.
    form
        The fields of a POST; None for a GET.
    headers
        More headers than those that every question carries.
    method
        Another method than those, as HEAD.
    """

    url: str
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    method: str = ""

    @property
    def verb(self) -> str:
        """The method."""
        return self.method or ("GET" if self.form is None else "POST")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered, whole.

    Attributes
    ----------
    url
        Where it came from in the end.
    status
        The HTTP status.
    content_type
        As ``"application/json"``, in small letters and without parameters.
    body
        Decoded bytes.
    at
        When it was given.
    is_cached
        Whether it was given earlier, to the same question.
    """

    url: str
    status: int
    content_type: str
    body: bytes = field(repr=False)
    at: datetime
    is_cached: bool = False
    retry_after_s: float | None = None

    @property
    def is_html(self) -> bool:
        """Whether this is a page for people, whatever was asked for."""
        return "html" in self.content_type or self.body[:256].lstrip()[:5].lower() in _PAGES

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body's JSON.

        Raises
        ------
        BadAnswer
            It is a page for people, such as the login page of a hotel's network.
        Interrupted
            It is cut off or no JSON.
        """
        host = host_of(self.url)
        if self.is_html:
            raise portal(host)
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Interrupted(f"the answer of {host} is cut off or damaged; try again.") from error
