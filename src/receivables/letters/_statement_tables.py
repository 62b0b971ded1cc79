"""The workshop: the tables of a statement of account, which a confirmation has in its annex too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from receivables.documents.model import ItemKind
from receivables.errors import DocumentError
from receivables.i18n import bucket_labels, movement_label
from receivables.letters._desk import Desk
from receivables.letters.model import Labelled, LetterRow, LetterTable, plain
from receivables.parties import Creditor, Customer
from receivables.statements.model import (
    SettledPart,
    StatementForm,
    StatementItem,
    StatementMovement,
    StatementMovementKind,
    StatementOfAccount,
    StatementPart,
    StatementTotal,
)

__all__ = ["Work", "check_parties", "open_item_tables", "statement_tables"]

_COLUMNS_ACROSS_MAX: Final = 7
"""Columns of an aging that a sheet holds side by side; more buckets stand below each other."""

_ITEM_COLUMNS: Final = (
    "document",
    "document date",
    "due date",
    "days past due",
    "amount",
    "settled",
    "open amount",
)
_CASH_COLUMNS: Final = ("document", "document date", "amount", "settled", "open amount")
"""Money that came in has no due date."""

# What the library calls a receipt that no source named says nothing to a reader.
_MADE_UP: Final = re.compile(r"receipt-[0-9a-f]{24}")


def check_parties(statement: StatementOfAccount, creditor: Creditor, customer: Customer) -> None:
    """Raise `DocumentError` unless a statement is one of a creditor and a customer."""
    if (statement.creditor, statement.customer) != (creditor.creditor, customer.customer):
        msg = (
            f"statement must be of {creditor.creditor} and {customer.customer}, "
            f"got {statement.creditor} and {statement.customer}"
        )
        raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class Work:
    """What every part of the letter needs."""

    statement: StatementOfAccount
    desk: Desk
    names: Mapping[str, str]

    @property
    def reference(self) -> str:
        """Our reference: whose account, as of which day."""
        return plain(f"{self.desk.customer.customer}/{self.statement.as_of.isoformat()}")

    @property
    def is_group(self) -> bool:
        """Whether the statement is of several customers."""
        return len(self.statement.customers) > 1

    def say(self, message: str, **values: str) -> str:
        """A word of statements in the language of the letter."""
        return self.desk.word("statement", message, **values)

    def name(self, customer: str) -> str:
        """What a customer is called, or its identifier where that is not known."""
        own = self.desk.customer
        known = own.name if customer == own.customer else self.names.get(customer, customer)
        return plain(known)

    def caption(self, part: StatementPart, text: str) -> str:
        """A caption, with the customer's name where the statement is of several."""
        if not self.is_group:
            return text
        return self.say("{name}: {caption}", name=self.name(part.customer), caption=text)

    def balance(self, amount_minor: int, currency: str) -> Labelled:
        """A balance and whose favor it is in: a credit is shown without its sign."""
        label = "balance in your favor" if amount_minor < 0 else "balance owed"
        money = self.desk.money(abs(amount_minor), currency)
        return Labelled(self.say(label), money)


def statement_tables(work: Work) -> Iterator[LetterTable]:
    """The tables of a statement, currency by currency: what is open or moved, then its aging."""
    statement = work.statement
    if not statement.parts:
        zero = work.desk.money(0, work.desk.creditor.currency)
        yield LetterTable(totals=[Labelled(work.say("nothing open"), zero)])
    for currency, total in statement.totals.items():
        parts = [part for part in statement.parts if part.currency == currency]
        for part in parts:
            if statement.form is StatementForm.RUNNING_BALANCE:
                yield _running_table(work, part)
            else:
                yield from _open_tables(work, part)
        if work.is_group:
            yield _group_table(work, parts, total)
        yield _aging_table(work, total)


def open_item_tables(work: Work) -> tuple[LetterTable, ...]:
    """The open items of a statement only, for the annex of another letter."""
    return tuple(table for part in work.statement.parts for table in _open_tables(work, part))


def _open_tables(work: Work, part: StatementPart) -> Iterator[LetterTable]:
    """The documents of a part, then its unapplied cash, and the balance below the last of them."""
    balance = work.balance(part.closing_minor, part.currency)
    if not part.items:
        caption = work.caption(part, work.say("account in {currency}", currency=part.currency))
        yield LetterTable(caption=caption, totals=[balance])
    if part.owed:
        owed_minor = part.closing_minor - part.unapplied_minor
        total = work.desk.money(owed_minor, part.currency)
        totals = [Labelled(work.say("total of documents"), total)] if part.unapplied else [balance]
        yield _item_table(work, part, part.owed, "account in {currency}", totals)
    if part.unapplied:
        total = work.desk.money(part.unapplied_minor, part.currency)
        label = work.desk.word("heading", "unapplied cash")
        yield _item_table(
            work,
            part,
            part.unapplied,
            "unapplied cash in {currency}",
            [Labelled(label, total), balance],
        )


def _item_table(
    work: Work,
    part: StatementPart,
    items: Sequence[StatementItem],
    caption: str,
    totals: Sequence[Labelled],
) -> LetterTable:
    word = work.desk.word
    shown = _CASH_COLUMNS if items[0].is_unapplied else _ITEM_COLUMNS
    return LetterTable(
        caption=work.caption(part, work.say(caption, currency=part.currency)),
        headings=[word("heading", name) for name in shown],
        rows=_item_rows(work, items, shown),
        number_columns=4 if "days past due" in shown else 3,
        totals=totals,
        carried_forward=word("letter", "carried forward"),
        brought_forward=word("letter", "brought forward"),
    )


def _item_rows(
    work: Work, items: Sequence[StatementItem], shown: Sequence[str]
) -> Iterator[LetterRow]:
    running_minor = 0
    for each in items:
        running_minor += each.item.open_minor
        running = work.desk.money(running_minor, each.item.currency)
        cells = _item_cells(work, each)
        yield LetterRow(cells=[cells[name] for name in shown], running=running)
        for part in each.settled_parts:
            detail = _settled_cells(work, part, each.item.currency)
            texts = [detail.get(name, "") for name in shown]
            yield LetterRow(cells=texts, running=running, is_detail=True)


def _item_cells(work: Work, each: StatementItem) -> dict[str, str]:
    desk, item = work.desk, each.item
    late = each.days_past_due or 0
    return {
        "document": _named(_item_label(item.kind.value, desk.locale), item.item),
        "document date": desk.cell_date(item.document_date),
        "due date": desk.cell_date(item.due_date),
        "days past due": str(late) if late > 0 else "",
        "amount": desk.amount(item.amount_minor, item.currency),
        "settled": desk.amount(each.settled_minor, item.currency) if each.settled_minor else "",
        "open amount": desk.amount(item.open_minor, item.currency),
    }


def _settled_cells(work: Work, part: SettledPart, currency: str) -> dict[str, str]:
    """What settled a part: the item or the reason, the day, the amount."""
    desk = work.desk
    items = [_named(_item_label(each.kind.value, desk.locale), each.document) for each in part.by]
    reasons = [
        _capital(movement_label(_movement_kind(kind.value), desk.locale)) for kind in part.residuals
    ]
    other = _capital(movement_label(StatementMovementKind.OTHER, desk.locale))
    return {
        "document": "– " + (" + ".join((*items, *reasons)) or other),
        "document date": desk.cell_date(part.on),
        "settled": desk.amount(part.amount_minor, currency),
    }


def _movement_kind(value: str) -> StatementMovementKind:
    try:
        return StatementMovementKind(value)
    except ValueError:
        return StatementMovementKind.OTHER


def _item_label(kind: str, locale: str) -> str:
    """What an item is; money that came in by that word, whatever is left of it."""
    value = StatementMovementKind.RECEIPT.value if kind == ItemKind.UNAPPLIED_CASH.value else kind
    return movement_label(_movement_kind(value), locale)


def _named(label: str, document: str) -> str:
    """A kind of document and its number; a number that the library made up is left out."""
    number = "" if _MADE_UP.fullmatch(document) else plain(document)
    return " ".join(part for part in (_capital(label), number) if part)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _running_table(work: Work, part: StatementPart) -> LetterTable:
    word = work.desk.word
    headings = ("date", "movement", "debit", "credit", "balance")
    return LetterTable(
        caption=work.caption(part, _period(work, part.currency)),
        headings=[word("heading", name) for name in headings],
        rows=_running_rows(work, part),
        number_columns=3,
        wide_column=1,
        totals=[work.balance(part.closing_minor, part.currency)],
        carried_forward=word("letter", "carried forward"),
        brought_forward=word("letter", "brought forward"),
    )


def _period(work: Work, currency: str) -> str:
    statement, desk = work.statement, work.desk
    as_of = desk.cell_date(statement.as_of)
    if statement.since is None:
        return work.say("account in {currency} to {as_of}", currency=currency, as_of=as_of)
    since = desk.cell_date(statement.since)
    return work.say(
        "account in {currency} from {since} to {as_of}",
        currency=currency,
        since=since,
        as_of=as_of,
    )


def _running_rows(work: Work, part: StatementPart) -> Iterator[LetterRow]:
    desk, currency = work.desk, part.currency
    opening = part.opening_minor or 0
    if work.statement.since is not None:
        yield LetterRow(
            cells=[
                desk.cell_date(work.statement.since),
                work.say("opening balance"),
                "",
                "",
                desk.amount(opening, currency),
            ],
            running=desk.money(opening, currency),
        )
    for movement in part.movements:
        debit, credit = _sides(movement.amount_minor)
        yield LetterRow(
            cells=[
                desk.cell_date(movement.on),
                _movement_name(work, movement),
                "" if debit is None else desk.amount(debit, currency),
                "" if credit is None else desk.amount(credit, currency),
                desk.amount(movement.balance_minor, currency),
            ],
            running=desk.money(movement.balance_minor, currency),
        )


def _sides(amount_minor: int) -> tuple[int | None, int | None]:
    return (None, -amount_minor) if amount_minor < 0 else (amount_minor, None)


def _movement_name(work: Work, movement: StatementMovement) -> str:
    label = movement_label(movement.kind, work.desk.locale)
    if movement.is_reversal:
        label = work.desk.word("movement", "{movement}, reversed", movement=label)
    others = ", ".join(plain(work.names[each]) for each in movement.others if each in work.names)
    # An allocation's own name says nothing to the customer; the name of the other account does.
    is_transfer = movement.kind is StatementMovementKind.TRANSFER
    return _named(label, others if is_transfer else movement.document)


def _group_table(work: Work, parts: Sequence[StatementPart], total: StatementTotal) -> LetterTable:
    """One row for each customer of a group, and the balance of all of them."""
    desk, word = work.desk, work.desk.word
    return LetterTable(
        caption=work.say("all accounts in {currency}", currency=total.currency),
        headings=[word("heading", "customer"), word("heading", "name"), word("heading", "balance")],
        rows=[
            LetterRow(
                cells=[
                    plain(part.customer),
                    work.name(part.customer),
                    desk.amount(part.closing_minor, part.currency),
                ]
            )
            for part in parts
        ],
        wide_column=1,
        totals=[work.balance(total.closing_minor, total.currency)],
    )


def _aging_table(work: Work, total: StatementTotal) -> LetterTable:
    """The aging of a currency: across the sheet, or downwards where there are many buckets."""
    desk, scheme = work.desk, work.statement.scheme
    row, currency = total.aging, total.currency
    labels = [
        *map(_capital, bucket_labels(scheme, desk.locale)),
        desk.word("heading", "credits"),
        desk.word("heading", "total"),
    ]
    amounts = (*row.buckets_minor, row.credits_minor, row.total_minor)
    cells = [desk.amount(amount_minor, currency) for amount_minor in amounts]
    caption = work.say("aging in {currency}", currency=currency)
    if len(labels) <= _COLUMNS_ACROSS_MAX:
        rows = [LetterRow(cells=cells)]
        return LetterTable(
            caption=caption,
            headings=labels,
            rows=rows,
            number_columns=len(labels),
            wide_column=None,
        )
    headings = [desk.word("heading", "bucket"), desk.word("heading", "amount")]
    pairs = zip(labels, cells, strict=True)
    return LetterTable(
        caption=caption, headings=headings, rows=[LetterRow(cells=pair) for pair in pairs]
    )
