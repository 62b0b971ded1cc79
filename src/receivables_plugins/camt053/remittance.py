"""What came with the money: references, named documents, free text, the reason of a return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from receivables.receipts.model import ReferredDocument, Remittance, ReturnInfo
from receivables_plugins.camt053.records import REFERENCES, Record, texts

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
        text=dict.fromkeys(_text(record)),
        end_to_end=reference(record.get("EndToEndId", "")),
    )


def _text(record: Record) -> Iterator[str]:
    yield from texts(record, "Ustrd")
    for structured in record.get("Strd", ()):
        yield from texts(structured, "AddtlRmtInf")
    yield from texts(record, "AddtlTxInf")


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
    found = [pair for pair in record.get(REFERENCES, ()) if pair[1] not in _NO_REFERENCE]
    found += [
        (own.get("Tp", "Prtry"), own["Ref"]) for own in record.get("Refs Prtry", ()) if "Ref" in own
    ]
    if (own_code := bank_code(record)) and own_code != code:
        found.append(("BkTxCd", own_code))
    return tuple(found)


def returned(record: Record) -> ReturnInfo:
    """Why the money came back (ISO 20022 ``RtrInf``)."""
    reason = record["RtrInf"][0]
    return ReturnInfo(code=reason.get("Rsn", ""), text=" ".join(texts(reason, "AddtlInf")))
