"""The commands of cases: `promise`, `dispute`, `contact`, `request`, `block`, each to add and to list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import App, Parameter

from receivables.casework import (
    BlockReason,
    ContactNote,
    ContactOutcome,
    CustomerRequest,
    Dispute,
    DisputedPart,
    DisputeOutcome,
    DisputeOwner,
    DisputeReason,
    DunningBlock,
    NonPaymentReason,
    PromiseToPay,
    RequestKind,
    RequestOutcome,
)
from receivables.cli._books import known_customer, look, new_name, record, say_amount
from receivables.cli._terminal import OUT, amount, app, print_rows, say_money
from receivables.errors import PolicyError
from receivables.ledger.casework import CaseEvent, DunningBlocked, DunningUnblocked
from receivables.parties import Channel

if TYPE_CHECKING:
    from receivables.book import Book

_Items = Annotated[tuple[str, ...], Parameter(name="--item", negative="")]

_NAMES: Final = {
    "promise": App(name="promise", help="Promises to pay: add, withdraw, list."),
    "dispute": App(name="dispute", help="Disputes: open, decide, list, and the credit notes due."),
    "contact": App(name="contact", help="The contact log: add, list."),
    "request": App(name="request", help="Requests of customers: add, answer, list."),
    "block": App(name="block", help="Dunning blocks: add, lift, list."),
}
for _command in _NAMES.values():
    app.command(_command)


def _opened(book: Book, kind: type[CaseEvent], name: str) -> Any:  # noqa: ANN401  # a value of casework
    """The value that opened a case, as it was said last; raises `PolicyError` where there is none."""
    events = book.ledger.casework(book.creditor.creditor, as_of=dt.date.max)
    found = [event for event in events if event.case == name and event.subject == kind.subject]
    said = [getattr(event, kind.subject) for event in found]
    values = [value for value in said if not isinstance(value, str)]
    if not values:
        msg = f"{kind.subject} must be on the ledger, got {name!r}"
        raise PolicyError(msg)
    return values[-1]


@_NAMES["promise"].command(name="add")
def promise_add(
    folder: Path,
    customer: str,
    said: str,
    /,
    *,
    due_on: dt.date,
    on: dt.date,
    item: _Items = (),
    contact: str = "",
    by: str = "",
    name: str = "",
) -> int:
    """Record a promise to pay.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    customer
        Who promised.
    said
        The amount, such as "500.00 EUR".
    due_on
        The day by which it was promised.
    on
        The day on which it was said.
    item
        An item that it is about; may be given more than once.
    contact
        The person who promised.
    by
        Who took the promise.
    name
        A name of its own; the next number otherwise.

    """
    from receivables.promises import promise_made  # noqa: PLC0415  # loads on use

    promised = say_amount(said)

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        promise = PromiseToPay(
            promise=name or new_name(book, "promise", "P"),
            customer=known_customer(book, customer),
            amount=promised,
            due_on=due_on,
            items=item,
            contact=contact,
            by=by,
        )
        creditor = book.creditor.creditor
        yield promise_made(promise, creditor=creditor, on=on, recorded_at=moment)

    return record(folder, make)


@_NAMES["promise"].command(name="withdraw")
def promise_withdraw(folder: Path, name: str, /, *, on: dt.date, reason: str = "") -> int:
    """Take a promise back: it was a misunderstanding, or another took its place."""
    from receivables.ledger.casework import PromiseMade  # noqa: PLC0415  # loads on use
    from receivables.promises import promise_withdrawn  # noqa: PLC0415  # loads on use

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        yield promise_withdrawn(
            _opened(book, PromiseMade, name),
            creditor=book.creditor.creditor,
            on=on,
            recorded_at=moment,
            reason=reason,
        )

    return record(folder, make)


@_NAMES["promise"].command(name="list")
def promise_list(folder: Path, /, *, as_of: dt.date) -> int:
    """List the promises, and what became of each, judged from the money."""
    book = look(folder)
    if book is None:
        return 1
    rows = [
        (
            one.promise.promise,
            book.names.get(one.promise.customer, one.promise.customer),
            say_money(one.promise.amount),
            one.promise.due_on,
            one.state.value,
            amount(one.paid_minor, one.promise.amount.currency.code),
            amount(one.missing_minor, one.promise.amount.currency.code),
        )
        for one in book.promises(as_of=as_of)
    ]
    headings = ("promise", "customer", "amount", "by", "state", "paid", "missing")
    print_rows(f"Promises as of {as_of}", headings, rows)
    return 0


@_NAMES["dispute"].command(name="open")
def dispute_open(
    folder: Path,
    item: str,
    said: str,
    /,
    *,
    reason: DisputeReason,
    on: dt.date,
    owner: DisputeOwner | None = None,
    answer_by: dt.date | None = None,
    reference: str = "",
    note: str = "",
    name: str = "",
) -> int:
    """Open a dispute about an item, or about a part of it.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    item
        The item that is contested.
    said
        How much of it, such as "120.00 EUR".
    reason
        Why.
    on
        The day on which it came in.
    owner
        Who answers; by the reason otherwise.
    answer_by
        The day of the answer; by the settings otherwise.
    reference
        The customer's own number of it.
    note
        What was said.
    name
        A name of its own; the next number otherwise.

    """
    from receivables.disputes import check_dispute, dispute_opened  # noqa: PLC0415  # loads on use

    contested = say_amount(said)

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        policy = book.settings.disputes
        found = book.ledger.item(book.creditor.creditor, item, as_of=on)
        if found is None:
            msg = f"item must be on the ledger on {on}, got {item!r}"
            raise PolicyError(msg)
        dispute = Dispute(
            dispute=name or new_name(book, "dispute", "D"),
            customer=found.customer,
            parts=[DisputedPart(item=item, amount=contested)],
            reason=reason,
            owner=owner or policy.owner_of(reason),
            answer_by=answer_by or policy.answer_by(reason, opened_on=on),
            reference=reference,
            note=note,
        )
        creditor = book.creditor.creditor
        check_dispute(book.ledger, dispute, creditor=creditor, on=on)
        yield dispute_opened(dispute, creditor=creditor, on=on, recorded_at=moment)

    return record(folder, make)


@_NAMES["dispute"].command(name="decide")
def dispute_decide(
    folder: Path,
    name: str,
    outcome: DisputeOutcome,
    /,
    *,
    on: dt.date,
    accept: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    credit_note: str = "",
    reason: str = "",
    by: str = "",
) -> int:
    """Decide a dispute: valid, invalid, split or withdrawn.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The dispute.
    outcome
        What was decided.
    on
        The day of the decision.
    accept
        What the customer is right about, where it is split: "F-17=12.00 EUR"; may be repeated.
    credit_note
        The number of the credit note, where it is there already.
    reason
        Why.
    by
        Who decided.

    """
    from receivables.disputes import dispute_resolved  # noqa: PLC0415  # loads on use

    parts = []
    for text in accept:
        item, _, said = text.rpartition("=")
        parts.append(DisputedPart(item=item, amount=say_amount(said)))

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        yield dispute_resolved(
            book.ledger,
            name,
            creditor=book.creditor.creditor,
            outcome=outcome,
            accepted=parts,
            on=on,
            recorded_at=moment,
            credit_note=credit_note,
            reason=reason,
            by=by,
        )

    return record(folder, make)


@_NAMES["dispute"].command(name="list")
def dispute_list(folder: Path, /, *, as_of: dt.date) -> int:
    """List the disputes that nobody has decided."""
    book = look(folder)
    if book is None:
        return 1
    rows = [
        (
            one.name,
            book.names.get(one.dispute.customer, one.dispute.customer),
            part.item,
            f"{amount(part.contested_minor, part.currency)} {part.currency}",
            one.dispute.reason.value,
            one.dispute.owner.value,
            one.dispute.answer_by,
            one.dispute.escalated_to,
        )
        for one in book.disputes(as_of=as_of)
        if one.is_open
        for part in one.parts
    ]
    headings = ("dispute", "customer", "item", "contested", "reason", "owner", "by", "escalated to")
    print_rows(f"Disputes as of {as_of}", headings, rows)
    return 0


@_NAMES["dispute"].command(name="credits")
def dispute_credits(folder: Path, /, *, as_of: dt.date) -> int:
    """List the credit notes that decisions call for and nobody has issued."""
    from receivables.disputes import credit_note_requests  # noqa: PLC0415  # loads on use

    book = look(folder)
    if book is None:
        return 1
    rows = [
        (
            one.dispute,
            book.names.get(one.customer, one.customer),
            one.document,
            say_money(one.amount),
            one.reason.value,
        )
        for one in credit_note_requests(book.ledger, book.creditor.creditor, as_of=as_of)
    ]
    print_rows(
        "Credit notes to issue", ("dispute", "customer", "document", "amount", "reason"), rows
    )
    return 0


@_NAMES["contact"].command(name="add")
def contact_add(
    folder: Path,
    customer: str,
    /,
    *,
    channel: Channel,
    outcome: ContactOutcome,
    on: dt.date,
    said: str = "",
    reason: NonPaymentReason | None = None,
    next_action: str = "",
    next_on: dt.date | None = None,
    item: _Items = (),
    person: str = "",
    by: str = "",
    at: str = "",
    name: str = "",
) -> int:
    """Put a contact into the log.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    customer
        Whom it was with.
    channel
        How.
    outcome
        What came of it.
    on
        The day.
    said
        What was said.
    reason
        Why the customer has not paid.
    next_action
        What comes next.
    next_on
        And when.
    item
        An item that it was about; may be given more than once.
    person
        Who was spoken to.
    by
        Who spoke.
    at
        The time at the customer's place, as HH:MM.
    name
        A name of its own; the next number otherwise.

    """
    from receivables.collection import contact_logged  # noqa: PLC0415  # loads on use

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        note = ContactNote(
            contact=name or new_name(book, "contact", "K"),
            customer=known_customer(book, customer),
            channel=channel,
            outcome=outcome,
            said=said,
            reason=reason,
            next_action=next_action,
            next_on=next_on,
            items=item,
            person=person,
            by=by,
            local_time=at,
        )
        yield contact_logged(note, creditor=book.creditor.creditor, on=on, recorded_at=moment)

    return record(folder, make)


@_NAMES["contact"].command(name="list")
def contact_list(folder: Path, customer: str, /, *, as_of: dt.date) -> int:
    """List what was said and sent to a customer, the newest first."""
    book = look(folder)
    if book is None:
        return 1
    rows = [
        (
            one.on,
            one.kind.value,
            one.channel.value if one.channel else "",
            one.outcome.value,
            one.person,
            one.reason.value if one.reason else "",
            one.said,
            one.next_action,
            one.next_on,
        )
        for one in book.contact_log(known_customer(book, customer), as_of=as_of).entries
    ]
    headings = ("day", "kind", "channel", "outcome", "person", "reason", "said", "next", "when")
    print_rows(f"Contacts of {customer}", headings, rows)
    return 0


@_NAMES["request"].command(name="add")
def request_add(
    folder: Path,
    customer: str,
    kind: RequestKind,
    /,
    *,
    on: dt.date,
    item: _Items = (),
    answer_by: dt.date | None = None,
    note: str = "",
    by: str = "",
    name: str = "",
) -> int:
    """Record what a customer asks for."""
    from receivables.collection import request_received  # noqa: PLC0415  # loads on use

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        request = CustomerRequest(
            request=name or new_name(book, "request", "R"),
            customer=known_customer(book, customer),
            kind=kind,
            items=item,
            answer_by=answer_by,
            note=note,
            by=by,
        )
        yield request_received(request, creditor=book.creditor.creditor, on=on, recorded_at=moment)

    return record(folder, make)


@_NAMES["request"].command(name="answer")
def request_answer(
    folder: Path,
    name: str,
    outcome: RequestOutcome = RequestOutcome.DONE,
    /,
    *,
    on: dt.date,
    reason: str = "",
    by: str = "",
) -> int:
    """Record that a request is done, refused or withdrawn."""
    from receivables.collection import request_answered  # noqa: PLC0415  # loads on use
    from receivables.ledger.casework import RequestReceived  # noqa: PLC0415  # loads on use

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        yield request_answered(
            _opened(book, RequestReceived, name),
            outcome,
            creditor=book.creditor.creditor,
            on=on,
            recorded_at=moment,
            reason=reason,
            by=by,
        )

    return record(folder, make)


@_NAMES["request"].command(name="list")
def request_list(folder: Path, /, *, as_of: dt.date) -> int:
    """List what customers wait for."""
    book = look(folder)
    if book is None:
        return 1
    rows = [
        (
            one.request.request,
            book.names.get(one.request.customer, one.request.customer),
            one.request.kind.value,
            one.received_on,
            one.answer_by,
            one.state.value,
        )
        for one in book.requests(as_of=as_of)
    ]
    headings = ("request", "customer", "kind", "received", "by", "state")
    print_rows(f"Requests as of {as_of}", headings, rows)
    return 0


@_NAMES["block"].command(name="add")
def block_add(
    folder: Path,
    customer: str,
    reason: BlockReason,
    /,
    *,
    on: dt.date,
    until: dt.date | None = None,
    item: _Items = (),
    note: str = "",
    by: str = "",
    name: str = "",
) -> int:
    """Keep notices from going out to a customer, or about some items, with a reason and an end."""
    if until is not None and until < on:
        msg = f"until must be {on} or later, got {until}"
        raise PolicyError(msg)

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        block = DunningBlock(
            block=name or new_name(book, "block", "B"),
            customer=known_customer(book, customer),
            reason=reason,
            items=item,
            until=until,
            note=note,
            by=by,
        )
        creditor = book.creditor.creditor
        yield DunningBlocked(
            event=f"blocked:{creditor}:{block.block}",
            effective_on=on,
            recorded_at=moment,
            creditor=creditor,
            block=block,
        )

    return record(folder, make)


@_NAMES["block"].command(name="lift")
def block_lift(folder: Path, name: str, /, *, on: dt.date, reason: str = "") -> int:
    """Let notices go out again."""

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        creditor = book.creditor.creditor
        yield DunningUnblocked(
            event=f"unblocked:{creditor}:{name}",
            effective_on=on,
            recorded_at=moment,
            creditor=creditor,
            customer=_opened(book, DunningBlocked, name).customer,
            block=name,
            reason=reason,
        )

    return record(folder, make)


@_NAMES["block"].command(name="list")
def block_list(folder: Path, /, *, as_of: dt.date) -> int:
    """List the blocks that are on."""
    from receivables.dunning import active_blocks  # noqa: PLC0415  # loads on use

    book = look(folder)
    if book is None:
        return 1
    rows = [
        (
            one.block,
            book.names.get(one.customer, one.customer),
            one.reason.value,
            " ".join(one.items),
            one.until,
            one.note,
        )
        for one in active_blocks(book.ledger, book.creditor.creditor, as_of=as_of)
    ]
    headings = ("block", "customer", "reason", "items", "until", "note")
    print_rows(f"Blocks as of {as_of}", headings, rows)
    if not rows:
        OUT.print("Nothing is blocked.")
    return 0
