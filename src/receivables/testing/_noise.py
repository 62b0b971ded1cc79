"""How hard the receipts are to allocate: the shares of each kind of noise, as policies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["NOISES", "Noise"]


@attrs.frozen(kw_only=True)
class Noise:
    """Shares in parts per thousand of what each field says; assumptions where nothing was measured.

    >>> NOISES["hard"].no_reference > NOISES["easy"].no_reference
    True
    """

    no_reference: int
    """Payments that name nothing at all."""
    structured: int
    """Payments with a structured reference, or with documents named in a structured way."""
    mangled: int
    """References in free text that are not written as the invoice prints them."""
    third_party: int
    unknown_account: int
    name_only: int
    """Payments without the payer's account."""
    name_cut: int
    """Payers' names cut after 18 characters; all are cut after 35."""
    deducted: int
    """Payments less 1 to 15 %."""
    discounted: int
    """Payments less 2 %, earned or not."""
    charged: int
    """Foreign payments less bank charges of 5 to 45."""
    overpaid: int
    duplicated: int
    on_account: int
    """Payments for no invoice, relative to the number of the others."""
    split: int
    """Invoices that are paid in two parts."""
    never_paid: int
    """Invoices that are not paid at all: disputed, or the money never comes."""


NOISES: Final[Mapping[str, Noise]] = MappingProxyType(
    {
        "easy": Noise(
            no_reference=50,
            structured=350,
            mangled=50,
            third_party=10,
            unknown_account=20,
            name_only=30,
            name_cut=30,
            deducted=10,
            discounted=10,
            charged=20,
            overpaid=2,
            duplicated=4,
            on_account=8,
            split=55,
            never_paid=8,
        ),
        "medium": Noise(
            no_reference=200,
            structured=150,
            mangled=250,
            third_party=30,
            unknown_account=60,
            name_only=80,
            name_cut=150,
            deducted=40,
            discounted=20,
            charged=150,
            overpaid=5,
            duplicated=4,
            on_account=10,
            split=55,
            never_paid=10,
        ),
        "hard": Noise(
            no_reference=450,
            structured=30,
            mangled=500,
            third_party=60,
            unknown_account=120,
            name_only=150,
            name_cut=400,
            deducted=80,
            discounted=40,
            charged=300,
            overpaid=9,
            duplicated=4,
            on_account=15,
            split=55,
            never_paid=12,
        ),
    }
)
"""The three degrees of difficulty by name."""
