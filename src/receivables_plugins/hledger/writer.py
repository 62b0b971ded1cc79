"""The journal writer ``hledger``: declarations of currencies and accounts, then the entries.

A line in a foreign currency is a posting at the total price that it has in the books::

    Assets:Receivable:411 Clients  100.01 USD @@ 92.37 EUR

so ``hledger balance`` is right in each currency, and ``hledger balance --cost`` is the balance in the
books.  A line that has an amount in one of the two currencies only (an exchange difference) is a
posting in that one, and a line whose two amounts have opposite signs is two postings, because a total
price has the sign of its amount.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from receivables.accounting.model import Journal, JournalEntry, JournalLine
from receivables.accounting.writing import AccountNames, Survey, decimal_text, encoded, survey
from receivables_plugins.hledger._names import TYPES, code, component, description, tag, value
from receivables_plugins.hledger.settings import HledgerSettings

__all__ = ["HledgerWriter"]


class HledgerWriter:
    """Writes UTF-8; hledger reads it under a locale of UTF-8 only.

    What is held while writing is the names of accounts and one piece; with `assertions`, a total for
    every account and currency too.
    """

    media_type = "text/plain"
    suffix = ".journal"

    def __init__(self, settings: HledgerSettings) -> None:
        self._settings = settings

    def write(self, journal: Journal) -> Iterator[bytes]:
        """Write, in pieces; raises `UnknownCurrencyError` before the first."""
        found = survey(journal, customers=self._settings.customers == "accounts")
        return encoded(self._texts(journal, found, AccountNames(found, component=component)))

    def _texts(self, journal: Journal, found: Survey, names: AccountNames) -> Iterator[str]:
        yield from _declarations(found, names)
        entries = _Entries(found, names, with_totals=self._settings.assertions)
        yield from map(entries.text, journal)
        if self._settings.assertions and found.last is not None:
            yield entries.assertions(found.last)


def _declarations(found: Survey, names: AccountNames) -> Iterator[str]:
    yield "decimal-mark .\n\n"
    for currency, places in sorted(found.places.items()):
        # A currency without decimals still shows its mark, by which hledger knows the format.
        sample = decimal_text(1000 * 10**places, places=places)
        yield f"commodity {sample}{'' if places else '.'} {currency}\n"
    yield "\n"
    for used in found.accounts:
        kind = TYPES[used.nature]
        yield f"account {names.accounts[used.account.number]}  ; type:{kind}\n"
        for name in names.customers.get(used.account.number, {}).values():
            yield f"account {name}  ; type:{kind}\n"


class _Entries:
    """Turns entries into text, and adds up where the totals are wanted."""

    def __init__(self, found: Survey, names: AccountNames, *, with_totals: bool) -> None:
        self._names = names
        self._places = found.places
        self._totals: dict[tuple[str, str], int] | None = {} if with_totals else None

    def text(self, entry: JournalEntry) -> str:
        """One transaction with its tags and its postings."""
        currency = entry.functional_currency
        parts = [_heading(entry)]
        for line in entry.lines:
            name = self._name(line)
            tags = _posting_tags(line)
            for amount in self._amounts(line, name, currency):
                parts.append(f"    {name}  {amount}{tags}\n")  # noqa: PERF401  # mostly one: a comprehension costs more
        return "".join(parts)

    def _name(self, line: JournalLine) -> str:
        number = line.account.number
        if line.customer and line.role.is_control and number in self._names.customers:
            return self._names.customers[number][line.customer]
        return self._names.accounts[number]

    def _amounts(self, line: JournalLine, name: str, functional: str) -> tuple[str, ...]:
        """What stands behind the account: one amount, or two where no price can join them."""
        amount, worth, currency = line.amount_minor, line.functional_minor, line.currency
        is_own = currency == functional
        apart = not amount or not worth or (amount < 0) != (worth < 0)
        if self._totals is not None:
            self._add(name, functional, worth if is_own or apart else 0)
            self._add(name, currency, 0 if is_own else amount)
        places = self._places
        books = decimal_text(worth, places=places[functional])
        if is_own or not amount:
            return (f"{books} {functional}",)
        units = decimal_text(amount, places=places[currency])
        if not apart:
            return (f"{units} {currency} @@ {books.removeprefix('-')} {functional}",)
        free = f"{units} {currency} @@ {decimal_text(0, places=places[functional])} {functional}"
        return (free, f"{books} {functional}") if worth else (free,)

    def _add(self, name: str, currency: str, minor: int) -> None:
        if self._totals is not None and minor:
            self._totals[name, currency] = self._totals.get((name, currency), 0) + minor

    def assertions(self, last: dt.date) -> str:
        """A transaction without amounts on the last day that asserts every balance."""
        parts = [f"\n{last.isoformat()} * () balances\n"]
        for (name, currency), minor in sorted((self._totals or {}).items()):
            places = self._places[currency]
            zero, total = decimal_text(0, places=places), decimal_text(minor, places=places)
            parts.append(f"    {name}  {zero} {currency} = {total} {currency}\n")
        return "".join(parts)


def _heading(entry: JournalEntry) -> str:
    # The code is written even where it is empty, because a description may begin with a parenthesis.
    text = description(entry.text or f"{entry.kind} {entry.document}")
    parts = [
        f"\n{entry.date.isoformat()} * ({code(entry.document)}) {text}\n",
        f"    ; entry:{value(entry.entry)}, entity:{value(entry.creditor)}, kind:{value(entry.kind)}\n",
    ]
    if entry.document_date is not None:
        parts.append(f"    ; document-date:{entry.document_date.isoformat()}\n")
    if entry.event:
        parts.append(f"    ; event:{value(entry.event)}\n")
    if entry.recorded_at is not None:
        parts.append(f"    ; recorded-at:{entry.recorded_at.isoformat()}\n")
    return "".join(parts)


def _posting_tags(line: JournalLine) -> str:
    if not (line.customer or line.item or line.counterparty or line.text or line.dimensions):
        return ""
    tags = []
    if line.customer:
        tags.append(f"customer:{value(line.customer)}")
    if line.item:
        tags.append(f"item:{value(line.item)}")
    if line.counterparty:
        tags.append(f"counterparty:{value(line.counterparty)}")
    if line.text:
        tags.append(f"text:{value(line.text)}")
    if line.dimensions:
        tags.extend(f"{tag(name)}:{value(said)}" for name, said in line.dimensions)
    return f"  ; {', '.join(tags)}"
