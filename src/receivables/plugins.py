"""Building a plug-in manager, and collecting adapters from it.

The manager is a value that the application builds; there is no global one.  Entry points are loaded
one by one, so that a broken plug-in is reported and the others still work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any, Final

import attrs
import pluggy

from receivables import hookspecs
from receivables.adapters import API_VERSION, AdapterSpec
from receivables.errors import AdapterError, PolicyError
from receivables.transports.model import Runtime

__all__ = ["KINDS", "Broken", "Plugins", "load_plugins"]

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "advice-reader": "receivables_advice_readers",
        "allocation-order": "receivables_allocation_orders",
        "calendar": "receivables_calendars",
        "contact-directory": "receivables_contact_directories",
        "credit-source": "receivables_credit_sources",
        "journal-writer": "receivables_journal_writers",
        "ledger-service": "receivables_ledger_services",
        "ledger-source": "receivables_ledger_sources",
        "letter-renderer": "receivables_letter_renderers",
        "message-transport": "receivables_message_transports",
        "payout-reader": "receivables_payout_readers",
        "payout-service": "receivables_payout_services",
        "portfolio-writer": "receivables_portfolio_writers",
        "posting-target": "receivables_posting_targets",
        "rate-source": "receivables_rate_sources",
        "report-writer": "receivables_report_writers",
        "statement-reader": "receivables_statement_readers",
        "store": "receivables_stores",
    }
)
"""Each kind of adapter and the hook that registers it."""


@attrs.frozen
class Broken:
    """A plug-in that could not be loaded, and why."""

    name: str
    reason: str


@attrs.frozen(kw_only=True)
class Plugins:
    """What the loaded plug-ins bring, by kind and name."""

    manager: pluggy.PluginManager = attrs.field(repr=False, eq=False)
    adapters: Mapping[str, Mapping[str, AdapterSpec[Any]]]
    broken: tuple[Broken, ...] = ()

    def find(self, kind: str, name: str) -> AdapterSpec[Any]:
        """The adapter of a kind by name; raises `PolicyError` listing those there are."""
        known = self.adapters[kind]
        if name not in known:
            broken = "".join(f"; {one.name} is broken: {one.reason}" for one in self.broken)
            msg = (
                f"{kind} must be one of {', '.join(sorted(known)) or 'none'}, got {name!r}{broken}"
            )
            raise PolicyError(msg)
        return known[name]

    def build(
        self,
        kind: str,
        name: str,
        settings: Mapping[str, Any] | None = None,
        *,
        runtime: Runtime | None = None,
    ) -> Any:  # noqa: ANN401  # the protocol of the kind
        """Find an adapter and build it with its settings, and with a runtime where it connects."""
        return self.find(kind, name).build(settings, runtime=runtime)


def load_plugins(
    *,
    only: Iterable[str] | None = None,
    disable: Iterable[str] = (),
    extra: Mapping[str, object] | None = None,
) -> Plugins:
    """Load the plug-ins of the entry-point group ``receivables``.

    `only` keeps the entry points named, `disable` leaves some out, and `extra` registers further
    plug-in objects by name (an application's own, or a test's).  Raises `AdapterError` where two
    distributions use one name, where a hook is misspelt, or where a descriptor is not one.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    chosen = _chosen(None if only is None else frozenset(only), frozenset(disable))
    broken = [found for point in chosen if (found := _register(manager, point))]
    for name, plugin in (extra or {}).items():
        manager.register(plugin, name=name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        msg = f"hooks must be among {', '.join(hookspecs.HOOKS)}, got {error}"
        raise AdapterError(msg) from error
    adapters = {kind: _collect(manager, kind, hook) for kind, hook in KINDS.items()}
    return Plugins(manager=manager, adapters=MappingProxyType(adapters), broken=tuple(broken))


def _chosen(only: frozenset[str] | None, disable: frozenset[str]) -> list[EntryPoint]:
    by_name: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=hookspecs.PROJECT), key=lambda point: point.name):
        if point.name in disable or (only is not None and point.name not in only):
            continue
        other = by_name.setdefault(point.name, point)
        if other.value != point.value:
            msg = f"plug-in {point.name!r} must have one owner, got {_owner(other)} and {_owner(point)}"
            raise AdapterError(msg)
    if only is not None and (missing := sorted(only - set(by_name))):
        msg = f"plug-ins must be installed, got {', '.join(missing)}"
        raise PolicyError(msg)
    return list(by_name.values())


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _register(manager: pluggy.PluginManager, point: EntryPoint) -> Broken | None:
    try:
        manager.register(point.load(), name=point.name)
    except Exception as error:  # noqa: BLE001  # a stranger's code may raise anything; it is reported
        return Broken(point.name, f"{type(error).__name__}: {error}")
    return None


def _collect(manager: pluggy.PluginManager, kind: str, hook: str) -> Mapping[str, AdapterSpec[Any]]:
    found: dict[str, AdapterSpec[Any]] = {}
    owners: dict[str, str] = {}
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        for spec in implementation.function():
            _check(spec, kind, implementation.plugin_name)
            if spec.name in found:
                both = f"{owners[spec.name]} and {implementation.plugin_name}"
                msg = f"{kind} {spec.name!r} must come from one plug-in, got {both}"
                raise AdapterError(msg)
            found[spec.name] = spec
            owners[spec.name] = implementation.plugin_name
    return MappingProxyType(dict(sorted(found.items())))


def _check(spec: object, kind: str, plugin: str) -> None:
    if not isinstance(spec, AdapterSpec):
        msg = f"{kind} of {plugin} must be an AdapterSpec, got {type(spec).__name__}"
        raise AdapterError(msg)
    if spec.api_version[0] != API_VERSION[0]:
        msg = f"{kind} {spec.name!r} of {plugin} must have API {API_VERSION[0]}.x, got {spec.api_version}"
        raise AdapterError(msg)
