"""Checking a whole set of texts: what is missing, what is wrong, what nobody has verified."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import attrs

from receivables.errors import TranslationMissingError
from receivables.i18n import locale_chain
from receivables.letters.kinds import KINDS, kind_of
from receivables.letters.model import LetterText, Texts
from receivables.letters.rules import faults_of

__all__ = ["TextFinding", "TextFindingKind", "check_texts"]


class TextFindingKind(enum.Enum):
    """What is to be said of a text."""

    MISSING = "missing"
    """There is none for a kind in a locale, nor in its language."""
    MISSING_FOR_CONSUMERS = "missing-for-consumers"
    """There is one for businesses only."""
    BRACES = "braces"
    """Something else than a name stands between braces."""
    MARKUP = "markup"
    LENGTH = "length"
    UNKNOWN_PLACEHOLDER = "unknown-placeholder"
    MISSING_PLACEHOLDER = "missing-placeholder"
    NO_REPLY = "no-reply"
    """The kind has a slip to be sent back, and the text has no words for it."""
    OWN_KIND = "own-kind"
    """No packaged kind is called so: one's own, or misspelt."""
    UNVERIFIED = "unverified"
    """Nobody has read a source for this text."""

    @property
    def is_fault(self) -> bool:
        """Whether a letter cannot be sent because of it; the others are for a person to know."""
        return self not in {TextFindingKind.OWN_KIND, TextFindingKind.UNVERIFIED}


@attrs.frozen(kw_only=True)
class TextFinding:
    """One thing about one text, in a sentence."""

    finding: TextFindingKind
    kind: str
    locale: str
    brand: str
    message: str


def check_texts(
    texts: Texts, *, locales: Iterable[str], kinds: Iterable[str] | None = None
) -> tuple[TextFinding, ...]:
    """What is to be said of a set of texts: per kind and locale wanted, then text by text.

    `kinds` are all packaged ones unless given.  Placeholders, markup and lengths are checked of
    every text in the set, and its sources that nobody verified are listed.

    >>> from receivables.letters import packaged_texts
    >>> found = check_texts(packaged_texts(), locales=["fr-FR", "de"], kinds=["statement"])
    >>> [one.message for one in found if one.finding is TextFindingKind.MISSING]
    ['letter statement must have a text for de, got none']
    """
    wanted_locales = tuple(locales)
    wanted_kinds = tuple(KINDS if kinds is None else kinds)
    return (
        *_missing(texts, wanted_locales, wanted_kinds),
        *(finding for text in texts.by_key.values() for finding in _about(text)),
    )


def _missing(
    texts: Texts, locales: tuple[str, ...], kinds: tuple[str, ...]
) -> Iterator[TextFinding]:
    for locale in locales:
        locale_chain(locale)
        for kind in kinds:
            if not _has(texts, kind, locale, to_consumer=False):
                message = f"letter {kind} must have a text for {locale}, got none"
                yield _finding(TextFindingKind.MISSING, kind, locale, texts.brand, message)
            elif not _has(texts, kind, locale, to_consumer=True):
                what = TextFindingKind.MISSING_FOR_CONSUMERS
                message = f"letter {kind} must have a text for consumers in {locale}, got one for business only"
                yield _finding(what, kind, locale, texts.brand, message)


def _has(texts: Texts, kind: str, locale: str, *, to_consumer: bool) -> bool:
    try:
        texts.find(kind, locale, to_consumer=to_consumer)
    except TranslationMissingError:
        return False
    return True


def _about(text: LetterText) -> Iterator[TextFinding]:
    for code, message in faults_of(text):
        yield _of(text, TextFindingKind(code), message)
    kind = kind_of(text.kind)
    if kind is None:
        message = f"kind of {text.name} must be a packaged one or one of your own, got {text.kind}"
        yield _of(text, TextFindingKind.OWN_KIND, message)
    elif kind.has_reply and text.reply is None:
        message = f"text {text.name} must have the words of a reply, got a text without"
        yield _of(text, TextFindingKind.NO_REPLY, message)
    for source in text.sources:
        if source.unverified:
            message = f"sources of {text.name} must be verified, got {source.text}"
            yield _of(text, TextFindingKind.UNVERIFIED, message)


def _of(text: LetterText, what: TextFindingKind, message: str) -> TextFinding:
    return _finding(what, text.kind, text.locale, text.brand, message)


def _finding(
    what: TextFindingKind, kind: str, locale: str, brand: str, message: str
) -> TextFinding:
    return TextFinding(finding=what, kind=kind, locale=locale, brand=brand, message=message)
