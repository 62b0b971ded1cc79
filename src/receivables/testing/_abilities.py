"""What every conformance class has: the descriptor, and the check that no declared ability escapes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from receivables.adapters import AdapterSpec

__all__ = ["AbilityTests", "is_own_code"]


class AbilityTests:
    """The part that the conformance classes share; give the fixture `spec`."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
    """Each ability that an adapter may declare, and the tests that ask for it."""

    @pytest.fixture
    def spec(self) -> AdapterSpec[Any]:
        """The descriptor of the adapter."""
        raise NotImplementedError

    def test_every_declared_ability_is_tested(self, spec: AdapterSpec[Any]) -> None:
        """An ability that is declared is known, and its tests are neither replaced nor skipped."""
        kit: Any = next(cls for cls in type(self).__mro__ if "ABILITIES" in vars(cls))
        assert spec.capabilities <= set(kit.ABILITIES)
        for name in (name for ability in spec.capabilities for name in kit.ABILITIES[ability]):
            test = getattr(type(self), name)
            assert test is getattr(kit, name)
            assert not [mark for mark in _marks(self, test) if mark.name.startswith(("skip", "xf"))]


def is_own_code(code: str, name: str) -> bool:
    """Whether a code of a problem is an adapter's own: its first word is the adapter's first word.

    >>> is_own_code("sap.special-gl", "sap-tables"), is_own_code("oracle.sign", "sap-tables")
    (True, False)
    """
    return code.partition(".")[0] in {name, name.partition("-")[0]}


def _marks(tests: object, test: object) -> list[pytest.Mark]:
    found = [getattr(tests, "pytestmark", []), getattr(test, "pytestmark", [])]
    return [mark for marks in found for mark in (marks if isinstance(marks, list) else [marks])]
