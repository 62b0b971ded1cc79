"""The workshop: a folder opened to look at, and a folder opened to record something in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from receivables.cli._terminal import ERR, print_added, print_problems
from receivables.errors import PolicyError
from receivables.ledger.model import account_key
from receivables.money import Money, money

if TYPE_CHECKING:
    from receivables.book import Book
    from receivables.ledger.model import Event
    from receivables.transports import Runtime

__all__ = ["known_customer", "look", "new_name", "record", "say_amount", "way_with"]

_AMOUNT: Final = re.compile(r"(?P<amount>[0-9]+(\.[0-9]+)?) (?P<currency>[A-Z]{3})")


def look(folder: Path) -> Book | None:
    """The books of a folder; None where the data have errors, which are printed."""
    from receivables.opening import open_folder, read_journal  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    book = open_folder(folder, plugins=plugins, ledger=read_journal(folder, plugins=plugins))
    print_problems(book.problems)
    return None if book.errors else book


def record(folder: Path, make: Callable[[Book, dt.datetime], Iterable[Event] | None]) -> int:
    """Record what `make` says of the books of a folder, at one moment, all of it or nothing.

    It says None where it has printed why nothing is to be recorded.
    """
    from receivables.cycle import append_new, moment_after  # noqa: PLC0415  # loads on use
    from receivables.ledger.objects import Ledger  # noqa: PLC0415  # loads on use
    from receivables.opening import open_folder, open_store, read_settings  # noqa: PLC0415  # loads on use
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    plugins = load_plugins()
    store = open_store(folder, read_settings(folder, plugins=plugins), plugins)
    try:
        before = Ledger.replay(store.events())
        moment = moment_after(before)
        book = open_folder(folder, plugins=plugins, ledger=before, recorded_at=moment)
        print_problems(book.problems)
        events = None if book.errors else make(book, moment)
        if events is None:
            ERR.print("Nothing was recorded.", style="red")
            return 1
        recorded = book.record(*events)
        appended = append_new(store, recorded.ledger, before=before)
    finally:
        store.close()
    print_added(appended.added)
    return 0


def known_customer(book: Book, customer: str) -> str:
    """A customer of the list, or of the ledger; raises `PolicyError` for anybody else."""
    creditor = book.creditor.creditor
    if (
        customer not in book.customers
        and account_key(creditor, customer) not in book.ledger.versions
    ):
        msg = f"customer must be in the customer list, got {customer!r}"
        raise PolicyError(msg)
    return customer


def say_amount(text: str) -> Money:
    """An amount and its currency from ``120.00 EUR``; raises `PolicyError` for anything else.

    >>> say_amount("1200.50 EUR")
    Money('1200.50', 'EUR')
    """
    said = _AMOUNT.fullmatch(text.strip())
    if said is None:
        msg = f"amount must look like '120.00 EUR', got {text!r}"
        raise PolicyError(msg)
    return money(said["amount"], said["currency"])


def new_name(book: Book, subject: str, prefix: str) -> str:
    """The next free number of a subject: P-1, P-2 and so on."""
    events = book.ledger.casework(book.creditor.creditor, as_of=dt.date.max)
    taken = {event.case for event in events if event.subject == subject}
    number = len(taken) + 1
    while f"{prefix}-{number}" in taken:
        number += 1
    return f"{prefix}-{number}"


def way_with(secrets: Path) -> Runtime:
    """The way to other systems, with the secrets of a folder that has a file for each.

    Raises `PolicyError` for a folder that is not there.
    """
    from receivables.transports.http import runtime  # noqa: PLC0415  # loads on use

    if not secrets.is_dir():
        msg = f"secrets must be a folder with a file for each, got {str(secrets)!r}"
        raise PolicyError(msg)
    return runtime(secrets)
