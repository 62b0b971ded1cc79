"""What may be erased on a day, and what must be kept, until when and why."""

import datetime as dt

import attrs
import pytest

from receivables.customers import (
    PersonalDataKind,
    RetentionFacts,
    RetentionPolicy,
    erasure_review,
    retention_facts,
)
from receivables.errors import PolicyError
from receivables.ledger import Ledger
from receivables.testing.builders import CREDITOR, CUSTOMER, issued

_K = PersonalDataKind
_CLOSED = RetentionFacts(
    customer="C-1",
    country="FR",
    last_document_on=dt.date(2020, 5, 4),
    closed_on=dt.date(2021, 1, 31),
)


@pytest.mark.parametrize(
    ("country", "until"),
    [("FR", dt.date(2030, 12, 31)), ("ES", dt.date(2026, 12, 31)), ("CA", dt.date(2026, 12, 31))],
)
def test_accounting_documents_are_kept_as_each_country_wants(country, until):
    """The period counts from the end of the year of the last document."""

    facts = attrs.evolve(_CLOSED, country=country)
    on = {
        day: erasure_review(facts, as_of=day).verdict(_K.ACCOUNTING_DOCUMENTS)
        for day in (until, until + dt.timedelta(days=1))
    }

    assert (on[until].may_be_erased, on[until].keep_until) == (False, until)
    assert on[until + dt.timedelta(days=1)].may_be_erased


def test_a_reason_says_its_article_and_whether_it_was_read():
    """The French rule was read, the Canadian one was not, and the European exception stands beside."""

    reasons = {
        country: erasure_review(attrs.evolve(_CLOSED, country=country), as_of=dt.date(2026, 11, 2))
        .verdict(_K.ACCOUNTING_DOCUMENTS)
        .reasons
        for country in ("FR", "CA")
    }

    assert [(one.rule, one.status) for one in reasons["FR"]] == [
        ("fr-accounting", "verified"),
        ("gdpr-legal-obligation", "verified"),
    ]
    assert [(one.rule, one.status) for one in reasons["CA"]] == [("ca-tax", "unverified")]


def test_data_of_people_at_a_customer_may_go():
    """No law of accounting keeps the telephone number of somebody who left."""
    assert _K.CONTACT_DATA in erasure_review(_CLOSED, as_of=dt.date(2026, 11, 2)).erasable


def test_while_there_is_business_its_data_are_needed():
    """Name and account are kept while the customer buys or owes, without an end that is known."""
    going = RetentionFacts(customer="C-1", country="FR", last_document_on=dt.date(2000, 1, 1))
    verdict = erasure_review(going, as_of=dt.date(2026, 11, 2)).verdict("master-data")

    assert (verdict.may_be_erased, verdict.keep_until) == (False, None)
    assert [one.rule for one in verdict.reasons] == ["purpose"]


def test_a_country_without_a_rule_is_not_guessed():
    """Documents stay until somebody has asked, and said so in a rule."""
    facts = RetentionFacts(
        customer="C-1",
        country="XA",
        last_document_on=dt.date(1990, 1, 1),
        closed_on=dt.date(1991, 1, 1),
    )
    verdict = erasure_review(facts, as_of=dt.date(2026, 11, 2)).verdict("accounting-documents")

    assert (verdict.may_be_erased, verdict.reasons[0].rule) == (False, "unknown")


def test_a_financial_year_may_end_in_any_month():
    """A document of July belongs to the year that ends in June of the next."""
    facts = RetentionFacts(
        customer="C-1",
        country="FR",
        last_document_on=dt.date(2020, 7, 1),
        closed_on=dt.date(2021, 1, 1),
    )
    policy = RetentionPolicy(year_end_month=6)
    verdict = erasure_review(facts, as_of=dt.date(2026, 1, 1), policy=policy).verdict(
        "accounting-documents"
    )

    assert verdict.keep_until == dt.date(2031, 6, 30)


@pytest.mark.parametrize(
    ("begins", "until"),
    [
        ("end-of-relationship", dt.date(2023, 1, 31)),
        ("last-document", dt.date(2022, 5, 4)),
        ("last-contact", dt.date(2023, 3, 9)),
    ],
)
def test_a_house_has_rules_of_its_own(begins, until):
    """A period counts from the last document, the last contact or the end of the business."""

    facts = attrs.evolve(_CLOSED, last_contact_on=dt.date(2021, 3, 9))
    rule = {
        "name": "house",
        "kinds": ["contact-data"],
        "months": 24,
        "begins": begins,
        "article": "7",
        "source": "house",
    }
    policy = RetentionPolicy.from_table({"rules": [rule]})

    assert (
        erasure_review(facts, as_of=until, policy=policy).verdict("contact-data").keep_until
        == until
    )


def test_facts_come_from_the_ledger_and_the_register(register):
    """The last document, what is open, and when the business ended."""
    ledger = Ledger().record(issued())
    facts = retention_facts(
        ledger, CREDITOR, CUSTOMER, country="FR", as_of=dt.date(2026, 12, 1), register=register
    )
    before = retention_facts(ledger, CREDITOR, CUSTOMER, country="FR", as_of=dt.date(2020, 1, 1))

    assert (facts.last_document_on, facts.has_open_items, facts.closed_on) == (
        dt.date(2026, 9, 30),
        True,
        None,
    )
    assert (before.last_document_on, before.has_open_items) == (None, False)


@pytest.mark.parametrize(
    "table",
    [
        {"year-end-month": 13},
        {"rules": [{"name": "x"}]},
        {"rules": [{"name": "x", "kinds": ["shoes"], "months": 1, "article": "", "source": ""}]},
        {
            "rules": [
                {
                    "name": "x",
                    "kinds": ["contact-log"],
                    "months": 1,
                    "article": "",
                    "source": "",
                    "status": "sure",
                }
            ]
        },
        {
            "rules": [
                {
                    "name": "x",
                    "kinds": ["contact-log"],
                    "months": 1,
                    "article": "",
                    "source": "",
                    "begins": "now",
                }
            ]
        },
    ],
    ids=str,
)
def test_policies_are_refused(table):
    """A rule says which data, how long, by which article, and how sure that is."""
    with pytest.raises(PolicyError):
        RetentionPolicy.from_table(table)
