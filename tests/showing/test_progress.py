"""Bars where somebody looks, and nothing anywhere else."""

from __future__ import annotations

import sys

import pytest

from receivables.showing import _progress, progress, tracking


def test_items_pass_unchanged_and_nothing_is_written(capsys):
    """In a log or a test there is no bar."""
    found = list(progress(iter("abc"), "reading", total=3))

    assert found == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("module", ["rich", "tqdm"])
def test_terminal_has_a_bar(module, monkeypatch, capsys):
    """A terminal has a bar by rich, or by tqdm where that alone is installed."""
    pytest.importorskip(module)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    find = _progress.importlib.util.find_spec
    monkeypatch.setattr(
        _progress.importlib.util, "find_spec", lambda name: find(name) if name == module else None
    )

    with tracking("scoring [all]", total=2) as advance:
        advance(1)
        advance(1)
    said = capsys.readouterr()

    assert "scoring" in said.err
    assert said.out == ""


def test_a_bar_ends_when_the_work_fails(monkeypatch):
    """An error of the work passes through, and the bar is taken away."""
    closed = []

    class Bar(_progress._NoBar):
        def close(self):
            closed.append(True)

    monkeypatch.setattr(_progress, "_bar", lambda _label, _total: Bar())

    with pytest.raises(ZeroDivisionError), tracking("dividing"):
        _ = 1 // 0
    assert closed == [True]


def test_notebook_has_a_bar_of_the_page(monkeypatch):
    """The bar is an element that a voice can read, and moves a hundred times at most."""
    pytest.importorskip("IPython")
    pages = []

    class Handle:
        def update(self, page):
            pages.append(page.data)

    def display(page, *, display_id):
        pages.append(page.data)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(_progress, "_in_notebook", lambda: True)
    done = sum(1 for _ in progress(range(100_000), "<i>ageing</i>"))

    assert done == 100_000
    assert len(pages) <= 103
    assert "&lt;i&gt;ageing" in pages[0]
    assert 'value="100000"' in pages[-1]
