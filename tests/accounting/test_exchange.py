"""Currencies in the journal: what is booked, what a part relieves, what is realized, what is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from receivables.accounting import (
    OutgoingRate,
    PostingRules,
    RateDay,
    RevaluationScheme,
    Role,
    carried_items,
    carrying_amounts,
    revaluation_entries,
)
from receivables.allocation import Residual, ResidualKind
from receivables.currencies import ExchangeRates, MissingDay, revaluation
from receivables.documents import Installment
from receivables.errors import MissingRateError
from receivables.money import ExchangeRate, money

DAY = dt.date(2026, 3, 2)
LATER = dt.date(2026, 3, 20)
END = dt.date(2026, 3, 31)


def _rates(*rates):
    return ExchangeRates(list(rates), missing_day=MissingDay.previous(within_days=60))


def _minor(text: str) -> int:
    return int(Decimal(text).scaleb(2))


def _entry(rows) -> dict[str, int]:
    return {
        account[:4].split()[0]: _minor(debit) - _minor(credit) for account, debit, credit in rows
    }


@pytest.fixture
def american(house, usd):
    """A house that has invoiced USD 10,000 at 1.08 on the first day."""
    mine = house(currency="USD")
    mine.invoice("10000.00", exchange_rate=usd("1.0800"))
    return mine


def _revalued(mine, rate, **said):
    return revaluation_entries(
        revaluation(
            mine.ledger.open_items(as_of=END),
            carrying={item: minor for (_, item), minor in carrying_amounts(mine.journal).items()},
            rates=_rates(rate),
            as_of=END,
            functional="EUR",
        ),
        chart=mine.chart,
        carried=carried_items(mine.journal, as_of=END),
        **said,
    )


def test_a_part_relieves_pro_rata(american, usd, fx_case):
    """USD 4,000 of 10,000 takes four tenths of the carrying amount off, and realizes the rest."""
    case = fx_case("partial-settlement")
    expected = case["expected"]
    american.receipt("4000.00", day=LATER, exchange_rate=usd("1.0500"))
    american.allocate({"F-1": 400000, "R-1": -400000}, day=LATER)

    found = american.posted("ReceiptRecorded", "Allocated")

    assert found == {
        "512": _minor(expected["bank"]),
        "411": -_minor(expected["relieved_ar"]),
        "756": -_minor(expected["realised"]),
    }, case["source"]["title"]
    left = carrying_amounts(american.journal, as_of=LATER)
    assert left == {("MIRA", "F-1"): _minor(expected["remaining_ar_eur"])}


def test_the_last_part_relieves_exactly_what_is_left(american, usd):
    """Three thirds of a carrying amount that three does not divide leave nothing."""
    for number in (1, 2, 3):
        minor = 333333 if number < 3 else 333334
        american.receipt(f"{minor / 100:.2f}", name=f"R-{number}", exchange_rate=usd("1.08"))
        american.allocate({"F-1": minor, f"R-{number}": -minor}, name=f"A-{number}")

    assert carrying_amounts(american.journal) == {}


def test_ias_21(american, usd, fx_case):
    """Revalued at the close, taken back, settled: the profit of each year is that of the case."""
    case = fx_case("ias21-usd-ar")
    expected = case["expected"]
    made = _revalued(american, usd("1.1000", END))
    american.receipt("10000.00", day=END + dt.timedelta(days=9), exchange_rate=usd("1.0500"))
    american.allocate({"F-1": 1000000, "R-1": -1000000}, day=END + dt.timedelta(days=9))

    journal = american.journal.with_entries(made)

    profit = {"656", "756"}
    closed = journal.balances(as_of=END)
    assert carrying_amounts(journal, as_of=END) == {("MIRA", "F-1"): _minor(expected["closing"])}
    assert -closed["MIRA", "656"] == _minor(expected["unrealised"])
    whole = {number: minor for (_, number), minor in journal.balances().items() if minor}
    assert -sum(whole[number] for number in profit & whole.keys()) == _minor(expected["cumulative"])
    assert whole["512"] == _minor(expected["settlement"])
    assert "411" not in whole


def test_the_french_scheme(american, usd, fx_case):
    """476 and its provision at the close, both taken back, and 756 on settlement."""
    case = fx_case("pcg-usd-ar")
    expected = case["expected"]
    made = _revalued(american, usd("1.1000", END), scheme=RevaluationScheme.TRANSLATION)
    american.receipt("10000.00", day=LATER, exchange_rate=usd("1.0500"))
    american.allocate({"F-1": 1000000, "R-1": -1000000}, day=LATER)

    def of(*entries):
        return {
            line.account.number: line.functional_minor for entry in entries for line in entry.lines
        }

    assert of(made.closing, made.provision) == _entry(expected["close"])
    assert of(made.reversal) == _entry(expected["reopen"])
    assert of(made.release) == _entry(expected["release"])
    assert american.posted("ReceiptRecorded", "Allocated") == _entry(expected["settle"])
    assert made.reversal.date == END + dt.timedelta(days=1)


def test_a_latent_gain_is_no_income(house, usd, fx_case):
    """In France it waits on 477, and nothing is provided for."""
    case = fx_case("pcg-latent-gain")
    mine = house(currency="USD")
    mine.invoice("10000.00", exchange_rate=usd(case["inputs"]["rate_invoice"]))

    made = _revalued(
        mine, usd(case["inputs"]["rate_close"], END), scheme=RevaluationScheme.TRANSLATION
    )

    found = {line.account.number: line.functional_minor for line in made.closing.lines}
    assert found == _entry(case["expected"]["entry"])
    assert (made.provision, made.release) == (None, None)


@pytest.mark.parametrize(
    ("variant", "numbers"),
    [("financial-exchange", ("666", "766")), ("operating-provision", ("656", "756"))],
)
def test_the_french_variants(variant, numbers, house):
    """Financial differences are 666 and 766; the provision may be an operating one."""
    mine = house(variants=[variant])

    accounts = [mine.chart.account(role) for role in (Role.EXCHANGE_LOSS, Role.EXCHANGE_GAIN)]
    assert tuple(account.number for account in accounts) == numbers
    operating = mine.chart.account(Role.EXCHANGE_PROVISION_EXPENSE)
    assert (operating.number == "6815") == (variant == "operating-provision")


def test_an_undo_gives_back_what_was_relieved(american, usd):
    """Undo mirrors every line, the exchange difference included, on its own day."""
    american.receipt("4000.00", exchange_rate=usd("1.0500"))
    american.allocate({"F-1": 400000, "R-1": -400000})
    american.unallocate(day=LATER)

    done, undone = american.journal.entries[2:]

    assert [line.functional_minor for line in undone.lines] == [
        -line.functional_minor for line in done.lines
    ]
    assert (done.date, undone.date) == (DAY, LATER)
    assert "756" not in american.posted()


def test_what_comes_late_settles_the_rest_when_nothing_is_open(house, usd):
    """A part recorded late for an early day leaves no cent on the later day that closes the item."""
    mine = house(currency="USD")
    rate = ExchangeRate(base="USD", quote="EUR", rate=Decimal("0.5"), date=DAY)
    mine.invoice("0.02", exchange_rate=rate)
    mine.receipt("0.02", exchange_rate=rate)
    mine.allocate({"F-1": 1, "R-1": -1}, name="A-1", day=LATER)
    before = mine.journal
    mine.allocate({"F-1": 1, "R-1": -1}, name="A-2", day=DAY)

    after = mine.journal

    assert [entry for entry in after if entry in before.entries] == list(before)
    assert [entry.entry for entry in after if "@" in entry.entry] == [
        "allocated:MIRA:A-2@2026-03-20"
    ]
    assert carrying_amounts(after, as_of=LATER) == {}


def test_an_undo_takes_back_what_came_late_where_it_came(house, usd):
    """What a late recording relieved on a later day is given back on that day, and not before."""
    mine = house(currency="USD")
    rate = ExchangeRate(base="USD", quote="EUR", rate=Decimal("0.5"), date=DAY)
    mine.invoice("0.02", exchange_rate=rate)
    mine.receipt("0.02", exchange_rate=rate)
    mine.allocate({"F-1": 1, "R-1": -1}, name="A-1", day=LATER)
    before = mine.journal
    mine.allocate({"F-1": 1, "R-1": -1}, name="A-2", day=DAY)
    mine.unallocate("A-2", day=DAY)

    for day in (DAY, LATER):
        assert carrying_amounts(mine.journal, as_of=day) == carrying_amounts(before, as_of=day)


def test_across_currencies_each_currency_balances(house, usd):
    """USD 1,000 carried at EUR 925.93, paid by EUR 900: two lines of conversion, EUR 25.93 lost."""
    mine = house(currency="USD")
    mine.invoice("1000.00", exchange_rate=usd("1.08"))
    mine.currency = "EUR"
    mine.receipt("900.00")
    mine.allocate(
        {"F-1": 100000, "R-1": -90000},
        Residual(ResidualKind.CONVERSION, 100000, currency="USD"),
        Residual(ResidualKind.CONVERSION, -90000),
        currencies={"F-1": "USD"},
    )

    (entry,) = [each for each in mine.journal if each.kind == "Allocated"]

    exchanged = [line for line in entry.lines if line.role is Role.EXCHANGE_LOSS]
    assert [(line.amount_minor, line.currency) for line in exchanged] == [
        (100000, "USD"),
        (-90000, "EUR"),
    ]
    assert sum(line.functional_minor for line in exchanged) == 2593


@pytest.mark.parametrize(
    ("kind", "account", "functional"),
    [
        (ResidualKind.SETTLEMENT_DISCOUNT, "665", 9000),
        (ResidualKind.WRITE_OFF, "654", 9000),
        (ResidualKind.SMALL_DIFFERENCE, "658", 9000),
        (ResidualKind.BANK_CHARGE, "627", 8000),
        (ResidualKind.WITHHOLDING_TAX, "447", 8000),
    ],
)
def test_the_rate_of_what_else_settled(kind, account, functional, house):
    """What was taken off the claim is worth what it was carried at; what off the payment, its rate."""
    mine = house(currency="USD")
    booked, paid = (
        ExchangeRate(base="USD", quote="EUR", rate=Decimal(rate), date=DAY)
        for rate in ("0.9", "0.8")
    )
    mine.invoice("1000.00", exchange_rate=booked)
    mine.receipt("900.00", exchange_rate=paid)
    mine.allocate({"F-1": 100000, "R-1": -90000}, Residual(kind, 10000))

    assert mine.posted()[account] == functional


def test_what_stays_owed_keeps_its_rate(american, usd):
    """A retention takes its share of the carrying amount along, and no difference arises on it."""
    american.receipt("9500.00", exchange_rate=usd("1.08"))
    kept = Residual(ResidualKind.RETENTION, 50000, item="F-1")
    american.allocate({"F-1": 1000000, "R-1": -950000}, kept)

    assert american.posted()["4117"] == 46296
    assert carrying_amounts(american.journal) == {("MIRA", "A-1:retention:1"): 46296}


def test_large_parts_of_a_small_total_keep_their_rate(house, usd):
    """An invoice that takes an advance off books both at the rate, however little it leaves."""
    mine = house(currency="USD")
    lines = [mine.line("10000.00"), mine.line("-9999.99", category="services")]
    mine.invoice(lines=lines, exchange_rate=usd("1.08"))

    assert mine.posted() == {"411": 1, "707": -925926, "706": 925925}


def test_installments_share_the_carrying_amount(house, usd):
    """The parts of a document are carried at parts that add up to what it was booked at."""
    mine = house(currency="USD")
    parts = [Installment(DAY, money("33.33", "USD"))] * 2 + [
        Installment(DAY, money("33.34", "USD"))
    ]
    mine.invoice("100.00", installments=parts, exchange_rate=usd("1.08"))

    carried = carrying_amounts(mine.journal)

    assert sum(carried.values()) == 9259
    assert len(carried) == 3


@pytest.mark.parametrize(
    ("at", "expected"),
    [(OutgoingRate.SPOT, {"656": 927, "512": -1852}), (OutgoingRate.CARRYING, {"512": -925})],
)
def test_a_refund_leaves_at_the_rate_that_the_house_chose(at, expected, house, usd):
    """At the spot rate a difference is realized; at the carrying amount none is."""
    mine = house(currency="USD", rules=PostingRules(refunds_at=at), rates=_rates(usd("0.54")))
    mine.receipt("10.00", exchange_rate=usd("1.081"))
    mine.allocate({"R-1": -1000}, Residual(ResidualKind.REFUND, -1000))

    found = mine.posted("Allocated")

    assert found == {"411": 925, **expected}


@pytest.mark.parametrize(
    ("said", "day"), [(RateDay.DOCUMENT_DATE, DAY), (RateDay.POSTING_DATE, LATER)]
)
def test_the_day_of_the_rate_of_a_document(said, day, house, usd):
    """A document without a rate of its own is booked at the rate of the day that the house chose."""
    rates = _rates(usd("1.00"), usd("2.00", LATER))
    mine = house(currency="USD", rules=PostingRules(documents_at=said), rates=rates)
    mine.invoice("10.00", posting_date=LATER)

    assert mine.posted()["411"] == (1000 if day == DAY else 500)


def test_a_missing_rate_names_the_document_and_the_day(house):
    """No rate is guessed: the error says what lacks one, and when."""
    mine = house(currency="USD")
    mine.invoice("10.00")

    with pytest.raises(
        MissingRateError, match="document F-1 must have a rate from USD to EUR on 2026-03-02"
    ):
        _ = mine.journal


def test_a_rate_that_the_table_lacks_names_the_document_too(house, usd):
    """What the table says is added to what lacks the rate."""
    mine = house(currency="USD", rates=_rates(usd("1.08", LATER)))
    mine.receipt("10.00")

    with pytest.raises(MissingRateError, match=r"receipt R-1 must have a rate .* got none: "):
        _ = mine.journal


def test_a_rate_of_other_currencies_is_not_taken(house, usd):
    """A document booked at a rate to dollars says nothing about books in Canadian dollars."""
    mine = house("ca-generic", functional="CAD", currency="USD")
    mine.invoice("10.00", exchange_rate=usd("1.08"))

    with pytest.raises(MissingRateError, match="to CAD"):
        _ = mine.journal


def test_nothing_differs_and_nothing_is_posted(american, usd):
    """A revaluation at the rate of booking has no entry at all."""
    made = _revalued(american, usd("1.0800", END), scheme=RevaluationScheme.TRANSLATION)

    assert list(made) == []


def test_a_revaluation_is_a_pair(american, usd):
    """After the reversal every account holds what it held before the revaluation."""
    made = list(_revalued(american, usd("1.2", END)))
    journal = american.journal

    after = journal.with_entries(made).balances()

    assert {key: minor for key, minor in after.items() if minor} == journal.balances()


def test_a_provision_is_not_released_before_its_day(american, usd):
    """The release is on a later day than the closing."""
    with pytest.raises(ValueError, match="release_on must be 2026-04-01 or later"):
        _revalued(american, usd("1.2", END), scheme=RevaluationScheme.TRANSLATION, release_on=END)


def test_an_item_is_revalued_where_it_stands(house, usd):
    """A retention is revalued on the account of retentions."""
    mine = house(currency="USD")
    part = Installment(None, money("10.00", "USD"), is_retention=True)
    mine.invoice("10.00", installments=[part], exchange_rate=usd("1.08"))

    made = _revalued(mine, usd("1.2", END))

    assert made.closing.lines[0].account.number == "4117"
    assert attrs.evolve(made.closing.lines[0], functional_minor=0).role.is_control
