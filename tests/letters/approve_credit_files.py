"""Write the approved credit files anew: ``python tests/letters/approve_credit_files.py``, then read."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from receivables.letters.credit_file import compose_credit_file
from receivables.letters.plain_text import letter_text

__all__ = ["FOLDER", "approve", "printed"]

FOLDER = Path(__file__).parent / "approved_files"

_SPEC = importlib.util.spec_from_file_location(
    "credit_files", Path(__file__).with_name("credit_files.py")
)
files = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(files)


def printed(locale: str) -> str:
    """The file of a customer as it usually is, as text."""
    return letter_text(compose_credit_file(files.usual(locale)), width=110)


def approve() -> None:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for locale in files.LOCALES.values():
        path = FOLDER / f"credit-file.{locale}.txt"
        path.write_text(printed(locale), encoding="utf-8")


if __name__ == "__main__":
    approve()
