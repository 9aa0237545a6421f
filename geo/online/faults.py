"""What `requests` and `urllib3` raise, translated into what somebody can do about it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3

from geo.errors import InputError, Interrupted, Offline, OnlineError, Refused, Untrusted

_NO_WAY = (
    urllib3.exceptions.NameResolutionError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
)
_TLS = (urllib3.exceptions.SSLError, ssl.SSLError)
_BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Translate what goes wrong on the way to a host while the block runs.

    Raises
    ------
    InputError
        The address cannot be one.
    OnlineError
        The host cannot be reached, is not to be trusted, or broke off.
    """
    try:
        yield
    except _BAD_ADDRESS as error:
        raise InputError(f"the address of {host} cannot be one; check it.") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _translate(host, error) from error


def _translate(host: str, error: BaseException) -> OnlineError:
    chain = list(_causes(error))
    if any(isinstance(one, _TLS) for one in chain):
        return Untrusted(
            f"{host} cannot be trusted: its certificate does not hold, or it speaks no TLS; check"
            " this computer's clock and the address, or ask whoever runs your network."
        )
    if any(isinstance(one, urllib3.exceptions.NameResolutionError) for one in chain):
        return Offline(f"cannot find {host}; is this computer connected to the internet?")
    if any(isinstance(one, ConnectionRefusedError) for one in chain) and not any(
        isinstance(one, urllib3.exceptions.ProxyError) for one in chain
    ):
        return Refused(
            f"cannot reach {host}, which refuses connections; check its address, and whether this"
            " computer is connected to the internet."
        )
    if any(isinstance(one, (*_NO_WAY, requests.ConnectTimeout)) for one in chain):
        return Offline(f"cannot reach {host}; is this computer connected to the internet?")
    if any(isinstance(one, TimeoutError | requests.Timeout) for one in chain) or any(
        isinstance(one, urllib3.exceptions.ReadTimeoutError) for one in chain
    ):
        return Interrupted(f"{host} does not answer in time; try again later.")
    return Interrupted(f"the connection to {host} broke off; try again.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what is behind it: its arguments, reasons and causes."""
    seen: set[int] = set()
    left = [error]
    while left:
        one = left.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
