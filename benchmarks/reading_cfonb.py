"""Reading CFONB files of 100,000 payments to values, beside plain loops that slice and convert.

The statement is as a bank sends it for the account of a large creditor: a label, the payer's name,
its text and its reference for each transfer, which is four records of 120 characters.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ENTRIES", "benchmarks"]

ENTRIES: Final = 100_000
_PAYERS: Final = 5_000
_POSITIVE: Final = dict(zip("{ABCDEFGHI", "0123456789", strict=True))
_NEGATIVE: Final = dict(zip("}JKLMNOPQR", "0123456789", strict=True))
_MEMORY: Final = """
import resource, sys
from receivables_plugins.cfonb.statements import Cfonb120Reader

with open(sys.argv[1], "rb") as stream:
    rows = sum(1 for _ in Cfonb120Reader().read(stream, name="statement.txt"))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@attrs.frozen
class Answer:
    """How many entries a side saw, and what they sum up to in cents."""

    entries: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Typed values beside plain loops, python-cfonb where it is installed, memory at two sizes."""
    yield Benchmark(
        name="cfonb120: statement to typed values",
        size=ENTRIES,
        ours=ours_of_120,
        peer_name="plain loop: slices, Decimal, date",
        peer=plain_loop_of_120,
        limit=2.0,
        check=_check,
        runs=5,
    )
    yield Benchmark(
        name="cfonb240: advices to typed values",
        size=ENTRIES,
        ours=ours_of_240,
        peer_name="plain loop: slices, Decimal, date",
        peer=plain_loop_of_240,
        limit=2.0,
        check=_check,
        runs=5,
    )
    yield Benchmark(
        name="cfonb120: peak memory stays flat",
        size=f"{ENTRIES:,} and {ENTRIES // 10:,}",
        ours=functools.partial(peak_kib, ENTRIES),
        peer_name="the same, a tenth of the entries",
        peer=functools.partial(peak_kib, ENTRIES // 10),
        check=_check_memory,
        runs=1,
    )
    try:
        import cfonb  # noqa: F401, PLC0415  # a peer that may be missing
    except ImportError:
        return
    yield Benchmark(
        name="cfonb120: beside python-cfonb",
        size=ENTRIES // 10,
        ours=functools.partial(ours_of_120, ENTRIES // 10),
        peer_name="python-cfonb StatementReader",
        peer=python_cfonb,
        check=_check,
        runs=2,
    )


def ours_of_120(entries: int = ENTRIES) -> Answer:
    """What an application does: every entry and the statement as values, added up."""
    from receivables.receipts.model import BankEntry  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.cfonb.statements import Cfonb120Reader  # noqa: PLC0415  # see above

    count = total = 0
    with statement_file(entries).open("rb") as stream:
        read = Cfonb120Reader().read(stream, name="statement.txt")
        for row in read:
            if type(row) is BankEntry:
                count += 1
                total += row.amount_minor
    assert read.report.complete
    return Answer(count, total)


def plain_loop_of_120() -> Answer:
    """A reader as one writes it for one bank: a tuple for each movement, nothing checked."""
    count = 0
    total = Decimal(0)
    entry: tuple[object, ...] = ()
    said: dict[str, str] = {}
    with statement_file(ENTRIES).open(encoding="latin-1") as lines:
        for line in lines:
            kind = line[:2]
            if kind == "05":
                said[line[45:48]] = line[48:118].strip()
            elif kind == "04":
                amount = _amount(line[90:104])
                said = {}
                entry = (
                    line[2:7] + line[11:16] + line[21:32],
                    line[16:19],
                    line[32:34],
                    _date(line[34:40]),
                    _date(line[42:48]),
                    line[48:79].strip(),
                    amount,
                    line[104:120].strip(),
                    said,
                )
                count += 1
                total += amount
    assert len(entry) == 9
    return Answer(count, int(total * 100))


def _amount(text: str) -> Decimal:
    last = text[13]
    if last in _POSITIVE:
        return Decimal(text[:13] + _POSITIVE[last]) / 100
    return -Decimal(text[:13] + _NEGATIVE[last]) / 100


def _date(text: str) -> dt.date:
    return dt.date(2000 + int(text[4:6]), int(text[2:4]), int(text[:2]))


def ours_of_240() -> Answer:
    """Every advice and the batch as values, added up."""
    from receivables.receipts.advices import PaymentAdvice  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.cfonb.advices import Cfonb240Reader  # noqa: PLC0415  # see above

    count = total = 0
    with advice_file().open("rb") as stream:
        read = Cfonb240Reader().read(stream, name="rejects.txt")
        for row in read:
            if type(row) is PaymentAdvice:
                count += 1
                total += row.amount_minor
    assert read.report.complete
    return Answer(count, total)


def plain_loop_of_240() -> Answer:
    """A reader as one writes it for rejected debits: a tuple for each, nothing checked."""
    count = 0
    total = Decimal(0)
    advice: tuple[object, ...] = ()
    with advice_file().open(encoding="latin-1") as lines:
        for line in lines:
            if line[:2] == "34":
                amount = Decimal(line[228:240]) / 100
                advice = (
                    line[8:10],
                    _date(line[10:16]),
                    line[21:42],
                    line[42:66].strip(),
                    line[77:98],
                    line[98:122].strip(),
                    line[152:183].strip(),
                    _date(line[214:220]),
                    line[226:228],
                    amount,
                )
                count += 1
                total += amount
    assert len(advice) == 10
    return Answer(count, int(total * 100))


def python_cfonb() -> Answer:
    """The other library, which keeps all rows."""
    from cfonb.parser.statement import StatementReader  # noqa: PLC0415  # a peer

    with statement_file(ENTRIES // 10).open(encoding="latin-1") as lines:
        (statement,) = StatementReader().parse(lines)
    total = sum(Decimal(str(row["amount"])) for row in statement.lines)
    return Answer(len(statement.lines), round(total * 100))


def peak_kib(entries: int) -> int:
    """Peak memory of a process that reads a statement, in KiB."""
    command = [sys.executable, "-c", _MEMORY, str(statement_file(entries))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, peak = done.stdout.split()
    assert int(rows) == entries + 1
    return int(peak)


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer, f"{ours} and {peer}"
    assert ours.sum_minor == sum(map(_cents, range(ours.entries)))


def _check_memory(large: int, small: int) -> None:
    assert large < small * 1.15, f"{large} KiB for all, {small} KiB for a tenth"


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="receivables-cfonb-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def statement_file(entries: int) -> Path:
    """A statement of so many entries in a temporary folder, written once."""
    path = _folder() / f"{entries}.120"
    with path.open("w", encoding="latin-1", newline="") as stream:
        stream.writelines(_statement(entries))
    return path


@functools.cache
def advice_file() -> Path:
    """A batch of rejected debits in a temporary folder, written once."""
    path = _folder() / "rejects.240"
    with path.open("w", encoding="latin-1", newline="") as stream:
        stream.writelines(_advices())
    return path


def _cents(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


def _signed(minor: int) -> str:
    last = "{ABCDEFGHI"[minor % 10] if minor >= 0 else "}JKLMNOPQR"[-minor % 10]
    return f"{abs(minor) // 10:013d}{last}"


def _statement(entries: int) -> Iterator[str]:
    head = "30006    00001EUR2 12345678901"
    yield f"01{head}  301026{'':50}{_signed(0)}{'':16}\r\n"
    for index in range(entries):
        payer = index * 31 % _PAYERS
        day = f"{index % 28 + 1:02}{index % 12 + 1:02}26"
        head = f"300060001{'00001EUR2'} 1234567890105{day}"
        yield (
            f"04{head}  {day}{f'VIR SEPA CLIENT {payer}':31}  {index % 10_000_000:07}00"
            f"{_signed(_cents(index))}{f'REF{index:09}':16}\r\n"
        )
        for qualifier, text in (
            ("NPY", f"SOCIETE {payer} SARL"),
            ("LCC", f"Facture {index:07} et merci"),
            ("RCN", f"E2E-{index:09}"),
        ):
            yield f"05{head}     {qualifier}{text:70}  \r\n"
    closing = sum(map(_cents, range(entries)))
    yield f"0730006    00001EUR2 12345678901  311026{'':50}{_signed(closing)}{'':16}\r\n"


def _advices() -> Iterator[str]:
    us = "300060000112345678901"
    yield f"3100000181311026E    {us}{'MIRABELLE':198}\r\n"
    for index in range(ENTRIES):
        payer = f"2004101005{index * 31 % _PAYERS:011}{f'CLIENT {index % _PAYERS}':24}"
        day = f"{index % 28 + 1:02}{index % 12 + 1:02}26"
        yield (
            f"34{index + 2:06}81{day}E    {us}{'MIRABELLE':24}{'':11}{payer}{'':30}"
            f"{f'FACTURE {index:07}':31}{'':31}{day}{'':6}04{_cents(index):012}\r\n"
        )
    total = sum(map(_cents, range(ENTRIES)))
    yield f"39{ENTRIES + 2:06}81311026E    {us}{'':186}{total:012}\r\n"
