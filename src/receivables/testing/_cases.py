"""The workshop: a story with every event of a case, and cases drawn for histories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from receivables.casework import (
    BreakClause,
    ContactNote,
    CustomerRequest,
    Dispute,
    DisputedPart,
    DisputeOutcome,
    DunningBlock,
    PaymentPlan,
    PlanEnd,
    PlanInstallment,
    PromiseToPay,
    Referral,
    ReferralEnd,
    ReferredItem,
    RequestOutcome,
)
from receivables.ledger.casework import (
    CaseEvent,
    ContactLogged,
    ContactWithdrawn,
    DeliveryReported,
    DeliveryStatus,
    DisputeOpened,
    DisputeResolved,
    DisputeUpdated,
    DunningBlocked,
    DunningUnblocked,
    PlanAccepted,
    PlanEnded,
    PlanOffered,
    PromiseMade,
    PromiseWithdrawn,
    ReferralEnded,
    ReferralReported,
    Referred,
    RequestAnswered,
    RequestReceived,
)
from receivables.money import money
from receivables.parties import Channel

__all__ = ["case_story", "opened_case"]


def case_story(
    creditor: str,
    customer: str,
    *,
    item: str,
    notice: str,
    day: dt.date,
    learned: Callable[[int], dt.datetime],
) -> Iterator[CaseEvent]:
    """Every kind of event of a case, about one item and one notice, in the order of recording."""
    later = day + dt.timedelta(days=20)
    told = _told(item=item, customer=customer, day=day, later=later, notice=notice)
    for place, (kind, name, fields) in enumerate(told):
        common: dict[str, Any] = {"effective_on": day, "recorded_at": learned(place)}
        if any(field.name == "customer" for field in attrs.fields(kind)):
            common["customer"] = customer
        yield kind(event=f"{name}:{place}", creditor=creditor, **common, **fields)


_Told = tuple[type[CaseEvent], str, dict[str, Any]]


def _told(
    *, item: str, customer: str, day: dt.date, later: dt.date, notice: str
) -> Iterator[_Told]:
    yield from _agreed(item, customer, day, later)
    yield from _contested(item, customer, later)
    yield from _spoken(item, customer, later)
    yield from _handed_over(item, customer)
    sent = {"channel": Channel.REGISTERED_POST, "proof": "1A 202 611 0042 7"}
    for status in (DeliveryStatus.DISPATCHED, DeliveryStatus.REFUSED):
        yield DeliveryReported, "delivery", {"delivery": notice, "status": status, **sent}


def _agreed(item: str, customer: str, day: dt.date, later: dt.date) -> Iterator[_Told]:
    block = DunningBlock(
        block="B-1",
        customer=customer,
        reason="commercial",
        until=later,
        note="trade fair",
        by="M. Diaz",
    )
    yield DunningBlocked, "blocked", {"block": block}
    yield DunningUnblocked, "unblocked", {"block": "B-1", "reason": "the fair is over"}
    promise = PromiseToPay(
        promise="P-1",
        customer=customer,
        amount=money("150.00", "EUR"),
        due_on=later,
        items=[item],
        contact="Mme Roux",
        by="J. Roy",
    )
    yield PromiseMade, "promised", {"promise": promise}
    yield PromiseWithdrawn, "promise-withdrawn", {"promise": "P-1", "reason": "a plan instead"}
    plan = PaymentPlan(
        plan="E-1",
        customer=customer,
        items=[item],
        installments=[
            PlanInstallment(due_on=day, principal=money("100.00", "EUR")),
            PlanInstallment(
                due_on=later, principal=money("100.00", "EUR"), interest=money("0.42", "EUR")
            ),
        ],
        accept_by=later,
        break_clause=BreakClause(missed_installments=2, grace_days=3),
        pauses_referral=False,
        rate_bps=1_215,
    )
    yield PlanOffered, "plan-offered", {"plan": plan}
    yield PlanAccepted, "plan-accepted", {"plan": "E-1", "contact": "Mme Roux", "proof": "e-1.pdf"}
    yield PlanEnded, "plan-ended", {"plan": "E-1", "end": PlanEnd.REPLACED, "reason": "a new offer"}


def _contested(item: str, customer: str, later: dt.date) -> Iterator[_Told]:
    facts: dict[str, Any] = {
        "dispute": "D-1",
        "customer": customer,
        "parts": [DisputedPart(item=item, amount=money("30.00", "EUR"))],
        "reason": "service-not-finished",
        "answer_by": later,
        "reference": "RÉCL-7",
    }
    yield DisputeOpened, "disputed", {"dispute": Dispute(**facts, owner="technical")}
    moved = Dispute(**facts, owner="quality", assignee="L. Petit", escalated_to="N. Blanc")
    yield DisputeUpdated, "dispute-updated", {"dispute": moved, "reason": "no answer"}
    accepted = [DisputedPart(item=item, amount=money("12.00", "EUR"))]
    decided = {"outcome": DisputeOutcome.SPLIT, "accepted": accepted, "credit_note": "AV-9"}
    yield DisputeResolved, "dispute-resolved", {"dispute": "D-1", "by": "L. Petit", **decided}


def _spoken(item: str, customer: str, later: dt.date) -> Iterator[_Told]:
    note = ContactNote(
        contact="K-1",
        customer=customer,
        channel=Channel.PHONE,
        outcome="reached",
        local_time="14:05",
        items=[item],
        person="Mme Roux",
        by="J. Roy",
        said="le chèque part vendredi 🙂",
        reason="will-pay",
        next_action="call again",
        next_on=later,
        wishes=["call-back", "no-email"],
        consent_until=later,
    )
    yield ContactLogged, "contact", {"contact": note}
    yield ContactWithdrawn, "contact-withdrawn", {"contact": "K-1", "reason": "another customer"}
    request = CustomerRequest(
        request="R-1",
        customer=customer,
        kind="duplicate",
        items=[item],
        answer_by=later,
        channel="email",
    )
    yield RequestReceived, "request", {"request": request}
    yield (
        RequestAnswered,
        "answered",
        {"request": "R-1", "outcome": RequestOutcome.DONE, "by": "J. Roy"},
    )


def _handed_over(item: str, customer: str) -> Iterator[_Told]:
    referral = Referral(
        referral="X-1",
        customer=customer,
        kind="agency",
        to="Recouvrement Atlantique",
        items=[ReferredItem(item=item, amount=money("200.00", "EUR"))],
        mandate="M-2026-4",
    )
    yield Referred, "referred", {"referral": referral}
    came = {"recovered": money("80.00", "EUR"), "fee": money("9.60", "EUR"), "receipt": "r-9"}
    yield ReferralReported, "referral-reported", {"referral": "X-1", **came}
    yield ReferralEnded, "referral-ended", {"referral": "X-1", "end": ReferralEnd.RECALLED}


def opened_case(
    place: int, *, creditor: str, customer: str, item: str, currency: str, on: dt.date
) -> tuple[type[CaseEvent], dict[str, Any]]:
    """A case to be opened in a drawn history, one kind after the other by its place."""
    amount = money("1", currency)
    kind, fields = (
        (
            DunningBlocked,
            {"block": DunningBlock(block=f"B-{place}", customer=customer, reason="other")},
        ),
        (
            PromiseMade,
            {
                "promise": PromiseToPay(
                    promise=f"P-{place}", customer=customer, amount=amount, due_on=on, items=[item]
                )
            },
        ),
        (
            DisputeOpened,
            {
                "dispute": Dispute(
                    dispute=f"D-{place}",
                    customer=customer,
                    parts=[DisputedPart(item=item, amount=amount)],
                    reason="price",
                    owner="sales",
                )
            },
        ),
        (
            ContactLogged,
            {
                "contact": ContactNote(
                    contact=f"K-{place}", customer=customer, channel="phone", outcome="reached"
                )
            },
        ),
    )[place % 4]
    return kind, {"creditor": creditor, **fields}
