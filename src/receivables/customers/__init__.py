"""Customer master data: proposals with four eyes, completeness, duplicates, reviews, privacy."""

from __future__ import annotations

__all__: list[str] = []
