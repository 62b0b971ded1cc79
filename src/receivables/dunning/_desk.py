"""The workshop of a run: one customer and currency at a time, from open items to a notice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from receivables import limits
from receivables.documents.model import DebitNote, OpenItem
from receivables.documents.objects import open_items
from receivables.dunning.charging import DUNNING_FEE, Claim, DunningCharges, made_charges
from receivables.dunning.choosing import MadeChoice, ProcedureChoice
from receivables.dunning.holding import SKIP_REASONS, HeldBack, channel_of
from receivables.dunning.model import (
    CHARGE_CATEGORIES,
    ChosenProcedure,
    CourtesyReminder,
    DunningProcedure,
    DunningScope,
    NotCharged,
    ReferralProposal,
    Skipped,
    SkipReason,
    Stage,
)
from receivables.dunning.rules import asked, capped_credit, is_reached
from receivables.interest.accrual import LateItem
from receivables.interest.charging import COMPENSATION, LATE_INTEREST, Charged
from receivables.ledger.casework import DeliveryReported
from receivables.ledger.model import EventId, NoticedItem, NoticeSent
from receivables.parties import UNIDENTIFIED, Channel, CreditorId, Customer, CustomerId

__all__ = ["Desk", "Group", "Outcome", "PastLevels", "Seen", "grouped", "past_levels"]

Group: TypeAlias = tuple[CreditorId, CustomerId, str]
"""Creditor, customer and currency: what one notice can be about at most."""

_ItemKey: TypeAlias = tuple[str, str]
PastLevels: TypeAlias = Mapping[str, Mapping[_ItemKey, tuple[int, int]]]
"""By ladder, creditor and item: the last level reached and the ordinal of its day; an item that was
only listed has level 0."""

_CHARGED: Final = (DUNNING_FEE, COMPENSATION, LATE_INTEREST)
_NEVER: Final = limits.DAYS_MAX
_NONE: Final = (0, 0)
_NO_LEVELS: Final[Mapping[_ItemKey, tuple[int, int]]] = {}


@attrs.define
class Seen:
    """A late item as a run sees it: where it stands, what is held of it, and what becomes of it."""

    item: OpenItem
    days: int
    level: int
    """The level before the run."""
    held_minor: int = 0
    reason: SkipReason | None = None
    """Why it does not climb; None where it does."""
    held: HeldBack | None = None
    note: str = ""
    is_listed: bool = False
    """Whether a notice of its customer asks for it, climbing or not."""
    refers: bool = False
    """Whether its next level hands the file to somebody."""

    @property
    def climbs(self) -> bool:
        """Whether it reaches its next level, by a notice."""
        return self.reason is None

    @property
    def level_after(self) -> int:
        """The level that it stands on after the run."""
        return self.level + (self.reason is None)

    @property
    def asked_minor(self) -> int:
        """What may be asked of it."""
        return self.item.open_minor - self.held_minor

    def noticed(self) -> NoticedItem:
        """How a notice lists it."""
        item = self.item
        return NoticedItem(
            item=item.item,
            level=self.level_after,
            open_minor=item.open_minor,
            document_date=item.document_date,
            due_date=item.due_date,
            held_minor=self.held_minor,
        )


@attrs.define
class Outcome:
    """What a run has gathered so far."""

    notices: list[NoticeSent] = attrs.field(factory=list)
    documents: list[DebitNote] = attrs.field(factory=list)
    skipped: list[Skipped] = attrs.field(factory=list)
    referrals: list[ReferralProposal] = attrs.field(factory=list)
    not_charged: list[NotCharged] = attrs.field(factory=list)
    chosen: list[ChosenProcedure] = attrs.field(factory=list)


@attrs.frozen
class _Step:
    """What a level asks of an item, ready to be compared."""

    from_days: int
    after_previous: int
    refers: bool


def _steps(procedure: DunningProcedure) -> tuple[_Step, ...]:
    return tuple(
        _Step(
            level.days_past_due + procedure.grace_days,
            level.days_after_previous,
            level.stage.referral is not None,
        )
        for level in procedure.levels
    )


@attrs.frozen(kw_only=True, eq=False)
class _Case:
    """One customer and currency on the desk."""

    group: Group
    members: Sequence[OpenItem]
    procedure: DunningProcedure
    customer: Customer | None
    levels: Mapping[_ItemKey, tuple[int, int]]
    """What its ladder has reached."""
    steps: Sequence[_Step]


@attrs.frozen(kw_only=True, eq=False)
class Desk:
    """Everything that a run knows on its day."""

    procedure: DunningProcedure | ProcedureChoice
    as_of: dt.date
    recorded_at: dt.datetime
    past: PastLevels
    groups: Mapping[Group, Sequence[OpenItem]]
    held: Mapping[_ItemKey, HeldBack]
    customers: Mapping[str, Customer]
    bad: Mapping[tuple[str, str, Channel | None], DeliveryReported]
    charges: DunningCharges
    late: Mapping[_ItemKey, LateItem]
    charged: Mapping[_ItemKey, list[Charged]]
    charge_numbers: Collection[tuple[str, str]] = frozenset()
    """The numbers of charges that went out with a notice, by creditor."""
    excluded: Mapping[_ItemKey, str] = attrs.field(factory=dict)
    """Items that a person took out, with the reason."""
    _today: int = attrs.field(
        default=attrs.Factory(lambda self: self.as_of.toordinal(), takes_self=True), init=False
    )
    _steps: dict[int, tuple[_Step, ...]] = attrs.field(factory=dict, init=False, repr=False)
    """By the identity of a procedure, which lives as long as the desk."""

    def handle(self, group: Group, out: Outcome) -> None:
        """Propose what one customer gets in one currency."""
        members = self.groups[group]
        parts = _sorted_out(members, self.as_of)
        late, early, credit_minor = parts.late, parts.early, parts.credit_minor
        if not late and not early:
            return
        choice = self._choose(group, late)
        case = _Case(
            group=group,
            members=members,
            procedure=choice.procedure,
            customer=self.customers.get(group[1]),
            levels=self.past.get(choice.procedure.counted_in, _NO_LEVELS),
            steps=self._steps_of(choice.procedure),
        )
        seen = self._look_at(late, case)
        self._remind(case, seen, credit_minor, out)
        self._refer(case, seen, credit_minor, out)
        if early and case.procedure.courtesy is not None:
            spent = sum(one.asked_minor for one in seen if one.is_listed)
            self._remind_early(case, early, min(credit_minor + spent, 0), out)
        if late and isinstance(self.procedure, ProcedureChoice):
            out.chosen.append(_chosen(group, choice))

    def _steps_of(self, procedure: DunningProcedure) -> tuple[_Step, ...]:
        found = self._steps.get(id(procedure))
        if found is None:
            found = self._steps[id(procedure)] = _steps(procedure)
        return found

    def _choose(self, group: Group, late: Iterable[OpenItem]) -> MadeChoice:
        if isinstance(self.procedure, DunningProcedure):
            return MadeChoice(procedure=self.procedure, rule="", why="")
        return self.procedure.choose(
            self.customers.get(group[1]),
            currency=group[2],
            amount_minor=sum(item.open_minor for item in late),
        )

    def _look_at(self, late: Sequence[OpenItem], case: _Case) -> list[Seen]:
        """Each late item, the oldest first; charges wait while there is principal that is late."""
        waits = any(item.category not in CHARGE_CATEGORIES for item in late)
        seen = [
            self._look(item, case, waits=waits and item.category in CHARGE_CATEGORIES)
            for item in late
        ]
        seen.sort(key=_by_due_date)
        return seen

    def _look(self, item: OpenItem, case: _Case, *, waits: bool) -> Seen:
        assert item.due_date is not None  # noqa: S101  # it is late
        key = (item.creditor, item.item)
        level, sent = case.levels.get(key, _NONE)
        today = self._today
        seen = Seen(item, today - item.due_date.toordinal(), level)
        if key in self.excluded:
            seen.reason, seen.note = SkipReason.EXCLUDED, self.excluded[key]
            seen.held_minor = item.open_minor
            return seen
        held = self.held.get(key)
        if held is not None:
            seen.held, seen.held_minor = held, held.of(item.open_minor)
            if not asked(item.open_minor, seen.held_minor):
                seen.reason = SKIP_REASONS[held.first.reason]
                return seen
        if waits:
            seen.reason, seen.is_listed = SkipReason.WITH_PRINCIPAL, True
            return seen
        _climb(seen, case.steps, since=today - sent if level else _NEVER)
        seen.is_listed = seen.level_after > 0
        return seen

    def _remind(self, case: _Case, seen: Sequence[Seen], credit_minor: int, out: Outcome) -> None:
        """One notice, or one for each document; whoever gets none is said."""
        if case.procedure.per is DunningScope.CUSTOMER:
            self._notice(case, seen, credit_minor, out, document="")
            return
        left = credit_minor
        for document, parts in _by_document(seen):
            owed = sum(one.asked_minor for one in parts if one.is_listed)
            taken = capped_credit(left, owed)
            left -= taken
            self._notice(case, parts, taken, out, document=document)

    def _notice(  # what one notice is made of
        self,
        case: _Case,
        seen: Sequence[Seen],
        credit_minor: int,
        out: Outcome,
        *,
        document: str,
    ) -> None:
        climbing = [one for one in seen if one.reason is None]
        if not climbing:
            _explain(case, [one for one in seen if not one.refers], out, document=document)
            return
        listed = [one for one in seen if one.is_listed]
        if len(listed) < len(seen):
            _explain(case, [one for one in seen if not one.is_listed], out, document=document)
        level = max(one.level_after for one in climbing)
        notice = self._drafted(
            case, listed, level=level, credit_minor=credit_minor, first=climbing[0]
        )
        notice = attrs.evolve(notice, document=document) if document else notice
        step = case.procedure.levels[level - 1]
        bad = self._bad_address(case, step.channel)
        reason = _refusal(notice, case.procedure, bad)
        if reason is None:
            self._send(case, notice, climbing, out)
        else:
            out.skipped.append(_left_out(notice, reason, bad))

    def _drafted(
        self, case: _Case, listed: Sequence[Seen], *, level: int, credit_minor: int, first: Seen
    ) -> NoticeSent:
        creditor, customer, currency = case.group
        procedure = case.procedure
        step = procedure.levels[level - 1]
        asked_minor = sum(one.asked_minor for one in listed)
        return NoticeSent(
            event=_event_id(case, first.item, level=first.level_after, day=self.as_of),
            effective_on=self.as_of,
            recorded_at=self.recorded_at,
            creditor=creditor,
            customer=customer,
            currency=currency,
            procedure=procedure.name,
            procedure_version=procedure.version,
            level=level,
            letter=step.letter,
            items=[one.noticed() for one in listed],
            credit_minor=capped_credit(credit_minor, asked_minor),
            stage=step.stage.value,
            ladder=procedure.ladder,
        )

    def _bad_address(self, case: _Case, wanted: Channel | None) -> DeliveryReported | None:
        if not self.bad:
            return None
        creditor, customer, _ = case.group
        return self.bad.get((creditor, customer, channel_of(wanted, case.customer)))

    def _send(
        self, case: _Case, notice: NoticeSent, climbing: Sequence[Seen], out: Outcome
    ) -> None:
        """Put a notice out, with the charges that its level, and those of its items, ask for."""
        levels = case.procedure.levels
        has_charges = levels[notice.level - 1].fees_minor or any(
            levels[one.level].charges_interest for one in climbing
        )
        out.notices.append(self._charge(case, notice, climbing, out) if has_charges else notice)

    def _charge(
        self, case: _Case, notice: NoticeSent, climbing: Sequence[Seen], out: Outcome
    ) -> NoticeSent:
        """The notice with its charges; one that is on the account already is not made again."""
        claim = _claim(case, notice, climbing)
        if not claim.items and not claim.bearing:
            return notice
        terms = self._terms(notice)
        made = made_charges(claim, terms, late=self.late, charged=self.charged)
        out.not_charged += made.not_charged
        known = _issued_before(case, notice, terms)
        new = [document for document in made.documents if document.number not in known]
        out.documents += new
        if not new and not known:
            return notice
        listed = {item.item for item in notice.items}
        lines = [_listed(item) for item in known.values() if item.item not in listed]
        lines += [_listed_note(document, notice) for document in new]
        numbers = (*known, *(document.number for document in new))
        return attrs.evolve(notice, items=(*notice.items, *lines), charges=numbers)

    def _terms(self, notice: NoticeSent) -> DunningCharges:
        """The charges, numbered so that no other notice has the numbers.

        An item reaches a level once in each ladder, so that the ladder tells two of them apart.
        """
        number, ladder = self.charges.number, notice.ladder or notice.procedure
        numbers = {(notice.creditor, number(category, notice)) for category in _CHARGED}
        if numbers.isdisjoint(self.charge_numbers):
            return self.charges
        return attrs.evolve(
            self.charges, number=lambda category, one: f"{number(category, one)}-{ladder}"
        )

    def _refer(self, case: _Case, seen: Sequence[Seen], credit_minor: int, out: Outcome) -> None:
        """Propose to hand over what has climbed every step."""
        step = case.procedure.referral_level
        refers = [one for one in seen if one.refers]
        if step is None or not refers:
            return
        creditor, customer, currency = case.group
        kind = step.stage.referral
        assert kind is not None  # noqa: S101  # the level is one of a referral
        proposal = ReferralProposal(
            creditor=creditor,
            customer=customer,
            currency=currency,
            kind=kind,
            stage=step.stage,
            level=len(case.procedure.levels),
            procedure=case.procedure.name,
            procedure_version=case.procedure.version,
            items=[one.noticed() for one in refers],
            credit_minor=capped_credit(credit_minor, sum(one.asked_minor for one in refers)),
        )
        if proposal.total_minor > 0:
            out.referrals.append(proposal)
            return
        for one in refers:
            one.reason = SkipReason.CREDITS_COVER
        _explain(case, refers, out, document="")

    def _remind_early(
        self, case: _Case, early: Sequence[OpenItem], credit_minor: int, out: Outcome
    ) -> None:
        """One courtesy reminder for what is due soon, large enough, and was never spoken of."""
        courtesy = case.procedure.courtesy
        assert courtesy is not None  # noqa: S101  # the caller saw to it
        least = courtesy.least_minor(case.customer, currency=case.group[2])
        if least is None:
            return
        seen = [
            one
            for item in early
            if (one := self._soon_due(item, case, courtesy, least)) is not None
        ]
        seen.sort(key=_by_due_date)
        if case.procedure.per is DunningScope.CUSTOMER:
            self._courtesy(case, courtesy, seen, credit_minor, out, document="")
            return
        left = credit_minor
        for document, parts in _by_document(seen):
            taken = capped_credit(left, sum(one.asked_minor for one in parts))
            left -= taken
            self._courtesy(case, courtesy, parts, taken, out, document=document)

    def _soon_due(
        self, item: OpenItem, case: _Case, courtesy: CourtesyReminder, least: int
    ) -> Seen | None:
        """An item that gets a courtesy reminder, held or not; None where it gets none."""
        assert item.due_date is not None  # noqa: S101  # it is early
        key = (item.creditor, item.item)
        days = self._today - item.due_date.toordinal()
        if days < -courtesy.days_before_due or key in case.levels:
            return None
        if item.category in CHARGE_CATEGORIES:
            return None
        held = self.held.get(key)
        held_minor = 0 if held is None else held.of(item.open_minor)
        if item.open_minor <= least:
            return None
        # The level stays 0, so that the ladder begins at its first.
        seen = Seen(item, days, -1, held_minor, held=held, is_listed=True)
        if key in self.excluded:
            seen.reason, seen.note = SkipReason.EXCLUDED, self.excluded[key]
        elif held is not None and not seen.asked_minor:
            seen.reason = SKIP_REASONS[held.first.reason]
        elif seen.asked_minor <= least:
            return None
        return seen

    def _courtesy(  # what one notice is made of
        self,
        case: _Case,
        courtesy: CourtesyReminder,
        seen: Sequence[Seen],
        credit_minor: int,
        out: Outcome,
        *,
        document: str,
    ) -> None:
        listed = [one for one in seen if one.reason is None]
        _explain(case, [one for one in seen if one.reason is not None], out, document=document)
        if not listed:
            return
        creditor, customer, currency = case.group
        notice = NoticeSent(
            event=_event_id(case, listed[0].item, level=0, day=self.as_of),
            effective_on=self.as_of,
            recorded_at=self.recorded_at,
            creditor=creditor,
            customer=customer,
            currency=currency,
            procedure=case.procedure.name,
            procedure_version=case.procedure.version,
            level=0,
            letter=courtesy.letter,
            items=[one.noticed() for one in listed],
            credit_minor=capped_credit(credit_minor, sum(one.asked_minor for one in listed)),
            stage=Stage.COURTESY.value,
            document=document,
            ladder=case.procedure.ladder,
        )
        bad = self._bad_address(case, courtesy.channel)
        reason = _refusal(notice, case.procedure, bad)
        if reason is None:
            out.notices.append(notice)
        else:
            out.skipped.append(_left_out(notice, reason, bad))


@attrs.define
class _Parts:
    """What a customer has in one currency: late, due later, and credits."""

    late: list[OpenItem] = attrs.field(factory=list)
    early: list[OpenItem] = attrs.field(factory=list)
    credit_minor: int = 0


def _sorted_out(members: Iterable[OpenItem], as_of: dt.date) -> _Parts:
    parts = _Parts()
    for item in members:
        if item.open_minor <= 0:
            parts.credit_minor += item.open_minor
        elif item.due_date is not None:
            # An item due on the day itself is not late.
            (parts.late if item.due_date < as_of else parts.early).append(item)
    return parts


def _climb(seen: Seen, steps: Sequence[_Step], *, since: int) -> None:
    """Let an item climb to its next level, or say why it does not."""
    if seen.level >= len(steps):
        seen.reason = SkipReason.LADDER_ENDED
        return
    step = steps[seen.level]
    if not is_reached(
        seen.days, since, from_days=step.from_days, after_previous=step.after_previous
    ):
        is_late = seen.days >= step.from_days
        seen.reason = SkipReason.TOO_SOON if is_late else SkipReason.NOT_YET
    elif step.refers:
        seen.reason, seen.refers = SkipReason.LADDER_ENDED, True


def _by_due_date(seen: Seen) -> tuple[int, str]:
    return (-seen.days, seen.item.item)


def _by_document(seen: Iterable[Seen]) -> Iterable[tuple[str, list[Seen]]]:
    """The late items by document, the one that was due first before the others."""
    found: dict[str, list[Seen]] = {}
    for one in seen:
        found.setdefault(one.item.document, []).append(one)
    return found.items()


def _event_id(case: _Case, first: OpenItem, *, level: int, day: dt.date) -> EventId:
    """An item reaches a level of a ladder once, so this names a notice for good.

    The day is a part of it, so that of two writers the later one has to read anew, and is not told
    that its own notice says something else.
    """
    creditor, customer, _ = case.group
    place = (creditor, customer, day.isoformat(), case.procedure.counted_in)
    return EventId(":".join(("notice", *place, first.item, str(level))))


def _claim(case: _Case, notice: NoticeSent, climbing: Sequence[Seen]) -> Claim:
    """What may be charged: a fee on what reaches the notice's level, interest by each one's own."""
    levels = case.procedure.levels
    principal = [one for one in climbing if one.item.category not in CHARGE_CATEGORIES]
    bearing = [one.item for one in principal if levels[one.level].charges_interest]
    return Claim(
        notice=notice,
        level=levels[notice.level - 1],
        items=tuple(one.item for one in principal if one.level_after == notice.level),
        bearing=tuple(bearing),
        resting=_resting(notice, principal) if bearing else {},
        customer=case.customer,
    )


def _resting(notice: NoticeSent, seen: Iterable[Seen]) -> dict[str, int]:
    """What of each item bears no interest now: the contested part, and what credits reach first."""
    left, resting = -notice.credit_minor, {}
    for noticed in notice.items:
        resting[str(noticed.item)] = part = min(left, noticed.asked_minor)
        left -= part
    for one in seen:
        if one.held is not None:
            resting[one.item.item] += min(one.held.contested_minor, one.held_minor)
    return resting


def _refusal(
    notice: NoticeSent, procedure: DunningProcedure, bad: DeliveryReported | None
) -> SkipReason | None:
    """Why a notice does not go out."""
    total_minor = notice.total_minor
    if total_minor <= 0:
        return SkipReason.CREDITS_COVER
    if total_minor < procedure.minimums_minor.get(notice.currency, 0):
        return SkipReason.BELOW_MINIMUM
    return None if bad is None else SkipReason.BAD_ADDRESS


def _left_out(notice: NoticeSent, reason: SkipReason, bad: DeliveryReported | None) -> Skipped:
    is_bad = bad is not None and reason is SkipReason.BAD_ADDRESS
    return Skipped(
        creditor=notice.creditor,
        customer=notice.customer,
        currency=notice.currency,
        amount_minor=notice.total_minor,
        reason=reason,
        items=[item.item for item in notice.items],
        level=notice.level,
        document=notice.document,
        reference=bad.delivery if bad is not None and is_bad else "",
        note=f"{bad.channel.value} {bad.address}".strip() if bad is not None and is_bad else "",
    )


def _explain(case: _Case, seen: Sequence[Seen], out: Outcome, *, document: str) -> None:
    """Say of items that no notice asks for why it does not, one line for one reason."""
    parts: dict[tuple[SkipReason, str, str], list[Seen]] = {}
    for one in seen:
        assert one.reason is not None  # noqa: S101  # it does not climb
        is_held = one.held is not None and one.reason is SKIP_REASONS[one.held.first.reason]
        reference = one.held.first.reference if one.held is not None and is_held else ""
        parts.setdefault((one.reason, reference, one.note), []).append(one)
    creditor, customer, currency = case.group
    for (reason, reference, note), group in parts.items():
        first = group[0].held.first if reference and group[0].held is not None else None
        out.skipped.append(
            Skipped(
                creditor=creditor,
                customer=customer,
                currency=currency,
                amount_minor=sum(one.item.open_minor for one in group),
                reason=reason,
                items=[one.item.item for one in group],
                document=document,
                until=None if first is None else first.until,
                reference=reference,
                note=note if first is None else first.note,
            )
        )


def _issued_before(case: _Case, notice: NoticeSent, terms: DunningCharges) -> dict[str, OpenItem]:
    """The charges of this very notice that a run before issued, which then did not end."""
    numbers = [terms.number(category, notice) for category in _CHARGED]
    by_name = {item.document: item for item in case.members if item.open_minor > 0}
    return {number: by_name[number] for number in numbers if number in by_name}


def _listed(item: OpenItem) -> NoticedItem:
    return NoticedItem(
        item=item.item,
        level=0,
        open_minor=item.open_minor,
        document_date=item.document_date,
        due_date=item.due_date,
    )


def _listed_note(document: DebitNote, notice: NoticeSent) -> NoticedItem:
    """A new charge on the notice that it came with; it is not claimed as late."""
    (only,) = open_items(document)
    assert only.currency == notice.currency  # noqa: S101  # a charge is in the notice's currency
    return _listed(only)


def _chosen(group: Group, choice: MadeChoice) -> ChosenProcedure:
    creditor, customer, currency = group
    return ChosenProcedure(
        creditor=creditor,
        customer=customer,
        currency=currency,
        procedure=choice.procedure,
        rule=choice.rule,
        why=choice.why,
    )


def grouped(items: Iterable[OpenItem]) -> Mapping[Group, list[OpenItem]]:
    """Open items by creditor, customer and currency; unidentified receipts are nobody's."""
    groups: dict[Group, list[OpenItem]] = {}
    for item in items:
        if item.customer == UNIDENTIFIED:
            continue
        group = (item.creditor, item.customer, item.currency)
        if group in groups:
            groups[group].append(item)
        else:
            groups[group] = [item]
    return groups


def past_levels(notices: Iterable[NoticeSent]) -> PastLevels:
    """The levels that every ladder has reached; those of a later day count too."""
    past: dict[str, dict[_ItemKey, tuple[int, int]]] = {}
    for notice in notices:
        levels = past.setdefault(notice.ladder or notice.procedure, {})
        day = notice.effective_on.toordinal()
        for item in notice.items:
            key = (notice.creditor, item.item)
            if key not in levels or item.level > levels[key][0]:
                levels[key] = (item.level, day)
    return past
