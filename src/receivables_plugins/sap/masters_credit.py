"""Credit management of SAP as credit records: limits, risk classes, scores, blocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from receivables.adapters import CreditRecord, LedgerQuery
from receivables.casework import CreditLimit, ExternalScore
from receivables.errors import DocumentError
from receivables.money import from_minor, minor_of
from receivables.parties import CustomerId
from receivables.reading import ReadNotes
from receivables_plugins.sap import rules
from receivables_plugins.sap.odata import Connection, Query, text_of
from receivables_plugins.sap.settings import SapSettings

__all__ = ["credit_records"]

_Row: TypeAlias = Mapping[str, Any]
_AT_ONCE: Final = 40
_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "CreditManagementAccount": ("BusinessPartner", "CreditSegment"),
    "CreditMgmtBusinessPartner": ("BusinessPartner",),
}


def credit_records(
    said: SapSettings,
    connection: Connection,
    notes: ReadNotes,
    query: LedgerQuery,
    today: dt.date,
) -> Iterator[CreditRecord]:
    """Scores of partners, then limits of their credit accounts; a block is a score of its own.

    Partners of credit management have the number of the customer where both are numbered alike, as
    S/4HANA proposes.  A score without a day is of today.
    """
    for name, taken in (
        ("CreditMgmtBusinessPartner", _scores),
        ("CreditManagementAccount", _limits),
    ):
        for row in _rows(said, connection, notes, query, name):
            try:
                yield from taken(row, today)
            except (DocumentError, ValueError) as error:
                partner = text_of(row.get("BusinessPartner"))
                notes.error("credit.invalid", f"{name} {partner}: {error}")


def _rows(
    said: SapSettings, connection: Connection, notes: ReadNotes, query: LedgerQuery, name: str
) -> Iterator[_Row]:
    customers = query.customers
    for begin in range(0, max(1, len(customers)), _AT_ONCE):
        among = connection.dialect.among("BusinessPartner", customers[begin : begin + _AT_ONCE])
        asked = Query(
            path=f"{said.credit_path}/{name}",
            filter=among,
            order=_ORDERS[name] if said.order else (),
            page_size=said.page_size,
        )
        yield from connection.rows(asked, notes)


def _day(row: _Row, field: str) -> dt.date | None:
    return rules.day_of(text_of(row.get(field)))


def _scores(row: _Row, today: dt.date) -> Iterator[CreditRecord]:
    partner = text_of(row.get("BusinessPartner"))
    if risk := text_of(row.get("CreditRiskClass")):
        yield ExternalScore(
            score=f"sap-risk-class-{partner}",
            customer=CustomerId(partner),
            source="sap-risk-class",
            value=risk,
            rated_on=_day(row, "CreditRiskClassLastChangeDate") or today,
        )
    value = text_of(row.get("CreditWorthinessScoreValue"))
    if value.strip("0"):
        yield ExternalScore(
            score=f"sap-score-{partner}",
            customer=CustomerId(partner),
            source="sap-score",
            value=value,
            points=int(value) if value.isascii() and value.isdigit() else None,
            rated_on=_day(row, "CrdtWorthinessScoreLastChgDate") or today,
            valid_until=_day(row, "CrdtWrthnssScoreValdtyEndDate"),
        )


def _limits(row: _Row, today: dt.date) -> Iterator[CreditRecord]:
    partner = text_of(row.get("BusinessPartner"))
    segment = text_of(row.get("CreditSegment"))
    name = f"sap-{segment}-{partner}"
    text = text_of(row.get("CreditLimitAmount"))
    amount = rules.amount_of(text) if text else Decimal(0)
    is_zero = text_of(row.get("CreditLimitIsZero")) in {"true", "X"}
    # An amount of zero without its sign is a limit that nobody has set, in SAP.
    if amount or is_zero:
        currency = text_of(row.get("CreditSegmentCurrency"))
        yield CreditLimit(
            limit=name,
            customer=CustomerId(partner),
            amount=from_minor(minor_of(amount, currency), currency),
            until=_day(row, "CreditLimitValidityEndDate"),
            reference=segment,
        )
    if text_of(row.get("CreditAccountIsBlocked")) in {"true", "X"}:
        yield ExternalScore(
            score=f"{name}-block",
            customer=CustomerId(partner),
            source="sap-credit-block",
            value="blocked",
            rated_on=_day(row, "CreditLimitLastChangeDate") or today,
            note=text_of(row.get("CreditAccountBlockReason")),
        )
