"""What the operation codes of CFONB 240 mean, and where each has its fields.

Positions are those of the standard, from 1 and inclusive: CFONB, *Opérations restituées à la
clientèle, 240 caractères*, as read by OCA/l10n-france (codes 60, 61, 62 and 81) and by
silarhi/cfonb-parser (transfers, code 20 in its sample).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.receipts.model import ReceiptMethod

__all__ = ["LAYOUTS", "Fate", "Field", "Layout"]


class Fate(enum.Enum):
    """What a file of an operation code says of its payments."""

    FAILED = "failed"
    """They were refused, or came back."""
    ANSWERED = "answered"
    """Each was refused where it has a reason or an unpaid amount, and went through otherwise."""
    TO_PAY = "to-pay"
    """They are to be paid by us."""
    RECEIVED = "received"
    """They came in, or came back where they name an initial operation."""


@attrs.frozen
class Field:
    """A field by its first and last position."""

    first: int
    last: int
    zone: slice = attrs.field(init=False)
    """The same as Python counts."""

    @zone.default
    def _zone(self) -> slice:
        return slice(self.first - 1, self.last)

    def of(self, record: str) -> str:
        """What stands there, without the blanks around it."""
        return record[self.zone].strip()


def _pairs(values: Iterable[tuple[str, Field]]) -> tuple[tuple[str, Field], ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Layout:
    """Where a record 34 of an operation code has its own fields."""

    fate: Fate
    method: ReceiptMethod
    is_ours_first: bool = True
    """Whether the first party of a record is we; asked where no account is that of the header."""
    text: Field | None = None
    reason: Field | None = None
    due: Field | None = None
    """When it is due; without it the date is that of the settlement or of the refusal."""
    original: Field | None = None
    """The day of what failed, or of what came back."""
    unpaid: Field | None = None
    """What was not paid of the amount."""
    initial: Field | None = None
    """The operation of ours that came back, where it names one."""
    references: tuple[tuple[str, Field], ...] = attrs.field(default=(), converter=_pairs)


_TRANSFERS: Final = Layout(
    fate=Fate.RECEIVED,
    method=ReceiptMethod.CREDIT_TRANSFER,
    is_ours_first=False,
    text=Field(129, 216),
    original=Field(217, 222),
    initial=Field(223, 228),
    references=[
        ("national-issuer", Field(67, 72)),
        ("presenter", Field(123, 128)),
        ("initial-operation", Field(223, 228)),
    ],
)

LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {
        "": _TRANSFERS,
        "20": _TRANSFERS,
        "60": Layout(
            fate=Fate.TO_PAY,
            method=ReceiptMethod.BILL_OF_EXCHANGE,
            is_ours_first=False,
            text=Field(163, 172),
            reason=Field(227, 228),
            due=Field(67, 72),
            references=[
                ("bill", Field(123, 130)),
                ("bank", Field(131, 154)),
                ("acceptance", Field(162, 162)),
                ("drawee", Field(173, 182)),
                ("issued-on", Field(183, 188)),
                ("SIT", Field(204, 211)),
            ],
        ),
        "61": Layout(
            fate=Fate.FAILED,
            method=ReceiptMethod.BILL_OF_EXCHANGE,
            text=Field(139, 148),
            reason=Field(227, 228),
            original=Field(213, 218),
        ),
        "62": Layout(
            fate=Fate.ANSWERED,
            method=ReceiptMethod.BILL_OF_EXCHANGE,
            reason=Field(189, 190),
            unpaid=Field(191, 202),
            references=[("bill", Field(204, 211))],
        ),
        "81": Layout(
            fate=Fate.FAILED,
            method=ReceiptMethod.DIRECT_DEBIT,
            text=Field(153, 183),
            reason=Field(227, 228),
            original=Field(215, 220),
        ),
    }
)
"""The layouts by operation code; a blank code stands on transfers.

Who is the first party of code 60 (bills drawn on us) is not said in either source: the account of
the header decides, and without it the first party is taken for the drawer.
"""
