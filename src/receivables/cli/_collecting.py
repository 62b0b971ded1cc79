"""The commands of collection: `worklist`, `warnings`, `refer`, `recover`, `recall`, `referrals`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.markup import escape
from rich.table import Table

from receivables.archives import csv_table, in_units
from receivables.casework import ReferralEnd, ReferralKind
from receivables.cli._books import known_customer, look, record, say_amount
from receivables.cli._terminal import OUT, amount, app, print_whole, write_whole
from receivables.errors import PolicyError

if TYPE_CHECKING:
    from receivables.book import Book
    from receivables.casework import Referral
    from receivables.collection import WorkLine
    from receivables.ledger.model import Event
    from receivables.referral import ReferralFile


@app.command
def worklist(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    by: str = "points",
    top: int = 25,
    person: str = "",
    out: Path | None = None,
) -> int:
    """Who to work on today, the most pressing first, and why.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    as_of
        The day, as YYYY-MM-DD.
    by
        The order: `points`, or `cash-per-minute`.
    top
        How many lines are printed.
    person
        Only the lines of this person.
    out
        A new CSV file for the whole list.

    """
    from receivables.explaining import explain_line  # noqa: PLC0415  # loads on use

    if out is not None and (out.suffix.lower() != ".csv" or out.exists()):
        msg = f"out must be a new file that ends in .csv, got {str(out)!r}"
        raise PolicyError(msg)
    if top < 1:
        msg = f"top must be 1 or more, got {top}"
        raise PolicyError(msg)
    book = look(folder)
    if book is None:
        return 1
    made = book.worklist(as_of=as_of, by=by)
    lines = [line for line in made.lines if not person or line.person == person]
    table = Table(title=f"{len(lines)} customers to work on as of {as_of}")
    for heading in ("place", "customer", "points", "to ask for", "who", "why"):
        is_number = heading in {"place", "points", "to ask for"}
        table.add_column(heading, justify="right" if is_number else "left")
    for place, line in enumerate(lines[:top], 1):
        cells = (
            str(place),
            book.names.get(line.customer, line.customer),
            str(line.points),
            _overdue(line, "\n"),
            line.person or line.role,
            "\n".join(explain_line(line, locale="en")),
        )
        table.add_row(*map(escape, cells))
    print_whole(table)
    if out is not None:
        every = zip(made.to_rows(), made.lines, strict=True)
        shown = [(row, line) for row, line in every if not person or line.person == person]
        at = made.columns.index("overdue")
        # People read the list: units, where the columns of the library have minor units.
        rows = [(*row[:at], _overdue(line, " "), *row[at + 1 :]) for row, line in shown]
        write_whole(out, csv_table(made.columns, rows))
        OUT.print(f"The list is in [bold]{out}[/bold].", highlight=False, soft_wrap=True)
    return 0


def _overdue(line: WorkLine, between: str) -> str:
    """What is past due, in every currency."""
    return between.join(
        f"{in_units(one.amount_minor, one.currency)} {one.currency}" for one in line.overdue
    )


@app.command
def warnings(folder: Path, /, *, as_of: dt.date) -> int:
    """What has changed for the worse in how customers pay, with the figures that speak."""
    book = look(folder)
    if book is None:
        return 1
    signs = book.warning_signs(as_of=as_of)
    table = Table(title=f"{len(signs)} warning signs as of {as_of}")
    for heading in ("customer", "sign", "now", "before", "threshold", "in", "about"):
        is_number = heading in {"now", "before", "threshold"}
        table.add_column(heading, justify="right" if is_number else "left")
    for one in signs:
        cells = (
            book.names.get(one.customer, one.customer),
            one.kind.value,
            str(one.now),
            "" if one.before is None else str(one.before),
            str(one.threshold),
            one.unit.value,
            ", ".join(one.references),
        )
        table.add_row(*map(escape, cells))
    print_whole(table)
    return 0


@app.command
def refer(
    folder: Path,
    customer: str,
    kind: ReferralKind,
    to: str,
    /,
    *,
    as_of: dt.date,
    out: Path,
    item: Annotated[tuple[str, ...], Parameter(name="--item", negative="")] = (),
    mandate: str = "",
    name: str = "",
    hand_over: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Make the file for an agency, a lawyer, a court or an insurer; record it with `--hand-over`.

    Parameters
    ----------
    folder
        The folder with the exports, the journal and `receivables.toml`.
    customer
        Whose file it is.
    kind
        Who gets it: agency, lawyer, payment-order, court, insurer.
    to
        Their name.
    as_of
        The day, as YYYY-MM-DD; interest runs to it.
    out
        A new zip file.
    item
        An item that is referred; all that is past due otherwise.
    mandate
        The number of the mandate, the policy or the case.
    name
        A name of its own; by customer and day otherwise.
    hand_over
        Record that it was handed over: nobody else asks for its items from then on.

    """
    if out.suffix.lower() != ".zip" or out.exists():
        msg = f"out must be a new file that ends in .zip, got {str(out)!r}"
        raise PolicyError(msg)

    def made(book: Book) -> tuple[Referral, bytes]:
        from receivables.referral import bundle, propose_referral  # noqa: PLC0415  # loads on use

        _check_items(book, customer, item, as_of=as_of)
        referral = propose_referral(
            book.ledger,
            referral=name or f"{customer}-{as_of}",
            kind=kind,
            to=to,
            creditor=book.creditor.creditor,
            customer=known_customer(book, customer),
            as_of=as_of,
            items=item or None,
            mandate=mandate,
        )
        file = book.referral_file(referral, as_of=as_of)
        _print_doubts(file)
        return referral, bundle(file)

    if not hand_over:
        book = look(folder)
        if book is None:
            return 1
        write_whole(out, made(book)[1])
        OUT.print(f"The file is in [bold]{out}[/bold].", highlight=False, soft_wrap=True)
        return 0

    contents: list[bytes] = []

    def make(book: Book, moment: dt.datetime) -> Iterable[Event]:
        from receivables.referral import referred  # noqa: PLC0415  # loads on use

        referral, content = made(book)
        contents.append(content)
        yield referred(referral, creditor=book.creditor.creditor, on=as_of, recorded_at=moment)

    status = record(folder, make)
    # The file comes after the record: whoever is stopped between the two gets it by asking again.
    for content in contents if status == 0 else ():
        write_whole(out, content)
        OUT.print(f"The file is in [bold]{out}[/bold].", highlight=False, soft_wrap=True)
    return status


def _print_doubts(file: ReferralFile) -> None:
    """What somebody should look at before the file goes out: which evidence is missing, and why."""
    for doubt in file.doubts:
        evidence = doubt.evidence.value if doubt.evidence else ""
        parts = (doubt.kind.value, evidence, doubt.item, doubt.detail)
        said = " ".join(part for part in parts if part)
        OUT.print(said, highlight=False, soft_wrap=True, markup=False)


def _check_items(book: Book, customer: str, items: Iterable[str], *, as_of: dt.date) -> None:
    """Refuse an item that is not the customer's, and one of which nothing is open."""
    for name in items:
        found = book.ledger.item(book.creditor.creditor, name, as_of=as_of)
        if found is None or found.customer != customer or found.open_minor <= 0:
            msg = f"item must be open on the account of {customer} on {as_of}, got {name!r}"
            raise PolicyError(msg)


@app.command
def recover(
    folder: Path, name: str, receipt: str, /, *, on: dt.date, fee: str = "", note: str = ""
) -> int:
    """Settle the items of a file with what came back, less the fee that was kept.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The file.
    receipt
        The receipt, which is unapplied cash of the customer.
    on
        The day, as YYYY-MM-DD.
    fee
        What was kept of it, such as "48.00 EUR".
    note
        What was reported.

    """
    from receivables.referral import recovered  # noqa: PLC0415  # loads on use

    kept = say_amount(fee) if fee else None

    def make(book: Book, moment: dt.datetime) -> Iterable[Event]:
        return recovered(
            book.ledger,
            name,
            creditor=book.creditor.creditor,
            receipt=receipt,
            fee=kept,
            on=on,
            recorded_at=moment,
            note=note,
        )

    return record(folder, make)


@app.command
def recall(
    folder: Path,
    name: str,
    end: ReferralEnd = ReferralEnd.RECALLED,
    /,
    *,
    on: dt.date,
    reason: str = "",
) -> int:
    """End a file: recalled, recovered, partly-recovered, uncollectible, indemnified or rejected.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    name
        The file.
    end
        How it ended; we took it back otherwise.
    on
        The day, as YYYY-MM-DD.
    reason
        Why.

    """
    from receivables.referral import referral_ended  # noqa: PLC0415  # loads on use

    def make(book: Book, moment: dt.datetime) -> Iterable[Event]:
        creditor = book.creditor.creditor
        yield referral_ended(
            book.ledger, name, end=end, creditor=creditor, on=on, recorded_at=moment, reason=reason
        )

    return record(folder, make)


@app.command
def referrals(folder: Path, /, *, as_of: dt.date) -> int:
    """How every file stands that was handed over."""
    book = look(folder)
    if book is None:
        return 1
    table = Table(title=f"Files handed over, as of {as_of}")
    for heading in ("file", "customer", "to", "since", "recovered", "fees", "open", "state"):
        is_number = heading in {"recovered", "fees", "open"}
        table.add_column(heading, justify="right" if is_number else "left")
    for one in book.referrals(as_of=as_of):
        sums = [
            "\n".join(f"{amount(minor, code)} {code}" for code, minor in each.items())
            for each in (one.recovered, one.fees, one.still_open)
        ]
        paused = f"waits for {', '.join(one.paused_by)}" if one.paused_by else "out"
        cells = (
            one.referral.referral,
            book.names.get(one.referral.customer, one.referral.customer),
            one.referral.to,
            one.referred_on.isoformat(),
            *sums,
            one.end.value if one.end else paused,
        )
        table.add_row(*map(escape, cells))
    print_whole(table)
    return 0
