"""The example folders that are checked in are what the generator makes, and they are small."""

from __future__ import annotations

import importlib.util

import pytest

from receivables.ledger import ReceiptReturned
from receivables.opening import open_folder

_FILE_MAX = 900_000
_TOTAL_MAX = 2_500_000
_READ = {".csv", ".toml", ".txt", ".xml"}
"""What a folder is read from; whoever ran a cycle there has a journal and papers beside it."""


@pytest.fixture(scope="module")
def examples(root):
    """What makes the examples, by folder."""
    spec = importlib.util.spec_from_file_location("make_examples", root / "examples" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.EXAMPLES


@pytest.mark.parametrize("name", ["mirabelle", "fec-et-releve"])
def test_the_folder_is_what_the_generator_makes(name, examples, root):
    """Every file is there with exactly these bytes, and no other file that would be read is."""
    made = dict(examples[name]())
    folder = root / "examples" / name
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in _READ
    }

    assert set(made) == set(found)
    assert [] == [path for path, content in made.items() if found[path] != content]


@pytest.mark.parametrize("name", ["mirabelle", "fec-et-releve"])
def test_the_examples_are_small(name, examples):
    """A checkout stays quick: no large file, and not much in all."""
    sizes = [len(content) for content in examples[name]().values()]

    assert max(sizes) < _FILE_MAX
    assert sum(sizes) < _TOTAL_MAX


@pytest.mark.parametrize("name", ["mirabelle", "fec-et-releve"])
def test_the_library_reads_the_folder_whole(name, examples, tmp_path):
    """The adapters that ship along read every file without a single problem."""
    for path, content in examples[name]().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)

    opened = open_folder(tmp_path)

    assert opened.problems == ()
    returned = [event for event in opened.ledger.events if isinstance(event, ReceiptReturned)]
    assert len(returned) == len(opened.returns)
    assert {0} == {statement.difference_minor for statement in opened.statements}
