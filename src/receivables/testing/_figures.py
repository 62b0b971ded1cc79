"""Figures as a reader of a file sees them: digits and a sign, whatever the language puts between."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from receivables.aging.model import Aging
from receivables.money import digits

__all__ = ["figure", "figures", "sums_across"]


def figure(amount_minor: int, currency: str) -> str:
    """An amount as digits alone, with every decimal of its currency."""
    sign = "-" if amount_minor < 0 else ""
    return sign + str(abs(amount_minor)).rjust(digits(currency) + 1, "0")


def figures(texts: Iterable[str]) -> frozenset[str]:
    """What a reader sees, each text as the digits in it and a sign."""
    return frozenset(
        ("-" if re.search(r"[-\u2212(]", text) else "") + re.sub(r"\D", "", text) for text in texts
    )


def sums_across(aging: Aging) -> frozenset[str]:
    """Every sum of totals over two or more currencies, as minor units and as whole units."""
    totals = [(row.total_minor, digits(row.currency)) for row in aging.totals.values()]
    chosen = itertools.chain.from_iterable(
        itertools.combinations(totals, size) for size in range(2, len(totals) + 1)
    )
    sums = set()
    for some in chosen:
        sums.add(str(sum(amount_minor for amount_minor, _ in some)))
        sums.add(str(sum(amount_minor * 10 ** (3 - places) for amount_minor, places in some)))
    return frozenset(sums)
