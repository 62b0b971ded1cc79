"""What every conformance class has: the descriptor, and the check that no declared ability escapes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from receivables.adapters import AdapterSpec

__all__ = ["AbilityTests"]


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


def _marks(tests: object, test: object) -> list[pytest.Mark]:
    found = [getattr(tests, "pytestmark", []), getattr(test, "pytestmark", [])]
    return [mark for marks in found for mark in (marks if isinstance(marks, list) else [marks])]
