"""How documents are numbered, and how payers write such a number when they do not copy it.

>>> NUMBERINGS["slashed"].number(4711, year=2026)
'F26/4711'
>>> sorted(MANGLINGS)[:3]
['last-digits', 'order-number', 'own-number']
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.testing._dice import Dice

__all__ = ["MANGLINGS", "NUMBERINGS", "Mangling", "NumberParts", "Numbering"]

_OGM_DIGITS: Final = 10
_MODULUS: Final = 97
_LETTER_VALUES: Final = {ord(letter): str(int(letter, 36)) for letter in string.ascii_uppercase}
"""ISO 7064 MOD 97-10 counts A as 10."""
_NO_JOINTS: Final = dict.fromkeys(map(ord, "-/._ "))
_FEWEST_LAST: Final = 3
_MOST_LAST: Final = 5


@attrs.frozen(kw_only=True)
class Numbering:
    """A format of document numbers as data: prefix, year, joints, digits.

    Serials count on over the years and are padded with zeros to `width`.  Credit notes have a
    series of their own: another prefix, or a serial far above.
    """

    name: str
    width: int
    prefix: str = ""
    year_digits: int = 0
    """0, 2 or 4 digits of the year, between prefix and serial."""
    joints: tuple[str, str] = ("", "")
    """What stands between prefix and year, and before the serial."""
    first: int = 1
    credit_prefix: str = ""
    credit_first: int = 1
    reference: str = ""
    """The scheme of the structured reference that invoices print: ``iso11649`` (RF, 21 letters and
    digits), ``be-ogm`` (the Belgian structured communication, 12 digits), or empty for none."""

    def sized(self, last: int) -> Numbering:
        """The same format with room for so many serials, and a zero before the last of them.

        >>> NUMBERINGS["dashed"].sized(60_000).number(117, year=2026)
        'FA-2026-000117'
        """
        is_padded = len(str(self.first)) < self.width
        room = len(str(self.first + last)) + 1
        return attrs.evolve(self, width=max(self.width, room)) if is_padded else self

    def parts(self, serial: int, *, year: int, is_credit: bool = False) -> NumberParts:
        """A number in its parts, as somebody reads it who is going to type it."""
        return NumberParts(
            prefix=self.credit_prefix if is_credit else self.prefix,
            year=str(year)[4 - self.year_digits :] if self.year_digits else "",
            digits=str(serial).rjust(self.width, "0"),
            joints=self.joints,
        )

    def number(self, serial: int, *, year: int, is_credit: bool = False) -> str:
        """The number as the document prints it.

        >>> NUMBERINGS["dashed"].number(117, year=2026)
        'FA-2026-00117'
        """
        prefix = self.credit_prefix if is_credit else self.prefix
        shown = str(year)[4 - self.year_digits :] if self.year_digits else ""
        return (
            f"{prefix}{self.joints[0]}{shown}{self.joints[1]}{str(serial).rjust(self.width, '0')}"
        )

    def structured(self, number: str) -> str:
        """The structured reference of an invoice number; empty where the numbering has none.

        >>> NUMBERINGS["dashed"].structured("FA-2025-00417")
        'RF07FA202500417'
        >>> NUMBERINGS["plain"].structured("90001234")
        '009000123475'
        """
        if self.reference == "iso11649":
            plain = number.translate(_NO_JOINTS)
            rest = int(f"{plain}RF00".translate(_LETTER_VALUES)) % _MODULUS
            return f"RF{_MODULUS + 1 - rest:02d}{plain}"
        if self.reference == "be-ogm":
            digits = "".join(filter(str.isdigit, number))[-_OGM_DIGITS:].rjust(_OGM_DIGITS, "0")
            return f"{digits}{int(digits) % _MODULUS or _MODULUS:02d}"
        return ""


@attrs.frozen(kw_only=True)
class NumberParts:
    """A document number in its parts, with the order that its customer gave for it."""

    digits: str
    prefix: str = ""
    year: str = ""
    joints: tuple[str, str] = ("", "")
    order: str = ""

    def joined(self, **changed: str) -> str:
        """The number with some of its parts changed, as printed where none is."""
        prefix, year = changed.get("prefix", self.prefix), changed.get("year", self.year)
        before = self.joints[0] if prefix and year else ""
        after = self.joints[1] if prefix or year else ""
        return f"{prefix}{before}{year}{after}{changed.get('digits', self.digits)}"

    def rejoined(self, joint: str) -> str:
        """The number with another sign, or a blank, wherever it may be taken apart."""
        parts = [part for part in (self.prefix, self.year, self.digits) if part]
        if len(parts) == 1:
            middle = len(self.digits) // 2
            parts = [self.digits[:middle], self.digits[middle:]]
        return joint.join(parts)


def _zeros_dropped(parts: NumberParts, _dice: Dice) -> str | None:
    short = parts.digits.lstrip("0")
    return None if short == parts.digits else parts.joined(digits=short)


def _prefix_dropped(parts: NumberParts, _dice: Dice) -> str | None:
    if parts.prefix:
        return parts.joined(prefix="")
    return parts.digits if parts.year else None


def _last_digits(parts: NumberParts, dice: Dice) -> str | None:
    kept = dice.between(_FEWEST_LAST, _MOST_LAST)
    return parts.digits.lstrip("0")[-kept:]


def _spaced(parts: NumberParts, _dice: Dice) -> str | None:
    return parts.rejoined(" ")


def _separated(parts: NumberParts, dice: Dice) -> str | None:
    joint = dice.pick(("", "/", ".", "_", "-"))
    written = parts.rejoined(joint)
    return parts.rejoined(":") if written == parts.joined() else written


def _own_number(_parts: NumberParts, dice: Dice) -> str | None:
    """The number under which the customer booked it: it says nothing to us."""
    shapes = ("PIECE {}", "BEL {}", "{}", "OP{}", "VOUCHER {}")
    return dice.pick(shapes).format(dice.between(10**4, 10 ** dice.between(5, 8) - 1))


def _order_number(parts: NumberParts, _dice: Dice) -> str | None:
    return parts.order or None


def _transposed(parts: NumberParts, dice: Dice) -> str | None:
    digits = parts.digits
    places = [place for place in range(len(digits) - 4, len(digits) - 1) if place >= 0]
    places = [place for place in places if digits[place] != digits[place + 1]]
    if not places:
        return None
    place = dice.pick(places)
    swapped = digits[place + 1] + digits[place]
    return parts.joined(digits=f"{digits[:place]}{swapped}{digits[place + 2 :]}")


def _wrong_digit(parts: NumberParts, dice: Dice) -> str | None:
    digits = parts.digits
    place = len(digits) - 1 - dice.below(min(4, len(digits)))
    wrong = (int(digits[place]) + dice.between(1, 9)) % 10
    return parts.joined(digits=f"{digits[:place]}{wrong}{digits[place + 1 :]}")


def _never_alone(_parts: NumberParts, _dice: Dice) -> str | None:
    """A range, or a list of which only the first is whole, needs more than one number."""
    return None


@attrs.frozen(kw_only=True)
class Mangling:
    """One way of not copying a number: its weight among the others, and how it is written.

    `write` gives None where a number cannot be mangled so (there is no zero to drop); another way
    is drawn then.
    """

    name: str
    weight: int
    write: Callable[[NumberParts, Dice], str | None]


MANGLINGS: Final[Mapping[str, Mangling]] = MappingProxyType(
    {
        mangling.name: mangling
        for mangling in (
            Mangling(name="zeros-dropped", weight=22, write=_zeros_dropped),
            Mangling(name="prefix-dropped", weight=22, write=_prefix_dropped),
            Mangling(name="last-digits", weight=14, write=_last_digits),
            Mangling(name="spaces", weight=8, write=_spaced),
            Mangling(name="separators", weight=8, write=_separated),
            Mangling(name="own-number", weight=7, write=_own_number),
            Mangling(name="order-number", weight=6, write=_order_number),
            Mangling(name="ranges", weight=5, write=_never_alone),
            Mangling(name="transposed", weight=4, write=_transposed),
            Mangling(name="wrong-digit", weight=4, write=_wrong_digit),
        )
    }
)
"""How references are mangled, by name (weights: assumed; the kinds are seen in real labels)."""


def _by_name(*numberings: Numbering) -> Mapping[str, Numbering]:
    return MappingProxyType({numbering.name: numbering for numbering in numberings})


NUMBERINGS: Final[Mapping[str, Numbering]] = _by_name(
    Numbering(
        name="dashed",
        prefix="FA",
        year_digits=4,
        joints=("-", "-"),
        width=5,
        first=117,
        credit_prefix="AV",
        reference="iso11649",
    ),
    Numbering(
        name="yearly",
        year_digits=4,
        width=7,
        first=117,
        credit_first=9_000_001,
        reference="be-ogm",
    ),
    Numbering(
        name="padded",
        prefix="INV",
        width=7,
        first=12_345,
        credit_prefix="CRN",
        credit_first=801,
        reference="iso11649",
    ),
    Numbering(
        name="slashed",
        prefix="F",
        year_digits=2,
        joints=("", "/"),
        width=0,
        first=4_711,
        credit_prefix="A",
        credit_first=311,
    ),
    Numbering(name="plain", width=8, first=90_001_234, credit_first=99_000_001, reference="be-ogm"),
)
"""Five formats by name: FA-2026-00117, 20260000117, INV0012345, F26/4711, 90001234."""
