"""The journal writer ``fec``: a file valid to the letter of *LPF art. A47 A-1 VII* (BIC, accruals).

Entries come in the order of their validation, those that bring balances forward first, and are
numbered from 1 without a gap.  An entry is validated on the day it was recorded, or on its own date
where that is later or the other is not known.  Amounts are those of the books, never negative;
*Montantdevise* is the amount in the currency of the document, with its sign, where that is another.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import attrs

from receivables.accounting.model import Journal, JournalEntry, JournalLine, Role
from receivables.accounting.writing import decimal_text, encoded, one_line
from receivables.errors import DocumentError, PolicyError
from receivables.money import digits
from receivables_plugins.fec._lettering import Lettering, is_of_customer
from receivables_plugins.fec.layout import HEADINGS, fec_name
from receivables_plugins.fec.writer_settings import (
    JOURNAL_NAMES,
    OPENING,
    SEPARATORS,
    FecWriterSettings,
)

__all__ = ["FecWriter"]

_ACCOUNT: Final = re.compile(r"[0-9]{3}[0-9A-Za-z]*")
_CASH: Final = frozenset({Role.BANK, Role.CASH, Role.CHEQUES, Role.PROCESSOR})
_KINDS: Final = {"opening": OPENING, "DocumentIssued": "VE", "DocumentCancelled": "VE"}


class FecWriter:
    """Writes lines that end in CR LF, in UTF-8 without a byte order mark or in ISO 8859-15.

    What is held while writing is the order of the entries, the sums of every item of the sub-ledger
    (for its letters) and one piece.
    """

    media_type = "text/plain"
    suffix = ".txt"

    def __init__(self, settings: FecWriterSettings) -> None:
        self._settings = settings

    @property
    def file_name(self) -> str:
        """The name that the file must have; raises `PolicyError` without `siren` and `closing`."""
        if self._settings.closing is None:
            msg = "closing must be the last day of the year, got none"
            raise PolicyError(msg)
        return fec_name(self._settings.siren, self._settings.closing)

    def write(self, journal: Journal) -> Iterator[bytes]:
        """Write, in pieces.

        Raises `DocumentError` before the first for what such a file cannot say: entries of several
        creditors or in several functional currencies, an account number that does not begin with
        three figures, an entry after the end of the year, customers whose identifiers become one.
        """
        prepared = _prepared(journal, self._settings)
        # Strict, because the cells were made to fit: what is wrong here is an error of ours.
        return encoded(_texts(prepared, self._settings), encoding=self._settings.encoding)


@attrs.frozen(kw_only=True)
class _Prepared:
    """What was found out before the first line is written."""

    entries: list[tuple[str, JournalEntry]]
    accounts: dict[str, str]
    places: dict[str, int]
    lettering: Lettering


def _prepared(journal: Journal, settings: FecWriterSettings) -> _Prepared:
    chosen = [entry for entry in journal if settings.creditor in {"", entry.creditor}]
    _check_entries(chosen, settings)
    accounts: dict[str, str] = {}
    lettering = Lettering(is_wanted=settings.lettering)
    parts = _Parts(settings)
    for entry in chosen:
        parts.check_document(entry.document)
        for line in entry.lines:
            number = line.account.number
            if number not in accounts:
                accounts[number] = _account_number(number, settings)
            parts.note_currency(line.currency)
            if is_of_customer(line):
                parts.note_customer(line.customer)
                lettering.note(line, entry.date)
    parts.check_accounts(accounts)
    coded = [(_journal_code(entry, settings), entry) for entry in chosen]
    coded.sort(key=lambda pair: (pair[0] != OPENING, _validated(pair[1])))
    return _Prepared(
        entries=coded, accounts=accounts, places=parts.places(journal), lettering=lettering
    )


def _check_entries(entries: list[JournalEntry], settings: FecWriterSettings) -> None:
    creditors = sorted({entry.creditor for entry in entries})
    if len(creditors) > 1:
        msg = (
            f"entries must be of one creditor, got {', '.join(creditors)}. Say which in `creditor`"
        )
        raise DocumentError(msg)
    currencies = sorted({entry.functional_currency for entry in entries})
    if len(currencies) > 1:
        msg = f"entries must be in one functional currency, got {', '.join(currencies)}"
        raise DocumentError(msg)
    if settings.closing is not None:
        late = next((entry for entry in entries if entry.date > settings.closing), None)
        if late is not None:
            msg = f"entries must be dated by {settings.closing}, got {late.entry} of {late.date}"
            raise DocumentError(msg)


class _Parts:
    """Checks that identifiers survive the character set and stay apart."""

    def __init__(self, settings: FecWriterSettings) -> None:
        self._settings = settings
        self._customers: dict[str, str] = {}
        self._currencies: set[str] = set()

    def note_currency(self, code: str) -> None:
        """Take notice of the currency of a line."""
        self._currencies.add(code)

    def note_customer(self, customer: str) -> None:
        """Take notice of the customer of a line, where it has one."""
        if customer and customer not in self._customers:
            self._customers[customer] = self._identifier(customer, "customer")

    def check_document(self, number: str) -> None:
        """Raise `DocumentError` where the character set lacks a letter of a document number."""
        if not number.isascii():
            self._encodable(number, "document")

    def check_accounts(self, accounts: dict[str, str]) -> None:
        """Raise `DocumentError` where two accounts or two customers would have one number."""
        _check_apart(self._customers, "customers")
        _check_apart(accounts, "accounts")

    def places(self, journal: Journal) -> dict[str, int]:
        """The decimals of every currency; raises `UnknownCurrencyError` where there are none."""
        codes = {
            *self._currencies,
            journal.functional_currency,
            *(entry.functional_currency for entry in journal),
        }
        return {code: digits(code) for code in sorted(codes)}

    def _identifier(self, text: str, what: str) -> str:
        field = self._encodable(text, what)
        if not field:
            msg = f"{what} must have a letter or a figure, got {text!r}"
            raise DocumentError(msg)
        return field

    def _encodable(self, text: str, what: str) -> str:
        field = _cell(text)
        try:
            field.encode(self._settings.encoding)
        except UnicodeEncodeError:
            msg = f"{what} must have letters of {self._settings.encoding} only, got {text!r}"
            raise DocumentError(msg) from None
        return field


def _check_apart(cells: dict[str, str], what: str) -> None:
    first: dict[str, str] = {}
    for original, cell in cells.items():
        other = first.setdefault(cell, original)
        if other != original:
            msg = f"{what} must differ in a FEC, got {other!r} and {original!r}, both {cell!r}"
            raise DocumentError(msg)


def _account_number(number: str, settings: FecWriterSettings) -> str:
    full = number.ljust(settings.account_length, "0") if number.isdigit() else number
    if not _ACCOUNT.fullmatch(full):
        msg = f"account number must begin with three figures, got {number!r}"
        raise DocumentError(msg)
    return full


def _journal_code(entry: JournalEntry, settings: FecWriterSettings) -> str:
    code = settings.journals.get(entry.kind) or _KINDS.get(entry.kind)
    if code:
        return code
    touches_cash = any(line.role in _CASH for line in entry.lines)
    return "BQ" if touches_cash else "OD"


def _validated(entry: JournalEntry) -> dt.date:
    if entry.recorded_at is None:
        return entry.date
    return max(entry.date, entry.recorded_at.date())


def _cell(text: str) -> str:
    """A text without either separator, line breaks and outer blanks."""
    line = one_line(text)
    return line.replace("|", " ").strip() if "|" in line else line


def _texts(prepared: _Prepared, settings: FecWriterSettings) -> Iterator[str]:
    separator = SEPARATORS[settings.separator]
    yield f"{separator.join(HEADINGS)}\r\n"
    lines = _Lines(prepared, settings)
    number = 0
    for code, entry in prepared.entries:
        rows = [line for line in entry.lines if _moves(line, entry.functional_currency)]
        if rows:
            number += 1
            yield lines.text(number, code, entry, rows)


def _moves(line: JournalLine, functional: str) -> bool:
    """Whether a line has an amount that the file can say, in the books or in another currency."""
    return bool(line.functional_minor or (line.amount_minor and line.currency != functional))


class _Lines:
    """Turns the lines of entries into lines of the file."""

    def __init__(self, prepared: _Prepared, settings: FecWriterSettings) -> None:
        self._prepared = prepared
        self._settings = settings
        self._separator = SEPARATORS[settings.separator]
        self._fitted: dict[str, str] = {}
        self._zeros = {
            code: decimal_text(0, places=places, mark=",")
            for code, places in prepared.places.items()
        }

    def text(self, number: int, code: str, entry: JournalEntry, rows: list[JournalLine]) -> str:
        """The lines of one entry, each with its line end."""
        name = self._settings.journal_names.get(code) or JOURNAL_NAMES.get(code) or code
        head = (code, self._label(name), str(number), _compact(entry.date))
        piece = _cell(entry.document) or _cell(entry.event) or _cell(entry.entry) or "-"
        support = (self._fit(piece), _compact(entry.document_date or entry.date))
        said = self._fit(_cell(entry.text)) or f"{self._label(entry.kind)} {support[0]}".strip()
        validated = _compact(_validated(entry))
        join = self._separator.join
        parts = []
        for line in rows:
            own = self._fit(_cell(line.text)) if line.text else ""
            account, letters = self._account(line)
            sides, foreign = self._sides(entry, line), self._foreign(entry, line)
            cells = (*head, *account, *support, own or said, *sides, *letters, validated, *foreign)
            parts.append(join(cells) + "\r\n")
        return "".join(parts)

    def _account(self, line: JournalLine) -> tuple[tuple[str, str, str, str], tuple[str, str]]:
        """The account with its customer, where it is kept by customer, and the letters of the line."""
        number = self._prepared.accounts[line.account.number]
        name = self._label(line.account.name) or number
        if not is_of_customer(line):
            return (number, name, "", ""), ("", "")
        given = self._prepared.lettering.of(line)
        letters = ("", "") if given is None else (given[0], _compact(given[1]))
        if not line.customer:
            return (number, name, "", ""), letters
        customer = self._label(line.customer)
        known = self._settings.names.get(line.customer, "")
        return (number, name, customer, self._label(known) or customer), letters

    def _sides(self, entry: JournalEntry, line: JournalLine) -> tuple[str, str]:
        code, minor = entry.functional_currency, line.functional_minor
        amount = decimal_text(abs(minor), places=self._prepared.places[code], mark=",")
        return (self._zeros[code], amount) if minor < 0 else (amount, self._zeros[code])

    def _foreign(self, entry: JournalEntry, line: JournalLine) -> tuple[str, str]:
        code = line.currency
        if code == entry.functional_currency or not line.amount_minor:
            return "", ""
        return decimal_text(line.amount_minor, places=self._prepared.places[code], mark=","), code

    def _label(self, text: str) -> str:
        """A name as a cell, kept, because the same few stand on every line."""
        if text not in self._fitted:
            self._fitted[text] = self._fit(_cell(text))
        return self._fitted[text]

    def _fit(self, text: str) -> str:
        """A label in the character set: a letter without its accents, or else a question mark."""
        if self._settings.encoding == "utf-8" or text.isascii():
            return text
        return "".join(_fitted(letter, self._settings.encoding) for letter in text)


def _fitted(letter: str, encoding: str) -> str:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")
        return plain or "?"
    return letter


@functools.lru_cache(maxsize=4096)
def _compact(day: dt.date) -> str:
    return day.isoformat().replace("-", "")
