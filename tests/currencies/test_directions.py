"""A rate has a direction, and an amount in the wrong currency is refused, never multiplied."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from receivables.currencies import AppliedRate, ExchangeRates, carrying, settle_part
from receivables.errors import CurrencyMismatchError, MoneyError
from receivables.money import from_minor, money

from .worlds import AS_OF, CURRENCIES, directed, rate

_PAIRS = st.permutations(CURRENCIES)


@given(pair=_PAIRS, data=st.data())
def test_a_directed_rate_takes_its_base_only(pair, data):
    """Every currency but the base is refused, the quote too."""
    base, quote, other, _ = pair
    applied = AppliedRate.of(data.draw(directed(base, quote)), base=base)

    for wrong in (quote, other):
        with pytest.raises(CurrencyMismatchError, match=f"in {base} .* got {wrong}"):
            applied.convert(from_minor(100, wrong))


@given(pair=_PAIRS, data=st.data())
def test_a_rate_of_other_currencies_is_refused(pair, data):
    """A rate is not read from a currency that it does not name."""
    base, quote, other, _ = pair
    published = data.draw(directed(base, quote))

    with pytest.raises(CurrencyMismatchError):
        AppliedRate.of(published, base=other)
    with pytest.raises(CurrencyMismatchError):
        carrying(from_minor(100, other), published)


@given(pair=_PAIRS, data=st.data())
def test_a_table_reads_a_rate_both_ways(pair, data):
    """Whichever way a rate was published, the two directions are exact inverses of each other."""
    base, quote, *_ = pair
    table = ExchangeRates([data.draw(directed(base, quote))])

    there, back = (table.rate(*way, on=AS_OF) for way in ((base, quote), (quote, base)))

    assert there.value * back.value == 1
    assert there.inverse.value == back.value


@given(pair=_PAIRS, data=st.data())
def test_quoting_the_other_way_round_is_another_rate(pair, data):
    """A rate with its currencies exchanged gives another amount, unless it is one."""
    base, quote, *_ = pair
    published = data.draw(directed(base, quote))
    assume(published.rate != 1)
    turned = rate(published.quote, published.base, str(published.rate))

    right, wrong = (AppliedRate.of(one, base=base).value for one in (published, turned))

    assert right != wrong


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"open_amount": money("10.00", "GBP")}, "open_amount must be in USD"),
        ({"carrying": money("9.00", "GBP")}, "proceeds must be in GBP"),
        ({"rate": rate("EUR", "GBP", "0.83")}, "currency must be EUR or GBP"),
        ({"rate": AppliedRate.of(rate())}, "amount must be in EUR"),
    ],
)
def test_a_settlement_in_the_wrong_currencies_is_refused(given_, reason):
    """Part and item are in one currency, proceeds and carrying amount in another."""
    usual = {
        "open_amount": money("10.00", "USD"),
        "carrying": money("9.26", "EUR"),
        "rate": rate(),
    }

    with pytest.raises(MoneyError, match=reason):
        settle_part(money("4.00", "USD"), **{**usual, **given_})
