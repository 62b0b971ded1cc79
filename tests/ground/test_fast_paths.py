"""What is read fast is what is read with care: the short ways beside the long ones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.cards import holds_card_number, masked
from receivables.documents import Installment, Invoice
from receivables.errors import DocumentError, InexactAmountError, LimitError, MoneyError
from receivables.money import Money, digits, exact, from_minor, minor_of
from receivables.receipts import Payer, Remittance
from receivables.receipts.payouts import MovementKind, ProcessorMovement
from receivables.texts import amount_readings

DAY = dt.date(2026, 10, 1)
SETTINGS = settings(max_examples=50)
AMOUNTS = st.builds(
    lambda sign, figures, places: Decimal((sign, tuple(map(int, str(figures))), -places)),
    st.sampled_from([0, 1]),
    st.integers(0, 10**18),
    st.integers(-3, 6),
)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
WRITTEN = st.from_regex(r"-?[0-9]{1,9}([.,'][0-9]{1,7})?", fullmatch=True)
CARDS = st.lists(
    st.sampled_from(["4111", "1111", "4111111111111111", "8812", "0", " ", "-", ".", "x", "é"]),
    max_size=9,
).map("".join)


@SETTINGS
@given(amount=AMOUNTS, currency=CURRENCIES)
def test_an_amount_is_in_minor_units_what_its_fraction_is(amount: Decimal, currency: str) -> None:
    """Minor units are the amount times its scale, and what has a part of one is refused."""
    wanted = Fraction(amount) * 10 ** digits(currency)

    try:
        found = minor_of(amount, currency)
    except InexactAmountError:
        assert wanted.denominator > 1
    except LimitError:
        assert abs(wanted) > 10**15
    else:
        assert found == wanted


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_amount(text: str) -> None:
    """An amount that is not finite is refused by both doors."""
    with pytest.raises(MoneyError):
        minor_of(Decimal(text), "EUR")
    with pytest.raises(MoneyError):
        exact(Money(Decimal(text), "EUR"))


@SETTINGS
@given(minor=st.integers(-(10**15), 10**15), currency=CURRENCIES)
def test_an_exact_amount_is_a_new_value_of_the_same_content(minor: int, currency: str) -> None:
    """What is normal already is copied, so that the caller's value stays the caller's."""
    given_ = from_minor(minor, currency)

    found = exact(given_)

    assert (found, str(found.amount)) == (given_, str(given_.amount))
    assert found is not given_


@SETTINGS
@given(
    text=WRITTEN,
    decimal=st.sampled_from([None, ".", ","]),
    grouping=st.sampled_from([None, "", " ", "'"]),
)
def test_a_plain_amount_is_read_as_one_with_blanks_around_it(
    text: str, decimal: str | None, grouping: str | None
) -> None:
    """Blanks around an amount, which take the long way, change nothing of its readings."""
    found = amount_readings(text, decimal=decimal, grouping=grouping)
    careful = amount_readings(f" {text}", decimal=decimal, grouping=grouping)

    assert [str(each) for each in found] == [str(each) for each in careful]


@SETTINGS
@given(text=CARDS)
def test_a_text_holds_a_card_number_where_something_is_masked_in_it(text: str) -> None:
    """The quick answer is that of the masking, which looks at every group of figures."""
    assert holds_card_number(text) == (masked(text) != text)


@SETTINGS
@given(field=st.sampled_from(["reference", "text", "payer", "remittance"]), text=CARDS)
def test_a_movement_refuses_a_card_number_in_any_of_its_texts(field: str, text: str) -> None:
    """A payer and a remittance are looked through text by text."""
    values = {"payer": Payer(account=text), "remittance": Remittance(text=("ok", text))}

    def build() -> ProcessorMovement:
        return ProcessorMovement(
            movement="txn_1",
            processor="stripe",
            kind=MovementKind.PAYMENT,
            gross_minor=1,
            currency="EUR",
            occurred_on=DAY,
            **{field: values.get(field, text)},
        )

    if holds_card_number(text):
        with pytest.raises(DocumentError, match=f"{field} must hold no card number"):
            build()
    else:
        assert getattr(build(), field) == values.get(field, text)


def test_a_document_without_installments_has_the_one_that_could_be_given() -> None:
    """The only installment is made of the due date and the total."""
    common = {"number": "F-1", "creditor": "MIRA", "customer": "C-1", "document_date": DAY}
    total = from_minor(12050, "EUR")

    whole = Invoice(**common, due_date=DAY, total=total)
    parted = Invoice(**common, due_date=DAY, total=total, installments=[Installment(DAY, total)])

    assert whole == parted


@pytest.mark.parametrize("minor", [1, 12051], ids=["less", "more"])
def test_one_installment_must_be_the_total(minor: int) -> None:
    """The only installment is held against the total like any others."""
    with pytest.raises(DocumentError, match="installments of F-1 must add up to"):
        Invoice(
            number="F-1",
            creditor="MIRA",
            customer="C-1",
            document_date=DAY,
            total=from_minor(12050, "EUR"),
            installments=[Installment(DAY, from_minor(minor, "EUR"))],
        )
