"""Check digits: numbers that are invented and yet pass every checker.

>>> creditor_reference("FA202500417")
'RF07FA202500417'
>>> iban("FR", french_account(bank="99999", branch="00001", account="00000000017"))
'FR7699999000010000000001764'
"""

from __future__ import annotations

import string
from typing import Final

__all__ = [
    "creditor_reference",
    "french_account",
    "french_vat",
    "german_vat",
    "iban",
    "luhn_digit",
    "siren",
    "siret",
    "spanish_account",
    "spanish_cif",
]

_MODULUS: Final = 97
_VALUES: Final = {sign: str(int(sign, 36)) for sign in string.digits + string.ascii_uppercase}
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_SPANISH_WEIGHTS: Final = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
_ELEVEN: Final = 11


def luhn_digit(digits: str) -> str:
    """The digit that makes a number pass ISO/IEC 7812-1, annex B.

    >>> luhn_digit("7992739871")
    '3'
    """
    total = sum(
        _DOUBLED[int(digit)] if place % 2 == 0 else int(digit)
        for place, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def _mod_97_10(text: str) -> str:
    """The two digits of ISO 7064 MOD 97-10 over digits and letters (A is 10)."""
    number = int("".join(map(_VALUES.__getitem__, text))) * 100
    return f"{_MODULUS + 1 - number % _MODULUS:02d}"


def creditor_reference(reference: str) -> str:
    """The structured creditor reference of ISO 11649 over up to 21 letters and digits."""
    return f"RF{_mod_97_10(f'{reference}RF')}{reference}"


def iban(country: str, account: str) -> str:
    """The IBAN (ISO 13616) of a country's own account number."""
    return f"{country}{_mod_97_10(f'{account}{country}')}{account}"


def french_account(*, bank: str, branch: str, account: str) -> str:
    """A French account with its two check digits (the *clé RIB*), digits only."""
    rest = (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % _MODULUS
    return f"{bank}{branch}{account}{_MODULUS - rest:02d}"


def spanish_account(*, bank: str, branch: str, account: str) -> str:
    """A Spanish account with its two check digits (the *dígito de control*)."""
    digits = _spanish_digit(f"00{bank}{branch}"), _spanish_digit(account)
    return f"{bank}{branch}{''.join(digits)}{account}"


def _spanish_digit(digits: str) -> str:
    pairs = zip(digits, _SPANISH_WEIGHTS, strict=True)
    rest = _ELEVEN - sum(int(digit) * weight for digit, weight in pairs) % _ELEVEN
    return {_ELEVEN: "0", _ELEVEN - 1: "1"}.get(rest, str(rest))


def siren(number: int) -> str:
    """A French company number; those that begin with 000 are given to nobody."""
    digits = f"000{number:05d}"
    return digits + luhn_digit(digits)


def siret(company: str, *, branch: int = 1) -> str:
    """The number of an establishment of a French company."""
    digits = f"{company}{branch:04d}"
    return digits + luhn_digit(digits)


def french_vat(company: str) -> str:
    """The French VAT number of a company number."""
    return f"FR{(12 + 3 * (int(company) % _MODULUS)) % _MODULUS:02d}{company}"


def spanish_cif(number: int) -> str:
    """The tax number of an invented Spanish limited company (letter B).

    >>> spanish_cif(1)
    'B00000018'
    """
    digits = f"{number:07d}"
    odd = sum(_DOUBLED[int(digit)] for digit in digits[::2])
    return f"B{digits}{-(odd + sum(map(int, digits[1::2]))) % 10}"


def german_vat(number: int) -> str:
    """The VAT number of an invented German company (ISO 7064 MOD 11-10).

    >>> german_vat(13_669_597)
    'DE136695976'
    """
    digits = f"{number:08d}" if number > 10**7 else f"1{number:07d}"
    product = 10
    for digit in digits:
        product = ((int(digit) + product) % 10 or 10) * 2 % _ELEVEN
    return f"DE{digits}{(_ELEVEN - product) % 10}"
