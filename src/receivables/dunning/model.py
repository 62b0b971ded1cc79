"""Dunning procedures as data, and what a run of one gives.

>>> STANDARD.levels[-1].stage
<Stage.FORMAL_NOTICE: 'formal-notice'>
>>> STANDARD.levels[-1].letter
'formal-notice'
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables import limits
from receivables.casework import ReferralKind
from receivables.documents.model import DebitNote, ItemId
from receivables.errors import PolicyError
from receivables.interest.charging import CHARGE_CATEGORIES
from receivables.ledger.model import EventId, NoticedItem, NoticeSent
from receivables.money import digits
from receivables.parties import Channel, CreditorId, Customer, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "CHARGE_CATEGORIES",
    "STANDARD",
    "ChosenProcedure",
    "CourtesyReminder",
    "CourtesyThreshold",
    "DunningLevel",
    "DunningProcedure",
    "DunningRun",
    "DunningScope",
    "NotCharged",
    "NotChargedReason",
    "ReferralProposal",
    "RuleSource",
    "RunState",
    "SkipReason",
    "Skipped",
    "Stage",
]


class Stage(enum.Enum):
    """What a step is, from before the due date to the court."""

    COURTESY = "courtesy"
    """Before the due date, outside the ladder."""
    REMINDER = "reminder"
    FINAL_REMINDER = "final-reminder"
    REGISTERED_LETTER = "registered-letter"
    FORMAL_NOTICE = "formal-notice"
    PAYMENT_ORDER = "payment-order"
    COURT = "court"
    AGENCY = "agency"
    INSURANCE_CLAIM = "insurance-claim"

    @property
    def referral(self) -> ReferralKind | None:
        """Who the file goes to; None where a notice goes to the customer.

        >>> Stage.PAYMENT_ORDER.referral, Stage.REMINDER.referral
        (<ReferralKind.PAYMENT_ORDER: 'payment-order'>, None)
        """
        return _REFERRALS.get(self)


_REFERRALS: Final = MappingProxyType(
    {
        Stage.PAYMENT_ORDER: ReferralKind.PAYMENT_ORDER,
        Stage.COURT: ReferralKind.COURT,
        Stage.AGENCY: ReferralKind.AGENCY,
        Stage.INSURANCE_CLAIM: ReferralKind.INSURER,
    }
)
_STAGE_OF_LETTER: Final = MappingProxyType(
    {
        "courtesy-reminder": Stage.COURTESY,
        "final-reminder": Stage.FINAL_REMINDER,
        "formal-notice": Stage.FORMAL_NOTICE,
        "agency-hand-over": Stage.AGENCY,
    }
)


class DunningScope(enum.Enum):
    """What one notice is about."""

    CUSTOMER = "customer"
    """All that a customer owes in one currency."""
    DOCUMENT = "document"
    """One document, with its installments."""


def _amounts(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted(values.items())))


def _check_amounts(
    _instance: object, attribute: attrs.Attribute[Any], value: Mapping[str, int]
) -> None:
    for currency, minor in value.items():
        digits(currency)
        if minor < 0:
            msg = f"{attribute.name} must not be negative, got {minor} for {currency}"
            raise PolicyError(msg)


def _check_day_count(_instance: object, attribute: attrs.Attribute[Any], value: int) -> None:
    if not 1 <= value <= limits.TERM_DAYS_MAX:
        msg = f"{attribute.name} must be 1 to {limits.TERM_DAYS_MAX}, got {value}"
        raise PolicyError(msg)


def _check_days_or_none(_instance: object, attribute: attrs.Attribute[Any], value: int) -> None:
    if not 0 <= value <= limits.TERM_DAYS_MAX:
        msg = f"{attribute.name} must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
        raise PolicyError(msg)


def _stage_of(level: DunningLevel) -> Stage:
    return _STAGE_OF_LETTER.get(level.letter, Stage.REMINDER)


@attrs.frozen(kw_only=True)
class DunningLevel:
    """One step: from how many days past due, how long after the step before, and what it is.

    `fees_minor` gives, per currency in minor units, the fee that each notice of the level charges.
    The stage follows from the letter, unless it is given; a stage whose file goes to somebody else
    needs no letter, and a run proposes the referral.  Raises `PolicyError` for impossible days,
    for a courtesy reminder (which stands outside the ladder) and for a notice without a letter.

    >>> DunningLevel(days_past_due=8, letter="reminder-1").stage
    <Stage.REMINDER: 'reminder'>
    """

    days_past_due: int = attrs.field(validator=_check_day_count)
    days_after_previous: int = attrs.field(default=10, validator=_check_day_count)
    letter: str = ""
    stage: Stage = attrs.field(default=attrs.Factory(_stage_of, takes_self=True), converter=Stage)
    channel: Channel | None = attrs.field(
        default=None, converter=attrs.converters.optional(Channel)
    )
    """How the notice goes out; None where it goes as the customer is usually reached."""
    fees_minor: Mapping[str, int] = attrs.field(
        factory=dict, converter=_amounts, validator=_check_amounts
    )
    charges_interest: bool = False
    """Whether interest and compensation are charged with the notice."""
    deadline_days: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(_check_day_count)
    )
    """The days that the letter gives to pay; None where the letters' own setting says it."""

    @stage.validator
    def _check_stage(self, _attribute: object, value: Stage) -> None:
        if value is Stage.COURTESY:
            msg = "stage of a level must be one after the due date, got courtesy; use CourtesyReminder"
            raise PolicyError(msg)
        if not self.letter and value.referral is None:
            msg = f"letter must be named where the stage is {value.value}, got none"
            raise PolicyError(msg)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


@attrs.frozen(kw_only=True)
class CourtesyThreshold:
    """How much an item must be above, at a place, for a courtesy reminder before it is due.

    A field that is empty fits every place.  `postal_prefixes` are the first characters of a postal
    code.

    >>> paris = CourtesyThreshold(amount_minor=1_000_000, currency="EUR", country="FR",
    ...                           postal_prefixes=["75", "92"])
    >>> paris.fits(country="FR", region="", postal_code="92800")
    True
    """

    amount_minor: int = attrs.field()
    currency: str = attrs.field()
    country: str = ""
    regions: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    postal_prefixes: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    @amount_minor.validator
    def _check_amount(self, _attribute: object, value: int) -> None:
        if value < 0:
            msg = f"amount_minor must not be negative, got {value}"
            raise PolicyError(msg)

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    def fits(self, *, country: str, region: str, postal_code: str) -> bool:
        """Whether the threshold is the one of a place."""
        return (
            self.country in ("", country)
            and (not self.regions or region in self.regions)
            and (not self.postal_prefixes or postal_code.startswith(self.postal_prefixes))
        )


def _thresholds(values: Iterable[CourtesyThreshold]) -> tuple[CourtesyThreshold, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CourtesyReminder:
    """A reminder before the due date, once per item, outside the ladder (its level is 0).

    Of the thresholds in the item's currency the first that fits the customer's place counts; where
    there are thresholds and none fits, there is no reminder; where there are none, every item has
    one.
    """

    days_before_due: int = attrs.field(validator=_check_day_count)
    letter: str = "courtesy-reminder"
    channel: Channel | None = attrs.field(
        default=None, converter=attrs.converters.optional(Channel)
    )
    thresholds: tuple[CourtesyThreshold, ...] = attrs.field(default=(), converter=_thresholds)

    def least_minor(self, customer: Customer | None, *, currency: str) -> int | None:
        """What an item of a customer must be above, in minor units; None where nothing is enough.

        >>> CourtesyReminder(days_before_due=5).least_minor(None, currency="EUR")
        0
        """
        if not self.thresholds:
            return 0
        place = _place(customer)
        found = (
            one.amount_minor
            for one in self.thresholds
            if one.currency == currency and one.fits(**place)
        )
        return next(found, None)


def _place(customer: Customer | None) -> dict[str, str]:
    if customer is None:
        return {"country": "", "region": "", "postal_code": ""}
    address = customer.address
    return {
        "country": address.country or customer.country,
        "region": address.region,
        "postal_code": address.postal_code,
    }


@attrs.frozen(kw_only=True)
class RuleSource:
    """Where a value of a procedure was found, and whether that was checked."""

    source: str
    unverified: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))


def _levels(values: Iterable[DunningLevel]) -> tuple[DunningLevel, ...]:
    return tuple(values)


def _sources(values: Mapping[str, RuleSource]) -> Mapping[str, RuleSource]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class DunningProcedure:
    """A ladder of levels, tried from the first; a level follows only the one before it.

    `minimums_minor` gives, per currency in minor units, what a notice must ask for to be sent.
    `grace_days` are added to every level.  Procedures of one `ladder` count their levels together,
    so that a customer who changes from one to another goes on where it stood; a procedure without
    one has a ladder of its own.  A change of anything needs a new `version`.

    Raises `PolicyError` where the days past due do not rise, where a level that refers a file to
    somebody is not the last, where the first level is one, and where a level charges what
    `fees_allowed` or `interest_allowed` forbids.
    """

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    version: str = attrs.field(validator=attrs.validators.min_len(1))
    levels: tuple[DunningLevel, ...] = attrs.field(converter=_levels)
    ladder: str = ""
    title: str = ""
    per: DunningScope = attrs.field(default=DunningScope.CUSTOMER, converter=DunningScope)
    grace_days: int = attrs.field(default=0, validator=_check_days_or_none)
    minimums_minor: Mapping[str, int] = attrs.field(
        factory=dict, converter=_amounts, validator=_check_amounts
    )
    courtesy: CourtesyReminder | None = None
    fees_allowed: bool = attrs.field(default=True)
    interest_allowed: bool = attrs.field(default=True)
    sources: Mapping[str, RuleSource] = attrs.field(
        factory=dict, converter=_sources, eq=False, repr=False
    )
    """Where each value was found, by its name: ``levels.1``, ``grace-days``…"""
    notes: tuple[str, ...] = attrs.field(default=(), converter=_texts, eq=False, repr=False)

    @levels.validator
    def _check_levels(self, _attribute: object, value: tuple[DunningLevel, ...]) -> None:
        if not 1 <= len(value) <= limits.LEVELS_MAX:
            msg = f"levels must be 1 to {limits.LEVELS_MAX}, got {len(value)}"
            raise PolicyError(msg)
        days = [level.days_past_due for level in value]
        if days != sorted(set(days)):
            msg = f"days_past_due must rise from level to level, got {days}"
            raise PolicyError(msg)
        referring = [index for index, level in enumerate(value, 1) if level.stage.referral]
        if referring and referring != [len(value)]:
            msg = f"stage must refer the file to somebody on the last level only, got it on {referring}"
            raise PolicyError(msg)
        if referring == [1]:
            msg = f"stage of the first level must be a notice to the customer, got {value[0].stage.value}"
            raise PolicyError(msg)

    @fees_allowed.validator
    def _check_fees(self, _attribute: object, value: bool) -> None:  # noqa: FBT001  # attrs calls it so
        if not value and any(any(level.fees_minor.values()) for level in self.levels):
            msg = f"fees_minor of {self.name} must be empty where fees are not allowed, got some"
            raise PolicyError(msg)

    @interest_allowed.validator
    def _check_interest(self, _attribute: object, value: bool) -> None:  # noqa: FBT001  # see above
        if not value and any(level.charges_interest for level in self.levels):
            msg = f"charges_interest of {self.name} must be false where interest is not allowed, got true"
            raise PolicyError(msg)

    @property
    def counted_in(self) -> str:
        """The name under which its levels are counted."""
        return self.ladder or self.name

    @property
    def charges_interest(self) -> bool:
        """Whether one of its levels does."""
        return any(level.charges_interest for level in self.levels)

    @property
    def notice_levels(self) -> int:
        """How many levels are notices to the customer; a referral may follow them."""
        return len(self.levels) - (self.referral_level is not None)

    @property
    def referral_level(self) -> DunningLevel | None:
        """The last level, where it hands the file to somebody; else None."""
        last = self.levels[-1]
        return last if last.stage.referral else None


STANDARD: Final = DunningProcedure(
    name="standard",
    version="1",
    levels=[
        DunningLevel(days_past_due=8, letter="reminder-1"),
        DunningLevel(days_past_due=23, letter="reminder-2"),
        DunningLevel(days_past_due=45, days_after_previous=15, letter="formal-notice"),
    ],
    minimums_minor={"CAD": 1500, "EUR": 1000},
)
"""A courteous reminder, a firm one, a formal notice: the usual ladder between businesses."""


class SkipReason(enum.Enum):
    """Why something past due gets no notice."""

    BLOCKED = "blocked"
    DISPUTED = "disputed"
    CREDIT_AWAITED = "credit-awaited"
    """The customer is right, and the credit note is not there yet."""
    PROMISED = "promised"
    IN_PLAN = "in-plan"
    REFERRED = "referred"
    CREDITS_COVER = "credits-cover"
    BELOW_MINIMUM = "below-minimum"
    NOT_YET = "not-yet"
    """It is past due, and not by the days of its next level."""
    TOO_SOON = "too-soon"
    """The notice before it went out too recently."""
    LADDER_ENDED = "ladder-ended"
    """Every level was sent."""
    WITH_PRINCIPAL = "with-principal"
    """A charge waits for a notice about what it was charged on."""
    BAD_ADDRESS = "bad-address"
    """The last that was sent that way came back."""
    EXCLUDED = "excluded"
    """A person took it out of the run."""


def _item_ids(values: Iterable[str]) -> tuple[ItemId, ...]:
    return tuple(map(ItemId, values))


@attrs.frozen(kw_only=True)
class Skipped:
    """What would have been reminded of, and why it is not; the amount is what is left to ask.

    `until` is the last day of a hold, where it has one; `reference` names the block, the dispute,
    the promise or the notice that stands behind it.
    """

    creditor: CreditorId
    customer: CustomerId
    currency: str
    amount_minor: int
    reason: SkipReason
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=_item_ids)
    level: int = 0
    """The level that the notice would have had; 0 where none was reached."""
    document: str = ""
    until: dt.date | None = None
    reference: str = ""
    note: str = ""


class NotChargedReason(enum.Enum):
    """Why a notice comes without a charge that its level asks for."""

    CONSUMER = "consumer"
    """Fees and fixed sums are never charged to consumers."""
    CUSTOMER_UNKNOWN = "customer-unknown"
    """Nobody can say whether it is a consumer."""
    NO_POLICY = "no-policy"
    """The level charges interest, and no interest policy was given for that kind of debtor."""
    MISSING_RATE = "missing-rate"
    """No table has a rate for the days; the notice goes out, and the interest is charged later."""
    NEEDS_NOTICE = "needs-notice"
    """Interest runs from a formal notice by that law, and no item says from which day."""
    OTHER_CURRENCY = "other-currency"
    """The level has fees, and none in this currency."""


@attrs.frozen(kw_only=True)
class NotCharged:
    """A charge that a level asks for and a notice does not make, so that nobody wonders."""

    notice: EventId
    category: str
    reason: NotChargedReason


def _noticed(values: Iterable[NoticedItem]) -> tuple[NoticedItem, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ReferralProposal:
    """A file that a procedure would hand over: every notice was sent, and the days have passed.

    It is an idea and no event: it comes again with every run until somebody refers the items, or
    holds them back.
    """

    creditor: CreditorId
    customer: CustomerId
    currency: str
    kind: ReferralKind
    stage: Stage
    level: int
    procedure: str
    procedure_version: str
    items: tuple[NoticedItem, ...] = attrs.field(converter=_noticed)
    credit_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What is owed of the items, less what is held back and the credits."""
        return sum(item.asked_minor for item in self.items) + self.credit_minor


@attrs.frozen(kw_only=True)
class ChosenProcedure:
    """Which procedure a customer's items in a currency got, by which rule, and why."""

    creditor: CreditorId
    customer: CustomerId
    currency: str
    procedure: DunningProcedure
    rule: str
    why: str


class RunState(enum.Enum):
    """Where a run stands; releasing it gives events, and recording them ends it."""

    PROPOSED = "proposed"
    REVIEWED = "reviewed"


def _tuple(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DunningRun(ShowsTable):
    """What the procedures propose on a day: notices, the debit notes that go with them, the rest.

    Nothing is recorded.  Recording what `release` makes of it ends the run, and proposing it again
    then proposes nothing.  Every item that is past due is in a notice, skipped, or in a proposal to
    refer it.
    """

    as_of: dt.date
    procedures: tuple[DunningProcedure, ...] = attrs.field(converter=_tuple)
    notices: tuple[NoticeSent, ...] = attrs.field(converter=_tuple)
    documents: tuple[DebitNote, ...] = attrs.field(default=(), converter=_tuple)
    """The debit notes to issue with the notices: fees, interest, compensation."""
    skipped: tuple[Skipped, ...] = attrs.field(default=(), converter=_tuple)
    referrals: tuple[ReferralProposal, ...] = attrs.field(default=(), converter=_tuple)
    not_charged: tuple[NotCharged, ...] = attrs.field(default=(), converter=_tuple)
    chosen: tuple[ChosenProcedure, ...] = attrs.field(default=(), converter=_tuple)
    state: RunState = RunState.PROPOSED
    reviewed_by: str = ""
    _desk: Any = attrs.field(default=None, eq=False, repr=False)

    @property
    def procedure(self) -> DunningProcedure:
        """The procedure, or the first of several."""
        return self.procedures[0]

    @property
    def fingerprint(self) -> str:
        """Sixty-four digits that change with anything that the run proposes.

        Two runs over the same state of the books have the same, whenever they were made.
        """
        digest = hashlib.sha256()
        for line in self._lines():
            digest.update(line.encode())
            digest.update(b"\n")
        return digest.hexdigest()

    @property
    def run(self) -> str:
        """The name of the run: its day, and the beginning of its fingerprint."""
        return f"dunning:{self.as_of.isoformat()}:{self.fingerprint[:16]}"

    def _lines(self) -> Iterator[str]:
        yield self.as_of.isoformat()
        for procedure in self.procedures:
            yield f"{procedure.name} {procedure.version}"
        for notice in self.notices:
            asked = [(item.item, item.level, item.asked_minor) for item in notice.items]
            yield f"{notice.event} {notice.letter} {notice.credit_minor} {notice.charges} {asked}"
        for document in self.documents:
            yield f"{document.number} {document.total.amount} {document.due_date}"
        for one in self.skipped:
            yield f"{one.creditor} {one.customer} {one.currency} {one.reason.value} {one.items} {one.amount_minor}"
        for proposal in self.referrals:
            names = [item.item for item in proposal.items]
            yield f"{proposal.creditor} {proposal.customer} {proposal.kind.value} {names} {proposal.total_minor}"

    def to_table(self) -> ResultTable:
        """What the run proposes and what it leaves out, one by one; what is asked for per currency."""
        from receivables.dunning._tables import run_table  # noqa: PLC0415  # stands on this

        return run_table(self)

    def __str__(self) -> str:
        counts = (
            f"{len(self.notices)} notices, {len(self.documents)} charges, "
            f"{len(self.skipped)} left out, {len(self.referrals)} to refer"
        )
        lines = [f"dunning of {self.as_of.isoformat()}, {self.state.value}: {counts}"]
        return "\n".join([*lines, *map(_notice_line, self.notices)])


def _notice_line(notice: NoticeSent) -> str:
    charges = f", with {', '.join(notice.charges)}" if notice.charges else ""
    return f"{notice.customer}: {notice.letter}, level {notice.level}, {len(notice.items)} items{charges}"
