"""Credit files to look at: one as it usually is, and one with more of everything than a page holds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import attrs

from receivables.casework import Insolvency
from receivables.casework.credit import CreditLimit, CreditReview, CreditSuspension, ExternalScore
from receivables.credit.classes import STANDARD_CLASSES
from receivables.credit.insurance import InsuranceDeadline, InsuranceStep
from receivables.credit.limit_policies import ClassTerms, LimitPolicy
from receivables.credit.model import (
    ComponentKind,
    Exposure,
    ExposureComponent,
    LimitStack,
    LimitStanding,
)
from receivables.credit.recommendations import CreditCase, FailureSign, recommend
from receivables.credit.recommending import LimitFigures, recommend_limit
from receivables.credit.recording import InsolvencyStanding, SuspensionStanding
from receivables.credit.reviewing import ReviewDue, ReviewReason, ReviewReasonKind, ReviewState
from receivables.letters.credit_file import CreditFile, FileCase, HistoryLine, ScoreLine
from receivables.money import from_minor
from receivables.parties import Address, Creditor, Customer, Identifier
from receivables.receipts.model import ReturnReason
from receivables.scoring import PaymentBehaviour, PaymentFigures

AS_OF = dt.date(2026, 10, 31)
LOCALES = {"en": "en-GB", "es": "es-ES", "fr": "fr-FR"}

CREDITOR = Creditor(
    creditor="MIRA",
    name="Mira Outillage SAS",
    locale="fr-FR",
    country="FR",
    currency="EUR",
    address=Address(lines=["12 rue de la Fosse"], postal_code="44000", city="Nantes"),
    identifiers=[Identifier("fr.siret", "73282932000074")],
    legal_form="SAS au capital de 250 000 €, RCS Nantes 732 829 320",
)
CUSTOMER = Customer(customer="C-017", name="Quincaillerie de l’Erdre", locale="fr-FR", country="FR")


def day(days):
    """The day so many days before that of the file."""
    return AS_OF - dt.timedelta(days=days)


def _limit(name, minor, **fields):
    return CreditLimit(limit=name, customer="C-017", amount=from_minor(minor, "EUR"), **fields)


def _stack(*, scale=1):
    amounts = [
        ("open-items", 1_850_000, 10_000),
        ("disputed", 120_000, 10_000),
        ("deliveries", 240_050, 10_000),
        ("orders", 600_000, 5_000),
        ("bills", 30_000, 10_000),
        ("cheques", 20_000, 10_000),
        ("credits", -50_000, 10_000),
        ("unapplied-cash", -45_000, 10_000),
    ]
    parts = [
        ExposureComponent(
            kind=ComponentKind(kind),
            amount_minor=minor * scale,
            weight_bps=bps,
            weighted_minor=minor * scale * bps // 10_000,
        )
        for kind, minor, bps in amounts
    ]
    exposure = Exposure(
        creditor="MIRA", holder="C-017", currency="EUR", as_of=AS_OF, components=parts
    )
    insured = _limit("EH-1", 1_500_000 * scale, kind="insured", cover_bps=9_000, policy="EH-1")
    own = _limit("L-1", 1_000_000 * scale)
    summer = _limit("T-1", 500_000 * scale, kind="temporary", until=day(-20))
    used = [1_500_000 * scale, exposure.total_minor - 1_500_000 * scale, 0]
    standings = [
        LimitStanding(
            limit=one,
            currency="EUR",
            amount_minor=int(Fraction(one.amount.amount) * 100),
            used_minor=taken,
        )
        for one, taken in zip((insured, own, summer), used, strict=True)
    ]
    return LimitStack(
        exposure=exposure,
        limits=standings,
        capacity_minor=3_000_000 * scale,
        covered_minor=1_350_000 * scale,
    )


def _behaviour(**fields):
    figures = PaymentFigures(
        currency="EUR",
        payments=14,
        paid_minor=9_800_000,
        paid_days_late=1_875,
        trend_days_late=620,
        deviation_days_late=940,
        late_bps=6_200,
        overdue_minor=410_000,
        oldest_overdue_days=38,
    )
    return PaymentBehaviour(
        creditor="MIRA",
        customer="C-017",
        as_of=AS_OF,
        known_since=day(900),
        figures=figures,
        **fields,
    )


def usual(locale):
    """The file of a customer that asks for more, and pays a little late."""
    rating = STANDARD_CLASSES.rate({"points": 612, "paydex": 66, "creditsafe": None})
    figures = LimitFigures(
        currency="EUR",
        tangible_net_worth_minor=18_000_000,
        sales_minor=210_000_000,
        purchases_minor=24_000_000,
        tax_bps=2_000,
        delay_days=19,
        insured_minor=1_500_000,
        cover_bps=9_000,
        requested_minor=5_000_000,
    )
    found = recommend_limit(figures, risk_class=rating.risk_class)
    behaviour = _behaviour(promises_broken=1, disputes_opened=2)
    failures = [
        FailureSign(model="Altman Z″ (1995)", value="2.07", zone="grey"),
        FailureSign(model="Conan-Holder (1979)", value="12.4", zone="safe"),
    ]
    case = CreditCase(
        creditor="MIRA",
        customer="C-017",
        as_of=AS_OF,
        recommended=found,
        current_minor=1_000_000,
        exposure_minor=2_465_050,
        rating=rating,
        previous_class="B",
        behaviour=behaviour,
        failures=failures,
        statement_on=dt.date(2024, 12, 31),
    )
    return CreditFile(
        creditor=CREDITOR,
        customer=CUSTOMER,
        as_of=AS_OF,
        currency="EUR",
        locale=locale,
        rating=rating,
        contributions=[
            ScoreLine(characteristic="days_beyond_terms", value="15–30", points=-28),
            ScoreLine(characteristic="months_since_first_item", value="24+", points=21),
            ScoreLine(characteristic="promises_broken", value="1", points=Decimal("-12.5")),
        ],
        stack=_stack(),
        behaviour=behaviour,
        failures=failures,
        external=[
            ExternalScore(
                score="S-1",
                customer="C-017",
                source="creditsafe",
                value="58",
                points=58,
                rated_on=day(40),
                limit=from_minor(2_200_000, "EUR"),
            )
        ],
        deadlines=[_deadline("2026-0117", "notify", -22), _deadline("2026-0117", "claim", -142)],
        cases=[
            FileCase(
                kind="dispute", reference="D-7", on=day(12), amount=from_minor(120_000, "EUR")
            ),
            FileCase(
                kind="broken promise",
                reference="P-3",
                on=day(30),
                amount=from_minor(90_000, "EUR"),
            ),
        ],
        history=[
            HistoryLine.of_review(
                CreditReview(
                    review="R-1",
                    customer="C-017",
                    action="raise",
                    risk_class="B",
                    by="J. Roy",
                    limit=from_minor(1_000_000, "EUR"),
                ),
                on=day(330),
                locale=locale,
            )
        ],
        recommendation=recommend(case, classes=STANDARD_CLASSES),
        review=_review("2026-12-01"),
    )


def _deadline(item, step, days, **fields):
    return InsuranceDeadline(
        customer="C-017",
        item=item,
        currency="EUR",
        open_minor=410_000,
        step=InsuranceStep(step),
        on=day(days),
        as_of=AS_OF,
        policy="EH-1 1",
        rule="notify-days",
        days=60,
        counted_from=day(38),
        **fields,
    )


def _review(text):
    due_on = dt.date.fromisoformat(text)
    return ReviewDue(
        creditor="MIRA",
        customer="C-017",
        due_on=due_on,
        state=ReviewState.COMING,
        reasons=[ReviewReason(kind=ReviewReasonKind.LIMIT_ENDS, due_on=due_on, reference="T-1")],
    )


_LONG = "Établissements Quincaillerie générale et outillage professionnel de l’Erdre et de la Loire réunis "

_ALL = LimitPolicy(
    name="all",
    shares={
        kind: {"*": 10_000}
        for kind in (
            *("need", "tangible-net-worth", "working-capital", "equity", "sales"),
            *("monthly-sales", "purchases", "trade-references", "cover", "bureau", "requested"),
        )
    },
    terms={"F": ClassTerms(terms_days=30, ceiling={"*": 10**9})},
)


def crowded(locale):
    """The file of a customer with more of everything than a page holds, and all in long words."""
    big = 98_765_432_109
    names = [name for name in attrs.fields_dict(LimitFigures) if name.endswith("_minor")]
    figures = LimitFigures(currency="EUR", **dict.fromkeys(names, big), delay_days=40)
    rating = STANDARD_CLASSES.rate(
        {"points": 300, **{f"scale of another very long name {index}": 1 for index in range(9)}}
    )
    found = recommend_limit(figures, risk_class="F", policy=_ALL)
    behaviour = _behaviour(
        promises_broken=9, disputes_opened=30, returns={ReturnReason.INSUFFICIENT_FUNDS: 7}
    )
    failures = [
        FailureSign(model=f"{_LONG} {index}", value="-1234567.891", zone="distress")
        for index in range(9)
    ]
    case = CreditCase(
        creditor="MIRA",
        customer="C-017",
        as_of=AS_OF,
        recommended=found,
        current_minor=big,
        exposure_minor=big * 2,
        rating=rating,
        previous_class="A",
        suspensions=[_suspension(index) for index in range(3)],
        insolvencies=[_insolvency(index) for index in range(4)],
        behaviour=behaviour,
        failures=failures,
        withdrawn=[f"{_LONG}{index}" for index in range(5)],
        statement_on=dt.date(2020, 12, 31),
    )
    base = usual(locale)
    stack = _stack(scale=10_000)
    limits = [attrs.evolve(one) for one in (*stack.limits, *stack.limits, *stack.limits)]
    return attrs.evolve(
        base,
        customer=attrs.evolve(CUSTOMER, name=_LONG * 4),
        creditor=attrs.evolve(CREDITOR, name=_LONG * 2, legal_form=_LONG),
        rating=rating,
        contributions=[
            ScoreLine(characteristic=f"{_LONG}{index}", value=_LONG, points=index)
            for index in range(40)
        ],
        stack=attrs.evolve(stack, limits=limits),
        behaviour=behaviour,
        failures=failures,
        external=[
            attrs.evolve(base.external[0], source=_LONG, value=_LONG, score=f"S-{index}")
            for index in range(9)
        ],
        deadlines=[_deadline(f"2026-{index:030d}", "cover-stops", -index) for index in range(40)],
        cases=[
            attrs.evolve(base.cases[1], reference=f"{_LONG}{index}", amount=from_minor(big, "EUR"))
            for index in range(40)
        ],
        history=[
            HistoryLine(on=day(index), what=_LONG, by=_LONG, limit=from_minor(big, "EUR"))
            for index in range(40)
        ],
        recommendation=recommend(case, classes=STANDARD_CLASSES),
        review=attrs.evolve(
            base.review, reasons=[attrs.evolve(base.review.reasons[0], reference=_LONG)]
        ),
    )


def bare(locale):
    """The file of a customer of whom nobody knows anything."""
    return CreditFile(
        creditor=CREDITOR, customer=CUSTOMER, as_of=AS_OF, currency="EUR", locale=locale
    )


def _suspension(index):
    suspension = CreditSuspension(
        suspension=f"S-{index}", customer="C-017", reason="manual", by="J. Roy"
    )
    return SuspensionStanding(suspension=suspension, suspended_on=day(index))


def _insolvency(index):
    proceedings = Insolvency(
        insolvency=f"I-{index}", customer="C-017", kind="reorganization", opened_on=day(index)
    )
    return InsolvencyStanding(insolvency=proceedings, reported_on=day(index))


FILES = {"usual": usual, "crowded": crowded, "bare": bare}
