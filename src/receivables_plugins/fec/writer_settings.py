"""What a writer of accounting exports must be told, because the journal does not say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.parties import CreditorId
from receivables_plugins.fec.layout import fec_name

__all__ = ["ENCODINGS", "JOURNAL_NAMES", "OPENING", "SEPARATORS", "FecWriterSettings"]

SEPARATORS: Final[Mapping[str, str]] = MappingProxyType({"tab": "\t", "pipe": "|"})
"""The two separators that *LPF art. A47 A-1 VI* allows."""

ENCODINGS: Final = ("utf-8", "iso-8859-15")
"""The character sets that *LPF art. A47 A-1 XII 1°* allows; ASCII is a part of both."""

OPENING: Final = "AN"
"""The code of the journal that brings balances forward; its entries come first (VII 3°)."""

JOURNAL_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"AN": "À nouveaux", "VE": "Ventes", "BQ": "Banque", "OD": "Opérations diverses"}
)
"""What the journals are called unless the settings say otherwise."""

_ACCOUNT_LENGTHS: Final = range(3, 21)


def _table(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in values.items()})


def _day(value: dt.date | str | None) -> dt.date | None:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        msg = f"closing must be a day as YYYY-MM-DD, got {value!r}"
        raise PolicyError(msg) from None


@attrs.frozen(kw_only=True)
class FecWriterSettings:
    """The settings of the journal writer ``fec``.

    `creditor` says whose entries are written, where the journal has those of several.  `journals`
    gives the code of the journal for a kind of entry (``ReceiptReturned = "BQ"``); without it,
    documents go to ``VE``, what touches a bank or cash to ``BQ``, the kind ``opening`` to ``AN`` and
    all else to ``OD``.  `journal_names` are the names of those codes, and `names` those of the
    customers by identifier.  `account_length` is how many figures an account number is
    filled up to, with zeros on the right (``53`` becomes ``530``).
    `siren` and `closing`, the last day of the year, make the name of the file; an entry after that
    day is refused.

    Raises `PolicyError` for a value that is not possible.

    >>> FecWriterSettings(separator="pipe", closing="2026-12-31").closing
    datetime.date(2026, 12, 31)
    """

    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    separator: str = attrs.field(default="tab")
    encoding: str = attrs.field(default="utf-8")
    journals: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    journal_names: Mapping[str, str] = attrs.field(factory=dict, converter=_table)
    names: Mapping[str, str] = attrs.field(factory=dict, converter=_table, repr=False)
    account_length: int = attrs.field(default=3)
    lettering: bool = attrs.field(default=True)
    siren: str = attrs.field(default="")
    closing: dt.date | None = attrs.field(default=None, converter=_day)

    @separator.validator
    def _check_separator(self, _attribute: object, value: str) -> None:
        if value not in SEPARATORS:
            msg = f"separator must be one of {', '.join(SEPARATORS)}, got {value!r}"
            raise PolicyError(msg)

    @encoding.validator
    def _check_encoding(self, _attribute: object, value: str) -> None:
        if value not in ENCODINGS:
            msg = f"encoding must be one of {', '.join(ENCODINGS)}, got {value!r}"
            raise PolicyError(msg)

    @journals.validator
    def _check_journals(self, _attribute: object, value: Mapping[str, str]) -> None:
        if wrong := sorted(code for code in value.values() if not code.isalnum()):
            msg = (
                f"journals must be codes of letters and figures, got {', '.join(map(repr, wrong))}"
            )
            raise PolicyError(msg)

    @account_length.validator
    def _check_account_length(self, _attribute: object, value: Any) -> None:  # noqa: ANN401  # what is given is what is checked
        if value not in _ACCOUNT_LENGTHS:
            msg = f"account length must be 3 to 20, got {value!r}"
            raise PolicyError(msg)

    @lettering.validator
    def _check_lettering(self, _attribute: object, value: Any) -> None:  # noqa: ANN401  # what is given is what is checked
        if not isinstance(value, bool):
            msg = f"lettering must be true or false, got {value!r}"
            raise PolicyError(msg)

    @siren.validator
    def _check_siren(self, _attribute: object, value: str) -> None:
        if value:
            fec_name(value, dt.date.max)
