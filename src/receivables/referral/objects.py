"""Making the file of a referral, and saying how the referrals of a creditor stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from receivables.archives import in_units
from receivables.casework.referrals import Referral, ReferralKind, ReferredItem
from receivables.collection import contact_log
from receivables.conduct import LegalDeadline
from receivables.days import days_past
from receivables.disputes import holdbacks as disputed_holdbacks
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import DocumentError
from receivables.interest import Charged, InterestPolicy, LateItem, charged_on, late_items
from receivables.interest.charging import CHARGE_CATEGORIES, COMPENSATION, LATE_INTEREST
from receivables.interest.model import Debtor
from receivables.interest.objects import compensation_for, interest_on
from receivables.ledger.casework import CaseEvent, ReferralEnded, ReferralReported, Referred
from receivables.ledger.objects import Ledger
from receivables.money import Money, from_minor, to_minor
from receivables.parties import Creditor, Customer
from receivables.promises import PlanState, paused
from receivables.promises import standings as plan_standings
from receivables.referral.model import (
    Doubt,
    DoubtKind,
    Evidence,
    FileItem,
    FilePayment,
    FileTotal,
    ReferralFile,
    ReferralStanding,
    needed_for,
)

__all__ = ["propose_referral", "referral_file", "standings"]

_KINDS: Final = (Referred, ReferralReported, ReferralEnded)
_UNDISPUTED: Final = frozenset({ReferralKind.PAYMENT_ORDER, ReferralKind.INSURER})
"""The kinds that are for what nobody contests."""

_Charged: TypeAlias = Mapping[tuple[str, str], Charged]


def propose_referral(  # noqa: PLR0913  # the facts of a referral, each by its name
    ledger: Ledger,
    *,
    referral: str,
    kind: ReferralKind | str,
    to: str,
    creditor: str,
    customer: str,
    as_of: dt.date,
    items: Collection[str] | None = None,
    mandate: str = "",
) -> Referral:
    """The referral of what a customer owes on a day: all that is past due, or the items named.

    For an order to pay and for an insurer the part that is disputed is left out; and where no items
    are named, those that somebody has already.  Raises `EventError` for
    an item that is not on the ledger, and `DocumentError` where nothing is left to refer.
    """
    wanted = ReferralKind(kind)
    elsewhere = _elsewhere(ledger, creditor, as_of, besides=referral) if items is None else {}
    held = _disputed(ledger, creditor, as_of) if wanted in _UNDISPUTED else {}
    parts = []
    for name in items or ():
        ledger.item(creditor, name, as_of=as_of)  # one that is not there is refused
    for item in ledger.account(creditor, customer, as_of=as_of).items:
        is_late = item.due_date is not None and item.due_date < as_of
        is_late = is_late and item.item not in elsewhere
        if item.open_minor <= 0 or (not is_late if items is None else item.item not in items):
            continue
        minor = item.open_minor - held.get(item.item, 0)
        if minor > 0:
            parts.append(ReferredItem(item=item.item, amount=from_minor(minor, item.currency)))
    if not parts:
        msg = f"items of {customer} must have something to refer on {as_of}, got none"
        raise DocumentError(msg)
    return Referral(
        referral=referral,
        customer=customer,
        kind=wanted,
        to=to,
        items=sorted(parts, key=lambda part: part.item),
        mandate=mandate,
    )


def _disputed(ledger: Ledger, creditor: str, as_of: dt.date) -> dict[ItemId, int]:
    """What open disputes hold of each item; a whole item where the amount is not said."""
    held: dict[ItemId, int] = {}
    for one in disputed_holdbacks(ledger, creditor, as_of=as_of):
        whole = ledger.item(creditor, one.item, as_of=as_of)
        minor = one.amount_minor if one.amount_minor is not None else (whole and whole.open_minor)
        held[one.item] = held.get(one.item, 0) + (minor or 0)
    return held


def _elsewhere(ledger: Ledger, creditor: str, as_of: dt.date, *, besides: str) -> dict[ItemId, str]:
    """The items that somebody has on a day by another referral, and by which."""
    kinds = (Referred, ReferralEnded)
    events = ledger.casework(creditor, as_of=as_of, kinds=kinds)
    over = {event.case for event in events if isinstance(event, ReferralEnded)} | {besides}
    return {
        part.item: event.case
        for event in events
        if isinstance(event, Referred) and event.case not in over
        for part in event.referral.items
    }


def referral_file(  # noqa: PLR0913  # what a file is made from, each by its name
    ledger: Ledger,
    referral: Referral,
    *,
    creditor: Creditor,
    customer: Customer,
    as_of: dt.date,
    interest: InterestPolicy | None = None,
    evidence: Iterable[Evidence] = (),
    deadlines: Iterable[LegalDeadline] = (),
    late: Iterable[LateItem] | None = None,
) -> ReferralFile:
    """The file of a referral as of a day: items, payments, interest to the day, log, what is missing.

    `interest` says by which law and rates interest and compensation are reckoned; none is where it
    is None, or where the customer is a consumer and the law is not that of consumers.  Charges bear
    none, and what was charged as an item already is not reckoned again.  `late` are the late items
    of the ledger on that day, for whoever makes many files.  Raises `EventError` for an item that
    is not on the ledger, and `MissingRateError` where a rate is missing.
    """
    law = interest if _is_law_of(customer, interest) else None
    desk = _Desk.of(ledger, referral, creditor.creditor, as_of, law, late)
    items = tuple(desk.item(part.item, to_minor(part.amount)) for part in referral.items)
    given = tuple(evidence)
    nearing = tuple(sorted(deadlines, key=lambda one: (one.day, one.item)))
    return ReferralFile(
        referral=referral,
        creditor=creditor,
        customer=customer,
        as_of=as_of,
        items=items,
        totals=_totals(items),
        log=contact_log(ledger, creditor.creditor, customer=referral.customer, as_of=as_of).entries,
        evidence=given,
        deadlines=nearing,
        doubts=(
            *desk.doubts(items, given, nearing, country=creditor.country),
            *([Doubt(kind=DoubtKind.OTHER_LAW)] if law is not interest else []),
        ),
    )


def _is_law_of(customer: Customer, interest: InterestPolicy | None) -> bool:
    """Whether a law of interest holds for a customer: consumers have their own."""
    if interest is None or not customer.is_consumer:
        return True
    return interest.jurisdiction.debtor is Debtor.CONSUMER


@attrs.frozen(kw_only=True)
class _Desk:
    """What every item of one file is made from."""

    ledger: Ledger
    referral: Referral
    creditor: str
    as_of: dt.date
    interest: InterestPolicy | None
    late: Mapping[str, LateItem]
    charged: _Charged
    disputed: Mapping[ItemId, int]
    levels: Mapping[str, int]

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        referral: Referral,
        creditor: str,
        as_of: dt.date,
        interest: InterestPolicy | None,
        late: Iterable[LateItem] | None,
    ) -> _Desk:
        wanted = {part.item for part in referral.items}
        lates: Iterable[LateItem] = ()
        if interest is not None:
            lates = late_items(ledger, as_of=as_of, creditor=creditor) if late is None else late
        return cls(
            ledger=ledger,
            referral=referral,
            creditor=creditor,
            as_of=as_of,
            interest=interest,
            late={one.item: one for one in lates if one.item in wanted},
            charged={
                (one.item, one.category): one
                for one in (charged_on(ledger, as_of=as_of) if interest is not None else ())
                if one.creditor == creditor
            },
            disputed=_disputed(ledger, creditor, as_of),
            levels=_levels(ledger, creditor, as_of),
        )

    def item(self, name: ItemId, referred_minor: int) -> FileItem:
        """One item of the file, with its payments and its interest."""
        found = self.ledger.item(self.creditor, name, as_of=self.as_of)
        if found is None:
            msg = f"item must be on the ledger on {self.as_of}, got {name!r}"
            raise DocumentError(msg)
        late = self.late.get(name)
        interest = compensation = None
        if self.interest is not None and late is not None:
            interest = interest_on(late, policy=self.interest, as_of=self.as_of)
            compensation = compensation_for(
                late, jurisdiction=self.interest.jurisdiction, as_of=self.as_of
            )
        return FileItem(
            item=found.item,
            document=found.document,
            kind=found.kind.value,
            currency=found.currency,
            document_date=found.document_date,
            due_date=found.due_date,
            amount_minor=found.amount_minor,
            open_minor=found.open_minor,
            referred_minor=referred_minor,
            disputed_minor=self.disputed.get(name, 0),
            days_past_due=_days_late(found, self.as_of),
            level=self.levels.get(name, 0),
            references=found.references,
            category=found.category,
            interest=interest,
            interest_minor=self._rest(
                name, LATE_INTEREST, interest.amount if interest else None, found.currency
            ),
            compensation_minor=self._rest(name, COMPENSATION, compensation, found.currency),
            payments=tuple(self._payments(name)),
        )

    def _rest(self, name: ItemId, category: str, right: Money | None, currency: str) -> int:
        """What is right less what was charged; a sum in another currency is no part of the item."""
        if right is None or right.currency.code != currency:
            return 0
        before = self.charged.get((name, category))
        return max(to_minor(right) - (before.amount_minor if before else 0), 0)

    def _payments(self, name: ItemId) -> Iterator[FilePayment]:
        for event in self.ledger.allocations_of(self.creditor, name):
            if event.effective_on > self.as_of:
                continue
            legs = event.allocation.legs
            taken = sum(leg.amount_minor for leg in legs if leg.item == name)
            yield FilePayment(
                item=name,
                day=event.effective_on,
                amount_minor=taken,
                allocation=event.allocation.allocation,
                receipts=tuple(leg.item for leg in legs if leg.amount_minor < 0),
            )

    def doubts(
        self,
        items: Sequence[FileItem],
        evidence: Sequence[Evidence],
        deadlines: Sequence[LegalDeadline],
        *,
        country: str,
    ) -> Iterator[Doubt]:
        """What somebody should look at before the file goes out."""
        have = {one.kind for one in evidence}
        for need in needed_for(self.referral.kind, country=country):
            if need.evidence not in have:
                missing = need.evidence
                yield Doubt(kind=DoubtKind.EVIDENCE_MISSING, detail=need.source, evidence=missing)
                have.add(need.evidence)
        for item in items:
            yield from self._doubts_of(item)
        for one in deadlines:
            if one.day < self.as_of:
                yield Doubt(kind=DoubtKind.TIME_BARRED, item=one.item, detail=f"{one.day}")
        for plan in plan_standings(self.ledger, self.creditor, as_of=self.as_of):
            is_ours = plan.plan.customer == self.referral.customer
            if is_ours and plan.state is PlanState.RUNNING and plan.plan.pauses_referral:
                yield Doubt(kind=DoubtKind.PLAN_RUNNING, detail=plan.plan.plan)
        yield from self._doubts_of_account(items)

    def _doubts_of_account(self, items: Iterable[FileItem]) -> Iterator[Doubt]:
        """What others have of it, and what the customer has in credits."""
        elsewhere = _elsewhere(
            self.ledger, self.creditor, self.as_of, besides=self.referral.referral
        )
        for item in items:
            if item.item in elsewhere:
                yield Doubt(
                    kind=DoubtKind.REFERRED_ALREADY, item=item.item, detail=elsewhere[item.item]
                )
        account = self.ledger.account(self.creditor, self.referral.customer, as_of=self.as_of)
        for credit in account.items:
            if credit.open_minor < 0:
                detail = str(from_minor(-credit.open_minor, credit.currency))
                yield Doubt(kind=DoubtKind.CREDITS_OPEN, item=credit.item, detail=detail)

    def _doubts_of(self, item: FileItem) -> Iterator[Doubt]:
        if item.disputed_minor and item.referred_minor > item.open_minor - item.disputed_minor:
            detail = _plain(item.disputed_minor, item.currency)
            yield Doubt(kind=DoubtKind.DISPUTED, item=item.item, detail=detail)
        if item.open_minor < item.referred_minor:
            detail = _plain(item.open_minor, item.currency)
            yield Doubt(kind=DoubtKind.SETTLED, item=item.item, detail=detail)
        if item.days_past_due <= 0:
            yield Doubt(kind=DoubtKind.NOT_DUE, item=item.item, detail=str(item.due_date))
        for rate in item.interest.unverified if item.interest else ():
            yield Doubt(kind=DoubtKind.UNVERIFIED_RATE, item=item.item, detail=rate)


def _plain(amount_minor: int, currency: str) -> str:
    return f"{in_units(amount_minor, currency):f} {currency}"


def _days_late(item: OpenItem, as_of: dt.date) -> int:
    return 0 if item.due_date is None else days_past(item.due_date, as_of=as_of)


def _levels(ledger: Ledger, creditor: str, as_of: dt.date) -> dict[str, int]:
    levels: dict[str, int] = {}
    for notice in ledger.notices(as_of=as_of):
        for item in notice.items if notice.creditor == creditor else ():
            levels[item.item] = max(levels.get(item.item, 0), item.level)
    return levels


def _totals(items: Iterable[FileItem]) -> tuple[FileTotal, ...]:
    totals: dict[str, FileTotal] = {}
    for item in items:
        before = totals.get(item.currency, FileTotal(currency=item.currency))
        asked = min(item.referred_minor, max(item.open_minor, 0))
        is_charge = item.category in CHARGE_CATEGORIES
        totals[item.currency] = attrs.evolve(
            before,
            principal_minor=before.principal_minor + (0 if is_charge else asked),
            charges_minor=before.charges_minor + (asked if is_charge else 0),
            interest_minor=before.interest_minor + item.interest_minor,
            compensation_minor=before.compensation_minor + item.compensation_minor,
            disputed_minor=before.disputed_minor + item.disputed_minor,
        )
    return tuple(totals[currency] for currency in sorted(totals))


def standings(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[ReferralStanding, ...]:
    """Every referral of a creditor at the end of a day, as known at a moment, the earliest first."""
    cases: dict[str, list[CaseEvent]] = {}
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=_KINDS):
        cases.setdefault(event.case, []).append(event)
    waiting: dict[str, list[str]] = {}
    for one in paused(ledger, creditor, as_of=as_of, known_at=known_at) if cases else ():
        waiting.setdefault(one.referral.referral, []).append(one.plan.plan)
    found = []
    for events in cases.values():
        opened = events[0]
        assert isinstance(opened, Referred)  # noqa: S101  # the life cycle begins with it
        paused_by = waiting.get(opened.case, [])
        found.append(_standing(ledger, opened, events, paused_by, (as_of, known_at)))
    return tuple(sorted(found, key=lambda one: (one.referred_on, one.referral.referral)))


def _standing(
    ledger: Ledger,
    opened: Referred,
    events: Sequence[CaseEvent],
    paused_by: Sequence[str],
    seen: tuple[dt.date, dt.datetime | None],
) -> ReferralStanding:
    as_of, known_at = seen
    reports = [event for event in events if isinstance(event, ReferralReported)]
    ended = next((event for event in events if isinstance(event, ReferralEnded)), None)
    still_open: dict[str, int] = {}
    for part in opened.referral.items:
        item = ledger.item(opened.creditor, part.item, as_of=as_of, known_at=known_at)
        if item is not None:
            still_open[item.currency] = still_open.get(item.currency, 0) + item.open_minor
    return ReferralStanding(
        referral=opened.referral,
        referred_on=opened.effective_on,
        recovered=_sums(one.recovered for one in reports),
        fees=_sums(one.fee for one in reports),
        still_open=still_open,
        end=None if ended is None else ended.end,
        ended_on=None if ended is None else ended.effective_on,
        paused_by=paused_by if ended is None else (),
    )


def _sums(amounts: Iterable[Money | None]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for amount in amounts:
        if amount is not None:
            code = amount.currency.code
            sums[code] = sums.get(code, 0) + to_minor(amount)
    return sums
