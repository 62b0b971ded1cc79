"""What came with the money: references, named documents, free text, the reason of a return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from receivables.receipts.model import ReferredDocument, Remittance, ReturnInfo
from receivables_plugins.iso20022.leaves import Leaves
from receivables_plugins.iso20022.records import REFERENCES, Record, texts

__all__ = ["bank_code", "reference", "references", "remittance", "returned"]

_AMOUNTS: Final = "RfrdDocAmt"
_CREDIT_NOTE: Final = "CREN"
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


def remittance(record: Record, leaves: Leaves) -> Remittance:
    """What the payer says, and the bank's additional text after it."""
    structured = record.get("Strd", ())
    return Remittance(
        references=[each for one in structured for each in texts(one, "Ref")],
        documents=[each for one in structured for each in _documents(one, leaves)],
        text=_text(record),
        end_to_end=reference(record.get("EndToEndId", "")),
    )


def _text(record: Record) -> list[str]:
    """The payer's lines, and the bank's additional text where it says more."""
    said = [*texts(record, "Ustrd")]
    for structured in record.get("Strd", ()):
        said += texts(structured, "AddtlRmtInf")
    return said + [more for more in texts(record, "AddtlTxInf") if more not in said]


def _documents(structured: Record, leaves: Leaves) -> Iterator[ReferredDocument]:
    """The documents that are named; an amount that stands beside several belongs to none of them."""
    documents = structured.get("RfrdDocInf", ())
    for document in documents:
        if "Nb" in document:
            kind = document.get("Cd", "")
            amounts = _amounts(structured, kind, leaves) if len(documents) == 1 else {}
            yield ReferredDocument(
                number=document["Nb"],
                kind=kind,
                date=leaves.day(document, "RltdDt", "RfrdDocInf")
                or leaves.day(structured, "RfrdDocRltdDt"),
                **amounts,
            )


def _amounts(structured: Record, kind: str, leaves: Leaves) -> dict[str, Any]:
    """What is due, what is taken off it and what is remitted (ISO 20022 ``RfrdDocAmt``).

    A credit note that stands beside the amounts of another document is one thing more that is taken
    off.  ``AdjstmntAmtAndRsn`` says by ``CdtDbtInd`` whether it is added (CRDT) or taken off (DBIT,
    and where nothing is said).
    """
    remitted = leaves.minor(structured, "RmtdAmt", _AMOUNTS)
    credit = leaves.minor(structured, "CdtNoteAmt", _AMOUNTS)
    gross = leaves.minor(structured, "DuePyblAmt", _AMOUNTS)
    adjustment, reasons = 0, []
    if remitted is None and (kind == _CREDIT_NOTE or gross is None):
        remitted = credit
    elif credit and kind != _CREDIT_NOTE:
        adjustment, reasons = credit, [_CREDIT_NOTE]
    for one in structured.get("AdjstmntAmtAndRsn", ()):
        minor = leaves.minor(one, "Amt", f"{_AMOUNTS}/AdjstmntAmtAndRsn") or 0
        adjustment += -minor if one.get("CdtDbtInd") == "CRDT" else minor
        reasons += [one[name] for name in ("Rsn", "AddtlInf") if name in one]
    return {
        "amount_minor": remitted,
        "gross_minor": credit if gross is None and kind == _CREDIT_NOTE else gross,
        "discount_minor": leaves.sum_minor(structured, "DscntApldAmt", _AMOUNTS),
        "adjustment_minor": adjustment,
        "adjustment_reason": " ".join(reasons),
    }


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
