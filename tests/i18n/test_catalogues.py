"""Every word is in every language, and every word is used."""

import ast
from importlib import resources

import pytest
from babel.messages.pofile import read_po

from receivables.documents.model import ItemKind
from receivables.i18n import LANGUAGES, placeholders, words
from receivables.letters import known_letters
from receivables.statements import StatementMovementKind

_FILES = {
    file.name.removesuffix(".po"): file
    for file in (resources.files("receivables.i18n") / "catalogues").iterdir()
    if file.name.endswith(".po")
}
_PUBLIC = {"heading"}
"""Contexts that adapters may draw from, so that a word may wait there for its first reader."""


def _read(name):
    with _FILES[name].open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


def _keys(name):
    return {(message.context, message.id) for message in _read(name)}


_WRITERS = ("docx", "eml", "reports", "text", "typst")
"""Adapters that write for people; a `text` of another one is a cell."""


@pytest.fixture(scope="module")
def trees(root):
    """The syntax trees of the library and its adapters."""
    return [ast.parse(path.read_text(encoding="utf-8")) for path in (root / "src").rglob("*.py")]


@pytest.fixture(scope="module")
def speaking(root):
    """The syntax trees of the library and of the adapters that write for people."""
    folders = [root / "src" / "receivables"]
    folders += [root / "src" / "receivables_plugins" / name for name in _WRITERS]
    return [
        ast.parse(path.read_text(encoding="utf-8"))
        for folder in folders
        for path in folder.rglob("*.py")
    ]


def test_every_language_has_a_catalogue():
    """Each language has a file, and each other file is of a region of one."""
    assert set(LANGUAGES) <= _FILES.keys()
    assert {name[:2] for name in _FILES} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_words(language):
    """No language has a word that another lacks."""
    assert _keys("en") == _keys(language)


@pytest.mark.parametrize("name", sorted(_FILES.keys() - set(LANGUAGES)))
def test_regions_only_differ(name):
    """A region translates words that its language has, and differently."""
    general = words(name[:2])

    assert _keys(name) <= _keys("en")
    assert [m.id for m in _read(name) if general.text(m.context, m.id) == m.string] == []


@pytest.mark.parametrize("name", sorted(_FILES))
def test_every_word_is_translated(name):
    """No translation is empty or fuzzy, and each keeps the placeholders of its message."""
    messages = _read(name)

    assert [message.id for message in messages if not message.string or message.fuzzy] == []
    assert [m.id for m in messages if placeholders(m.id) != placeholders(m.string)] == []


def _asked(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) >= 2:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            pair = tuple(getattr(argument, "value", None) for argument in node.args[:2])
            if name in {"text", "word"} and all(isinstance(part, str) for part in pair):
                yield pair


def test_every_word_asked_for_is_there(speaking):
    """A context and a message written in code stand in the catalogues."""
    asked = {pair for tree in speaking for pair in _asked(tree)}

    assert asked
    assert asked - _keys("en") == set()


def test_every_word_is_used(trees):
    """A word that no code names is removed."""
    named = {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # Enumerations and columns are written with hyphens and underscores, and said with spaces.
    named |= {text.replace("-", " ").replace("_", " ") for text in named}
    kinds = [kind.value for kind in (*ItemKind, *StatementMovementKind)]
    named |= {kind.replace("-", " ") for kind in kinds} | known_letters().keys()
    unused = {(context, message) for context, message in _keys("en") if message not in named}

    assert {key for key in unused if key[0] not in _PUBLIC} == set()
