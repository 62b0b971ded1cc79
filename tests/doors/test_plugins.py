"""Plug-ins: through one door, broken ones reported, names owned once, no global manager."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint

import attrs
import pytest

from receivables import plugins as plugins_module
from receivables.adapters import API_VERSION, AdapterSpec
from receivables.errors import AdapterError, PolicyError
from receivables.hookspecs import hookimpl
from receivables.plugins import KINDS, load_plugins


@attrs.frozen(kw_only=True)
class Wanted:
    """Settings with a required and an optional key."""

    path: str
    page_size: int = attrs.field(default=10, validator=attrs.validators.ge(1))


def spec(name: str = "mine", **fields: object) -> AdapterSpec[object]:
    return AdapterSpec(name=name, summary="a test's", factory=lambda given: given, **fields)


def plugin(*specs: object, hook: str = "receivables_statement_readers") -> types.SimpleNamespace:
    def implementation() -> Iterable[object]:
        return specs

    implementation.__name__ = hook
    return types.SimpleNamespace(**{hook: hookimpl(implementation)})


def test_our_own_adapters_come_through_the_same_door() -> None:
    """Everything that ships is an entry point, and none of it is broken."""
    loaded = load_plugins()

    assert loaded.broken == ()
    assert {"camt053"} <= set(loaded.adapters["statement-reader"])
    assert {"csv", "fec"} <= set(loaded.adapters["ledger-source"])
    assert {"eml", "typst"} <= set(loaded.adapters["letter-renderer"])
    assert {"aging-csv", "excel", "html"} <= set(loaded.adapters["report-writer"])
    assert {"sql"} <= set(loaded.adapters["store"])
    assert set(loaded.adapters) == set(KINDS)


def test_an_application_brings_its_own() -> None:
    """A plug-in object registers without being installed, and two managers do not share it."""
    loaded = load_plugins(only=[], extra={"own": plugin(spec())})

    assert list(loaded.adapters["statement-reader"]) == ["mine"]
    assert list(load_plugins(only=[]).adapters["statement-reader"]) == []


def test_some_may_be_chosen_or_left_out() -> None:
    """`only` keeps what is named, `disable` leaves it out."""
    assert list(load_plugins(only=["fec"]).adapters["ledger-source"]) == ["fec"]
    assert "fec" not in load_plugins(disable=["fec"]).adapters["ledger-source"]


def test_an_unknown_choice_is_refused() -> None:
    """Asking for what is not installed is an error, not an empty result."""
    with pytest.raises(PolicyError, match="nowhere"):
        load_plugins(only=["nowhere"])
    with pytest.raises(PolicyError, match="must be one of"):
        load_plugins(only=[]).find("store", "nowhere")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that entry points are installed; loading them is the real thing."""

    def install(*points: EntryPoint) -> None:
        monkeypatch.setattr(plugins_module, "entry_points", lambda group: list(points))

    return install


def test_a_broken_plugin_is_reported_and_the_others_work(
    installed: Callable[..., None],
) -> None:
    """One import error does not take the others down."""
    installed(
        EntryPoint("bad", "receivables_plugins.no_such_module", "receivables"),
        EntryPoint("fec", "receivables_plugins.fec", "receivables"),
    )

    loaded = load_plugins()

    assert [broken.name for broken in loaded.broken] == ["bad"]
    assert "fec" in loaded.adapters["ledger-source"]
    with pytest.raises(PolicyError, match="bad is broken"):
        loaded.find("store", "nowhere")


def test_a_name_has_one_owner(installed: Callable[..., None]) -> None:
    """Two distributions under one name are an error that names both."""
    installed(
        EntryPoint("fec", "receivables_plugins.fec", "receivables"),
        EntryPoint("fec", "receivables_plugins.csv", "receivables"),
    )

    with pytest.raises(AdapterError, match="must have one owner"):
        load_plugins()


REFUSED = {
    "one adapter name from two plug-ins": {"a": plugin(spec()), "b": plugin(spec())},
    "a misspelt hook": {"a": plugin(spec(), hook="receivables_statement_raeders")},
    "a descriptor that is none": {"a": plugin("mine")},
    "another major version": {"a": plugin(spec(api_version=(API_VERSION[0] + 1, 0)))},
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_breaks_the_contract_is_refused(why: str) -> None:
    """A plug-in that breaks the contract is an error that says which one."""
    with pytest.raises(AdapterError):
        load_plugins(only=[], extra=REFUSED[why])


def test_settings_are_built_from_plain_keys() -> None:
    """Keys may have dashes; the settings class checks them."""
    built = spec(settings=Wanted).build({"path": "x", "page-size": 3})

    assert built == Wanted(path="x", page_size=3)


@pytest.mark.parametrize(
    "given", [{}, {"path": "x", "colour": "blue"}, {"path": "x", "page_size": 0}]
)
def test_wrong_settings_are_named(given: dict[str, object]) -> None:
    """A missing, unknown or impossible setting is a `PolicyError` with the adapter's name."""
    with pytest.raises(PolicyError, match="settings of mine"):
        spec(settings=Wanted).build(given)


@pytest.mark.parametrize("fields", [{"name": "Bad Name"}, {"verified": "trust me"}])
def test_a_descriptor_is_checked(fields: dict[str, str]) -> None:
    """Names and verification words are from the list."""
    with pytest.raises(ValueError, match=r".+"):
        spec(**fields)
