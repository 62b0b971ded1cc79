"""The renderer: a letter becomes a page of fixed-width text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from receivables.adapters import Attachment
from receivables.errors import AdapterError
from receivables.letters import Letter
from receivables.letters.plain_text import letter_text

if TYPE_CHECKING:
    from receivables_plugins.text import TextSettings

__all__ = ["TextRenderer"]


class TextRenderer:
    """Renders letters as text in UTF-8, with line feeds and without blanks at the end of lines."""

    media_type = "text/plain"
    suffix = ".txt"

    def __init__(self, settings: TextSettings) -> None:
        self._settings = settings

    def render(self, letter: Letter, *, attachments: Sequence[Attachment] = ()) -> bytes:
        """Render one letter; raises `AdapterError` for attachments."""
        if attachments:
            msg = f"attachments must be left to another renderer, got {len(attachments)}"
            raise AdapterError(msg)
        return letter_text(letter, width=self._settings.width).encode()
