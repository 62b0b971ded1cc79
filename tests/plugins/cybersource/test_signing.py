"""The HTTP signature: fixed vectors, computed once by openssl, and what is refused."""

from __future__ import annotations

import pytest

from receivables.errors import PolicyError
from receivables.transports import Secret
from receivables_plugins.cybersource.signing import Signing, digest_of, signed, signing_text

_SECRET = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE="  # noqa: S105  # of nobody
_DATE = "Mon, 05 Oct 2026 09:00:00 GMT"


def _signing(**changes):
    fields = {"merchant": "mira", "key_id": Secret("k-1"), "secret": Secret(_SECRET), **changes}
    return Signing(**fields)


def _get(signing):
    return signed(
        signing,
        method="GET",
        host="apitest.cybersource.com",
        target="/reporting/v3/report-downloads?organizationId=mira&reportDate=2026-10-04",
        date=_DATE,
    )


def test_get_is_signed_over_host_date_target_and_merchant():
    """A request without a body has the fixed signature."""
    headers = _get(_signing())

    assert headers == {
        "host": "apitest.cybersource.com",
        "date": _DATE,
        "v-c-merchant-id": "mira",
        "signature": 'keyid="k-1", algorithm="HmacSHA256",'
        ' headers="host date (request-target) v-c-merchant-id", signature="YGLjr+pUAhdQjhZ92spRuloZz2JWiSeKDgth567YR1w="',
    }


def test_post_is_signed_over_its_digest_too():
    """A request with a body has its digest, and the fixed signature."""
    headers = signed(
        _signing(),
        method="POST",
        host="apitest.cybersource.com",
        target="/reporting/v3/reports?organizationId=mira",
        date=_DATE,
        body=b'{"reportName": "daily"}',
    )

    assert headers["digest"] == "SHA-256=Ea4fbjzWkUgW/zZRrr1uu9Vz2GQyZU47Ld83dHnVlZ0="
    assert headers["signature"].endswith(
        'headers="host date (request-target) digest v-c-merchant-id", signature="rF3NW1woPvh8Ur6D6TSKyUB3kD+Zadf4SCc9HWFRpHE="'
    )


def test_the_newer_spelling_is_signed_as_it_is_sent():
    """With v-c-date and request-target both are named so in the signature."""
    headers = _get(_signing(date_header="v-c-date", target_label="request-target"))

    assert headers["v-c-date"] == _DATE
    assert 'headers="host v-c-date request-target v-c-merchant-id"' in headers["signature"]


def test_text_has_a_line_per_header():
    """What is signed has no line end after the last header."""
    assert signing_text({"host": "h", "date": "d"}) == b"host: h\ndate: d"
    assert digest_of(b"").startswith("SHA-256=47DEQpj8HBSa")


@pytest.mark.parametrize("secret", ["not base64!", "abc"])
def test_a_secret_that_is_no_base64_is_refused_unseen(secret):
    """The message says what is wrong and does not show the secret."""
    with pytest.raises(PolicyError, match="must be base64") as caught:
        _get(_signing(secret=Secret(secret)))

    assert secret not in str(caught.value)
