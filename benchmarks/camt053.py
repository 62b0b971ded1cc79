"""Reading a camt.053.001.08 statement of 100,000 entries to values, beside lxml's bare loop.

The file is as a bank sends it for the account of a large creditor: one line, a payer with an
address and a bank, a reference and a text in each entry.  Entries are of a dozen shapes: some payers
have no address, some texts are in two lines, some names have an ampersand or an umlaut.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ENTRIES", "benchmarks", "statement_file"]

ENTRIES: Final = 100_000
_PAYERS: Final = 5_000
_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_MEMORY: Final = """
import resource, sys
from receivables_plugins.iso20022.reader import Camt053Reader

with open(sys.argv[1], "rb") as stream:
    rows = sum(1 for _ in Camt053Reader().read(stream, name="statement.xml"))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@attrs.frozen
class Answer:
    """How many entries a side saw, and what they sum up to where it looked at amounts."""

    entries: int
    sum_minor: int | None = None


def benchmarks() -> Iterable[Benchmark]:
    """Typed values beside lxml's loop over the entries, and memory at two sizes."""
    import lxml.etree  # noqa: F401, PLC0415  # a peer that may be missing

    yield Benchmark(
        name="camt053: statement to typed values",
        size=ENTRIES,
        ours=ours,
        peer_name="lxml iterparse(tag=Ntry), clear",
        peer=bare_loop,
        limit=2.5,
        check=_check_entries,
        runs=5,
    )
    yield Benchmark(
        name="camt053: peak memory stays flat",
        size=f"{ENTRIES:,} and {ENTRIES // 10:,}",
        ours=functools.partial(peak_kib, ENTRIES),
        peer_name="the same, a tenth of the entries",
        peer=functools.partial(peak_kib, ENTRIES // 10),
        check=_check_memory,
        runs=1,
    )


def ours() -> Answer:
    """What an application does: every entry and the statement as values, added up."""
    from receivables.receipts.model import BankEntry  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.iso20022.reader import Camt053Reader  # noqa: PLC0415  # see above

    count = total = 0
    with statement_file(ENTRIES).open("rb") as stream:
        for row in Camt053Reader().read(stream, name="statement.xml"):
            if type(row) is BankEntry:
                count += 1
                total += row.amount_minor
    return Answer(count, total)


def bare_loop() -> Answer:
    """The least that a reader on lxml does: come by every entry, and look at none."""
    from lxml import etree  # noqa: PLC0415  # a peer

    count = 0
    for _, entry in etree.iterparse(str(statement_file(ENTRIES)), tag=f"{{{_NAMESPACE}}}Ntry"):
        count += 1
        entry.clear()
    return Answer(count)


def peak_kib(entries: int) -> int:
    """Peak memory of a process that reads a statement, in KiB."""
    command = [sys.executable, "-c", _MEMORY, str(statement_file(entries))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, peak = done.stdout.split()
    assert int(rows) == entries + 1
    return int(peak)


def _check_entries(ours: Answer, peer: Answer) -> None:
    assert ours.entries == peer.entries == ENTRIES
    assert ours.sum_minor == sum(_amount_minor(index) for index in range(ENTRIES))


def _check_memory(large: int, small: int) -> None:
    assert large < small * 1.15, f"{large} KiB for all, {small} KiB for a tenth"


@functools.cache
def statement_file(entries: int) -> Path:
    """A statement of so many entries in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-camt053-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{entries}.xml"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(_pieces(entries))
    return path


def _pieces(entries: int) -> Iterator[str]:
    closing = sum(_amount_minor(index) for index in range(entries))
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M-20261031</MsgId><CreDtTm>2026-10-31T18:00:00+01:00</CreDtTm></GrpHdr>"
        "<Stmt><Id>S-20261031</Id><ElctrncSeqNb>218</ElctrncSeqNb>"
        "<CreDtTm>2026-10-31T18:00:00+01:00</CreDtTm>"
        "<Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    )
    yield _balance("OPBD", 0)
    yield _balance("CLBD", closing)
    yield from map(_entry, range(entries))
    yield "</Stmt></BkToCstmrStmt></Document>\n"


def _balance(kind: str, minor: int) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{_decimal(minor)}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>"
    )


def _amount_minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


def _decimal(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _entry(index: int) -> str:
    amount = _decimal(_amount_minor(index))
    day = f"2026-{index % 12 + 1:02}-{index % 28 + 1:02}"
    payer = index * 31 % _PAYERS
    name = f"Customer {payer} GmbH" if payer % 6 else f"Müller {payer} GmbH &amp; Co. KG"
    street = f"<StrtNm>Hauptstrasse</StrtNm><BldgNb>{payer % 200 + 1}</BldgNb>" * (payer % 4 > 0)
    more = "<Ustrd>and our credit note</Ustrd>" * (index % 10 == 0)
    return (
        f'<Ntry><NtryRef>{index}</NtryRef><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>BANK-{index:09}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd>"
        "<SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>E2E-{index:09}</EndToEndId></Refs>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty>'
        f"<Nm>{name}</Nm><PstlAdr>{street}"
        f"<PstCd>{payer + 10_000}</PstCd><TwnNm>Neustadt</TwnNm>"
        "<Ctry>DE</Ctry></PstlAdr></Pty></Dbtr><DbtrAcct><Id>"
        f"<IBAN>DE{payer % 89 + 10}37040044{payer:010}</IBAN></Id></DbtrAcct></RltdPties>"
        "<RltdAgts><DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt></RltdAgts>"
        f"<RmtInf><Ustrd>Invoice {index:07} and thanks</Ustrd>{more}</RmtInf></TxDtls></NtryDtls>"
        "</Ntry>"
    )
