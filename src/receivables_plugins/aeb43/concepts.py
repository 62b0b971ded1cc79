"""What the common concepts of AEB43 say: how money came, and whether it went back.

The concepts are those of the annex to the standard.  One concept covers several methods (06 is any
batch of receipts or bills), and a return may come under the concept of what it undoes; there the
text decides, in words that Spanish banks use (unverified: no list of them is published).
"""

from __future__ import annotations

import re
from typing import Final

from receivables.receipts.model import ReceiptMethod, ReturnInfo
from receivables.receipts.returns import RETURN_CODES

__all__ = ["RETURNS", "method_of", "returned_of"]

RETURNS: Final = "14"
"""The concept of returned and unpaid items (*devoluciones e impagados*)."""

_SURE: Final = {
    "04": ReceiptMethod.CREDIT_TRANSFER,
    "11": ReceiptMethod.CASH,
    "12": ReceiptMethod.CARD,
}
_BY_TEXT: Final = frozenset({"01", "02", "03", "06", "14", "98", "99"})
_MAY_RETURN: Final = frozenset({"01", "02", "03", "04", "06", "98", "99"})

_CHEQUE: Final = re.compile(r"\b(?:CHEQ|CHQ|TAL[OÓ]N)", re.IGNORECASE)
_BILL: Final = re.compile(r"\b(?:EFECTOS? |EFECTOS?$|LETRA|PAGAR[EÉ]|DESCUENTO)", re.IGNORECASE)
_DEBIT: Final = re.compile(
    r"\b(?:RECIBO|RCBO|ADEUDO|DOMICILIA|SEPA|SDD|CORE\b|B2B\b)", re.IGNORECASE
)
_TRANSFER: Final = re.compile(r"\b(?:TRANSF|TRF\b|TRASPASO)", re.IGNORECASE)
_CASH: Final = re.compile(r"\b(?:EFECTIVO|REINTEGRO)", re.IGNORECASE)
_METHODS: Final = (
    (_CHEQUE, ReceiptMethod.CHEQUE),
    (_DEBIT, ReceiptMethod.DIRECT_DEBIT),
    (_BILL, ReceiptMethod.BILL_OF_EXCHANGE),
    (_TRANSFER, ReceiptMethod.CREDIT_TRANSFER),
    (_CASH, ReceiptMethod.CASH),
)

_RETURNED: Final = re.compile(r"\b(?:DEVOL|DEV\b|DEVUELT|IMPAGAD|RECHAZ|RETROCES)", re.IGNORECASE)
_FEE: Final = re.compile(r"\b(?:COMIS|GASTO|INTERES|IVA\b)", re.IGNORECASE)
_CODE: Final = re.compile(r"\b[A-Z][A-Z0-9]{3}\b")


def method_of(common: str, text: str) -> ReceiptMethod:
    """How money came, by the common concept, and by the text where the concept leaves it open.

    >>> method_of("04", ""), method_of("06", "ABONO REMESA ADEUDOS SEPA")
    (<ReceiptMethod.CREDIT_TRANSFER: 'credit-transfer'>, <ReceiptMethod.DIRECT_DEBIT: 'direct-debit'>)
    """
    if common in _SURE:
        return _SURE[common]
    if common in _BY_TEXT:
        for pattern, method in _METHODS:
            if pattern.search(text):
                return method
    return ReceiptMethod.UNSAID


def returned_of(common: str, text: str, *, is_debit: bool) -> ReturnInfo | None:
    """Why money went back, where it did; a code is one of ISO 20022 that stands in the text.

    Concept 14 is a return whatever its sign.  A debit under another concept is one where its text
    says so, and does not speak of a fee for it.

    >>> returned_of("03", "DEVOLUCION RECIBO MOTIVO AM04", is_debit=True).code
    'AM04'
    >>> returned_of("99", "COMISION POR DEVOLUCION", is_debit=True) is None
    True
    """
    if common != RETURNS and not (
        is_debit and common in _MAY_RETURN and _RETURNED.search(text) and not _FEE.search(text)
    ):
        return None
    codes = (code for code in _CODE.findall(text) if ("iso20022", code) in RETURN_CODES)
    return ReturnInfo(code=next(codes, ""), text=text)
