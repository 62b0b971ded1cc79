"""Where the fields of an entry stand, which differs by standard entry class (SEC)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import attrs

from receivables.receipts import AdviceKind, ReceiptMethod

__all__ = ["ADV", "IAT", "Layout", "Way", "layout_of", "way_of"]


@attrs.frozen(kw_only=True)
class Layout:
    """The slices of an entry record; the routing number and the trace stand where they always do."""

    account: slice = slice(12, 29)
    amount: slice = slice(29, 39)
    reference: slice = slice(39, 54)
    name: slice = slice(54, 76)
    is_cheque: bool = False
    """Whether the reference is the number of a cheque that was turned into a debit."""
    is_card: bool = False


_NONE: Final = slice(0, 0)
_STANDARD: Final = Layout()
_CHEQUE: Final = Layout(is_cheque=True)
_CARD: Final = Layout(is_card=True)
_WITH_COUNT: Final = Layout(name=slice(58, 74))
"""Four figures for the number of addenda stand before the name (CTX and its kin)."""

IAT: Final = Layout(account=slice(39, 74), reference=_NONE, name=_NONE)
"""International entries: names, addresses and texts stand in addenda 10 to 18."""

ADV: Final = Layout(account=slice(12, 27), amount=slice(27, 39), reference=slice(39, 53))
"""Accounting entries of the ACH operator with a bank: the sums that it settles."""

_LAYOUTS: Final = MappingProxyType(
    {
        "ADV": ADV,
        "ARC": _CHEQUE,
        "ATX": _WITH_COUNT,
        "BOC": _CHEQUE,
        # Payments that a consumer starts: the consumer's name comes first.
        "CIE": Layout(reference=slice(54, 76), name=slice(39, 54)),
        "CTX": _WITH_COUNT,
        "ENR": _WITH_COUNT,
        "IAT": IAT,
        "MTE": _CARD,
        "POP": Layout(reference=slice(39, 48), is_cheque=True),
        "POS": _CARD,
        "RCK": _CHEQUE,
        # The name's place holds the number of the card, which is nobody's name.
        "SHR": Layout(reference=slice(43, 54), name=_NONE, is_card=True),
        "TRC": Layout(name=_NONE, is_cheque=True),
        "TRX": _WITH_COUNT,
        "XCK": Layout(name=_NONE, is_cheque=True),
    }
)


def layout_of(sec: str, indicator: str) -> Layout:
    """The layout of a class; a notice of change of an international entry says so in its header.

    >>> layout_of("COR", "IATCOR") is layout_of("IAT", "")
    True
    """
    return IAT if indicator.startswith("IAT") else _LAYOUTS.get(sec, _STANDARD)


@attrs.frozen(kw_only=True)
class Way:
    """What a transaction code says: which way money goes, and that it came back."""

    is_debit: bool
    is_return: bool = False
    kind: AdviceKind
    method: ReceiptMethod


def way_of(code: str, layout: Layout) -> Way | None:
    """What a transaction code means in a class; None where it is none.

    The first figure is the kind of account (2 checking, 3 savings, 4 general ledger, 5 loan), the
    second what is done: 1 and 6 return or change a credit or a debit, 2 to 4 credit, 5 and 7 to 9
    debit (a prenote with 3 and 8, nothing but remittance with 4 and 9).

    >>> way_of("27", _STANDARD).is_debit, way_of("26", _STANDARD).is_return, way_of("90", _STANDARD)
    (True, True, None)
    """
    if len(code) != len("22") or not code.isdecimal() or not code.isascii():
        return None
    account, done = int(code[0]), int(code[1])
    if layout is ADV:
        is_debit = done % 2 == 0
        return Way(
            is_debit=is_debit, kind=AdviceKind.DEPOSIT, method=_method(layout, is_debit=is_debit)
        )
    if account not in _ACCOUNTS or done not in _DONE:
        return None
    is_debit = done in _DEBITS
    return Way(
        is_debit=is_debit,
        is_return=done in _RETURNS,
        kind=AdviceKind.COLLECTION if is_debit else AdviceKind.REMITTANCE,
        method=_method(layout, is_debit=is_debit),
    )


_ACCOUNTS: Final = frozenset({2, 3, 4, 5})
_DONE: Final = frozenset(range(1, 10))
_DEBITS: Final = frozenset({5, 6, 7, 8, 9})
_RETURNS: Final = frozenset({1, 6})


def _method(layout: Layout, *, is_debit: bool) -> ReceiptMethod:
    if layout is ADV:
        return ReceiptMethod.UNSAID
    if layout.is_cheque:
        return ReceiptMethod.CHEQUE
    if layout.is_card:
        return ReceiptMethod.CARD
    return ReceiptMethod.DIRECT_DEBIT if is_debit else ReceiptMethod.CREDIT_TRANSFER
