"""The benchmarks can be run, say what they measured, and fail where a limit is missed."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest


@pytest.fixture
def harness(root, monkeypatch):
    """The module that measures; the folder is run from the root and not installed."""
    monkeypatch.syspath_prepend(str(root))
    import benchmarks._harness as module  # noqa: PLC0415  # found only once the root is on the path

    return module


def _benchmark(harness, **given):
    values = {"name": "x", "size": 1, "ours": lambda: 1, "peer_name": "y", "peer": lambda: 1}
    return harness.Benchmark(**{**values, **given})


def _slow():
    time.sleep(0.002)
    return 1


@pytest.mark.parametrize(
    ("given", "is_met"),
    [
        ({}, None),
        ({"limit": 1_000_000.0}, True),
        ({"ours": _slow, "limit": 0.001}, False),
        ({"limit_beyond_s": 10.0}, True),
        ({"ours": _slow, "limit_beyond_s": 0.0}, False),
        ({"limit": 1_000_000.0, "check": lambda mine, theirs: mine != theirs}, False),
    ],
)
def test_a_limit_holds_or_does_not(harness, given, is_met):
    """A ratio or a difference is compared with its limit; a wrong answer meets nothing."""
    assert is_met is harness.measure(_benchmark(harness, **given), runs=3).is_met


def test_a_disagreement_is_said(harness):
    """A fast wrong answer is reported as one."""

    def check(mine, theirs):
        assert mine == theirs, "one is not two"

    measured = harness.measure(_benchmark(harness, peer=lambda: 2, check=check), runs=1)

    assert "one is not two" in measured.disagreement


def test_the_command_writes_what_it_measured(root, tmp_path):
    """One row per question on the screen, and the same figures in a file."""
    path = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--only", "import receivables"]

    ran = subprocess.run(
        [*command, "--runs", "3", "--json", str(path)],
        capture_output=True,
        check=True,
        cwd=root,
        text=True,
    )

    (row,) = json.loads(path.read_text(encoding="utf-8"))["rows"]
    assert row["name"] in ran.stdout
    assert (3, True, "") == (row["runs"], row["met"], row["disagreement"])
