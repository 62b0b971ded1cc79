"""User code of a plug-in that must type-check: an adapter on a protocol, and the hook that brings it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, assert_type

import attrs

from receivables.adapters import AdapterSpec, LedgerRecord, LedgerSource
from receivables.hookspecs import hookimpl
from receivables.parties import Customer
from receivables.plugins import Plugins, load_plugins
from receivables.reading import Collected, Read, ReadNotes


@attrs.frozen(kw_only=True)
class NamesSettings:
    """Which ending the files have."""

    suffix: str = ".names"


@attrs.frozen
class Names:
    """One customer per line."""

    settings: NamesSettings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the name ends as the settings say."""
        return bool(head) and name.endswith(self.settings.suffix)

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read the customers."""
        notes = ReadNotes(name)
        return Read(self._rows(stream, notes), notes)

    def _rows(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        for number, line in enumerate(stream, start=1):
            identifier, _, name = line.decode().strip().partition(" ")
            if not name:
                notes.error("customer.missing", "the line has no name", line=number)
                continue
            yield Customer(customer=identifier, name=name)


def _build(settings: NamesSettings) -> LedgerSource:
    return Names(settings)


@hookimpl
def receivables_ledger_sources() -> Iterable[AdapterSpec[LedgerSource]]:
    """Register the one adapter."""
    return [
        AdapterSpec(
            name="names", summary="customers by name", factory=_build, settings=NamesSettings
        )
    ]


def use(plugins: Plugins, stream: BinaryIO) -> Collected[LedgerRecord]:
    """What is built is what the protocol promises."""
    (spec,) = receivables_ledger_sources()
    source = spec.build({"suffix": ".txt"})
    assert_type(source, LedgerSource)
    assert_type(load_plugins(only=(), extra={"names": plugins}), Plugins)
    return source.read(stream, name="a.txt").collect()
