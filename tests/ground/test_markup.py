"""XML of strangers: every record that is whole, and nothing that could hurt."""

from __future__ import annotations

import io

import pytest

from receivables import limits
from receivables.markup import elements
from receivables.reading import ReadNotes


def read(content, names=("item",)):
    """The elements of a text, and the codes of what was noted."""
    notes = ReadNotes("a.xml")
    found = list(elements(io.BytesIO(content), notes=notes, names=set(names)))
    return found, [problem.code for problem in notes.problems]


def test_elements_have_what_stands_in_them():
    """Attributes, texts by path, children by name, lines; namespaces are passed over."""
    text = b'<a:list xmlns:a="u">\n<a:item no="7"> <h><d>x</d><d>y</d></h>t</a:item></a:list>'
    (found,), codes = read(text)

    assert (found["no"], found["none"], found.text("h/d"), found.text("h/z")) == ("7", "", "x", "")
    assert [each.content for each in found.find("h").all("d")] == ["x", "y"]
    assert (found.content, found.line, found.find("z/d")) == ("t", 2, None)
    assert codes == []


def test_an_element_inside_another_is_its_child():
    """Of two that are asked for, the outer one is given, with the inner one in it."""
    (found,), _ = read(b"<r><item><item>1</item></item></r>")

    assert [each.content for each in found.all("item")] == ["1"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.truncated"),
        (b"<r><item>1</item><item>", "file.truncated"),
        (b"<r><item>1</item></s>", "xml.malformed"),
        (b"no xml", "xml.malformed"),
        (b'<!DOCTYPE r [<!ENTITY e "x">]><r><item>1</item></r>', "xml.forbidden"),
        (b"<r>" * (limits.XML_DEPTH_MAX + 1), "xml.forbidden"),
        (b'<?xml version="1.0" encoding="martian"?><r/>', "encoding.invalid"),
        (b"<r><item>" + b"x" * (limits.XML_TEXT_MAX + 100_000), "file.truncated"),
    ],
    ids=["empty", "cut", "crossed", "text", "doctype", "deep", "encoding", "long"],
)
def test_what_cannot_be_read_is_noted_and_never_raised(content, code):
    """Each way in which a file can be wrong has its code."""
    _, codes = read(content)

    assert codes in ([code], ["file.too-large"], ["xml.malformed"])
    assert codes == [code] or code in {"file.truncated", "encoding.invalid"}


def test_what_came_before_the_damage_is_given():
    """The records that ended before a file breaks off are there."""
    found, codes = read(b"<r><item>1</item><item>2</item><item>3")

    assert [each.content for each in found] == ["1", "2"]
    assert codes == ["file.truncated"]
