"""The journal writer ``saft``: a Norwegian standard audit file (SAF-T Financial 1.10 or 1.30).

Every element is in the namespace of the Norwegian tax authority, in the order of its schema.
Amounts are those of the books, never negative, on the side that they stand on; an amount in another
currency goes with its code.  Opening and closing balances are those of each account, and of each
customer on the accounts of the sub-ledger.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from receivables.accounting.model import GlAccount, Journal, JournalEntry, JournalLine
from receivables.accounting.writing import decimal_text, encoded, one_line
from receivables.errors import DocumentError
from receivables.money import digits
from receivables_plugins.saft.writer_settings import SaftWriterSettings

__all__ = ["NAMESPACE", "SaftWriter"]

NAMESPACE: Final = "urn:StandardAuditFile-Taxation-Financial:NO"
"""The namespace of every version of the Norwegian file."""

_CODE: Final = 9
_SHORT: Final = 18
_MIDDLE: Final = 35
_MIDDLE2: Final = 70
_LONG: Final = 256
_YEARS: Final = range(1970, 2101)
_DIGEST: Final = 8
_JOURNAL: Final = ("GL", "General ledger")


class SaftWriter:
    """Writes UTF-8 without a byte order mark.

    What is held while writing is the sums of accounts and customers and one piece.
    """

    media_type = "application/xml"
    suffix = ".xml"

    def __init__(self, settings: SaftWriterSettings) -> None:
        self._settings = settings

    def write(self, journal: Journal) -> Iterator[bytes]:
        """Write, in pieces.

        Raises `DocumentError` before the first for what such a file cannot say: entries of several
        creditors or in several functional currencies, an entry after the end of the period, an
        account that no grouping is said for (1.30), a number of an account that is too long, a year
        before 1970 or after 2100.
        """
        books = _Books(journal, self._settings)
        return encoded(_texts(books, self._settings))


class _Books:
    """What was found out before the first byte is written."""

    def __init__(self, journal: Journal, settings: SaftWriterSettings) -> None:
        entries = [entry for entry in journal if settings.creditor in {"", entry.creditor}]
        _check(entries)
        self.currency = entries[0].functional_currency if entries else journal.functional_currency
        self.start, self.end = _period(entries, settings)
        self.entries = [entry for entry in entries if entry.date >= self.start]
        self.creditor = entries[0].creditor if entries else settings.creditor
        self.accounts: dict[str, GlAccount] = {}
        self.openings: dict[str, int] = {}
        self.closings: dict[str, int] = {}
        self.parties: dict[tuple[str, str], list[int]] = {}
        self.debit_minor = self.credit_minor = 0
        codes = {self.currency}
        for entry in entries:
            for line in entry.lines:
                codes.add(line.currency)
                self._take(line, is_before=entry.date < self.start)
        self.places = {code: digits(code) for code in sorted(codes)}
        self.names = _distinct(customer for customer, _ in self.parties)

    def _take(self, line: JournalLine, *, is_before: bool) -> None:
        number, minor = line.account.number, line.functional_minor
        self.accounts.setdefault(number, line.account)
        self.closings[number] = self.closings.get(number, 0) + minor
        if is_before:
            self.openings[number] = self.openings.get(number, 0) + minor
        else:
            self.debit_minor += max(minor, 0)
            self.credit_minor += max(-minor, 0)
        if line.customer and line.role.is_control:
            sums = self.parties.setdefault((line.customer, number), [0, 0])
            sums[0] += minor if is_before else 0
            sums[1] += minor


def _check(entries: list[JournalEntry]) -> None:
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


def _period(entries: list[JournalEntry], settings: SaftWriterSettings) -> tuple[dt.date, dt.date]:
    days = [entry.date for entry in entries]
    start = settings.start or min(days, default=settings.end)
    end = settings.end or max(days, default=start)
    if start is None or end is None:
        msg = "a file without entries must have a period, got neither start nor end"
        raise DocumentError(msg)
    late = next((entry for entry in entries if entry.date > end), None)
    if late is not None:
        msg = f"entries must be dated by {end}, got {late.entry} of {late.date}"
        raise DocumentError(msg)
    if start.year not in _YEARS or end.year not in _YEARS:
        msg = f"years must be {_YEARS[0]} to {_YEARS[-1]}, got {start} to {end}"
        raise DocumentError(msg)
    return start, max(start, end)


def _distinct(texts: Iterable[str]) -> dict[str, str]:
    """Identifiers that fit, each text its own: a part and a digest where one alone would not do."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for text in sorted(set(texts)):
        plain = one_line(text)
        if not plain or len(plain) > _MIDDLE or plain in taken:
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
            plain = f"{plain[: _MIDDLE - _DIGEST - 1]}~{digest}"
        taken.add(plain)
        found[text] = plain
    return found


def _tag(name: str, text: str, *, limit: int = _LONG) -> str:
    """An element with a text that fits; what is beyond the limit of the schema is cut off."""
    return f"<{name}>{escape(one_line(text)[:limit].rstrip())}</{name}>"


def _needed(name: str, text: str, *, limit: int = _LONG, default: str = "-") -> str:
    """An element that must not be empty."""
    return _tag(name, one_line(text) or default, limit=limit)


def _texts(books: _Books, settings: SaftWriterSettings) -> Iterator[str]:
    # All that can be refused is made before the first text is given.
    before = [*_header(books, settings), *_masters(books, settings)]
    return _whole(books, settings, before)


def _whole(books: _Books, settings: SaftWriterSettings, before: list[str]) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<AuditFile xmlns="{NAMESPACE}">\n'
    yield from before
    yield from _entries(books, settings)
    yield "</AuditFile>\n"


def _header(books: _Books, settings: SaftWriterSettings) -> Iterator[str]:
    created = settings.created_on or books.end
    yield "<Header>"
    yield _tag("AuditFileVersion", settings.version, limit=_CODE)
    yield "<AuditFileCountry>NO</AuditFileCountry>"
    yield _tag("AuditFileDateCreated", created.isoformat())
    yield _tag("SoftwareCompanyName", "receivables", limit=_MIDDLE2)
    yield _tag("SoftwareID", "receivables")
    yield _needed("SoftwareVersion", settings.software_version, limit=_SHORT)
    yield from _company(books, settings)
    yield _tag("DefaultCurrencyCode", books.currency)
    yield "<SelectionCriteria>"
    yield _tag("SelectionStartDate", books.start.isoformat())
    yield _tag("SelectionEndDate", books.end.isoformat())
    yield "</SelectionCriteria><TaxAccountingBasis>A</TaxAccountingBasis></Header>\n"


def _company(books: _Books, settings: SaftWriterSettings) -> Iterator[str]:
    yield "<Company>"
    yield _needed("RegistrationNumber", settings.registration_number, limit=_MIDDLE)
    yield _needed("Name", settings.company or books.creditor, limit=_MIDDLE2)
    if settings.city or settings.street:
        yield "<Address>"
        yield _needed("StreetName", settings.street, limit=_MIDDLE2)
        yield _needed("City", settings.city, limit=_MIDDLE)
        yield _needed("PostalCode", settings.postal_code, limit=_SHORT)
        yield _needed("Country", settings.country, limit=2)
        yield "</Address>"
    yield "<Contact><ContactPerson>"
    yield _needed("FirstName", settings.contact_first_name, limit=_MIDDLE)
    yield _needed("LastName", settings.contact_last_name, limit=_MIDDLE2)
    yield "</ContactPerson>"
    yield _tag("Telephone", settings.phone, limit=_SHORT) if settings.phone else ""
    yield "</Contact>"
    if settings.tax_registration_number:
        number = _tag("TaxRegistrationNumber", settings.tax_registration_number, limit=_MIDDLE)
        yield f"<TaxRegistration>{number}</TaxRegistration>"
    yield "</Company>"


def _masters(books: _Books, settings: SaftWriterSettings) -> Iterator[str]:
    yield "<MasterFiles>"
    if books.accounts:
        yield "<GeneralLedgerAccounts>\n"
        for number in sorted(books.accounts):
            yield _account(books, settings, number)
        yield "</GeneralLedgerAccounts>"
    if books.parties:
        yield "<Customers>\n"
        yield from _customers(books, settings)
        yield "</Customers>"
    yield "</MasterFiles>\n"


def _account(books: _Books, settings: SaftWriterSettings, number: str) -> str:
    parts = [
        "<Account>",
        _tag("AccountID", _account_id(number)),
        _needed("AccountDescription", books.accounts[number].name),
        _mapping(number, settings),
        "<AccountType>GL</AccountType>",
        _balance(books, "Opening", books.openings.get(number, 0)),
        _balance(books, "Closing", books.closings[number]),
        "</Account>\n",
    ]
    return "".join(parts)


def _account_id(number: str) -> str:
    plain = one_line(number)
    if not plain or len(plain) > _MIDDLE2 or plain != number:
        msg = f"account number must be text of at most {_MIDDLE2} characters, got {number!r}"
        raise DocumentError(msg)
    return plain


def _mapping(number: str, settings: SaftWriterSettings) -> str:
    """What the account is in the standard: a code of the income statement, or a standard account."""
    code = _longest(number, settings.groupings)
    if code is not None:
        limit = _LONG if settings.version == "1.30" else _MIDDLE
        category = _tag("GroupingCategory", settings.grouping_category, limit=limit)
        return f"{category}{_tag('GroupingCode', code, limit=_MIDDLE)}"
    if settings.version == "1.30":
        msg = f"groupings must map account {number}, which SAF-T 1.30 asks for, got none"
        raise DocumentError(msg)
    standard = _longest(number, settings.standard_accounts) or number[:2]
    return _tag("StandardAccountID", standard, limit=_MIDDLE)


def _longest(number: str, table: Mapping[str, str]) -> str | None:
    """The value of the longest beginning of a number that a table has."""
    beginnings = (number[:length] for length in range(len(number), -1, -1))
    return next((table[one] for one in beginnings if one in table), None)


def _balance(books: _Books, when: str, minor: int) -> str:
    side = "Credit" if minor < 0 else "Debit"
    return f"<{when}{side}Balance>{_amount(books, abs(minor))}</{when}{side}Balance>"


def _amount(books: _Books, minor: int, currency: str = "") -> str:
    return decimal_text(minor, places=books.places[currency or books.currency])


def _customers(books: _Books, settings: SaftWriterSettings) -> Iterator[str]:
    by_customer: dict[str, list[tuple[str, list[int]]]] = {}
    for (customer, number), sums in sorted(books.parties.items()):
        by_customer.setdefault(customer, []).append((number, sums))
    for customer, accounts in by_customer.items():
        name = settings.names.get(customer, "") or books.names[customer]
        yield f"<Customer>{_needed('Name', name, limit=_MIDDLE2)}"
        yield _tag("CustomerID", books.names[customer], limit=_MIDDLE)
        if settings.version == "1.30":
            for number, sums in accounts:
                yield f"<BalanceAccount>{_of_account(books, number, sums)}</BalanceAccount>"
        else:
            # One account is all that 1.10 can name: the first, with what is owed on all.
            total = [sum(sums[end] for _, sums in accounts) for end in (0, 1)]
            yield _of_account(books, accounts[0][0], total)
        yield "</Customer>\n"


def _of_account(books: _Books, number: str, sums: list[int]) -> str:
    ends = (_balance(books, "Opening", sums[0]), _balance(books, "Closing", sums[1]))
    return f"{_tag('AccountID', number)}{''.join(ends)}"


def _entries(books: _Books, settings: SaftWriterSettings) -> Iterator[str]:
    yield f"<GeneralLedgerEntries><NumberOfEntries>{len(books.entries)}</NumberOfEntries>"
    yield f"<TotalDebit>{_amount(books, books.debit_minor)}</TotalDebit>"
    yield f"<TotalCredit>{_amount(books, books.credit_minor)}</TotalCredit>"
    journal, description = _JOURNAL
    if books.entries:
        yield f"<Journal>{_tag('JournalID', journal, limit=_SHORT)}"
        yield f"{_tag('Description', description)}<Type>{journal}</Type>\n"
        for number, entry in enumerate(books.entries, start=1):
            yield _transaction(books, settings, number, entry)
        yield "</Journal>"
    yield "</GeneralLedgerEntries>\n"


def _transaction(
    books: _Books, settings: SaftWriterSettings, number: int, entry: JournalEntry
) -> str:
    day = entry.date.isoformat()
    entered = day if entry.recorded_at is None else entry.recorded_at.date().isoformat()
    parts = [
        f"<Transaction><TransactionID>{number}</TransactionID>",
        f"<Period>{entry.date.month}</Period><PeriodYear>{entry.date.year}</PeriodYear>",
        f"<TransactionDate>{day}</TransactionDate>",
    ]
    if settings.version == "1.30":
        parts.append(_needed("VoucherType", entry.kind, limit=_MIDDLE2))
    parts += [
        _needed("Description", entry.text or entry.kind),
        f"<SystemEntryDate>{entered}</SystemEntryDate><GLPostingDate>{day}</GLPostingDate>",
    ]
    moving = (line for line in entry.lines if line.functional_minor or line.amount_minor)
    lines = [_line(books, place, entry, line) for place, line in enumerate(moving, start=1)]
    # A transaction must have a line, even one that moves nothing.
    lines = lines or [_line(books, 1, entry, entry.lines[0])] if entry.lines else lines
    return "".join((*parts, *lines, "</Transaction>\n"))


def _line(books: _Books, place: int, entry: JournalEntry, line: JournalLine) -> str:
    minor = line.functional_minor
    side = "CreditAmount" if minor < 0 or (not minor and line.amount_minor < 0) else "DebitAmount"
    reference = one_line(entry.document)
    is_party = line.customer and line.role.is_control
    parts = [
        f"<Line><RecordID>{place}</RecordID>{_tag('AccountID', line.account.number)}",
        _tag("SourceDocumentID", reference, limit=_MIDDLE) if reference else "",
        _tag("CustomerID", books.names[line.customer], limit=_MIDDLE) if is_party else "",
        _needed("Description", line.text or entry.text or entry.kind),
        f"<{side}><Amount>{_amount(books, abs(minor))}</Amount>",
        _foreign(books, line, sign=-1 if side == "CreditAmount" else 1),
        f"</{side}>",
    ]
    item = one_line(line.item) if is_party else ""
    if item:
        parts.append(_tag("ReferenceNumber", item, limit=_MIDDLE))
    return "".join((*parts, "</Line>"))


def _foreign(books: _Books, line: JournalLine, *, sign: int) -> str:
    """The amount in another currency, positive on the side of the line, and what it was worth."""
    if line.currency == books.currency or not line.amount_minor:
        return ""
    foreign = sign * line.amount_minor
    text = _amount(books, foreign, line.currency)
    parts = [_tag("CurrencyCode", line.currency), f"<CurrencyAmount>{text}</CurrencyAmount>"]
    worth = sign * line.functional_minor
    if worth:
        own = Decimal(worth).scaleb(-books.places[books.currency])
        rate = own / Decimal(foreign).scaleb(-books.places[line.currency])
        parts.append(f"<ExchangeRate>{rate:.8f}</ExchangeRate>")
    return "".join(parts)
