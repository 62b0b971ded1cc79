"""The workshop: tables of open items, currency by currency, and lists that fit into a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from receivables.days import days_past
from receivables.documents.model import OpenItem
from receivables.letters._desk import Desk
from receivables.letters.model import Labelled, LetterRow, LetterTable, plain
from receivables.money import Money, to_minor

__all__ = ["amounts", "by_currency", "item_tables", "listed"]


def listed(numbers: Iterable[str]) -> str:
    """Numbers in a sentence; where they are too many for one, it ends with an ellipsis."""
    return plain(", ".join(plain(number) for number in numbers))


def by_currency(values: Iterable[Money]) -> dict[str, int]:
    """Sums in minor units, currency by currency, in the order in which they first come."""
    sums: dict[str, int] = {}
    for value in values:
        code = value.currency.code
        sums[code] = sums.get(code, 0) + to_minor(value)
    return sums


def amounts(desk: Desk, sums: dict[str, int]) -> str:
    """Amounts in a sentence, each in its currency; zero of the creditor's where there is none."""
    texts = [desk.money(minor, code) for code, minor in sums.items()]
    return ", ".join(texts) or desk.money(0, desk.creditor.currency)


def item_tables(desk: Desk, items: Sequence[OpenItem]) -> Iterator[LetterTable]:
    """A table of open items for each currency, with its sum."""
    for code in dict.fromkeys(item.currency for item in items):
        yield _item_table(desk, code, [item for item in items if item.currency == code])


def _item_table(desk: Desk, currency: str, items: Sequence[OpenItem]) -> LetterTable:
    headings = ("document", "document date", "due date", "days past due", "open amount")
    total_minor = sum(item.open_minor for item in items)
    return LetterTable(
        headings=[desk.word("heading", heading) for heading in headings],
        rows=_item_rows(desk, items),
        number_columns=2,
        totals=[Labelled(desk.word("letter", "total of items"), desk.money(total_minor, currency))],
        carried_forward=desk.word("letter", "carried forward"),
        brought_forward=desk.word("letter", "brought forward"),
    )


def _item_rows(desk: Desk, items: Sequence[OpenItem]) -> Iterator[LetterRow]:
    running_minor = 0
    for item in items:
        running_minor += item.open_minor
        late = 0 if item.due_date is None else days_past(item.due_date, as_of=desk.dated)
        cells = (
            plain(item.item),
            desk.cell_date(item.document_date),
            desk.cell_date(item.due_date),
            str(late) if late > 0 else "",
            desk.money(item.open_minor, item.currency),
        )
        yield LetterRow(cells=cells, running=desk.money(running_minor, item.currency))
