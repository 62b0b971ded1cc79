"""What a benchmark is, how modules are found, and how ours and its peer are measured.

The two sides run interleaved, A B A B, and their medians are compared, so that a machine that is
busy with something else is busy for both.
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, Final

import attrs

import benchmarks as _package

__all__ = ["Benchmark", "Measurement", "Skipped", "found", "measure"]

_RUNS_DEFAULT: Final = 7


@attrs.frozen(kw_only=True)
class Benchmark:
    """A question, our answer and a peer's.

    `ours` and `peer` are called without arguments; each is called once before any time is taken,
    so data that they build and keep (`functools.cache`) cost nothing.  `check` gets the two answers
    of that first call and raises `AssertionError`, or returns False, where they disagree.  `limit`
    is the largest ratio of our seconds to the peer's, `limit_beyond_s` the largest difference.
    `note` says more of a measurement in a line of its own.
    """

    name: str
    size: int | str
    ours: Callable[[], Any]
    peer_name: str
    peer: Callable[[], Any]
    limit: float | None = None
    check: Callable[[Any, Any], object] | None = None
    runs: int | None = None
    limit_beyond_s: float | None = None
    note: Callable[[Measurement], str] | None = None


@attrs.frozen(kw_only=True)
class Measurement:
    """The medians of a benchmark, in seconds, and whether the answers agree."""

    benchmark: Benchmark
    ours_s: float
    peer_s: float
    runs: int
    disagreement: str = ""

    @property
    def ratio(self) -> float:
        """Our seconds for one of the peer's."""
        return self.ours_s / self.peer_s

    @property
    def note(self) -> str:
        """What else there is to say; empty where there is nothing."""
        return "" if self.benchmark.note is None else self.benchmark.note(self)

    @property
    def limit_text(self) -> str:
        """The limit as a person reads it."""
        if self.benchmark.limit is not None:
            return f"{self.benchmark.limit:.2f} x"
        if self.benchmark.limit_beyond_s is not None:
            return f"+{self.benchmark.limit_beyond_s * 1000:.0f} ms"
        return "-"

    @property
    def is_met(self) -> bool | None:
        """Whether the limit holds; None where there is none; a disagreement meets nothing."""
        if self.disagreement:
            return False
        if self.benchmark.limit is not None:
            return self.ratio <= self.benchmark.limit
        if self.benchmark.limit_beyond_s is not None:
            return self.ours_s - self.peer_s <= self.benchmark.limit_beyond_s
        return None

    def to_dict(self) -> dict[str, object]:
        """The measurement as JSON knows it."""
        return {
            "name": self.benchmark.name,
            "size": self.benchmark.size,
            "seconds": self.ours_s,
            "peer": self.benchmark.peer_name,
            "peer_seconds": self.peer_s,
            "ratio": self.ratio,
            "limit": self.limit_text,
            "met": self.is_met,
            "runs": self.runs,
            "disagreement": self.disagreement,
            "note": self.note,
        }


@attrs.frozen
class Skipped:
    """A module whose benchmarks cannot run here, and why."""

    module: str
    reason: str


def found(only: str = "") -> Iterator[Benchmark | Skipped]:
    """Every benchmark of the folder whose name, or whose module's name, contains `only`.

    A module that needs something that is not installed is yielded as `Skipped`.
    """
    for info in pkgutil.iter_modules(_package.__path__):
        if info.name.startswith("_"):
            continue
        try:
            module = importlib.import_module(f"{_package.__name__}.{info.name}")
            wanted = [one for one in _of(module) if only in info.name or only in one.name]
        except ImportError as error:
            yield Skipped(info.name, str(error))
            continue
        yield from wanted


def _of(module: ModuleType) -> Iterable[Benchmark]:
    benchmarks: Callable[[], Iterable[Benchmark]] | None = getattr(module, "benchmarks", None)
    return () if benchmarks is None else benchmarks()


def measure(benchmark: Benchmark, *, runs: int | None = None) -> Measurement:
    """Check that the two agree, then take the medians of interleaved runs."""
    count = runs or benchmark.runs or _RUNS_DEFAULT
    disagreement = _disagreement(benchmark)
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(count):
        ours.append(_seconds(benchmark.ours))
        peer.append(_seconds(benchmark.peer))
    return Measurement(
        benchmark=benchmark,
        ours_s=statistics.median(ours),
        peer_s=statistics.median(peer),
        runs=count,
        disagreement=disagreement,
    )


def _disagreement(benchmark: Benchmark) -> str:
    ours, peer = benchmark.ours(), benchmark.peer()
    if benchmark.check is None:
        return ""
    try:
        agree = benchmark.check(ours, peer)
    except AssertionError as error:
        return str(error) or "the answers differ"
    return "the answers differ" if agree is False else ""


def _seconds(call: Callable[[], Any]) -> float:
    gc.collect()
    start = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - start
    # The answer is dropped outside the measured time, for both sides alike.
    del answer
    return seconds
