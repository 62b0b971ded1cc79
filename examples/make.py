"""Make the example folders again: ``python examples/make.py`` from the root of the project.

The files are the same on every machine; a test compares them with what stands here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from receivables.testing.company import generate, write_fec_folder, write_folder

__all__ = ["EXAMPLES"]


def mirabelle() -> Mapping[str, bytes]:
    """Two years of a maker of furniture: lists of customers and documents, bank statements."""
    return write_folder(generate())


def fec_and_statement() -> Mapping[str, bytes]:
    """Ten months of a small book: an accounting export, and the bank statement of the last month."""
    company = generate(
        seed=411, invoices=120, customers=24, first_day=dt.date(2026, 1, 1), with_cad=False
    )
    return write_fec_folder(
        company, known_until=dt.date(2026, 9, 30), lettered_until=dt.date(2026, 8, 31)
    )


EXAMPLES: Final[Mapping[str, Callable[[], Mapping[str, bytes]]]] = {
    "mirabelle": mirabelle,
    "fec-et-releve": fec_and_statement,
}
"""The folders beside this file, and what makes their files."""


def main() -> None:
    """Write every folder."""
    here = Path(__file__).resolve().parent
    for name, make in EXAMPLES.items():
        for path, content in make().items():
            target = here / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


if __name__ == "__main__":
    main()
