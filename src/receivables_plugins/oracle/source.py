"""The ledger source ``oracle-ebs``: extracts of the tables of Receivables, one by one or joined.

*Oracle E-Business Suite, Receivables technical reference*: a payment schedule is an installment of a
transaction, or a receipt; debits are positive, credits and receipts negative; every application has
an accounting date and, where it is reversed, a mirrored row.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from receivables.reading import Read, ReadNotes
from receivables_plugins.oracle.joining import Joining
from receivables_plugins.oracle.settings import EbsSettings
from receivables_plugins.oracle.tables import Table, in_file, in_rows, recognize

if TYPE_CHECKING:
    from receivables.adapters import LedgerRecord

__all__ = ["EbsSource", "read_files", "rows_of_tables"]

_ZIP: Final = b"PK\x03\x04"
_TEXTS: Final = (".csv", ".tsv", ".txt")
_MEMBERS_MAX: Final = 1_000
"""Files of an archive; a whole extract has some tens."""
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class EbsSource:
    """Reads a table as a file by itself, or several in a zip archive, joined."""

    def __init__(self, settings: EbsSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the head has the columns of a table, or is an archive that is named like one."""
        if head.startswith(_ZIP):
            # The names of the members that stand in the head; compressed headings cannot be seen.
            plain = (head + name.encode()).upper().replace(b"_", b"")
            return any(word in plain for word in _WORDS)
        line = head.lstrip(b"\xef\xbb\xbf\r\n").partition(b"\n")[0]
        text = line.decode("utf-8", "replace")
        return any(recognize(_unquoted(text, mark)) for mark in (",", ";", "\t", "|"))

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; problems are noted with their place, and never raised."""
        notes = ReadNotes(name)
        return Read(self._records(stream, notes), notes)

    def _records(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        if not stream.seekable():
            stream = io.BytesIO(stream.read())
        start = stream.tell()
        is_archive = stream.read(len(_ZIP)) == _ZIP
        stream.seek(start)
        joining = Joining(self._settings, notes)
        if is_archive:
            self._unpack(stream, notes, joining)
        elif (table := in_file(stream, settings=self._settings, notes=notes)) is not None:
            joining.take(table)
        yield from joining.records()

    def _unpack(self, stream: BinaryIO, notes: ReadNotes, joining: Joining) -> None:
        try:
            with zipfile.ZipFile(stream) as archive:
                names = sorted(each for each in archive.namelist() if _is_text(each))
                if not names or len(names) > _MEMBERS_MAX:
                    msg = f"archive must have 1 to {_MEMBERS_MAX} tables, got {len(names)}"
                    notes.error("file.format", msg)
                    return
                for name in names:
                    with archive.open(name) as member:
                        _take(cast("BinaryIO", member), name, self._settings, notes, joining)
        except _BROKEN as error:
            notes.error("file.truncated", f"archive must be whole, got {type(error).__name__}")


_WORDS: Final = (
    b"ARPAYMENTSCHEDULES",
    b"PAYMENTSCHEDULEEXTRACTPVO",
    b"ARRECEIVABLEAPPLICATIONS",
    b"RECEIVABLEAPPLICATIONEXTRACTPVO",
    b"ARCASHRECEIPTS",
    b"RECEIPTHEADEREXTRACTPVO",
    b"RACUSTOMERTRX",
    b"TRANSACTIONHEADEREXTRACTPVO",
    b"HZCUSTACCOUNTS",
    b"ARBICCEXTRACT",
)
"""What names of tables and of view objects have in them, without underscores."""


def _is_text(name: str) -> bool:
    return name.lower().endswith(_TEXTS) and not name.startswith("__MACOSX/")


def _unquoted(line: str, mark: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.strip("\r\n\ufeff").split(mark)]


def _take(
    stream: BinaryIO, name: str, settings: EbsSettings, notes: ReadNotes, joining: Joining
) -> None:
    table = in_file(stream, settings=settings, notes=notes, part=name)
    if table is not None:
        joining.take(table)


def read_files(
    files: Mapping[str, BinaryIO], *, settings: EbsSettings, source: str = "oracle"
) -> Read[LedgerRecord]:
    """Join tables that are files of their own, such as those of a folder, by their names."""
    notes = ReadNotes(source)

    def found() -> Iterator[LedgerRecord]:
        joining = Joining(settings, notes)
        for name, stream in sorted(files.items()):
            _take(stream, name, settings, notes, joining)
        yield from joining.records()

    return Read(found(), notes)


def rows_of_tables(
    tables: Mapping[str, Iterable[Mapping[str, object]]],
    *,
    settings: EbsSettings,
    source: str = "oracle",
) -> Read[LedgerRecord]:
    """Join tables that are rows by column, as a database gives them.

    A table without rows is known by its name, any other by its columns.  Amounts are `Decimal` or
    text; a float is a problem ``amount.invalid``.
    """
    notes = ReadNotes(source)

    def found() -> Iterator[LedgerRecord]:
        joining = Joining(settings, notes)
        for name, rows in tables.items():
            table: Table | None = in_rows(name, rows, settings=settings, notes=notes)
            if table is not None:
                joining.take(table)
        yield from joining.records()

    return Read(found(), notes)
