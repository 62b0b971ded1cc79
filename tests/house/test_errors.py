"""The tree of errors that the docstring draws is the one that the code has."""

from __future__ import annotations

import re

from receivables import errors

_LINE = re.compile(r"^(?P<indent>[\s│]*(?:[├└]── )?)(?P<name>[A-Z]\w+Error)(?: \((?P<also>\w+)\))?")


def _drawn():
    """Each class of the drawing with its parent and the built-in that it derives from as well."""
    tree, open_at = {}, {}
    for line in errors.__doc__.splitlines():
        if match := _LINE.match(line):
            depth = (len(match["indent"]) - 4) // 4
            open_at[depth] = match["name"]
            tree[match["name"]] = (open_at.get(depth - 1), match["also"])
    return tree


def _coded():
    tree = {}
    for name in errors.__all__:
        own, *others = getattr(errors, name).__bases__
        also = others[0].__name__ if others else None
        tree[name] = (None if own is Exception else own.__name__, also)
    return tree


def test_the_drawing_is_the_code():
    """Each error stands in the drawing under its parent, with the built-in beside it."""
    assert _drawn() == _coded()


def test_every_error_says_what_happened():
    """Each class of error has a docstring of its own."""
    assert [name for name in errors.__all__ if not getattr(errors, name).__doc__] == []


def test_there_is_one_root():
    """Whoever catches `ReceivablesError` catches everything that is raised on purpose."""
    classes = [getattr(errors, name) for name in errors.__all__]

    assert all(issubclass(error, errors.ReceivablesError) for error in classes)
