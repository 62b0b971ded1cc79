"""IDocs in flat files: a control record, then data records of a fixed width, as a tree of segments.

A data record begins with the name of its segment (30 characters), the client (3), the number of the
IDoc (16), those of the segment (6) and of its parent (6), and the level (2); the fields follow.
Names are those of the release with a version behind them (``E2EDK01005``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from receivables.markup import Node
from receivables.reading import ReadNotes
from receivables.texts import TextLines

__all__ = ["LAYOUTS", "flat_idocs"]

_CONTROL: Final = "EDI_DC"
_DATA: Final = 63
_VERSION: Final = 3

Layout = tuple[tuple[str, int], ...]


def _layout(text: str) -> Layout:
    return tuple(
        (name, int(width)) for name, _, width in (one.partition(":") for one in text.split())
    )


LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {
        "EDI_DC40": _layout(
            "TABNAM:10 MANDT:3 DOCNUM:16 DOCREL:4 STATUS:2 DIRECT:1 OUTMOD:1 EXPRSS:1 TEST:1 "
            "IDOCTYP:30 CIMTYP:30 MESTYP:30"
        ),
        "E1EDK01": _layout(
            "ACTION:3 KZABS:1 CURCY:3 HWAER:3 WKURS:12 ZTERM:17 KUNDEUINR:20 EIGENUINR:20 BSART:4 "
            "BELNR:35"
        ),
        "E1EDK02": _layout("QUALF:3 BELNR:35 POSNR:6 DATUM:8 UZEIT:6"),
        "E1EDK03": _layout("IDDAT:3 DATUM:8 UZEIT:6"),
        "E1EDK04": _layout("MWSKZ:7 MSATZ:17 MWSBT:18"),
        "E1EDKA1": _layout(
            "PARVW:3 PARTN:17 LIFNR:17 NAME1:35 NAME2:35 NAME3:35 NAME4:35 STRAS:35 STRS2:35 "
            "PFACH:35 ORT01:35 COUNC:9 PSTLZ:9 PSTL2:9 LAND1:3"
        ),
        "E1EDK18": _layout("QUALF:3 TAGE:8 PRZNT:8 ZTERM_TXT:70"),
        "E1EDP01": _layout(
            "POSEX:6 ACTION:3 PSTYP:1 KZABS:1 MENGE:15 MENEE:3 BMNG2:15 PMENE:3 ABFTZ:7 VPREI:15 "
            "PEINH:9 NETWR:18"
        ),
        "E1EDP26": _layout("QUALF:3 BETRG:18"),
        "E1EDS01": _layout("SUMID:3 SUMME:18 SUNIT:3"),
    }
)
"""The fields that are used of the segments of INVOIC02, from the first on, with their widths."""


def flat_idocs(lines: TextLines, layouts: Mapping[str, Layout], notes: ReadNotes) -> Iterator[Node]:
    """Each IDoc as a tree like that of the XML form; segments that are not known have no fields.

    A file that does not begin with a control record is an error.
    """
    known = {**LAYOUTS, **layouts}
    idoc: Node | None = None
    places: dict[str, Node] = {}
    for text in lines:
        line = text.rstrip("\r\n")
        if line.startswith(_CONTROL):
            if idoc is not None:
                yield idoc
            idoc, places = Node("IDOC", {}, lines.number), {}
            idoc.children.append(_segment("EDI_DC40", line, known["EDI_DC40"], lines.number))
        elif not line.strip():
            continue
        elif idoc is None:
            msg = "a flat file of IDocs must begin with a control record, got another line"
            notes.error("file.format", msg, line=lines.number)
            return
        else:
            _add(idoc, places, line, known, lines.number, notes)
    if idoc is not None:
        yield idoc


def _add(
    idoc: Node,
    places: dict[str, Node],
    line: str,
    known: Mapping[str, Layout],
    number: int,
    notes: ReadNotes,
) -> None:
    """Put a segment below its parent, which is named by its number; 000000 is the IDoc itself."""
    if len(line) < _DATA or not line[49:61].strip().replace(" ", "").isdigit():
        msg = f"a data record must have {_DATA} characters before its fields, got {len(line)}"
        notes.error("row.length", msg, line=number)
        return
    name = _name(line[:30].strip(), known)
    node = _segment(name, line[_DATA:], known.get(name, ()), number)
    places[line[49:55]] = node
    parent = places.get(line[55:61], idoc) if line[55:61].strip("0 ") else idoc
    parent.children.append(node)


def _name(given: str, known: Mapping[str, Layout]) -> str:
    """The name of a segment without its release: ``E2EDK01005`` is ``E1EDK01``."""
    name = f"E1{given[2:]}" if given.startswith("E2") else given
    if name in known or not name[-_VERSION:].isdigit():
        return name
    return name[:-_VERSION] if name[:-_VERSION] in known else name


def _segment(name: str, data: str, layout: Layout, line: int) -> Node:
    node = Node(name, {}, line)
    at = 0
    for field, width in layout:
        value = data[at : at + width].strip()
        at += width
        if value:
            child = Node(field, {}, line)
            child.content = value
            node.children.append(child)
    return node
