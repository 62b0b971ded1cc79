"""The journal writer ``beancount``: options, currencies, accounts, entries, in this order.

A line in a foreign currency is a posting at the total price that it has in the books::

    Assets:Receivable:411-Clients   100.01 USD @@ 92.37 EUR

so the balance of an account is right in each currency, and its value at price is its balance in the
books.  A line that has an amount in one of the two currencies only (an exchange difference) is a
posting in that one, and a line whose two amounts have opposite signs is two postings, because
beancount knows no negative price.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from receivables.accounting.model import Journal, JournalEntry, JournalLine
from receivables.accounting.writing import AccountNames, Survey, decimal_text, encoded, survey
from receivables_plugins.beancount._names import component, key, label, quoted
from receivables_plugins.beancount.settings import BeancountSettings

__all__ = ["BeancountWriter"]


class BeancountWriter:
    """Writes UTF-8; the names of accounts are those of the chart, and texts are those of the books.

    What is held while writing is the names of accounts and one piece; with `assertions`, a total for
    every account and currency too.
    """

    media_type = "text/plain"
    suffix = ".beancount"

    def __init__(self, settings: BeancountSettings) -> None:
        self._settings = settings

    def write(self, journal: Journal) -> Iterator[bytes]:
        """Write, in pieces; raises `UnknownCurrencyError` before the first."""
        found = survey(journal, customers=self._settings.customers == "accounts")
        return encoded(self._texts(journal, found, AccountNames(found, component=component)))

    def _texts(self, journal: Journal, found: Survey, names: AccountNames) -> Iterator[str]:
        yield from _options(found, title=self._settings.title)
        yield from _declarations(found, names)
        entries = _Entries(found, names, with_totals=self._settings.assertions)
        yield from map(entries.text, journal)
        if self._settings.assertions and found.last is not None:
            yield from entries.assertions(found.last)


def _options(found: Survey, *, title: str) -> Iterator[str]:
    yield f'option "title" {quoted(title)}\n'
    for code in found.functional_currencies:
        yield f'option "operating_currency" "{code}"\n'
    # A tenth of a minor unit: a whole one is an error, and the 28 digits that beancount divides a
    # total price with never come near it.
    yield 'option "tolerance_multiplier" "0.1"\n'
    for code in found.functional_currencies:
        tolerance = decimal_text(1, places=found.places[code] + 1)
        yield f'option "inferred_tolerance_default" "{code}:{tolerance}"\n'


def _declarations(found: Survey, names: AccountNames) -> Iterator[str]:
    if found.first is None:
        return
    day = found.first.isoformat()
    yield "\n"
    for code in sorted(found.places):
        yield f"{day} commodity {code}\n  digits: {found.places[code]}\n"
    yield "\n"
    for used in found.accounts:
        number = used.account.number
        yield f"{day} open {names.accounts[number]}\n"
        yield f"  number: {quoted(number)}\n  name: {quoted(used.account.name)}\n"
        for customer, name in names.customers.get(number, {}).items():
            yield f"{day} open {name}\n  customer: {quoted(customer)}\n"


class _Entries:
    """Turns entries into text, and adds up where the totals are wanted."""

    def __init__(self, found: Survey, names: AccountNames, *, with_totals: bool) -> None:
        self._names = names
        self._places = found.places
        self._totals: dict[tuple[str, str], int] | None = {} if with_totals else None

    def text(self, entry: JournalEntry) -> str:
        """One transaction with its metadata and its postings."""
        code = entry.functional_currency
        parts = [_heading(entry)]
        for line in entry.lines:
            name = self._name(line)
            behind = _posting_metadata(line)
            for posting in self._amounts(line, name, code):
                parts.append(f"  {name}  {posting}\n")
                parts.append(behind)
        return "".join(parts)

    def _name(self, line: JournalLine) -> str:
        number = line.account.number
        if line.customer and line.role.is_control and number in self._names.customers:
            return self._names.customers[number][line.customer]
        return self._names.accounts[number]

    def _amounts(self, line: JournalLine, name: str, code: str) -> tuple[str, ...]:
        """What stands behind the account: one amount, or two where no price can join them."""
        amount, value, currency = line.amount_minor, line.functional_minor, line.currency
        if self._totals is not None:
            self._add(name, code, value if currency == code or _is_apart(amount, value) else 0)
            self._add(name, currency, amount if currency != code else 0)
        places = self._places
        worth = decimal_text(value, places=places[code])
        if currency == code or not amount:
            return (f"{worth} {code}",)
        units = decimal_text(amount, places=places[currency])
        if not _is_apart(amount, value):
            return (f"{units} {currency} @@ {worth.removeprefix('-')} {code}",)
        free = f"{units} {currency} @@ {decimal_text(0, places=places[code])} {code}"
        return (free, f"{worth} {code}") if value else (free,)

    def _add(self, name: str, currency: str, minor: int) -> None:
        if self._totals is not None and minor:
            self._totals[name, currency] = self._totals.get((name, currency), 0) + minor

    def assertions(self, last: dt.date) -> Iterator[str]:
        """The balance of every account on the day after the last entry, those below it included."""
        if last == dt.date.max:
            return
        day = (last + dt.timedelta(days=1)).isoformat()
        above = {
            name: self._names.accounts[number]
            for number, below in self._names.customers.items()
            for name in below.values()
        }
        totals = dict(self._totals or {})
        for (name, currency), minor in (self._totals or {}).items():
            if name in above:
                parent = (above[name], currency)
                totals[parent] = totals.get(parent, 0) + minor
        yield "\n"
        for (name, currency), minor in sorted(totals.items()):
            yield f"{day} balance {name}  {decimal_text(minor, places=self._places[currency])} {currency}\n"


def _is_apart(amount: int, value: int) -> bool:
    """Whether a price cannot join the two amounts: one is zero, or they have opposite signs."""
    return not amount or not value or (amount < 0) != (value < 0)


def _heading(entry: JournalEntry) -> str:
    narration = quoted(entry.text or f"{entry.kind} {entry.document}")
    tag, link = label(entry.kind), label(entry.event)
    parts = [f"\n{entry.date.isoformat()} * {narration}"]
    if tag:
        parts.append(f" #{tag}")
    if link:
        parts.append(f" ^{link}")
    parts.append(f"\n  entry: {quoted(entry.entry)}\n  entity: {quoted(entry.creditor)}\n")
    parts.append(_metadata("kind", entry.kind))
    parts.append(_metadata("document", entry.document))
    if entry.document_date is not None:
        parts.append(f"  document-date: {entry.document_date.isoformat()}\n")
    parts.append(_metadata("event", entry.event))
    if entry.recorded_at is not None:
        parts.append(f'  recorded-at: "{entry.recorded_at.isoformat()}"\n')
    return "".join(parts)


def _posting_metadata(line: JournalLine) -> str:
    parts = [
        _behind("customer", line.customer),
        _behind("item", line.item),
        _behind("counterparty", line.counterparty),
        _behind("text", line.text),
    ]
    if line.dimensions:
        parts.extend(_dimensions(line))
    return "".join(parts)


def _dimensions(line: JournalLine) -> Iterator[str]:
    used: set[str] = set()
    for name, value in line.dimensions:
        # Beancount refuses a key twice, and two names can share the letters that a key may have.
        plain = base = key(name)
        count = 1
        while plain in used:
            count += 1
            plain = f"{base}-{count}"
        used.add(plain)
        yield f"    {plain}: {quoted(value)}\n"


def _metadata(name: str, text: str) -> str:
    return f"  {name}: {quoted(text)}\n" if text else ""


def _behind(name: str, text: str) -> str:
    return f"    {name}: {quoted(text)}\n" if text else ""
