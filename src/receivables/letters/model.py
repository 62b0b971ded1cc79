"""Letters as values: what stands where, already in words, so that a renderer decides nothing.

A `Letter` is plain text throughout: no markup, no control characters, one line per string.  Texts
come from `LetterText` values, one per kind and locale, with named placeholders and no logic.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables import limits
from receivables.errors import DocumentError, PolicyError, TranslationMissingError
from receivables.i18n import locale_chain
from receivables.letters.kinds import CONSUMER, KINDS, kind_of
from receivables.letters.payment_codes import PaymentCode

__all__ = [
    "PLACEHOLDERS",
    "Audience",
    "Labelled",
    "Letter",
    "LetterRow",
    "LetterTable",
    "LetterText",
    "ReplySlip",
    "ReplyText",
    "Source",
    "Texts",
    "is_email",
    "placeholders_of",
    "plain",
    "required_of",
]

_NOTICE: Final = KINDS["reminder-1"]

PLACEHOLDERS: Final = _NOTICE.placeholders
"""Every placeholder that the text of a notice may use, and what is put there."""


def placeholders_of(kind: str) -> Mapping[str, str]:
    """The placeholders that a text of a kind may use: those of a notice, unless it is known otherwise.

    >>> "deadline" in placeholders_of("reminder-2"), "deadline" in placeholders_of("statement")
    (True, False)
    """
    return (kind_of(kind) or _NOTICE).placeholders


def required_of(kind: str) -> frozenset[str]:
    """The placeholders that a text of a kind must use: the total, unless it is known otherwise.

    >>> sorted(required_of("formal-notice-consumer"))
    ['deadline', 'total']
    """
    return (kind_of(kind) or _NOTICE).required


_KIND: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_FILE_STEM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,159}")
_NOT_PLAIN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, line ends among them
    "\u2028\u2029"  # line and paragraph separators
    "\u202a-\u202e\u2066-\u2069"  # overrides that print a text in another order than it has
    "\ud800-\udfff]"  # halves of characters
)


_VALUE_MAX: Final = 500
"""Characters of a name or a number in a letter; the longest company name that a register took has about 200."""


def plain(text: str) -> str:
    r"""A text from somewhere else as one line of plain text: what is no character becomes a blank.

    What is longer than 500 characters is cut, with an ellipsis.

    >>> plain("Dupont\r\nBcc: all@example.com")
    'Dupont  Bcc: all@example.com'
    """
    line = _NOT_PLAIN.sub(" ", text).strip()
    return line if len(line) <= _VALUE_MAX else f"{line[: _VALUE_MAX - 1]}…"


def is_email(text: str) -> bool:
    """Whether a text is one plain e-mail address.

    >>> is_email("ap@example.com"), is_email("ap@example.com, all@example.com")
    (True, False)
    """
    return _EMAIL.fullmatch(text) is not None


def _check_plain(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    lines = (value,) if isinstance(value, str) else value
    if not isinstance(lines, tuple):
        msg = f"{attribute.name} must be text, got {type(value).__name__}"
        raise DocumentError(msg)
    for text in lines:
        if not isinstance(text, str) or _NOT_PLAIN.search(text):
            msg = f"{attribute.name} must be lines of plain text, got {text!r}"
            raise DocumentError(msg)
        if len(text) > limits.TEXT_MAX:
            msg = (
                f"{attribute.name} must have at most {limits.TEXT_MAX} characters, got {len(text)}"
            )
            raise DocumentError(msg)


def _text(*, default: Any = attrs.NOTHING) -> Any:  # noqa: ANN401  # what `attrs.field` returns
    return attrs.field(default=default, validator=_check_plain)


def _lines(values: Sequence[str]) -> tuple[str, ...]:
    # A lone string is a sequence too, and would become a tuple of letters.
    return (values,) if isinstance(values, str) else tuple(values)


def _parts(values: Iterable[Labelled]) -> tuple[Labelled, ...]:
    return tuple(values)


def _rows(values: Iterable[LetterRow]) -> tuple[LetterRow, ...]:
    return tuple(values)


def _tables(values: Iterable[LetterTable]) -> tuple[LetterTable, ...]:
    return tuple(values)


def _sources(values: Iterable[Source]) -> tuple[Source, ...]:
    return tuple(values)


@attrs.frozen
class Labelled:
    """A text with the word that introduces it: *IBAN*, *FR76 3000…*."""

    label: str = _text()
    text: str = _text()


@attrs.frozen(kw_only=True)
class LetterRow:
    """One row of the table, and the sum down to it, for tables that break over pages."""

    cells: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    running: str = _text(default="")
    is_detail: bool = False
    """Whether it says more of the row above, and is set in smaller type."""


@attrs.frozen(kw_only=True)
class LetterTable:
    """The items that the letter asks for, or lists.

    Raises `DocumentError` where a row has more or fewer cells than there are headings.
    """

    caption: str = _text(default="")
    """What stands above the table, such as the currency of its amounts."""
    headings: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    rows: tuple[LetterRow, ...] = attrs.field(default=(), converter=_rows)
    number_columns: int = 1
    """How many of the last columns hold numbers, which are set flush right."""
    wide_column: int | None = 0
    """The column that takes the room which the others leave; None where all are alike."""
    totals: tuple[Labelled, ...] = attrs.field(default=(), converter=_parts)
    carried_forward: str = _text(default="")
    """The word under a table that goes on overleaf, before the running sum."""
    brought_forward: str = _text(default="")
    """The word that repeats the sum on the next page."""

    @rows.validator
    def _check_rows(self, _attribute: object, value: tuple[LetterRow, ...]) -> None:
        for row in value:
            if len(row.cells) != len(self.headings):
                msg = f"cells of a row must be {len(self.headings)}, got {len(row.cells)}"
                raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class ReplySlip:
    """A part that the reader fills in and sends back, on a sheet of its own."""

    title: str = _text()
    to: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    """Who gets it, as on an envelope."""
    paragraphs: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    choices: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    """Each with a box to tick."""
    fields: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    """Each with a line to write on."""


@attrs.frozen(kw_only=True)
class Letter:
    """One letter, composed: every word, amount and date as it will be read, from top to bottom.

    Raises `DocumentError` where a text holds control characters, where the subject is empty, where
    the address is not one e-mail address, or where the stem could not name a file on every system.
    """

    kind: str = attrs.field(validator=attrs.validators.matches_re(_KIND))
    locale: str = attrs.field(validator=lambda _self, _attribute, value: _check_locale(value))
    date: dt.date
    """The day of the letter, for what a file says about itself."""
    sender: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    delivery: str = _text(default="")
    """How the law wants the letter sent, printed on paper above the address."""
    recipient: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    place_and_date: str = _text()
    reference: Labelled
    subject_label: str = _text()
    subject: str = attrs.field()
    salutation: str = _text()
    before: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    """The paragraphs before the table."""
    table: LetterTable = LetterTable()
    tables: tuple[LetterTable, ...] = attrs.field(default=(), converter=_tables)
    """Further tables below it, in their order."""
    after: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    """The paragraphs after the table."""
    payment: tuple[Labelled, ...] = attrs.field(default=(), converter=_parts)
    payment_code: PaymentCode | None = None
    """What a banking app reads, where it helps to pay."""
    closing: str = _text()
    signature: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    legal: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_plain)
    """What the law wants at the foot of the page."""
    reply: ReplySlip | None = None
    """What the reader sends back, after the signature."""
    annex_title: str = _text(default="")
    annex: tuple[LetterTable, ...] = attrs.field(default=(), converter=_tables)
    """Tables after everything else, on sheets of their own."""
    page_label: str = _text(default="")
    """The word before a page number."""
    is_sheet: bool = False
    """Whether it is a page for our own desk and no letter: small type, tables side by side."""
    email_to: str = attrs.field(default="")
    """One address, or nothing."""
    file_stem: str = attrs.field()
    """The name of a file for it, without a suffix."""

    @subject.validator
    def _check_subject(self, attribute: attrs.Attribute[str], value: str) -> None:
        _check_plain(self, attribute, value)
        if not value:
            msg = "subject must say what the letter is about, got an empty one"
            raise DocumentError(msg)

    @email_to.validator
    def _check_email(self, _attribute: object, value: str) -> None:
        if value and not is_email(value):
            msg = f"email_to must be one e-mail address, got {value!r}"
            raise DocumentError(msg)

    @file_stem.validator
    def _check_file_stem(self, _attribute: object, value: str) -> None:
        if not _FILE_STEM.fullmatch(value):
            msg = f"file_stem must be letters, digits, dots, dashes, got {value!r}"
            raise DocumentError(msg)


def _check_locale(value: str) -> None:
    locale_chain(value)


@attrs.frozen
class Source:
    """Where a statement of a text comes from; unverified where nobody has read it for this text."""

    text: str
    unverified: bool = False


def _check_paragraphs(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    try:
        _check_plain(None, attribute, value)
    except DocumentError as error:
        # The same fault in a text file is the configuration's.
        raise PolicyError(str(error)) from None


def _template(*, default: Any = attrs.NOTHING) -> Any:  # noqa: ANN401  # what `attrs.field` returns
    return attrs.field(default=default, validator=_check_paragraphs)


@attrs.frozen(kw_only=True)
class ReplyText:
    """The words of a reply slip, with placeholders.

    `balance` is a field that is asked for in each currency, named by ``{currency}`` there.
    """

    title: str = _template()
    paragraphs: tuple[str, ...] = attrs.field(
        default=(), converter=_lines, validator=_check_paragraphs
    )
    choices: tuple[str, ...] = attrs.field(
        default=(), converter=_lines, validator=_check_paragraphs
    )
    balance: str = _template(default="")
    fields: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_paragraphs)

    @property
    def lines(self) -> tuple[str, ...]:
        """Every text in it that may hold the placeholders of its kind."""
        return (self.title, *self.paragraphs, *self.choices, *self.fields)


class Audience(enum.Enum):
    """Whom a text is for, where the law asks for other words."""

    ALL = "all"
    BUSINESS = "business"
    """It cites a law that is for business only, and never goes to a consumer."""


@attrs.frozen(kw_only=True)
class LetterText:
    """The words of one kind of letter in one locale, with placeholders and no logic.

    `brand` is the brand that writes so; texts without one are for every brand.  Raises
    `PolicyError` where a text is not plain lines, or a kind, locale or brand is misspelt.
    """

    kind: str = attrs.field()
    locale: str = attrs.field(validator=lambda _self, _attribute, value: _check_locale(value))
    brand: str = attrs.field(default="")
    audience: Audience = attrs.field(default=Audience.ALL, converter=Audience)
    delivery: str = _template(default="")
    subject: str = _template()
    salutation: str = _template()
    before: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_paragraphs)
    after: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_paragraphs)
    closing: str = _template()
    legal: tuple[str, ...] = attrs.field(default=(), converter=_lines, validator=_check_paragraphs)
    reply: ReplyText | None = None
    """What the reader sends back, for kinds that ask for an answer."""
    sources: tuple[Source, ...] = attrs.field(default=(), converter=_sources)

    @kind.validator
    def _check_kind(self, _attribute: object, value: str) -> None:
        if not _KIND.fullmatch(value):
            msg = f"kind must look like 'reminder-1', got {value!r}"
            raise PolicyError(msg)

    @brand.validator
    def _check_brand(self, _attribute: object, value: str) -> None:
        if value and not _KIND.fullmatch(value):
            msg = f"brand must look like 'mira-pro', got {value!r}"
            raise PolicyError(msg)

    @audience.validator
    def _check_audience(self, _attribute: object, value: Audience) -> None:
        if value is Audience.BUSINESS and self.kind.endswith(CONSUMER):
            msg = f"audience of {self.kind} must be consumers, got {value.value}"
            raise PolicyError(msg)

    @property
    def name(self) -> str:
        """What messages call it: kind, locale and brand."""
        return " ".join(filter(None, (self.kind, self.locale, self.brand)))

    @property
    def lines(self) -> tuple[str, ...]:
        """Every text in it that may hold placeholders."""
        reply = () if self.reply is None else self.reply.lines
        return (*self.headlines, *self.before, *self.after, *self.legal, *reply)

    @property
    def headlines(self) -> tuple[str, ...]:
        """What stands on a line of its own."""
        return (self.delivery, self.subject, self.salutation, self.closing)


_Key: TypeAlias = tuple[str, str, str]
"""Kind, locale, brand."""


def _by_key(values: Iterable[LetterText]) -> Mapping[_Key, LetterText]:
    found: dict[_Key, LetterText] = {}
    for text in values:
        key = (text.kind, text.locale, text.brand)
        if key in found:
            msg = f"text must be one per kind, locale and brand, got two of {text.name}"
            raise PolicyError(msg)
        found[key] = text
    return MappingProxyType(dict(sorted(found.items())))


@attrs.frozen
class Texts:
    """Letter texts by kind, locale and brand; `brand` is the one that writes."""

    by_key: Mapping[_Key, LetterText] = attrs.field(converter=_by_key, repr=False)
    brand: str = ""

    def find(
        self, kind: str, locale: str, brand: str | None = None, *, to_consumer: bool = False
    ) -> LetterText:
        """The text for a locale, exactly or by its language: the brand's own, or else the common one.

        A consumer gets the text that is written for consumers, where there is one, and never one
        for business only.  Raises `TranslationMissingError` where there is none; neither another
        language nor another kind is a stand-in.
        """
        wanted = self.brand if brand is None else brand
        kinds = (kind + CONSUMER, kind) if to_consumer else (kind,)
        for name in kinds:
            text = self._looked_up(name, locale, wanted)
            if text is not None and not (to_consumer and text.audience is Audience.BUSINESS):
                return text
        raise TranslationMissingError(self._missing(kinds, locale, to_consumer=to_consumer))

    def _looked_up(self, kind: str, locale: str, brand: str) -> LetterText | None:
        for writer in dict.fromkeys((brand, "")):
            for name in locale_chain(locale):
                if (kind, name, writer) in self.by_key:
                    return self.by_key[kind, name, writer]
        return None

    def _missing(self, kinds: Sequence[str], locale: str, *, to_consumer: bool) -> str:
        kind = kinds[-1]
        if to_consumer:
            return f"letter {kind!r} to a consumer must have a text that is for consumers, got none for {locale!r}"
        locales = dict.fromkeys(name for other, name, _ in self.by_key if other == kind)
        known = ", ".join(locales) or "no locale"
        return f"letter {kind!r} must be in one of {known}, got {locale!r}"

    def of_brand(self, brand: str) -> Texts:
        """These texts as a brand writes them: its own where it has some, the common ones elsewhere."""
        return Texts(self.by_key.values(), brand)

    def updated(self, other: Texts) -> Texts:
        """These texts, with those of `other` added or in their place."""
        merged = {**self.by_key, **other.by_key}
        return Texts(merged.values(), self.brand or other.brand)
