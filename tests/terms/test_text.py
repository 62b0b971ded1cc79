"""The compact text form: three languages, one meaning, and back again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.days import Adjustment
from receivables.errors import PolicyError
from receivables.money import money
from receivables.terms import (
    Baseline,
    Closure,
    InstallmentTerms,
    MonthEnd,
    NextDay,
    PaymentTerms,
    Residue,
    SettlementDiscount,
    Share,
    TaxBasis,
    format_terms,
    parse_terms,
)

from .worlds import simple_terms, terms_in_parts

AFTER, BEFORE = MonthEnd.AFTER_DAYS, MonthEnd.BEFORE_DAYS


def _discount(percent, **rule):
    return SettlementDiscount(percent=percent, **rule)


def _equal(*days, **rule):
    parts = [InstallmentTerms(share=Share.WEIGHT, days=one, **rule) for one in days]
    return PaymentTerms(installments=parts)


def _part(percent, **rule):
    return InstallmentTerms(share=Share.PERCENT_OF_TOTAL, percent=percent, **rule)


TWO_TEN = PaymentTerms(days=30, discounts=[_discount(2, days=10)])
THIRTY_SEVENTY = PaymentTerms(installments=[_part(30, days=30), _part(70, days=60)])
DEPOSIT = PaymentTerms(installments=[_part(30), InstallmentTerms(days=30)])

TEXTS = {
    "net 30": PaymentTerms(days=30),
    "Net 30 days": PaymentTerms(days=30),
    "n/30": PaymentTerms(days=30),
    "n30": PaymentTerms(days=30),
    "30 jours": PaymentTerms(days=30),
    "30 jours nets": PaymentTerms(days=30),
    "30j": PaymentTerms(days=30),
    "paiement à 30 jours": PaymentTerms(days=30),
    "30 días fecha factura": PaymentTerms(days=30),
    "30 jours date de facture": PaymentTerms(days=30),
    "due in 14 days": PaymentTerms(days=14),
    "due on receipt": PaymentTerms(),
    "à réception de facture": PaymentTerms(),
    "al contado": PaymentTerms(),
    "2 months": PaymentTerms(months=2),
    "2 mois": PaymentTerms(months=2),
    "3 semanas": PaymentTerms(weeks=3),
    "1 month 2 weeks 3 days": PaymentTerms(months=1, weeks=2, days=3),
    "45 fin de mois": PaymentTerms(days=45, month_end=AFTER),
    "45 EOM": PaymentTerms(days=45, month_end=AFTER),
    "45 jours nets fin de mois": PaymentTerms(days=45, month_end=AFTER),
    "45 días fin de mes": PaymentTerms(days=45, month_end=AFTER),
    "FDM + 45 j": PaymentTerms(days=45, month_end=BEFORE),
    "fin de mes 45": PaymentTerms(days=45, month_end=BEFORE),
    "end of month": PaymentTerms(month_end=AFTER),
    "last day of the month": PaymentTerms(month_end=AFTER),
    "end of next month": PaymentTerms(months=1, month_end=AFTER),
    "fin du mois suivant": PaymentTerms(months=1, month_end=AFTER),
    "2 months end of month": PaymentTerms(months=2, month_end=AFTER),
    "30 fin de mois + 10": PaymentTerms(days=30, month_end=AFTER, days_after=10),
    "0 end of month + 45": PaymentTerms(month_end=AFTER, days_after=45),
    "net 30 le 10": PaymentTerms(days=30, day=10),
    "30 days day 31": PaymentTerms(days=30, day=31),
    "30 day 31": PaymentTerms(days=30, day=31),
    "60 jours fin de mois le 15": PaymentTerms(days=60, month_end=AFTER, day=15),
    "30 fin de mois le 30": PaymentTerms(days=30, month_end=AFTER, day=30, next_day=NextDay.AFTER),
    "30 fin de mois le 10 du mois suivant": PaymentTerms(days=30, month_end=AFTER, day=10),
    "30 días, días de pago": None,
    "60 días los 5 y 20": PaymentTerms(days=60, day=(5, 20)),
    "net 30 on the 5, 15 and 25": PaymentTerms(days=30, day=(5, 15, 25)),
    "on the 5 and 10": PaymentTerms(day=(5, 10)),
    "30 jours fin de décade": PaymentTerms(days=30, day=(10, 20, 31)),
    "30 jours fin de quinzaine": PaymentTerms(days=30, day=(15, 31)),
    "10th prox": PaymentTerms(months=1, set_day=10),
    "10 prox": PaymentTerms(months=1, set_day=10),
    "15 MFI": PaymentTerms(months=1, set_day=15),
    "1st of next month": PaymentTerms(months=1, set_day=1),
    "le 1er du mois suivant": PaymentTerms(months=1, set_day=1),
    "el 10 del mes siguiente": PaymentTerms(months=1, set_day=10),
    "15th of month + 2 + 30 days": PaymentTerms(months=2, set_day=15, days=30),
    "10th prox cut-off 25": PaymentTerms(months=1, set_day=10, cut_off=25),
    "30 jours arrêté au 25": PaymentTerms(days=30, cut_off=25),
    "net 30 next business day": PaymentTerms(days=30, adjustment=Adjustment.FOLLOWING),
    "30 jours jour ouvré précédent": PaymentTerms(days=30, adjustment=Adjustment.PRECEDING),
    "30 days from delivery": PaymentTerms(days=30, baseline=Baseline.DELIVERY_DATE),
    "30 jours date de réception": PaymentTerms(days=30, baseline=Baseline.RECEIVED_ON),
    "60 días desde la entrega": PaymentTerms(days=60, baseline=Baseline.DELIVERY_DATE),
    "2/10 net 30": TWO_TEN,
    "2/10, n/30": TWO_TEN,
    "2/10 n30": TWO_TEN,
    "2% 10 net 30": TWO_TEN,
    "2% 10, Net 30 days": TWO_TEN,
    "2 % à 10 jours, 30 jours net": TWO_TEN,
    "escompte 2% 10 jours, net 30": TWO_TEN,
    "descuento 2 % 10 días, neto 30": TWO_TEN,
    "2,5/10 net 30": PaymentTerms(days=30, discounts=[_discount("2.5", days=10)]),
    "2/10,1/20,net 30": PaymentTerms(
        days=30, discounts=[_discount(2, days=10), _discount(1, days=20)]
    ),
    "2/10, 1/20, net 30": PaymentTerms(
        days=30, discounts=[_discount(2, days=10), _discount(1, days=20)]
    ),
    "3/5 2/10 net 30": PaymentTerms(
        days=30, discounts=[_discount(3, days=5), _discount(2, days=10)]
    ),
    "2% 10th prox, net 30": PaymentTerms(days=30, discounts=[_discount(2, months=1, set_day=10)]),
    "2/10th prox net 30": PaymentTerms(days=30, discounts=[_discount(2, months=1, set_day=10)]),
    "2/10 EOM, net 60": PaymentTerms(days=60, discounts=[_discount(2, days=10, month_end=BEFORE)]),
    "2/10 net 30 excluding tax": PaymentTerms(
        days=30, discounts=[_discount(2, days=10)], tax_basis=TaxBasis.EXCLUDED
    ),
    "30/60/90": _equal(30, 60, 90),
    "30/60/90 jours": _equal(30, 60, 90),
    "30/60/90 fin de mois": _equal(30, 60, 90, month_end=AFTER),
    "30/60 days": _equal(30, 60),
    "30/60 jours fin de mois": _equal(30, 60, month_end=AFTER),
    "30, 60 y 90 días": _equal(30, 60, 90),
    "30% 30, 70% 60": THIRTY_SEVENTY,
    "30 % à 30 jours et 70 % à 60 jours": THIRTY_SEVENTY,
    "30% net 30, 70% net 60": THIRTY_SEVENTY,
    "30% immediate, rest 30": DEPOSIT,
    "acompte 30": None,
    "30% acompte, le solde à 30 jours": DEPOSIT,
    "25% of rest 30, rest 60": PaymentTerms(
        installments=[
            InstallmentTerms(share=Share.PERCENT_OF_REST, percent=25, days=30),
            InstallmentTerms(days=60),
        ]
    ),
    "30% du HT comptant, solde 45 fin de mois": PaymentTerms(
        installments=[
            InstallmentTerms(share=Share.PERCENT_OF_UNTAXED, percent=30),
            InstallmentTerms(days=45, month_end=AFTER),
        ]
    ),
    "100.00 EUR 10, balance 30": PaymentTerms(
        installments=[
            InstallmentTerms(share=Share.FIXED, amount=money("100", "EUR"), days=10),
            InstallmentTerms(days=30),
        ]
    ),
    "net 30, 5% retention 12 months": PaymentTerms(
        installments=[
            InstallmentTerms(days=30),
            _part(5, months=12, is_retention=True),
        ]
    ),
    "50% 30, 50% 30, sequential": PaymentTerms(
        installments=[_part(50, days=30), _part(50, days=30)], sequential=True
    ),
    "2/10, 30% 30, 70% 60": PaymentTerms(
        installments=THIRTY_SEVENTY.installments, discounts=[_discount(2, days=10)]
    ),
}

REFUSED = [
    *("", "soon", "net", "30 / 60", "net -3", "1000 days", "2/10", "30 60", "net 30 net 60"),
    *(
        "end of month 45 le 10 du mois suivant",
        "30% 30, 60% 60",
        "110% 30, rest 60",
        "rest 30, rest 60",
    ),
    *("30 end of month 10", "0/10 net 30", "100/10 net 30", "2.55555/10 net 30", "32nd prox"),
    *("net 30 on the 32", "net 30 days days", "45 fin de mois fin de mois", "10 XXX 30, rest 60"),
    *(
        "1.5 days",
        "net 30 from delivery from receipt",
        "30% retention",
        "2/10 net 30 on",
        "%",
        "net 30 " * 2_000,
    ),
    *("100.001 EUR 30, rest 60", "5% of rest 30, net 60 net 90", "30/60.5/90"),
]


@pytest.mark.parametrize("text", [text for text, terms in TEXTS.items() if terms is not None])
def test_texts_are_read(text):
    """What people write on invoices in three languages is understood."""
    assert TEXTS[text] == parse_terms(text)


@pytest.mark.parametrize("text", [*REFUSED, *(text for text in TEXTS if TEXTS[text] is None)])
def test_what_is_not_understood_is_refused(text):
    """A text that is not understood as a whole is refused, with examples of what would be."""
    with pytest.raises(PolicyError, match=r"^terms must look like 'net 30'"):
        parse_terms(text)


def test_the_reading_of_the_end_of_the_month_can_be_named():
    """ "N end of month" is read in the other way by whoever says so, and "end of month N" is not."""
    assert 10 == parse_terms("net 10 EOM", end_of_month=BEFORE).days
    assert BEFORE is parse_terms("net 10 EOM", end_of_month=BEFORE).month_end
    assert AFTER is parse_terms("2/10 EOM net 30", end_of_month=AFTER).discounts[0].month_end
    assert BEFORE is parse_terms("EOM 10", end_of_month=AFTER).month_end
    with pytest.raises(PolicyError, match="after-days or before-days"):
        parse_terms("net 30", end_of_month=MonthEnd.NONE)


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("text", [text for text, terms in TEXTS.items() if terms is not None])
def test_every_readable_text_can_be_written(text, language):
    """What was read is written in each language, and read back as it was."""
    terms = TEXTS[text]

    assert terms == parse_terms(format_terms(terms, language=language))


@given(simple_terms(closed=False, plain=True), st.sampled_from(["en", "fr", "es"]))
def test_simple_terms_come_back(terms, language):
    """Reading what was written gives equal terms, for every rule that words can say."""
    assert terms == parse_terms(format_terms(terms, language=language))


@given(terms_in_parts(plain=True), st.sampled_from(["en", "fr", "es"]))
def test_terms_in_parts_come_back(terms, language):
    """Reading what was written gives equal terms, for every set of installments."""
    assert terms == parse_terms(format_terms(terms, language=language))


@given(st.text(max_size=40) | st.text("0123456789%/,. netofmhdays", max_size=30))
def test_any_text_is_read_or_refused(text):
    """No text raises anything but the one refusal, and what is read can be written."""
    try:
        terms = parse_terms(text)
    except PolicyError:
        return
    assert terms == parse_terms(format_terms(terms))


WRITTEN = {
    "net 30": "net 30",
    "2% 10, 1% 20 net 30": "2/10, 1/20, net 30",
    "45 jours fin de mois": "45 end of month",
    "30 / 60 / 90 days": "30/60/90",
    "net 10 prox": "10th prox",
    "1er du mois suivant": "1st prox",
    "30 % à 30 jours et 70 % à 60 jours": "30% 30, 70% 60",
    "30% acompte, solde 60": "30% immediate, rest 60",
    "60 días los 5 y 20": "60 on the 5 and 20",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_the_usual_form_is_written(text):
    """What has a usual short form is written so."""
    assert WRITTEN[text] == format_terms(parse_terms(text))


TEXTLESS = {
    "closures": PaymentTerms(
        days=30, closures=[Closure(first=dt.date(2026, 8, 1), last=dt.date(2026, 8, 31))]
    ),
    "residue": PaymentTerms(days=30, residue=Residue.FIRST),
    "weight": PaymentTerms(
        installments=[
            InstallmentTerms(share=Share.WEIGHT, weight=2, days=30),
            InstallmentTerms(share=Share.WEIGHT, days=60),
        ]
    ),
    "equal parts": PaymentTerms(
        installments=[
            InstallmentTerms(share=Share.WEIGHT, days=30),
            InstallmentTerms(share=Share.WEIGHT, months=2),
        ]
    ),
    "payment_days": PaymentTerms(day=10, installments=[InstallmentTerms(days=30)]),
    "round_to": PaymentTerms(
        installments=[
            InstallmentTerms(
                share=Share.PERCENT_OF_TOTAL, percent=50, round_to=Decimal(1), days=30
            ),
            InstallmentTerms(days=60),
        ]
    ),
}


@pytest.mark.parametrize("what", TEXTLESS)
def test_what_has_no_words_is_not_written(what):
    """A convention that no words say is refused, and never left out in silence."""
    with pytest.raises(PolicyError, match=what):
        format_terms(TEXTLESS[what])


def test_another_language_is_refused():
    """The languages are those of the library."""
    with pytest.raises(PolicyError, match="language must be one of en, fr, es, got 'de'"):
        format_terms(PaymentTerms(days=30), language="de")
