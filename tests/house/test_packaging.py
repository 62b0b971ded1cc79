"""The wheel holds what an installation needs, and says so."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

_DATA = (".mo", ".po", ".pot", ".toml", ".typ", ".typed", ".xsd", ".html", ".css", ".csv", ".xml")


@pytest.fixture(scope="module")
def project(root):
    """The table ``[project]``."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=root,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"},
        capture_output=True,
        check=True,
    )
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel):
    """The wheel's own description of itself."""
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(wheel.read(name).decode())


def test_the_wheel_holds_every_module_and_its_data(wheel, root):
    """Each module, catalogue, table and template of the source is in the wheel."""
    source = root / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.suffix in {".py", *_DATA} or path.name == "py.typed"
    }

    assert wanted - set(wheel.namelist()) == set()


def test_the_wheel_is_typed(wheel):
    """Both packages carry the marker that makes type checkers read their hints."""
    assert {"receivables/py.typed", "receivables_plugins/py.typed"} <= set(wheel.namelist())


def test_the_wheel_holds_nothing_else(wheel):
    """Tests, benchmarks and pages stay at home."""
    tops = {Path(name).parts[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "receivables",
        "receivables_plugins",
    }


def test_the_wheel_carries_its_license(wheel):
    """The license is in the wheel, word for word."""
    name = next(name for name in wheel.namelist() if name.endswith("licenses/LICENSE"))

    assert b"Apache License" in wheel.read(name)


def test_the_wheel_names_its_entry_points(wheel, project):
    """Every adapter and the command are entry points of the wheel."""
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    text = wheel.read(name).decode()

    for group in (project["entry-points"]["receivables"], project["scripts"]):
        assert all(f"{key} = {value}" in text for key, value in group.items())


def test_every_adapter_has_its_entry_point(project, root):
    """Each folder of adapters is an entry point, and each entry point a folder or a module."""
    folder = root / "src" / "receivables_plugins"
    found = {path.stem for path in folder.iterdir() if not path.name.startswith(("_", "py."))}
    named = {value.split(".")[1] for value in project["entry-points"]["receivables"].values()}

    assert found == named


def test_every_extra_is_documented_by_its_use(metadata, source_files):
    """An extra that the code names is one that the wheel offers."""
    named = {
        extra
        for path in source_files.values()
        for extra in _extras_named(ast.parse(path.read_text(encoding="utf-8")))
    }

    assert named - set(metadata.get_all("Provides-Extra")) == set()


def _extras_named(tree):
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr == "for_extra":
            yield from (part.value for part in node.args[:1] if isinstance(part, ast.Constant))
        for keyword in node.keywords:
            if keyword.arg == "extra" and isinstance(keyword.value, ast.Constant):
                yield from filter(None, [keyword.value.value])


def test_the_version_is_said_once(metadata):
    """The wheel and the package give one version."""
    import receivables  # noqa: PLC0415  # only its version is asked for

    assert metadata["Version"] == receivables.__version__


def test_the_dependencies_are_few(metadata):
    """What every user installs is what the domain needs, and no engine, store or renderer."""
    plain = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]

    assert sorted(line.split(">")[0] for line in plain) == [
        "attrs",
        "babel",
        "narwhals",
        "pluggy",
        "py-moneyed",
        "python-dateutil",
    ]
