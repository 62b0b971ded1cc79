"""How late the law lets terms fall due: ceilings as data, and findings about terms and documents.

What is found is a warning with the article and the latest lawful day; nothing is moved by itself.
The table is no legal advice: each row says whether its figure was read in a source (``verified``)
or is from general knowledge and must be checked before it is relied on (``memory``).

>>> latest_lawful_day("ES", document_date=dt.date(2026, 3, 12), delivery_date=dt.date(2026, 3, 10))
datetime.date(2026, 5, 9)
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from receivables.documents.model import Document
from receivables.errors import PolicyError
from receivables.problems import Place, Problem, Severity
from receivables.terms import rules
from receivables.terms.model import Baseline, DueRule, MonthEnd, PaymentTerms

__all__ = [
    "CEILINGS",
    "Ceiling",
    "CeilingScope",
    "check_document",
    "check_due_date",
    "check_terms",
    "latest_lawful_day",
]

_BEYOND: Final = "terms.beyond-legal-maximum"
_NEEDS_AGREEMENT: Final = "terms.needs-express-agreement"
_VOID: Final = "terms.clause-void"
_SAMPLE_YEARS: Final = (2023, 2024)
"""A common year and a leap year: what holds on each of their days holds on all."""


class CeilingScope(enum.Enum):
    """Whom a ceiling protects, or what it is about."""

    BUSINESS = "business"
    PERIODIC = "periodic"
    """Periodic invoices, which sum up the deliveries of a month at most."""
    TRANSPORT = "transport"
    PUBLIC = "public"
    PUBLIC_HEALTH = "public-health"
    PUBLIC_UNDERTAKING = "public-undertaking"


def _rules(values: Iterable[DueRule]) -> tuple[DueRule, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Ceiling:
    """The longest term that a law allows: the latest day of its rules, from its own baseline.

    `month_end_rules` count too where the parties agreed on the end of a month.  With `may_agree`
    the parties may go beyond it expressly, where that is not grossly unfair.
    """

    jurisdiction: str
    scope: CeilingScope
    rules: tuple[DueRule, ...] = attrs.field(converter=_rules)
    month_end_rules: tuple[DueRule, ...] = attrs.field(default=(), converter=_rules)
    baseline: Baseline = Baseline.DOCUMENT_DATE
    article: str
    status: str = attrs.field(validator=attrs.validators.in_(("verified", "memory")))
    may_agree: bool = False
    closures_are_void: bool = False
    """Whether a clause is void that lets the customer pay later because it is closed."""
    since: dt.date | None = None
    """The first document date that it applies to; None for as long as this table knows."""


_END_AFTER: Final = MonthEnd.AFTER_DAYS
_END_BEFORE: Final = MonthEnd.BEFORE_DAYS
_FRENCH_CODE: Final = "C. com. art. L441-10 I"
_FRENCH_PUBLIC: Final = "Code de la commande publique art. R2192-10 to R2192-12"
_DIRECTIVE: Final = "Directive 2011/7/EU"

CEILINGS: Final = (
    Ceiling(
        jurisdiction="FR",
        scope=CeilingScope.BUSINESS,
        rules=[DueRule(days=60)],
        month_end_rules=[
            DueRule(days=45, month_end=_END_AFTER),
            DueRule(days=45, month_end=_END_BEFORE),
        ],
        article=_FRENCH_CODE,
        status="verified",
    ),
    Ceiling(
        jurisdiction="FR",
        scope=CeilingScope.PERIODIC,
        rules=[DueRule(days=45)],
        article=f"{_FRENCH_CODE}, CGI art. 289 I-3",
        status="verified",
    ),
    Ceiling(
        jurisdiction="FR",
        scope=CeilingScope.TRANSPORT,
        rules=[DueRule(days=30)],
        article="C. com. art. L441-11",
        status="memory",
    ),
    Ceiling(
        jurisdiction="FR",
        scope=CeilingScope.PUBLIC,
        rules=[DueRule(days=30)],
        baseline=Baseline.RECEIVED_ON,
        article=_FRENCH_PUBLIC,
        status="verified",
    ),
    Ceiling(
        jurisdiction="FR",
        scope=CeilingScope.PUBLIC_HEALTH,
        rules=[DueRule(days=50)],
        baseline=Baseline.RECEIVED_ON,
        article=_FRENCH_PUBLIC,
        status="verified",
    ),
    Ceiling(
        jurisdiction="FR",
        scope=CeilingScope.PUBLIC_UNDERTAKING,
        rules=[DueRule(days=60)],
        baseline=Baseline.RECEIVED_ON,
        article=_FRENCH_PUBLIC,
        status="verified",
    ),
    Ceiling(
        jurisdiction="ES",
        scope=CeilingScope.BUSINESS,
        rules=[DueRule(days=60)],
        baseline=Baseline.DELIVERY_DATE,
        article="Ley 3/2004 art. 4.3",
        status="verified",
        closures_are_void=True,
    ),
    Ceiling(
        jurisdiction="ES",
        scope=CeilingScope.PUBLIC,
        rules=[DueRule(days=30)],
        baseline=Baseline.DELIVERY_DATE,
        article="Ley 9/2017 art. 198.4",
        status="memory",
    ),
    Ceiling(
        jurisdiction="EU",
        scope=CeilingScope.BUSINESS,
        rules=[DueRule(days=60)],
        baseline=Baseline.LATER_OF_RECEIVED_AND_DELIVERY,
        article=f"{_DIRECTIVE} art. 3(5)",
        status="memory",
        may_agree=True,
    ),
    Ceiling(
        jurisdiction="EU",
        scope=CeilingScope.PUBLIC,
        rules=[DueRule(days=30)],
        baseline=Baseline.LATER_OF_RECEIVED_AND_DELIVERY,
        article=f"{_DIRECTIVE} art. 4",
        status="memory",
        may_agree=True,
    ),
    Ceiling(
        jurisdiction="EU",
        scope=CeilingScope.PUBLIC_HEALTH,
        rules=[DueRule(days=60)],
        baseline=Baseline.LATER_OF_RECEIVED_AND_DELIVERY,
        article=f"{_DIRECTIVE} art. 4(4)",
        status="memory",
    ),
    Ceiling(
        jurisdiction="DE",
        scope=CeilingScope.BUSINESS,
        rules=[DueRule(days=60)],
        baseline=Baseline.LATER_OF_RECEIVED_AND_DELIVERY,
        article="BGB § 271a (1)",
        status="verified",
        may_agree=True,
    ),
    Ceiling(
        jurisdiction="DE",
        scope=CeilingScope.PUBLIC,
        rules=[DueRule(days=30)],
        baseline=Baseline.LATER_OF_RECEIVED_AND_DELIVERY,
        article="BGB § 271a (2)",
        status="verified",
        may_agree=True,
    ),
    Ceiling(
        jurisdiction="BE",
        scope=CeilingScope.BUSINESS,
        rules=[DueRule(days=60)],
        baseline=Baseline.LATER_OF_RECEIVED_AND_DELIVERY,
        article="Loi du 2 août 2002 art. 4",
        status="memory",
        since=dt.date(2022, 2, 1),
    ),
    Ceiling(
        jurisdiction="GB",
        scope=CeilingScope.BUSINESS,
        rules=[DueRule(days=60)],
        baseline=Baseline.LATER_OF_DOCUMENT_AND_DELIVERY,
        article="Late Payment of Commercial Debts (Interest) Act 1998 s. 4",
        status="memory",
        may_agree=True,
    ),
    Ceiling(
        jurisdiction="GB",
        scope=CeilingScope.PUBLIC,
        rules=[DueRule(days=30)],
        baseline=Baseline.LATER_OF_DOCUMENT_AND_DELIVERY,
        article="Late Payment of Commercial Debts (Interest) Act 1998 s. 4",
        status="memory",
    ),
)
"""Every ceiling that is known, by jurisdiction and scope."""

_WITHOUT_CEILING: Final = frozenset({"CA", "CA-QC", "US"})
"""Places without a ceiling in this table, asked of any scope: contracts fix the term there.

The thirty days of the Prompt Payment Act (5 CFR 1315) apply where the contract says nothing.
"""


@attrs.frozen(kw_only=True)
class _Facts:
    """The dates of a document that a law may count from."""

    document_date: dt.date
    delivery_date: dt.date | None = None
    received_on: dt.date | None = None

    def start(self, ceiling: Ceiling) -> dt.date:
        """The date that a ceiling counts from: the document date where nothing else is known."""
        dates = [getattr(self, name) for name in rules.BASELINES[ceiling.baseline]]
        return max((day for day in dates if day is not None), default=self.document_date)


def _ceiling(jurisdiction: str, scope: CeilingScope, *, on: dt.date | None) -> Ceiling | None:
    """The ceiling of a place; raises `PolicyError` for a place that the table does not know."""
    there = [one for one in CEILINGS if one.jurisdiction == jurisdiction]
    if not there and jurisdiction not in _WITHOUT_CEILING:
        known = sorted({one.jurisdiction for one in CEILINGS} | _WITHOUT_CEILING)
        msg = f"jurisdiction must be one of {', '.join(known)}, got {jurisdiction!r}. Use 'EU' for the directive"
        raise PolicyError(msg)
    fitting = [one for one in there if one.scope is scope]
    if there and not fitting:
        scopes = ", ".join(one.scope.value for one in there)
        msg = f"scope must be one of {scopes} in {jurisdiction}, got {scope.value}"
        raise PolicyError(msg)
    applying = [one for one in fitting if one.since is None or on is None or one.since <= on]
    return applying[0] if applying else None


def latest_lawful_day(
    jurisdiction: str,
    *,
    document_date: dt.date,
    delivery_date: dt.date | None = None,
    received_on: dt.date | None = None,
    scope: CeilingScope = CeilingScope.BUSINESS,
    month_end_agreed: bool = False,
) -> dt.date | None:
    """The latest day that a law lets a document fall due; None where it sets no limit.

    A law that counts from the delivery or from the receipt of the document counts from the document
    date where those are not known.  Raises `PolicyError` for a jurisdiction that is not in the table.
    """
    facts = _Facts(
        document_date=document_date, delivery_date=delivery_date, received_on=received_on
    )
    ceiling = _ceiling(jurisdiction, scope, on=document_date)
    return None if ceiling is None else _latest(ceiling, facts, month_end=month_end_agreed)


def _latest(ceiling: Ceiling, facts: _Facts, *, month_end: bool) -> dt.date:
    counted = (*ceiling.rules, *(ceiling.month_end_rules if month_end else ()))
    start = facts.start(ceiling)
    return max(rules.due_day(rule, baseline_date=start) for rule in counted)


def check_due_date(
    due_date: dt.date,
    *,
    jurisdiction: str,
    document_date: dt.date,
    delivery_date: dt.date | None = None,
    received_on: dt.date | None = None,
    scope: CeilingScope = CeilingScope.BUSINESS,
    month_end_agreed: bool = False,
    place: Place | None = None,
) -> tuple[Problem, ...]:
    """Whether a due date is later than the law allows: no finding, or one warning.

    Raises `PolicyError` for a jurisdiction that is not in the table.

    >>> print(*check_due_date(dt.date(2026, 6, 8), jurisdiction="ES", document_date=dt.date(2026, 3, 10)))
    terms: due_date: warning terms.beyond-legal-maximum: due date 2026-06-08 must be 2026-05-09 at the latest, counted from 2026-03-10 (ES, Ley 3/2004 art. 4.3)
    """
    facts = _Facts(
        document_date=document_date, delivery_date=delivery_date, received_on=received_on
    )
    ceiling = _ceiling(jurisdiction, scope, on=document_date)
    if ceiling is None:
        return ()
    latest = _latest(ceiling, facts, month_end=month_end_agreed)
    if due_date <= latest:
        return ()
    message = f"due date {due_date} must be {latest} at the latest, counted from {facts.start(ceiling)} {_source(ceiling)}"
    return (_finding(ceiling, message, place or Place("terms", field="due_date")),)


def check_document(
    document: Document,
    *,
    jurisdiction: str,
    scope: CeilingScope = CeilingScope.BUSINESS,
    month_end_agreed: bool = False,
) -> tuple[Problem, ...]:
    """Whether any installment of a document is due later than the law allows.

    Retentions are left out: other laws bound them.  Raises `PolicyError` for a jurisdiction that is
    not in the table.
    """
    days = {
        part.due_date
        for part in document.installments
        if part.due_date is not None and not part.is_retention
    }
    findings = (
        check_due_date(
            day,
            jurisdiction=jurisdiction,
            document_date=document.document_date,
            delivery_date=document.delivery_date,
            received_on=document.received_on,
            scope=scope,
            month_end_agreed=month_end_agreed,
            place=document.source or Place(document.number, field="due_date"),
        )
        for day in sorted(days)
    )
    return tuple(finding for found in findings for finding in found)


def check_terms(
    terms: PaymentTerms,
    *,
    jurisdiction: str,
    scope: CeilingScope = CeilingScope.BUSINESS,
    on: dt.date | None = None,
    place: Place | None = None,
) -> tuple[Problem, ...]:
    """Whether terms can fall due later than the law allows, on any document date there can be.

    All dates of a document are taken to be the same day, retentions are left out, and so are moves
    to business days.  `on` is the day that the law is asked about, the latest known without it.
    Raises `PolicyError` for a jurisdiction that is not in the table.

    >>> from receivables.terms import parse_terms
    >>> check_terms(parse_terms("45 fin de mois"), jurisdiction="FR")
    ()
    >>> check_terms(parse_terms("60 fin de mois"), jurisdiction="FR")[0].code
    'terms.beyond-legal-maximum'
    """
    ceiling = _ceiling(jurisdiction, scope, on=on)
    if ceiling is None:
        return ()
    where = place or Place("terms")
    return (*_beyond(terms, ceiling, where), *_void(terms, ceiling, where))


def _beyond(terms: PaymentTerms, ceiling: Ceiling, place: Place) -> Iterator[Problem]:
    """The finding on the date from which terms go furthest beyond a ceiling, if they do."""
    month_end = any(
        rule.month_end is not MonthEnd.NONE for rule in (terms.installments or (terms,))
    )
    plain = _plain(terms)
    worst = (0, dt.date.min, dt.date.min)
    for start in _sample_days(terms):
        latest = _latest(ceiling, _Facts(document_date=start), month_end=month_end)
        due = _last_due(plain, start)
        worst = max(worst, ((due - latest).days, due, start))
    days, due, start = worst
    if days > 0:
        latest = due - dt.timedelta(days=days)
        yield _finding(
            ceiling,
            f"terms must fall due on {latest} at the latest, counted from {start}, got {due} {_source(ceiling)}",
            place,
        )


def _plain(terms: PaymentTerms) -> PaymentTerms:
    """The terms without what depends on a calendar, and without discounts."""
    return attrs.evolve(terms.unadjusted, discounts=())


def _last_due(terms: PaymentTerms, start: dt.date) -> dt.date:
    days = rules.line_days(terms, baseline_date=start)
    lines = terms.installments
    kept = [day for place, day in enumerate(days) if not (lines and lines[place].is_retention)]
    return max(kept, default=start)


def _sample_days(terms: PaymentTerms) -> Iterator[dt.date]:
    """Every day of a common and of a leap year, and of the years of closures that happen once."""
    closures = [
        closure
        for rule in (terms, *terms.installments)
        for closure in rule.closures
        if not closure.every_year
    ]
    closed = {year for one in closures for year in range(one.first.year - 1, one.last.year + 1)}
    for year in sorted({*_SAMPLE_YEARS, *(year for year in closed if year > 0)}):
        first = dt.date(year, 1, 1).toordinal()
        last = dt.date(year, 12, 31).toordinal()
        yield from map(dt.date.fromordinal, range(first, last + 1))


def _void(terms: PaymentTerms, ceiling: Ceiling, place: Place) -> Iterator[Problem]:
    closures = [one for rule in (terms, *terms.installments) for one in rule.closures]
    if ceiling.closures_are_void and closures:
        yield Problem(
            _VOID,
            f"closures must not put off a due date, got {len(closures)} {_source(ceiling)}",
            place=place,
            severity=Severity.WARNING,
        )


def _source(ceiling: Ceiling) -> str:
    unread = "" if ceiling.status == "verified" else ", unverified"
    return f"({ceiling.jurisdiction}, {ceiling.article}{unread})"


def _finding(ceiling: Ceiling, message: str, place: Place) -> Problem:
    code = _NEEDS_AGREEMENT if ceiling.may_agree else _BEYOND
    return Problem(code, message, place=place, severity=Severity.WARNING)
