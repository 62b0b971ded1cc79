"""What the transaction codes of CODA say: how money came, and whether it went back.

A code is eight digits: type, family (2), transaction (2) and category (3).  The tables follow the
annex "coding of the transactions" of Febelfin's standard, as Noviat's module quotes it.
"""

from __future__ import annotations

import functools
from typing import Final

from receivables.receipts.model import ReceiptMethod

__all__ = ["CANCELLATIONS", "REFUSALS", "RETURNS", "R_TYPES", "is_cost", "method_of"]

_FAMILIES: Final = {
    "01": ReceiptMethod.CREDIT_TRANSFER,
    "02": ReceiptMethod.CREDIT_TRANSFER,
    "03": ReceiptMethod.CHEQUE,
    "04": ReceiptMethod.CARD,
    "05": ReceiptMethod.DIRECT_DEBIT,
    "07": ReceiptMethod.BILL_OF_EXCHANGE,
    "09": ReceiptMethod.CASH,
    "41": ReceiptMethod.CREDIT_TRANSFER,
    "43": ReceiptMethod.CHEQUE,
    "47": ReceiptMethod.BILL_OF_EXCHANGE,
}
_OTHERS: Final = {
    "0139": ReceiptMethod.CHEQUE,  # circular cheques
    "0152": ReceiptMethod.UNSAID,  # paid in by a third person, in whatever way
    "0160": ReceiptMethod.CHEQUE,
    "0303": ReceiptMethod.CARD,
    "0319": ReceiptMethod.CARD,
    "0350": ReceiptMethod.CARD,
    "0364": ReceiptMethod.CARD,
    "0368": ReceiptMethod.CARD,
    "0453": ReceiptMethod.CASH,  # paid in at a machine
    "4138": ReceiptMethod.UNSAID,  # costs of incoming transfers
}
_COSTS: Final = frozenset({"37", "87"})

CANCELLATIONS: Final = frozenset({"0039", "0089"})
"""Families and transactions that undo another movement.

What the tables call "cancellation or correction" (49, 99) is left alone: banks have booked plain
transfers under it.
"""

RETURNS: Final = {
    "0154": "transfer order that could not be executed",
    "0162": "unpaid postal order",
    "0254": "transfer order that could not be executed",
    "0307": "definitely unpaid cheque",
    "0309": "unpaid voucher",
    "0338": "provisionally unpaid cheque",
    "0339": "provisionally unpaid cheque",
    "0360": "reversal of a voucher",
    "0362": "reversal of a cheque",
    "0503": "unpaid direct debit",
    "0505": "reimbursement of a direct debit",
    "0554": "reimbursement of a direct debit",
    "0556": "reimbursement that could not be executed",
    "0558": "reversal of a direct debit",
    "0705": "bill claimed back",
    "0707": "unpaid bill",
    "0739": "irregular bill returned",
    "4307": "unpaid foreign cheque",
    "4362": "reversal of a foreign cheque",
    "4705": "foreign bill claimed back",
    "4707": "unpaid foreign bill",
}
"""Families and transactions of money that went back, each in our own words."""

REFUSALS: Final = {
    "1": "technical problem",
    "2": "refusal, reason not specified",
    "3": "debtor disagrees",
    "4": "problem with the debtor's account",
    "D": "payer disagrees",
    "E": "direct debit linked to another creditor",
}
"""Why a direct debit was not paid (structured communications 107 and 127)."""

R_TYPES: Final = {"1": "reject", "2": "return", "3": "refund", "4": "reversal", "5": "cancellation"}
"""What kind of R-transaction it was (structured communication 127, record 2.2)."""


@functools.lru_cache(maxsize=1_000)
def method_of(code: str) -> ReceiptMethod:
    """How money came, by family and transaction; costs came in no way.

    >>> method_of("00150000"), method_of("00137000")
    (<ReceiptMethod.CREDIT_TRANSFER: 'credit-transfer'>, <ReceiptMethod.UNSAID: 'unsaid'>)
    """
    kind = code[1:5]
    if kind in _OTHERS:
        return _OTHERS[kind]
    if kind[2:] in _COSTS:
        return ReceiptMethod.UNSAID
    return _FAMILIES.get(kind[:2], ReceiptMethod.UNSAID)


def is_cost(code: str) -> bool:
    """Whether a movement is itself a cost, or of a family in which details are no charges."""
    return code[1:3] not in _FAMILIES or code[3:5] in _COSTS or code[1:5] == "4138"
