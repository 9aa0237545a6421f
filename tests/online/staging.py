"""What the tests of services share: a clock that is moved by hand, and raw HTTP answers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from geo.cancellation import Clock

Script = bytes | Callable[[socket.socket], None]
"""What a rude server does with a connection: bytes to send, or a function."""

Rude = Callable[..., str]
"""Starts a rude server with the scripts of its connections, and returns its address."""


@dataclass
class Hands:
    """The hands of a clock: moved by whoever waits, and by ``ticks_s`` at every look."""

    at_s: float = 1_790_000_000.0
    ticks_s: float = 0.0
    slept_s: list[float] = field(default_factory=list)

    def look(self) -> float:
        self.at_s += self.ticks_s
        return self.at_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.at_s += seconds

    @property
    def clock(self) -> Clock:
        return Clock(epoch_s=self.look, monotonic_s=self.look, sleep=self.sleep)


def answer_bytes(body: bytes, *headers: str, size: int | None = None) -> bytes:
    """Return an HTTP answer, which may say another size than is true."""
    length = f"Content-Length: {len(body) if size is None else size}"
    lines = ["HTTP/1.1 200 OK", length, "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
