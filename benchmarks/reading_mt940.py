"""Reading MT940 statements of 100,000 entries to values, beside a plain loop over their lines.

The files are as a German bank and a Dutch one send them for the account of a large creditor: the
information is cut after 65 characters, and says payer, account, reference and text.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import importlib
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ENTRIES", "benchmarks", "statement_file"]

ENTRIES: Final = 100_000
_PEER_ENTRIES: Final = 5_000
_PAYERS: Final = 5_000
_WIDTH: Final = 65
_LINE: Final = re.compile(
    r":61:(\d{6})(\d{4})?(R?[CD])([A-Z])?(\d+,\d*)(.{4})(.*?)(?://(.*))?$", re.ASCII
)
_MEMORY: Final = """
import resource, sys
from receivables_plugins.mt940.reader import Mt940Reader

with open(sys.argv[1], "rb") as stream:
    rows = sum(1 for _ in Mt940Reader().read(stream, name="statement.sta"))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@attrs.frozen
class Answer:
    """How many entries a side saw, and what they sum up to."""

    entries: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Typed values beside a plain loop, memory at two sizes, and a peer where it is installed."""
    for form in _FORMS:
        yield Benchmark(
            name=f"mt940: statement to typed values, {form}",
            size=ENTRIES,
            ours=functools.partial(ours, form, ENTRIES),
            peer_name="plain loop, splits and converts",
            peer=functools.partial(plain_loop, form, ENTRIES),
            limit=2.0,
            check=_check_answers,
            runs=5,
        )
    yield Benchmark(
        name="mt940: beside a loop that leaves the information alone",
        size=ENTRIES,
        ours=functools.partial(ours, "german", ENTRIES),
        peer_name="line loop, one expression",
        peer=functools.partial(bare_loop, "german", ENTRIES),
        check=_check_answers,
        runs=3,
    )
    yield Benchmark(
        name="mt940: peak memory stays flat",
        size=f"{ENTRIES:,} and {ENTRIES // 10:,}",
        ours=functools.partial(peak_kib, ENTRIES),
        peer_name="the same, a tenth of the entries",
        peer=functools.partial(peak_kib, ENTRIES // 10),
        check=_check_memory,
        runs=1,
    )
    peer = _peer()
    if peer is not None:
        yield Benchmark(
            name="mt940: beside mt-940",
            size=_PEER_ENTRIES,
            ours=functools.partial(ours, "german", _PEER_ENTRIES),
            peer_name="mt-940, all its options",
            peer=functools.partial(peer_library, peer, _PEER_ENTRIES),
            check=_check_answers,
            runs=3,
        )


def ours(form: str, entries: int) -> Answer:
    """What an application does: every entry and the statement as values, added up."""
    from receivables.receipts.model import BankEntry  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.mt940.reader import Mt940Reader  # noqa: PLC0415  # see above

    count = total = 0
    with statement_file(form, entries).open("rb") as stream:
        for row in Mt940Reader().read(stream, name="statement.sta"):
            if type(row) is BankEntry:
                count += 1
                total += row.amount_minor
                assert row.details[0].payer.name
    return Answer(count, total)


def plain_loop(form: str, entries: int) -> Answer:
    """What one writes by hand: days, amount, references, payer, account and text of each entry."""
    count, total = 0, Decimal(0)
    for *_, amount, _name, _account, _reference, _text in _plain_entries(form, entries):
        count += 1
        total += amount
    return Answer(count, int(total * 100))


def bare_loop(form: str, entries: int) -> Answer:
    """The same without a look at the information: days, amount and references of each entry."""
    count, total = 0, Decimal(0)
    for *_, amount, _lines in _bare_entries(form, entries):
        count += 1
        total += amount
    return Answer(count, int(total * 100))


def _bare_entries(form: str, entries: int) -> Iterator[tuple[object, ...]]:
    head: tuple[object, ...] = ()
    lines: list[str] = []
    for line in statement_file(form, entries).read_bytes().decode("utf-8").splitlines():
        if line.startswith((":61:", ":62F:")):
            if head:
                yield (*head, "".join(lines))
            match = _LINE.match(line)
            if match is None:
                return
            value, entry, mark, _, amount, kind, own, bank = match.groups()
            value_date = dt.date(2000 + int(value[:2]), int(value[2:4]), int(value[4:]))
            booking_date = dt.date(value_date.year, int(entry[:2]), int(entry[2:]))
            number = Decimal(amount.replace(",", "."))
            signed = number if mark in {"C", "RD"} else -number
            head, lines = (value_date, booking_date, kind, own, bank, signed), []
        elif line.startswith(":86:"):
            lines = [line[4:]]
        else:
            lines.append(line)


def _plain_entries(form: str, entries: int) -> Iterator[tuple[object, ...]]:
    split = {"german": _split_german, "dutch": _split_dutch}[form]
    for *head, text in _bare_entries(form, entries):
        yield (*head, *split(str(text)))


def _split_german(text: str) -> tuple[str, str, str, str]:
    fields = {part[:2]: part[2:] for part in text.split("?")}
    name = fields.get("32", "") + fields.get("33", "")
    pieces = "".join([value for key, value in fields.items() if "20" <= key <= "29"])
    before, _, remitted = pieces.partition("SVWZ+")
    return name, fields.get("31", ""), before.partition("EREF+")[2], remitted


def _split_dutch(text: str) -> tuple[str, str, str, str]:
    parts = text.split("/")
    fields = dict(zip(parts[1::2], parts[2::2], strict=False))
    return fields.get("NAME", ""), fields.get("IBAN", ""), fields.get("EREF", ""), fields["REMI"]


def peer_library(peer: ModuleType, entries: int) -> Answer:
    """What mt-940 makes of it."""
    text = statement_file("german", entries).read_text(encoding="utf-8")
    found = [
        each
        for one in peer.parse_statements(text, options=peer.Options.all())
        for each in one.transactions
    ]
    return Answer(len(found), int(sum(each.data["amount"].amount for each in found) * 100))


def _peer() -> ModuleType | None:
    try:
        return importlib.import_module("mt940")
    except ImportError:
        return None


def peak_kib(entries: int) -> int:
    """Peak memory of a process that reads a statement, in KiB."""
    command = [sys.executable, "-c", _MEMORY, str(statement_file("german", entries))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, peak = done.stdout.split()
    assert int(rows) == entries + 1
    return int(peak)


def _check_answers(ours: Answer, peer: Answer) -> None:
    assert ours == peer
    assert ours.sum_minor == sum(map(_amount_minor, range(ours.entries)))


def _check_memory(large: int, small: int) -> None:
    assert large < small * 1.15, f"{large} KiB for all, {small} KiB for a tenth"


@functools.cache
def statement_file(form: str, entries: int) -> Path:
    """A statement of so many entries in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-mt940-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{entries}.sta"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(f"{line}\r\n" for line in _lines(form, entries))
    return path


def _lines(form: str, entries: int) -> Iterator[str]:
    closing = sum(map(_amount_minor, range(entries)))
    yield from (":20:STARTUMS", ":25:10020030/1234567", ":28C:00218/001", ":60F:C261030EUR0,00")
    for index in range(entries):
        day = f"{index % 12 + 1:02}{index % 28 + 1:02}"
        amount = _amount(_amount_minor(index))
        yield f":61:26{day}{day}CR{amount}NTRFNONREF//BANK{index:012}"
        yield from _wrapped(f":86:{_FORMS[form](index)}")
    yield f":62F:C261031EUR{_amount(closing)}"
    yield "-"


def _wrapped(text: str) -> Iterator[str]:
    for batch in itertools.batched(text, _WIDTH) if hasattr(itertools, "batched") else _cut(text):
        yield "".join(batch)


def _cut(text: str) -> Iterator[str]:
    return (text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH))


def _amount_minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


def _amount(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02}"


def _german(index: int) -> str:
    payer = index * 31 % _PAYERS
    return (
        f"166?00GUTSCHRIFT?109251?20EREF+E2E-{index:09}?21SVWZ+RE {index:07} vom 03.1"
        f"?220. und Kundennr. {payer:05}?30COBADEFFXXX?31DE{payer % 89 + 10}37040044{payer:010}"
        f"?32Customer {payer} GmbH"
    )


def _dutch(index: int) -> str:
    payer = index * 31 % _PAYERS
    return (
        f"/TRTP/SEPA OVERBOEKING/IBAN/NL{payer % 89 + 10}BANK{payer:010}/BIC/BANKNL2A"
        f"/NAME/Customer {payer} B.V./REMI/Factuur {index:07} en bedankt/EREF/E2E-{index:09}"
    )


_FORMS: Final[dict[str, Callable[[int], str]]] = {"german": _german, "dutch": _dutch}
