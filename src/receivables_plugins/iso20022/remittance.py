"""What came with the money: references, named documents, free text, the reason of a return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from receivables.receipts.model import ReferredDocument, Remittance, ReturnInfo
from receivables_plugins.iso20022.records import REFERENCES, Record, texts

__all__ = ["AmountReader", "bank_code", "reference", "references", "remittance", "returned"]

AmountReader: TypeAlias = Callable[[Record, str], int | None]
"""Reads a leaf of a record in the entry's currency; None where it is absent, or in another one."""

_NO_REFERENCE: Final = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF"})


def reference(text: str) -> str:
    """A reference, or nothing where it only says that there is none.

    >>> reference("INV-7"), reference("NOTPROVIDED")
    ('INV-7', '')
    """
    return "" if text in _NO_REFERENCE else text


def bank_code(record: Record) -> str:
    """Domain, family and sub-family, or the bank's own code where there is no domain."""
    if "Domn" in record:
        return "-".join([record[name] for name in ("Domn", "Fmly", "SubFmlyCd") if name in record])
    own: str = record.get("OwnCd", "")
    return own


def remittance(record: Record, amount: AmountReader) -> Remittance:
    """What the payer says, and the bank's additional text after it."""
    structured = record.get("Strd", ())
    return Remittance(
        references=[each for one in structured for each in texts(one, "Ref")],
        documents=[each for one in structured for each in _documents(one, amount)],
        text=_text(record),
        end_to_end=reference(record.get("EndToEndId", "")),
    )


def _text(record: Record) -> list[str]:
    """The payer's lines, and the bank's additional text where it says more."""
    said = [*texts(record, "Ustrd")]
    for structured in record.get("Strd", ()):
        said += texts(structured, "AddtlRmtInf")
    return said + [more for more in texts(record, "AddtlTxInf") if more not in said]


def _documents(structured: Record, amount: AmountReader) -> Iterator[ReferredDocument]:
    """The documents that are named; an amount that stands beside several belongs to none of them."""
    documents = structured.get("RfrdDocInf", ())
    remitted = None
    if len(documents) == 1:
        remitted = amount(structured, "RmtdAmt")
        if remitted is None:
            remitted = amount(structured, "CdtNoteAmt")
    for document in documents:
        if "Nb" in document:
            yield ReferredDocument(
                number=document["Nb"], kind=document.get("Cd", ""), amount_minor=remitted
            )


def references(record: Record, code: str) -> tuple[tuple[str, str], ...]:
    """References that are not the payer's, and the transaction's bank code where the entry's differs."""
    found: list[tuple[str, str]] = []
    if REFERENCES in record:
        found += [pair for pair in record[REFERENCES] if pair[1] not in _NO_REFERENCE]
    if "Refs Prtry" in record:
        own = [one for one in record["Refs Prtry"] if "Ref" in one]
        found += [(one.get("Tp", "Prtry"), one["Ref"]) for one in own]
    if "Domn" in record or "OwnCd" in record:
        own_code = bank_code(record)
        found += [("BkTxCd", own_code)] if own_code != code else []
    return tuple(found)


def returned(record: Record) -> ReturnInfo:
    """Why the money came back (ISO 20022 ``RtrInf``)."""
    reason = record["RtrInf"][0]
    return ReturnInfo(code=reason.get("Rsn", ""), text=" ".join(texts(reason, "AddtlInf")))
