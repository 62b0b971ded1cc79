"""The workshop: a scene that every packaged kind of letter can be composed from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.allocation.model import Allocation, Leg
from receivables.casework import (
    BreakClause,
    Dispute,
    DisputedPart,
    DisputeOutcome,
    PaymentPlan,
    PlanInstallment,
    PromiseToPay,
    Referral,
    ReferralKind,
    ReferredItem,
)
from receivables.documents.model import Invoice, OpenItem
from receivables.documents.objects import open_items
from receivables.ledger.model import (
    DocumentIssued,
    EventId,
    NoticedItem,
    NoticeSent,
    ReceiptRecorded,
)
from receivables.ledger.objects import Ledger
from receivables.letters import (
    Letter,
    compose,
    compose_confirmation,
    compose_dispute_answer,
    compose_duplicate,
    compose_hand_over,
    compose_hold,
    compose_limit_change,
    compose_plan,
    compose_promise,
    compose_promise_script,
    compose_release,
    compose_script,
    compose_statement,
    compose_terms_change,
    kind_of,
)
from receivables.money import Money, from_minor
from receivables.parties import Creditor, Customer
from receivables.receipts.model import Receipt
from receivables.statements import (
    BalanceConfirmation,
    ConfirmationForm,
    ReplyTo,
    StatementOfAccount,
    statement_of_account,
)

__all__ = ["LetterScene"]

_CONSUMER: Final = "-consumer"
_CONFIRMATIONS: Final[Mapping[str, ConfirmationForm]] = MappingProxyType(
    {
        "balance-confirmation": ConfirmationForm.POSITIVE,
        "balance-confirmation-blank": ConfirmationForm.BLANK,
        "balance-confirmation-negative": ConfirmationForm.NEGATIVE,
    }
)


_TERMS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "en": ("60 days net", "30 days net"),
        "es": ("60 días netos", "30 días netos"),
        "fr": ("60 jours nets", "30 jours nets"),
    }
)
"""Terms as a person would write them to a customer, the old and the new."""


def _noticed_items(values: Iterable[NoticedItem]) -> tuple[NoticedItem, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class LetterScene:
    """A creditor, a customer and what is open between them, all in one currency, on one day.

    Whatever a kind needs besides is made of the items: the first of them is paid in part, disputed
    in part, promised, put into a plan, or handed over.  A case needs an item.
    """

    creditor: Creditor
    customer: Customer
    currency: str
    dated: dt.date
    items: tuple[NoticedItem, ...] = attrs.field(converter=_noticed_items)
    credit_minor: int = 0
    categories: Mapping[str, str] = attrs.field(factory=dict)
    auditor: ReplyTo

    def letter(self, kind: str) -> Letter:
        """The letter of a packaged kind; one to consumers is written to the customer as one."""
        base = kind.removesuffix(_CONSUMER)
        is_consumer = kind != base
        if self.customer.is_consumer is not is_consumer:
            customer = attrs.evolve(self.customer, is_consumer=is_consumer)
            return attrs.evolve(self, customer=customer).letter(kind)
        if base in _CONFIRMATIONS:
            return self._confirmation(_CONFIRMATIONS[base])
        make = self._makers.get(base)
        return self._noticed(base) if make is None else make()

    @property
    def _makers(self) -> Mapping[str, Callable[[], Letter]]:
        """What composes the kinds that are neither a notice nor a confirmation."""
        return {
            "agency-hand-over": self._handed_over,
            "dispute-answer-invalid": lambda: self._answered(DisputeOutcome.INVALID),
            "dispute-answer-split": lambda: self._answered(DisputeOutcome.SPLIT),
            "dispute-answer-valid": lambda: self._answered(DisputeOutcome.VALID),
            "duplicate-cover": self._copied,
            "hold-notice": self._held,
            "limit-change": self._new_limit,
            "payment-plan-agreement": self._planned,
            "phone-script-broken-promise": self._broken,
            "promise-confirmation": self._promised,
            "release-notice": self._released,
            "statement": self._stated,
            "terms-change": self._new_terms,
        }

    def _noticed(self, kind: str) -> Letter:
        known = kind_of(kind)
        notice = self.notice(kind)
        if known is not None and known.is_spoken:
            return compose_script(
                notice,
                kind=kind,
                creditor=self.creditor,
                customer=self.customer,
                as_of=self.dated,
                categories=self.categories,
            )
        return compose(
            notice,
            creditor=self.creditor,
            customer=self.customer,
            as_of=self.dated,
            categories=self.categories,
        )

    def notice(self, kind: str) -> NoticeSent:
        """The notice of the items; before the due date they are due a quarter later."""
        items = self.items
        if kind.endswith("courtesy") or kind.startswith("courtesy"):
            quarter = dt.timedelta(days=91)
            items = tuple(
                attrs.evolve(one, due_date=one.due_date and one.due_date + quarter) for one in items
            )
        return NoticeSent(
            event=EventId("notice:sample"),
            effective_on=self.dated,
            recorded_at=self._moment,
            creditor=self.creditor.creditor,
            customer=self.customer.customer,
            currency=self.currency,
            procedure="standard",
            procedure_version="1",
            level=1,
            letter=kind,
            items=items,
            credit_minor=self.credit_minor,
            charges=tuple(self.categories),
        )

    @property
    def _moment(self) -> dt.datetime:
        return dt.datetime.combine(self.dated, dt.time(8), tzinfo=dt.UTC)

    def _money(self, amount_minor: int) -> Money:
        return from_minor(amount_minor, self.currency)

    def _parts_minor(self) -> tuple[int, int]:
        """Two thirds of the first item, and a third of it, in minor units."""
        third = self.items[0].open_minor // 3
        return self.items[0].open_minor - third, third

    @property
    def _invoices(self) -> tuple[Invoice, ...]:
        return tuple(
            Invoice(
                number=one.item,
                creditor=self.creditor.creditor,
                customer=self.customer.customer,
                document_date=one.document_date,
                due_date=one.due_date,
                total=self._money(one.open_minor),
            )
            for one in self.items
        )

    @property
    def _open_items(self) -> tuple[OpenItem, ...]:
        return tuple(item for invoice in self._invoices for item in open_items(invoice))

    @property
    def _statement(self) -> StatementOfAccount:
        """The items, the first of them paid in part, and what was paid too much."""
        ledger = Ledger()
        for invoice in self._invoices:
            ledger = ledger.record(DocumentIssued.of(invoice, recorded_at=self._moment))
        paid_minor = -self.credit_minor + (1_000 if self.items else 0)
        if paid_minor:
            receipt = self._receipt(paid_minor)
            ledger = ledger.record(ReceiptRecorded.of(receipt, recorded_at=self._moment))
        if self.items:
            allocation = Allocation(
                allocation="A-1",
                creditor=self.creditor.creditor,
                currency=self.currency,
                legs=[Leg(self.items[0].item, 1_000), Leg("R-1", -1_000)],
            )
            ledger = ledger.record(
                ledger.allocated(allocation, effective_on=self.dated, recorded_at=self._moment)
            )
        return statement_of_account(
            ledger, self.creditor.creditor, self.customer.customer, as_of=self.dated
        )

    def _receipt(self, amount_minor: int) -> Receipt:
        return Receipt(
            receipt="R-1",
            creditor=self.creditor.creditor,
            customer=self.customer.customer,
            amount=self._money(amount_minor),
            booking_date=self.dated,
        )

    def _stated(self) -> Letter:
        return compose_statement(self._statement, creditor=self.creditor, customer=self.customer)

    def _confirmation(self, form: ConfirmationForm) -> Letter:
        confirmation = BalanceConfirmation(
            statement=self._statement,
            form=form,
            reply_to=self.auditor,
            reply_by=self._in_days(28),
            currencies=[self.currency],
        )
        return compose_confirmation(
            confirmation, creditor=self.creditor, customer=self.customer, dated=self.dated
        )

    def _in_days(self, days: int) -> dt.date:
        return self.dated + dt.timedelta(days=days)

    def _answered(self, outcome: DisputeOutcome) -> Letter:
        first = self.items[0].item
        more_minor, less_minor = self._parts_minor()
        dispute = Dispute(
            dispute="D-2026-014",
            customer=self.customer.customer,
            parts=[DisputedPart(item=first, amount=self._money(more_minor))],
            reason="quality",
            owner="quality",
        )
        accepted = [DisputedPart(item=first, amount=self._money(less_minor))]
        return compose_dispute_answer(
            dispute,
            outcome,
            accepted if outcome is DisputeOutcome.SPLIT else (),
            creditor=self.creditor,
            customer=self.customer,
            dated=self.dated,
        )

    @property
    def _promise(self) -> PromiseToPay:
        return PromiseToPay(
            promise="P-2026-031",
            customer=self.customer.customer,
            amount=self._money(self._parts_minor()[0]),
            due_on=self._in_days(11),
            items=[one.item for one in self.items[:1]],
            contact="M. Roy",
        )

    def _promised(self) -> Letter:
        return compose_promise(
            self._promise,
            promised_on=self._in_days(-3),
            creditor=self.creditor,
            customer=self.customer,
            dated=self.dated,
            items=self._open_items[:1],
        )

    def _broken(self) -> Letter:
        return compose_promise_script(
            attrs.evolve(self._promise, due_on=self._in_days(-4)),
            promised_on=self._in_days(-18),
            creditor=self.creditor,
            customer=self.customer,
            dated=self.dated,
            items=self._open_items[:1],
        )

    def _planned(self) -> Letter:
        """All that is asked for, in six parts, with the interest of a month at 8.25% a year."""
        part_minor, rest_minor = divmod(sum(one.asked_minor for one in self.items), 6)
        plan = PaymentPlan(
            plan="PL-2026-007",
            customer=self.customer.customer,
            items=[one.item for one in self.items],
            installments=[
                PlanInstallment(
                    due_on=self._in_days(30 * number),
                    principal=self._money(part_minor + (rest_minor if number == 1 else 0)),
                    interest=self._money(part_minor * (7 - number) * 825 // 120_000),
                )
                for number in range(1, 7)
            ],
            accept_by=self._in_days(14),
            break_clause=BreakClause(missed_installments=1, grace_days=5),
            rate_bps=825,
        )
        return compose_plan(plan, creditor=self.creditor, customer=self.customer, dated=self.dated)

    def _copied(self) -> Letter:
        given = self._invoices[:4]
        return compose_duplicate(
            given, creditor=self.creditor, customer=self.customer, dated=self.dated
        )

    def _new_terms(self) -> Letter:
        old, new = _TERMS[self.customer.locale[:2]]
        return compose_terms_change(
            old_terms=old,
            new_terms=new,
            effective_on=self._in_days(60),
            creditor=self.creditor,
            customer=self.customer,
            dated=self.dated,
        )

    def _new_limit(self) -> Letter:
        return compose_limit_change(
            old_limit=self._money(5_000_000),
            new_limit=self._money(3_000_000),
            effective_on=self._in_days(30),
            creditor=self.creditor,
            customer=self.customer,
            dated=self.dated,
        )

    def _held(self) -> Letter:
        return compose_hold(
            self._open_items,
            effective_on=self._in_days(3),
            creditor=self.creditor,
            customer=self.customer,
            dated=self.dated,
        )

    def _released(self) -> Letter:
        return compose_release(
            effective_on=self._in_days(1),
            creditor=self.creditor,
            customer=self.customer,
            dated=self.dated,
        )

    def _handed_over(self) -> Letter:
        referral = Referral(
            referral="RF-2026-003",
            customer=self.customer.customer,
            kind=ReferralKind.AGENCY,
            to="Recova",
            items=[
                ReferredItem(item=one.item, amount=self._money(one.asked_minor))
                for one in self.items
                if one.asked_minor
            ],
            mandate="RC-88120",
        )
        return compose_hand_over(
            referral,
            effective_on=self._in_days(7),
            creditor=self.creditor,
            customer=self.customer,
            dated=self.dated,
        )
