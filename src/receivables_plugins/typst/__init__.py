"""Letters as PDF, typeset by Typst: PDF/A-3a and PDF/UA-1, tagged, the same letter the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from receivables.adapters import AdapterSpec, LetterRenderer
from receivables.errors import PolicyError
from receivables.hookspecs import hookimpl

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TypstSettings", "receivables_letter_renderers"]

_PAPERS = ("a4", "us-letter")
_WINDOWS = ("left", "right")


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def _check_choice(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    choices = _PAPERS if attribute.name == "paper" else _WINDOWS
    if value not in choices:
        msg = f"{attribute.name} must be one of {', '.join(choices)}, got {value!r}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class TypstSettings:
    """The sheet, the envelope's window, and fonts of one's own for scripts the default lacks."""

    paper: str = attrs.field(default="a4", validator=_check_choice)
    window: str = attrs.field(default="right", validator=_check_choice)
    """The side on which the window of the envelope is: right in France and Spain, left elsewhere."""
    fonts: tuple[str, ...] = attrs.field(default=(), converter=_names)
    """Families to use before the one that is built in, in this order."""
    font_paths: tuple[str | Path, ...] = attrs.field(default=(), converter=_names)
    """Folders of font files; the fonts of the system are never used, so that bytes stay the same."""


def _build(settings: TypstSettings) -> LetterRenderer:
    from receivables_plugins.typst.renderer import TypstRenderer  # noqa: PLC0415  # loads Typst

    return TypstRenderer(settings)


@hookimpl
def receivables_letter_renderers() -> list[AdapterSpec[LetterRenderer]]:
    """Register the renderer ``typst``."""
    return [
        AdapterSpec(
            name="typst",
            summary="letters as PDF/A-3a, tagged for accessibility, typeset by Typst",
            factory=_build,
            settings=TypstSettings,
            capabilities={"deterministic", "pdf-a", "tagged"},
            verified="own fake only",
            extra="letters",
        )
    ]
