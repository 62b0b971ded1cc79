"""Files for other people: tables that no spreadsheet takes for formulas, archives that prove themselves.

The same contents give the same bytes: an archive is not compressed, and carries no clock.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from receivables.errors import PolicyError
from receivables.money import digits

__all__ = ["SUMS", "archive", "csv_table", "digest", "in_units", "named_parts", "with_sums"]

SUMS: Final = "SHA256SUMS"
"""The part with the digests of the others: ``sha256sum --check SHA256SUMS`` proves them."""

_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip archive knows."""
_FORMULA: Final = re.compile(r"[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_OWNER_MAY_READ: Final = 0o644 << 16


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def in_units(amount_minor: int, currency: str) -> Decimal:
    """An amount of minor units in units of its currency; as it is where there is none.

    >>> in_units(12_050, "EUR"), in_units(120, "JPY")
    (Decimal('120.50'), Decimal('120'))
    """
    return Decimal(amount_minor).scaleb(-digits(currency)) if currency else Decimal(amount_minor)


def csv_table(heading: Iterable[str], rows: Iterable[Sequence[object]]) -> bytes:
    r"""A table as comma-separated values (RFC 4180), in UTF-8 with its mark, as spreadsheets want it.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> csv_table(["name", "open"], [["=1+1", Decimal("10.50")]])
    b"\xef\xbb\xbfname,open\r\n'=1+1,10.50\r\n"
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula; numbers are what they are."""
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = " ".join(str("" if value is None else value).split())
    return f"'{text}" if _FORMULA.match(text) else text


def named_parts(files: Mapping[str, bytes], more: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files with more of them; raises `PolicyError` for a name that is taken or no plain path."""
    parts = dict(files)
    for name, content in more.items():
        if name in parts or name == SUMS or not _PART.fullmatch(name):
            msg = f"a part must have a plain name of its own, got {name!r}"
            raise PolicyError(msg)
        parts[name] = content
    return parts


def with_sums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files with one more, which has the digest of each."""
    sums = [f"{digest(files[name])}  {name}\n" for name in sorted(files)]
    return {**files, SUMS: "".join(sums).encode()}


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of files by name, in the order of their names; the same files, the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as written:
        for name in sorted(files):
            # What the library fills in from its system, and would make archives differ, is set here.
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system = 3
            entry.external_attr = _OWNER_MAY_READ
            written.writestr(entry, files[name])
    return stream.getvalue()
