"""Letters as files: every renderer of the settings makes its form of a letter.

It knows adapters and letters, and opens no file; whoever calls it writes the bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from receivables.adapters import AdapterSpec, Attachment, LetterRenderer
from receivables.letters.model import Letter
from receivables.plugins import Plugins

__all__ = ["Renderers"]


@attrs.frozen
class Renderers:
    """The renderers of the settings, in their order: a form that carries attachments comes last."""

    built: tuple[tuple[AdapterSpec[Any], LetterRenderer], ...]

    @classmethod
    def of(cls, names: Sequence[str], plugins: Plugins) -> Renderers:
        """The renderers of some names; raises `PolicyError` for one that is not installed."""
        specs = [plugins.find("letter-renderer", name) for name in names]
        return cls(tuple((spec, spec.build()) for spec in specs))

    def files(self, letter: Letter) -> Iterator[tuple[str, bytes]]:
        """One letter in every form, by file name; forms that carry attachments carry those before."""
        attachments: list[Attachment] = []
        for spec, renderer in self.built:
            carries = "attachments" in spec.capabilities
            content = renderer.render(letter, attachments=attachments if carries else ())
            name = f"{letter.file_stem}{renderer.suffix}"
            yield name, content
            if not carries:
                attachments.append(
                    Attachment(name=name, media_type=renderer.media_type, content=content)
                )
