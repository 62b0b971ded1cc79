"""Drafts in a mailbox: made once, finished where they were left, never sent."""

import json

import attrs
import pytest

from receivables.errors import AdapterError, DocumentError, PolicyError, ServiceError
from receivables.testing.services import Fault, ServiceCase
from receivables.transports import Response
from receivables_plugins.outlook.graph import CHUNK, TOGETHER_MAX


def test_a_draft_is_what_the_message_says(graph, fake, message):
    """Subject, text and recipients lie in the mailbox, as a draft."""
    draft = graph().draft(message(cc=["cfo@norte.example"]))
    (there,) = fake.messages

    assert draft.reference == there.id
    assert there.fields["body"] == {"contentType": "text", "content": message().text}
    assert there.fields["toRecipients"] == [
        {"emailAddress": {"address": "ana@norte.example", "name": "Ana Díaz"}}
    ]
    assert there.fields["ccRecipients"] == [{"emailAddress": {"address": "cfo@norte.example"}}]
    assert (there.is_draft, there.mailbox, fake.sent) == (True, "me", [])


def test_the_same_key_is_the_same_draft(graph, fake, message):
    """Drafted again, with another transport, nothing new lies there."""
    first, again = graph().draft(message()), graph().draft(message(subject="another"))

    assert (first.reference, len(fake.messages)) == (again.reference, 1)


def test_keys_differ_by_case(graph, fake, message):
    """The mailbox compares without case, and two keys are two drafts all the same."""
    graph().draft(message(key="Notice-A"))
    graph().draft(message(key="notice-a"))

    assert len(fake.messages) == 2


def test_a_message_that_was_sent_is_not_drafted_again(graph, fake, message):
    """What a person has sent meanwhile is found by its key."""
    reference = graph().draft(message()).reference
    fake.messages[0].is_draft = False

    assert graph().draft(message()).reference == reference
    assert len(fake.messages) == 1


def test_the_mailbox_is_that_of_the_message_or_of_the_settings(graph, fake, message):
    """A message says whose mailbox it is drafted in; else the settings do."""
    graph(sender="ar@mira.example").draft(message(key="1"))
    graph(sender="ar@mira.example").draft(message(key="2", sender="l.roy@mira.example"))

    assert [one.mailbox for one in fake.messages] == ["ar@mira.example", "l.roy@mira.example"]


_SIZES = {
    "none": [],
    "small": [10, 20],
    "together": [TOGETHER_MAX],
    "apart": [TOGETHER_MAX, 10],
    "session": [3_000_000],
    "parts": [CHUNK + 1, 5],
}


@pytest.mark.parametrize("sizes", _SIZES.values(), ids=_SIZES)
def test_attachments_of_any_size_are_there_whole(graph, fake, message, paper, sizes):
    """Small ones go along, larger ones are added, the largest in parts, in their order."""
    papers = [paper(size, f"{number}.pdf") for number, size in enumerate(sizes)]
    graph().draft(message(attachments=papers))
    (there,) = fake.messages

    assert [(one.name, one.content) for one in there.attachments] == [
        (each.name, each.content) for each in papers
    ]


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("fault", [Fault.ACCEPTED_THEN_TIME_OUT, Fault.TIME_OUT])
def test_a_draft_that_was_left_is_finished(graph, fake, message, paper, place, fault):
    """Wherever it broke off, the next attempt leaves one draft with each attachment once."""
    long = message(attachments=[paper(CHUNK + 9, "a.pdf"), paper(7, "b.pdf"), paper(8, "b.pdf")])
    try:
        graph(faults=[*[None] * place, fault]).draft(long)
    except AdapterError:
        graph().draft(long)
    (there,) = fake.messages

    assert sorted(len(one.content) for one in there.attachments) == [7, 8, CHUNK + 9]


def test_a_file_that_was_taken_out_stays_out(graph, fake, message, paper):
    """What a person removed from a finished draft does not come back."""
    long = message(attachments=[paper(3_000_000)])
    graph().draft(long)
    fake.messages[0].attachments.clear()
    graph().draft(long)

    assert fake.messages[0].attachments == []


def test_the_way_to_upload_is_taken_without_the_token(graph, fake, message, paper):
    """No other host ever sees the token."""
    graph().draft(message(attachments=[paper(3_000_000)]))
    elsewhere = [one for one in fake.requests if "graph.microsoft.com" not in one.url]

    assert elsewhere
    assert not [one for one in elsewhere if one.header("Authorization")]


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.DOWN, Fault.UNAUTHORIZED, Fault.NOT_REACHED])
def test_weather_is_waited_out(graph, fake, message, fault):
    """What did no harm is tried again, and the draft lies there once."""
    graph(faults=[fault]).draft(message())

    assert len(fake.messages) == 1


def test_a_refusal_has_its_code_and_no_secret(graph, fake, message):
    """The code of the service is told; the token is not."""
    fake.expire_tokens()
    with pytest.raises(ServiceError) as caught:
        graph().draft(message())

    assert (caught.value.status, caught.value.code) == (401, "InvalidAuthenticationToken")
    assert "t0k3n" not in str(caught.value)


def test_an_application_without_a_mailbox_is_refused(specs, fake, message):
    """An application must say whose mailbox it means."""
    case = ServiceCase(
        settings={"tenant": "t", "client-id": "a", "client-secret": "s"},
        secrets={"s": "x"},
        serve=lambda _serving: fake,
    )
    transport = specs["outlook-graph"].build(case.settings, runtime=case.runtime())

    with pytest.raises(DocumentError, match="no mailbox"):
        transport.draft(message())


_SETTINGS = {
    "nothing": {},
    "both": {"token": "a", "tenant": "t", "client-id": "c", "client-secret": "s"},
    "token and tenant": {"token": "a", "tenant": "t"},
    "half": {"tenant": "t"},
    "plain http": {"token": "a", "url": "http://graph.example"},
}


@pytest.mark.parametrize("settings", _SETTINGS.values(), ids=_SETTINGS)
def test_settings_are_refused(specs, settings):
    """A way to sign in must be said, and one only; nothing travels unencrypted."""
    with pytest.raises(PolicyError):
        specs["outlook-graph"].build(settings)


_MESSAGES = {
    "no key": {"key": " "},
    "nobody": {"to": []},
    "no address": {"to": ["Ana"]},
    "line end": {"subject": "a\nBcc: b"},
    "address with a line end": {"cc": ["a@b.example\r\nBcc: x@y.example"]},
    "no Unicode": {"text": "\ud800"},
}


@pytest.mark.parametrize("transport", ["outlook-eml", "outlook-graph"])
@pytest.mark.parametrize("changes", _MESSAGES.values(), ids=_MESSAGES)
def test_messages_are_refused(specs, graph, fake, message, transport, changes):
    """What no mail program would take is refused before anybody is asked."""
    made = graph() if transport == "outlook-graph" else specs[transport].build()
    with pytest.raises(DocumentError):
        made.draft(message(**changes))

    assert fake.requests == []


def test_an_attachment_without_a_media_type_is_refused(graph, fake, message, paper):
    """What goes along must say what it is."""
    odd = attrs.evolve(paper(3), media_type="pdf")
    with pytest.raises(DocumentError, match="media type"):
        graph().draft(message(attachments=[odd]))


def test_links_elsewhere_are_not_followed(specs, message):
    """A next page on another host is refused, so that the token stays where it belongs."""
    body = json.dumps({"value": [], "@odata.nextLink": "https://evil.example/x"}).encode()
    case = ServiceCase(
        settings={"token": "g"},
        secrets={"g": "x"},
        serve=lambda _s: lambda _r: Response(200, body=body),
    )
    transport = specs["outlook-graph"].build(case.settings, runtime=case.runtime())

    with pytest.raises(ServiceError, match="next page"):
        transport.draft(message())
