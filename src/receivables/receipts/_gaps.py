"""What is missing between statements: a number, a page, or the money between two balances."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from receivables.money import from_minor
from receivables.problems import Place, Problem, Severity
from receivables.receipts._parts import Part, offsets_of

__all__ = ["gaps_between"]

_NEIGHBOURS_MAX: Final = 16
"""How many statements before another one are looked at for its opening balance."""

_NUMBERS_MAX: Final = 31
"""How far a number may be from the one before to be a count: some banks put a day into it."""


def gaps_between(parts: Iterable[Part]) -> Iterator[Problem]:
    """What is missing between the statements of one account, as far as they tell."""
    known = [part for part in parts if part.statement is not None]
    yield from _page_gaps(known)
    final = sorted((part for part in known if part.is_final and part.span), key=_order)
    closings = {part.closing: part for part in reversed(final)}
    for at, part in enumerate(final[1:], start=1):
        before = final[at - 1]
        missing = _missing_numbers(before, part)
        first = closings.get(part.opening)
        is_led_to = first is not None and first is not part and _order(first) <= _order(part)
        if not is_led_to and not _is_inside(part, final[max(0, at - _NEIGHBOURS_MAX) : at]):
            latest = max(final[:at], key=_end) if at <= _NEIGHBOURS_MAX else before
            yield _gap(part, _broken(latest, part) + (f"; {missing}" if missing else ""))
        elif missing:
            yield _gap(part, f"{missing}, though the balances go on")


def _order(part: Part) -> tuple[int, int, int, int, int]:
    first, last = part.span or (0, 0)
    sequence, page = part.numbering
    return first, last, sequence or 0, page or 0, part.ordinal


def _end(part: Part) -> tuple[int, int, int]:
    sequence, page = part.numbering
    return (part.span or (0, 0))[1], sequence or 0, page or 0


def _is_inside(part: Part, others: Sequence[Part]) -> bool:
    """Whether a statement begins where another began, or within it."""
    return any(
        other.opening == part.opening or offsets_of(other, part)
        for other in others
        if other.span is not None and part.span is not None and part.span[0] <= other.span[1]
    )


def _missing_numbers(before: Part, part: Part) -> str:
    """Which sequence numbers are missing; they begin anew with a year.

    Numbers that go along with the days, or leap, are no count of statements.
    """
    last, following = before.numbering[0], part.numbering[0]
    if last is None or following is None or not 1 < following - last <= _NUMBERS_MAX:
        return ""
    days = (part.span or (0, 0))[1] - (before.span or (0, 0))[1]
    if _year(before) != _year(part) or following - last == days:
        return ""
    first_missing, last_missing = last + 1, following - 1
    if first_missing == last_missing:
        return f"number {first_missing} is missing"
    return f"numbers {first_missing} to {last_missing} are missing"


def _year(part: Part) -> int:
    return dt.date.fromordinal((part.span or (1, 1))[1]).year


def _broken(before: Part, part: Part) -> str:
    return (
        f"statement {before.title} closes with {_amount(before, before.closing)}{_in(before)}, and "
        f"statement {part.title} opens with {_amount(part, part.opening)}"
    )


def _in(part: Part) -> str:
    return f" in {part.source}" if part.source else ""


def _amount(part: Part, minor: int | None) -> str:
    currency = part.statement.currency if part.statement is not None else ""
    return f"{from_minor(minor or 0, currency).amount} {currency}"


def _page_gaps(parts: Iterable[Part]) -> Iterator[Problem]:
    """The pages that are missing of a statement that numbers them."""
    pages: dict[tuple[str, int | None], dict[int, Part]] = {}
    for part in parts:
        number = part.numbering[1]
        if number is not None:
            pages.setdefault((part.name, part.numbering[0]), {})[number] = part
    for found in pages.values():
        last = max(found)
        end = found[last].statement
        # Some banks count pages through the year, so a first page with another number says nothing.
        if len(found) < last - min(found) + 1:
            said = ", ".join(str(number) for number in sorted(found))
            yield _gap(found[last], f"of statement {found[last].title} only pages {said} came")
        elif end is not None and end.is_last_page is False:
            yield _gap(found[last], f"no page came after statement {found[last].title}")


def _gap(part: Part, message: str) -> Problem:
    place = Place(part.source or part.title, field="statement")
    text = f"account {part.account}: {message}"
    return Problem("statement.gap", text, place=place, severity=Severity.WARNING)
