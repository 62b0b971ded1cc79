"""What a close is made of, as values: papers, checks, findings, explanations.

A check is data with one function: it looks at the papers and names what is open.  Nothing named means
that it is in order; what is named must be mended, or explained by somebody.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import attrs

from receivables.accounting.model import Journal
from receivables.accounting.objects import Rates
from receivables.closing.model import RollForward, TieOut
from receivables.closing.rolling import roll_forward
from receivables.days import check_day
from receivables.errors import EventError, PolicyError
from receivables.intercompany.model import Agreement
from receivables.ledger.model import PeriodClosed
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId, CustomerId
from receivables.problems import Problem
from receivables.receipts.model import BankStatement

__all__ = [
    "Checklist",
    "CloseCheck",
    "Closing",
    "ClosingPapers",
    "Draft",
    "Explanation",
    "Finding",
    "FindingItem",
    "FindingStatus",
]


class FindingStatus(enum.Enum):
    """How a check came out."""

    OK = "ok"
    EXPLAINED = "explained"
    OPEN = "open"


def _check_utc(
    _instance: object, attribute: attrs.Attribute[dt.datetime], value: dt.datetime
) -> None:
    if value.tzinfo is None or value.utcoffset() != dt.timedelta(0):
        msg = f"{attribute.name} must be in UTC, got {value.isoformat()}"
        raise EventError(msg)


def _named(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not value.strip():
        msg = f"{attribute.name} must be said, got {value!r}"
        raise EventError(msg)


@attrs.frozen(kw_only=True)
class Explanation:
    """Why something that a check names may stay: who says so, why, and when.

    It holds for the very item and amount it was given for: where the amount is another one next time,
    the item is open again.
    """

    check: str
    key: str
    reason: str = attrs.field(validator=_named)
    by: str = attrs.field(validator=_named)
    at: dt.datetime = attrs.field(validator=_check_utc)
    amount_minor: int = 0
    currency: str = ""


def _pairs(values: Mapping[str, object] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = values.items() if isinstance(values, Mapping) else values
    return tuple((name, str(value)) for name, value in pairs)


@attrs.frozen(kw_only=True)
class FindingItem:
    """One thing that a check names; `key` names it for good, so that an explanation can hold on to it.

    `text` may have placeholders: ``{amount}`` for the amount, and whatever `values` has.  The texts of
    the library's own checks are translated in the close file; any other is printed as it is.
    """

    key: str
    text: str
    values: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    amount_minor: int = 0
    currency: str = ""
    explanation: Explanation | None = None


def _items(values: Iterable[FindingItem]) -> tuple[FindingItem, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Finding:
    """What one check named, with the explanations that were given."""

    check: str
    items: tuple[FindingItem, ...] = attrs.field(default=(), converter=_items)

    @property
    def status(self) -> FindingStatus:
        """In order where nothing is named, explained where everything named is."""
        if not self.items:
            return FindingStatus.OK
        is_open = any(item.explanation is None for item in self.items)
        return FindingStatus.OPEN if is_open else FindingStatus.EXPLAINED

    @property
    def open_items(self) -> tuple[FindingItem, ...]:
        """What nobody has explained yet."""
        return tuple(item for item in self.items if item.explanation is None)

    def explained(self, *, reason: str, by: str, at: dt.datetime) -> tuple[Explanation, ...]:
        """One explanation for each item that is open, all with the same reason."""
        return tuple(
            Explanation(
                check=self.check,
                key=item.key,
                reason=reason,
                by=by,
                at=at,
                amount_minor=item.amount_minor,
                currency=item.currency,
            )
            for item in self.open_items
        )


@attrs.frozen(kw_only=True)
class Draft:
    """A document that is prepared and not issued, with the reason why it waits."""

    number: str
    customer: CustomerId = attrs.field(converter=CustomerId)
    amount_minor: int
    currency: str
    reason: str = ""


def _statements(values: Iterable[BankStatement]) -> tuple[BankStatement, ...]:
    return tuple(values)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _tie_outs(values: Iterable[TieOut]) -> tuple[TieOut, ...]:
    return tuple(values)


def _agreements(values: Iterable[Agreement]) -> tuple[Agreement, ...]:
    return tuple(values)


def _drafts(values: Iterable[Draft]) -> tuple[Draft, ...]:
    return tuple(values)


def _problems(values: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(values)


def _extra(values: Mapping[str, object]) -> Mapping[str, object]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class ClosingPapers:
    """What a close looks at: one entity, one period, and all that proves its books.

    What is not given is not taken for granted: the check that needs it names it as open.  `extra` is
    for checks of your own.  Raises `PolicyError` where `last` lies before `first`.
    """

    ledger: Ledger = attrs.field(repr=False)
    creditor: CreditorId = attrs.field(converter=CreditorId)
    first: dt.date = attrs.field()
    last: dt.date = attrs.field()
    journal: Journal | None = attrs.field(default=None, repr=False)
    rates: Rates | None = None
    """The closing rates, to prove that the journal is revalued at them."""
    statements: tuple[BankStatement, ...] = attrs.field(
        default=(), converter=_statements, repr=False
    )
    accounts: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """The bank accounts that must have statements; those of the statements where it is empty."""
    tie_outs: tuple[TieOut, ...] = attrs.field(default=(), converter=_tie_outs, repr=False)
    agreements: tuple[Agreement, ...] = attrs.field(default=(), converter=_agreements, repr=False)
    drafts: tuple[Draft, ...] = attrs.field(default=(), converter=_drafts)
    export_problems: tuple[Problem, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(_problems)
    )
    """What the check of the accounting export found; None where it was not checked."""
    extra: Mapping[str, object] = attrs.field(factory=dict, converter=_extra)
    roll_forward: RollForward = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(
            lambda self: roll_forward(
                self.ledger, first=self.first, last=self.last, journal=self.journal
            ).only(creditor=self.creditor),
            takes_self=True,
        ),
    )

    @first.validator
    @last.validator
    def _check_day(self, attribute: attrs.Attribute[dt.date], value: dt.date) -> None:
        check_day(value, name=attribute.name)


def _titles(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class CloseCheck:
    """One line of a checklist: its name, its title in each language, and what it looks for.

    `examine` takes the papers and names what is open; it names nothing where all is in order.

    >>> quiet = CloseCheck(check="all-quiet", titles={"en": "Nobody has called"}, examine=lambda papers: ())
    >>> quiet.check
    'all-quiet'
    """

    check: str = attrs.field()
    titles: Mapping[str, str] = attrs.field(converter=_titles)
    examine: Callable[[ClosingPapers], Iterable[FindingItem]]

    @check.validator
    def _check_name(self, _attribute: object, value: str) -> None:
        if not value or value != value.strip():
            msg = f"check must be text without outer blanks, got {value!r}"
            raise PolicyError(msg)


def _findings(values: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(values)


def _checks(values: Iterable[CloseCheck]) -> tuple[CloseCheck, ...]:
    return tuple(values)


def _explanations(values: Iterable[Explanation]) -> tuple[Explanation, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Checklist:
    """The checks of a close with what each found, in their order."""

    papers: ClosingPapers = attrs.field(repr=False)
    checks: tuple[CloseCheck, ...] = attrs.field(converter=_checks, repr=False)
    findings: tuple[Finding, ...] = attrs.field(converter=_findings)
    unused: tuple[Explanation, ...] = attrs.field(default=(), converter=_explanations)
    """Explanations of what no check names any more, or names with another amount."""

    @property
    def is_ready(self) -> bool:
        """Whether nothing is open."""
        return not self.open_findings

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """The findings that keep the period open."""
        return tuple(one for one in self.findings if one.status is FindingStatus.OPEN)

    def finding(self, check: str) -> Finding:
        """What a check found; raises `PolicyError` for one that is not on the list."""
        for one in self.findings:
            if one.check == check:
                return one
        msg = f"check must be one of {', '.join(one.check for one in self.findings)}, got {check!r}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class Closing:
    """A period that may be closed: the event to record, and the checklist that allows it."""

    event: PeriodClosed
    checklist: Checklist = attrs.field(repr=False)
