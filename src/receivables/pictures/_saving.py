"""Pictures as files: SVG and PNG by vl-convert, which asks no network; JSON is the chart itself."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from receivables.errors import MissingExtraError, PolicyError

if TYPE_CHECKING:
    import altair as alt

__all__ = ["save", "to_png", "to_svg"]

_ENDINGS: Final = ("svg", "png", "json")


def to_svg(picture: alt.LayerChart) -> str:
    """A picture as SVG; raises `MissingExtraError` without the extra ``plot``."""
    found = io.StringIO()
    _write(picture, found, "svg")
    return found.getvalue()


def to_png(picture: alt.LayerChart, *, scale: int = 2) -> bytes:
    """A picture as PNG, with so many points for each of its own; raises what `to_svg` raises."""
    found = io.BytesIO()
    _write(picture, found, "png", scale=scale)
    return found.getvalue()


def save(picture: alt.LayerChart, path: str, *, scale: int = 2) -> None:
    """Write a picture to a file that ends in ``.svg``, ``.png`` or ``.json``.

    Raises `PolicyError` for another ending, and what `to_svg` raises.
    """
    ending = str(path).rpartition(".")[2].lower()
    if ending not in _ENDINGS:
        msg = f"path must end in {', '.join(_ENDINGS)}, got {str(path)!r}"
        raise PolicyError(msg)
    _write(picture, str(path), ending, scale=scale)


def _write(picture: Any, target: Any, kind: str, *, scale: int = 1) -> None:  # noqa: ANN401  # of Altair; a path or a stream
    try:
        picture.save(target, format=kind, scale_factor=scale)
    except ImportError:
        raise MissingExtraError.for_extra("plot", needed_for="a picture as a file") from None
