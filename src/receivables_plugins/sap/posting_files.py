"""The posting target ``sap-bapi``: payloads for ECC, to be looked at and sent by others.

For each line the tables of BAPI_ACC_DOCUMENT_POST as JSON and an IDoc FIDCCP02 as XML.  Nothing is
sent: the function answers with status 200 and a table of messages whatever becomes of the
document, and needs BAPI_TRANSACTION_COMMIT after it, which is for whoever sends it to see to.  The
tables were taken by an independent emulator; the IDoc is written from descriptions of its segments
and was not tried anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from receivables.errors import DocumentError, PolicyError
from receivables.money import from_minor
from receivables.outbox import Payload, PostingBatch, PostingProposal, PostingResult
from receivables.problems import Problem
from receivables_plugins.sap.posting_entries import SapEntry, SapItem, entry_of, problem_of
from receivables_plugins.sap.settings import SapBapiSettings

__all__ = ["BapiTarget", "bapi_tables", "idoc"]

_USER: Final = "RECEIVABLES"
_DEBIT_KEYS: Final[Mapping[bool, tuple[str, str]]] = {True: ("04", "15"), False: ("40", "50")}
"""Posting keys of debit and credit: for customers, for accounts."""


class BapiTarget:
    """Makes payloads for a system that takes function calls or IDocs."""

    def __init__(self, settings: SapBapiSettings) -> None:
        self._said = settings

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """A JSON and an XML file for each line, and the lines that cannot be booked."""
        payloads: list[Payload] = []
        problems: list[Problem] = []
        for number, line in enumerate(batch.lines, start=1):
            try:
                entry = entry_of(line, batch, self._said)
            except (DocumentError, PolicyError) as error:
                problems.append(problem_of(line, str(error), source=batch.posting))
                continue
            name = f"{batch.posting}-{number:04}"
            tables = json.dumps(bapi_tables(entry, self._said), ensure_ascii=False, indent=1)
            payloads.append(_payload(f"{name}.bapi.json", "application/json", tables.encode()))
            payloads.append(_payload(f"{name}.fidccp02.xml", "text/xml", idoc(entry, self._said)))
        return PostingProposal(batch=batch, payloads=payloads, problems=problems)

    def post(self, batch: PostingBatch) -> PostingResult:
        """Refused: this target only proposes, so that every line stays unknown."""
        return PostingResult.unknown(batch, "sap-bapi must be sent by others, got a batch to send")

    def status(self, batch: PostingBatch) -> PostingResult:
        """Unknown: nothing was sent from here."""
        return PostingResult.unknown(batch, "sap-bapi sends nothing, and knows nothing of a batch")


def _payload(name: str, media_type: str, content: bytes) -> Payload:
    return Payload(name=name, media_type=media_type, content=content)


def bapi_tables(entry: SapEntry, said: SapBapiSettings) -> dict[str, Any]:
    """The tables of BAPI_ACC_DOCUMENT_POST for a document; amounts are signed texts."""
    tables: dict[str, Any] = {
        "DOCUMENTHEADER": {
            "BUS_ACT": "RFBU",
            "USERNAME": said.user or _USER,
            "HEADER_TXT": entry.text[:25],
            "COMP_CODE": entry.company,
            "DOC_DATE": f"{entry.document_date:%Y%m%d}",
            "PSTNG_DATE": f"{entry.posting_date:%Y%m%d}",
            "DOC_TYPE": entry.type,
            "REF_DOC_NO": entry.reference,
        },
        "ACCOUNTGL": [],
        "ACCOUNTRECEIVABLE": [],
        "CURRENCYAMOUNT": [],
    }
    for number, item in enumerate(entry.items, start=1):
        key = f"{number:010}"
        said_of = {
            "ITEMNO_ACC": key,
            "ITEM_TEXT": item.text[:50],
            "ALLOC_NMBR": item.assignment[:18],
        }
        if item.is_customer:
            row = {**said_of, "CUSTOMER": item.account, "COMP_CODE": entry.company}
            tables["ACCOUNTRECEIVABLE"].append(row)
        else:
            tables["ACCOUNTGL"].append({**said_of, "GL_ACCOUNT": item.account})
        tables["CURRENCYAMOUNT"] += _amounts(entry, item, key)
    return tables


def _amounts(entry: SapEntry, item: SapItem, key: str) -> list[dict[str, str]]:
    """The amount in the currency of the document (type 00), and in that of the books (type 10)."""
    given = [("00", entry.currency, entry.amount(item))]
    if functional := entry.functional_amount(item):
        given.append(("10", entry.functional_currency, functional))
    return [
        {"ITEMNO_ACC": key, "CURR_TYPE": kind, "CURRENCY": unit, "AMT_DOCCUR": amount}
        for kind, unit, amount in given
    ]


def idoc(entry: SapEntry, said: SapBapiSettings) -> bytes:
    """The IDoc FIDCCP02 of a document: control record, head, lines with unsigned amounts and a code."""
    control = (
        ("TABNAM", "EDI_DC40"),
        ("MANDT", said.idoc_client),
        ("DIRECT", "2"),
        ("IDOCTYP", "FIDCCP02"),
        ("MESTYP", "FIDCC1"),
        ("SNDPOR", said.sender_port),
        ("SNDPRT", "LS"),
        ("SNDPRN", said.sender_partner),
        ("RCVPOR", said.receiver_port),
        ("RCVPRT", "LS"),
        ("RCVPRN", said.receiver_partner),
        ("ARCKEY", entry.message),
    )
    head = (
        ("BUKRS", entry.company),
        ("GJAHR", str(entry.posting_date.year)),
        ("BLART", entry.type),
        ("BLDAT", f"{entry.document_date:%Y%m%d}"),
        ("BUDAT", f"{entry.posting_date:%Y%m%d}"),
        ("MONAT", f"{entry.posting_date:%m}"),
        ("XBLNR", entry.reference),
        ("BKTXT", entry.text[:25]),
        ("WAERS", entry.currency),
        ("GLVOR", "RFBU"),
    )
    lines = "".join(_segment("E1FISEG", _line(entry, n, i)) for n, i in _numbered(entry.items))
    inner = _fields(head) + lines
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<FIDCCP02><IDOC BEGIN="1">{_segment("EDI_DC40", control)}'
        f'<E1FIKPF SEGMENT="1">{inner}</E1FIKPF></IDOC></FIDCCP02>\n'
    ).encode()


def _numbered(items: Sequence[SapItem]) -> list[tuple[int, SapItem]]:
    return list(enumerate(items, start=1))


def _line(entry: SapEntry, number: int, item: SapItem) -> tuple[tuple[str, str], ...]:
    key = _DEBIT_KEYS[item.is_customer][item.amount_minor < 0]
    account = ("KUNNR", item.account) if item.is_customer else ("HKONT", item.account)
    return (
        ("BUZEI", f"{number:03}"),
        ("BSCHL", key),
        ("KOART", "D" if item.is_customer else "S"),
        ("SHKZG", item.code),
        ("WRBTR", str(from_minor(abs(item.amount_minor), entry.currency).amount)),
        ("DMBTR", entry.functional_amount(item).lstrip("-")),
        ("ZUONR", item.assignment[:18]),
        ("SGTXT", item.text[:50]),
        account,
        ("ZFBDT", f"{entry.document_date:%Y%m%d}" if item.is_customer else ""),
    )


def _segment(name: str, fields: Sequence[tuple[str, str]]) -> str:
    return f'<{name} SEGMENT="1">{_fields(fields)}</{name}>'


def _fields(fields: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields if text)
