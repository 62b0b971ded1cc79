"""Entries of a known shape give what the parser gives; what has no shape goes to the parser."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.reading import Read, ReadNotes
from receivables_plugins.iso20022.reader import _Reading
from receivables_plugins.iso20022.shapes import Shapes

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
FILES = sorted(
    path.relative_to(_FOLDER).as_posix()
    for name in ("camt052", "camt053", "camt054")
    for path in (_FOLDER / name).rglob("*")
    if path.is_file()
)


def _read(content, *, has_shapes):
    notes = ReadNotes("x.xml")
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    return Read(_Reading(notes, has_shapes=has_shapes).rows(stream), notes).collect()


def _both(content):
    return _read(content, has_shapes=True), _read(content, has_shapes=False)


def _repeated(content):
    """The same file with each of its entries three times, so that each shape is met again."""
    return re.sub(
        rb"<((?:\w+:)?Ntry)>.*?</\1>\s*", lambda one: one[0] * 3, content, flags=re.DOTALL
    )


TEXTS = {
    "an ampersand": "Müller &amp; Söhne &lt;GmbH&gt; &quot;x&quot; &apos;y&apos;",
    "a reference to a character": "A&#66;C &#x20AC;",
    "a reference to a blank": "&#32;A&#32;",
    "an unknown entity": "A&nbsp;B",
    "a bare ampersand": "A & B",
    "an ampersand written twice": "&amp;lt;",
    "the end of CDATA": "A ]]> B",
    "CDATA": "<![CDATA[A <Ntry> & B]]>",
    "a comment": "A<!-- B > C -->D",
    "an instruction": "A<?b c > d?>E",
    "a greater-than sign": "A > B",
    "a line feed": "A\nB",
    "a carriage return": "A\rB",
    "both": "A\r\nB",
    "a tab": "\tA\tB\t",
    "a control character": "A\x01B",
    "no character": "A\ufffeB",
    "a mark of ours": "A\ue0001\ue001B",
    "a no-break space": "\u00a0A\u00a0",
    "blanks": "   ",
    "nothing": "",
    "an element": "A<b>C</b>D",
    "an element that is not closed": "A<b>",
    "an entry": "<Ntry><Amt>1</Amt></Ntry>",
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name, message, statement, entry, element):
    """Whatever stands in a text, both ways give the same records and the same problems."""
    plain = [entry(more=element("AddtlNtryInf", f"text {index}")) for index in range(3)]
    odd = [entry(more="\n" + element("AddtlNtryInf", TEXTS[name])) for _ in range(3)]
    known, parsed = _both(message(statement(*plain, *odd, *plain)))

    assert parsed == known


@pytest.mark.parametrize(
    "attributes",
    ['Ccy="EUR" x="a > b"', 'Ccy="A &amp; B"', "Ccy='EUR'", 'Ccy = "EUR" ', 'Ccy="EUR" Ccy="EUR"'],
)
def test_attributes(attributes, message, statement, entry):
    """Attributes are markup; a sign in one that could end it is left to the parser."""
    known, parsed = _both(message(statement(entry().replace('Ccy="EUR"', attributes) * 4)))

    assert parsed == known


@pytest.mark.parametrize("wrapped", ["<!--{}-->", "<![CDATA[{}]]>", "<?x {}?>", "<Own>{}</Own>"])
@pytest.mark.parametrize("size", [50, 1_000_000])
def test_entries_that_are_none(wrapped, size, message, statement, entry, drip):
    """An entry in a comment, in a text or in another element is none, wherever chunks end."""
    content = message(statement(entry() * 3, wrapped.format(entry() * 3), entry()))
    known, parsed = (_read(drip(content, size), has_shapes=way) for way in (True, False))

    assert parsed == known


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines(end, message, statement, entry, element):
    """Entries of many lines, and what follows them, have the same places and the same raw lines."""
    lines = f"{end}  <".join(entry("x", more=element("AddtlNtryInf", "y")).split("<"))
    head = message(statement(entry() * 3, lines * 3, "<oops>"))
    known, parsed = _both(head)

    assert parsed == known
    assert len({problem.place.line for problem in known.report.problems}) > 3 or end == "\r"


@pytest.mark.parametrize(
    "name",
    FILES
    or [
        pytest.param(
            "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
        )
    ],
)
def test_files_of_others(name, shared):
    """Files of banks, each entry repeated, give the same both ways."""
    known, parsed = _both(_repeated((shared / name).read_bytes()))

    assert parsed == known


DRAWN = st.lists(
    st.sampled_from(
        [
            "A",
            "ü",
            " ",
            "\n",
            "\r",
            "\t",
            "&",
            "amp;",
            "<",
            ">",
            "]",
            "/",
            "!",
            "-",
            '"',
            "b",
            "Ntry",
        ]
    ),
    max_size=12,
).map("".join)


@given(texts=st.lists(DRAWN, min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_drawn_texts(texts, message, statement, entry, element):
    """Drawn texts, markup or not, give the same both ways."""
    entries = [entry(more=element("AddtlNtryInf", text)) for text in ["A", "B", *texts, *texts]]
    known, parsed = _both(message(statement(*entries)))

    assert parsed == known


def test_changed_bytes(message, statement, entry, detail, element):
    """A file with a few bytes changed gives the same both ways."""
    luck = random.Random(20261031)  # noqa: S311  # no secret
    plain = message(statement(entry(details=detail(element("RmtInf/Ustrd", "A"))) * 6))
    for _ in range(300):
        content = bytearray(plain)
        for _change in range(3):
            content[luck.randrange(len(content))] = luck.choice(b"<>/&!]['\"-\n\r\x01\xffAN")
        known, parsed = _both(bytes(content))

        assert parsed == known


def test_a_shape_is_used():
    """The third entry of a shape is not parsed any more."""
    parsed = []

    def parse(entry):
        parsed.append(entry)
        return {"line": 1, "Amt": "\ue0001\ue001", "raw": entry}, "\ue0001\ue001"

    shapes = Shapes(parse)
    records = [shapes.record(b"<Ntry><Amt>%d</Amt></Ntry>" % one, line=one) for one in (1, 2, 3)]

    assert len(parsed) == 1
    assert records == [
        None,
        {"line": 2, "Amt": "2", "raw": "<Ntry><Amt>2</Amt></Ntry>"},
        {"line": 3, "Amt": "3", "raw": "<Ntry><Amt>3</Amt></Ntry>"},
    ]


def test_entries_without_a_shape_cost_little():
    """A file whose entries are all of their own kind is soon parsed as a whole."""
    shapes = Shapes(lambda _entry: None)
    for one in range(2_000):
        assert shapes.record(b"<Ntry><a%d/></Ntry>" % one, line=1) is None

    assert not shapes.is_worth_it
