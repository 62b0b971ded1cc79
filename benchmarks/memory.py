"""Portfolios larger than memory: Parquet in, Parquet out, with the peak memory of each question.

``python -m benchmarks.memory 1 10 50`` writes so many millions of items, in parts of a million with
the moves of their items, asks each question in a process of its own, and prints seconds, seconds
of a core for each million, which a busy machine bends less, and the peak of resident memory.  ``python -m benchmarks`` asks for one million, or for 1, 10
and 50 where ``RECEIVABLES_SCALE=full`` says so.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import attrs

from benchmarks._data import AS_OF
from benchmarks._harness import Benchmark, Measurement

_MILLION: Final = 1_000_000
_MOVES_PER_MILLION: Final = 1_500_000
_CUSTOMERS_PER_MILLION: Final = 20_000
_DAY: Final = AS_OF - dt.timedelta(days=60)
_FULL: Final = (1, 10, 50)
_BOUND_MIB: Final = 3_000
"""What a question may take in memory, whatever the size: a laptop has it."""


def benchmarks() -> Iterable[Benchmark]:
    """Each question beside the same engine that reads the same files and does nothing else."""
    import duckdb  # noqa: F401, PLC0415  # an engine that may be missing
    import polars  # noqa: F401, ICN001, PLC0415  # an engine that may be missing

    is_full = os.environ.get("RECEIVABLES_SCALE") == "full"
    for millions in _FULL if is_full else _FULL[:1]:
        for question in _QUESTIONS:
            yield Benchmark(
                name=f"from Parquet to Parquet: {question}",
                size=millions * _MILLION,
                ours=functools.partial(asked, question, millions),
                peer_name="Polars reads the same files",
                peer=functools.partial(asked, "reading", millions),
                check=_check_bound,
                runs=1,
                note=functools.partial(_note, question, millions),
            )


@attrs.frozen(kw_only=True)
class Answer:
    """What a process of its own said of a question."""

    rows: int
    seconds: float
    cpu_s: float
    peak_mib: float


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """The folder of the files; it goes when the interpreter does."""
    return tempfile.TemporaryDirectory(prefix="receivables-memory-")


def files(millions: int) -> Path:
    """The folder with so many parts; those that a smaller size has written are used again."""
    folder = Path(_folder().name) / f"{millions}"
    folder.mkdir(exist_ok=True)
    for part in range(millions):
        shared = Path(_folder().name) / "parts"
        shared.mkdir(exist_ok=True)
        for name, make in (("items", _items), ("moves", _moves)):
            source = shared / f"{name}-{part:03d}.parquet"
            if not source.exists():
                make(part).write_parquet(source)
            target = folder / source.name
            if not target.exists():
                target.hardlink_to(source)
    return folder


def _items(part: int) -> Any:  # noqa: ANN401  # a Polars frame
    import numpy as np  # noqa: PLC0415  # a peer
    import polars as pl  # noqa: PLC0415  # a peer

    luck = np.random.default_rng(part)
    first = part * _MILLION
    customers = luck.integers(0, _CUSTOMERS_PER_MILLION, _MILLION) + part * _CUSTOMERS_PER_MILLION
    posted = (AS_OF - dt.date(1970, 1, 1)).days - luck.integers(-20, 400, _MILLION)
    return pl.DataFrame(
        {
            "item": np.arange(first, first + _MILLION),
            "customer": customers,
            # A customer pays in one currency, as customers mostly do.
            "currency": customers % 4,
            "amount_minor": luck.integers(1_000, 500_000, _MILLION),
            "posting_date": posted.astype(np.int32),
        }
    ).with_columns(
        pl.format("F-{}", pl.col("item").cast(pl.String).str.zfill(9)).alias("item"),
        pl.format("C-{}", pl.col("customer").cast(pl.String).str.zfill(7)).alias("customer"),
        pl.col("currency").replace_strict({0: "EUR", 1: "USD", 2: "GBP", 3: "CAD"}),
        pl.col("posting_date").cast(pl.Date),
        (pl.col("posting_date") + 30).cast(pl.Date).alias("due_date"),
        pl.col("amount_minor").alias("open_minor"),
    )


def _moves(part: int) -> Any:  # noqa: ANN401  # a Polars frame
    import numpy as np  # noqa: PLC0415  # a peer

    luck = np.random.default_rng((part, 1))
    items = _items(part).select("item", "posting_date")
    picked = items[luck.integers(0, _MILLION, _MOVES_PER_MILLION)]
    days = luck.integers(0, 90, _MOVES_PER_MILLION).astype(np.int32)
    return _moves_of(picked, luck.integers(500, 250_000, _MOVES_PER_MILLION), days)


def _moves_of(picked: Any, amounts: Any, days: Any) -> Any:  # noqa: ANN401  # Polars, NumPy
    import polars as pl  # noqa: PLC0415  # a peer

    moved = picked.with_columns(pl.Series("amount_minor", amounts), pl.Series("days", days))
    day = (pl.col("posting_date").cast(pl.Int32) + pl.col("days")).cast(pl.Date)
    return moved.select("item", "amount_minor", day.alias("effective_on"))


def asked(question: str, millions: int) -> Answer:
    """The answer of a process of its own, which nothing has warmed up."""
    code = [sys.executable, "-m", "benchmarks.memory", "--child", question, str(files(millions))]
    ran = subprocess.run(code, capture_output=True, check=True, text=True)  # ourselves
    answer = Answer(**json.loads(ran.stdout))
    _SEEN[question, millions] = answer
    return answer


_SEEN: Final[dict[tuple[str, int], Answer]] = {}


def _check_bound(mine: Answer, _theirs: Answer) -> None:
    assert mine.peak_mib <= _BOUND_MIB, f"{mine.peak_mib:,.0f} MiB, at most {_BOUND_MIB:,} allowed"


def _note(question: str, millions: int, _measurement: Measurement) -> str:
    answer = _SEEN[question, millions]
    return (
        f"{answer.seconds / millions:.2f} s a million without starting Python "
        f"({answer.cpu_s / millions:.2f} s of a core), "
        f"peak {answer.peak_mib:,.0f} MiB, {answer.rows:,} rows out"
    )


# In the process of its own.


def _reading(folder: Path, _target: Path) -> None:
    import polars as pl  # noqa: PLC0415  # what is measured

    columns = ("customer", "currency", "open_minor", "due_date")
    scanned = pl.scan_parquet(folder / "items-*.parquet").select(*columns)
    scanned.select(pl.all().null_count()).collect(engine="streaming")


def _aging(folder: Path, target: Path) -> None:
    import polars as pl  # noqa: PLC0415  # what is measured

    from receivables.aging import AgingScheme  # noqa: PLC0415  # see above
    from receivables.aging.columns import aging  # noqa: PLC0415  # see above

    items = pl.scan_parquet(folder / "items-*.parquet")
    aging(items, scheme=AgingScheme(30, 60, 90), as_of=AS_OF).sink_parquet(target / "aging.parquet")


def _aging_duckdb(folder: Path, target: Path) -> None:
    import duckdb  # noqa: PLC0415  # what is measured

    from receivables.aging import AgingScheme  # noqa: PLC0415  # see above
    from receivables.aging.columns import aging  # noqa: PLC0415  # see above

    duckdb.sql("set memory_limit = '2GB'")
    duckdb.sql(f"set temp_directory = '{target / 'spill'}'")
    items = duckdb.read_parquet(str(folder / "items-*.parquet"))
    aged = aging(items, scheme=AgingScheme(30, 60, 90), as_of=AS_OF)
    aged.write_parquet(str(target / "aging.parquet"))


def _balances(folder: Path, target: Path) -> None:
    """Part by part: an item and its moves lie in one part, so each is a question of its own."""
    import polars as pl  # noqa: PLC0415  # what is measured

    from receivables.aging import AgingScheme  # noqa: PLC0415  # see above
    from receivables.aging.columns import aging  # noqa: PLC0415  # see above
    from receivables.ledger.columns import balances  # noqa: PLC0415  # see above

    for items in sorted(folder.glob("items-*.parquet")):
        moves = folder / items.name.replace("items", "moves")
        opened = balances(pl.scan_parquet(items), pl.scan_parquet(moves), as_of=_DAY)
        opened.sink_parquet(target / f"open-{items.name}")
    opened = pl.scan_parquet(target / "open-*.parquet")
    aged = aging(opened, scheme=AgingScheme(30, 60, 90), as_of=_DAY)
    aged.sink_parquet(target / "aging.parquet")


_CHILD: Final[dict[str, Callable[[Path, Path], None]]] = {
    "reading": _reading,
    "aging, Polars": _aging,
    "aging, DuckDB": _aging_duckdb,
    "past day, aged, Polars": _balances,
}
_QUESTIONS: Final = tuple(name for name in _CHILD if name != "reading")


def _child(question: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as target:
        start = time.perf_counter()
        _CHILD[question](folder, Path(target))
        seconds, cpu_s = time.perf_counter() - start, time.process_time()
        written = Path(target) / "aging.parquet"
        import polars as pl  # noqa: PLC0415  # only to count what came out

        rows = pl.scan_parquet(written).select(pl.len()).collect().item() if written.exists() else 0
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu_s": cpu_s, "peak_mib": _peak_mib()}))


def _peak_mib() -> float:
    """The peak of this process's own resident memory."""
    status = Path("/proc/self/status")
    if status.exists():
        # The figure of `getrusage` is not below that of the process that started this one.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _table(sizes: Iterable[int]) -> None:
    print(
        f"{'question':26}  {'items':>12}  {'seconds':>8}  {'cpu s':>7}  {'cpu/million':>11}  {'peak MiB':>8}"
    )
    for millions in sizes:
        for question in _CHILD:
            answer = asked(question, millions)
            print(
                f"{question:26}  {millions * _MILLION:12,}  {answer.seconds:8.2f}  "
                f"{answer.cpu_s:7.2f}  {answer.cpu_s / millions:11.3f}  {answer.peak_mib:8,.0f}",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], Path(sys.argv[3]))
    else:
        _table([int(each) for each in sys.argv[1:]] or _FULL)
