"""Structured creditor references, checked by their digits: what an invoice prints, and payers repeat.

A reference that fails its check is still what the payer wrote: a hint, and no error.  Digits alone
often fit several schemes, so a reading says which; `schemes` narrows them down to those that the
creditor uses.

>>> read_reference("RF18 5390 0754 7034")[0]
ReferenceReading(scheme=<ReferenceScheme.ISO_11649: 'iso-11649'>, reference='RF18539007547034', is_valid=True)
>>> read_reference("+++010/8068/17180+++", schemes=[ReferenceScheme.OGM_VCS])[0].is_valid
False
>>> reference = make_reference(ReferenceScheme.QRR, "2026000117")
>>> print_form(read_reference(reference, schemes=[ReferenceScheme.QRR])[0])
'00 00000 00000 00002 02600 01170'
"""

from __future__ import annotations

import enum
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import DocumentError

__all__ = [
    "REFERENCE_SOURCES",
    "UNVERIFIED_REFERENCES",
    "ReferenceReading",
    "ReferenceScheme",
    "check_digits",
    "make_reference",
    "print_form",
    "read_reference",
]

_TEXT_MAX: Final = 200
"""Characters of a text that can be a reference: the longest has 27 digits, and signs between them."""
_MODULUS: Final = 97
_RECURSIVE: Final = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
_LUHN: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_VALUES: Final = {sign: str(int(sign, 36)) for sign in string.digits + string.ascii_uppercase}


class ReferenceScheme(enum.Enum):
    """Whose rule a reference keeps."""

    ISO_11649 = "iso-11649"
    """``RF``, two check digits, up to 21 letters and digits; in Switzerland ``SCOR``."""
    QRR = "qrr"
    """Swiss QR reference, before 2022 ISR (ESR, BVR): 26 digits and a check digit."""
    OGM_VCS = "ogm-vcs"
    """Belgian structured communication: ten digits and two check digits."""
    FI_VIITE = "fi-viite"
    """Finnish reference: 3 to 19 digits and a check digit."""
    FI_RF = "fi-rf"
    """A Finnish reference in the form of ISO 11649: both checks must hold."""
    EE_VIITENUMBER = "ee-viitenumber"
    """Estonian reference: 1 to 19 digits and a check digit."""
    NO_KID_10 = "no-kid-10"
    """Norwegian KID of modulus 10: 1 to 24 digits and a check digit."""
    NO_KID_11 = "no-kid-11"
    """Norwegian KID of modulus 11, whose check digit may be a hyphen."""
    SE_OCR = "se-ocr"
    """Swedish OCR number: 1 to 24 digits and a check digit."""
    SE_OCR_LENGTH = "se-ocr-length"
    """Swedish OCR number with a length digit before its check digit."""
    DK_FIK_71 = "dk-fik-71"
    """Danish payment identification of card type 71: 14 digits and a check digit."""
    DK_FIK_75 = "dk-fik-75"
    """Danish payment identification of card type 75: 15 digits and a check digit."""
    SI_12 = "si-12"
    """Slovenian reference of model 12: up to 12 digits and a check digit."""


@attrs.frozen(kw_only=True)
class ReferenceReading:
    """What a text is under one scheme: the reference as banks transmit it, and whether its check holds."""

    scheme: ReferenceScheme
    reference: str
    is_valid: bool


def _mod_97_10(text: str) -> str:
    """The two check digits of ISO 7064 MOD 97-10; A counts as 10, and Z as 35."""
    number = int("".join([_VALUES[sign] for sign in text])) * 100
    return f"{_MODULUS + 1 - number % _MODULUS:02d}"


def _remainder_97(digits: str) -> str:
    return f"{int(digits) % _MODULUS or _MODULUS:02d}"


def _recursive_10(digits: str) -> str:
    carry = 0
    for digit in digits:
        carry = _RECURSIVE[(carry + int(digit)) % 10]
    return str(-carry % 10)


def _weighted(digits: str, weights: str) -> int:
    """The sum of the digits times their weights, which begin at the right and start anew."""
    return sum(
        int(digit) * int(weights[place % len(weights)])
        for place, digit in enumerate(reversed(digits))
    )


def _seven_three_one(digits: str) -> str:
    return str(-_weighted(digits, "731") % 10)


def _luhn(digits: str) -> str:
    total = sum(
        int(digit) if place % 2 else _LUHN[int(digit)]
        for place, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def _length_and_luhn(digits: str) -> str:
    length = str((len(digits) + 2) % 10)
    return length + _luhn(digits + length)


def _modulus_11(digits: str) -> str:
    return "0123456789-"[-_weighted(digits, "234567") % 11]


def _modulus_11_without_ten(digits: str) -> str:
    total = sum(
        int(digit) * weight for digit, weight in zip(reversed(digits), range(2, 14), strict=False)
    )
    return str(-total % 11 % 10)


def _reference_of_finland(digits: str) -> str:
    """The two check digits of a Finnish reference in the form of ISO 11649."""
    return _mod_97_10(f"{_without_zeros(digits)}{_seven_three_one(digits)}RF")


def _without_zeros(digits: str) -> str:
    return digits.lstrip("0")


def _groups_from_left(reference: str, size: int) -> str:
    return " ".join(reference[at : at + size] for at in range(0, len(reference), size))


def _groups_from_right(reference: str, size: int) -> str:
    first = len(reference) % size
    parts = [reference[:first], *_groups_from_left(reference[first:], size).split()]
    return " ".join(filter(None, parts))


def _as_belgian(reference: str) -> str:
    return f"+++{reference[:3]}/{reference[3:7]}/{reference[7:]}+++"


@attrs.frozen(kw_only=True)
class _Rule:
    """One scheme, as a row of a table."""

    shape: re.Pattern[str]
    """The text without blanks, in capitals; its groups `payload` and `check` are compared."""
    payload: re.Pattern[str]
    """What `make_reference` takes."""
    check: Callable[[str], str]
    build: Callable[[str, str], str] = lambda payload, check: f"{payload}{check}"
    """The reference as it is transmitted, from payload and check digits."""
    width: int = 0
    """Digits that the payload has in any case: zeros are put before it."""
    shown: Callable[[str], str] = str
    source: str = ""
    is_verified: bool = True


def _digits(least: int, most: int) -> re.Pattern[str]:
    return re.compile(rf"[0-9]{{{least},{most}}}")


def _digits_and_check(least: int, most: int, *, check: str = "[0-9]") -> re.Pattern[str]:
    return re.compile(rf"(?P<payload>[0-9]{{{least},{most}}})(?P<check>{check})")


def _fik(card: str, digits: int) -> re.Pattern[str]:
    """The identification alone, or the line at the foot of a payment form."""
    number = rf"(?P<payload>[0-9]{{{digits}}})(?P<check>[0-9])"
    return re.compile(rf"(?:\+?{card}<)?{number}(?:\+[0-9]{{7,8}}<?)?")


_RULES: Final[Mapping[ReferenceScheme, _Rule]] = MappingProxyType(
    {
        ReferenceScheme.ISO_11649: _Rule(
            shape=re.compile("RF(?P<check>[0-9]{2})(?P<payload>[0-9A-Z]{1,21})"),
            payload=re.compile("[0-9A-Z]{1,21}"),
            check=lambda payload: _mod_97_10(f"{payload}RF"),
            build=lambda payload, check: f"RF{check}{payload}",
            shown=lambda reference: _groups_from_left(reference, 4),
            source="ISO 11649, as implemented by python-stdnum (stdnum.iso11649)",
        ),
        ReferenceScheme.QRR: _Rule(
            shape=_digits_and_check(1, 26),
            payload=_digits(1, 26),
            check=_recursive_10,
            width=26,
            shown=lambda reference: f"{reference[:2]} {_groups_from_left(reference[2:], 5)}",
            source="Swiss Implementation Guidelines QR-bill; swissdigin.com, QR-Referenz",
        ),
        ReferenceScheme.OGM_VCS: _Rule(
            shape=re.compile(
                r"([+*]{3})?(?P<payload>[0-9]{3}/?[0-9]{4}/?[0-9]{3})(?P<check>[0-9]{2})(?(1)[+*]{3})"
            ),
            payload=_digits(1, 10),
            check=_remainder_97,
            width=10,
            shown=_as_belgian,
            source="Febelfin, as implemented by python-stdnum (stdnum.be.ogm_vcs)",
        ),
        ReferenceScheme.FI_VIITE: _Rule(
            shape=_digits_and_check(3, 19),
            payload=re.compile("(?=0*[1-9])[0-9]{3,19}"),
            check=_seven_three_one,
            build=lambda payload, check: f"{_without_zeros(payload)}{check}".rjust(4, "0"),
            shown=lambda reference: _groups_from_right(reference, 5),
            source="Finance Finland, Kotimaisen viitteen rakenneohje; knowledge.xmldation.com",
        ),
        ReferenceScheme.FI_RF: _Rule(
            shape=re.compile("RF(?P<check>[0-9]{2})(?P<payload>[0-9]{1,19})(?P<own>[0-9])"),
            payload=re.compile("(?=0*[1-9])[0-9]{3,19}"),
            check=_reference_of_finland,
            build=lambda payload, check: (
                f"RF{check}{_without_zeros(payload)}{_seven_three_one(payload)}"
            ),
            shown=lambda reference: _groups_from_left(reference, 4),
            source="Finance Finland, Kansainvälisen viitteen rakenneohje",
        ),
        ReferenceScheme.EE_VIITENUMBER: _Rule(
            shape=_digits_and_check(1, 19),
            payload=_digits(1, 19),
            check=_seven_three_one,
            shown=lambda reference: _groups_from_left(reference, 4),
            source="Estonian Banking Association, Reference Number of the Invoice (pangaliit.ee)",
        ),
        ReferenceScheme.NO_KID_10: _Rule(
            shape=_digits_and_check(1, 24),
            payload=_digits(1, 24),
            check=_luhn,
            source="Mastercard Payment Services, KID; help.monitorerp.com, KID numbers",
        ),
        ReferenceScheme.NO_KID_11: _Rule(
            shape=_digits_and_check(1, 24, check="[0-9-]"),
            payload=_digits(1, 24),
            check=_modulus_11,
            source="Mastercard Payment Services, KID; that 10 is a hyphen is from general knowledge",
            is_verified=False,
        ),
        ReferenceScheme.SE_OCR: _Rule(
            shape=_digits_and_check(1, 24),
            payload=_digits(1, 24),
            check=_luhn,
            source="cogwork.se and sv.wikipedia.org, OCR-nummer; that it has 2 to 25 digits is from general knowledge",
        ),
        ReferenceScheme.SE_OCR_LENGTH: _Rule(
            shape=_digits_and_check(1, 23, check="[0-9]{2}"),
            payload=_digits(1, 23),
            check=_length_and_luhn,
            source="cogwork.se and sv.wikipedia.org, OCR-nummer; that it has 3 to 25 digits is from general knowledge",
        ),
        ReferenceScheme.DK_FIK_71: _Rule(
            shape=_fik("71", 14),
            payload=_digits(1, 14),
            check=_luhn,
            width=14,
            shown=lambda reference: f"+71<{reference}",
            source="giro-kort.dk, FI-kort: 1 becomes 18, 2 becomes 26; 15 digits",
        ),
        ReferenceScheme.DK_FIK_75: _Rule(
            shape=_fik("75", 15),
            payload=_digits(1, 15),
            check=_luhn,
            width=15,
            shown=lambda reference: f"+75<{reference}",
            source="giro-kort.dk, FI-kort; 16 digits",
        ),
        ReferenceScheme.SI_12: _Rule(
            shape=re.compile("SI12(?P<payload>[0-9]{1,12})(?P<check>[0-9])"),
            payload=_digits(1, 12),
            check=_modulus_11_without_ten,
            build=lambda payload, check: f"SI12{payload}{check}",
            shown=lambda reference: f"{reference[:4]} {reference[4:]}",
            source="mit-ing.si for the model; weights 2 to 13 and their modulus from general knowledge",
            is_verified=False,
        ),
    }
)

REFERENCE_SOURCES: Final[Mapping[ReferenceScheme, str]] = MappingProxyType(
    {scheme: rule.source for scheme, rule in _RULES.items()}
)
"""Where the rule of each scheme was read."""

UNVERIFIED_REFERENCES: Final = frozenset(
    scheme for scheme, rule in _RULES.items() if not rule.is_verified
)
"""The schemes whose check is, in a part, from general knowledge."""


def read_reference(
    text: str, *, schemes: Iterable[ReferenceScheme] | None = None
) -> tuple[ReferenceReading, ...]:
    """Every scheme whose form a text has, in the order of `ReferenceScheme`, and whether its check holds.

    Blanks and small letters do not matter.  Only the form is asked first: a Belgian communication
    has twelve digits, and so may a Norwegian or a Swedish number, whose check it fails nine times out of
    ten.  With `schemes` only those are tried, in the order given.

    >>> [reading.scheme.value for reading in read_reference("12 34561") if reading.is_valid]
    ['fi-viite', 'ee-viitenumber']
    >>> read_reference("Invoice 117")
    ()
    """
    if len(text) > _TEXT_MAX:
        return ()
    compact = "".join(text.split()).upper()
    return tuple(_readings(compact, _RULES if schemes is None else schemes))


def _readings(compact: str, schemes: Iterable[ReferenceScheme]) -> Iterator[ReferenceReading]:
    for scheme in schemes:
        rule = _RULES[scheme]
        found = rule.shape.fullmatch(compact)
        if found is None:
            continue
        payload = found["payload"].replace("/", "").rjust(rule.width, "0")
        given = found["check"]
        is_valid = rule.check(payload) == given
        reference = rule.build(payload, given)
        if scheme is ReferenceScheme.FI_RF:
            reference = compact
            is_valid = is_valid and _seven_three_one(payload) == found["own"]
        yield ReferenceReading(scheme=scheme, reference=reference, is_valid=is_valid)


def check_digits(scheme: ReferenceScheme, payload: str) -> str:
    """The check digits that a scheme gives to a payload; raises `DocumentError` where it cannot take it.

    >>> check_digits(ReferenceScheme.NO_KID_10, "60224"), check_digits(ReferenceScheme.SE_OCR_LENGTH, "60224")
    ('3', '79')
    """
    return _RULES[scheme].check(_checked(scheme, payload))


def make_reference(scheme: ReferenceScheme, payload: str) -> str:
    """A reference as banks transmit it: the payload with its check digits, zeros before it where it needs them.

    Raises `DocumentError` where the payload has signs or a length that the scheme does not have.

    >>> make_reference(ReferenceScheme.OGM_VCS, "108068171")
    '010806817183'
    >>> make_reference(ReferenceScheme.FI_RF, "1234567123456")
    'RF3612345671234563'
    """
    checked = _checked(scheme, payload)
    rule = _RULES[scheme]
    return rule.build(checked, rule.check(checked))


def _checked(scheme: ReferenceScheme, payload: str) -> str:
    rule = _RULES[scheme]
    compact = "".join(payload.split()).upper()
    if not rule.payload.fullmatch(compact):
        msg = f"payload of {scheme.value} must be {_said(rule.payload)}, got {payload!r}"
        raise DocumentError(msg)
    return compact.rjust(rule.width, "0")


def _said(payload: re.Pattern[str]) -> str:
    """A payload in words: kind of signs, and how many."""
    least, most = re.findall("[0-9]+", payload.pattern.rpartition("{")[2])
    signs = "letters and digits" if "A-Z" in payload.pattern else "digits"
    more = ", not all of them zero" if "(?=" in payload.pattern else ""
    return f"{least} to {most} {signs}{more}"


def print_form(reading: ReferenceReading) -> str:
    """The reference as invoices and payment forms print it, in the groups of its scheme.

    >>> print_form(read_reference("010806817183", schemes=[ReferenceScheme.OGM_VCS])[0])
    '+++010/8068/17183+++'
    """
    return _RULES[reading.scheme].shown(reading.reference)
