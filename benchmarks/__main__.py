"""The command ``python -m benchmarks [--json FILE] [--only SUBSTRING] [--runs N]``.

It exits with 1 where a limit is missed or ours and its peer disagree.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks._harness import Measurement, Skipped, found, measure

_HEADINGS: Final = ("what", "size", "seconds", "peer", "peer s", "ratio", "limit", "met")
_WIDTHS: Final = (44, 22, 9, 34, 9, 7, 8, 4)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a row per question, and say by the exit status whether every limit holds."""
    options = _parser().parse_args(arguments)
    print(_line(_HEADINGS))
    print(_line(["-" * width for width in _WIDTHS]))
    measurements: list[Measurement] = []
    for one in found(options.only):
        if isinstance(one, Skipped):
            print(f"{one.module}: skipped, {one.reason}")
            continue
        measurement = measure(one, runs=options.runs)
        measurements.append(measurement)
        print(_line(_cells(measurement)), flush=True)
        if measurement.note:
            print(f"  {measurement.note}")
        if measurement.disagreement:
            print(f"  disagreement: {measurement.disagreement}")
    if options.json is not None:
        _write(options.json, measurements)
    return int(any(measurement.is_met is False for measurement in measurements))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    parser.add_argument("--only", default="", metavar="SUBSTRING", help="part of a name")
    parser.add_argument("--runs", type=int, metavar="N", help="runs of each side")
    return parser


def _cells(measurement: Measurement) -> list[str]:
    benchmark = measurement.benchmark
    size = f"{benchmark.size:,}" if isinstance(benchmark.size, int) else benchmark.size
    met = {None: "-", True: "yes", False: "NO"}[measurement.is_met]
    return [
        benchmark.name,
        size,
        f"{measurement.ours_s:.4f}",
        benchmark.peer_name,
        f"{measurement.peer_s:.4f}",
        f"{measurement.ratio:.2f}",
        measurement.limit_text,
        met,
    ]


def _line(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


def _write(path: Path, measurements: Sequence[Measurement]) -> None:
    figures = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rows": [measurement.to_dict() for measurement in measurements],
    }
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
