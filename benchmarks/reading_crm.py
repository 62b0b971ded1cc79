"""Reading a million contacts of a CRM to values, beside `csv.reader` over the same file.

The file is as Salesforce exports its contacts: an account each, a title, an opt-out.  The bare parser
makes rows of texts and nothing of them, so that the ratio is the price of knowing the customer, the
role and what is forbidden.
"""

from __future__ import annotations

import atexit
import csv
import functools
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from benchmarks._harness import Benchmark

__all__ = ["CONTACTS", "benchmarks", "contacts_file"]

CONTACTS: Final = 1_000_000
_ACCOUNTS: Final = 1_000
_TITLES: Final = ("Accounts payable", "Comptable", "Gerente", "Sales manager")


def benchmarks() -> Iterable[Benchmark]:
    """Typed contacts beside the rows of the standard library."""
    yield Benchmark(
        name="crm: contacts to typed values",
        size=CONTACTS,
        ours=functools.partial(ours, CONTACTS),
        peer_name="csv.reader: rows of texts",
        peer=functools.partial(bare, CONTACTS),
        check=_check,
        runs=3,
    )


def ours(contacts: int) -> int:
    """What an application does: every contact as a value with its customer."""
    from receivables_plugins.crm.directory import CrmDirectory  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.crm.settings import CrmSettings  # noqa: PLC0415  # see above

    mapping = {_account(number): f"C-{number}" for number in range(_ACCOUNTS)}
    directory = CrmDirectory("salesforce", CrmSettings(mapping=mapping))
    with contacts_file(contacts).open("rb") as stream:
        read = directory.read({"Contact.csv": stream})
        count = sum(1 for _ in read)
    assert read.report.complete
    return count


def bare(contacts: int) -> int:
    """The rows as the standard library gives them."""
    with contacts_file(contacts).open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.reader(stream)) - 1


def _check(ours: int, peer: int) -> None:
    assert ours == peer


def _account(number: int) -> str:
    return f"0015500000{number:05}"


@functools.cache
def contacts_file(contacts: int) -> Path:
    """The export, written once for the process."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-crm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "Contact.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["Id", "AccountId", "FirstName", "LastName", "Email", "Title", "HasOptedOutOfEmail"]
        )
        for number in range(contacts):
            writer.writerow(
                [
                    f"003{number:012}",
                    _account(number % _ACCOUNTS),
                    "Ana",
                    f"Diaz {number}",
                    f"ana{number}@norte.example",
                    _TITLES[number % len(_TITLES)],
                    "false",
                ]
            )
    return path
