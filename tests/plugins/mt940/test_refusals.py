"""What cannot be read is a problem with its code and its line, and never a traceback."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables_plugins.mt940.reader import Mt940Reader
from receivables_plugins.mt940.settings import Mt940Settings

HEAD = b":20:X\n:25:DE89370400440532013000\n:28C:1/1\n:60F:C261030EUR1,00\n"
CLOSING = b":62F:C261031EUR1,00\n"
ENTRY = b":61:261031C0,00NTRFNONREF\n"

REFUSED = {
    b"": ("file.empty", None),
    b" \n\n": ("file.empty", None),
    b"Hello\n": ("file.format", None),
    HEAD: ("file.truncated", 4),
    HEAD + ENTRY + b":86:and so": ("file.truncated", 5),
    HEAD + b":62F:C26": ("amount.invalid", 5),
    HEAD + b":62F:C261031USD1,00\n-\n": ("mt940.currency-differs", 5),
    HEAD.replace(b"EUR", b"DEM") + CLOSING: ("currency.unknown", 4),
    HEAD.replace(b"1,00", b"O,00") + CLOSING: ("amount.invalid", 4),
    HEAD + b":60F:C261030EUR2,00\n" + CLOSING: ("mt940.order", 5),
    HEAD + CLOSING + CLOSING: ("mt940.order", 6),
    HEAD + CLOSING + ENTRY + b"-\n": ("mt940.order", 6),
    HEAD + ENTRY + b":25:ABCDEF\n" + CLOSING: ("mt940.order", 6),
    ENTRY + b"-\n": ("mt940.order", 1),
    HEAD + ENTRY + b"x\n" * 300 + CLOSING: ("file.too-large", 205),
    HEAD + b"x" * 1_100_000: ("file.too-large", 5),
}
"""Files by what is wrong with them: the first error, and its line."""


@pytest.mark.parametrize(("content", "expected"), list(REFUSED.items()), ids=range(len(REFUSED)))
def test_each_refusal_has_its_place(content, expected, read):
    """The first error has the code and the line that say what is wrong."""
    report = read(content).report
    error = report.errors[0]

    assert expected == (error.code, error.place.line)
    assert not report.complete


@pytest.mark.parametrize(
    "settings", [{"encoding": "klingon"}, {"currency": "DEM"}, {"interim": "maybe"}]
)
def test_settings_are_checked(settings):
    """A setting that is impossible is refused before anything is read."""
    with pytest.raises(PolicyError):
        Mt940Settings(**settings)


@pytest.mark.parametrize(
    ("head", "is_ours"),
    [
        (HEAD, True),
        (b"ABNANL2A\r\n940\r\nABNANL2A\r\n:20:X\r\n:25:1\r\n", True),
        (b"@@:20:STARTUMS@@:25:1/2@@:28C:0", True),
        (b"<Document>:20:X</Document>", False),
        (b":20:X\n:32A:261031EUR1,00\n", False),
    ],
)
def test_files_are_recognized_by_their_tags(head, is_ours):
    """The tags of a message's head stand at the beginning of lines; another message has others."""
    assert is_ours is Mt940Reader().recognizes(head, name="x")


_LINES = st.sampled_from(
    [
        *(line + b"\n" for line in HEAD.split(b"\n")),
        ENTRY,
        CLOSING,
        b":86:166?00X?20EREF+A?21SVWZ+B?32C\n",
        b":86:/TRTP/X/NAME/Y/REMI/Z\n",
        b":61:9902301231RDR1,NTRF\n",
        b":60M:C261030EUR1,00\n",
        b":62M:C261030EUR1,00\n",
        b":34F:EUR0,\n",
        b":13D:2610311200\n",
        b":90C:1EUR1,00\n",
        b":NS:01X\n",
        b":64:C261030EUR1,00\n",
        b"-\n",
        b"-}{5:}\n",
        b"{1:F01}{4:\n",
        b"text\n",
        b"\n",
        b":61:\n",
        b":28C:\n",
    ]
)


@given(st.lists(_LINES | st.binary(max_size=30), max_size=30))
def test_any_lines_are_read(lines):
    """Lines in any order, and any bytes between them, give problems or values."""
    read = Mt940Reader().read(io.BytesIO(b"".join(lines)), name="any.sta").collect()

    assert read.report.complete is not bool(read.report.errors)


@given(st.binary(max_size=200))
def test_any_bytes_are_read(content):
    """No bytes make the reader fail."""
    Mt940Reader().recognizes(content, name="any.sta")

    assert not Mt940Reader().read(io.BytesIO(content), name="any.sta").collect().report.complete
