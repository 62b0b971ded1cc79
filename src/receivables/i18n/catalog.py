"""Short words as gettext catalogues with context keys, read when a locale is first asked for.

A locale is looked up exactly, then by its language, and never in another language: a word that is
in neither raises `TranslationMissingError`.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import PolicyError, TranslationMissingError
from receivables.i18n.substitution import substitute

__all__ = ["LANGUAGES", "Catalog", "locale_chain", "words"]

LANGUAGES: Final = ("en", "es", "fr")
"""The languages that have every word."""

_LOCALE: Final = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


def locale_chain(locale: str) -> tuple[str, ...]:
    """The locale itself, then its language; raises `PolicyError` unless it looks like a locale.

    >>> locale_chain("fr-CA")
    ('fr-CA', 'fr')
    """
    if not _LOCALE.fullmatch(locale):
        msg = f"locale must look like 'fr' or 'fr-CA', got {locale!r}"
        raise PolicyError(msg)
    language = locale[:2]
    return (locale,) if locale == language else (locale, language)


@attrs.frozen
class Catalog:
    """The words of one locale, by context and English message."""

    locale: str
    entries: Mapping[tuple[str, str], str] = attrs.field(repr=False)

    def text(self, context: str, message: str, **values: str | int) -> str:
        r"""The word for a message in a context, with the values for its placeholders put in.

        Raises `TranslationMissingError` where the catalogue lacks it; English is no stand-in.

        >>> words("es").text("bucket", "over {days}", days=90)
        'más de 90\xa0días'
        """
        try:
            found = self.entries[context, message]
        except KeyError:
            msg = f"word must be in the catalogue of {self.locale}, got {context!r}, {message!r}"
            raise TranslationMissingError(msg) from None
        if not values:
            return found
        return substitute(found, {name: str(value) for name, value in values.items()})


@functools.lru_cache(maxsize=256)
def words(locale: str) -> Catalog:
    """The catalogue of a locale: its language's words, and its own where they differ.

    Raises `TranslationMissingError` for a language that has none.

    >>> words("es-ES").text("kind", "credit note"), words("es-MX").text("kind", "credit note")
    ('factura rectificativa', 'nota de crédito')
    """
    entries: dict[tuple[str, str], str] = {}
    for name in reversed(locale_chain(locale)):
        entries.update(_read(name))
    if not entries:
        known = ", ".join(LANGUAGES)
        msg = f"locale must be one of {known} or a region of them, got {locale!r}"
        raise TranslationMissingError(msg)
    return Catalog(locale, MappingProxyType(entries))


@functools.cache
def _read(name: str) -> Mapping[tuple[str, str], str]:
    file = resources.files("receivables.i18n") / "catalogues" / f"{name}.po"
    if not file.is_file():
        return {}
    # Imported here, because only a program that prints words should pay for Babel.
    from babel.messages.pofile import read_po  # noqa: PLC0415

    catalogue = read_po(io.BytesIO(file.read_bytes()), abort_invalid=True)
    return {
        (message.context or "", str(message.id)): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }
