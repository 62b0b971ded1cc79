"""Letters as PDF, typeset by Typst: PDF/A-3a and PDF/UA-1, tagged, the same letter the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from receivables.adapters import AdapterSpec, LetterRenderer
from receivables.hookspecs import hookimpl
from receivables.letters.envelopes import Area, address_area

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TypstSettings", "receivables_letter_renderers"]


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


@attrs.frozen(kw_only=True)
class TypstSettings:
    """The sheet, the envelope's window, and fonts of one's own for scripts the default lacks."""

    paper: str = "a4"
    """``a4`` or ``us-letter``."""
    window: str = ""
    """The envelope (`receivables.letters.envelopes`), or the side of the window of one of size DL."""
    duplex: bool = True
    """Whether each letter of a file with many begins on a sheet of its own when printed on both sides."""
    fonts: tuple[str, ...] = attrs.field(default=(), converter=_names)
    """Families to use before the one that is built in, in this order."""
    font_paths: tuple[str | Path, ...] = attrs.field(default=(), converter=_names)
    """Folders of font files; the fonts of the system are never used, so that bytes stay the same."""

    def __attrs_post_init__(self) -> None:
        _ = self.area  # what does not fit is refused at once

    @property
    def area(self) -> Area:
        """Where the address goes; raises `PolicyError` where the sheet does not fit the envelope."""
        return address_area(paper=self.paper, window=self.window)


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
            capabilities={"deterministic", "pdf-a", "tagged", "together"},
            verified="own fake only",
            extra="letters",
        )
    ]
