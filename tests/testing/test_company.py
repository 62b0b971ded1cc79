"""The invented company keeps its promises: the same on every machine, and true to the cent."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from receivables.documents import open_items
from receivables.errors import PolicyError
from receivables.testing.company import NOISES, TruthKind, generate, to_items_columns

DIGEST = "5de621102b697c55"


def test_the_same_seed_gives_the_same_company(company):
    """Nothing but the arguments decides what is made."""
    again = generate(seed=7, invoices=600, customers=90, noise="hard")

    assert again == company


def test_another_seed_gives_another_company(company):
    """The seed is used."""
    other = generate(seed=8, invoices=600, customers=90, noise="hard")

    assert other.sales != company.sales


def test_the_draws_are_the_same_on_every_version():
    """A digest of what is made stays the same, whatever the interpreter and the day."""
    made = generate(invoices=60, customers=6)
    text = repr([(sale.number, sale.amount_minor, sale.due_date) for sale in made.sales])
    text += repr([(entry.bank_reference, entry.amount_minor) for entry in made.entries])

    assert DIGEST == hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.parametrize("invoices", [1, 10, 1000])
def test_the_size_is_as_asked(invoices):
    """There are as many invoices as asked for, however few or many."""
    made = generate(invoices=invoices)

    assert invoices == sum(sale.number.startswith("FA-") for sale in made.sales)


def test_documents_are_values_of_the_library(company):
    """Every light row becomes a document with the same number, sign and amount."""
    signed = [
        (item.document, item.open_minor)
        for document in company.documents()
        for item in open_items(document)
    ]

    assert [(sale.number, sale.signed_minor) for sale in company.sales] == signed


def test_numbers_are_without_gaps(company):
    """Each year and kind counts from 1, by day."""
    series = {}
    for sale in company.sales:
        prefix, year, number = sale.number.split("-")
        series.setdefault((prefix, year), []).append(int(number))

    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in series.values())


def test_the_truth_has_a_row_per_receipt(company):
    """Receipts and truth come in the same order, with the same amounts."""
    receipts = [(receipt.receipt, receipt.amount) for receipt in company.receipts()]
    truths = [truth.receipt for truth in company.truth]

    assert truths == [name for name, _ in receipts]
    assert len(truths) == len(company.truth_of())


def test_no_receipt_pays_more_than_it_is(company):
    """The legs of a receipt add up to its amount or less; what is no receivable has none."""
    assert all(truth.unapplied_minor >= 0 for truth in company.truth)
    assert not any(truth.legs for truth in company.truth if truth.kind is not TruthKind.PAYS)


def test_no_document_is_paid_twice(company):
    """What is truly open of a document lies between nothing and its whole amount."""
    whole = {sale.number: sale.signed_minor for sale in company.sales}
    rest = company.open_minor()

    assert all(
        0 < minor * (1 if whole[item] > 0 else -1) <= abs(whole[item])
        for item, minor in rest.items()
    )


def test_nothing_is_paid_before_it_is_invoiced(company):
    """A receipt comes after the documents that it pays."""
    issued = {sale.number: sale.document_date for sale in company.sales}

    assert all(truth.booking_date > issued[item] for truth in company.truth for item in truth.items)


def test_a_head_office_pays_for_its_branches(company):
    """Members of a payer group are paid for by its payer only."""
    payers = {member: group.payer for group in company.payer_groups for member in group.members}
    owners = {sale.number: sale.customer for sale in company.sales}

    paid = [
        (truth.customer, payers.get(owners[item], owners[item]))
        for truth in company.truth
        for item in truth.items
    ]

    assert len(payers) > len(company.payer_groups) > 0
    assert all(payer == expected for payer, expected in paid)


def test_returned_money_leaves_the_document_open(company):
    """What came back pays nothing: a debit of the same amount stands on the account."""
    returned = {truth.amount_minor for truth in company.truth if truth.returned_on}
    debits = {
        -entry.amount_minor for entry in company.entries if entry.bank_code == "PMNT-IDDT-UPDD"
    }

    assert returned == debits


def test_every_kind_of_noise_occurs(company):
    """The hard company has each kind of trouble that the policies name."""
    found = Counter(kind.partition(":")[0] for truth in company.truth for kind in truth.noise)

    assert {
        "cheque",
        "credit-netted",
        "deduction",
        "discount",
        "mangled",
        "name-cut",
        "name-only",
        "no-reference",
        "partial",
        "third-party",
        "unknown-account",
    } <= set(found)


def test_the_last_day_has_debts_of_every_age():
    """By default something is open in each bucket, so that every level of dunning occurs."""
    made = generate()
    due = {sale.number: sale.due_date for sale in made.sales}
    ages = [(made.last_day - due[item]).days for item in made.open_minor() if due[item]]
    buckets = Counter(min(3, (age - 1) // 30) if age > 0 else -1 for age in ages)

    assert {-1, 0, 1, 2, 3} == set(buckets)


def test_harder_noise_is_harder():
    """From easy to hard, fewer payments give a reference that is written as printed."""
    clean = {}
    for noise in NOISES:
        made = generate(seed=3, invoices=800, noise=noise)
        pays = [truth for truth in made.truth if truth.kind is TruthKind.PAYS]
        clean[noise] = sum(not truth.noise for truth in pays) / len(pays)

    assert clean["easy"] > clean["medium"] > clean["hard"]


REFUSALS = {
    "no invoices": {"invoices": 0},
    "no customers": {"customers": 0},
    "unknown noise": {"noise": "deafening"},
    "no time": {"last_day": generate.__kwdefaults__["first_day"]},
}


@pytest.mark.parametrize("arguments", REFUSALS.values(), ids=REFUSALS)
def test_impossible_companies_are_refused(arguments):
    """What cannot be made is the fault of whoever asks for it."""
    with pytest.raises(PolicyError):
        generate(**arguments)


def test_columns_are_of_one_length_and_without_history():
    """Every column has a row per item, and the same seed gives the same columns."""
    columns = to_items_columns(500)

    assert {500} == {len(values) for values in columns.values()}
    assert columns == to_items_columns(500)
    assert columns["open_minor"] == columns["amount_minor"]
