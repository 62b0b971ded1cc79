"""Below the doors there is no clock, no file, no network, no environment, no luck, and no float."""

from __future__ import annotations

import ast

import pytest

_DOORS = {
    *("opening", "cli", "cycle", "demo", "fitting", "pictures", "plugins", "predicting"),
    *("sending", "testing", "transports"),
}
"""`fitting` is statistics over frames, and `pictures` drawing: in floats by nature, and no money passes
through them."""
_WORLD = {
    "getpass",
    "glob",
    "http",
    "locale",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "platform",
    "random",
    "requests",
    "secrets",
    "select",
    "shutil",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
}
_CLOCKS = {"now", "today", "utcnow"}
_BUILT_IN = {"open", "input", "print", "float"}
_READERS_OF_PACKAGE_DATA = {
    *("accounting", "allowance", "collection", "conduct", "credit", "dunning", "i18n", "measures"),
    *("interest", "letters", "scoring", "writeoffs"),
}


@pytest.fixture(scope="module")
def domain(source_files):
    """The syntax tree of every module below the doors, by name."""
    return {
        name: ast.parse(path.read_text(encoding="utf-8"))
        for name, path in source_files.items()
        if name.split(".")[0] == "receivables" and not _DOORS & set(name.split(".")[1:2])
    }


def _found(domain, check):
    return [
        f"{name}:{node.lineno}"
        for name, tree in domain.items()
        for node in ast.walk(tree)
        if check(node)
    ]


def _imports_the_world(node):
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in _WORLD for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in _WORLD


def _asks_the_clock(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _CLOCKS
    )


def _calls_out(node):
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        opens = node.func.attr == "open" and isinstance(node.func.value, ast.Name)
        return opens and node.func.value.id in {"io", "codecs"}
    return isinstance(node.func, ast.Name) and node.func.id in _BUILT_IN


def _is_a_float(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _annotations(node):
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        return [node.returns, *(argument.annotation for argument in arguments)]
    return [node.annotation] if isinstance(node, ast.AnnAssign) else []


def _is_annotated_float(node):
    return any(
        isinstance(part, ast.Name) and part.id == "float"
        for annotation in _annotations(node)
        if annotation is not None
        for part in ast.walk(annotation)
    )


def _divides(node):
    """True division, but for exact fractions and for the paths of package data."""
    if not (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)):
        return False
    right = node.right if isinstance(node, ast.BinOp) else node.value
    is_path = isinstance(right, ast.JoinedStr) or (
        isinstance(right, ast.Constant) and isinstance(right.value, str)
    )
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return not is_path and "Fraction" not in names


@pytest.mark.parametrize(
    "check",
    [_imports_the_world, _asks_the_clock, _calls_out, _is_a_float, _is_annotated_float, _divides],
    ids=lambda check: check.__name__.strip("_"),
)
def test_the_domain_is_pure(check, domain):
    """No module below the doors reads the world, asks the time, or counts in floats."""
    assert _found(domain, check) == []


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ("import os", _imports_the_world),
        ("from time import time", _imports_the_world),
        ("import datetime as dt\ndt.date.today()", _asks_the_clock),
        ("open('x')", _calls_out),
        ("import io\nio.open('x')", _calls_out),
        ("float('1.5')", _calls_out),
        ("rate = 0.5", _is_a_float),
        ("def f(rate: float | None): ...", _is_annotated_float),
        ("half = amount / 2", _divides),
        ("amount /= 2", _divides),
    ],
)
def test_what_is_impure_is_found(code, check):
    """Each check finds the one thing that it is there for."""
    assert len(_found({"example": ast.parse(code)}, check)) == 1


@pytest.mark.parametrize("code", ["folder / 'fr.po'", "days / Fraction(365)"])
def test_what_is_exact_is_not_found(code):
    """A path of package data is no division of an amount, and a fraction loses nothing."""
    assert _found({"example": ast.parse(code)}, _divides) == []


def test_only_words_read_package_data(domain):
    """Catalogues and letter texts are read from the package; nothing else is read at all."""
    readers = {
        name.split(".")[1]
        for name, tree in domain.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module, node.names[0].name) == ("importlib", "resources")
    }

    assert readers <= _READERS_OF_PACKAGE_DATA
