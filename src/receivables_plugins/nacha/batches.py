"""A batch while its entries come: what its header says for all of them, and what they sum up to."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Final

import attrs

from receivables.receipts import AdviceBatch, Payer
from receivables_plugins.nacha.controls import Control, Sums
from receivables_plugins.nacha.layouts import IAT, Layout, Way, layout_of, way_of

__all__ = ["CURRENCY", "DEATH", "NOTICES", "Batch", "Known", "date_of", "routing_of"]

CURRENCY: Final = "USD"
"""The network settles in dollars; an IAT entry says in addenda 10 what it is abroad."""

DEATH: Final = "DNE"
"""A federal agency says that a payer has died."""

NOTICES: Final = frozenset({"ACK", "ATX", DEATH})
"""Classes that move no money: acknowledgments, and notices of death."""

_KNOWN_MAX: Final = 50_000
"""Codes and routing numbers kept in a batch; the network has some twenty thousand."""

_DATE_LENGTH: Final = 6
_CENTURY_AFTER: Final = 70
"""Years of two digits from here on are of the twentieth century: ACH began in 1974."""

_WEIGHTS: Final = (3, 7, 1, 3, 7, 1, 3, 7, 1)


@functools.lru_cache(maxsize=1024)
def date_of(text: str) -> dt.date | None:
    """A day as YYMMDD; None where it is blank or zeros; raises `ValueError`.

    >>> date_of("190816"), date_of("000000")
    (datetime.date(2019, 8, 16), None)
    """
    if not text.strip(" 0"):
        return None
    if len(text) != _DATE_LENGTH or not text.isascii() or not text.isdecimal():
        msg = f"date must be YYMMDD, got {text!r}"
        raise ValueError(msg)
    year = int(text[:2])
    try:
        return dt.date(
            year + (2000 if year < _CENTURY_AFTER else 1900), int(text[2:4]), int(text[4:])
        )
    except ValueError:
        msg = f"date must exist, got {text!r}"
        raise ValueError(msg) from None


@functools.lru_cache(maxsize=8192)
def routing_of(text: str) -> tuple[int | None, bool]:
    """What a routing number adds to the hash, and whether its check digit is right.

    >>> routing_of("031300012"), routing_of("031300013")
    ((3130001, True), (3130001, False))
    """
    first = text[:8]
    if len(first) < len("03130001") or not first.isascii() or not first.isdecimal():
        return None, False
    is_whole = len(text) == len(_WEIGHTS) and text.isascii() and text.isdecimal()
    is_right = is_whole and not sum(map(int.__mul__, map(int, text), _WEIGHTS)) % 10
    return int(first), is_right


@attrs.frozen(kw_only=True)
class Known:
    """What the first twelve characters of an entry say in a batch."""

    way: Way
    is_plain: bool
    """Whether its addenda can only be text."""
    adds: int | None
    """What it adds to the hash; None where the routing number is none."""
    is_right: bool
    references: tuple[tuple[str, str], ...]


class Batch:
    """One batch; without its header the entries are read in the layout that most classes have."""

    def __init__(self, header: str, *, file: str, line: int) -> None:
        self.line = line
        self.sec = header[50:53].strip()
        self.layout: Layout = layout_of(self.sec, header[4:20])
        self.is_adv = self.sec == "ADV" or header[1:4] == "280"
        self.number = header[79:94].strip()
        self.name = "/".join(filter(None, (file, self.number)))
        company = "" if self.layout is IAT else header[4:20].strip()
        self.company = header[40:50].strip()
        self.sender = company or self.company
        self.payer = Payer(name=company)
        self.effective = header[69:75]
        self.date: dt.date | None = None
        self.shared = self._shared(header)
        self.sums = Sums()
        self.credits = 0
        self.debits = 0
        self.advices = 0
        self.known: dict[str, Known] = {}

    def _shared(self, header: str) -> tuple[tuple[str, str], ...]:
        """References that every entry of the batch has."""
        description = header[53:63].strip()
        pairs = (("company", self.company), ("class", self.sec), ("description", description))
        return tuple(pair for pair in pairs if pair[1])

    def learn(self, entry: str) -> Known | None:
        """What a code and a routing number mean here; kept where both are sound, for the next entry.

        None where the code is none of ACH.
        """
        code, routing = entry[1:3], entry[3:12]
        way = way_of(code, self.layout)
        if way is None:
            return None
        adds, is_right = routing_of(routing)
        known = Known(
            way=way,
            is_plain=not way.is_return and self.sec not in NOTICES and not self.is_adv,
            adds=adds,
            is_right=is_right,
            references=(("transaction-code", code), ("routing", routing), *self.shared),
        )
        if is_right and len(self.known) < _KNOWN_MAX:
            self.known[entry[1:12]] = known
        return known

    def count(self, amount: int, signed: int, known: Known) -> None:
        """Sum up an entry as the format does, by its code, and as an advice, by its sign."""
        sums = self.sums
        sums.routing += known.adds or 0
        if known.way.is_debit:
            sums.debits += amount
        else:
            sums.credits += amount
        self.advices += 1
        if signed >= 0:
            self.credits += signed
        else:
            self.debits -= signed

    def finish(self, control: Control | None, *, created_at: str) -> AdviceBatch:
        """The batch, after its last entry; the control counts addenda too, which are taken off."""
        declared = compared = count = None
        if control is not None:
            if control.debits is not None and control.credits is not None:
                declared = control.debits + control.credits
                compared = self.sums.debits + self.sums.credits
            if control.records is not None:
                count = control.records - (self.sums.records - self.advices)
        return AdviceBatch(
            batch=self.name,
            currency=CURRENCY,
            advices=self.advices,
            credits_minor=self.credits,
            debits_minor=self.debits,
            declared_advices=count,
            declared_minor=declared,
            compared_minor=compared,
            created_at=created_at,
            sender=self.sender,
        )
