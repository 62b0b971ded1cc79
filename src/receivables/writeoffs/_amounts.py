"""The workshop: amounts by currency, counts, names, and the taxes of a document."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import attrs

from receivables.casework import WriteOffRequest
from receivables.documents.model import Document
from receivables.errors import PolicyError
from receivables.money import Money, money, to_minor

__all__ = [
    "amounts_by_currency",
    "check_count",
    "minor_in",
    "requested_minor",
    "same_name",
    "taxes_of",
]


def amounts_by_currency(
    values: Mapping[str, Money | Decimal | int | str] | Iterable[Money],
) -> Mapping[str, Money]:
    """Amounts by currency; raises `PolicyError` for one below zero or in another currency.

    >>> dict(amounts_by_currency({"EUR": "12.50", "JPY": 300}))
    {'EUR': Money('12.50', 'EUR'), 'JPY': Money('300', 'JPY')}
    """
    if not isinstance(values, Mapping):
        values = {amount.currency.code: amount for amount in values}
    found: dict[str, Money] = {}
    for code, value in values.items():
        amount = value if isinstance(value, Money) else money(value, code)
        if to_minor(amount) < 0 or amount.currency.code != code:
            msg = f"an amount in {code} must be zero or more of that currency, got {amount!r}"
            raise PolicyError(msg)
        found[code] = amount
    return MappingProxyType(found)


def minor_in(amounts: Mapping[str, Money], currency: str, *, otherwise: int = 0) -> int:
    """The amount of a currency in minor units, or another number where it is not named."""
    return to_minor(amounts[currency]) if currency in amounts else otherwise


def check_count(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is no whole number of zero or more."""
    del instance
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        msg = f"{attribute.name} must be a whole number of zero or more, got {value!r}"
        raise PolicyError(msg)


def same_name(person: str) -> str:
    """A name as it is compared: a capital or a blank more makes nobody another person.

    Neither does another way of writing the same letters (Unicode NFKC), nor a sign that nobody sees.

    >>> same_name(" J.  Roy") == same_name("j. roy")
    True
    >>> same_name("Jose\u0301") == same_name("JOS\u00c9\u200b")
    True
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", person).casefold())
    seen = (sign for sign in folded if unicodedata.category(sign) != "Cf")
    return " ".join("".join(seen).split())


def requested_minor(request: WriteOffRequest) -> dict[str, int]:
    """What a request asks to give up, minor units by currency."""
    totals: dict[str, int] = {}
    for part in request.parts:
        code = part.amount.currency.code
        totals[code] = totals.get(code, 0) + to_minor(part.amount)
    return totals


def taxes_of(document: Document) -> dict[str, int]:
    """The taxes of a document by code, in minor units."""
    found: dict[str, int] = {}
    for line in document.lines:
        for tax in line.taxes:
            found[tax.code] = found.get(tax.code, 0) + to_minor(tax.amount)
    return found
