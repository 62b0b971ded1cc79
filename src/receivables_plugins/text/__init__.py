"""Letters as plain text, for e-mail bodies, scripts of calls and comparison."""

from __future__ import annotations

import attrs

from receivables.adapters import AdapterSpec, LetterRenderer
from receivables.errors import PolicyError
from receivables.hookspecs import hookimpl

__all__ = ["TextSettings", "receivables_letter_renderers"]

_WIDTHS = range(40, 201)


def _check_width(_instance: object, _attribute: attrs.Attribute[int], value: int) -> None:
    if value not in _WIDTHS:
        msg = f"width must be {_WIDTHS[0]} to {_WIDTHS[-1]}, got {value}"
        raise PolicyError(msg)


@attrs.frozen
class TextSettings:
    """How wide the page is."""

    width: int = attrs.field(default=72, validator=_check_width)
    """Cells of a fixed-width font."""


def _build(settings: TextSettings) -> LetterRenderer:
    from receivables_plugins.text.renderer import TextRenderer  # noqa: PLC0415  # loads on use

    return TextRenderer(settings)


@hookimpl
def receivables_letter_renderers() -> list[AdapterSpec[LetterRenderer]]:
    """Register the renderer ``text``."""
    return [
        AdapterSpec(
            name="text",
            summary="letters as plain text in short lines, with aligned tables",
            factory=_build,
            settings=TextSettings,
            capabilities={"deterministic"},
            verified="own fake only",
        )
    ]
