"""Events of GoCardless (webhooks): why payments failed, which were charged back, what was debited.

An event has no amount: it is that of its payment, where the file has the payment as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from receivables.receipts.payout_reports import ReportRow
from receivables.receipts.payouts import (
    DisputeStage,
    MovementKind,
    ProcessorDispute,
    ProcessorMovement,
)
from receivables_plugins.gocardless.items import PROCESSOR, People

__all__ = ["note_reason", "records_of"]

_DEBITS: Final[Mapping[str, tuple[str, MovementKind]]] = MappingProxyType(
    {
        "chargeback_settled": ("payment_charged_back", MovementKind.CHARGEBACK),
        "late_failure_settled": ("payment_failed", MovementKind.FAILED),
    }
)
"""What a payment's event takes from a payout, with the type of the item that says the same."""

_STAGES: Final[Mapping[str, DisputeStage]] = MappingProxyType(
    {
        "charged_back": DisputeStage.CHARGEBACK,
        "chargeback_cancelled": DisputeStage.WITHDRAWN,
        "chargeback_settled": DisputeStage.LOST,
    }
)
_FAILURES: Final = frozenset({"charged_back", "failed", *_DEBITS})


def _is_of_payment(row: ReportRow) -> bool:
    return row.name("resource_type") == "payments"


def note_reason(row: ReportRow, people: People) -> None:
    """Keep why a payment failed or was charged back, for the movements of it."""
    if not _is_of_payment(row) or row.name("action") not in _FAILURES:
        return
    said = (row.name("details.reason_code"), row.text("details.description", "details.cause"))
    people.reasons[row.name("links.payment")] = " ".join(text for text in said if text)


def records_of(
    rows: list[ReportRow], people: People
) -> Iterator[ProcessorMovement | ProcessorDispute]:
    """What was debited from payouts, and the chargebacks, each as its last event says."""
    disputes: dict[str, ProcessorDispute] = {}
    for row in rows:
        action, payment = row.name("action"), row.name("links.payment")
        if not _is_of_payment(row) or action not in _FAILURES | set(_STAGES):
            continue
        known = _payment(row, payment, people)
        if known is None:
            continue
        if action in _STAGES:
            _dispute(row, known, payment, disputes)
        if action in _DEBITS and row.name("links.payout"):
            yield _debit(row, known, payment, people)
    yield from disputes.values()


def _payment(row: ReportRow, payment: str, people: People) -> ReportRow | None:
    """The payment of an event; without it there is no amount."""
    found = people.payments.get(payment)
    action = row.name("action")
    if found is not None:
        return ReportRow(found, notes=row.notes, days=row.days, line=row.line)
    msg = f"payment {payment or '?'} must be in the file for its amount, got {action} alone"
    note = row.refuse if action in _DEBITS or action in _STAGES else row.warn
    note("gocardless.payment-missing", msg, field="links.payment")
    return None


def _debit(row: ReportRow, known: ReportRow, payment: str, people: People) -> ProcessorMovement:
    type_, kind = _DEBITS[row.name("action")]
    currency = known.currency("currency")
    payout = row.name("links.payout")
    return ProcessorMovement(
        movement=f"{payout}/{type_}/{payment}",
        processor=PROCESSOR,
        kind=kind,
        gross_minor=-known.minor("amount", currency),
        currency=currency or "XXX",
        occurred_on=row.needed_day("created_at"),
        payout=payout,
        original=payment,
        reference=known.text("reference"),
        text=people.reasons.get(payment, ""),
        raw_kind=row.name("action"),
        method=known.name("scheme"),
        source=row.place,
    )


def _dispute(
    row: ReportRow, known: ReportRow, payment: str, disputes: dict[str, ProcessorDispute]
) -> None:
    """A chargeback of a direct debit, against which nothing can be said."""
    currency = known.currency("currency")
    amount_minor = known.minor("amount", currency)
    before = disputes.get(payment)
    opened_on = row.needed_day("created_at")
    if row.is_refused or known.is_refused:
        return
    disputes[payment] = ProcessorDispute(
        dispute=f"{payment}/chargeback",
        processor=PROCESSOR,
        stage=_STAGES[row.name("action")],
        amount_minor=abs(amount_minor),
        currency=currency,
        opened_on=opened_on if before is None else min(before.opened_on, opened_on),
        movement=payment,
        reference=known.text("reference"),
        reason_code=row.name("details.reason_code"),
        reason=row.text("details.description", "details.cause"),
        source=row.place,
    )
