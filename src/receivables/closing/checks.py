"""The checks of a close, and the lists for a month and for a year.

>>> [check.check for check in MONTH_END][:3]
['receipts-applied', 'unidentified-cash', 'bank-statements']
>>> own = (*MONTH_END, CloseCheck(check="tills-counted", titles={"en": "The tills are counted"},
...                               examine=lambda papers: ()))
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from receivables.accounting.model import Role
from receivables.accounting.objects import carried_items
from receivables.closing._words import TITLES
from receivables.closing.checklist import CloseCheck, ClosingPapers, FindingItem
from receivables.closing.model import MovementKind
from receivables.documents.model import ItemKind, OpenItem
from receivables.intercompany.model import IntercompanyLine
from receivables.intercompany.objects import intercompany_lines, lines_from_journal
from receivables.ledger.model import DocumentIssued, ItemHeld, ItemReleased
from receivables.money import from_minor, to_minor
from receivables.parties import UNIDENTIFIED
from receivables.receipts.model import BankStatement

__all__ = ["CHECKS", "MONTH_END", "YEAR_END"]

_DAY: Final = dt.timedelta(days=1)
_NUMBER: Final = re.compile(r"(.*?)([0-9]+)([^0-9]*)", re.DOTALL)


def _items(papers: ClosingPapers) -> list[OpenItem]:
    """What is open in the entity's book at the end of the period."""
    opened = papers.ledger.open_items(as_of=papers.last)
    return [item for item in opened if item.creditor == papers.creditor]


def _receipts_applied(papers: ClosingPapers) -> Iterator[FindingItem]:
    for item in _items(papers):
        if item.kind is ItemKind.UNAPPLIED_CASH and item.customer != UNIDENTIFIED:
            yield _of_item(item, "receipt {item} is not applied: {amount} is open")


def _unidentified_cash(papers: ClosingPapers) -> Iterator[FindingItem]:
    for item in _items(papers):
        if item.customer == UNIDENTIFIED:
            yield _of_item(item, "the payer of receipt {item} is not known: {amount} is open")


def _of_item(item: OpenItem, text: str) -> FindingItem:
    return FindingItem(
        key=item.item,
        text=text,
        values={"item": item.item},
        customer=item.customer,
        amount_minor=item.open_minor,
        currency=item.currency,
    )


def _missing(key: str, text: str, **values: object) -> FindingItem:
    return FindingItem(key=key, text=text, values=values)


# Bank statements.


def _bank_statements(papers: ClosingPapers) -> Iterator[FindingItem]:
    by_account: dict[str, list[BankStatement]] = {account: [] for account in papers.accounts}
    for statement in papers.statements:
        if not statement.is_copy:
            by_account.setdefault(statement.account, []).append(statement)
    if not by_account:
        yield _missing("statements", "no bank statement was given")
    for account, statements in sorted(by_account.items()):
        if not statements:
            yield _missing(account, "account {account} has no bank statement", account=account)
        ordered = sorted(statements, key=_statement_order)
        for statement in ordered:
            yield from _unproved(statement)
        for before, after in itertools.pairwise(ordered):
            yield from _broken(before, after)
        yield from _ends_early(papers, account, ordered)


def _statement_order(statement: BankStatement) -> tuple[dt.date, int, int, str]:
    day = _closing_day(statement) or dt.date.min
    return (day, statement.sequence or 0, statement.page or 0, statement.statement)


def _closing_day(statement: BankStatement) -> dt.date | None:
    days = [each.date for each in statement.balances if each.type == "CLBD" and each.date]
    return max(days, default=None)


def _unproved(statement: BankStatement) -> Iterator[FindingItem]:
    key = f"{statement.account}|{statement.statement}"
    difference = statement.difference_minor
    if difference is None:
        text = "bank statement {statement} lacks a balance"
        yield _missing(key, text, statement=statement.statement)
    elif difference:
        yield FindingItem(
            key=key,
            text="the entries of bank statement {statement} differ from its balances by {amount}",
            values={"statement": statement.statement},
            amount_minor=difference,
            currency=statement.currency,
        )


def _broken(before: BankStatement, after: BankStatement) -> Iterator[FindingItem]:
    """A statement must open with what the one before closed with, in the order of the bank's numbers."""
    key = f"{after.account}|{before.statement}>{after.statement}"
    values = {"first": before.statement, "second": after.statement}
    known = before.closing_minor is not None and after.opening_minor is not None
    if known and before.closing_minor != after.opening_minor:
        yield FindingItem(
            key=key,
            text="bank statement {second} does not begin where {first} ends: {amount} lies between",
            values=values,
            amount_minor=(after.opening_minor or 0) - (before.closing_minor or 0),
            currency=after.currency,
        )
    numbers = (before.sequence, after.sequence)
    if None not in numbers and (after.sequence or 0) - (before.sequence or 0) > 1:
        text = "between bank statements {first} and {second} there are others, by their numbers"
        yield _missing(f"{key}#", text, **values)


def _ends_early(
    papers: ClosingPapers, account: str, ordered: Sequence[BankStatement]
) -> Iterator[FindingItem]:
    days = [day for statement in ordered if (day := _closing_day(statement)) is not None]
    if days and max(days) < papers.last:
        text = "the last bank statement of account {account} ends on {day}"
        yield _missing(f"{account}|end", text, account=account, day=max(days))


# The books themselves.


def _roll_forward(papers: ClosingPapers) -> Iterator[FindingItem]:
    for row in papers.roll_forward.rows:
        for currency, moved in (
            (row.currency, row.movements),
            (row.functional_currency, row.functional_movements),
        ):
            minor = moved.get(MovementKind.UNEXPLAINED, 0)
            if minor:
                yield FindingItem(
                    key=f"{row.customer}|{row.currency}|{currency}",
                    text="the balance of {customer} moved by {amount}, which no event explains",
                    values={"customer": row.customer},
                    customer=row.customer,
                    amount_minor=minor,
                    currency=currency,
                )


def _tie_out(papers: ClosingPapers) -> Iterator[FindingItem]:
    own = [each for each in papers.tie_outs if each.creditor == papers.creditor]
    if not own:
        yield _missing("tie-out", "no tie-out was given")
    for tied in own:
        if tied.as_of != papers.last:
            text = "a tie-out is as of {day}, and not as of the last day of the period"
            yield _missing(f"as-of:{tied.as_of}", text, day=tied.as_of)
        for one in tied.differences:
            yield FindingItem(
                key=one.key,
                text="{cause}: {document} differs by {amount}",
                values={"cause": one.cause.value, "document": one.document or one.account},
                customer=one.customer,
                amount_minor=one.difference_minor,
                currency=one.currency,
            )


def _revaluation(papers: ClosingPapers) -> Iterator[FindingItem]:
    journal = papers.journal
    foreign = {item.currency for item in _items(papers)}
    if journal is None:
        if len(foreign) > 1:
            yield _missing("journal", "no journal was given, and items are in several currencies")
        return
    foreign -= {journal.functional_currency}
    if papers.rates is not None:
        yield from _not_at_closing_rate(papers)
        return
    revalued = {
        line.currency
        for entry in journal.between(papers.last, papers.last)
        if entry.creditor == papers.creditor and entry.kind.startswith("revaluation")
        for line in entry.lines
    }
    for currency in sorted(foreign - revalued):
        text = "items in {currency} are not revalued on {day}"
        yield _missing(currency, text, currency=currency, day=papers.last)


def _not_at_closing_rate(papers: ClosingPapers) -> Iterator[FindingItem]:
    """What the journal carries less what it should at the closing rate, a minor unit per item aside."""
    journal, rates = papers.journal, papers.rates
    assert journal is not None  # noqa: S101  # the caller looked
    assert rates is not None  # noqa: S101  # the caller looked
    home = journal.functional_currency
    off: dict[str, tuple[int, int]] = {}
    for item in carried_items(journal, as_of=papers.last):
        if item.creditor == papers.creditor and item.currency != home:
            worth = rates.convert(
                from_minor(item.open_minor, item.currency), to=home, on=papers.last
            )
            minor, count = off.get(item.currency, (0, 0))
            off[item.currency] = (minor + item.carrying_minor - to_minor(worth), count + 1)
    for currency, (minor, count) in sorted(off.items()):
        if abs(minor) > count:
            yield FindingItem(
                key=currency,
                text="items in {currency} are carried at {amount} more than at the closing rate",
                values={"currency": currency},
                amount_minor=minor,
                currency=home,
            )


def _allowance(papers: ClosingPapers) -> Iterator[FindingItem]:
    owed = [item for item in _items(papers) if item.open_minor > 0]
    roles = {Role.ALLOWANCE, Role.ALLOWANCE_EXPENSE, Role.ALLOWANCE_RELEASE}
    entries = () if papers.journal is None else papers.journal.between(papers.first, papers.last)
    booked = any(
        line.role in roles
        for entry in entries
        if entry.creditor == papers.creditor
        for line in entry.lines
    )
    if owed and not booked:
        text = "no allowance was booked in the period, and {count} items are open"
        yield _missing("allowance", text, count=len(owed))


def _intercompany(papers: ClosingPapers) -> Iterator[FindingItem]:
    own = [line for line in _own_lines(papers) if line.date <= papers.last]
    agreed = {
        (agreement.counterparty if agreement.creditor == papers.creditor else agreement.creditor)
        for agreement in papers.agreements
        if agreement.as_of == papers.last
        and papers.creditor in (agreement.creditor, agreement.counterparty)
    }
    for entity, currency in sorted({(line.counterparty, line.currency) for line in own}):
        if entity not in agreed:
            yield FindingItem(
                key=f"{entity}|{currency}",
                text="the balance of {amount} with {entity} is not agreed",
                values={"entity": entity},
                amount_minor=sum(
                    line.amount_minor
                    for line in own
                    if (line.counterparty, line.currency) == (entity, currency)
                ),
                currency=currency,
            )
    yield from _disagreements(papers)


def _own_lines(papers: ClosingPapers) -> Iterable[IntercompanyLine]:
    lines = list(intercompany_lines(papers.ledger))
    if papers.journal is not None:
        lines = list(lines_from_journal(papers.journal))
    return [line for line in lines if line.creditor == papers.creditor]


def _disagreements(papers: ClosingPapers) -> Iterator[FindingItem]:
    for agreement in papers.agreements:
        parties = (agreement.creditor, agreement.counterparty)
        if papers.creditor in parties and agreement.as_of == papers.last:
            other = parties[parties[0] == papers.creditor]
            for one in agreement.differences:
                yield FindingItem(
                    key=f"{other}|{one.key}",
                    text="{cause}: {reference} differs by {amount} with {entity}",
                    values={
                        "cause": one.cause.value,
                        "reference": one.reference,
                        "entity": other,
                    },
                    amount_minor=one.difference_minor,
                    currency=one.currency,
                )


def _held(papers: ClosingPapers) -> Iterator[FindingItem]:
    last: dict[str, ItemHeld | ItemReleased] = {}
    for event in papers.ledger.events:
        if isinstance(event, ItemHeld | ItemReleased) and event.creditor == papers.creditor:
            last[event.item] = event
    for event in last.values():
        is_held = papers.ledger.is_held(event.creditor, event.item, as_of=papers.last)
        item = papers.ledger.item(event.creditor, event.item, as_of=papers.last)
        if is_held and not event.reason and item is not None and item.open_minor:
            yield _of_item(item, "item {item} is held without a reason: {amount} is open")
    for draft in papers.drafts:
        if not draft.reason:
            yield FindingItem(
                key=f"draft:{draft.number}",
                text="draft {document} over {amount} is not issued, without a reason",
                values={"document": draft.number},
                customer=draft.customer,
                amount_minor=draft.amount_minor,
                currency=draft.currency,
            )


def _document_numbers(papers: ClosingPapers) -> Iterator[FindingItem]:
    """Numbers that no document has, below one of the period: the rest of a number names the series."""
    series: dict[tuple[str, str], dict[int, bool]] = {}
    widths: dict[tuple[str, str, int], str] = {}
    for event in papers.ledger.events:
        if not isinstance(event, DocumentIssued) or event.document.creditor != papers.creditor:
            continue
        found = _NUMBER.fullmatch(event.document.number)
        if found is not None and event.effective_on <= papers.last:
            prefix, digits, suffix = found.groups()
            series.setdefault((prefix, suffix), {})[int(digits)] = (
                event.effective_on >= papers.first
            )
            widths[prefix, suffix, int(digits)] = digits
    for (prefix, suffix), numbers in sorted(series.items()):
        ordered = sorted(numbers)
        for before, after in itertools.pairwise(ordered):
            if after - before > 1 and (numbers[after] or numbers[before]):
                width = len(widths[prefix, suffix, after])
                ends = [
                    f"{prefix}{str(each).zfill(width)}{suffix}" for each in (before + 1, after - 1)
                ]
                yield _gap(*ends, count=after - before - 1)


def _gap(first: str, last: str, *, count: int) -> FindingItem:
    if count == 1:
        return _missing(first, "no document has the number {first}", first=first)
    text = "no documents have the numbers {first} to {last}: {count} are missing"
    return _missing(f"{first}..{last}", text, first=first, last=last, count=count)


# What a year asks besides.


def _credit_balances(papers: ClosingPapers) -> Iterator[FindingItem]:
    for row in papers.roll_forward.rows:
        if row.closing_minor < 0 and row.customer != UNIDENTIFIED:
            yield FindingItem(
                key=f"{row.customer}|{row.currency}",
                text="{customer} has a credit balance of {amount}, which is a liability",
                values={"customer": row.customer},
                customer=row.customer,
                amount_minor=row.closing_minor,
                currency=row.currency,
            )


def _months_closed(papers: ClosingPapers) -> Iterator[FindingItem]:
    needed = papers.last.replace(day=1) - _DAY
    through = papers.ledger.closed_through(papers.creditor)
    if needed >= papers.first and (through is None or through < needed):
        text = "the books must be closed through {day} first"
        yield _missing(f"through:{needed}", text, day=needed)


def _cut_off(papers: ClosingPapers) -> Iterator[FindingItem]:
    for event in papers.ledger.events:
        if isinstance(event, DocumentIssued) and event.document.creditor == papers.creditor:
            document = event.document
            posted = papers.first <= event.effective_on <= papers.last
            dated = papers.first <= document.document_date <= papers.last
            if posted != dated:
                yield FindingItem(
                    key=document.number,
                    text="{document} is of {day} and was posted on {posted}: {amount}",
                    values={
                        "document": document.number,
                        "day": document.document_date,
                        "posted": event.effective_on,
                    },
                    customer=document.customer,
                    amount_minor=to_minor(document.total),
                    currency=document.currency,
                )


def _export(papers: ClosingPapers) -> Iterator[FindingItem]:
    if papers.export_problems is None:
        yield _missing("export", "the accounting export was not checked")
    for problem in papers.export_problems or ():
        if problem.is_error:
            yield _missing(f"{problem.code}|{problem.place}", "{problem}", problem=problem)


_EXAMINE: Final[Mapping[str, Callable[[ClosingPapers], Iterator[FindingItem]]]] = {
    "receipts-applied": _receipts_applied,
    "unidentified-cash": _unidentified_cash,
    "bank-statements": _bank_statements,
    "roll-forward": _roll_forward,
    "tie-out": _tie_out,
    "revaluation": _revaluation,
    "allowance": _allowance,
    "intercompany": _intercompany,
    "held": _held,
    "document-numbers": _document_numbers,
    "credit-balances": _credit_balances,
    "months-closed": _months_closed,
    "cut-off": _cut_off,
    "export": _export,
}

CHECKS: Final[Mapping[str, CloseCheck]] = {
    name: CloseCheck(check=name, titles=TITLES[name], examine=examine)
    for name, examine in _EXAMINE.items()
}
"""Every check of the library by its name; ``export`` is on no list, for those who must hand one over."""

MONTH_END: Final[tuple[CloseCheck, ...]] = tuple(
    CHECKS[name] for name in tuple(_EXAMINE)[: tuple(_EXAMINE).index("credit-balances")]
)
"""The checks of a month, in their order."""

YEAR_END: Final[tuple[CloseCheck, ...]] = (
    *MONTH_END,
    *(CHECKS[name] for name in ("credit-balances", "months-closed", "cut-off")),
)
"""The checks of a year: those of a month, and what only a year asks."""
