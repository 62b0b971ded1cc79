"""The template of a plug-in, as whoever copies it finds it: installed by itself, and green."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A place where the template is installed as its own distribution; and its folder."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(ROOT / "examples" / "plugin", folder / "plugin")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--disable-pip-version-check"]
    command += ["--target", str(folder / "site"), str(folder / "plugin")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def run(site, *arguments):
    """Run a module beside the installed template."""
    paths = [str(site / "site"), str(ROOT / "src")]
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=site / "plugin",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "200"},
    )


def test_its_conformance_run_is_green(site):
    """The checks of the template pass, and none fails or is left out by mistake."""
    done = run(site, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert "failed" not in done.stdout


def test_it_is_listed_beside_the_others(site):
    """The command names its adapters, with how they were verified."""
    done = run(site, "receivables.cli", "plugins")

    assert done.returncode == 0, done.stderr
    for name in ("acme", "acme-export", "own fake only"):
        assert name in done.stdout


def test_a_broken_plug_in_keeps_no_other_away(site, tmp_path):
    """One that cannot be imported is named with its reason; everything else works."""
    shutil.copytree(site / "site", tmp_path / "site")
    module = tmp_path / "site" / "receivables_acme" / "__init__.py"
    module.write_text("import a_module_that_nobody_has\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "receivables.cli", "plugins"],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(ROOT / "src")]),
        },
    )

    assert done.returncode == 1
    assert "broken: acme: ModuleNotFoundError" in done.stderr
    assert "csv" in done.stdout
