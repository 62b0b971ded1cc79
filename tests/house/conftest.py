"""What the tests of the house share: where the source is, and what stands in it."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

_PACKAGES = ("receivables", "receivables_plugins")


def _module_name(path: Path, source: Path) -> str:
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(scope="session")
def source_files(root: Path) -> dict[str, Path]:
    """Every module of the source, by its name."""
    source = root / "src"
    files = (path for package in _PACKAGES for path in sorted((source / package).rglob("*.py")))
    return {_module_name(path, source): path for path in files}


@pytest.fixture(scope="session")
def public_modules(source_files: dict[str, Path]) -> dict[str, ModuleType]:
    """The modules of the library that have no underscore in their name, imported."""
    names = [
        name
        for name in source_files
        if name.split(".")[0] == "receivables"
        and not any(part.startswith("_") for part in name.split("."))
    ]
    return {name: importlib.import_module(name) for name in names}
