"""Card numbers are seen, and do not come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.cards import holds_card_number, masked

# Numbers that the card networks publish for tests.
CARDS = [
    "4111111111111111",
    "4012888888881881",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
    "3530111333300000",
    "6759649826438453",
]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("form", ["{}", "paid by {} today", "n°{};", "card:{}", "({})"])
def test_a_card_number_is_seen_in_any_text(card, form):
    """Alone or in a sentence, whole or in groups of four, a card number is seen and masked."""
    grouped = " ".join(card[place : place + 4] for place in range(0, len(card), 4))
    for number in (card, grouped, grouped.replace(" ", "-")):
        text = form.format(number)

        assert holds_card_number(text)
        assert number not in masked(text)
        assert masked(text).replace("*", "").endswith(form.format(card[-4:]).partition("{")[2][-1:])
        assert card[-4:] in masked(text)
        assert not holds_card_number(masked(text))


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "0000000000000000",
        "FR7630006000011234567890189",
        "RF18539007547034",
        "2026-10-31 12:00:00",
        "123026635",
        "INV4111111111111111",
        "",
    ],
)
def test_other_numbers_are_left_alone(text):
    """What fails its check figure, what is part of a longer word, and what is short is no card."""
    assert not holds_card_number(text)
    assert masked(text) == text


@given(st.text(alphabet="0123456789 -x", max_size=60))
def test_masking_leaves_nothing_to_mask(text):
    """What was masked once holds no card number any more."""
    assert not holds_card_number(masked(text))
