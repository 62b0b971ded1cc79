"""Letters as draft e-mails: a file that a mail program opens as a message ready to be sent."""

from __future__ import annotations

from receivables.adapters import AdapterSpec, LetterRenderer, NoSettings
from receivables.hookspecs import hookimpl

__all__ = ["receivables_letter_renderers"]


def _build(_settings: NoSettings) -> LetterRenderer:
    from receivables_plugins.eml.renderer import EmlRenderer  # noqa: PLC0415  # loads `email`

    return EmlRenderer()


@hookimpl
def receivables_letter_renderers() -> list[AdapterSpec[LetterRenderer]]:
    """Register the renderer ``eml``."""
    return [
        AdapterSpec(
            name="eml",
            summary="letters as draft e-mails, with what is attached to them",
            factory=_build,
            capabilities={"attachments", "deterministic"},
            verified="own fake only",
        )
    ]
