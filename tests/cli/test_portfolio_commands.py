"""The commands of the portfolio: what is wrong is one line, and no half file is left."""

from __future__ import annotations

import pytest

WRONG = {
    "a group": ("measures", "--by", "nonsense"),
    "months": ("measures", "--months", "-1"),
    "a language": ("measures", "--locale", "de"),
    "a grain": ("forecast", "--grain", "year"),
    "a scenario": ("forecast", "--scenario", "nonsense"),
    "a suffix": ("portfolio", "--output", "board.pdf"),
    "a language of a file": ("portfolio", "--output", "board.html", "--locale", "de"),
    "no months": ("portfolio", "--output", "board.html", "--months", "0"),
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line(lend, tmp_path, monkeypatch, words):
    """The command ends with 2 and one line, and writes nothing."""
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    command, *rest = words

    ended = lend(command, "{}", "--as-of", "2026-09-30", *rest)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert len(ended.err.splitlines()) == 1
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", ["measures", "portfolio"])
def test_the_first_month_of_the_calendar(lend, tmp_path, command):
    """A day before which there is no month is answered, or refused in one line."""
    output = ("--output", tmp_path / "board.html") if command == "portfolio" else ("--months", 3)

    ended = lend(command, "{}", "--as-of", "0001-01-03", *output)

    assert ended.status == (2 if command == "portfolio" else 0)
    assert len(ended.err.splitlines()) == ended.status // 2
