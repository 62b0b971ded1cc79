"""A part that is missing skips a test at a desk, and fails it in continuous integration."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

_EXAMPLE = """
import pytest

@pytest.mark.needs("no_such_module_anywhere")
def test_marked():
    pass

def test_imported():
    pytest.importorskip("no_such_module_anywhere")

def test_for_another_reason():
    pytest.skip("shared corpora are not beside this checkout")
"""


@pytest.fixture
def suite(pytester, root):
    """A small suite beside a copy of this one's conftest."""
    pytester.makeconftest((root / "tests" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers =\n    needs(part): a part\n")
    pytester.makepyfile(_EXAMPLE)
    return pytester


def _run(suite, arguments=("-p", "no:randomly", "-p", "no:xdist")):
    return suite.runpytest_subprocess(*arguments)


def test_a_missing_part_is_a_skip_at_a_desk(suite, monkeypatch):
    """Without CI=true nothing fails that only lacks a part."""
    monkeypatch.delenv("CI", raising=False)

    _run(suite).assert_outcomes(skipped=3)


def test_a_missing_part_is_a_failure_in_ci(suite, monkeypatch):
    """With CI=true a missing part fails, and a skip for another reason stays one."""
    monkeypatch.setenv("CI", "true")

    _run(suite).assert_outcomes(failed=1, errors=1, skipped=1)


def test_the_command_of_ci_is_the_readme_s(root: Path):
    """`.ci/run` has no test command of its own: it takes the one that the README gives."""
    text = (root / ".ci" / "run").read_text(encoding="utf-8")

    assert "README.md" in text
    assert "-m venv" not in text
