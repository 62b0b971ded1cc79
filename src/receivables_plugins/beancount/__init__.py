"""Writes the journal as a beancount file, which `bean-check` accepts.

Every account is opened, every currency declared, and every entry balances to the last minor unit of
the functional currency.  See https://beancount.github.io/docs/beancount_language_syntax.html.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.beancount.settings import BeancountSettings

if TYPE_CHECKING:
    from receivables.adapters import JournalWriter

__all__ = ["BeancountSettings", "receivables_journal_writers"]


def _build(settings: BeancountSettings) -> JournalWriter:
    from receivables_plugins.beancount.writer import BeancountWriter  # noqa: PLC0415  # when used

    return BeancountWriter(settings)


@hookimpl
def receivables_journal_writers() -> Iterable[AdapterSpec[JournalWriter]]:
    """Register the adapter ``beancount``."""
    return [
        AdapterSpec(
            name="beancount",
            summary="the journal as a beancount file that bean-check accepts",
            factory=_build,
            settings=BeancountSettings,
            capabilities=frozenset({"deterministic", "entities"}),
            verified="live",
        )
    ]
