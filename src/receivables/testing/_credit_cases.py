"""The workshop: a story with every event about credit and losses, and some drawn for histories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from receivables.casework import (
    Collateral,
    CreditDecision,
    CreditFinding,
    CreditLimit,
    CreditRequest,
    CreditReview,
    CreditSuspension,
    ExternalScore,
    FinancialStatement,
    Insolvency,
    InsurerNotice,
    SpecificAllowance,
    WriteOffOutcome,
    WriteOffRequest,
    WrittenOffPart,
)
from receivables.ledger.casework import CaseEvent
from receivables.ledger.credit import (
    CreditChecked,
    CreditReinstated,
    CreditReleased,
    CreditReviewed,
    CreditSuspended,
    FinancialsReceived,
    FinancialsWithdrawn,
    InsolvencyEnded,
    InsolvencyReported,
    InsurerNotified,
    LimitEnded,
    LimitGranted,
    ScoreReceived,
    ScoreWithdrawn,
    SpecificAllowanceEnded,
    SpecificAllowanceSet,
    WriteOffDecided,
    WriteOffRequested,
)
from receivables.money import money

__all__ = ["credit_story", "opened_credit_case"]

_Told = tuple[type[CaseEvent], str, dict[str, Any]]


def credit_story(
    creditor: str,
    customer: str,
    *,
    item: str,
    day: dt.date,
    learned: Callable[[int], dt.datetime],
) -> Iterator[CaseEvent]:
    """Every kind of event about credit and losses, about one item, in the order of recording."""
    later = day + dt.timedelta(days=180)
    told = (
        *_granted(customer, day, later),
        *_checked(customer, item, day, later),
        *_known(customer, day, later),
        *_lost(customer, item, day, later),
    )
    for place, (kind, name, fields) in enumerate(told):
        common: dict[str, Any] = {"effective_on": day, "recorded_at": learned(place)}
        if any(field.name == "customer" for field in attrs.fields(kind)):
            common["customer"] = customer
        yield kind(event=f"{name}:{place}", creditor=creditor, **{**common, **fields})


def _granted(customer: str, day: dt.date, later: dt.date) -> Iterator[_Told]:
    limit = CreditLimit(
        limit="L-1",
        customer=customer,
        kind="collateral",
        amount=money("30000.00", "EUR"),
        since=day,
        until=later,
        cover_bps=9_000,
        collateral=Collateral(
            kind="mortgage",
            value=money("90000.00", "EUR"),
            rank=2,
            prior=money("20000.00", "EUR"),
            haircut_bps=4_000,
            valued_on=day,
            provider="Mme Roux",
            reference="acte 117",
        ),
        by="J. Roy",
        reason="a year without a late payment",
    )
    yield LimitGranted, "limit", {"limit": limit}
    yield (
        LimitEnded,
        "limit-ended",
        {"limit": "L-1", "reason": "the deed was released", "by": "J. Roy"},
    )
    country = CreditLimit(limit="L-2", country="FR", amount=money("2000000.00", "EUR"))
    yield LimitGranted, "limit", {"limit": country}
    yield LimitEnded, "limit-ended", {"limit": "L-2", "customer": "", "by": "N. Blanc"}
    suspension = CreditSuspension(
        suspension="S-1",
        customer=customer,
        reason="returned-payment",
        until=later,
        rule="returned-payment of standard 1",
        reference="r-1",
    )
    yield CreditSuspended, "suspended", {"suspension": suspension}
    yield CreditReinstated, "reinstated", {"suspension": "S-1", "reason": "paid", "by": "J. Roy"}


def _checked(customer: str, item: str, day: dt.date, later: dt.date) -> Iterator[_Told]:
    decision = CreditDecision(
        decision="K-1",
        request=CreditRequest(
            request="SO-9",
            customer=customer,
            amount=money("900.00", "EUR"),
            on=day,
            kind="delivery",
            due_date=later,
            releases=["SO-8"],
            by="M. Diaz",
        ),
        outcome="hold",
        findings=[
            CreditFinding(
                rule="limit",
                outcome="hold",
                figure=120_000,
                threshold=100_000,
                currency="EUR",
                pushed_over="SO-9",
                references=[item],
            )
        ],
        policy="standard 1",
        until=later,
    )
    yield CreditChecked, "checked", {"decision": decision}
    released = {"by": "N. Blanc", "reason": "paid by phone 🙂", "until": later}
    yield CreditReleased, "released", {"decision": "K-1", **released}
    review = CreditReview(
        review="V-1",
        customer=customer,
        action="reduce",
        risk_class="C",
        score=612,
        scorecard="behaviour 1",
        limit=money("20000.00", "EUR"),
        recommended=money("18500.00", "EUR"),
        next_on=later,
        by="J. Roy",
        reason="équité en baisse",
    )
    yield CreditReviewed, "reviewed", {"review": review}


def _known(customer: str, day: dt.date, later: dt.date) -> Iterator[_Told]:
    score = ExternalScore(
        score="Q-1",
        customer=customer,
        source="creditsafe",
        value="72",
        points=72,
        rated_on=day,
        valid_until=later,
        limit=money("25000.00", "EUR"),
    )
    yield ScoreReceived, "score", {"score": score}
    yield ScoreWithdrawn, "score-withdrawn", {"score": "Q-1", "reason": "another company"}
    year = FinancialStatement(
        financials="Y-1",
        customer=customer,
        currency="EUR",
        period_end=day,
        unit=1_000,
        is_audited=True,
        total_assets=1_000,
        equity=-40,
        sales=2_100,
    )
    yield FinancialsReceived, "financials", {"financials": year}
    yield FinancialsWithdrawn, "financials-withdrawn", {"financials": "Y-1", "reason": "a draft"}


def _lost(customer: str, item: str, day: dt.date, later: dt.date) -> Iterator[_Told]:
    insolvency = Insolvency(
        insolvency="I-1",
        customer=customer,
        kind="liquidation",
        opened_on=day,
        court="Tribunal de commerce de Lyon",
        file_claim_by=later,
    )
    yield InsolvencyReported, "insolvency", {"insolvency": insolvency}
    yield InsolvencyEnded, "insolvency-ended", {"insolvency": "I-1", "irrecoverable_on": day}
    told = InsurerNotice(
        insurer_notice="N-1", customer=customer, policy="P-1", kind="overdue", items=[item]
    )
    yield InsurerNotified, "insurer", {"insurer_notice": told}
    specific = SpecificAllowance(
        specific="A-1", customer=customer, rate_bps=6_000, reason="insolvency", items=[item]
    )
    yield SpecificAllowanceSet, "specific", {"specific": specific}
    yield SpecificAllowanceEnded, "specific-ended", {"specific": "A-1", "by": "L. Petit"}
    request = WriteOffRequest(
        write_off="W-1",
        customer=customer,
        parts=[WrittenOffPart(item=item, amount=money("30.00", "EUR"))],
        reason="insolvency",
        efforts=["insolvency I-1"],
        proof="certificat d'irrécouvrabilité",
        by="J. Roy",
    )
    yield WriteOffRequested, "write-off", {"write_off": request}
    decided = {"outcome": WriteOffOutcome.APPROVED, "by": "N. Blanc"}
    yield WriteOffDecided, "write-off-decided", {"write_off": "W-1", **decided}


def opened_credit_case(
    place: int, *, creditor: str, customer: str, item: str, currency: str, on: dt.date
) -> tuple[type[CaseEvent], dict[str, Any]]:
    """A case about credit to be opened in a drawn history, one kind after the other by its place."""
    amount = money("1", currency)
    kind, fields = (
        (
            LimitGranted,
            {"limit": CreditLimit(limit=f"L-{place}", customer=customer, amount=amount)},
        ),
        (
            CreditSuspended,
            {
                "suspension": CreditSuspension(
                    suspension=f"S-{place}", customer=customer, reason="manual", until=on
                )
            },
        ),
        (
            SpecificAllowanceSet,
            {
                "specific": SpecificAllowance(
                    specific=f"A-{place}",
                    customer=customer,
                    rate_bps=5_000,
                    reason="litigation",
                    items=[item],
                )
            },
        ),
        (
            WriteOffRequested,
            {
                "write_off": WriteOffRequest(
                    write_off=f"W-{place}",
                    customer=customer,
                    parts=[WrittenOffPart(item=item, amount=amount)],
                    reason="small-balance",
                )
            },
        ),
    )[place % 4]
    return kind, {"creditor": creditor, **fields}
