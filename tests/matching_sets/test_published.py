"""Sets that others published: how well they are matched, and that nothing is applied wrongly."""

from __future__ import annotations

import importlib.util
import sys
from decimal import Decimal
from pathlib import Path

import pytest

F1_LEAST = dict.fromkeys(
    ("n10_seed42", "n30_seed42", "n100_seed42", "n300_seed42"), Decimal("74.8")
)
"""The naive baseline of the set's author has 74.8 on a hundred invoices."""


@pytest.fixture(scope="module")
def published():
    """The module that loads the sets; the sets themselves may be absent."""
    path = Path(__file__).with_name("published.py")
    spec = importlib.util.spec_from_file_location("published_sets", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not module.FOLDER.exists():
        pytest.skip("shared corpora are not beside this checkout")
    return module


@pytest.mark.parametrize("name", F1_LEAST)
def test_the_graph_is_matched_beyond_the_baseline(name, published):
    """The first answers are beyond the naive ones, and what is applied alone is right."""
    one = published.graph_set(published.FOLDER / "taskgraph" / f"{name}.json")
    proposals = published.propose(one)
    alone = published.figures(one, proposals, applied_only=True)

    assert published.figures(one, proposals).f1 >= F1_LEAST[name]
    assert alone.precision >= Decimal("98.0")


@pytest.mark.parametrize("number", range(1, 6))
def test_the_edge_cases_are_read(number, published):
    """Every receipt of a sample has a proposal; a return is none."""
    one = published.edge_set(published.FOLDER / "edge_cases" / f"sample_{number:02d}")

    proposals = published.propose(one)

    assert len(one.receipts) == len(proposals)
    assert published.figures(one, proposals, applied_only=True).precision >= 90


def test_what_is_wrong_is_explained(published):
    """Each wrong or missing pair has a paragraph with the evidence."""
    one = published.graph_set(published.FOLDER / "taskgraph" / "n100_seed42.json")

    texts = list(published.explain_wrong(one, published.propose(one)))

    assert all("true" in text for text in texts)
    assert any("no receipt" in text for text in texts)
