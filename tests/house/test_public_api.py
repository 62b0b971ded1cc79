"""The public modules promise what they have: documented, listed, importable, and typed."""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import receivables

_HOOKS = re.compile(r"receivables_\w+")
_TYPE_VARIABLE = re.compile(r"[A-Z](_co)?")


def _own_names(tree):
    """The public names that a module defines itself; a command of the shell is none."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
            if not decorators & {"app.command", "app.default"}:
                yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _is_promised(name):
    """Whether a name is for callers: hooks are for implementing, and type variables for checkers."""
    return not (name.startswith("_") or _HOOKS.fullmatch(name) or _TYPE_VARIABLE.fullmatch(name))


def _documented(name, module):
    """The classes and functions of a module with their public methods, by qualified name."""
    for export in module.__all__:
        value = getattr(module, export)
        if getattr(value, "__module__", None) != name or not callable(value):
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            yield f"{name}.{export}", value
        if inspect.isclass(value):
            yield from _methods(f"{name}.{export}", value)


def _methods(name, cls):
    for attribute, value in vars(cls).items():
        function = getattr(value, "fget", None) or getattr(value, "__func__", value)
        if not attribute.startswith("_") and inspect.isfunction(function):
            inherited = any(attribute in vars(base) for base in cls.__mro__[1:])
            if not inherited and not re.fullmatch(r"\w*<lambda>", function.__name__):
                yield f"{name}.{attribute}", function


def test_every_public_module_has_a_docstring(public_modules):
    """Each public module opens with a sentence."""
    assert [name for name, module in public_modules.items() if not module.__doc__] == []


def test_every_public_module_lists_its_names(public_modules):
    """Each public module has an `__all__` without repetition, and every name in it is there."""
    without = [name for name, module in public_modules.items() if not hasattr(module, "__all__")]
    absent = [
        f"{name}.{export}"
        for name, module in public_modules.items()
        for export in getattr(module, "__all__", ())
        if not hasattr(module, export)
    ]
    repeated = [
        name
        for name, module in public_modules.items()
        if len(set(getattr(module, "__all__", ()))) != len(getattr(module, "__all__", ()))
    ]

    assert (without, absent, repeated) == ([], [], [])


def test_no_public_name_is_left_out(public_modules, source_files):
    """What a public module defines without an underscore is in its `__all__`."""
    missing = [
        f"{name}.{own}"
        for name, module in public_modules.items()
        if name != "receivables"
        for own in _own_names(ast.parse(source_files[name].read_text(encoding="utf-8")))
        if _is_promised(own) and own not in getattr(module, "__all__", ())
    ]

    assert missing == []


def test_every_public_name_is_documented(public_modules):
    """Each public class, function and method has a docstring of its own."""
    bare = [
        name
        for module_name, module in public_modules.items()
        if hasattr(module, "__all__")
        for name, value in _documented(module_name, module)
        if not (value.__doc__ or "").strip()
    ]

    assert bare == []


def test_the_front_names_resolve():
    """Every lazy name of `receivables` resolves to the object that its home module exports."""
    for name in receivables.__all__:
        home = importlib.import_module(f"receivables.{receivables._HOME[name]}")
        own = receivables._ALIASES.get(name, name)

        assert getattr(receivables, name) is getattr(home, own)
        assert own in home.__all__


def test_no_front_name_is_a_module_s(public_modules):
    """A lazy name that a module has too would turn into that module once it is imported."""
    modules = {name.split(".")[1] for name in public_modules if "." in name}

    assert modules & set(receivables.__all__) == set()


def test_the_front_lists_what_it_has():
    """`__all__` and the table of homes hold the same names, and completion shows them."""
    assert sorted(receivables.__all__) == sorted(receivables._HOME)
    assert set(receivables.__all__) <= set(dir(receivables))


def test_the_aliases_are_what_they_stand_for():
    """An alias is another name for a front name, and the same object."""
    for alias, name in receivables._ALIASES.items():
        assert getattr(receivables, alias) is getattr(receivables, name)


def test_an_unknown_name_is_refused():
    """A name that the library does not have raises what Python's own modules raise."""
    assert not hasattr(receivables, "no_such_name")


def test_adapters_use_public_names(source_files):
    """What an adapter takes from the library is exported there."""
    taken = [
        (name, node.module, alias.name)
        for name, path in source_files.items()
        if name.startswith("receivables_plugins")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "receivables"
        for alias in node.names
    ]

    assert [entry for entry in taken if not _is_exported(*entry[1:])] == []


def _is_exported(module, name):
    home = importlib.import_module(module)
    if any(part.startswith("_") for part in module.split(".")):
        return False
    if name in getattr(home, "__all__", ()):
        return True
    try:
        importlib.import_module(f"{module}.{name}")
    except ImportError:
        return False
    return not name.startswith("_")
