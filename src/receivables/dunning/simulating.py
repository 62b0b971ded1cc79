"""What a procedure would have sent: over the past, beside another, and before it takes effect.

Nothing is recorded.  A simulation sends its own notices in place of those that were sent, so that a
level is reached from the one before as it would have been.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from receivables.days import check_day
from receivables.documents.model import DebitNote, OpenItem
from receivables.documents.objects import open_items
from receivables.dunning.charging import DunningCharges
from receivables.dunning.choosing import ProcedureChoice
from receivables.dunning.from_ledger import DunningWorld, deliveries_on, dun
from receivables.dunning.model import (
    CHARGE_CATEGORIES,
    DunningProcedure,
    DunningRun,
    ReferralProposal,
)
from receivables.dunning.objects import propose
from receivables.errors import PolicyError
from receivables.interest.charging import charged_in
from receivables.interest.from_ledger import late_items
from receivables.ledger.model import DocumentCancelled, DocumentIssued, NoticeSent
from receivables.ledger.objects import Ledger
from receivables.money import to_minor

__all__ = [
    "Comparison",
    "DunningKnowledge",
    "DunningPreview",
    "PreviewRow",
    "Simulation",
    "compare",
    "preview",
    "run_days",
    "simulate",
]

_ONE_DAY: Final = dt.timedelta(days=1)


class DunningKnowledge(enum.Enum):
    """Which ledger a simulation looks at on each of its days."""

    NOW = "now"
    """Each day as it is known now, with what was learned and corrected since."""
    THEN = "then"
    """Each day as it was known at its end, midnight UTC."""

    def moment(self, day: dt.date) -> dt.datetime | None:
        """The moment up to which events count; None for all of them."""
        if self is DunningKnowledge.NOW:
            return None
        return dt.datetime.combine(day, dt.time.max, dt.UTC)


@attrs.frozen(kw_only=True)
class Simulation:
    """What a procedure would have sent over a period, with its charges and proposals to refer."""

    first: dt.date
    last: dt.date
    procedure: DunningProcedure | ProcedureChoice
    notices: tuple[NoticeSent, ...] = attrs.field(repr=False)
    documents: tuple[DebitNote, ...] = attrs.field(repr=False)
    referrals: tuple[tuple[dt.date, ReferralProposal], ...] = attrs.field(repr=False)
    """Proposals to refer, each on the first day on which it came up."""

    def rows(self) -> list[dict[str, Any]]:
        """One plain row per notice, for a table; amounts in minor units."""
        charged = {(one.creditor, one.number): to_minor(one.total) for one in self.documents}
        return [
            {
                "day": notice.effective_on,
                "creditor": notice.creditor,
                "customer": notice.customer,
                "currency": notice.currency,
                "document": notice.document,
                "procedure": notice.procedure,
                "version": notice.procedure_version,
                "level": notice.level,
                "stage": notice.stage,
                "letter": notice.letter,
                "items": len(notice.items),
                "asked_minor": notice.total_minor,
                "charged_minor": sum(
                    charged.get((notice.creditor, number), 0) for number in notice.charges
                ),
            }
            for notice in self.notices
        ]


def run_days(first: dt.date, last: dt.date, *, every: int = 1) -> tuple[dt.date, ...]:
    """The days of a period on which a procedure is run, the first day among them.

    >>> [day.day for day in run_days(dt.date(2026, 10, 1), dt.date(2026, 10, 20), every=7)]
    [1, 8, 15]
    """
    check_day(first, name="first")
    check_day(last, name="last")
    if every < 1:
        msg = f"every must be 1 or more days, got {every}"
        raise PolicyError(msg)
    return tuple(
        dt.date.fromordinal(number)
        for number in range(first.toordinal(), last.toordinal() + 1, every)
    )


def simulate(
    ledger: Ledger,
    procedure: DunningProcedure | ProcedureChoice,
    *,
    days: Iterable[dt.date],
    known: DunningKnowledge = DunningKnowledge.NOW,
    world: DunningWorld | None = None,
    start: Iterable[NoticeSent] = (),
) -> Simulation:
    """What a procedure would have sent on some days (`run_days`), each notice counting for the next.

    The notices on the ledger do not count, and neither do the charges that came with them; `start`
    are notices that do, where the simulation goes on from somewhere.  A charge of its own is open
    from its day on, and settled as the one of the same number on the ledger was, where there is
    one.  Payments stay as they were, although other letters might have brought others.  Raises
    `PolicyError` without a day.
    """
    asked = sorted(set(days))
    if not asked:
        msg = "days must be one or more, got none"
        raise PolicyError(msg)
    stage = _Stage(ledger, procedure, known, world or DunningWorld(), list(start))
    for day in asked:
        stage.play(day)
    return Simulation(
        first=asked[0],
        last=asked[-1],
        procedure=procedure,
        notices=tuple(stage.notices),
        documents=tuple(stage.documents),
        referrals=tuple(stage.referrals.values()),
    )


@attrs.define
class _Stage:
    """A simulation under way."""

    ledger: Ledger
    procedure: DunningProcedure | ProcedureChoice
    known: DunningKnowledge
    world: DunningWorld
    past: list[NoticeSent]
    notices: list[NoticeSent] = attrs.field(factory=list)
    documents: list[DebitNote] = attrs.field(factory=list)
    referrals: dict[tuple[str, ...], tuple[dt.date, ReferralProposal]] = attrs.field(factory=dict)
    _charged: frozenset[tuple[str, str]] = attrs.field(
        default=attrs.Factory(lambda self: _charges_of(self.ledger), takes_self=True)
    )

    def play(self, day: dt.date) -> None:
        """Run the procedure on a day, and let what it sends count from then on."""
        moment = self.known.moment(day)
        items = self._items(day, moment)
        run = propose(
            items,
            notices=(*self.past, *self.notices),
            procedure=self.procedure,
            as_of=day,
            recorded_at=moment or dt.datetime.combine(day, dt.time(), dt.UTC),
            holdbacks=self.world.holdbacks(self.ledger, items, day, moment),
            customers=self.world.customers,
            deliveries=deliveries_on(self.ledger, as_of=day, known_at=moment),
            charges=self._charges(day),
        )
        self.notices += run.notices
        self.documents += run.documents
        for proposal in run.referrals:
            names = (proposal.creditor, *(item.item for item in proposal.items))
            self.referrals.setdefault(names, (day, proposal))

    def _charges(self, day: dt.date) -> DunningCharges:
        """The late items of a day, with what the simulation itself has charged on them."""
        terms = self.world.charges
        if not terms.interest or terms.late or not self.procedure.charges_interest:
            return terms
        gone = self._charged | {
            (event.creditor, event.number)
            for event in self.ledger.events
            if isinstance(event, DocumentCancelled) and event.effective_on <= day
        }
        others = [
            event.document
            for event in self.ledger.events
            if isinstance(event, DocumentIssued)
            and event.effective_on <= day
            and (event.document.creditor, event.document.number) not in gone
        ]
        return attrs.evolve(
            terms,
            late=late_items(self.ledger, as_of=day, without=CHARGE_CATEGORIES),
            charged=charged_in([*others, *self.documents]),
        )

    def _items(self, day: dt.date, moment: dt.datetime | None) -> list[OpenItem]:
        """The open items of a day, with the charges of the simulation in place of the real ones."""
        own = {(one.creditor, one.number): one for one in self.documents}
        known = self.ledger.open_items(as_of=day, known_at=moment)
        items = [
            item
            for item in known
            if (item.creditor, item.document) in own
            or (item.creditor, item.document) not in self._charged
        ]
        for (creditor, number), document in own.items():
            if self.ledger.get(f"issued:{creditor}:{number}") is None:
                items += open_items(document)
        return items


def _charges_of(ledger: Ledger) -> frozenset[tuple[str, str]]:
    """The debit notes that notices on the ledger came with."""
    return frozenset(
        (notice.creditor, number) for notice in ledger.notices() for number in notice.charges
    )


@attrs.frozen(kw_only=True)
class Comparison:
    """Two simulations side by side; differences are the new one less the old one."""

    old: Simulation
    new: Simulation

    def by_level(self) -> list[dict[str, Any]]:
        """One plain row per currency and stage: notices, what they asked for, what they charged."""
        return self._rows(lambda row: {"currency": row["currency"], "stage": row["stage"]})

    def by_customer(self) -> list[dict[str, Any]]:
        """One plain row per creditor, customer and currency."""
        return self._rows(
            lambda row: {key: row[key] for key in ("creditor", "customer", "currency")}
        )

    def _rows(self, key: Callable[[dict[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
        totals: dict[tuple[Any, ...], dict[str, Any]] = {}
        for name, simulation in (("old", self.old), ("new", self.new)):
            for row in simulation.rows():
                named = key(row)
                total = totals.setdefault(tuple(named.values()), {**named, **_NOTHING})
                total[f"{name}_notices"] += 1
                total[f"{name}_asked_minor"] += row["asked_minor"]
                total[f"{name}_charged_minor"] += row["charged_minor"]
        return [totals[place] for place in sorted(totals)]


_NOTHING: Final = {
    f"{name}_{what}": 0
    for name in ("old", "new")
    for what in ("notices", "asked_minor", "charged_minor")
}


def compare(old: Simulation, new: Simulation) -> Comparison:
    """Two simulations of the same days, side by side; raises `PolicyError` for other days."""
    if (old.first, old.last) != (new.first, new.last):
        msg = f"days must be {old.first} to {old.last} for both simulations, got {new.first} to {new.last}"
        raise PolicyError(msg)
    return Comparison(old=old, new=new)


@attrs.frozen(kw_only=True)
class PreviewRow:
    """What a customer would get of the new procedure where it gets something else, or nothing."""

    creditor: str
    customer: str
    currency: str
    document: str
    old_letter: str
    """Empty where the old procedure sends nothing."""
    new_letter: str
    old_level: int
    new_level: int
    old_asked_minor: int
    new_asked_minor: int
    old_charged_minor: int
    new_charged_minor: int


@attrs.frozen(kw_only=True)
class DunningPreview:
    """Two runs over the same books on the same day: what changes for whom."""

    old: DunningRun
    new: DunningRun
    changes: tuple[PreviewRow, ...]

    def rows(self) -> list[dict[str, Any]]:
        """The changes as plain rows, for a table."""
        return [attrs.asdict(row) for row in self.changes]


def preview(  # the two procedures, and what a run needs
    ledger: Ledger,
    *,
    current: DunningProcedure | ProcedureChoice,
    new: DunningProcedure | ProcedureChoice,
    as_of: dt.date,
    recorded_at: dt.datetime,
    world: DunningWorld | None = None,
) -> DunningPreview:
    """What a procedure would do on the live books before it takes effect, beside the current one."""
    runs = [
        dun(ledger, procedure=one, as_of=as_of, recorded_at=recorded_at, world=world)
        for one in (current, new)
    ]
    return DunningPreview(old=runs[0], new=runs[1], changes=tuple(_changes(*runs)))


def _changes(old: DunningRun, new: DunningRun) -> Iterator[PreviewRow]:
    before, after = _by_place(old), _by_place(new)
    for place in sorted({*before, *after}):
        values: dict[str, Any] = {
            **_said("old", before.get(place)),
            **_said("new", after.get(place)),
        }
        if any(values[f"old_{what}"] != values[f"new_{what}"] for what in _COMPARED):
            creditor, customer, currency, document, _ = place
            yield PreviewRow(
                creditor=creditor,
                customer=customer,
                currency=currency,
                document=document,
                **values,
            )


_COMPARED: Final = ("letter", "level", "asked_minor", "charged_minor")
_Placed = tuple[NoticeSent, int]


def _by_place(run: DunningRun) -> Mapping[tuple[str, ...], _Placed]:
    charged = {(one.creditor, one.number): to_minor(one.total) for one in run.documents}
    return {
        _place(notice): (
            notice,
            sum(charged.get((notice.creditor, number), 0) for number in notice.charges),
        )
        for notice in run.notices
    }


def _place(notice: NoticeSent) -> tuple[str, ...]:
    # A courtesy reminder may go out beside a notice; its level keeps them apart.
    kind = "courtesy" if notice.level == 0 else ""
    return (notice.creditor, notice.customer, notice.currency, notice.document, kind)


def _said(which: str, placed: _Placed | None) -> dict[str, Any]:
    if placed is None:
        values: Sequence[Any] = ("", 0, 0, 0)
    else:
        notice, charged = placed
        values = (notice.letter, notice.level, notice.total_minor, charged)
    return {f"{which}_{what}": value for what, value in zip(_COMPARED, values, strict=True)}
