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


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111 12/27",
        "4111111111111111 123",
        "4111 1111 1111 1111 1227 123",
        "order 12 4111 1111 1111 1111",
        "2026-10-31 4111111111111111",
        "3782 822463 10005 12/27",
        "3056 930902 5904 12/27",
        "4111  1111  1111  1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111\u202f1111\u202f1111\u202f1111",
        "4111\u20131111\u20131111\u20131111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111111111111111.0",
        "\uff14111\uff11\uff111111111111",
        "FR7630006000011234567890189 4111111111111111",
    ],
)
def test_a_card_number_is_seen_beside_other_figures(text):
    """An expiry date, a check, another separator or another script do not hide a card number."""
    assert holds_card_number(text)
    assert not holds_card_number(masked(text))
    figures = "".join(str(int(each)) for each in masked(text) if each.isdecimal())
    assert not any(card[:-4] in figures for card in (*CARDS, "4111111111111111"))


@pytest.mark.parametrize(
    "text",
    [
        "FR76 3000 6000 0112 3456 7890 189",
        "GB82 WEST 1234 5698 7654 32",
        "21 00000 00003 13947 14300 09017",
        "+++090/9337/55493+++",
        "2026/10/31 2026/11/30 2026/12/31",
    ],
)
def test_accounts_references_and_dates_are_left_alone(text):
    """An account in groups of four and a reference in groups of five are no cards."""
    assert masked(text) == text


@given(st.text(alphabet="0123456789 -x/", max_size=60))
def test_masking_leaves_nothing_to_mask(text):
    """What was masked once holds no card number any more."""
    assert not holds_card_number(masked(text))
