"""Honest test data for cash application: open items, receipts, and the truth about each of them.

What a cash team has before it in the morning: the open items of all customers, the receipts of the
last days, and what payers wrote about them.  The same seed gives the same set on every machine; the
draws are integers over `random.Random.random`.  `CashShape` says what ledger and payers are like,
`CashNoise` how far from clean the payments are; each parameter states whether it was measured,
published or assumed.  Returned debits are no receipts, and not part of a set.

>>> made = cash_set(seed=7, receipts=40, noise="easy", numbering="slashed")
>>> len(made.receipts), len(made.items), len(made.truth)
(40, 400, 40)
>>> made == cash_set(seed=7, receipts=40, noise="easy", numbering="slashed")
True
"""

from __future__ import annotations

from receivables.testing._cash_model import CashSet, CashTruth, Shortfall, ShortfallKind
from receivables.testing._cash_noise import (
    CASH_NOISES,
    CHANNELS,
    CashNoise,
    CashShape,
    Channel,
    NoiseName,
)
from receivables.testing._cash_numbers import (
    MANGLINGS,
    NUMBERINGS,
    Mangling,
    Numbering,
    NumberParts,
)
from receivables.testing._cash_set import cash_set
from receivables.testing._payments import TruthKind

__all__ = [
    "CASH_NOISES",
    "CHANNELS",
    "MANGLINGS",
    "NUMBERINGS",
    "CashNoise",
    "CashSet",
    "CashShape",
    "CashTruth",
    "Channel",
    "Mangling",
    "NoiseName",
    "NumberParts",
    "Numbering",
    "Shortfall",
    "ShortfallKind",
    "TruthKind",
    "cash_set",
]
