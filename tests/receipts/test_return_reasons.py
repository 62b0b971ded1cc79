"""The codes of the schemes in one vocabulary, and what each reason means for the claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.receipts.model import ReturnReason
from receivables.receipts.returns import (
    CONSEQUENCES,
    RETURN_CODES,
    SCHEMES,
    CodeStatus,
    Fault,
    Retry,
    ends_mandate,
    fault,
    find_return_code,
    may_retry,
    return_reason,
)

R = ReturnReason

CODES = {
    ("iso20022", "AC01"): R.ACCOUNT_INVALID,
    ("iso20022", "AC04"): R.ACCOUNT_CLOSED,
    ("iso20022", "AC06"): R.ACCOUNT_BLOCKED,
    ("iso20022", "AG01"): R.ACCOUNT_INVALID,
    ("iso20022", "AM04"): R.INSUFFICIENT_FUNDS,
    ("iso20022", "AM05"): R.DUPLICATE,
    ("iso20022", "BE05"): R.UNAUTHORIZED,
    ("iso20022", "FF01"): R.PROCESSING_ERROR,
    ("iso20022", "MD01"): R.MANDATE_MISSING,
    ("iso20022", "MD06"): R.REFUND_REQUESTED,
    ("iso20022", "MD07"): R.PAYER_DECEASED,
    ("iso20022", "MS02"): R.STOPPED,
    ("iso20022", "MS03"): R.UNSPECIFIED,
    ("iso20022", "RC01"): R.ACCOUNT_INVALID,
    ("iso20022", "RR04"): R.REGULATORY,
    ("iso20022", "SL01"): R.STOPPED,
    ("nacha", "R01"): R.INSUFFICIENT_FUNDS,
    ("nacha", "R02"): R.ACCOUNT_CLOSED,
    ("nacha", "R03"): R.ACCOUNT_INVALID,
    ("nacha", "R07"): R.MANDATE_REVOKED,
    ("nacha", "R10"): R.UNAUTHORIZED,
    ("nacha", "R29"): R.UNAUTHORIZED,
    ("cpa005", "901"): R.INSUFFICIENT_FUNDS,
    ("cpa005", "905"): R.ACCOUNT_CLOSED,
    ("cpa005", "915"): R.MANDATE_MISSING,
    ("cpa005", "917"): R.MANDATE_REVOKED,
    ("cfonb", "20"): R.INSUFFICIENT_FUNDS,
    ("cfonb", "80"): R.REFUND_REQUESTED,
    ("bacs", "0"): R.INSUFFICIENT_FUNDS,
    ("bacs", "1"): R.MANDATE_REVOKED,
    ("bacs", "2"): R.PAYER_DECEASED,
    ("visa", "10.4"): R.FRAUD,
    ("visa", "12.6"): R.DUPLICATE,
    ("visa", "13.1"): R.GOODS_DISPUTED,
    ("mastercard", "4837"): R.FRAUD,
    ("mastercard", "4853"): R.GOODS_DISPUTED,
    ("amex", "C08"): R.GOODS_DISPUTED,
    ("amex", "P08"): R.DUPLICATE,
    ("x9", "G"): R.INSTRUMENT_IRREGULAR,
}


@pytest.mark.parametrize(("scheme", "code"), CODES)
def test_a_code_has_its_reason(scheme, code):
    """Codes of every scheme come to one vocabulary."""
    assert CODES[scheme, code] is return_reason(scheme, code)


def test_every_scheme_has_a_case():
    """No scheme is without one, and each says where its codes were read."""
    assert {scheme for scheme, _ in CODES} == set(SCHEMES) == {key[0] for key in RETURN_CODES}
    assert all(SCHEMES.values())


def test_no_code_stands_twice():
    """A row for each code, and a meaning in each."""
    rows = [(code.scheme, code.code) for code in RETURN_CODES.values()]

    assert rows == list(RETURN_CODES)
    assert all(code.meaning for code in RETURN_CODES.values())


def test_an_unsure_code_says_so():
    """What no list gives is marked."""
    assert find_return_code("iso20022", "FRAD").status is CodeStatus.MEMORY
    assert find_return_code("iso20022", "AM04").status is CodeStatus.VERIFIED


WRITTEN_OTHERWISE = {
    ("nacha", " r01 "): "R01",
    ("nacha", "1"): "R01",
    ("nacha", "R1"): "R01",
    ("cpa005", "R901"): "901",
    ("cpa005", "0901"): "901",
    ("cpa005", "R900-07"): "900",
    ("cfonb", "4"): "04",
    ("cfonb", "020"): "20",
    ("bacs", "b"): "B",
    ("iso20022", "am04"): "AM04",
    ("visa", "12.6.1"): "12.6.1",
}


@pytest.mark.parametrize(("scheme", "code"), WRITTEN_OTHERWISE)
def test_a_code_is_recognized_as_banks_write_it(scheme, code):
    """Blanks, case, leading zeros and letters do not matter."""
    found = find_return_code(scheme, code)

    assert WRITTEN_OTHERWISE[scheme, code] == found.code
    assert found.status is CodeStatus.VERIFIED


@pytest.mark.parametrize(
    ("scheme", "code", "reason"), [("visa", "10.9", R.FRAUD), ("amex", "C99", R.GOODS_DISPUTED)]
)
def test_a_new_code_of_a_family_has_the_reason_of_its_family(scheme, code, reason):
    """Card schemes group their codes, and the group says enough."""
    found = find_return_code(scheme, code)

    assert (found.reason, found.status) == (reason, CodeStatus.FAMILY)


@given(st.sampled_from(sorted(SCHEMES)), st.text(max_size=6))
def test_an_unknown_code_is_kept(scheme, code):
    """Whatever a bank sends has a reason, and its code is not lost."""
    found = find_return_code(scheme, code)

    assert found.reason in R
    if found.status is CodeStatus.UNKNOWN:
        assert found.reason is R.UNSPECIFIED
        assert (found.scheme, found.code, found.meaning) == (scheme, code.strip(), "")


def test_an_unknown_scheme_is_refused():
    """A scheme that is none is a mistake of the caller."""
    with pytest.raises(PolicyError, match="iso20022"):
        return_reason("sepa", "AM04")


def test_every_reason_has_its_consequence():
    """No reason is left out."""
    assert set(CONSEQUENCES) == set(R)


def test_only_what_may_pass_by_itself_is_tried_again():
    """Money may come, and a technical problem may go; everything else needs somebody."""
    assert {reason for reason in R if may_retry(reason)} == {R.INSUFFICIENT_FUNDS, R.TECHNICAL}


def test_a_mandate_ends_where_nothing_more_may_be_collected():
    """A closed account, a death, no mandate, a revoked one, a denied one, fraud."""
    assert {reason for reason in R if ends_mandate(reason)} == {
        R.ACCOUNT_CLOSED,
        R.FRAUD,
        R.MANDATE_MISSING,
        R.MANDATE_REVOKED,
        R.PAYER_DECEASED,
        R.UNAUTHORIZED,
    }


def test_who_is_asked_first():
    """The cause lies with the payer, with us, with a bank, or is disputed."""
    assert fault(R.INSUFFICIENT_FUNDS) is Fault.PAYER
    assert fault(R.DUPLICATE) is Fault.CREDITOR
    assert fault(R.TECHNICAL) is Fault.BANK
    assert fault(R.UNAUTHORIZED) is Fault.DISPUTED


def test_what_is_tried_again_ends_no_mandate():
    """A mandate that has ended is not used again."""
    assert all(not one.ends_mandate for one in CONSEQUENCES.values() if one.retry is Retry.AS_IT_IS)
