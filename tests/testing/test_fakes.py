"""Every fake is found under one roof, and none is loaded before it is asked for."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

from receivables.testing import fakes


def test_every_public_name_of_a_fake_is_listed():
    """What a module of fakes makes public is there to be imported from the package."""
    modules = [
        importlib.import_module(f"receivables.testing.fakes.{one.name}")
        for one in pkgutil.iter_modules(fakes.__path__)
    ]
    named = {name: getattr(module, name) for module in modules for name in module.__all__}

    assert set(fakes.__all__) == set(named) == set(dir(fakes))
    assert {name: getattr(fakes, name) for name in fakes.__all__} == named


def test_a_name_that_is_none_is_said():
    """A misspelt fake is an attribute error, as of any module."""
    with pytest.raises(AttributeError, match="FakeM33"):
        _ = fakes.FakeM33


def test_fakes_are_loaded_when_asked_for():
    """Importing the package loads no fake."""
    code = (
        "import sys, receivables.testing.fakes; "
        "print([name for name in sys.modules if name.startswith('receivables.testing.fakes.')])"
    )
    found = subprocess.run(  # our own interpreter
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert found.stdout.strip() == "[]"
