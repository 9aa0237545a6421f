"""Links as QR codes (ISO/IEC 18004), as SVG for paper and PNG for messages."""

from __future__ import annotations

import io
from typing import Any

from geo.errors import InputError

_BORDER = 4
"""Modules of quiet zone that the standard asks for."""


def qr_svg(link: str) -> str:
    """Return a link as an SVG picture to stand inside a page.

    Raises
    ------
    InputError
        The link is too long for any QR code.
    """
    return str(_code(link).svg_inline(border=_BORDER, omitsize=True))


def qr_png(link: str, *, scale: int = 8) -> bytes:
    """Return a link as a PNG picture.

    Parameters
    ----------
    scale
        Pixels of one module.

    Raises
    ------
    InputError
        The link is too long for any QR code.
    """
    out = io.BytesIO()
    _code(link).save(out, kind="png", scale=scale, border=_BORDER)
    return out.getvalue()


def _code(link: str) -> Any:
    import segno

    try:
        return segno.make_qr(link, error="m", boost_error=False)
    except segno.DataOverflowError as error:
        raise InputError(
            f"a link of {len(link)} characters does not fit into a QR code; share it as text,"
            " or with fewer starting points."
        ) from error
