"""Letters as Word files, for those who must edit them: styles throughout, the same letter the same bytes."""

from __future__ import annotations

import attrs

from receivables.adapters import AdapterSpec, LetterRenderer
from receivables.hookspecs import hookimpl
from receivables.letters.envelopes import Area, address_area

__all__ = ["DocxSettings", "receivables_letter_renderers"]


@attrs.frozen(kw_only=True)
class DocxSettings:
    """The sheet, the envelope's window, and the font."""

    paper: str = "a4"
    """``a4`` or ``us-letter``."""
    window: str = ""
    """The envelope (`receivables.letters.envelopes`), or the side of the window of one of size DL."""
    font: str = "Times New Roman"
    """A family that the machines of its readers have; it does not come along."""

    def __attrs_post_init__(self) -> None:
        _ = self.area  # what does not fit is refused at once

    @property
    def area(self) -> Area:
        """Where the address goes; raises `PolicyError` where the sheet does not fit the envelope."""
        return address_area(paper=self.paper, window=self.window)


def _build(settings: DocxSettings) -> LetterRenderer:
    from receivables_plugins.docx.renderer import DocxRenderer  # noqa: PLC0415  # loads python-docx

    return DocxRenderer(settings)


@hookimpl
def receivables_letter_renderers() -> list[AdapterSpec[LetterRenderer]]:
    """Register the renderer ``docx``."""
    return [
        AdapterSpec(
            name="docx",
            summary="letters as Word files, to be edited before they are sent",
            factory=_build,
            settings=DocxSettings,
            capabilities={"deterministic"},
            verified="independent emulator",
            extra="letters",
        )
    ]
