"""Cash application on data with the truth known, beside the plain rules that one writes by hand.

Speed is a row, as in every benchmark; how much is applied and how much of it is wrong is printed
with it, because a matcher that is fast and wrong is worth nothing.  The environment says how much
is run: ``RECEIVABLES_MATCHING=full`` gives five seeds, five numberings and three degrees of noise,
and the row of 100,000 receipts against a million open items; otherwise one seed is run.

``python -m benchmarks.matching`` prints every figure and nothing else.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from benchmarks._harness import Benchmark
from receivables.allocation.model import Leg
from receivables.documents.model import OpenItem
from receivables.matching import match
from receivables.matching.model import MatchProposal, Outcome
from receivables.money import to_minor
from receivables.receipts.model import Receipt
from receivables.testing.cash import CASH_NOISES, NUMBERINGS, CashSet, cash_set
from receivables.testing.matching_report import MatchingReport, add_up, judge

__all__ = ["benchmarks", "by_match", "by_plain_rules", "main", "report"]

RECEIPTS: Final = 2_000
BIG_RECEIPTS: Final = 100_000
BIG_ITEMS: Final = 1_000_000
SEEDS: Final = (11, 23, 37, 41, 53)
_WRONG_LIMIT_BPS: Final = 5
"""At most 0.05 % of what is applied by itself may be wrong."""
_BIG: Final = """
import resource, sys, time
from receivables.matching import match
from receivables.testing.cash import cash_set
from receivables.testing.matching_report import judge

receipts, items = int(sys.argv[1]), int(sys.argv[2])
made = cash_set(seed=11, receipts=receipts, open_items=items, noise="medium")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
proposals = match(
    made.receipts, items=made.items, customers=made.customers, settled=made.settled
)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = judge(proposals, made.truth)
print(seconds, before, peak, report.applied_bps, report.applied, report.wrong)
"""


def benchmarks() -> Iterable[Benchmark]:
    """A row per degree of noise, and the big one where it is asked for."""
    for noise in CASH_NOISES:
        yield Benchmark(
            name=f"matching: {noise} receipts to proposals",
            size=f"{RECEIPTS:,} x {len(_runs())}",
            ours=functools.partial(_run_ours, noise),
            peer_name="plain rules: number in text, amount",
            peer=functools.partial(_run_peer, noise),
            check=functools.partial(_check, noise),
            runs=1,
        )
    if _is_full():
        yield Benchmark(
            name="matching: a day of a large creditor",
            size=f"{BIG_RECEIPTS:,} x {BIG_ITEMS:,}",
            ours=functools.partial(big_run, BIG_RECEIPTS, BIG_ITEMS),
            peer_name="the same, a tenth of both",
            peer=functools.partial(big_run, BIG_RECEIPTS // 10, BIG_ITEMS // 10),
            check=_check_big,
            runs=1,
        )


def _is_full() -> bool:
    return os.environ.get("RECEIVABLES_MATCHING") == "full"


def _runs() -> tuple[tuple[int, str], ...]:
    seeds = SEEDS if _is_full() else SEEDS[:1]
    return tuple((seed, numbering) for seed in seeds for numbering in NUMBERINGS)


@functools.cache
def _made(noise: str, seed: int, numbering: str) -> CashSet:
    return cash_set(seed=seed, receipts=RECEIPTS, noise=CASH_NOISES[noise], numbering=numbering)


def by_match(made: CashSet) -> list[MatchProposal]:
    """What the library proposes."""
    return list(
        match(made.receipts, items=made.items, customers=made.customers, settled=made.settled)
    )


def by_plain_rules(made: CashSet) -> list[MatchProposal]:
    """What one writes by hand: every number stands in the text as printed, and the sum is right."""
    by_number = {item.document: item for item in made.items}
    by_number |= {item.references[0]: item for item in made.items if item.references}
    settled: set[str] = set()
    proposals = []
    for receipt in made.receipts:
        items = _named(receipt, by_number, settled)
        is_exact = items and sum(item.open_minor for item in items) == to_minor(receipt.amount)
        if is_exact:
            settled.update(item.item for item in items)
        proposals.append(_proposal(receipt, items if is_exact else []))
    return proposals


def _named(
    receipt: Receipt, by_number: Mapping[str, OpenItem], settled: set[str]
) -> list[OpenItem]:
    said = receipt.remittance
    words = " ".join(said.text).replace(",", " ").replace(";", " ").replace("+", " ").split()
    numbers = [*said.references, *(document.number for document in said.documents), *words]
    found = {number: by_number[number] for number in numbers if number in by_number}
    return [
        item
        for item in found.values()
        if item.item not in settled and item.currency == receipt.currency
    ]


def _proposal(receipt: Receipt, items: Iterable[OpenItem]) -> MatchProposal:
    legs = [Leg(item.item, item.open_minor) for item in items]
    return MatchProposal(
        receipt=receipt.receipt,
        creditor=receipt.creditor,
        outcome=Outcome.CERTAIN if legs else Outcome.UNMATCHED,
        amount_minor=to_minor(receipt.amount),
        currency=receipt.currency,
        parts=legs,
    )


def _run_ours(noise: str) -> list[list[MatchProposal]]:
    return [by_match(_made(noise, seed, numbering)) for seed, numbering in _runs()]


def _run_peer(noise: str) -> list[list[MatchProposal]]:
    return [by_plain_rules(_made(noise, seed, numbering)) for seed, numbering in _runs()]


def report(noise: str, answers: Iterable[Iterable[MatchProposal]]) -> MatchingReport:
    """The answers of all runs of a degree, judged as one."""
    return add_up(
        judge(proposals, _made(noise, seed, numbering).truth)
        for (seed, numbering), proposals in zip(_runs(), answers, strict=True)
    )


def _check(noise: str, ours: list[list[MatchProposal]], peer: list[list[MatchProposal]]) -> None:
    """Print what both applied; ours may be wrong in at most one of two thousand."""
    judged, plain = report(noise, ours), report(noise, peer)
    for name, one in (("ours", judged), ("plain rules", plain)):
        print(f"  {noise}, {name}: {_figures(one)}")
    assert judged.wrong * 10_000 <= judged.applied * _WRONG_LIMIT_BPS, (
        f"{judged.wrong} of {judged.applied} applied are wrong"
    )
    assert judged.applied > plain.applied, "plain rules apply as much"


def _figures(one: MatchingReport) -> str:
    return (
        f"{one.wrong} wrong of {one.applied} applied, "
        f"receipts {one.applied_bps} bps, items {one.items_bps} bps, value {one.value_bps} bps, "
        f"proposed {one.proposed} of which wrong {one.proposed_wrong}, listed {one.listed}, "
        f"unmatched {one.unmatched}"
    )


@attrs.frozen(kw_only=True)
class BigAnswer:
    """Seconds of matching alone, memory before and at the peak, and what was applied."""

    seconds: float
    before_kib: int
    peak_kib: int
    applied_bps: int
    applied: int
    wrong: int


def big_run(receipts: int, items: int) -> BigAnswer:
    """A run in a process of its own; making the data is not in its seconds."""
    command = [sys.executable, "-c", _BIG, str(receipts), str(items)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, *counts = done.stdout.split()
    before, peak, applied_bps, applied, wrong = map(int, counts)
    return BigAnswer(
        seconds=float(seconds),
        before_kib=before,
        peak_kib=peak,
        applied_bps=applied_bps,
        applied=applied,
        wrong=wrong,
    )


def _check_big(ours: BigAnswer, _peer: BigAnswer) -> None:
    print(f"  {_big_figures(ours)}")
    assert ours.seconds <= 60, f"{ours.seconds:.0f} seconds"
    assert ours.peak_kib <= 4 << 20, f"{ours.peak_kib} KiB"


def _big_figures(one: BigAnswer) -> str:
    return (
        f"matched in {one.seconds:.1f} s, peak {one.peak_kib / 2**20:.2f} GiB "
        f"({one.before_kib / 2**20:.2f} before), applied {one.applied_bps} bps, "
        f"{one.wrong} wrong of {one.applied}"
    )


def main() -> None:
    """Print the table of every run, the reliability table over all, and the wrong ones."""
    reports = list(_table())
    total = add_up(reports)
    print()
    print(total)
    print(total.reliability())
    for wrong in total.wrongs:
        if wrong.is_applied:
            print(wrong)
    if _is_full():
        print(_big_figures(big_run(BIG_RECEIPTS, BIG_ITEMS)))


def _table() -> Iterator[MatchingReport]:
    print("noise   numbering  seed  applied  wrong  items  value  proposed  wrong  plain  wrong")
    for noise in CASH_NOISES:
        for seed, numbering in _runs():
            made = _made(noise, seed, numbering)
            one, plain = (judge(by(made), made.truth) for by in (by_match, by_plain_rules))
            print(
                f"{noise:6}  {numbering:9}  {seed:4}  {one.applied_bps:7}  {one.wrong:5}"
                f"  {one.items_bps:5}  {one.value_bps:5}  {one.proposed:8}"
                f"  {one.proposed_wrong:5}  {plain.applied_bps:5}  {plain.wrong:5}",
                flush=True,
            )
            yield one


if __name__ == "__main__":
    main()
