"""The page of conduct says what the packs and the periods say."""

from __future__ import annotations

from .pages import conduct_page


def test_the_page_is_drawn_from_the_packs(root):
    """Every rule stands there with its article and its status."""
    page = (root / "docs" / "reference" / "conduct.md").read_text(encoding="utf-8")

    assert conduct_page() == page
