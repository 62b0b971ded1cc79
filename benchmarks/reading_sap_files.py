"""Reading files of SAP to values, each beside the bare parser of its format.

Rows of BSID as delimited text beside `csv.reader`, a list with rules and bars beside a loop over its
lines that cuts them, IDocs as XML beside expat, and the same flat beside a loop that cuts them.
"""

from __future__ import annotations

import atexit
import csv
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol
from xml.parsers import expat

from benchmarks._harness import Benchmark

__all__ = ["ITEMS", "benchmarks", "sap_file"]

ITEMS: Final = 100_000
_MILLION: Final = 1_000_000
_CUSTOMERS: Final = 5_000
_HEADINGS: Final = (
    "MANDT BUKRS KUNNR UMSKZ AUGDT AUGBL ZUONR GJAHR BELNR BUZEI BUDAT BLDAT WAERS XBLNR BLART "
    "BSCHL SHKZG DMBTR WRBTR SGTXT ZFBDT ZTERM ZBD1T ZBD2T ZBD3T ZBD1P ZBD2P REBZG VBELN BSTAT"
)


class _Source(Protocol):
    def read(self, stream: BinaryIO, *, name: str) -> Any: ...  # noqa: ANN401  # of any records


def benchmarks() -> Iterable[Benchmark]:
    """Open items to records, beside what takes the file apart and no more."""
    peers: Mapping[str, tuple[str, Callable[[int], int]]] = {
        "tables": ("csv.reader", _csv_rows),
        "list": ("a loop that cuts lines", _list_rows),
        "idoc": ("expat, no handlers but one", _xml_rows),
        "flat": ("a loop that cuts lines", _flat_rows),
    }
    for kind, (peer_name, peer) in peers.items():
        yield Benchmark(
            name=f"sap files: {kind} to records",
            size=ITEMS,
            ours=functools.partial(ours, kind, ITEMS),
            peer_name=peer_name,
            peer=functools.partial(peer, ITEMS),
            check=_check,
            runs=2,
        )


def ours(kind: str, items: int) -> int:
    """What an application does: every record, counted."""
    with sap_file(kind, items).open("rb") as stream:
        read = _source(kind).read(stream, name=kind)
        count = sum(1 for record in read if hasattr(record, "total"))
    assert read.report.complete
    return count


def _source(kind: str) -> _Source:
    from receivables_plugins.sap import idocs, lists, tables  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.sap.idocs_settings import SapIdocSettings  # noqa: PLC0415  # see above
    from receivables_plugins.sap.lists_settings import SapListSettings  # noqa: PLC0415  # see above
    from receivables_plugins.sap.tables_settings import (  # noqa: PLC0415  # see above
        SapTablesSettings,
    )

    if kind == "tables":
        return tables.TablesSource(SapTablesSettings(creditor="MIRA", curr="raw"))
    if kind == "list":
        declared = {"decimal": ",", "grouping": ".", "date_format": "%d.%m.%Y"}
        return lists.ListSource(SapListSettings(creditor="MIRA", **declared))
    return idocs.IdocSource(SapIdocSettings(creditor="MIRA"))


def _csv_rows(items: int) -> int:
    with sap_file("tables", items).open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.reader(stream, delimiter=";")) - 1


def _list_rows(items: int) -> int:
    count = 0
    with sap_file("list", items).open(encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("|") and line[1].isdigit():
                cells = line.split("|")
                count += len(cells) > 1
    return count


def _xml_rows(items: int) -> int:
    count = 0

    def start(name: str, _attributes: object) -> None:
        nonlocal count
        count += name == "IDOC"

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    with sap_file("idoc", items).open("rb") as stream:
        parser.ParseFile(stream)
    return count


def _flat_rows(items: int) -> int:
    count = 0
    with sap_file("flat", items).open(encoding="utf-8") as stream:
        for line in stream:
            cells = (line[:30].strip(), line[49:55], line[55:61], line[63:])
            count += cells[0].startswith("EDI_DC40")
    return count


def _check(ours: int, peer: int) -> None:
    assert ours == peer


@functools.cache
def sap_file(kind: str, items: int) -> Path:
    """A file of so many items in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-sap-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{kind}-{items}"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(_WRITERS[kind](items))
    return path


def _tables(items: int) -> Iterator[str]:
    yield f"{_HEADINGS.replace(' ', ';')}\r\n"
    for index in range(items):
        amount = f"{index * 7_919 % 1_000_000 / 100:.2f}" if index else "1.00"
        day = f"2026{index % 9 + 1:02}{index % 28 + 1:02}"
        yield (
            f"100;1000;{index % _CUSTOMERS:010};;00000000;;F{index};2026;{index:010};001;{day};{day};"
            f"EUR;F-{index};RV;01;S;{amount};{amount};text {index};{day};0002;014;030;000;2.000;"
            f"0.000;;{index:010};\r\n"
        )


def _list(items: int) -> Iterator[str]:
    rule = "-" * 104 + "\n"
    yield "Customer            42\nCompany Code        1000\n\n"
    heading = (
        f"|{'DocumentNo':<10}|{'Type':<4}|{'Doc. Date':<10}|{'Pstng Date':<10}|{'Net due dt':<10}|"
        f"{'Amt in loc.cur.':<18}|{'LCurr':<5}|{'Reference':<12}|{'Text':<14}|\n"
    )
    for index in range(items):
        if index % 60 == 0:
            yield from (rule, heading, rule)
        whole, cents = divmod(index * 7_919 % _MILLION + 1, 100)
        amount = f"{whole:,}".replace(",", ".") + f",{cents:02}"
        day = f"{index % 28 + 1:02}.{index % 9 + 1:02}.2026"
        yield (
            f"|{index:010}|RV  |{day}|{day}|{day}|{amount:>17} |EUR  |{f'F-{index}':<12}|"
            f"{f'text {index % 97} | x':<14}|\n"
        )
    yield rule


def _segments(index: int) -> Iterator[tuple[str, dict[str, str]]]:
    net = index * 7_919 % _MILLION + 100
    tax = net // 5
    yield "E1EDK01", {"CURCY": "EUR", "ZTERM": "0001", "BSART": "INVO", "BELNR": f"{index:010}"}
    yield "E1EDK02", {"QUALF": "009", "BELNR": f"{index:010}", "DATUM": "20260131"}
    yield "E1EDK03", {"IDDAT": "026", "DATUM": "20260131"}
    yield "E1EDKA1", {"PARVW": "RG", "PARTN": f"{index % _CUSTOMERS:010}", "NAME1": "Brasserie"}
    yield "E1EDK18", {"QUALF": "001", "TAGE": "30"}
    for name, minor in (("005", tax), ("010", net), ("011", net + tax)):
        yield "E1EDS01", {"SUMID": name, "SUMME": f"{minor // 100}.{minor % 100:02}"}


def _idoc(items: int) -> Iterator[str]:
    yield "<INVOIC02>"
    for index in range(items):
        yield f"<IDOC BEGIN='1'><EDI_DC40><DOCNUM>{index}</DOCNUM><MESTYP>INVOIC</MESTYP></EDI_DC40>"
        for name, fields in _segments(index):
            inner = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())
            yield f"<{name} SEGMENT='1'>{inner}</{name}>"
        yield "</IDOC>"
    yield "</INVOIC02>"


def _flat(items: int) -> Iterator[str]:
    from receivables_plugins.sap.idocs_flat import LAYOUTS  # noqa: PLC0415  # to write, not to read

    for index in range(items):
        head = {"TABNAM": "EDI_DC40", "MANDT": "100", "DOCNUM": f"{index:016}", "MESTYP": "INVOIC"}
        yield _fixed(LAYOUTS["EDI_DC40"], head) + "\r\n"
        for number, (name, fields) in enumerate(_segments(index), start=1):
            place = f"100{index:016}{number:06}{0:06}01"
            yield f"{f'E2{name[2:]}005':<30}{place}{_fixed(LAYOUTS[name], fields)}\r\n"


def _fixed(layout: tuple[tuple[str, int], ...], fields: Mapping[str, str]) -> str:
    return "".join(fields.get(name, "").ljust(width) for name, width in layout)


_WRITERS: Final[Mapping[str, Callable[[int], Iterator[str]]]] = {
    "tables": _tables,
    "list": _list,
    "idoc": _idoc,
    "flat": _flat,
}
