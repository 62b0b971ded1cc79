"""The interbank operation codes of CFONB: how the money moved, and whether it came back.

Codes and meanings: the list `error_codes.csv` of silarhi/cfonb-parser; 25, 40 and 78 are from general
knowledge, and unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from receivables.receipts.model import ReceiptMethod

__all__ = ["Operation", "operation"]


class Operation(NamedTuple):
    """What an operation code says of a movement."""

    code: str
    method: ReceiptMethod = ReceiptMethod.UNSAID
    is_return: bool = False
    is_reversal: bool = False


_METHODS: Final[Mapping[ReceiptMethod, str]] = {
    ReceiptMethod.CHEQUE: "01 02 03 15",
    ReceiptMethod.CASH: "04",
    ReceiptMethod.CREDIT_TRANSFER: "05 06 12 13 14 18 21 39 40 41 44 45 78 C1 C2 C3 C4 C5",
    # A discount of bills and of cheques alike (32) is taken for bills.
    ReceiptMethod.BILL_OF_EXCHANGE: "07 31 32 33 34 35 37",
    ReceiptMethod.DIRECT_DEBIT: (
        "08 09 10 22 24 25 26 27 96 97 98 A1 A2 A3 A4 A5 A6 B1 B2 B3 B4 B5 B6"
    ),
    ReceiptMethod.CARD: "11 28 30 36 38",
}
"""How the money moved; fees, interest and corrections have no method."""

_RETURNS: Final = "03 10 12 26 27 33 34 38 98 A3 A4 B3 B4 C3 C4 C5"
"""What comes back: unpaid cheques, debits, bills and cards, returned and recalled transfers.

03 cheques, 10 26 27 98 B3 B4 our debits, 33 34 bills, 38 cards; 12 C3 C5 transfers of ours, A3 A4
debits on our account; C4 is a transfer that we had received, and that was called back.
"""

_REVERSALS: Final = "A5 A6 B5 B6"
"""What a creditor pays back of a direct debit by itself (*reversement*)."""

_OPERATIONS: Final[Mapping[str, Operation]] = {
    code: Operation(code, method, code in _RETURNS.split(), code in _REVERSALS.split())
    for method, codes in _METHODS.items()
    for code in codes.split()
}


def operation(code: str) -> Operation:
    """What a code says; nothing where it is blank or not listed.

    >>> operation("B3").method, operation("B3").is_return
    (<ReceiptMethod.DIRECT_DEBIT: 'direct-debit'>, True)
    >>> operation("62").method
    <ReceiptMethod.UNSAID: 'unsaid'>
    """
    return _OPERATIONS.get(code) or Operation(code.strip())
