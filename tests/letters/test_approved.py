"""Each kind of letter, in each locale, reads as a person has approved it."""

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("approve", Path(__file__).with_name("approve.py"))
approve = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(approve)

_KEYS = approve.samples.approved_keys()


@pytest.mark.parametrize(("kind", "locale"), _KEYS)
def test_letter_is_as_approved(kind, locale):
    """The letter is the approved one, to the letter; `approve.py` writes it anew for reading."""
    path = approve.FOLDER / f"{kind}.{locale}.txt"

    assert path.read_bytes().decode() == approve.printed(kind, locale).decode()


def test_no_approved_letter_is_left_over():
    """What nobody sends any more is not kept."""
    wanted = {f"{kind}.{locale}.txt" for kind, locale in _KEYS}

    assert {path.name for path in approve.FOLDER.glob("*.txt")} == wanted


@pytest.mark.parametrize("locale", ["fr-FR", "fr-CA"])
def test_every_kind_is_approved_in_french(locale):
    """No packaged kind is without an approved letter."""
    assert set(approve.samples.KINDS) <= {kind for kind, other in _KEYS if other == locale}
