"""Legal ceilings: what each law allows, and what is found beyond it."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.documents import Invoice
from receivables.errors import PolicyError
from receivables.money import money
from receivables.problems import CODES, Severity
from receivables.terms import (
    CEILINGS,
    CeilingScope,
    Closure,
    PaymentTerms,
    check_document,
    check_due_date,
    check_terms,
    latest_lawful_day,
    parse_terms,
    with_terms,
)

D = dt.date
BEYOND, NEEDS, VOID = (
    "terms.beyond-legal-maximum",
    "terms.needs-express-agreement",
    "terms.clause-void",
)

TERMS = [
    ("FR", "business", "net 60", []),
    ("FR", "business", "net 61", [BEYOND]),
    ("FR", "business", "2 months", [BEYOND]),
    ("FR", "business", "45 fin de mois", []),
    ("FR", "business", "fin de mois + 45", []),
    ("FR", "business", "30 fin de mois", []),
    ("FR", "business", "30 fin de mois le 10", [BEYOND]),
    ("FR", "business", "45 fin de mois le 10", [BEYOND]),
    ("FR", "business", "60 fin de mois", [BEYOND]),
    ("FR", "business", "30/60/90", [BEYOND]),
    ("FR", "business", "30/45/60", []),
    ("FR", "business", "net 30, 5% retention 12 months", []),
    ("FR", "periodic", "net 45", []),
    ("FR", "periodic", "45 fin de mois", [BEYOND]),
    ("FR", "transport", "net 31", [BEYOND]),
    ("FR", "public", "net 30", []),
    ("FR", "public", "net 31", [BEYOND]),
    ("FR", "public-health", "net 50", []),
    ("FR", "public-undertaking", "net 61", [BEYOND]),
    ("ES", "business", "net 60", []),
    ("ES", "business", "60 los 5 y 20", [BEYOND]),
    ("ES", "business", "45 fin de mes", [BEYOND]),
    ("DE", "business", "net 90", [NEEDS]),
    ("DE", "public", "net 31", [NEEDS]),
    ("EU", "business", "net 61", [NEEDS]),
    ("EU", "public", "net 30", []),
    ("GB", "business", "net 60", []),
    ("GB", "business", "net 75", [NEEDS]),
    ("GB", "public", "net 45", [BEYOND]),
    ("BE", "business", "net 61", [BEYOND]),
    ("US", "business", "net 365", []),
    ("US", "public", "net 31", []),
    ("CA", "business", "net 365", []),
    ("CA-QC", "business", "net 365", []),
]


@pytest.mark.parametrize(("jurisdiction", "scope", "text", "codes"), TERMS)
def test_terms_are_held_against_the_law(jurisdiction, scope, text, codes):
    """Terms that can fall due later than the law allows, on any date, are found."""
    findings = check_terms(parse_terms(text), jurisdiction=jurisdiction, scope=CeilingScope(scope))

    assert codes == [finding.code for finding in findings]
    assert all(finding.severity is Severity.WARNING for finding in findings)
    assert set(codes) <= set(CODES)


def test_the_latest_lawful_day_is_in_the_finding():
    """A finding names the day, the article, and that a figure was not read in its source."""
    verified = check_terms(parse_terms("60 fin de mois"), jurisdiction="FR")[0]
    from_memory = check_terms(parse_terms("net 61"), jurisdiction="BE")[0]

    assert "L441-10" in verified.message
    assert "at the latest" in verified.message
    assert "unverified" not in verified.message
    assert "unverified" in from_memory.message


LATEST = [
    ("FR", {}, D(2024, 3, 31)),
    ("FR", {"month_end_agreed": True}, D(2024, 3, 31)),
    ("FR", {"scope": CeilingScope.PERIODIC}, D(2024, 3, 16)),
    ("FR", {"scope": CeilingScope.PUBLIC, "received_on": D(2024, 2, 5)}, D(2024, 3, 6)),
    ("ES", {"delivery_date": D(2024, 1, 10)}, D(2024, 3, 10)),
    ("EU", {"delivery_date": D(2024, 1, 10), "received_on": D(2024, 2, 2)}, D(2024, 4, 2)),
    ("GB", {"delivery_date": D(2024, 2, 10)}, D(2024, 4, 10)),
    ("CA", {}, None),
]


@pytest.mark.parametrize(("jurisdiction", "given", "expected"), LATEST)
def test_each_law_counts_from_its_own_date(jurisdiction, given, expected):
    """The law counts from the issue, the delivery or the receipt, whichever it names."""
    assert expected == latest_lawful_day(jurisdiction, document_date=D(2024, 1, 31), **given)


def test_both_readings_of_the_end_of_the_month_are_lawful():
    """45 days end of month may be counted both ways, so the later of the two is the latest day."""
    days = {"document_date": D(2024, 1, 16), "month_end_agreed": True}

    assert D(2024, 3, 31) == latest_lawful_day("FR", **days)
    assert () == check_due_date(D(2024, 3, 31), jurisdiction="FR", **days)
    days["month_end_agreed"] = False
    assert 1 == len(check_due_date(D(2024, 3, 31), jurisdiction="FR", **days))


def test_documents_are_checked_by_installment():
    """Each day on which an installment is due too late is a finding with the document's name."""
    document = Invoice(
        number="F-1",
        creditor="MIRA",
        customer="C-1",
        document_date=D(2026, 3, 1),
        total=money("300.00", "EUR"),
    )
    found = check_document(with_terms(document, parse_terms("30/75/90")), jurisdiction="FR")

    assert [BEYOND, BEYOND] == [finding.code for finding in found]
    assert {"F-1"} == {finding.place.source for finding in found}
    assert () == check_document(document, jurisdiction="FR")
    retained = with_terms(document, parse_terms("net 30, 5% retention 12 months"))
    assert () == check_document(retained, jurisdiction="FR")


def test_a_ceiling_has_a_first_day():
    """What the law allowed before it changed is not held against it."""
    agreed = {"jurisdiction": "BE", "document_date": D(2022, 1, 31)}

    assert () == check_due_date(D(2022, 6, 1), **agreed)
    assert () == check_terms(parse_terms("net 90"), jurisdiction="BE", on=D(2021, 1, 1))


def test_closures_are_void_where_the_law_says_so():
    """In Spain a holiday of the customer puts off nothing, and its effect is found too."""
    august = Closure(first=D(2026, 8, 1), last=D(2026, 8, 31), every_year=True)
    once = Closure(first=D(2026, 8, 1), last=D(2026, 8, 31))

    for closure in (august, once):
        terms = PaymentTerms(days=60, closures=[closure])
        found = check_terms(terms, jurisdiction="ES")
        assert [BEYOND, VOID] == [finding.code for finding in found]
        assert [BEYOND] == [one.code for one in check_terms(terms, jurisdiction="FR")]


def test_unknown_places_and_scopes_are_refused():
    """A place that the table does not know is never taken as without a limit."""
    with pytest.raises(PolicyError, match="jurisdiction must be one of BE, CA"):
        check_terms(parse_terms("net 30"), jurisdiction="IT")
    with pytest.raises(PolicyError, match="scope must be one of business, public in ES"):
        latest_lawful_day("ES", document_date=D(2026, 1, 1), scope=CeilingScope.TRANSPORT)


def test_every_ceiling_says_where_it_is_from():
    """Each row has its article and its status, and no place has one scope twice."""
    keys = [(one.jurisdiction, one.scope) for one in CEILINGS]

    assert len(keys) == len(set(keys))
    assert all(one.article and one.rules for one in CEILINGS)
    assert {"verified", "memory"} == {one.status for one in CEILINGS}
