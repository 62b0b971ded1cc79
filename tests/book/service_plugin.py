"""An accounting system that is a list in memory, as a plug-in with settings and a way to it."""

from __future__ import annotations

import attrs

from receivables.adapters import AdapterSpec
from receivables.errors import ServiceError
from receivables.hookspecs import hookimpl
from receivables.reading import Read, ReadNotes
from receivables.transports import Request


@attrs.frozen(kw_only=True)
class Settings:
    """Who the creditor is, and the name of a secret."""

    creditor: str
    currency: str = ""
    key: str = ""


@attrs.define
class System:
    """What it holds; `declared` is how many items it says there are, and `fails` breaks its pages."""

    parties: list = attrs.field(factory=list)
    open: list = attrs.field(factory=list)
    settled: list = attrs.field(factory=list)
    declared: int | None = None
    fails: bool = False
    asked: list = attrs.field(factory=list)
    built: list = attrs.field(factory=list)

    def build(self, settings, runtime):
        """Keep what it was built with, and ask over the way that it was given."""
        self.built.append(settings)
        if settings.key:
            bearer = {"Authorization": runtime.secret(settings.key).reveal()}
            runtime.transport(Request("GET", "https://erp.example/", headers=bearer))
        return self

    def customers(self, query):
        """The customers."""
        return Read(iter(self.parties), ReadNotes("erp"))

    def items(self, query):
        """What is open, and what was settled since a day."""
        self.asked.append(query)
        notes = ReadNotes("erp")
        notes.declared_total = self.declared
        return Read(self._rows(query, notes), notes)

    def _rows(self, query, notes):
        yield from self.open
        if query.settled_since is not None:
            yield from (each for each in self.settled if each.settled_on >= query.settled_since)
        if self.fails:
            notes.error("service.incomplete", str(ServiceError("page 2 must come, got 503")))

    @hookimpl
    def receivables_ledger_services(self):
        """Register the service."""
        return [
            AdapterSpec(
                name="erp",
                summary="a system in memory",
                factory=self.build,
                settings=Settings,
                connects=True,
                capabilities={"customers", "documents", "settled"},
            )
        ]
