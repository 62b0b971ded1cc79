"""Every bound of the library, with its reason.

64-bit columns wrap in silence on every data-frame engine (``2**62 * 4 == 0``), so each bound
that keeps them safe is named here, and the relations between them are asserted below.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "AMOUNT_MINOR_MAX",
    "BUCKETS_MAX",
    "DAYS_MAX",
    "INSTALLMENTS_MAX",
    "INT64_MAX",
    "LEGS_MAX",
    "LEVELS_MAX",
    "LINE_BYTES_MAX",
    "PROBLEMS_MAX",
    "RESPONSE_BYTES_MAX",
    "SUM_MINOR_MAX",
    "TERM_DAYS_MAX",
    "TEXT_MAX",
    "XML_DEPTH_MAX",
    "XML_RECORD_BYTES_MAX",
    "XML_TEXT_MAX",
]

INT64_MAX: Final = 2**63 - 1
"""The largest integer a column can hold."""

AMOUNT_MINOR_MAX: Final = 10**15
"""One amount, in minor units: ten thousand milliards of a two-decimal currency.

It is far above any invoice, and it lets more than nine thousand of the largest amounts be summed
in 64 bits; larger frames are checked against their real contents at the door (`frames`).
"""

SUM_MINOR_MAX: Final = 2**62 - 1
"""The absolute amounts of a column, summed: half of 64 bits, so that two sums may be added."""

DAYS_MAX: Final = 3_652_059
"""Days between two dates: the whole range of `datetime.date`."""

TERM_DAYS_MAX: Final = 999
"""Days of payment terms: beyond any that law or trade knows, and three digits in the text form."""

BUCKETS_MAX: Final = 64
"""Buckets of an aging scheme: a report that a person reads; the largest known has 24."""

INSTALLMENTS_MAX: Final = 1_200
"""Installments of a document: a hundred years of months."""

LEGS_MAX: Final = 100_000
"""Legs of one allocation: a head office that pays a year of invoices of three hundred branches."""

LEVELS_MAX: Final = 20
"""Levels of a dunning procedure; the longest known ladder (reminder to court) has nine."""

TEXT_MAX: Final = 10_000
"""Characters of one free text (a remittance line is 140, an entry's additional text 500)."""

LINE_BYTES_MAX: Final = 1_000_000
"""Bytes of one line of a text file; a line of an accounting export has a few hundred."""

XML_DEPTH_MAX: Final = 64
"""Depth of an XML document; camt.053 needs about 20."""

XML_RECORD_BYTES_MAX: Final = 64_000_000
"""Bytes between two entries of a statement: an entry for a hundred thousand transactions has them."""

XML_TEXT_MAX: Final = 1_000_000
"""Characters of one XML text; the longest meaningful one in camt.053 has 500."""

PROBLEMS_MAX: Final = 10_000
"""Problems kept one by one in a report; more are only counted, so a broken gigabyte stays small."""

RESPONSE_BYTES_MAX: Final = 1_000_000_000
"""Bytes of one response, unpacked: a report of a year has fewer, and a zip bomb more."""

assert AMOUNT_MINOR_MAX * 9_000 < INT64_MAX  # noqa: S101  # a relation between constants
assert 2 * SUM_MINOR_MAX < INT64_MAX  # noqa: S101  # a relation between constants
