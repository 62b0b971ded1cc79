"""Tax on bad debts: how much of a document's tax comes back, from which day, until when, and why not.

What the law of a country asks for is data (`packs/*.toml`), each rule with its article and source.

>>> [rule.name for rule in relief_rules("CA")]
['ca-gst', 'ca-qst']
>>> relief_rules("FR")[0].mention("1000.00", "200.00")[:63]
'Facture demeurée impayée pour la somme de 1000.00 € (prix net) '
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from importlib import resources

import attrs

from receivables.casework import WrittenOffPart
from receivables.days import add_months, check_day
from receivables.documents.model import Document
from receivables.errors import CurrencyMismatchError, EventError
from receivables.ledger.model import DocumentIssued
from receivables.ledger.objects import Ledger
from receivables.money import from_minor, to_minor
from receivables.writeoffs import rules as terms
from receivables.writeoffs._amounts import taxes_of
from receivables.writeoffs._booked import Booking, Losses, bookings_of, seen_events
from receivables.writeoffs.loading import load_relief_rules
from receivables.writeoffs.model import Recovery
from receivables.writeoffs.reliefs import (
    LimitStart,
    PeriodStart,
    ReliefCondition,
    ReliefFacts,
    TaxRelief,
    TaxReliefRule,
)

__all__ = ["relief_rules", "tax_relief"]


@functools.cache
def _every_rule() -> tuple[TaxReliefRule, ...]:
    folder = resources.files("receivables.writeoffs") / "packs"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    return tuple(
        rule
        for file in files
        for rule in load_relief_rules(file.read_text(encoding="utf-8"), name=file.name)
    )


def relief_rules(country: str = "") -> tuple[TaxReliefRule, ...]:
    """The rules that come with the library, of one country or of all; read when first asked for."""
    return tuple(rule for rule in _every_rule() if not country or rule.country == country)


def tax_relief(
    ledger: Ledger,
    parts: Iterable[WrittenOffPart],
    *,
    creditor: str,
    rules: Iterable[TaxReliefRule],
    facts: ReliefFacts | Mapping[str, ReliefFacts],
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> tuple[TaxRelief, ...]:
    """The tax that comes back for what is to be written off, item by item and tax by tax.

    `facts` are those of every item, or by item.  Of all write-offs of a document together, less its
    recoveries, never more comes back than its tax, of each tax by its code where bookings keep
    codes.  Of several rules about one tax the first counts whose proof is there, such as that of an
    insolvency, or else the first.  A tax that no rule is about is left out, and so is an item whose document says no taxes.

    Raises `EventError` for an item that is not there or a part above what is open or written off of
    it, and `CurrencyMismatchError` for a part in another currency.
    """
    check_day(as_of, name="as_of")
    known = tuple(rules)
    wanted = tuple(parts)
    documents = _documents(ledger, creditor, as_of, known_at)
    losses = bookings_of(ledger, creditor, as_of, known_at)
    claimed = _claimed(ledger, losses, as_of, known_at)
    found: list[TaxRelief] = []
    for part in wanted:
        item = ledger.item(creditor, part.item, as_of=as_of, known_at=known_at)
        most = 0 if item is None else max(0, item.open_minor) + _given_up(losses, part.item)
        if item is None or not 0 < to_minor(part.amount) <= most:
            had = "no such item" if item is None else f"{from_minor(most, item.currency)!r}"
            msg = f"part of {part.item} must be of an item on {as_of} and at most what is open or written off of it, got {had}"
            raise EventError(msg)
        if part.amount.currency.code != item.currency:
            msg = f"part of {part.item} must be in {item.currency}, got {part.amount!r}"
            raise CurrencyMismatchError(msg)
        document = documents.get(item.document)
        if document is None:
            continue
        of_item = facts if isinstance(facts, ReliefFacts) else facts.get(part.item, ReliefFacts())
        reliefs = _of_part(part, document, item.due_date, rules=known, facts=of_item, as_of=as_of)
        of_document = claimed.setdefault(document.number, _Claimed())
        found.extend(of_document.capped(one, most=_tax_of(document)) for one in reliefs)
    return tuple(found)


@attrs.define
class _Claimed:
    """The tax that came back for a document, less what is due again: in all, and by code."""

    minor: int = 0
    by_code: dict[str, int] = attrs.field(factory=dict)

    def add(self, minor: int, taxes: Mapping[str, int], *, sign: int = 1) -> None:
        """Count what came back, or what is due again."""
        self.minor += sign * minor
        for code, of_code in taxes.items():
            self.by_code[code] = self.by_code.get(code, 0) + sign * of_code

    def capped(self, one: TaxRelief, *, most: int) -> TaxRelief:
        """A relief within what is left of its tax and of all taxes of the document; it is counted."""
        of_code = terms.relief(
            one.relief_minor,
            tax_minor=one.tax_minor,
            claimed_minor=self.by_code.get(one.code, 0),
        )
        minor = terms.relief(of_code, tax_minor=most, claimed_minor=self.minor)
        self.add(minor, {one.code: minor})
        return attrs.evolve(one, relief_minor=minor)


def _given_up(losses: Losses, item: str) -> int:
    """What is written off of an item and not undone, in minor units."""
    return sum(one.amount_minor for one in losses.of_item(item) if not one.is_undone)


def _documents(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> dict[str, Document]:
    return {
        event.document.number: event.document
        for event in seen_events(ledger, as_of, known_at)
        if isinstance(event, DocumentIssued) and event.document.creditor == creditor
    }


def _claimed(
    ledger: Ledger, losses: Losses, as_of: dt.date, known_at: dt.datetime | None
) -> dict[str, _Claimed]:
    """What came back for each document, less what is due again."""
    found: dict[str, _Claimed] = {}
    standing = [one for one in losses.bookings if not one.is_undone]
    back: list[tuple[Booking | Recovery, int]] = [
        *((one, 1) for one in standing),
        *((one, -1) for one in losses.recoveries),
    ]
    for one, sign in back:
        item = ledger.item(one.creditor, one.item, as_of=as_of, known_at=known_at)
        if item is not None:
            of_document = found.setdefault(item.document, _Claimed())
            of_document.add(one.tax_minor, one.taxes, sign=sign)
    return found


def _tax_of(document: Document) -> int:
    return sum(taxes_of(document).values())


def _of_part(
    part: WrittenOffPart,
    document: Document,
    due_date: dt.date | None,
    *,
    rules: Iterable[TaxReliefRule],
    facts: ReliefFacts,
    as_of: dt.date,
) -> list[TaxRelief]:
    taxes = taxes_of(document)
    found = []
    for code, tax_minor in taxes.items():
        claims = [
            _Claim(rule=rule, document=document, due_date=due_date, facts=facts, as_of=as_of)
            for rule in rules
            if rule.is_about(code)
        ]
        if not claims or tax_minor <= 0:
            continue
        claim = next((one for one in claims if one.is_proved()), claims[0])
        rule = claim.rule
        unpaid, total = to_minor(part.amount), to_minor(document.total)
        share = terms.share_of(unpaid, tax_minor, total)
        minor = terms.relief(share, tax_minor=tax_minor)
        nothing = rule.is_income_tax or facts.is_on_receipts
        found.append(
            TaxRelief(
                item=part.item,
                document=document.number,
                currency=document.currency,
                code=code,
                rule=rule,
                unpaid_minor=unpaid,
                tax_minor=tax_minor,
                total_minor=total,
                relief_minor=0 if nothing else minor,
                earliest_on=claim.earliest(),
                latest_on=claim.latest(),
                met=tuple(kind for kind, is_met in claim.conditions() if is_met),
                missing=tuple(kind for kind, is_met in claim.conditions() if not is_met),
            )
        )
    return found


@attrs.frozen(kw_only=True)
class _Claim:
    """A rule held against what is known of a claim on a day."""

    rule: TaxReliefRule
    document: Document
    due_date: dt.date | None
    facts: ReliefFacts
    as_of: dt.date

    def conditions(self) -> list[tuple[ReliefCondition, bool]]:
        """Every condition that the rule makes, and whether it is met on the day."""
        rule, facts, day = self.rule, self.facts, self.as_of
        latest = self.latest()
        rows = [
            (True, ReliefCondition.TAX_ON_DOCUMENT, self._has_tax()),
            (True, ReliefCondition.DECLARED, facts.is_declared),
            (bool(rule.proofs), ReliefCondition.IRRECOVERABLE, _by(self.proved_on(), day)),
            (rule.written_off, ReliefCondition.WRITTEN_OFF, _by(facts.written_off_on, day)),
            (bool(rule.months), ReliefCondition.PERIOD, self.period_end() <= day),
            (bool(rule.limit_months), ReliefCondition.LIMIT, latest is None or day <= latest),
            (self._asks_for_business(), ReliefCondition.NOT_CONSUMER, self._fits_consumer()),
            (not rule.connected, ReliefCondition.NOT_CONNECTED, not facts.is_connected),
            (not rule.secured, ReliefCondition.NOT_SECURED, not facts.is_secured),
            (rule.debtor_told, ReliefCondition.DEBTOR_TOLD, _by(facts.debtor_told_on, day)),
        ]
        return [(kind, is_met) for is_asked, kind, is_met in rows if is_asked]

    def _has_tax(self) -> bool:
        return not self.rule.is_income_tax and not self.facts.is_on_receipts

    def _asks_for_business(self) -> bool:
        return not self.rule.consumers or bool(self.rule.consumers_above)

    def _fits_consumer(self) -> bool:
        if not self.facts.is_consumer:
            return True
        bound = self.rule.consumers_above.get(self.document.currency)
        net = to_minor(self.document.total) - _tax_of(self.document)
        return bound is not None and net > to_minor(bound)

    def proved_on(self) -> dt.date | None:
        """The first day on which one of the rule's proofs was there."""
        days = [one.on for one in self.facts.proofs if one.kind in self.rule.proofs]
        return min(days, default=None)

    def is_proved(self) -> bool:
        """Whether the claim is lost as the rule asks for it."""
        return not self.rule.proofs or _by(self.proved_on(), self.as_of)

    def period_start(self) -> dt.date:
        """Where the months are counted from."""
        supplied = self.document.delivery_date or self.document.document_date
        due = self.due_date or supplied
        starts = {PeriodStart.DUE: due, PeriodStart.DOCUMENT: supplied}
        return starts.get(self.rule.months_from, max(due, supplied))

    def period_end(self) -> dt.date:
        """The day on which the months have passed."""
        return add_months(self.period_start(), self.rule.months)

    def earliest(self) -> dt.date | None:
        """The first day on which every condition that has a day is met; None where one has none."""
        rule, facts = self.rule, self.facts
        # A judgment counts even where the invoice was not due yet.
        days: list[dt.date | None] = [
            self.period_end() if rule.months else self.document.document_date
        ]
        if rule.proofs:
            days.append(self.proved_on())
        if rule.written_off:
            days.append(facts.written_off_on)
        if rule.debtor_told:
            days.append(facts.debtor_told_on)
        known = [day for day in days if day is not None]
        return max(known) if len(known) == len(days) else None

    def latest(self) -> dt.date | None:
        """The last day; None where the law has none, or where nothing has begun it."""
        rule = self.rule
        starts = {
            LimitStart.WRITE_OFF: self.facts.written_off_on,
            LimitStart.PERIOD_START: self.period_start(),
            LimitStart.PERIOD_END: self.period_end(),
            LimitStart.PROOF: self.proved_on(),
        }
        start = starts[rule.limit_from]
        if not rule.limit_months or start is None:
            return None
        last = add_months(start, rule.limit_months)
        return last.replace(month=12, day=31) if rule.limit_at_year_end else last


def _by(day: dt.date | None, as_of: dt.date) -> bool:
    return day is not None and day <= as_of
