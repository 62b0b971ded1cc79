"""From the fields around the entries of a message to a `BankStatement` that proves them.

Opening balance plus entries is the closing balance, on each page of a statement that has several:
``:60F:`` and ``:62F:`` are those of the statement, ``:60M:`` and ``:62M:`` those of a page.  An
interim report (MT942) has no balances, and proves its entries by their number and sum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from receivables.reading import ReadNotes
from receivables.receipts.model import BankBalance, BankEntry, BankStatement
from receivables.receipts.tallying import StatementTally, prove
from receivables_plugins.mt940.settings import Mt940Settings
from receivables_plugins.mt940.values import (
    Balance,
    RefusedError,
    Sums,
    balance,
    moment,
    places_of,
    sums,
)

__all__ = ["StatementUnderWay"]

_NUMBER: Final = re.compile(r"\s*(\d*)\s*(?:/\s*(\d*)\s*)?", re.ASCII)
_OWN_CURRENCY: Final = re.compile(r"(.*?[\d ])(?:/| *)([A-Z]{3})", re.ASCII)
_IN_BALANCE: Final = re.compile(r"[CD]?\d{0,6}([A-Z]{3})", re.ASCII)
_FLOOR: Final = re.compile(r"\s*([A-Z]{3})", re.ASCII)
_NUMBER_DIGITS_MAX: Final = 18
_BALANCES_MAX: Final = 100
"""Balances of later days that are kept; a statement has a handful."""
_MOVEMENTS: Final = {1: ":90C:", -1: ":90D:"}


def _pass(_text: str, _line: int) -> None:
    """Take nothing from a field that says nothing for us."""


class StatementUnderWay:
    """A statement while its entries come: who it is, and what they sum up to."""

    def __init__(
        self,
        *,
        line: int,
        settings: Mt940Settings,
        notes: ReadNotes,
        before: StatementUnderWay | None = None,
    ) -> None:
        self._line = line
        self._settings = settings
        self._notes = notes
        self._before = before
        self._reference = ""
        self._number = ""
        self._sequence: int | None = None
        self._page: int | None = None
        self._is_last: bool | None = None
        self._created_at = ""
        self._opening: Balance | None = None
        self._closing: Balance | None = None
        self._closing_line = line
        self._others: list[BankBalance] = []
        self._declared: dict[int, Sums] = {}
        self._moved = {1: [0, 0], -1: [0, 0]}
        self._tally = StatementTally("", "", "")
        self._has_begun = False
        self._own_currency = settings.currency
        self._is_interim = False
        self.has_opening = False
        self.is_closed = False
        self.is_copy = False
        self.account = ""
        self.statement = ""
        self.currency = ""
        self.letter = ""
        """The third letter of the currency, which an entry may have before its amount."""
        self.places: int | None = None
        """The decimals of the currency; None where there is none, or one that is not known."""
        self.is_booked = True
        """Whether its entries are booked; those of an interim report come again."""
        self.index = 0
        self.has_head = False
        """Whether any field of its head has come."""
        self._takers = self._all_takers()

    def _all_takers(self) -> Mapping[str, Callable[[str, int], None]]:
        """What takes each field, by its tag."""
        return {
            "20": self._take_reference,
            "21": _pass,
            "86": _pass,
            "NS": _pass,
            "25": self._take_account,
            "25P": self._take_account,
            "28": self._take_number,
            "28C": self._take_number,
            "60F": self._take_opening,
            "60M": self._take_opening,
            "62F": partial(self._take_closing, is_last=True),
            "62M": partial(self._take_closing, is_last=False),
            "64": partial(self._take_other, type_="CLAV"),
            "65": partial(self._take_other, type_="FWAV"),
            "65F": partial(self._take_other, type_="FWAV"),
            "34F": self._take_floor,
            "13": self._take_moment,
            "13D": self._take_moment,
            "90C": partial(self._take_sums, sign=1),
            "90D": partial(self._take_sums, sign=-1),
        }

    def take(self, tag: str, text: str, line: int) -> None:
        """Take a field other than an entry; what cannot be read is noted."""
        self.has_head = True
        try:
            self._takers[tag](text, line)
        except RefusedError as error:
            field = error.field or f":{tag}:"
            # Later balances prove nothing, so that nothing is wrong without them.
            note = self._notes.warn if tag in {"64", "65", "65F"} else self._notes.error
            note(error.code, str(error), line=line, field=field)

    def follow(self, before: StatementUnderWay) -> None:
        """Take over who the statement before was: a message may hold several of an account."""
        self._reference, self._number = before._reference, before._number
        self._sequence, self._page = before._sequence, before._page
        self.account, self._own_currency = before.account, before._own_currency

    def begin(self) -> None:
        """Settle who the statement is, before its first entry or at its end."""
        if self._has_begun:
            return
        self._has_begun = True
        self.statement = self._name()
        before = self._before
        if before is not None and self._goes_on(before):
            self.statement, self.index = before.statement, before.index
        self._before = None
        if not self.currency:
            self._use(self._own_currency)
        self.is_booked = not self._is_interim or self._settings.interim == "booked"
        self._tally = StatementTally(self.account, self.statement, self.currency)

    def _name(self) -> str:
        """What tells the statement from others of its account, and is one name for all its pages.

        Numbers begin anew with a year, and some banks give all their statements the same.
        """
        day = self._opening.day if self._opening is not None else None
        if self._number and self._page is not None and day is not None:
            return f"{day.year}/{self._number}"
        when = self._created_at or (day.isoformat() if day is not None else "")
        return " ".join(filter(None, (self._number or self._reference, when)))

    def _goes_on(self, before: StatementUnderWay) -> bool:
        """Whether it is the next page of the statement before it."""
        if self._page is None or before._page is None or before._is_last:
            return False
        page = (before.account, before._sequence, before._page + 1)
        return page == (self.account, self._sequence, self._page)

    def add(self, entry: BankEntry) -> None:
        """Count an entry, and sum it up where it is booked."""
        minor = entry.amount_minor
        self._tally.add(minor, is_booked=entry.is_booked)
        if self._is_interim:
            moved = self._moved[1 if minor >= 0 else -1]
            moved[0] += 1
            moved[1] += abs(minor)

    def places_checked(self) -> int:
        """The decimals of the currency; raises `RefusedError` where they are not known."""
        self.places = places_of(self.currency, field=":61:")
        return self.places

    def refuse_order(self, tag: str, line: int) -> None:
        """Note a field that stands where it must not, or twice; the first one holds."""
        msg = f"field :{tag}: must stand once, at its place in the message, got another"
        self._notes.error("mt940.order", msg, line=line, field=f":{tag}:")

    def finish(self) -> BankStatement:
        """The statement, after its last entry; what it does not prove is noted."""
        self.begin()
        opening, closing = self._opening, self._closing
        if closing is not None and opening is not None and closing.currency != opening.currency:
            msg = f"closing balance must be in {opening.currency}, got {closing.currency}"
            self._notes.error(
                "mt940.currency-differs", msg, line=self._closing_line, field="balance"
            )
            closing = None
        statement = self._tally.finish(
            opening_minor=None if opening is None else opening.amount_minor,
            closing_minor=None if closing is None else closing.amount_minor,
            first_day=None if opening is None else opening.day,
            last_day=None if closing is None else closing.day,
            sequence=self._sequence,
            page=self._page,
            is_last_page=self._is_last,
            is_copy=self.is_copy,
            created_at=self._created_at,
            balances=self._others,
        )
        if self._is_interim:
            self._prove_sums()
        else:
            prove(statement, self._notes, line=self._closing_line)
        return statement

    def _prove_sums(self) -> None:
        """Number and sum of the debits and of the credits, each where the report says them."""
        for sign, declared in self._declared.items():
            count, minor = self._moved[sign]
            if (count, minor) != (declared.count, declared.amount_minor):
                msg = (
                    f"entries must be {declared.count} and sum up to {declared.amount_minor} minor "
                    f"units of {declared.currency}, got {count} and {minor}"
                )
                self._notes.error(
                    "mt940.sums-differ", msg, line=self._closing_line, field=_MOVEMENTS[sign]
                )

    def _use(self, currency: str) -> None:
        self.currency = currency
        self.letter = currency[2:]
        try:
            self.places = places_of(currency)
        except RefusedError:
            self.places = None

    # What each field says.

    def _take_reference(self, text: str, _line: int) -> None:
        self._reference = text.strip()

    def _take_account(self, text: str, _line: int) -> None:
        text = text.strip()
        if found := _OWN_CURRENCY.fullmatch(text):
            text, self._own_currency = found[1].strip(), found[2]
        self.account = text.lstrip("/")

    def _take_number(self, text: str, line: int) -> None:
        found = _NUMBER.fullmatch(text)
        if not found or any(len(one or "") > _NUMBER_DIGITS_MAX for one in found.groups()):
            msg = f"number of a statement must be digits, got {text.strip()!r}"
            self._notes.warn("mt940.number-invalid", msg, line=line, field=":28C:")
            self._number = text.strip()
            return
        # Zero is what a bank writes that does not number its statements.
        self._sequence = int(found[1] or 0) or None
        self._page = int(found[2] or 0) or None
        if self._sequence is not None:
            self._number = str(self._sequence)

    def _take_opening(self, text: str, line: int) -> None:
        if self.has_opening:
            self.refuse_order("60F", line)
            return
        self.has_opening = True
        found = _IN_BALANCE.match(text)
        if found and not self.currency:
            self._use(found[1])
        self._opening = self._dated(balance(text, ":60F:"), line)

    def _take_closing(self, text: str, line: int, *, is_last: bool) -> None:
        if self.is_closed:
            self.refuse_order("62F", line)
            return
        self.is_closed = True
        self._is_last, self._closing_line = is_last, line
        self._closing = self._dated(balance(text, ":62F:"), line)
        if not self.currency:
            self._use(self._closing.currency)

    def _take_other(self, text: str, _line: int, *, type_: str) -> None:
        found = balance(text, "")
        if len(self._others) >= _BALANCES_MAX:
            return
        self._others.append(
            BankBalance(
                type=type_,
                amount_minor=found.amount_minor,
                currency=found.currency,
                date=found.day,
            )
        )

    def _dated(self, found: Balance, line: int) -> Balance:
        if found.day is None:
            msg = "balance must have a day of the calendar, got another"
            self._notes.warn("date.invalid", msg, line=line, field="balance")
        return found

    def _take_floor(self, text: str, _line: int) -> None:
        self._is_interim = True
        found = _FLOOR.match(text)
        if found and not self.currency:
            self._use(found[1])

    def _take_moment(self, text: str, _line: int) -> None:
        self._is_interim = True
        self._created_at = moment(text)

    def _take_sums(self, text: str, line: int, *, sign: int) -> None:
        self.is_closed = self._is_interim = True
        self._closing_line = line
        self._declared[sign] = sums(text, _MOVEMENTS[sign])
