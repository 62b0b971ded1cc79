"""How good a matching run was, against the truth: what was applied by itself, and how much of it is wrong.

Shares are basis points, rounded down; no figure is a float.  Value adds up minor units as they
stand, whatever their currency: it is a share, and no amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from receivables.allocation.model import Leg
from receivables.documents.model import ItemId
from receivables.matching.model import MatchProposal, Outcome
from receivables.receipts.model import ReceiptId
from receivables.testing._cash_model import CashTruth, ShortfallKind
from receivables.testing._payments import TruthKind

__all__ = [
    "BANDS",
    "Band",
    "KindFigures",
    "MatchingReport",
    "WrongMatch",
    "add_up",
    "is_wrong",
    "judge",
    "share_bps",
]

_WHOLE: Final = 10_000
BANDS: Final = (0, 5_000, 7_000, 8_000, 9_000, 9_500, 9_800, 9_900, 9_950, 9_990, 9_999)
"""Where the bands of a reliability table begin, in basis points; the last includes certainty."""


def share_bps(part: int, whole: int) -> int:
    """A share in basis points, rounded down; zero of nothing.

    >>> share_bps(2, 3)
    6666
    """
    return part * _WHOLE // whole if whole else 0


@attrs.frozen(kw_only=True)
class WrongMatch:
    """A proposal that pays what its receipt does not: what was said, what is true, and why."""

    receipt: ReceiptId
    is_applied: bool
    said: tuple[Leg, ...]
    truth: CashTruth
    evidence: tuple[str, ...]
    probability_bp: int | None = None

    def __str__(self) -> str:
        """One line that a person can follow."""
        said = ", ".join(f"{leg.item} {leg.amount_minor}" for leg in self.said[:_SHOWN])
        true = ", ".join(f"{leg.item} {leg.amount_minor}" for leg in self.truth.legs[:_SHOWN])
        return (
            f"{self.receipt}: said {said}; true {true or self.truth.kind.value}; "
            f"evidence {', '.join(self.evidence)}; noise {', '.join(self.truth.noise) or 'none'}"
        )


_SHOWN: Final = 6


@attrs.frozen(kw_only=True)
class Band:
    """Proposals that were said to be so sure: how many, what was said of them, and how many are right."""

    from_bp: int
    to_bp: int
    count: int = 0
    said_bp: int = 0
    """The mean of the stated probabilities."""
    right: int = 0

    @property
    def right_bp(self) -> int:
        """The share that is right."""
        return share_bps(self.right, self.count)


@attrs.frozen(kw_only=True)
class KindFigures:
    """The receipts with one kind of noise: how many, how many were applied, and wrongly."""

    receipts: int = 0
    applied: int = 0
    wrong: int = 0


@attrs.frozen(kw_only=True)
class MatchingReport:
    """What a run came to.

    `applied` are receipts applied by themselves; `wrong` are those of them that `judge` finds
    wrong, and `incomplete` those that are right as far as they go but leave out an item, or a part
    of one, that the receipt pays.  `payable` are receipts that truly pay something.
    """

    receipts: int = 0
    payable: int = 0
    applied: int = 0
    wrong: int = 0
    incomplete: int = 0
    items: int = 0
    """Items that the receipts truly pay or use."""
    items_applied: int = 0
    """Those of them that were applied by themselves, rightly."""
    pairs_said: int = 0
    """Pairs of receipt and item that were applied by themselves."""
    value_minor: int = 0
    value_applied_minor: int = 0
    proposed: int = 0
    """Receipts with an answer that a person should see first."""
    proposed_wrong: int = 0
    listed: int = 0
    """Receipts with several answers and no first one."""
    listed_right: int = 0
    """Those of them whose truth is among the answers."""
    unmatched: int = 0
    bands: tuple[Band, ...] = ()
    kinds: Mapping[str, KindFigures] = attrs.field(factory=dict)
    wrongs: tuple[WrongMatch, ...] = attrs.field(default=(), repr=False)

    @property
    def applied_bps(self) -> int:
        """Receipts applied by themselves, of all."""
        return share_bps(self.applied, self.receipts)

    @property
    def applied_of_payable_bps(self) -> int:
        """Receipts applied by themselves, of those that pay something."""
        return share_bps(self.applied, self.payable)

    @property
    def items_bps(self) -> int:
        """Items applied by themselves and rightly, of all that are paid: the recall of pairs."""
        return share_bps(self.items_applied, self.items)

    @property
    def pairs_right_bps(self) -> int:
        """Of the pairs applied by themselves those that are true: the precision of pairs."""
        return share_bps(self.items_applied, self.pairs_said)

    @property
    def value_bps(self) -> int:
        """Value applied by itself, of all that came."""
        return share_bps(self.value_applied_minor, self.value_minor)

    @property
    def wrong_bps(self) -> int:
        """Receipts applied wrongly, of those applied: what a precision is short of the whole."""
        return share_bps(self.wrong, self.applied)

    @property
    def proposed_wrong_bps(self) -> int:
        """Proposals that are wrong at the first place, of those not applied."""
        return share_bps(self.proposed_wrong, self.proposed)

    def reliability(self) -> str:
        """The table of stated probabilities, in plain text."""
        lines = ["said             count     mean    right"]
        lines += [
            f"{band.from_bp:5} to {band.to_bp:5}  {band.count:7}  {band.said_bp:7}  {band.right_bp:7}"
            for band in self.bands
            if band.count
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        """The figures in a few lines."""
        return (
            f"receipts {self.receipts}, applied {self.applied} ({_percent(self.applied_bps)}), "
            f"wrong {self.wrong} of {self.applied}, incomplete {self.incomplete}\n"
            f"items {_percent(self.items_bps)}, value {_percent(self.value_bps)}, "
            f"pairs right {_percent(self.pairs_right_bps)}\n"
            f"proposed {self.proposed}, wrong at the first place {self.proposed_wrong}; "
            f"listed {self.listed}, truth among them {self.listed_right}; "
            f"unmatched {self.unmatched}"
        )


def _percent(bps: int) -> str:
    return f"{bps // 100}.{bps % 100:02d} %"


def judge(
    proposals: Iterable[MatchProposal],
    truth: Mapping[ReceiptId, CashTruth],
    *,
    tolerance_minor: int = 0,
) -> MatchingReport:
    """Hold proposals against the truth.

    A proposal is wrong if one of its parts is an item that the receipt neither pays nor uses, or
    takes more of an item than the receipt pays by more than the shortfall tolerance: what is truly
    missing on that item as a deduction, discount, charge or difference of exchange, and
    `tolerance_minor`.  A part that comes with another receipt is no shortfall in that sense.  So is
    every part of a receipt that truly pays nothing: a duplicate, an advance, money of others.

    Raises `KeyError` for a receipt without truth.

    >>> from receivables.testing.cash import cash_set
    >>> made = cash_set(seed=1, receipts=10)
    >>> report = judge([], made.truth)
    >>> report.receipts, report.applied, report.wrong_bps
    (10, 0, 0)
    """
    desk = _Judge(truth, tolerance_minor)
    for proposal in proposals:
        desk.see(proposal)
    return desk.report()


class _Judge:
    """Counts, proposal by proposal."""

    def __init__(self, truth: Mapping[ReceiptId, CashTruth], tolerance_minor: int) -> None:
        self._truth = truth
        self._tolerance = tolerance_minor
        self._counts: dict[str, int] = {}
        self._bands: dict[int, list[int]] = {}
        self._kinds: dict[str, list[int]] = {}
        self._wrongs: list[WrongMatch] = []
        self._seen: set[ReceiptId] = set()

    def _add(self, name: str, count: int = 1) -> None:
        self._counts[name] = self._counts.get(name, 0) + count

    def see(self, proposal: MatchProposal) -> None:
        """Count a proposal."""
        truth = self._truth[proposal.receipt]
        self._seen.add(proposal.receipt)
        is_applied = proposal.outcome is Outcome.CERTAIN and bool(proposal.parts)
        wrong = is_wrong(proposal.parts, truth, tolerance_minor=self._tolerance)
        if is_applied:
            self._see_applied(proposal, truth, wrong=wrong)
        elif proposal.parts:
            self._add("proposed")
            self._add("proposed_wrong", int(wrong))
        elif proposal.alternatives:
            self._add("listed")
            self._add("listed_right", int(_is_among(proposal.alternatives, truth)))
        else:
            self._add("unmatched")
        if proposal.parts:
            self._band(proposal, is_right=not wrong)
        if wrong:
            self._wrongs.append(_wrong(proposal, truth, is_applied=is_applied))
        self._see_kinds(truth, is_applied=is_applied, wrong=wrong and is_applied)

    def _see_applied(self, proposal: MatchProposal, truth: CashTruth, *, wrong: bool) -> None:
        self._add("applied")
        self._add("wrong", int(wrong))
        true = set(truth.items)
        said = {part.item for part in proposal.parts}
        self._add("items_applied", len(true & said))
        self._add("pairs_said", len(said))
        self._add("value_applied_minor", proposal.amount_minor)
        self._add("incomplete", int(not wrong and _is_short(proposal.parts, truth)))

    def _see_kinds(self, truth: CashTruth, *, is_applied: bool, wrong: bool) -> None:
        for kind in truth.noise or ("none",):
            figures = self._kinds.setdefault(kind, [0, 0, 0])
            figures[0] += 1
            figures[1] += is_applied
            figures[2] += wrong

    def _band(self, proposal: MatchProposal, *, is_right: bool) -> None:
        said = _probability(proposal)
        if said is None:
            return
        begins = max(start for start in BANDS if start <= said)
        figures = self._bands.setdefault(begins, [0, 0, 0])
        figures[0] += 1
        figures[1] += said
        figures[2] += is_right

    def report(self) -> MatchingReport:
        """What the counts come to; a receipt without a proposal is unmatched."""
        truths = self._truth.values()
        self._add("unmatched", len(self._truth) - len(self._seen))
        return MatchingReport(
            receipts=len(self._truth),
            payable=sum(truth.kind is TruthKind.PAYS for truth in truths),
            items=sum(len(truth.legs) for truth in truths),
            value_minor=sum(truth.worth_minor for truth in truths),
            bands=_table(self._bands),
            kinds={kind: _figures(*counts) for kind, counts in sorted(self._kinds.items())},
            wrongs=tuple(self._wrongs),
            **self._counts,
        )


def _figures(receipts: int, applied: int, wrong: int) -> KindFigures:
    return KindFigures(receipts=receipts, applied=applied, wrong=wrong)


def _table(found: Mapping[int, Sequence[int]]) -> tuple[Band, ...]:
    ends = (*BANDS[1:], _WHOLE)
    return tuple(
        Band(
            from_bp=start,
            to_bp=end,
            count=found[start][0],
            said_bp=found[start][1] // found[start][0],
            right=found[start][2],
        )
        for start, end in zip(BANDS, ends, strict=True)
        if start in found
    )


def _probability(proposal: MatchProposal) -> int | None:
    said: int | None = getattr(proposal, "probability_bp", None)
    return said


def is_wrong(parts: Iterable[Leg], truth: CashTruth, *, tolerance_minor: int = 0) -> bool:
    """Whether parts pay what the receipt does not, as `judge` defines it."""
    paid = {leg.item: abs(leg.amount_minor) for leg in truth.legs}
    for short in truth.short:
        if short.kind is not ShortfallKind.PARTIAL:
            paid[short.item] += short.amount_minor
    said: dict[ItemId, int] = {}
    for part in parts:
        said[part.item] = said.get(part.item, 0) + abs(part.amount_minor)
    return any(
        item not in paid or amount > paid[item] + tolerance_minor for item, amount in said.items()
    )


def _is_short(parts: Iterable[Leg], truth: CashTruth) -> bool:
    """Whether an item is missing, or was given less than the receipt pays of it."""
    said: dict[ItemId, int] = {}
    for part in parts:
        said[part.item] = said.get(part.item, 0) + abs(part.amount_minor)
    return any(said.get(leg.item, 0) < abs(leg.amount_minor) for leg in truth.legs)


def _is_among(alternatives: Iterable[Iterable[ItemId]], truth: CashTruth) -> bool:
    true = set(truth.items)
    return bool(true) and any(true == set(items) for items in alternatives)


def _wrong(proposal: MatchProposal, truth: CashTruth, *, is_applied: bool) -> WrongMatch:
    return WrongMatch(
        receipt=proposal.receipt,
        is_applied=is_applied,
        said=proposal.parts,
        truth=truth,
        evidence=tuple(
            f"{evidence.kind.value} {evidence.detail}".strip() for evidence in proposal.evidence
        ),
        probability_bp=_probability(proposal),
    )


def add_up(reports: Iterable[MatchingReport]) -> MatchingReport:
    """Several runs as one."""
    counted: dict[str, int] = {}
    bands: dict[int, list[int]] = {}
    kinds: dict[str, list[int]] = {}
    wrongs: list[WrongMatch] = []
    for report in reports:
        for name in _COUNTED:
            counted[name] = counted.get(name, 0) + getattr(report, name)
        for band in report.bands:
            added = (band.count, band.said_bp * band.count, band.right)
            bands[band.from_bp] = _sum(bands.get(band.from_bp), added)
        for kind, figures in report.kinds.items():
            added = (figures.receipts, figures.applied, figures.wrong)
            kinds[kind] = _sum(kinds.get(kind), added)
        wrongs += report.wrongs
    return MatchingReport(
        bands=_table(bands),
        kinds={kind: _figures(*counts) for kind, counts in sorted(kinds.items())},
        wrongs=tuple(wrongs),
        **counted,
    )


def _sum(before: Sequence[int] | None, added: Sequence[int]) -> list[int]:
    return [one + other for one, other in zip(before or (0, 0, 0), added, strict=True)]


_COUNTED: Final = tuple(
    field.name for field in attrs.fields(MatchingReport) if field.type in (int, "int")
)
