"""What of a customer's data may be erased on a day, and what must be kept, until when and why.

Laws are data: each rule names its article, where its text was read, and whether it was.

>>> facts = RetentionFacts(customer="C-017", country="FR", last_document_on=dt.date(2020, 5, 4),
...                        closed_on=dt.date(2021, 1, 31))
>>> review = erasure_review(facts, as_of=dt.date(2026, 11, 2))
>>> verdict = review.verdict("accounting-documents")
>>> verdict.may_be_erased, verdict.keep_until, verdict.reasons[0].article
(False, datetime.date(2030, 12, 31), 'Code de commerce, art. L123-22')
>>> review.verdict("contact-data").may_be_erased
True
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from receivables.customers._names import members, table_values, texts, whole
from receivables.customers.register import CustomerRegister
from receivables.days import add_months, check_day, month_end
from receivables.errors import PolicyError
from receivables.ledger.casework import CaseEvent, ContactLogged
from receivables.ledger.model import NoticeSent, account_key
from receivables.ledger.objects import Ledger
from receivables.parties import CustomerId

__all__ = [
    "ErasureReview",
    "ErasureVerdict",
    "PersonalDataKind",
    "RetentionFacts",
    "RetentionPolicy",
    "RetentionReason",
    "RetentionRule",
    "RetentionStart",
    "erasure_review",
    "retention_facts",
]

_STATUSES: Final = ("verified", "unverified")


class PersonalDataKind(enum.Enum):
    """What kind of data about people a receivables department has."""

    ACCOUNTING_DOCUMENTS = "accounting-documents"
    """Invoices, credit notes, receipts and their entries, with the names on them."""
    CORRESPONDENCE = "correspondence"
    """Letters and notices, sent and received."""
    CONTACT_LOG = "contact-log"
    """Notes of calls and visits."""
    MASTER_DATA = "master-data"
    """Name, address and identifiers of a customer who is a person."""
    BANK_DETAILS = "bank-details"
    CONTACT_DATA = "contact-data"
    """Name, e-mail address and telephone number of somebody who works at a customer."""


class RetentionStart(enum.Enum):
    """What a period of keeping counts from."""

    END_OF_FINANCIAL_YEAR = "end-of-financial-year"
    """The end of the financial year of the last document."""
    LAST_DOCUMENT = "last-document"
    LAST_CONTACT = "last-contact"
    END_OF_RELATIONSHIP = "end-of-relationship"


def _kinds(values: Iterable[PersonalDataKind | str]) -> frozenset[PersonalDataKind]:
    return members(values, PersonalDataKind)


@attrs.frozen(kw_only=True)
class RetentionRule:
    """One duty to keep, or one right to: which data, where, for how many months, from when, by which law.

    It holds everywhere where `countries` is empty.  `status` says whether the text of the article
    was read at `source` (``verified``) or is told by others (``unverified``).
    """

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    kinds: frozenset[PersonalDataKind] = attrs.field(converter=_kinds)
    countries: tuple[str, ...] = attrs.field(default=(), converter=texts)
    months: int = attrs.field(validator=whole)
    begins: RetentionStart = attrs.field(
        default=RetentionStart.END_OF_FINANCIAL_YEAR, converter=RetentionStart
    )
    article: str
    source: str
    status: str = attrs.field(default="unverified", validator=attrs.validators.in_(_STATUSES))
    why: str = ""

    def speaks(self, kind: PersonalDataKind, country: str) -> bool:
        """Whether it is about a kind of data of a country."""
        return kind in self.kinds and (not self.countries or country in self.countries)


_K: Final = PersonalDataKind
_PAPERS: Final = (_K.ACCOUNTING_DOCUMENTS,)
_DEFAULT_RULES: Final = (
    RetentionRule(
        name="fr-accounting",
        kinds=_PAPERS,
        countries=("FR",),
        months=120,
        article="Code de commerce, art. L123-22",
        source="https://www.doctrine.fr/l/texts/codes/LEGITEXT000005634379/articles/LEGIARTI000006219326",
        status="verified",
        why="accounting documents and vouchers are kept for ten years; that they count from the close of the year is practice",
    ),
    RetentionRule(
        name="fr-claims",
        kinds=(_K.CORRESPONDENCE, _K.CONTACT_LOG),
        countries=("FR",),
        months=60,
        begins="last-document",
        article="Code de commerce, art. L110-4",
        source="not read",
        why="claims between traders are barred after five years; until then they may have to be proved",
    ),
    RetentionRule(
        name="es-accounting",
        kinds=(_K.ACCOUNTING_DOCUMENTS, _K.CORRESPONDENCE),
        countries=("ES",),
        months=72,
        article="Código de Comercio, art. 30",
        source="told by pages of advisers, not read",
        why="books, correspondence and vouchers are kept for six years",
    ),
    RetentionRule(
        name="ca-tax",
        kinds=_PAPERS,
        countries=("CA",),
        months=72,
        article="Income Tax Act, s. 230(4)",
        source="not read",
        why="records are kept for six years from the end of the last taxation year that they relate to",
    ),
)


def _rules(values: Iterable[RetentionRule]) -> tuple[RetentionRule, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class RetentionPolicy:
    """Which rules of keeping hold, and in which month the financial year ends.

    A country for which no rule speaks of accounting documents is not guessed: nothing of them may be
    erased until a rule says so.
    """

    name: str = "standard"
    version: str = "1"
    rules: tuple[RetentionRule, ...] = attrs.field(default=_DEFAULT_RULES, converter=_rules)
    year_end_month: int = attrs.field(default=12)

    @year_end_month.validator
    def _check_month(self, _attribute: object, value: int) -> None:
        if type(value) is not int or not 1 <= value <= 12:  # noqa: PLR2004  # months of a year
            msg = f"year_end_month must be 1 to 12, got {value!r}"
            raise PolicyError(msg)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "retention") -> RetentionPolicy:
        """A policy from a TOML table; raises `PolicyError` naming the key that cannot be.

        >>> RetentionPolicy.from_table({"rules": [
        ...     {"name": "house", "kinds": ["contact-log"], "months": 24, "begins": "last-contact",
        ...      "article": "our manual, 7", "source": "house", "status": "verified"}]}).rules[0].months
        24
        """
        values = table_values(table, cls, name=name)
        try:
            if "rules" in values:
                values["rules"] = [
                    RetentionRule(**table_values(row, RetentionRule, name=f"{name}: rules"))
                    for row in values["rules"]
                ]
            return cls(**values)
        except (TypeError, ValueError, AttributeError) as error:
            msg = f"{name} must be valid, got {error}"
            raise PolicyError(msg) from error


@attrs.frozen(kw_only=True)
class RetentionFacts:
    """What the question of erasure depends on, for one customer."""

    customer: CustomerId = attrs.field(converter=CustomerId)
    country: str
    """Whose law of keeping holds: the country of the creditor's books."""
    last_document_on: dt.date | None = None
    last_contact_on: dt.date | None = None
    closed_on: dt.date | None = None
    """When the business with it ended; None where it goes on."""
    has_open_items: bool = False


def retention_facts(
    ledger: Ledger,
    creditor: str,
    customer: str,
    *,
    country: str,
    as_of: dt.date,
    register: CustomerRegister | None = None,
) -> RetentionFacts:
    """The facts of one customer at the end of a day, from the ledger and the register."""
    check_day(as_of, name="as_of")
    account = account_key(creditor, customer)
    documents, contacts = [], []
    for event in ledger.events:
        if event.effective_on <= as_of and account in event.accounts:
            if isinstance(event, NoticeSent | ContactLogged):
                contacts.append(event.effective_on)
            elif not isinstance(event, CaseEvent):
                documents.append(event.effective_on)
    return RetentionFacts(
        customer=customer,
        country=country,
        last_document_on=max(documents, default=None),
        last_contact_on=max(contacts, default=None),
        closed_on=None if register is None else register.closed_on(customer, as_of=as_of),
        has_open_items=any(
            item.customer == customer and item.creditor == creditor
            for item in ledger.open_items(as_of=as_of)
        ),
    )


@attrs.frozen(kw_only=True)
class RetentionReason:
    """One reason why something must be kept or may be: its rule, its article, and how sure that is."""

    rule: str
    article: str
    status: str
    source: str
    why: str
    keep_until: dt.date | None = None


@attrs.frozen(kw_only=True)
class ErasureVerdict:
    """Whether one kind of data may be erased on a day; where not, until when it is kept and why.

    `keep_until` is the last day on which it must be kept; None where that is not known yet.
    """

    kind: PersonalDataKind
    may_be_erased: bool
    keep_until: dt.date | None = None
    reasons: tuple[RetentionReason, ...] = ()


@attrs.frozen(kw_only=True)
class ErasureReview:
    """The verdicts on one customer's data, one for each kind."""

    customer: CustomerId
    as_of: dt.date
    policy: str
    verdicts: tuple[ErasureVerdict, ...]

    def verdict(self, kind: PersonalDataKind | str) -> ErasureVerdict:
        """The verdict on one kind of data."""
        return next(one for one in self.verdicts if one.kind is PersonalDataKind(kind))

    @property
    def erasable(self) -> tuple[PersonalDataKind, ...]:
        """The kinds that may be erased."""
        return tuple(one.kind for one in self.verdicts if one.may_be_erased)


_GOING_ON: Final = frozenset({_K.MASTER_DATA, _K.BANK_DETAILS, _K.CORRESPONDENCE, _K.CONTACT_LOG})
"""Kinds that are needed while there is business, or something is owed."""

_EU: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO".split()  # noqa: SIM905  # a list of codes is read more easily so
)
_EXCEPTION: Final = RetentionReason(
    rule="gdpr-legal-obligation",
    article="Regulation (EU) 2016/679, art. 17(3)(b)",
    status="verified",
    source="https://sede.agenciatributaria.gob.es, exceptions to the right of erasure (4.4.4)",
    why="the right to erasure ends where the law of a Member State obliges to keep",
)
_UNKNOWN: Final = RetentionReason(
    rule="unknown",
    article="",
    status="unverified",
    source="",
    why="no rule says how long accounting documents are kept in this country: ask, and add one",
)
_BUSINESS: Final = RetentionReason(
    rule="purpose",
    article="",
    status="verified",
    source="the ledger and the register",
    why="there is business with this customer, or something is open",
)


def erasure_review(
    facts: RetentionFacts,
    *,
    as_of: dt.date,
    policy: RetentionPolicy = RetentionPolicy(),  # a frozen value
) -> ErasureReview:
    """What of a customer's data may be erased on a day, kind by kind.

    It is no advice on law: rules that are ``unverified`` are marked so in each reason.  The contact
    data of somebody who works at a customer are kept by no rule but the house's own.
    """
    check_day(as_of, name="as_of")
    verdicts = tuple(_verdict(kind, facts, as_of, policy) for kind in PersonalDataKind)
    label = f"{policy.name} {policy.version}"
    return ErasureReview(customer=facts.customer, as_of=as_of, policy=label, verdicts=verdicts)


def _verdict(
    kind: PersonalDataKind, facts: RetentionFacts, as_of: dt.date, policy: RetentionPolicy
) -> ErasureVerdict:
    rules = [rule for rule in policy.rules if rule.speaks(kind, facts.country)]
    reasons = [_reason(rule, facts, policy) for rule in rules]
    kept = [one for one in reasons if one.keep_until is None or one.keep_until >= as_of]
    is_needed = kind in _GOING_ON and (facts.closed_on is None or facts.has_open_items)
    is_unknown = kind is _K.ACCOUNTING_DOCUMENTS and not rules
    if is_unknown and facts.last_document_on is not None:
        kept.append(_UNKNOWN)
    if is_needed:
        kept.append(_BUSINESS)
    if not kept:
        return ErasureVerdict(kind=kind, may_be_erased=True, reasons=tuple(reasons))
    days = [one.keep_until for one in kept]
    known = [day for day in days if day is not None]
    if rules and facts.country in _EU and len(known) + is_needed > is_needed:
        kept.append(_EXCEPTION)
    return ErasureVerdict(
        kind=kind,
        may_be_erased=False,
        keep_until=max(known) if len(known) == len(days) else None,
        reasons=tuple(kept),
    )


def _reason(rule: RetentionRule, facts: RetentionFacts, policy: RetentionPolicy) -> RetentionReason:
    return RetentionReason(
        rule=rule.name,
        article=rule.article,
        status=rule.status,
        source=rule.source,
        why=rule.why,
        keep_until=_until(rule, facts, policy),
    )


def _until(rule: RetentionRule, facts: RetentionFacts, policy: RetentionPolicy) -> dt.date | None:
    """The last day of a period of keeping; a day long past where it never began to count."""
    if rule.begins is RetentionStart.END_OF_RELATIONSHIP:
        return None if facts.closed_on is None else add_months(facts.closed_on, rule.months)
    last = facts.last_document_on
    if rule.begins is RetentionStart.LAST_CONTACT:
        last = facts.last_contact_on
    if last is None:
        return dt.date.min
    if rule.begins is RetentionStart.END_OF_FINANCIAL_YEAR:
        return month_end(add_months(_year_end(last, policy.year_end_month), rule.months))
    return add_months(last, rule.months)


def _year_end(day: dt.date, month: int) -> dt.date:
    """The end of the financial year that a day lies in."""
    year = day.year if day.month <= month else day.year + 1
    return month_end(dt.date(year, month, 1))
