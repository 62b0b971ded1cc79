"""A company's receivables, opened: what was read, the ledger, and the verbs of the department.

`Book` is a value: every verb takes the day it is about, and the ones that change something return
a new book.  Files and the journal are read in `receivables.opening`, and nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from receivables.accounting import ManualEntries, settled_payout_entry
from receivables.accounting.model import Chart, Journal, JournalEntry
from receivables.accounting.objects import Rates
from receivables.accounting.objects import journal as make_journal
from receivables.accounting.posting import PostingRules
from receivables.aging.model import Aging, AgingScheme
from receivables.aging.objects import age
from receivables.allocation.model import Allocation, Leg
from receivables.casework import Holdback, HoldReason, Referral
from receivables.collection import (
    ContactLog,
    RankBy,
    RequestStanding,
    WarningSign,
    WorkInputs,
    Worklist,
    contact_log,
    gather,
    held_on,
    open_requests,
    rank,
    warning_signs,
)
from receivables.conduct import (
    ConductPolicy,
    DebtFacts,
    LegalDeadline,
    PlannedContact,
    Verdict,
    check,
    logged_contacts,
)
from receivables.credit.model import Commitment
from receivables.credit_view import CreditView
from receivables.currencies import ExchangeRates
from receivables.days import to_day
from receivables.disputes import DisputeStanding
from receivables.disputes import standings as dispute_standings
from receivables.documents.model import Document, ItemId, ItemKind, OpenItem
from receivables.dunning import (
    DunningCharges,
    DunningProcedure,
    DunningRun,
    DunningWorld,
    ProcedureChoice,
    dun,
)
from receivables.dunning.holding import held_back
from receivables.errors import IncompleteReadError, PolicyError
from receivables.i18n import words
from receivables.interest import (
    BalanceStep,
    Charging,
    Debtor,
    InterestPolicy,
    InterestRun,
    LateItem,
    RateTable,
    charged_on,
    interest_documents,
    jurisdiction,
    late_items,
)
from receivables.ledger.credit import LimitGranted
from receivables.ledger.model import (
    Allocated,
    DocumentIssued,
    Event,
    EventId,
    FactLearned,
    FactWithdrawn,
    NoticeSent,
    ReceiptIdentified,
    Unallocated,
)
from receivables.ledger.objects import Ledger, LedgerDraft
from receivables.ledger.payouts import PayoutSettled
from receivables.letters.model import Letter
from receivables.letters.objects import compose
from receivables.letters.payment_codes import SWISS_LANGUAGES, payment_code
from receivables.letters.statements import compose_statement
from receivables.loss_view import LossView
from receivables.matching.facts import Facts
from receivables.matching.learning import lessons
from receivables.matching.model import MatchingPolicy, MatchProposal, Outcome, Proposals
from receivables.matching.objects import match
from receivables.money import Money
from receivables.outbox import ReceiptPosting, receipt_postings
from receivables.parties import UNIDENTIFIED, Creditor, Customer, CustomerId
from receivables.portfolio_view import PortfolioView
from receivables.problems import Problem
from receivables.promises import JudgedPromise, PlanStanding, judge
from receivables.promises import standings as plan_standings
from receivables.reading import ReadReport
from receivables.receipts.facts import Fact, FactId
from receivables.receipts.joining import UnusedAdvice
from receivables.receipts.model import BankEntry, BankStatement, Receipt, ReceiptId
from receivables.receipts.payouts import ProcessorDispute
from receivables.receipts.settling import MatchedPayout
from receivables.referral import (
    Evidence,
    ReferralFile,
    ReferralStanding,
    referral_file,
)
from receivables.referral import standings as referral_standings
from receivables.scoring.scorecards import Scorecard
from receivables.settings import FolderSettings, InterestSettings
from receivables.statements import StatementOfAccount, statement_of_account, statements_of_account

__all__ = ["Applied", "Book"]

_CONTESTED: Final = frozenset({HoldReason.DISPUTE, HoldReason.CREDIT})
"""What keeps a part of an item from bearing interest for now."""


@attrs.frozen(kw_only=True, repr=False)
class Book:
    """A creditor's receivables: settings, customers, ledger, and everything that was found wrong.

    Days are dates, or their ISO text (``"2026-10-31"``).

    `returns` are bank entries that took money back; those that lead to one receipt are on the
    ledger, the others are warnings among the `problems`.
    """

    settings: FolderSettings
    customers: Mapping[CustomerId, Customer] = attrs.field(repr=False)
    ledger: Ledger
    statements: tuple[BankStatement, ...] = attrs.field(default=(), repr=False)
    returns: tuple[BankEntry, ...] = attrs.field(default=(), repr=False)
    advices: tuple[UnusedAdvice, ...] = attrs.field(default=(), repr=False)
    """Payment advices that explain no entry, each with the reason: rejections among them."""
    payouts: tuple[MatchedPayout, ...] = attrs.field(default=(), repr=False)
    """What payment processors paid out, each with its bank entry where there is one."""
    card_disputes: tuple[ProcessorDispute, ...] = attrs.field(default=(), repr=False)
    """What payers dispute with payment processors, with the days to answer by."""
    reports: tuple[ReadReport, ...] = attrs.field(default=(), repr=False)
    problems: tuple[Problem, ...] = ()
    accepts_incomplete: bool = False
    """Whether it is aged, dunned and posted in spite of errors in what was read."""
    rates: ExchangeRates | None = attrs.field(default=None, repr=False)
    """The exchange rates of the folder, where its settings name files of them."""
    reference_rates: RateTable = attrs.field(factory=RateTable, repr=False)
    """The reference rates of interest, from the rate source that the settings name."""
    commitments: tuple[Commitment, ...] = attrs.field(default=(), repr=False)
    """What is ordered, delivered or drawn and stands on no ledger."""
    scorecard: Scorecard | None = attrs.field(default=None, repr=False)
    """The scorecard of the settings."""

    def __repr__(self) -> str:
        found = (
            f"Book({self.creditor.name!r}, {len(self.customers)} customers, "
            f"{len(self.ledger)} events, {len(self.problems)} problems"
        )
        return f"{found}, {len(self.errors)} of them errors)" if self.errors else f"{found})"

    @property
    def creditor(self) -> Creditor:
        """Who is owed."""
        return self.settings.creditor

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that make the book incomplete."""
        return tuple(problem for problem in self.problems if problem.is_error)

    def accepting_incomplete(self) -> Book:
        """The book to be used as it is, errors and all."""
        return attrs.evolve(self, accepts_incomplete=True)

    def require_complete(self) -> None:
        """Raise `IncompleteReadError` where there are errors that nobody has accepted."""
        if self.errors and not self.accepts_incomplete:
            more = f" and {len(self.errors) - 1} more" if len(self.errors) > 1 else ""
            msg = f"what was read must be complete, got {self.errors[0]}{more}; mend it, or say accepting_incomplete()"
            raise IncompleteReadError(msg)

    @property
    def names(self) -> Mapping[str, str]:
        """The customers' names by identifier."""
        return {customer.customer: customer.name for customer in self.customers.values()}

    def open_items(
        self, *, as_of: dt.date | str, known_at: dt.datetime | None = None
    ) -> tuple[OpenItem, ...]:
        """What is open at the end of a day, unapplied cash included."""
        return self.ledger.open_items(as_of=to_day(as_of, name="as_of"), known_at=known_at)

    def aging(
        self,
        *,
        as_of: dt.date | str,
        known_at: dt.datetime | None = None,
        scheme: AgingScheme | None = None,
    ) -> Aging:
        """The aging at the end of a day, by the scheme of the settings or another one.

        Like `dun`, `journal` and `late_interest`, it raises `IncompleteReadError` where there are
        errors in what was read, unless the book is `accepting_incomplete`.
        """
        self.require_complete()
        day = to_day(as_of, name="as_of")
        items = self.open_items(as_of=day, known_at=known_at)
        return age(items, scheme=scheme or self.settings.aging, as_of=day)

    def match(self, *, as_of: dt.date | str, policy: MatchingPolicy | None = None) -> Proposals:
        """Propose what the receipts that are wholly unapplied on a day pay.

        The charges of the notices of that day are left out: nobody has seen them yet, and a second
        match of the day finds what the first one did.
        """
        items = self._payable_items(to_day(as_of, name="as_of"))
        open_documents = {item.document for item in items}
        settled = (
            event.document.number
            for event in self.ledger.events
            if isinstance(event, DocumentIssued) and event.document.number not in open_documents
        )
        return match(
            self._unapplied(items),
            items=items,
            customers=self.customers.values(),
            settled=settled,
            policy=policy or self.settings.matching,
            facts=self.facts(as_of=as_of),
        )

    def _payable_items(self, day: dt.date) -> tuple[OpenItem, ...]:
        charges = {
            (notice.creditor, number)
            for notice in self.ledger.notices(as_of=day)
            if notice.effective_on == day
            for number in notice.charges
        }
        items = self.ledger.available_items(as_of=day)
        return tuple(item for item in items if (item.creditor, item.document) not in charges)

    def facts(
        self, *, as_of: dt.date | str, known_at: dt.datetime | None = None
    ) -> tuple[Fact, ...]:
        """What was learned of how customers pay, and holds on a day."""
        day = to_day(as_of, name="as_of")
        return self.ledger.facts(self.creditor.creditor, as_of=day, known_at=known_at)

    def confirm(
        self, proposals: Iterable[MatchProposal], *, recorded_at: dt.datetime, by: str
    ) -> Book:
        """Apply what a person has confirmed, and record what it teaches of the payers.

        `by` names who confirmed it, and is the source of the facts.  Raises `EventError` where the
        ledger has moved on since the proposals were made; nothing is recorded then.
        """
        confirmed = tuple(proposals)
        book = self.apply(confirmed, recorded_at=recorded_at)
        receipts = book.ledger.receipts()
        withdrawn = {
            event.fact: event.effective_on
            for event in self.ledger.events
            if isinstance(event, FactWithdrawn)
        }
        draft = LedgerDraft(book.ledger)
        learned: set[FactId] = set()
        for proposal in confirmed:
            receipt = receipts[proposal.creditor, proposal.receipt]
            taught = lessons(
                proposal,
                receipt,
                customer=self.customers.get(proposal.customer),
                facts=Facts(self.ledger.facts(proposal.creditor, as_of=dt.date.max)),
                learned_on=receipt.booking_date,
                source=f"{by}: receipt {proposal.receipt}",
            )
            for fact in taught:
                # What was taken back holds again from that day on, and two receipts teach it once.
                since = max(fact.learned_on, withdrawn.get(fact.fact, dt.date.min))
                event = _learned(proposal, attrs.evolve(fact, learned_on=since), recorded_at)
                if fact.fact not in learned and event.event not in draft:
                    draft.record(event)
                learned.add(fact.fact)
        return attrs.evolve(book, ledger=draft.ledger())

    def withdraw(
        self, fact: str, *, on: dt.date | str, recorded_at: dt.datetime, reason: str = ""
    ) -> Book:
        """Take back what was learned, from a day on; raises `EventError` for an unknown fact."""
        day = to_day(on, name="on")
        owner = next((one.customer for one in self.facts(as_of=day) if one.fact == fact), "")
        count = sum(isinstance(event, FactWithdrawn) for event in self.ledger.events)
        return self.record(
            FactWithdrawn(
                event=EventId(f"withdrawn:{self.creditor.creditor}:{fact}:{count + 1}"),
                effective_on=day,
                recorded_at=recorded_at,
                creditor=self.creditor.creditor,
                customer=CustomerId(owner),
                fact=FactId(fact),
                reason=reason,
            )
        )

    def _unapplied(self, items: Iterable[OpenItem]) -> Iterator[Receipt]:
        receipts = self.ledger.receipts()
        for item in items:
            whole = item.open_minor == item.amount_minor
            if item.kind is ItemKind.UNAPPLIED_CASH and whole:
                receipt = receipts[item.creditor, ReceiptId(item.document)]
                yield attrs.evolve(receipt, customer=item.customer)

    def apply(self, proposals: Iterable[MatchProposal], *, recorded_at: dt.datetime) -> Book:
        """Record what proposals say: whose receipt it is, and what it pays.

        Raises `EventError` where the ledger has moved on since the proposals were made.
        """
        draft = LedgerDraft(self.ledger)
        receipts = self.ledger.receipts()
        reopened = self._reopened()
        for proposal in proposals:
            receipt = receipts[proposal.creditor, proposal.receipt]
            owner = draft.item_now(proposal.creditor, proposal.receipt).customer
            if owner == UNIDENTIFIED and proposal.customer != UNIDENTIFIED:
                since = draft.open_day(proposal.creditor, receipt.booking_date)
                draft.record(_identified(proposal, since, recorded_at))
            if proposal.parts:
                version = self.settings.matching.version
                items = (proposal.receipt, *(part.item for part in proposal.parts))
                since = max(
                    (reopened[item] for item in items if item in reopened), default=dt.date.min
                )
                since = max(since, receipt.booking_date)
                draft.record(_allocated(proposal, since, draft, recorded_at, version))
        return attrs.evolve(self, ledger=draft.ledger())

    def apply_certain(self, *, as_of: dt.date | str, recorded_at: dt.datetime) -> Applied:
        """Apply what is certain, again and again until nothing more is, and identify the payers.

        What one receipt pays is no longer offered to another, so a receipt that was ambiguous may
        have one answer left; going on until nothing changes makes a second call change nothing.
        What somebody undid is not applied by itself again: it is proposed.
        """
        book = self
        applied: list[MatchProposal] = []
        undone = self._reopened()
        proposals = book.match(as_of=as_of)
        while certain := [each for each in proposals.certain if each.receipt not in undone]:
            applied.extend(certain)
            book = book.apply(certain, recorded_at=recorded_at)
            proposals = book.match(as_of=as_of)
        proposals = Proposals(tuple(map(_left_to_a_person, proposals)))
        known = [attrs.evolve(each, parts=()) for each in proposals if each.customer]
        book = book.apply(known, recorded_at=recorded_at)
        return Applied(book=book, proposals=Proposals((*applied, *proposals)))

    def _reopened(self) -> dict[str, dt.date]:
        """The items and receipts whose allocation was undone, with the last day on which that counts."""
        events = self.ledger.events
        days = {
            event.allocation: event.effective_on
            for event in events
            if isinstance(event, Unallocated)
        }
        found: dict[str, dt.date] = {}
        for event in events:
            if isinstance(event, Allocated) and event.allocation.allocation in days:
                day = days[event.allocation.allocation]
                for leg in event.allocation.legs:
                    found[leg.item] = max(found.get(leg.item, day), day)
        return found

    def dun(
        self,
        *,
        as_of: dt.date | str,
        recorded_at: dt.datetime,
        procedure: DunningProcedure | ProcedureChoice | None = None,
    ) -> DunningRun:
        """Propose who gets which notice on a day, with which charges; nothing is recorded yet.

        What is blocked, disputed, promised, in a plan or referred is held back.  Review the run and
        `release` it, and record the events, so that it counts.
        """
        self.require_complete()
        return dun(
            self.ledger,
            procedure=procedure or self.settings.dunning,
            as_of=to_day(as_of, name="as_of"),
            recorded_at=recorded_at,
            world=self.dunning_world,
        )

    @property
    def _by_name(self) -> dict[str, Customer]:
        return {str(name): customer for name, customer in self.customers.items()}

    @property
    def dunning_world(self) -> DunningWorld:
        """What a dunning run, its preview and its simulation need beside the ledger."""
        said = self.settings.interest
        charges = DunningCharges(
            payable_days=said.payable_days if said else 0,
            interest=[self._interest_policy(said)] if said else [],
        )
        return DunningWorld(customers=self._by_name, holdbacks=self._held_back, charges=charges)

    def _held_back(
        self,
        ledger: Ledger,
        items: Sequence[OpenItem],
        as_of: dt.date,
        known_at: dt.datetime | None,
    ) -> tuple[Holdback, ...]:
        creditors = {item.creditor for item in items} | {self.creditor.creditor}
        return tuple(
            hold
            for creditor in sorted(creditors)
            for hold in held_on(
                ledger,
                creditor,
                items,
                as_of=as_of,
                known_at=known_at,
                promises=self.settings.promises,
            )
        )

    def worklist(
        self,
        *,
        as_of: dt.date | str,
        known_at: dt.datetime | None = None,
        by: RankBy | str = RankBy.POINTS,
        inputs: WorkInputs | None = None,
    ) -> Worklist:
        """Who to work on at the end of a day, the most pressing first, each line with its reasons.

        `inputs` bring what the books do not know: risk classes, deadlines, and whether the law lets
        anybody call (`Book.may_contact`).  Limits that were granted, and the days that insurance
        policies set, are known.
        """
        day = to_day(as_of, name="as_of")
        known = inputs or WorkInputs()
        credit = self._credit_where_given(day, known_at)
        cases = gather(
            self.ledger,
            self.creditor.creditor,
            as_of=day,
            known_at=known_at,
            policy=self.settings.worklist,
            inputs=attrs.evolve(
                known,
                limits={**(credit.own_limits if credit else {}), **known.limits},
                deadlines=(*(credit.worklist_deadlines if credit else ()), *known.deadlines),
                customers=self._by_name,
                promises=self.settings.promises,
                disputes=self.settings.disputes,
                requests=self.settings.requests,
            ),
        )
        creditor = self.creditor.creditor
        return rank(cases, policy=self.settings.worklist, as_of=day, by=by, creditor=creditor)

    def warning_signs(
        self, *, as_of: dt.date | str, limits: Mapping[str, Money] | None = None
    ) -> tuple[WarningSign, ...]:
        """What has changed for the worse in how customers pay, with the figures that speak.

        Limits are those that were granted; `limits` say others.
        """
        day = to_day(as_of, name="as_of")
        credit = self._credit_where_given(day, None)
        return warning_signs(
            self.ledger,
            self.creditor.creditor,
            as_of=day,
            policy=self.settings.warnings,
            limits={**(credit.own_limits if credit else {}), **(limits or {})},
        )

    def credit(self, *, as_of: dt.date | str, known_at: dt.datetime | None = None) -> CreditView:
        """How far customers are trusted at the end of a day: exposure, limits, ratings, checks."""
        return CreditView(
            ledger=self.ledger,
            owner=self.creditor,
            customers=self.customers,
            as_of=to_day(as_of, name="as_of"),
            known_at=known_at,
            settings=self.settings.credit,
            scorecard=self.scorecard,
            commitments=self.commitments,
            rates=self.rates,
            promises=self.settings.promises,
            disputes=self.settings.disputes,
        )

    def losses(self, *, as_of: dt.date | str, known_at: dt.datetime | None = None) -> LossView:
        """What is expected to be lost at the end of a day, what was given up, and what would hurt.

        Raises `IncompleteReadError` as `aging` does: an allowance is made of it, and is posted.
        """
        self.require_complete()
        accounting = self.settings.accounting
        return LossView(
            credit=self.credit(as_of=as_of, known_at=known_at),
            settings=self.settings.losses,
            by_hand=ManualEntries(
                chart=accounting.chart,
                creditor=self.creditor.creditor,
                functional_currency=accounting.functional_currency,
                rules=accounting.rules,
            ),
        )

    def portfolio(
        self, *, as_of: dt.date | str, known_at: dt.datetime | None = None
    ) -> PortfolioView:
        """The portfolio at the end of a day: measures, series, forecasts, movement, and the report.

        Raises `IncompleteReadError` as `aging` does.
        """
        self.require_complete()
        return PortfolioView(
            ledger=self.ledger,
            creditor=self.creditor.creditor,
            name=self.creditor.name,
            as_of=to_day(as_of, name="as_of"),
            known_at=known_at,
            scheme=self.settings.aging,
            policy=self.settings.measures,
            promises=self.settings.promises,
            disputes=self.settings.disputes,
            customers=self.customers,
            rates=self.rates,
        )

    def _credit_where_given(self, day: dt.date, known_at: dt.datetime | None) -> CreditView | None:
        """The credit of a day, where limits were granted or insured; None where there is none."""
        given = self.ledger.casework(
            self.creditor.creditor, as_of=day, known_at=known_at, kinds=(LimitGranted,)
        )
        if not given and not self.settings.credit.insurance:
            return None
        return self.credit(as_of=day, known_at=known_at)

    def promises(
        self, *, as_of: dt.date | str, known_at: dt.datetime | None = None
    ) -> tuple[JudgedPromise, ...]:
        """What became of every promise to pay, judged from the money."""
        return judge(
            self.ledger,
            self.creditor.creditor,
            as_of=to_day(as_of, name="as_of"),
            known_at=known_at,
            policy=self.settings.promises,
        )

    def plans(
        self, *, as_of: dt.date | str, known_at: dt.datetime | None = None
    ) -> tuple[PlanStanding, ...]:
        """How every payment plan stands."""
        day = to_day(as_of, name="as_of")
        return plan_standings(self.ledger, self.creditor.creditor, as_of=day, known_at=known_at)

    def disputes(
        self, *, as_of: dt.date | str, known_at: dt.datetime | None = None
    ) -> tuple[DisputeStanding, ...]:
        """How every dispute stands, decided ones too."""
        return dispute_standings(
            self.ledger,
            self.creditor.creditor,
            as_of=to_day(as_of, name="as_of"),
            known_at=known_at,
            policy=self.settings.disputes,
        )

    def referrals(
        self, *, as_of: dt.date | str, known_at: dt.datetime | None = None
    ) -> tuple[ReferralStanding, ...]:
        """How every file stands that was handed to somebody else."""
        day = to_day(as_of, name="as_of")
        return referral_standings(self.ledger, self.creditor.creditor, as_of=day, known_at=known_at)

    def referral_file(
        self,
        referral: Referral,
        *,
        as_of: dt.date | str,
        evidence: Iterable[Evidence] = (),
        deadlines: Iterable[LegalDeadline] = (),
    ) -> ReferralFile:
        """The whole file of a referral, with the interest of the settings to the day.

        Raises `IncompleteReadError` as `dun` does: somebody else will ask the customer for it.
        """
        self.require_complete()
        said = self.settings.interest
        return referral_file(
            self.ledger,
            referral,
            creditor=self.creditor,
            customer=self._customer(referral.customer),
            as_of=to_day(as_of, name="as_of"),
            interest=self._interest_policy(said) if said else None,
            evidence=evidence,
            deadlines=deadlines,
        )

    def contact_log(self, customer: str | None = None, *, as_of: dt.date | str) -> ContactLog:
        """What was said and sent, by whom and when, the newest first."""
        day = to_day(as_of, name="as_of")
        return contact_log(self.ledger, self.creditor.creditor, customer=customer, as_of=day)

    def requests(self, *, as_of: dt.date | str) -> tuple[RequestStanding, ...]:
        """What customers wait for, and since when."""
        return open_requests(
            self.ledger,
            self.creditor.creditor,
            as_of=to_day(as_of, name="as_of"),
            policy=self.settings.requests,
        )

    def may_contact(
        self,
        customer: str,
        planned: PlannedContact,
        *,
        facts: DebtFacts | None = None,
        policy: ConductPolicy | None = None,
    ) -> Verdict:
        """Whether the law lets a customer be contacted so, why, and from when on, with the proof."""
        history = logged_contacts(
            self.ledger, creditor=self.creditor.creditor, customer=customer, as_of=planned.on
        )
        known = self._customer(CustomerId(customer))
        return check(planned, history=history, customer=known, facts=facts, policy=policy)

    def journal(
        self,
        *,
        first: dt.date | str | None = None,
        last: dt.date | str | None = None,
        chart: Chart | None = None,
        rules: PostingRules | None = None,
        rates: Rates | None = None,
    ) -> Journal:
        """The double-entry journal of the days from `first` to `last`, by the settings or by others.

        Raises `MissingRateError` for a foreign document without a rate of its own or in the rates,
        and `PolicyError` for an account that the chart lacks.
        """
        self.require_complete()
        made = make_journal(
            self.ledger,
            chart=chart or self.settings.accounting.chart,
            functional_currency=self.settings.accounting.functional_currency,
            rules=rules or self.settings.accounting.rules,
            rates=rates or self.rates,
        )
        made = made.with_entries(self._payout_entries(chart, rules, rates))
        return made.between(
            dt.date.min if first is None else to_day(first, name="first"),
            dt.date.max if last is None else to_day(last, name="last"),
        )

    def receipt_postings(
        self, *, first: dt.date | str, last: dt.date | str
    ) -> tuple[ReceiptPosting, ...]:
        """The receipts of some days with what they pay, for another system to book.

        Raises `IncompleteReadError` as `journal` does.
        """
        self.require_complete()
        days = {"first": to_day(first, name="first"), "last": to_day(last, name="last")}
        return tuple(receipt_postings(self.ledger, self.creditor.creditor, **days))

    def own_documents(self, *, first: dt.date | str, last: dt.date | str) -> tuple[Document, ...]:
        """The documents of some days that were made here: debit notes of interest and fees.

        They are those whose lines all have a category, which no source gives.  Raises
        `IncompleteReadError` as `journal` does.
        """
        self.require_complete()
        begin, end = to_day(first, name="first"), to_day(last, name="last")
        return tuple(
            event.document
            for event in self.ledger.events
            if isinstance(event, DocumentIssued)
            and event.document.creditor == self.creditor.creditor
            and begin <= event.effective_on <= end
            and event.document.lines
            and all(line.category for line in event.document.lines)
        )

    def _payout_entries(
        self, chart: Chart | None, rules: PostingRules | None, rates: Rates | None
    ) -> Iterator[JournalEntry]:
        """The entries of payouts that are settled: bank, fees, and the processor's account."""
        said = self.settings.accounting
        by_hand = ManualEntries(
            chart=chart or said.chart,
            creditor=self.creditor.creditor,
            functional_currency=said.functional_currency,
            rules=rules or said.rules,
        )
        creditor = self.creditor.creditor
        for event in self.ledger.casework(creditor, as_of=dt.date.max, kinds=(PayoutSettled,)):
            assert isinstance(event, PayoutSettled)  # noqa: S101  # what was asked for
            made = settled_payout_entry(
                event.payout, by_hand, on=event.effective_on, rates=rates or self.rates
            )
            if made.lines:
                yield made

    def late_interest(
        self,
        *,
        as_of: dt.date | str,
        number: Callable[[str, str], str],
        policy: InterestPolicy | None = None,
    ) -> InterestRun:
        """The debit notes that charge interest and compensation up to a day; nothing is recorded yet.

        What was charged before is left out, whenever that was.  So are, for now, the part of an item
        that is disputed and what a running plan covers; and consumers, unless the law is that of
        consumers.  `number` gives the number of a note, by its category and its customer.  Raises
        `PolicyError` where neither the settings nor `policy` say by which law, and
        `MissingRateError` where a rate is missing.
        """
        self.require_complete()
        day = to_day(as_of, name="as_of")
        said = self.settings.interest
        law = policy or self._interest_policy(said)
        late = late_items(self.ledger, as_of=day, creditor=self.creditor.creditor)
        return interest_documents(
            self._chargeable(late, law, day),
            policy=law,
            as_of=day,
            charging=Charging(number=number, payable_days=said.payable_days if said else 0),
            charged=charged_on(self.ledger),
        )

    def _chargeable(
        self, late: Iterable[LateItem], law: InterestPolicy, day: dt.date
    ) -> Iterator[LateItem]:
        """Late items without what bears nothing now: contested parts, plans, consumers by another law."""
        held = self._held_back(self.ledger, self.open_items(as_of=day), day, None)
        planned = {one.item for one in held if one.reason is HoldReason.PLAN}
        contested = held_back((one for one in held if one.reason in _CONTESTED), as_of=day)
        to_consumers = law.jurisdiction.debtor is Debtor.CONSUMER
        for item in late:
            customer = self.customers.get(item.customer)
            is_consumer = customer is not None and customer.is_consumer
            if item.item in planned or (is_consumer and not to_consumers):
                continue
            hold = contested.get((item.creditor, item.item))
            minor = 0 if hold is None else hold.of(item.bearing_minor(day))
            excluded = [BalanceStep(item.due_date, minor)] if minor else item.excluded
            yield attrs.evolve(item, excluded=excluded)

    def _interest_policy(self, said: InterestSettings | None) -> InterestPolicy:
        if said is None:
            msg = "policy must be given where the settings have no [interest], got none"
            raise PolicyError(msg)
        law = jurisdiction(said.jurisdiction)
        return InterestPolicy(jurisdiction=law, rates=self.reference_rates, agreed=said.agreed)

    def statement(
        self,
        customer: str,
        *,
        as_of: dt.date | str,
        since: dt.date | str | None = None,
        known_at: dt.datetime | None = None,
    ) -> StatementOfAccount:
        """A customer's statement of account: what is open on a day, or every movement since one."""
        return statement_of_account(
            self.ledger,
            self.creditor.creditor,
            customer,
            as_of=to_day(as_of, name="as_of"),
            since=None if since is None else to_day(since, name="since"),
            known_at=known_at,
            scheme=self.settings.aging,
        )

    def statements_of(
        self,
        customers: Iterable[str] | None = None,
        *,
        as_of: dt.date | str,
        since: dt.date | str | None = None,
    ) -> Iterator[StatementOfAccount]:
        """The statements of some customers, or of all who have anything to be told."""
        return statements_of_account(
            self.ledger,
            self.creditor.creditor,
            customers,
            as_of=to_day(as_of, name="as_of"),
            since=None if since is None else to_day(since, name="since"),
            scheme=self.settings.aging,
        )

    def statement_letter(self, statement: StatementOfAccount) -> Letter:
        """The letter that a statement is sent with, in the customer's language.

        Raises `TranslationMissingError` where no text exists in it, and `PolicyError` where the
        customer is not in the book.
        """
        return compose_statement(
            statement,
            creditor=self.creditor,
            customer=self._customer(statement.customer),
            names=self.names,
        )

    def _customer(self, identifier: CustomerId) -> Customer:
        customer = self.customers.get(identifier)
        if customer is None:
            msg = f"customer must be in the customer list, got {identifier!r}"
            raise PolicyError(msg)
        return customer

    def record(self, *events: Event) -> Book:
        """The book with more events; raises `EventError`, changing nothing."""
        return attrs.evolve(self, ledger=self.ledger.record(*events))

    def letter(self, notice: NoticeSent) -> Letter:
        """The letter of a notice, in the customer's language.

        Raises `TranslationMissingError` where no text exists in it, and `PolicyError` where the
        customer is not in the book.
        """
        customer = self._customer(notice.customer)
        letter = compose(
            notice,
            creditor=self.creditor,
            customer=customer,
            as_of=notice.effective_on,
            deadline_days=self._deadline_days(notice),
            categories=self._categories(notice),
            texts=self.settings.texts,
        )
        if not self.settings.payment_codes:
            return letter
        language, caption = letter.locale[:2], words(letter.locale).text("letter", "scan to pay")
        code = payment_code(
            self.creditor,
            customer,
            currency=notice.currency,
            amount_minor=notice.total_minor,
            reference=letter.payment[-1].text,
            caption=caption,
            language=language if language in SWISS_LANGUAGES else "en",
        )
        return attrs.evolve(letter, payment_code=code)

    def _deadline_days(self, notice: NoticeSent) -> int:
        """The days that the level gives to pay, or else those of the letters."""
        said = self.settings.dunning
        procedures = (said,) if isinstance(said, DunningProcedure) else said.procedures
        for one in procedures:
            if (one.name, one.version) == (notice.procedure, notice.procedure_version):
                days = one.levels[notice.level - 1].deadline_days if notice.level else None
                return days or self.settings.deadline_days
        return self.settings.deadline_days

    def _categories(self, notice: NoticeSent) -> dict[str, str]:
        """What the items of a notice are for: interest, compensation and fees among them."""
        found = {}
        for noticed in notice.items:
            item = self.ledger.item(notice.creditor, noticed.item, as_of=notice.effective_on)
            if item is not None and item.category:
                found[str(noticed.item)] = item.category
        return found


@attrs.frozen(kw_only=True)
class Applied:
    """A book after matching: what was applied is certain, the other proposals are for a person."""

    book: Book
    proposals: Proposals


def _left_to_a_person(proposal: MatchProposal) -> MatchProposal:
    """A proposal that is certain, and yet was not applied, because somebody had undone it."""
    if proposal.outcome is not Outcome.CERTAIN:
        return proposal
    return attrs.evolve(proposal, outcome=Outcome.PROPOSED)


def _new_name(draft: LedgerDraft, proposal: MatchProposal) -> str:
    """The name of a match; one that was undone keeps its own, and the next is numbered."""
    name = f"match-{proposal.receipt}"
    number = 1
    while f"allocated:{proposal.creditor}:{name}" in draft:
        number += 1
        name = f"match-{proposal.receipt}-{number}"
    return name


def _percent(proposal: MatchProposal) -> str:
    return f"{proposal.probability_bp // 100}.{proposal.probability_bp % 100:02} %"


def _identified(
    proposal: MatchProposal, since: dt.date, recorded_at: dt.datetime
) -> ReceiptIdentified:
    return ReceiptIdentified(
        event=EventId(f"identified:{proposal.creditor}:{proposal.receipt}"),
        effective_on=since,
        recorded_at=recorded_at,
        creditor=proposal.creditor,
        receipt=proposal.receipt,
        customer=proposal.customer,
        reason="; ".join(f"{each.kind.value} {each.detail}" for each in proposal.evidence),
    )


def _learned(proposal: MatchProposal, fact: Fact, recorded_at: dt.datetime) -> FactLearned:
    return FactLearned(
        event=EventId(f"learned:{proposal.creditor}:{proposal.receipt}:{fact.fact}"),
        effective_on=fact.learned_on,
        recorded_at=recorded_at,
        creditor=proposal.creditor,
        fact=fact,
    )


def _allocated(
    proposal: MatchProposal,
    since: dt.date,
    draft: LedgerDraft,
    recorded_at: dt.datetime,
    version: str,
) -> Allocated:
    """The allocation of a proposal, effective when both the money and the documents were there."""
    used = sum(part.amount_minor for part in proposal.parts)
    closed: dict[ItemId, int] = {}
    for residual in proposal.residuals:
        closed[residual.item] = closed.get(residual.item, 0) + residual.amount_minor
    legs = [Leg(part.item, part.amount_minor + closed.get(part.item, 0)) for part in proposal.parts]
    legs += [Leg(ItemId(proposal.receipt), -used)] if used else []
    items = [draft.item_now(proposal.creditor, leg.item) for leg in legs]
    allocation = Allocation(
        allocation=_new_name(draft, proposal),
        creditor=proposal.creditor,
        currency=proposal.currency,
        legs=legs,
        residuals=proposal.residuals,
        reason=f"matching {proposal.outcome.value}, policy {version}, {_percent(proposal)} sure",
        evidence=[(each.kind.value, each.detail) for each in proposal.evidence],
    )
    both_there = max(since, *(item.posting_date for item in items))
    return draft.allocated(
        allocation,
        effective_on=draft.open_day(proposal.creditor, both_there),
        recorded_at=recorded_at,
    )
