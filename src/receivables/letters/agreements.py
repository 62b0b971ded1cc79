"""Composing what was agreed: promises to pay as they were understood, payment plans to be signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from receivables.casework import PaymentPlan, PlanInstallment, PromiseToPay
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.letters._desk import Desk
from receivables.letters._scripts import spoken
from receivables.letters._sheet import Sheet, check_customer, stacked
from receivables.letters._tables import amounts, by_currency, item_tables
from receivables.letters.kinds import kind_of
from receivables.letters.model import Labelled, Letter, LetterRow, LetterTable, Texts
from receivables.money import to_minor
from receivables.parties import Creditor, Customer

__all__ = ["compose_plan", "compose_promise", "compose_promise_script"]


def compose_promise(
    promise: PromiseToPay,
    *,
    promised_on: dt.date,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    items: Iterable[OpenItem] = (),
    texts: Texts | None = None,
) -> Letter:
    """Compose the confirmation of a promise to pay: how much, by which day, given on which day.

    `items` are the open items that it is about, where they are to be listed.  Raises
    `TranslationMissingError` where there is no text, and `DocumentError` where the promise is not
    of this customer.
    """
    check_customer("promise", promise.customer, customer)
    desk = Desk.of(creditor, customer, dated=dated)
    told = _promised(promise, promised_on, desk)
    sheet = Sheet.of("promise-confirmation", desk, texts=texts, told=told)
    return sheet.letter(
        file_parts=[promise.promise],
        **stacked(item_tables(desk, tuple(items))),
        payment=desk.payment(_reference(promise)),
    )


def compose_promise_script(
    promise: PromiseToPay,
    *,
    promised_on: dt.date,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    items: Iterable[OpenItem] = (),
    kind: str = "phone-script-broken-promise",
    texts: Texts | None = None,
) -> Letter:
    """Compose what is said on the telephone about a promise that was not kept.

    Raises what `compose_promise` raises, and `PolicyError` for a kind that is not spoken.
    """
    known = kind_of(kind)
    if known is not None and not known.is_spoken:
        msg = f"kind must be one that is spoken, got {kind!r}"
        raise PolicyError(msg)
    check_customer("promise", promise.customer, customer)
    desk = Desk.of(creditor, customer, dated=dated)
    sheet = Sheet.of(kind, desk, texts=texts, told=_promised(promise, promised_on, desk))
    return spoken(
        sheet,
        file_parts=[promise.promise],
        tables=item_tables(desk, tuple(items)),
        payment_reference=_reference(promise),
    )


def compose_plan(
    plan: PaymentPlan,
    *,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    texts: Texts | None = None,
) -> Letter:
    """Compose the agreement on a payment plan: its installments by currency, and a slip to sign.

    Raises `TranslationMissingError` where there is no text, and `DocumentError` where the plan is
    not of this customer, or has no day by which it is accepted and the text names one.
    """
    check_customer("plan", plan.customer, customer)
    desk = Desk.of(creditor, customer, dated=dated)
    sheet = Sheet.of("payment-plan-agreement", desk, texts=texts, told=_agreed(plan, desk))
    return sheet.letter(
        file_parts=[plan.plan],
        **stacked(_plan_tables(plan, desk)),
        payment=desk.payment(customer.customer),
    )


def _promised(promise: PromiseToPay, promised_on: dt.date, desk: Desk) -> Mapping[str, str | None]:
    return {
        "amount": amounts(desk, by_currency([promise.amount])),
        "promised_date": desk.date(promise.due_on),
        "promised_on": desk.date(promised_on),
    }


def _reference(promise: PromiseToPay) -> str:
    return promise.items[0] if len(promise.items) == 1 else promise.customer


def _agreed(plan: PaymentPlan, desk: Desk) -> Mapping[str, str | None]:
    due_dates = [one.due_on for one in plan.installments]
    return {
        "accept_by": None if plan.accept_by is None else desk.date(plan.accept_by),
        "first_due_date": desk.date(min(due_dates)),
        "grace_days": str(plan.break_clause.grace_days),
        "installment_count": str(len(plan.installments)),
        "interest": amounts(desk, by_currency(one.interest for one in plan.installments)),
        "last_due_date": desk.date(max(due_dates)),
        "missed_installments": str(plan.break_clause.missed_installments),
        "rate": desk.rate(plan.rate_bps),
        "total": amounts(desk, by_currency(one.amount for one in plan.installments)),
    }


def _plan_tables(plan: PaymentPlan, desk: Desk) -> Iterator[LetterTable]:
    for code in dict.fromkeys(one.principal.currency.code for one in plan.installments):
        own = [one for one in plan.installments if one.principal.currency.code == code]
        yield _plan_table(own, desk, code)


def _plan_table(own: Sequence[PlanInstallment], desk: Desk, currency: str) -> LetterTable:
    word = desk.word
    bears = any(to_minor(one.interest) for one in own)
    headings = ["installment", "due date", *(["principal", "interest"] if bears else []), "amount"]
    return LetterTable(
        caption=word("letter", "installments in {currency}", currency=currency),
        headings=[word("heading", heading) for heading in headings],
        rows=_plan_rows(own, desk, currency, bears=bears),
        number_columns=len(headings) - 2,
        wide_column=None,
        totals=_plan_totals(own, desk, currency, bears=bears),
        carried_forward=word("letter", "carried forward"),
        brought_forward=word("letter", "brought forward"),
    )


def _plan_rows(
    own: Sequence[PlanInstallment], desk: Desk, currency: str, *, bears: bool
) -> Iterator[LetterRow]:
    running_minor = 0
    for number, one in enumerate(own, start=1):
        running_minor += to_minor(one.amount)
        parts = (one.principal, one.interest, one.amount) if bears else (one.amount,)
        cells = (
            str(number),
            desk.cell_date(one.due_on),
            *(desk.money(to_minor(part), currency) for part in parts),
        )
        yield LetterRow(cells=cells, running=desk.money(running_minor, currency))


def _plan_totals(
    own: Sequence[PlanInstallment], desk: Desk, currency: str, *, bears: bool
) -> Iterator[Labelled]:
    principal_minor = sum(to_minor(one.principal) for one in own)
    interest_minor = sum(to_minor(one.interest) for one in own)
    if bears:
        yield Labelled(desk.word("claimed", "principal"), desk.money(principal_minor, currency))
        yield Labelled(desk.word("claimed", "interest"), desk.money(interest_minor, currency))
    total = desk.money(principal_minor + interest_minor, currency)
    yield Labelled(desk.word("letter", "amount to pay"), total)
