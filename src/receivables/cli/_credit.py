"""The commands of credit: `credit`, `credit-file`, `check`, `limit`, `suspension`, `review`, `insurance`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import App, Parameter

from receivables.casework import (
    CheckOutcome,
    CreditLimit,
    CreditRequest,
    CreditRequestKind,
    CreditSuspension,
    LimitKind,
    ReviewAction,
    SuspensionReason,
)
from receivables.cli._books import known_customer, look, new_name, record, say_amount
from receivables.cli._terminal import OUT, amount, app, print_rows, say_money, write_whole
from receivables.errors import PolicyError
from receivables.ledger.casework import CaseEvent

if TYPE_CHECKING:
    from receivables.book import Book
    from receivables.credit import CreditCheck, Release

_LIMIT: Final = App(name="limit", help="Credit limits: grant, end, list.")
_SUSPENSION: Final = App(name="suspension", help="Suspended credit: add, lift, by rule, list.")
_REVIEW: Final = App(
    name="review", help="Credit reviews: what is due, what is recommended, hold one."
)
for _command in (_LIMIT, _SUSPENSION, _REVIEW):
    app.command(_command)

_HUNDRED: Final = 100


@app.command
def credit(
    folder: Path, /, *, as_of: dt.date, customer: Annotated[str, Parameter(name="--customer")] = ""
) -> int:
    """Print what each customer may cost us, what it may owe, and its risk class.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.
    customer
        One customer, with its exposure in parts and every limit.

    """
    book = look(folder)
    if book is None:
        return 1
    view = book.credit(as_of=as_of)
    if customer:
        return _one_customer(book, view, known_customer(book, customer))
    suspended = {one.customer for one in view.suspensions}
    rows = []
    for name, stack in view.stacks.items():
        owed, code = stack.exposure.total_minor, stack.exposure.currency
        if not (owed or stack.has_limit):
            continue
        used = f"{owed * _HUNDRED // stack.capacity_minor}" if stack.capacity_minor else ""
        rows.append(
            (
                name or "unidentified",
                book.names.get(name, ""),
                view.risk_classes.get(name, ""),
                f"{amount(owed, code)} {code}",
                amount(stack.capacity_minor, code) if stack.has_limit else "none",
                amount(stack.free_minor, code) if stack.has_limit else "",
                used,
                amount(stack.own_risk_minor, code),
                "suspended" if name in suspended else "",
            )
        )
    headings = ("customer", "name", "class", "exposure", "limit", "free", "used %", "own risk", "")
    print_rows(f"Credit on {as_of}", headings, rows)
    return 0


def _one_customer(book: Book, view: Any, customer: str) -> int:  # noqa: ANN401  # a view of credit, loaded on use
    stack = view.stacks.get(customer)
    if stack is None:
        OUT.print(f"{customer} owes nothing and has no limit.", highlight=False)
        return 0
    code = stack.exposure.currency
    print_rows(
        f"Exposure to {book.names.get(customer, customer)} on {view.as_of}, in {code}",
        ("component", "amount", "weight %", "exposure"),
        (
            (
                part.kind.value,
                amount(part.amount_minor, code),
                part.weight_bps // _HUNDRED,
                amount(part.weighted_minor, code),
            )
            for part in stack.exposure.components
        ),
    )
    print_rows(
        "Limits",
        ("name", "kind", "amount", "used", "free", "until"),
        (
            (
                one.limit.limit,
                one.kind.value,
                amount(one.amount_minor, code),
                amount(one.used_minor, code),
                amount(one.free_minor, code),
                one.limit.until,
            )
            for one in stack.limits
        ),
    )
    return 0


@app.command(name="credit-file")
def credit_file(
    folder: Path,
    customer: str,
    out: Path,
    /,
    *,
    as_of: dt.date,
    locale: str = "",
    renderer: str = "typst",
) -> int:
    """Write the one-page credit file of a customer.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    customer
        Whose it is.
    out
        The file to write.
    as_of
        The day that it is about.
    locale
        The language of the file; the creditor's otherwise.
    renderer
        The renderer of letters that makes it.

    """
    from receivables.papers import Renderers  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    book = look(folder)
    if book is None:
        return 1
    letter = book.credit(as_of=as_of).file_letter(known_customer(book, customer), locale=locale)
    ((_, content),) = Renderers.of((renderer,), load_plugins()).files(letter)
    write_whole(out, content)
    OUT.print(f"{out} was written.", highlight=False, soft_wrap=True)
    return 0


@app.command
def check(
    folder: Path,
    customer: str,
    said: str,
    /,
    *,
    request: str,
    on: dt.date,
    kind: CreditRequestKind = CreditRequestKind.ORDER,
    due_date: dt.date | None = None,
    releases: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    keep: Annotated[bool, Parameter(negative="")] = False,
    decide: CheckOutcome | None = None,
    by: str = "",
    reason: str = "",
    until: dt.date | None = None,
) -> int:
    """Ask whether a customer may have something on credit, before the document exists.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    customer
        Who asks.
    said
        The amount, such as "900.00 EUR".
    request
        The number of the order, the delivery or the quote.
    on
        The day on which it is asked.
    kind
        What is asked for.
    due_date
        When it would be due.
    releases
        A commitment that it takes the place of; may be given more than once.
    keep
        Record the decision.
    decide
        Decide otherwise than the rules; needs `--by` and `--reason`, and is recorded.
    by
        Who decides.
    reason
        Why.
    until
        The last day of the decision.

    """
    wanted = CreditRequest(
        request=request,
        customer=customer,
        amount=say_amount(said),
        on=on,
        kind=kind,
        due_date=due_date,
        releases=releases,
        by=by,
    )
    if not (keep or decide):
        book = look(folder)
        if book is None:
            return 1
        known_customer(book, customer)
        checked = book.credit(as_of=on).check(wanted)
        _print_check(checked)
        return 0 if checked.passes else 1

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.credit import credit_checked  # noqa: PLC0415  # loads on use

        known_customer(book, customer)
        checked = book.credit(as_of=on).check(wanted)
        _print_check(checked)
        decided = checked.decided(decide, by=by, reason=reason, until=until)
        yield credit_checked(decided, creditor=book.creditor.creditor, on=on, recorded_at=moment)

    return record(folder, make)


def _print_check(checked: CreditCheck) -> None:
    code = checked.currency
    OUT.print(
        f"{checked.outcome.value}: {amount(checked.before_minor, code)} before, "
        f"{amount(checked.after_minor, code)} after, "
        f"{amount(checked.capacity_minor, code)} {code} may be owed ({checked.policy}).",
        highlight=False,
        soft_wrap=True,
    )
    if checked.findings:
        print_rows(
            "Rules that spoke",
            ("rule", "outcome", "figure", "threshold", "unit", "pushed over by", "about"),
            (
                (
                    one.rule.value,
                    one.outcome.value,
                    amount(one.figure, one.currency) if one.unit == "minor" else one.figure,
                    amount(one.threshold, one.currency) if one.unit == "minor" else one.threshold,
                    one.currency if one.unit == "minor" else one.unit,
                    one.pushed_over,
                    ", ".join(one.references[:5]),
                )
                for one in checked.findings
            ),
        )
    for release in checked.releases:
        OUT.print(_said(release), highlight=False, soft_wrap=True)


def _said(release: Release) -> str:
    """What would make a rule milder, in a line."""
    parts = [f"{release.rule.value}: {release.outcome.value} with {release.kind.value}"]
    if release.currency:
        parts.append(f"of {amount(release.amount_minor, release.currency)} {release.currency}")
    if release.days:
        parts.append(f"of {release.days} days")
    if release.on is not None:
        parts.append(f"until {release.on}")
    if release.references:
        parts.append(f"({', '.join(release.references)})")
    return " ".join(parts)


@app.command(name="simulate-credit")
def simulate_credit(
    folder: Path,
    /,
    *,
    first: dt.date,
    as_of: dt.date,
    policy: Annotated[tuple[str, ...], Parameter(negative="")] = (),
) -> int:
    """Try credit policies on the past: what each would have held, and what became of it.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    first
        The first day of the sales that are looked at.
    as_of
        The last day, on which it is judged what became of them.
    policy
        A ready policy (`lenient`, `standard`, `strict`) beside that of the settings. May be repeated.

    """
    from receivables.credit import compare, credit_policy  # noqa: PLC0415  # loads on use

    book = look(folder)
    if book is None:
        return 1
    view = book.credit(as_of=as_of)
    wanted = [view.settings.policy, *map(credit_policy, policy)]
    found = compare(*(view.simulate(first=first, policy=one) for one in wanted))
    if not found:
        OUT.print("No sales in these days.")
        return 0
    headings = tuple(found[0])
    rows = (
        tuple(
            amount(value, row["currency"]) if name.endswith("_minor") else value
            for name, value in row.items()
        )
        for row in found
    )
    titles = tuple(heading.removesuffix("_minor").replace("_", " ") for heading in headings)
    print_rows(f"Policies over the sales from {first} to {as_of}", titles, rows)
    return 0


@_LIMIT.command(name="add")
def limit_add(
    folder: Path,
    holder: str,
    said: str,
    /,
    *,
    on: dt.date,
    kind: LimitKind = LimitKind.OWN,
    scope: str = "customer",
    until: dt.date | None = None,
    cover_percent: int = 100,
    policy: str = "",
    reference: str = "",
    by: str = "",
    reason: str = "",
    name: str = "",
) -> int:
    """Grant a limit to a customer, a payer group or a country.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    holder
        The customer, the group or the country.
    said
        The amount, such as "5000.00 EUR".
    on
        The first day of the limit.
    kind
        What it rests on.
    scope
        `customer`, `group` or `country`.
    until
        Its last day.
    cover_percent
        The part of a loss that the insurer or guarantor bears.
    policy
        The insurance policy that it belongs to.
    reference
        The decision of the insurer, the deed.
    by
        Who grants it.
    reason
        Why.
    name
        A name of its own; the next number otherwise.

    """
    if scope not in {"customer", "group", "country"}:
        msg = f"scope must be customer, group or country, got {scope!r}"
        raise PolicyError(msg)
    if kind is LimitKind.COLLATERAL:
        msg = "a limit on collateral must come from a file of credit information, which says what secures it"
        raise PolicyError(msg)
    granted = say_amount(said)

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.credit import limit_granted  # noqa: PLC0415  # loads on use

        if scope == "customer":
            known_customer(book, holder)
        whom: dict[str, Any] = {scope: holder}
        limit = CreditLimit(
            limit=name or new_name(book, "limit", "L"),
            amount=granted,
            kind=kind,
            since=on,
            until=until,
            cover_bps=cover_percent * _HUNDRED,
            policy=policy,
            reference=reference,
            by=by,
            reason=reason,
            **whom,
        )
        yield limit_granted(limit, creditor=book.creditor.creditor, on=on, recorded_at=moment)

    return record(folder, make)


@_LIMIT.command(name="end")
def limit_end(folder: Path, name: str, /, *, on: dt.date, by: str = "", reason: str = "") -> int:
    """End a limit.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The limit.
    on
        The first day without it.
    by
        Who ends it.
    reason
        Why.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.credit import limit_ended  # noqa: PLC0415  # loads on use
        from receivables.credit.limits import limits_in_force  # noqa: PLC0415  # loads on use

        creditor = book.creditor.creditor
        found = [
            one for one in limits_in_force(book.ledger, creditor, as_of=on) if one.limit == name
        ]
        if not found:
            msg = f"limit must be in force on {on}, got {name!r}"
            raise PolicyError(msg)
        yield limit_ended(
            found[0], creditor=creditor, on=on, recorded_at=moment, reason=reason, by=by
        )

    return record(folder, make)


@_LIMIT.command(name="list")
def limit_list(folder: Path, /, *, as_of: dt.date, within_days: int = 60) -> int:
    """List the limits in force, and those that end soon.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.
    within_days
        How many days ahead an end is soon.

    """
    book = look(folder)
    if book is None:
        return 1
    rows = []
    for limit in book.credit(as_of=as_of).limits:
        soon = limit.until is not None and (limit.until - as_of).days <= within_days
        rows.append(
            (
                limit.limit,
                limit.scope.value,
                limit.holder,
                limit.kind.value,
                say_money(limit.amount),
                limit.since,
                limit.until,
                "ends soon" if soon else "",
                limit.by,
                limit.reason or limit.reference,
            )
        )
    headings = ("name", "scope", "holder", "kind", "amount", "since", "until", "", "by", "reason")
    print_rows(f"Limits on {as_of}", headings, rows)
    return 0


@_SUSPENSION.command(name="add")
def suspension_add(
    folder: Path,
    customer: str,
    /,
    *,
    on: dt.date,
    by: str,
    reason: SuspensionReason = SuspensionReason.MANUAL,
    until: dt.date | None = None,
    note: str = "",
    name: str = "",
) -> int:
    """Suspend a customer's credit by hand.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    customer
        Whose credit it is.
    on
        The first day.
    by
        Who suspends it; only a person lifts it again.
    reason
        Why.
    until
        The last day.
    note
        What else there is to say.
    name
        A name of its own; the next number otherwise.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.credit import credit_suspended  # noqa: PLC0415  # loads on use

        suspension = CreditSuspension(
            suspension=name or new_name(book, "suspension", "S"),
            customer=known_customer(book, customer),
            reason=reason,
            until=until,
            by=by,
            note=note,
        )
        yield credit_suspended(
            suspension, creditor=book.creditor.creditor, on=on, recorded_at=moment
        )

    return record(folder, make)


@_SUSPENSION.command(name="lift")
def suspension_lift(folder: Path, name: str, /, *, on: dt.date, by: str, reason: str = "") -> int:
    """Give a customer its credit back.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The suspension.
    on
        The first day with credit.
    by
        Who decides it.
    reason
        Why.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.credit import credit_reinstated  # noqa: PLC0415  # loads on use

        standing = book.credit(as_of=on).suspensions
        found = [one.suspension for one in standing if one.suspension.suspension == name]
        if not found:
            msg = f"suspension must be in force on {on}, got {name!r}"
            raise PolicyError(msg)
        yield credit_reinstated(
            found[0],
            creditor=book.creditor.creditor,
            on=on,
            recorded_at=moment,
            reason=reason,
            by=by,
        )

    return record(folder, make)


@_SUSPENSION.command(name="run")
def suspension_run(folder: Path, /, *, on: dt.date) -> int:
    """Suspend and reinstate by the rules of the policy, as they speak on a day.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    on
        The day.

    """

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        from receivables.credit import reinstate_by_rule, suspend_by_rule  # noqa: PLC0415  # loads on use

        desk = book.credit(as_of=on).desk
        return (
            *suspend_by_rule(desk, recorded_at=moment),
            *reinstate_by_rule(desk, recorded_at=moment),
        )

    return record(folder, make)


@_SUSPENSION.command(name="list")
def suspension_list(folder: Path, /, *, as_of: dt.date) -> int:
    """List whose credit is suspended, and why.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.

    """
    book = look(folder)
    if book is None:
        return 1
    rows = (
        (
            one.suspension.suspension,
            one.customer,
            book.names.get(one.customer, ""),
            one.suspension.reason.value,
            one.suspended_on,
            one.suspension.until,
            one.suspension.by or one.suspension.rule,
            one.suspension.note or one.suspension.reference,
        )
        for one in book.credit(as_of=as_of).suspensions
    )
    headings = ("suspension", "customer", "name", "reason", "since", "until", "by", "about")
    print_rows(f"Suspended on {as_of}", headings, rows)
    return 0


@_REVIEW.command(name="list")
def review_list(folder: Path, /, *, as_of: dt.date) -> int:
    """List the reviews that are overdue, due or coming, with what is recommended and why.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.

    """
    from receivables.letters.credit_words import explain_recommendation  # noqa: PLC0415  # loads on use

    book = look(folder)
    if book is None:
        return 1
    view = book.credit(as_of=as_of)
    locale = book.creditor.locale
    rows = []
    for due in view.reviews_due:
        found = view.recommendation(due.customer)
        rows.append(
            (
                due.due_on,
                due.state.value,
                due.customer,
                book.names.get(due.customer, ""),
                found.risk_class,
                found.action.value,
                say_money(found.limit),
                "; ".join(explain_recommendation(found, locale=locale)[1:2]),
            )
        )
    headings = ("due on", "state", "customer", "name", "class", "recommended", "limit", "why")
    print_rows(f"Reviews on {as_of}", headings, rows)
    return 0


@_REVIEW.command(name="hold")
def review_hold(
    folder: Path,
    customer: str,
    /,
    *,
    on: dt.date,
    by: str,
    action: ReviewAction | None = None,
    limit: str = "",
    reason: str = "",
    next_on: dt.date | None = None,
) -> int:
    """Hold the review of a customer: as recommended, or otherwise with a reason.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    customer
        Whose it is.
    on
        The day of the review.
    by
        Who decides.
    action
        What is decided, where it is not what is recommended.
    limit
        The limit, such as "5000.00 EUR", where it is not the recommended one.
    reason
        Why it is decided otherwise.
    next_on
        The day of the next review.

    """
    from receivables.credit.reviewing import review_events  # noqa: PLC0415  # loads on use

    def make(book: Book, moment: dt.datetime) -> Iterable[CaseEvent]:
        view = book.credit(as_of=on)
        found = view.recommendation(known_customer(book, customer))
        last = view.last_reviews.get(found.customer)
        if last is not None and last.reviewed_on == on:
            msg = f"review of {customer} must be held once a day, got a second one on {on}"
            raise PolicyError(msg)
        review = found.to_review(
            by=by,
            reason=reason,
            next_on=next_on,
            action=action,
            limit=say_amount(limit) if limit else None,
        )
        suspended = [one.suspension for one in view.suspensions if one.customer == review.customer]
        suspension = CreditSuspension(
            suspension=new_name(book, "suspension", "S"),
            customer=review.customer,
            reason=SuspensionReason.MANUAL,
            reference=review.review,
            by=by,
            note=reason,
        )
        return review_events(
            found,
            review,
            on=on,
            recorded_at=moment,
            suspended=suspended,
            suspension=suspension if review.action is ReviewAction.SUSPEND else None,
        )

    return record(folder, make)


@app.command
def insurance(folder: Path, /, *, as_of: dt.date) -> int:
    """List the days that the insurance policies set for what is overdue.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.

    """
    book = look(folder)
    if book is None:
        return 1
    rows = (
        (
            one.on,
            one.state.value,
            one.policy,
            one.step.value,
            one.customer,
            one.item,
            one.explanation,
        )
        for one in book.credit(as_of=as_of).insurance_deadlines
    )
    headings = ("on", "state", "policy", "step", "customer", "item", "why")
    print_rows(f"Insurance deadlines on {as_of}", headings, rows)
    return 0
