"""Every Python block of the README and of the manual runs, a page a test, in an empty folder."""

from __future__ import annotations

from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

import pytest
from sybil.document import Document
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

_ROOT = Path(__file__).resolve().parents[2]
_PAGES = ["README.md", *(path.relative_to(_ROOT).as_posix() for path in _ROOT.glob("docs/**/*.md"))]
_ON_SPARK = "docs/how-to/run-on-a-cluster.md"


def _marked(page: str) -> object:
    """A page, with what it needs; one with Spark shares the session of the tests of Spark."""
    if page != _ON_SPARK:
        return page
    marks = (pytest.mark.needs("java", "pyspark"), pytest.mark.xdist_group("spark"))
    return pytest.param(page, marks=marks, id=page)


@pytest.mark.parametrize("page", [_marked(page) for page in sorted(_PAGES)])
def test_the_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    """The blocks of a page run in their order, and say what the page says they say."""
    monkeypatch.chdir(tmp_path)
    code = PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)

    document = Document.parse(str(_ROOT / page), SkipParser(), code)

    for example in document.examples():
        example.evaluate()
