"""Every exception that Crossroads raises on purpose, cut by what the caller can do about it.

::

    CrossroadsError
    ├── InputError (also ValueError)      something given must be changed; exit code 2
    │   ├── BadCoordinates                not a position on Earth
    │   ├── OutsideRegion                 a position too far from every road of the region
    │   │   └── AcrossWater               roads are near, but all of them beyond water
    │   ├── UnknownName                   nothing of that name; knows near names
    │   ├── BadTable                      rows of a CSV that cannot be used; knows all of them
    │   │   └── UnmappedColumns           none of its columns is one that is needed; knows theirs
    │   ├── UnreadableExtract             the file is no extract, or has no roads
    │   └── UnreadableRegion              a region's bundle is damaged or of another version
    │       └── OutdatedRegion            an earlier version built it; it must be built again
    ├── NotAllowed (also PermissionError)  the role or the other's consent does not allow it
    ├── LimitReached                      asked too often for today; exit code 1, like the next ones
    ├── ConflictError                     somebody else changed it meanwhile
    ├── SetupError (also RuntimeError)    this computer must be changed (a full disk); exit code 1
    │   └── MissingContact                public services are asked only by who says who they are
    └── OnlineError (also RuntimeError)   a service on the internet did not serve; exit code 1
        ├── Offline                       there is no way to it: no internet, no such host
        │   └── ConnectionRefused         its host is there and nobody listens, as in a restart
        ├── UntrustedCertificate          its certificate does not hold
        ├── TransferInterrupted           it broke off: a reset, a cut-off body, silence
        ├── ServiceBusy                   it asks to come back later
        └── BadResponse                   it answered with something else than what was asked for
            └── PlacesMissing             it lacks so many places that somebody must agree

A message is one sentence that says what was wrong, with the value, and what to do. It never holds
a person's name or home. "Nothing found" is not an error: it is ``[]``, ``None`` or ``inf``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_MOST_NAMES = 40
"""More names than these are counted in a message, not listed."""


class CrossroadsError(Exception):
    """The root of all errors that Crossroads raises on purpose."""


class InputError(CrossroadsError, ValueError):
    """Something that was given must be changed."""


class BadCoordinates(InputError):
    """The numbers are no position on Earth."""


class OutsideRegion(InputError):
    """The position is too far from every road of the region.

    The nearest is ``snap_m`` metres off; ``inf`` where that was not measured.
    """

    def __init__(self, message: str, *, snap_m: float = float("inf")) -> None:
        super().__init__(message)
        self.snap_m = snap_m


class AcrossWater(OutsideRegion):
    """Roads of the region are near the position, but water lies between it and each of them."""


class UnknownName(InputError):
    """There is no ``what``, as "region", of that name; ``valid`` are the names that there are."""

    def __init__(self, what: str, name: str, valid: Iterable[str]) -> None:
        self.name = name
        self.valid = sorted(valid)
        folded = {candidate.casefold(): candidate for candidate in self.valid}
        near = difflib.get_close_matches(shorten(name).casefold(), folded, n=3, cutoff=0.5)
        self.near = [folded[candidate] for candidate in near]
        super().__init__(f"there is no {what} {shorten(name)!r}; {self._advice()}")

    def _advice(self) -> str:
        if self.near:
            return f"did you mean {' or '.join(self.near)}?"
        if len(self.valid) > _MOST_NAMES:
            return f"check the spelling; there are {len(self.valid)}."
        if self.valid:
            return f"there are {', '.join(self.valid)}."
        return "there are none yet."


class BadTable(InputError):
    """Rows of a table cannot be used; ``problems`` has one sentence for each, with its line."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class UnmappedColumns(BadTable):
    """None of a table's columns, called ``headings``, is known to be one that is needed."""

    def __init__(self, problem: str, headings: Sequence[str]) -> None:
        super().__init__([problem])
        self.headings = tuple(headings)


class UnreadableExtract(InputError):
    """The file is no OpenStreetMap extract, is cut off, or holds no roads."""


class UnreadableRegion(InputError):
    """A region's bundle is damaged, or was built by another version."""


class OutdatedRegion(UnreadableRegion):
    """An earlier version built the region's bundle, so that it must be built again.

    ``can_update`` says whether all that it was built from can be downloaded again.
    """

    def __init__(self, message: str, *, can_update: bool) -> None:
        super().__init__(message)
        self.can_update = can_update


class NotAllowed(CrossroadsError, PermissionError):
    """Who asked may not do or see this."""


class LimitReached(CrossroadsError):
    """Somebody asked more often than is good for the privacy of others."""


class ConflictError(CrossroadsError):
    """Somebody else has changed the same thing since it was read."""


class SetupError(CrossroadsError, RuntimeError):
    """The computer must be changed before this can work: a full disk, missing rights."""


class MissingContact(SetupError):
    """Public services may be asked only by who names a contact."""


class OnlineError(CrossroadsError, RuntimeError):
    """A service on the internet did not give what was asked for.

    Its message names the service's host, never what was asked: that may be where somebody lives.
    """


class Offline(OnlineError):
    """There is no way to the service: no internet, or no such host."""


class ConnectionRefused(Offline):
    """The host is there and refuses connections, as while the service restarts."""


class UntrustedCertificate(OnlineError):
    """The service's certificate does not hold, so that nothing was sent."""


class TransferInterrupted(OnlineError):
    """The connection broke off, the body was cut off, or nothing came for too long."""


class ServiceBusy(OnlineError):
    """The service asks to come back later: in ``retry_after_s``; None where it did not say."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BadResponse(OnlineError):
    """The service, or something on the way to it, answered with something else."""


class PlacesMissing(BadResponse):
    """An answer lacks so many places of a region that somebody must agree to lose them."""

    def __init__(self, message: str, *, gone: int) -> None:
        super().__init__(message)
        self.gone = gone


def shorten(text: str, longest: int = 80) -> str:
    """Return a text as a message may repeat it: cut off where it is very long.

    Examples
    --------
    >>> shorten("x" * 5000, 8)
    'xxxxxxx…'
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
