"""Data for cash application: shares as measured, truth that adds up, the same on every machine."""

from __future__ import annotations

import hashlib
import math
import statistics
from collections import Counter, defaultdict

import attrs
import pytest

from receivables.documents import ItemKind
from receivables.errors import PolicyError
from receivables.money import to_minor
from receivables.testing.cash import (
    CASH_NOISES,
    CHANNELS,
    MANGLINGS,
    NUMBERINGS,
    CashShape,
    Numbering,
    ShortfallKind,
    TruthKind,
    cash_set,
)

DIGEST = "f3c6d6dd5be15af9"
RECEIPTS = 20_000
DEGREES = tuple(CASH_NOISES)


@pytest.fixture(scope="module")
def made():
    """Twenty thousand receipts of the medium degree."""
    return cash_set(seed=1, receipts=RECEIPTS, noise="medium", numbering="padded")


@pytest.fixture(scope="module")
def degrees():
    """Six thousand receipts of each degree."""
    return {name: cash_set(seed=2, receipts=6_000, noise=name) for name in DEGREES}


@attrs.define
class Seen:
    """One receipt that pays, and the payer's open items when it came."""

    truth: object
    paid: list
    open: dict
    items: dict

    @property
    def older(self):
        """What was due earlier than the last of the paid, or with it, and stays unpaid."""
        last = max(self.items[item].due_date for item in self.paid)
        return [
            self.items[item].due_date < last
            for item in self.open
            if item not in self.paid and self.items[item].due_date <= last
        ]


def _replayed(made):
    """Each receipt with the open invoices of its payer; a short item is settled all the same."""
    items = {item.item: item for item in made.items}
    payers = {customer.customer: customer.payer_group for customer in made.customers}
    opens = defaultdict(dict)
    for item in made.items:
        opens[payers[item.customer] or item.customer][item.item] = item.open_minor
    for receipt in made.receipts:
        truth = made.truth[receipt.receipt]
        if truth.kind is not TruthKind.PAYS:
            continue
        mine = opens[payers[truth.customer] or truth.customer]
        invoices = {
            item: minor
            for item, minor in mine.items()
            if minor and items[item].kind is ItemKind.INVOICE
        }
        paid = [item for item in truth.items if item in invoices]
        yield Seen(truth, paid, invoices, items)
        partial = {
            short.item: short.amount_minor
            for short in truth.short
            if short.kind is ShortfallKind.PARTIAL
        }
        mine.update({item: partial.get(item, 0) for item in truth.items})


@pytest.fixture(scope="module")
def seen(made):
    """The receipts that pay, with what was open."""
    return list(_replayed(made))


@pytest.fixture(scope="module")
def runs(seen):
    """Those that choose what they pay: no second parts of an invoice."""
    return [one for one in seen if "rest" not in one.truth.noise]


def _share(made, *kinds):
    found = [truth for truth in made.truth.values() if set(kinds) & set(truth.noise)]
    return len(found) / len(made.truth)


def test_the_same_seed_gives_the_same_set():
    """Nothing but the arguments decides what is made."""
    assert cash_set(seed=3, receipts=60) == cash_set(seed=3, receipts=60)
    assert cash_set(seed=3, receipts=60) != cash_set(seed=4, receipts=60)


def test_the_draws_are_the_same_on_every_version():
    """A digest of what is made stays the same, whatever the interpreter and the day."""
    made = cash_set(seed=2026, receipts=80, noise="hard")
    text = repr([(item.item, item.open_minor, str(item.due_date)) for item in made.items])
    text += repr([(one.receipt, to_minor(one.amount), one.remittance) for one in made.receipts])
    text += repr([(truth.legs, truth.noise) for truth in made.truth.values()])

    assert DIGEST == hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.parametrize("numbering", NUMBERINGS)
def test_the_size_is_as_asked(numbering):
    """There are as many receipts and open items as asked for, each with a number of its own."""
    made = cash_set(seed=5, receipts=300, open_items=2_000, customers=150, numbering=numbering)

    assert (300, 2_000, 150) == (len(made.receipts), len(made.items), len(made.customers))
    assert 2_000 == len({item.document for item in made.items})
    assert list(made.truth) == [receipt.receipt for receipt in made.receipts]


def test_settled_documents_are_not_open(made):
    """A number is either settled or open."""
    assert not {item.document for item in made.items} & set(made.settled)
    assert len(made.settled) > 3 * RECEIPTS


def test_a_sixth_numbering_is_a_value():
    """A caller's own format needs no code."""
    own = Numbering(name="own", prefix="K", joints=("", "."), year_digits=4, width=4, first=9)
    made = cash_set(seed=5, receipts=20, numbering=own)

    assert all(
        item.document.startswith("K202") for item in made.items if item.kind is ItemKind.INVOICE
    )


@pytest.mark.parametrize("degree", DEGREES)
def test_the_truth_adds_up(degree, degrees):
    """Legs and what is unapplied are the receipt; leg and shortfalls are what was open."""
    made = degrees[degree]
    left = {item.item: item.open_minor for item in made.items}
    for receipt in made.receipts:
        truth = made.truth[receipt.receipt]
        short = Counter()
        for one in truth.short:
            short[one.item] += one.amount_minor
        for leg in truth.legs:
            assert left[leg.item] == leg.amount_minor + short[leg.item]
            left[leg.item] -= leg.amount_minor
        assert truth.unapplied_minor >= 0
        if truth.currency == receipt.currency:
            assert truth.worth_minor == to_minor(receipt.amount)


@pytest.mark.parametrize("degree", DEGREES)
def test_nothing_is_paid_twice(degree, degrees):
    """No item is paid beyond what is open of it, and only parts are paid by several receipts."""
    made = degrees[degree]
    paid = Counter()
    times = Counter()
    for truth in made.truth.values():
        for leg in truth.legs:
            paid[leg.item] += leg.amount_minor
            times[leg.item] += 1
    parts = {
        short.item
        for truth in made.truth.values()
        for short in truth.short
        if short.kind is ShortfallKind.PARTIAL
    }

    assert [] == [i.item for i in made.items if abs(paid[i.item]) > abs(i.open_minor)]
    assert {item for item, count in times.items() if count > 1} <= parts


@pytest.mark.parametrize("degree", DEGREES)
def test_items_are_issued_before_they_are_paid(degree, degrees):
    """No document is younger than its payment, and none than the set."""
    made = degrees[degree]
    issued = {item.item: item.document_date for item in made.items}

    assert max(issued.values()) <= made.last_day
    for receipt in made.receipts:
        items = made.truth[receipt.receipt].items
        assert all(issued[item] < receipt.booking_date for item in items)
        assert made.first_day <= receipt.booking_date <= made.last_day


def test_what_pays_nothing_has_no_legs(made):
    """Advances, duplicates and the money of others pay no item."""
    others = [truth for truth in made.truth.values() if truth.kind is not TruthKind.PAYS]

    assert set(TruthKind) - {TruthKind.PAYS} == {truth.kind for truth in others}
    assert not any(truth.legs or truth.short for truth in others)


def test_money_in_another_currency_is_worth_what_it_pays(degrees):
    """A receipt in the creditor's currency for items in another one fits by the rate of the set."""
    made = degrees["hard"]
    changed = [
        (receipt, truth)
        for receipt in made.receipts
        if (truth := made.truth[receipt.receipt]).currency != receipt.currency
    ]

    assert changed
    for receipt, truth in changed:
        worth = made.rates[truth.currency].rate * to_minor(receipt.amount)
        assert abs(worth - truth.worth_minor) <= 2


def test_customers_have_as_many_items_as_measured(made):
    """The largest has 24 %, the ten largest 45 %, and 31 % of the customers have one."""
    counts = sorted(Counter(item.customer for item in made.items).values(), reverse=True)

    assert 0.24 == pytest.approx(counts[0] / len(made.items), abs=0.01)
    assert 0.45 == pytest.approx(sum(counts[:10]) / len(made.items), abs=0.01)
    assert 0.31 == pytest.approx(counts.count(1) / len(made.customers), abs=0.02)


def test_amounts_are_as_measured(made):
    """Lognormal of mu 9.40 and sigma 1.79, and 15 % repeat one of the same customer."""
    amounts = [
        (item.customer, item.amount_minor) for item in made.items if item.kind is ItemKind.INVOICE
    ]
    logs = [math.log(minor / 100) for _, minor in amounts]

    assert 9.40 == pytest.approx(statistics.mean(logs), abs=0.03)
    assert 1.79 == pytest.approx(statistics.pstdev(logs), abs=0.03)
    assert 0.15 == pytest.approx(1 - len(set(amounts)) / len(amounts), abs=0.01)


RUNS = {
    "1": (range(1, 2), 0.65, 0.03),
    "2": (range(2, 3), 0.16, 0.015),
    "3": (range(3, 4), 0.07, 0.01),
    "4": (range(4, 5), 0.036, 0.006),
    "5": (range(5, 6), 0.021, 0.005),
    "6 to 10": (range(6, 11), 0.036, 0.008),
    "11 to 29": (range(11, 30), 0.014, 0.005),
    "30 or more": (range(30, 98), 0.010, 0.003),
}


@pytest.mark.parametrize(("sizes", "share", "tolerance"), RUNS.values(), ids=RUNS)
def test_payments_pay_as_many_invoices_as_measured(sizes, share, tolerance, seen):
    """The number of invoices per payment follows the table, up to 97."""
    found = sum(len(one.paid) in sizes for one in seen)

    assert share == pytest.approx(found / len(seen), abs=tolerance)
    assert max(len(one.paid) for one in seen) <= 97


def test_payers_have_as_many_open_items_as_measured(runs):
    """Median 5, p90 36, p99 328 at payment."""
    counts = sorted(len(one.open) for one in runs)

    assert 5 == pytest.approx(counts[len(counts) // 2], abs=1)
    assert 36 == pytest.approx(counts[len(counts) * 9 // 10], abs=6)
    assert 328 == pytest.approx(counts[len(counts) * 99 // 100], abs=80)


def test_runs_are_as_complete_as_measured(runs):
    """70 % clear what is due by then, 48 % of those of several; 75 and 56 % leave none older."""
    several = [one for one in runs if len(one.paid) > 1]

    assert 0.70 == pytest.approx(sum(not one.older for one in runs) / len(runs), abs=0.03)
    assert 0.48 == pytest.approx(sum(not one.older for one in several) / len(several), abs=0.03)
    assert 0.75 == pytest.approx(sum(not any(one.older) for one in runs) / len(runs), abs=0.03)
    oldest = sum(not any(one.older) for one in several) / len(several)
    assert 0.56 == pytest.approx(oldest, abs=0.04)


def test_some_pay_all_that_is_open(seen):
    """21 % of the payments pay every open invoice."""
    found = sum(len(one.paid) == len(one.open) for one in seen)

    assert 0.21 == pytest.approx(found / len(seen), abs=0.02)


def test_some_amounts_stand_twice(seen):
    """4.2 % of the payments are of an amount that is open twice."""
    twice = 0
    for one in seen:
        counts = Counter(one.open.values())
        twice += any(counts[one.open[item]] > 1 for item in one.paid)

    assert 0.042 == pytest.approx(twice / len(seen), abs=0.006)


def test_invoices_are_paid_in_parts(made, seen):
    """5.5 % of the paid invoices have two payments and 0.3 % more."""
    paid = {item for one in seen for item in one.paid}
    amounts = {item.item: item.amount_minor for item in made.items}
    parts = {item for one in seen for item in one.paid if one.open[item] != amounts[item]}
    parts |= {
        short.item
        for one in seen
        for short in one.truth.short
        if short.kind is ShortfallKind.PARTIAL
    }

    assert 0.058 == pytest.approx(len(parts) / len(paid), abs=0.006)


def test_days_are_as_measured(runs, made):
    """Two in five to one in two are late, and hardly anything comes on a weekend."""
    day = {receipt.receipt: receipt.booking_date for receipt in made.receipts}
    late = sum(
        day[one.truth.receipt] > min(one.items[item].due_date for item in one.paid) for one in runs
    )
    week = cash_set(seed=1, receipts=1_000, days=7)
    weekend = sum(receipt.booking_date.weekday() > 4 for receipt in week.receipts)

    assert 0.45 == pytest.approx(late / len(runs), abs=0.06)
    assert weekend <= 20


def test_a_quarter_is_foreign(made):
    """25 % of the items are in a foreign currency."""
    foreign = sum(item.currency != "EUR" for item in made.items)

    assert 0.25 == pytest.approx(foreign / len(made.items), abs=0.02)


SHARES = {
    "no-reference": (0.05, 0.20, 0.45),
    "third-party": (0.01, 0.03, 0.06),
    "unknown-account": (0.02, 0.06, 0.12),
    "credit-netted": (0.03, 0.03, 0.03),
    "overpayment": (0.0005, 0.003, 0.009),
    "duplicate": (0.004, 0.004, 0.004),
    "not-receivable": (0.01, 0.015, 0.02),
    "on-account": (0.008, 0.010, 0.015),
}


@pytest.mark.parametrize("kind", SHARES)
def test_noise_has_the_share_of_its_degree(kind, degrees):
    """Each kind of noise is as frequent as the degree says."""
    for degree, share in zip(DEGREES, SHARES[kind], strict=True):
        found = _share(degrees[degree], kind)
        assert share == pytest.approx(found, rel=0.12, abs=0.006)


def _per_leg(made, kind):
    legs = [leg for truth in made.truth.values() for leg in truth.legs]
    short = [one for truth in made.truth.values() for one in truth.short if one.kind is kind]
    return len(short) / len(legs)


@pytest.mark.parametrize("degree", DEGREES)
def test_invoices_are_short_as_often_as_the_degree_says(degree, degrees):
    """Deductions on 1, 4 and 8 % of the invoices, discounts on 1, 2 and 4 %."""
    noise = CASH_NOISES[degree]
    deducted = _per_leg(degrees[degree], ShortfallKind.DEDUCTION)
    discounted = _per_leg(degrees[degree], ShortfallKind.DISCOUNT)

    assert noise.deducted / 10_000 == pytest.approx(deducted, rel=0.12, abs=0.002)
    assert noise.discounted / 10_000 == pytest.approx(discounted, rel=0.12, abs=0.002)


@pytest.mark.parametrize("degree", DEGREES)
def test_foreign_payments_bear_charges(degree, degrees):
    """Bank charges of 5 to 45 on 2, 15 and 30 % of the foreign payments."""
    made = degrees[degree]
    foreign = [t for t in made.truth.values() if t.currency != "EUR" and t.legs]
    charges = [
        short.amount_minor
        for truth in foreign
        for short in truth.short
        if short.kind is ShortfallKind.CHARGE
    ]

    share = CASH_NOISES[degree].charged / 10_000
    assert share == pytest.approx(len(charges) / len(foreign), rel=0.15, abs=0.01)
    assert max(charges) <= 4_500


@pytest.mark.parametrize("degree", DEGREES)
def test_structured_references_are_as_frequent_as_the_degree_says(degree, degrees):
    """35, 15 and 3 % of the payments say it in a structured way."""
    paying = [truth for truth in degrees[degree].truth.values() if truth.legs]
    found = sum(bool({"structured", "documents"} & set(truth.references)) for truth in paying)

    share = CASH_NOISES[degree].structured / 10_000
    assert share == pytest.approx(found / len(paying), rel=0.12, abs=0.005)


def test_every_kind_of_mangling_is_there(degrees):
    """Each kind of the registry is met, and one that is left out is not."""
    found = {kind for truth in degrees["hard"].truth.values() for kind in truth.noise}
    without = cash_set(seed=2, receipts=500, noise=CASH_NOISES["hard"].without("transposed"))

    assert {f"mangled:{kind}" for kind in MANGLINGS} <= found
    assert not _share(without, "mangled:transposed")


def test_discounts_are_offered_earned_late_or_invented(made):
    """A discount in time is offered until then, a late one was offered, one was never."""
    items = {item.item: item for item in made.items}
    in_time = late = never = 0
    for receipt in made.receipts:
        for short in made.truth[receipt.receipt].short:
            if short.kind is ShortfallKind.DISCOUNT:
                offers = items[short.item].discounts
                never += not offers
                in_time += any(offer.until >= receipt.booking_date for offer in offers)
                late += any(offer.until < receipt.booking_date for offer in offers)

    assert in_time > 2 * late > 2 * never > 0


def test_texts_are_as_long_as_their_channel_allows(degrees):
    """No text is longer than the longest channel, nor a piece than its line."""
    widest = max(channel.width * channel.lines for channel in CHANNELS.values())
    texts = [receipt.remittance.text for receipt in degrees["hard"].receipts]

    assert max(sum(map(len, text)) for text in texts) <= widest
    assert max(len(piece) for text in texts if len(text) > 1 for piece in text) <= 65
    assert {"text-cut", "text-split", "run-together"} <= {
        kind for truth in degrees["hard"].truth.values() for kind in truth.noise
    }


def test_names_are_cut_at_35(degrees):
    """The bank's name has 35 characters at most, and 18 where it was cut again."""
    for receipt in degrees["hard"].receipts:
        noise = degrees["hard"].truth[receipt.receipt].noise
        if "third-party" not in noise:
            assert len(receipt.payer.name) <= (18 if "name-cut" in noise else 35)


def test_a_copy_says_the_same_as_its_original(made):
    """A duplicate is a receipt of the same amount, payer and words, or names what is settled."""
    said = defaultdict(list)
    for receipt in made.receipts:
        key = (to_minor(receipt.amount), receipt.payer, receipt.remittance)
        said[key].append(made.truth[receipt.receipt].kind)
    twice = [kinds for kinds in said.values() if TruthKind.DUPLICATE in kinds and len(kinds) > 1]

    assert twice
    assert all(kinds[0] is TruthKind.PAYS for kinds in twice)


def test_advices_explain_receipts(made):
    """An advice names what its receipt pays, with the amounts, and adds up to it."""
    truths = {
        tuple((leg.item, abs(leg.amount_minor)) for leg in truth.legs): truth
        for truth in made.truth.values()
    }

    assert made.advices
    for advice in made.advices:
        documents = advice.remittance.documents
        truth = truths[tuple((one.number, one.amount_minor) for one in documents)]
        assert "advice" in truth.references


def test_head_offices_pay_for_their_branches(made):
    """Some receipts of a group's head pay items of its members, and of nobody else."""
    groups = {group.payer: set(group.members) for group in made.payer_groups}
    owner = {item.item: item.customer for item in made.items}
    found = [truth for truth in made.truth.values() if "head-office" in truth.noise]

    assert found
    assert all(owner[item] in groups[t.customer] for t in found for item in t.items)


REFUSED = {
    "an unknown degree": {"noise": "extreme"},
    "an unknown numbering": {"numbering": "roman"},
    "no receipts": {"receipts": 0},
    "too few open items": {"open_items": 30},
    "more customers than items": {"customers": 101},
    "no days": {"days": 0},
}


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED)
def test_what_makes_no_set_is_refused(given):
    """A size, a day or a name that makes no set is the caller's mistake."""
    with pytest.raises(PolicyError):
        cash_set(**({"seed": 1, "receipts": 10} | given))


def test_an_unknown_mangling_is_refused():
    """A misspelt kind would be left in, in silence."""
    with pytest.raises(PolicyError, match="manglings must be among"):
        CASH_NOISES["easy"].without("transposd")


def test_a_shape_of_ones_own():
    """The shape of the ledger is a value as well."""
    made = cash_set(seed=1, receipts=50, shape=CashShape(foreign=0, branches=0))

    assert {"EUR"} == {item.currency for item in made.items}
    assert () == made.payer_groups
