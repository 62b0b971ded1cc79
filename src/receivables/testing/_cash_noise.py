"""What honest test data of cash application are made of: shares, distributions and their basis.

The basis of a figure is a letter in its docstring: M was measured on a real ledger of 22,363
invoices, P is published, A is assumed.  Shares are basis points throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

from receivables.errors import PolicyError
from receivables.testing._cash_numbers import MANGLINGS
from receivables.testing._dice import Dice

__all__ = ["CASH_NOISES", "CHANNELS", "CashNoise", "CashShape", "Channel", "NoiseName", "happens"]

NoiseName: TypeAlias = Literal["easy", "medium", "hard"]
Rows: TypeAlias = tuple[tuple[int, int], ...]
"""Pairs of a weight, or a share in parts per thousand, and a value."""
Runs: TypeAlias = tuple[tuple[int, tuple[int, int]], ...]
"""Weights with a range of integers, both ends possible."""

_WHOLE: Final = 10_000


def happens(dice: Dice, bps: int) -> bool:
    """Whether something happens that does so in `bps` of ten thousand cases."""
    return dice.below(_WHOLE) < bps


@attrs.frozen(kw_only=True)
class Channel:
    """A way that a text takes: so many lines of so many characters, and cut at the end.

    A bank that gives the lines apart splits whatever stands at a line's end.
    """

    name: str
    width: int
    lines: int = 1
    is_split: bool = False
    """Whether the lines come apart, rather than as one text."""


CHANNELS: Final[Mapping[str, Channel]] = MappingProxyType(
    {
        channel.name: channel
        for channel in (
            Channel(name="sepa", width=140),
            Channel(name="mt103", width=35, lines=4, is_split=True),
            Channel(name="mt940", width=65, lines=6, is_split=True),
            Channel(name="cfonb", width=31),
            Channel(name="ach", width=80),
            Channel(name="bacs", width=18),
        )
    }
)
"""Channels by name: texts of 140 (SEPA; MT103 as 4 x 35), 390 (MT940, 6 x 65), 31 (CFONB), 80 (ACH
addenda) and 18 characters (BACS); M, P."""


@attrs.frozen(kw_only=True)
class CashShape:
    """What a ledger and its payers look like, whatever is written on the payments."""

    zipf_256ths: int = 269
    """Invoices per customer fall with the rank to this power, in 256ths: 1.05 (M)."""
    largest: int = 2400
    """Items of the largest customer (M)."""
    ten_largest: int = 4500
    """Items of the ten largest together (M)."""
    one_item: int = 3100
    """Customers with one item; how many customers there are follows from it (M)."""
    amounts: Rows = (
        *((0, 1_922), (1, 4_787), (2, 6_997), (5, 12_021), (10, 18_789), (20, 30_606)),
        *((35, 47_186), (50, 63_633), (75, 91_896), (100, 121_929), (150, 189_085)),
        *((200, 267_980), (250, 361_434), (300, 472_831), (350, 606_492), (400, 768_103)),
        *((450, 965_341), (500, 1_208_838), (550, 1_513_755), (600, 1_902_466)),
        *((650, 2_409_413), (700, 3_090_511), (750, 4_043_038), (800, 5_452_977)),
        *((850, 7_728_196), (900, 11_984_773), (925, 15_901_620), (950, 22_964_456)),
        *((965, 30_968_784), (980, 47_744_801), (990, 77_775_177), (995, 121_558_312)),
        *((998, 208_840_153), (999, 305_263_536), (1000, 760_259_352)),
    )
    """Quantiles of an amount in minor units: lognormal, mu 9.40, sigma 1.79 (M)."""
    repeated: int = 1500
    """Items that repeat an amount of the same customer (M)."""
    twins: int = 420
    """Payments of an amount that stands twice among the payer's open items (M)."""
    runs: Runs = (
        *((650, (1, 1)), (160, (2, 2)), (70, (3, 3)), (36, (4, 4)), (21, (5, 5))),
        *((36, (6, 10)), (14, (11, 29)), (10, (30, 97))),
    )
    """Invoices per payment: 1, 2, 3, 4, 5, 6 to 10, 11 to 29, 30 to 97 (M)."""
    complete_one: int = 8200
    """Payments of one invoice that leave nothing unpaid that was due by then; with `complete_many`
    70 % of all (M)."""
    complete_many: int = 4800
    """The same among payments of several (M)."""
    oldest_one: int = 8520
    """Payments of one invoice than which no older one is left, its equals by due date apart; with
    `oldest_many` 75 % of all (M)."""
    oldest_many: int = 5600
    """The same among payments of several (M)."""
    pays_all: int = 2100
    """Payments of all that is open (M)."""
    open_at_payment: Rows = (
        *((0, 1), (200, 2), (350, 3), (500, 5), (700, 11), (880, 28)),
        *((950, 70), (1000, 300)),
    )
    """Quantiles of the further open items of a payer that does not pay all (M)."""
    open_beyond: int = 100
    """Payments of payers with more, each scale half as often as the one before.  With `pays_all`,
    `runs` and `open_at_payment` the median of the open items at payment is 5, the p90 36, the p99
    328 (M)."""
    lateness: Rows = ((0, -9), (50, -6), (250, -2), (400, 0), (700, 3), (950, 7), (1000, 14))
    """Quantiles of a customer's median of days past due: -6 to 7 from the 5th to the 95th
    percentile (M), 40 to 50 % late as in Europe (P)."""
    slow: int = 1100
    """Customers of the slow segment (A), later by `slow_days` (M)."""
    slow_days: int = 6
    jitter: Runs = (
        *((310, (0, 0)), (155, (1, 1)), (155, (-1, -1)), (150, (-5, -2))),
        *((164, (2, 5)), (60, (6, 30)), (6, (31, 60))),
    )
    """Days around a customer's median: 31 % on it, 62 % within a day, 0.6 % over 30 (M)."""
    weekdays: tuple[int, ...] = (240, 240, 170, 150, 210, 5, 5)
    """Weights of the days of payment from Monday on; the weekend has under 1 % (M)."""
    favorite_day: int = 3100
    """Payments on the customer's favorite weekday (M)."""
    terms: Rows = ((15, 14), (55, 30), (20, 45), (10, 60))
    """Days of payment terms (A)."""
    foreign: int = 2500
    """Items in a foreign currency (P)."""
    currencies: tuple[tuple[int, str], ...] = ((50, "USD"), (20, "GBP"), (20, "CHF"), (10, "CAD"))
    branches: int = 400
    """Customers for which a head office pays (A)."""
    group_sizes: Runs = ((60, (2, 5)), (30, (6, 20)), (8, (21, 80)), (2, (81, 300)))
    """Members of a payer group, up to three hundred (A)."""
    ordered: int = 6000
    """Items with an order number of the customer (A)."""
    order_shared: int = 1000
    """Orders that were delivered, and invoiced, in several parts (A)."""
    offered: int = 1000
    """Items with a settlement discount that nobody takes in this set (A)."""
    issued_per_open: int = 3
    """Documents issued for one that is still open: the other numbers are settled (A)."""


@attrs.frozen(kw_only=True)
class CashNoise:
    """How far the payments are from what was invoiced, and what is written on them.

    A caller's own degree is one of `CASH_NOISES` changed by `attrs.evolve`, or `without` a kind of
    mangling:

    >>> "transposed" in dict(CASH_NOISES["hard"].without("transposed").manglings)
    False
    """

    name: str
    no_reference: int
    """Payments that name nothing: 5 / 20 / 45 % (A, P: 14 % of US remittances travel with the
    payment)."""
    structured: int
    """Payments with a structured reference, or documents named in a structured way: 35 / 15 / 3 %
    (A)."""
    mangled: int
    """References in free text that are mangled: 5 / 25 / 50 % (A)."""
    manglings: tuple[tuple[str, int], ...] = attrs.field(
        default=tuple((mangling.name, mangling.weight) for mangling in MANGLINGS.values())
    )
    """The kinds of mangling with their weights, by the names of `MANGLINGS`."""
    channels: tuple[tuple[str, int], ...] = attrs.field(
        default=(
            *(("sepa", 45), ("mt103", 15), ("mt940", 12), ("cfonb", 12), ("ach", 9), ("bacs", 7)),
        )
    )
    """The channels with their weights, by the names of `CHANNELS` (A)."""
    run_together: int
    """Free texts whose numbers have nothing between them: 2 / 5 / 10 % (A)."""
    chatter: int
    """Free texts with other numbers: dates, the customer's number, amounts: 10 / 25 / 40 % (A)."""
    third_party: int
    """Paid by somebody else: 1 / 3 / 6 % (A)."""
    unknown_account: int
    """Paid from an account that nobody has on file: 2 / 6 / 12 % (A)."""
    no_account: int
    """Paid in a batch of several payers, of which the bank gives the names only: 1 / 3 / 5 % (A)."""
    cheques: int
    """Cheques of a lockbox, of which the bank gives no name: 0.5 / 1 / 2 % (A)."""
    name_cut: int
    """Names cut at 18 characters; all are cut at 35: 3 / 15 / 40 % (A)."""
    name_varied: int
    """Names without their legal form, abbreviated, or in another order: 2 / 8 / 15 % (A)."""
    confusable: int
    """Customers whose name is nearly that of another: 2 / 5 / 10 % (A)."""
    deducted: int
    """Invoices paid less 1 to 15 %: 1 / 4 / 8 % (A)."""
    discounted: int
    """Invoices paid less a discount, earned or not: 1 / 2 / 4 % (A)."""
    charged: int
    """Foreign payments less bank charges of 5 to 45: 2 / 15 / 30 % (A)."""
    other_currency: int
    """Foreign payments in the creditor's currency, at a tolerance of 1 %: 0.5 / 1 / 2 % (A)."""
    overpaid: int
    """Payments of more than is due: 0.05 / 0.3 / 0.9 % (P)."""
    duplicated: int = 40
    """Payments made twice: 0.4 % (P)."""
    netted: int = 300
    """Payments less a credit note: 3 % (A)."""
    two_payments: int = 550
    """Paid invoices that are paid in two parts: 5.5 % (P).  With deductions, discounts and charges,
    about 12 % of the payments are less than the invoice in the medium degree (P)."""
    three_payments: int = 30
    """In three: 0.3 % (P)."""
    on_account: int
    """Payments for no invoice: 0.8 / 1 / 1.5 % (A)."""
    not_receivable: int
    """Money that no customer owes: 1 / 1.5 / 2 % (A)."""
    penalties: int
    """Late payers with a penalty open beside their invoices: 1 / 3 / 5 % (A)."""
    penalty_ignored: int = 8500
    """Of those the ones that pay the debt without the penalty: 85 % (M)."""
    advised: int
    """Payments that do not name all they pay, explained by an advice of their own: 10 / 20 / 25 %
    (A)."""

    @manglings.validator
    def _check_manglings(self, _attribute: object, value: tuple[tuple[str, int], ...]) -> None:
        _check_known("manglings", (name for name, _ in value), MANGLINGS)

    @channels.validator
    def _check_channels(self, _attribute: object, value: tuple[tuple[str, int], ...]) -> None:
        _check_known("channels", (name for name, _ in value), CHANNELS)

    def without(self, *manglings: str) -> CashNoise:
        """The same degree without some kinds of mangling; the others share their weight."""
        _check_known("manglings", manglings, MANGLINGS)
        kept = tuple(row for row in self.manglings if row[0] not in manglings)
        return attrs.evolve(self, manglings=kept)


def _check_known(field: str, names: Iterable[str], known: Mapping[str, object]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        msg = f"{field} must be among {', '.join(sorted(known))}, got {', '.join(unknown)}"
        raise PolicyError(msg)


CASH_NOISES: Final[Mapping[str, CashNoise]] = MappingProxyType(
    {
        "easy": CashNoise(
            name="easy",
            no_reference=500,
            structured=3500,
            mangled=500,
            run_together=200,
            chatter=1000,
            third_party=100,
            unknown_account=200,
            no_account=100,
            cheques=50,
            name_cut=300,
            name_varied=200,
            confusable=200,
            deducted=100,
            discounted=100,
            charged=200,
            other_currency=50,
            overpaid=5,
            on_account=80,
            not_receivable=100,
            penalties=100,
            advised=1000,
        ),
        "medium": CashNoise(
            name="medium",
            no_reference=2000,
            structured=1500,
            mangled=2500,
            run_together=500,
            chatter=2500,
            third_party=300,
            unknown_account=600,
            no_account=300,
            cheques=100,
            name_cut=1500,
            name_varied=800,
            confusable=500,
            deducted=400,
            discounted=200,
            charged=1500,
            other_currency=100,
            overpaid=30,
            on_account=100,
            not_receivable=150,
            penalties=300,
            advised=2000,
        ),
        "hard": CashNoise(
            name="hard",
            no_reference=4500,
            structured=300,
            mangled=5000,
            run_together=1000,
            chatter=4000,
            third_party=600,
            unknown_account=1200,
            no_account=500,
            cheques=200,
            name_cut=4000,
            name_varied=1500,
            confusable=1000,
            deducted=800,
            discounted=400,
            charged=3000,
            other_currency=200,
            overpaid=90,
            on_account=150,
            not_receivable=200,
            penalties=500,
            advised=2500,
        ),
    }
)
"""The three degrees of difficulty by name."""
