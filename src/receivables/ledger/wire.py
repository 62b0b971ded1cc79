"""The plain form of events: what stores, files and other systems keep of them.

A plain event is made of dictionaries, lists, texts, integers and None, and nothing else: dates are
ISO texts, money is an integer of minor units and a currency code, a decimal is a text, an
enumeration its value.  ``format`` says the version of the form and ``kind`` the class of the event;
a document is tagged by its own kind.  Where a document came from (`source`) is kept too.

>>> import datetime as dt
>>> from receivables.ledger.model import DocumentCancelled
>>> cancelled = DocumentCancelled(event="e-1", effective_on=dt.date(2026, 10, 5), creditor="MIRA",
...     recorded_at=dt.datetime(2026, 10, 5, 9, tzinfo=dt.timezone.utc), customer="C-017", number="7")
>>> plain = to_plain(cancelled)
>>> plain["kind"], plain["effective_on"], plain["recorded_at"]
('DocumentCancelled', '2026-10-05', '2026-10-05T09:00:00.000000+00:00')
>>> from_plain(plain) == cancelled
True
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import json
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any, Final, NewType, TypeAlias

import attrs

from receivables._fields import is_later
from receivables.documents.model import CreditNote, DebitNote, Document, Invoice
from receivables.errors import DocumentError
from receivables.ledger.casework import CASE_EVENTS
from receivables.ledger.credit import CREDIT_EVENTS
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    Event,
    FactLearned,
    FactWithdrawn,
    ItemHeld,
    ItemReleased,
    NoticeSent,
    PeriodClosed,
    PeriodReopened,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.payouts import PAYOUT_EVENTS
from receivables.ledger.postings import POSTING_EVENTS
from receivables.money import Money, from_minor, to_minor

__all__ = [
    "FORMAT_VERSION",
    "KINDS",
    "canonical",
    "from_plain",
    "from_text",
    "to_plain",
    "to_text",
]

FORMAT_VERSION: Final = 1
"""The version of the plain form; it grows when an older reader would misread a newer event."""

KINDS: Final[Mapping[str, type[Event]]] = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (
            Allocated,
            DocumentCancelled,
            DocumentIssued,
            DueDateChanged,
            FactLearned,
            FactWithdrawn,
            ItemHeld,
            ItemReleased,
            NoticeSent,
            PeriodClosed,
            PeriodReopened,
            ReceiptIdentified,
            ReceiptRecorded,
            ReceiptReturned,
            Unallocated,
            *CASE_EVENTS,
            *CREDIT_EVENTS,
            *PAYOUT_EVENTS,
            *POSTING_EVENTS,
        )
    }
)
"""Every kind of event that has a plain form, by its name there."""

_TAGS: Final[Mapping[type, Mapping[str, type]]] = {
    Document: {kind.kind.value: kind for kind in (Invoice, DebitNote, CreditNote)},
    Event: KINDS,
}
"""The classes that are written with the tag ``kind``, because a field may hold any of them."""

_RECORDING: Final = "recorded_at"
"""The one field of an event that two recordings of the same fact may differ in."""

_Convert: TypeAlias = Callable[[Any], Any]


def to_plain(event: Event) -> dict[str, Any]:
    """The plain form of an event; raises `DocumentError` for an event of an unknown kind."""
    plain: dict[str, Any] = _encode_event(event)
    plain["format"] = FORMAT_VERSION
    return plain


def from_plain(plain: Mapping[str, Any], *, checked: bool = True) -> Event:
    """The event of a plain form, checked like any other: by the constructors of its parts.

    `checked=False` leaves those checks out, for a form that is known to be what `to_plain` wrote (a
    store has just recomputed its hash); it takes a quarter of the time.  Raises `DocumentError`
    where the version, the kind or a field is unknown, missing or of the wrong type.
    """
    fields = dict(plain)
    version = fields.pop("format", None)
    if version != FORMAT_VERSION or type(version) is not int:
        msg = f"format of a plain event must be {FORMAT_VERSION}, got {version!r}"
        raise DocumentError(msg)
    if checked:
        return _event_of(_decode_event(fields))
    try:
        return _event_of(_restore_event(fields))
    except (KeyError, TypeError, ArithmeticError) as error:
        msg = f"unchecked plain event must be what to_plain wrote, got {error!r}"
        raise DocumentError(msg) from error


def _event_of(value: Event) -> Event:
    return value


def to_text(event: Event) -> str:
    """The plain form as one line of JSON: sorted keys, no blanks, text as it is.

    Raises `DocumentError` for text that is no Unicode (a lone surrogate).
    """
    return _json_text(to_plain(event), event)


def from_text(text: str, *, checked: bool = True) -> Event:
    """The event of one line of JSON; see `from_plain`."""
    try:
        plain = json.loads(text)
    except ValueError as error:
        msg = f"plain event must be JSON, got {error}"
        raise DocumentError(msg) from error
    if not isinstance(plain, dict):
        msg = f"plain event must be a JSON object, got {type(plain).__name__}"
        raise DocumentError(msg)
    return from_plain(plain, checked=checked)


def canonical(event: Event) -> bytes:
    """The bytes of what an event says: equal for equal events, whenever and wherever they were read.

    It is the JSON of the plain form in UTF-8 with sorted keys and without blanks; left out are
    `recorded_at` and whatever the classes leave out of their equality (the `source` of a document).

    >>> import datetime as dt
    >>> first = DocumentCancelled(event="e-1", effective_on=dt.date(2026, 10, 5), creditor="MIRA",
    ...     recorded_at=dt.datetime(2026, 10, 5, tzinfo=dt.timezone.utc), customer="C-017", number="7")
    >>> again = attrs.evolve(first, recorded_at=dt.datetime(2026, 10, 6, tzinfo=dt.timezone.utc))
    >>> canonical(again) == canonical(first)
    True
    """
    plain: dict[str, Any] = _encode_content(event)
    plain["format"] = FORMAT_VERSION
    return _json_text(plain, event).encode()


_dumps: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def _json_text(plain: dict[str, Any], event: Event) -> str:
    text = _dumps(plain)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        msg = f"text of event {event.event!r} must be Unicode, got {error}"
        raise DocumentError(msg) from error
    return text


# Writing: one function per type, made once from the annotations of the classes.  None stands for
# "plain already", so that the fields that need nothing cost nothing.


def _encoder(hint: Any, *, content: bool) -> _Convert | None:  # noqa: ANN401  # any annotation
    hint = _bare(hint)
    if hint in _WRITE:
        return (_WRITE_CONTENT if content else _WRITE)[hint]
    if inner := _optional(hint):
        convert = _encoder(inner, content=content)
        return convert and _or_none(convert)
    if item := _items(hint):
        return _list_of(_encoder(item, content=content))
    if hint in _TAGS:
        return _tagged_encoder(hint, content=content)
    if issubclass(hint, enum.Enum):
        return attrgetter("value")
    return _class_encoder(hint, content=content)


def _class_encoder(cls: type, *, content: bool) -> _Convert:
    names = tuple(name for name in _hints(cls) if not (content and _is_circumstance(cls, name)))
    later = _later(cls)
    values = _getter(attrgetter, names)
    needed = tuple(
        (name, convert)
        for name in names
        if (convert := _encoder(_hints(cls)[name], content=content)) is not None
    )

    def encode(value: Any) -> dict[str, Any]:  # noqa: ANN401  # an instance of cls
        plain = dict(zip(names, values(value), strict=True))
        for name, default in later:
            if plain[name] == default:
                del plain[name]
        for name, convert in needed:
            if name in plain:
                plain[name] = convert(plain[name])
        return plain

    return encode


def _later(cls: type) -> tuple[tuple[str, Any], ...]:
    """The fields that came after the first form, with their defaults."""
    return tuple(
        (field.name, field.default) for field in attrs.fields(cls) if is_later(field.metadata)
    )


def _tagged_encoder(base: type, *, content: bool) -> _Convert:
    encoders = {
        cls: (tag, _class_encoder(cls, content=content)) for tag, cls in _TAGS[base].items()
    }

    def encode(value: Any) -> dict[str, Any]:  # noqa: ANN401  # an instance of base
        if type(value) not in encoders:
            known = ", ".join(cls.__name__ for cls in encoders)
            msg = f"{base.__name__.lower()} must be one of {known}, got {type(value).__name__}"
            raise DocumentError(msg)
        tag, convert = encoders[type(value)]
        plain: dict[str, Any] = convert(value)
        plain["kind"] = tag
        return plain

    return encode


def _is_circumstance(cls: type, name: str) -> bool:
    """Whether a field tells how we came to know, and not what happened."""
    field = getattr(attrs.fields(cls), name)
    return not field.eq or (issubclass(cls, Event) and name == _RECORDING)


def _getter(getter: Callable[..., Any], names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """A getter of many that returns a tuple even for one."""
    values: Callable[[Any], Any] = getter(*names)
    return values if len(names) > 1 else lambda source: (values(source),)


def _list_of(convert: _Convert | None) -> _Convert:
    if convert is None:
        return list
    return lambda values: [convert(value) for value in values]


def _or_none(convert: _Convert) -> _Convert:
    return lambda value: None if value is None else convert(value)


def _money_to_plain(amount: Money) -> dict[str, Any]:
    return {"currency": amount.currency.code, "minor": to_minor(amount)}


def _decimal_to_text(value: Decimal) -> str:
    if not value.is_finite():
        msg = f"quantity must be a finite number, got {value}"
        raise DocumentError(msg)
    return str(value)


def _decimal_to_content(value: Decimal) -> str:
    """One text for 1, 1.0 and 1E0, which are equal; `Decimal.normalize` would round."""
    _decimal_to_text(value)
    sign, places, exponent = value.as_tuple()
    written = "".join(map(str, places))
    kept = written.rstrip("0")
    if not kept:
        return "0"
    return f"{'-' * sign}{kept}e{int(exponent) + len(written) - len(kept)}"


@functools.lru_cache(maxsize=256)  # A batch is recorded at one moment, mostly.
def _moment_to_text(value: dt.datetime) -> str:
    # Always six decimals, so that the texts sort as the moments do.
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds")


_WRITE: Final[Mapping[Any, _Convert | None]] = {
    str: None,
    int: None,
    bool: None,
    Decimal: _decimal_to_text,
    Money: _money_to_plain,
    dt.date: dt.date.isoformat,
    dt.datetime: _moment_to_text,
}
_WRITE_CONTENT: Final = {**_WRITE, Decimal: _decimal_to_content}


# Reading, checked: every leaf is of its type, every field is known, every constructor has its say.


def _decoder(hint: Any) -> _Convert:  # noqa: ANN401  # any annotation
    hint = _bare(hint)
    if hint in _READ:
        return _READ[hint]
    if inner := _optional(hint):
        return _or_none(_decoder(inner))
    if item := _items(hint):
        return _tuple_of(_decoder(item))
    if hint in _TAGS:
        return _tagged_decoder(hint, _class_decoder)
    if issubclass(hint, enum.Enum):
        return _member_of(hint)
    return _class_decoder(hint)


def _class_decoder(cls: type) -> _Convert:
    converts = {name: _decoder(hint) for name, hint in _hints(cls).items()}

    def decode(plain: Any) -> Any:  # noqa: ANN401  # the plain form of cls, if it is one
        fields = _expect(dict, plain)
        if not fields.keys() <= converts.keys():
            unknown = ", ".join(sorted(map(str, fields.keys() - converts.keys())))
            msg = f"fields of {cls.__name__} must be known, got {unknown}"
            raise DocumentError(msg)
        return _build(cls, _converted(cls, converts, fields))

    return decode


def _converted(
    cls: type, converts: Mapping[str, _Convert], fields: Mapping[str, Any]
) -> dict[str, Any]:
    values = {}
    name = ""
    try:
        for name, value in fields.items():  # the handler says which one it was
            values[name] = converts[name](value)
    except DocumentError:
        raise
    except (TypeError, ValueError, KeyError) as error:
        msg = f"{name} of {cls.__name__} must be as it is written, got {error}"
        raise DocumentError(msg) from error
    return values


def _build(cls: type, values: dict[str, Any]) -> Any:  # noqa: ANN401  # an instance of cls
    try:
        return cls(**values)
    except TypeError as error:
        msg = f"fields of {cls.__name__} must be complete, got {error}"
        raise DocumentError(msg) from error


def _tagged_decoder(base: type, make: Callable[[type], _Convert]) -> _Convert:
    converts = {tag: make(cls) for tag, cls in _TAGS[base].items()}

    def decode(plain: Any) -> Any:  # noqa: ANN401  # the plain form of a kind of base
        fields = dict(_expect(dict, plain))
        tag = fields.pop("kind", None)
        if not isinstance(tag, str) or tag not in converts:
            msg = f"kind of a plain {base.__name__.lower()} must be one of {', '.join(converts)}, got {tag!r}"
            raise DocumentError(msg)
        return converts[tag](fields)

    return decode


def _member_of(kind: type[enum.Enum]) -> _Convert:
    return kind


def _tuple_of(convert: _Convert) -> _Convert:
    return lambda values: tuple([convert(value) for value in _expect(list, values)])


def _expect(kind: type, value: Any) -> Any:  # noqa: ANN401  # what is checked
    if type(value) is not kind:
        msg = f"a value of type {type(value).__name__} where {kind.__name__} was due: {value!r:.80}"
        raise TypeError(msg)
    return value


def _money_from_plain(plain: Any) -> Money:  # noqa: ANN401  # what is checked
    if _expect(dict, plain).keys() != {"currency", "minor"}:
        msg = f"an amount with the fields {', '.join(sorted(map(str, plain)))}"
        raise ValueError(msg)
    return from_minor(_expect(int, plain["minor"]), _expect(str, plain["currency"]))


def _decimal_from_text(text: Any) -> Decimal:  # noqa: ANN401  # what is checked
    try:
        value = Decimal(_expect(str, text))
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite():
        msg = f"{text!r}, which is no finite number"
        raise ValueError(msg)
    return value


def _moment_from_text(text: str) -> dt.datetime:
    value = dt.datetime.fromisoformat(text)
    if value.utcoffset() != dt.timedelta(0):
        msg = f"{text!r}, which is not in UTC"
        raise ValueError(msg)
    return value


_READ: Final[Mapping[Any, _Convert]] = {
    str: functools.partial(_expect, str),
    int: functools.partial(_expect, int),
    bool: functools.partial(_expect, bool),
    Decimal: _decimal_from_text,
    Money: _money_from_plain,
    dt.date: dt.date.fromisoformat,
    dt.datetime: _moment_from_text,
}


# Reading, unchecked: the same values, put into their slots as unpickling would.


def _restorer(hint: Any) -> _Convert | None:  # noqa: ANN401  # any annotation
    hint = _bare(hint)
    if hint in _READ:
        return _RESTORE.get(hint)
    if inner := _optional(hint):
        convert = _restorer(inner)
        return convert and _or_none(convert)
    if item := _items(hint):
        convert = _restorer(item)
        return tuple if convert is None else _restored_tuple(convert)
    if hint in _TAGS:
        return _tagged_decoder(hint, _class_restorer)
    if issubclass(hint, enum.Enum):
        return _member_of(hint)
    return _class_restorer(hint)


def _class_restorer(cls: type) -> _Convert:
    later = _later(cls)
    names = tuple(name for name in _hints(cls) if name not in dict(later))
    needed = tuple(
        (index, convert)
        for index, name in enumerate(names)
        if (convert := _restorer(_hints(cls)[name])) is not None
    )
    extra = tuple((name, default, _restorer(_hints(cls)[name])) for name, default in later)
    values_of = _getter(itemgetter, names)
    decode = _class_decoder(cls)
    new, put = object.__new__, object.__setattr__

    def restore(plain: dict[str, Any]) -> Any:  # noqa: ANN401  # an instance of cls
        try:
            values = list(values_of(plain))
        except KeyError:
            # An older form lacks a field that has a default by now: the constructor knows it.
            return decode(plain)
        for index, convert in needed:
            values[index] = convert(values[index])
        instance: Any = new(cls)
        for name, value in zip(names, values, strict=True):
            put(instance, name, value)
        # What came later is rarely there, and is written only where it says something.
        for name, default, convert_later in extra:
            value = plain.get(name, default)
            if convert_later is not None and name in plain:
                value = convert_later(value)
            put(instance, name, value)
        return instance

    return restore


def _restored_tuple(convert: _Convert) -> _Convert:
    return lambda values: tuple([convert(value) for value in values])


def _restored_money(plain: dict[str, Any]) -> Money:
    return from_minor(plain["minor"], plain["currency"])


_RESTORE: Final[Mapping[Any, _Convert]] = {
    Decimal: Decimal,
    Money: _restored_money,
    dt.date: dt.date.fromisoformat,
    dt.datetime: dt.datetime.fromisoformat,
}


# Annotations.


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in attrs.fields(cls)}


def _bare(hint: Any) -> Any:  # noqa: ANN401  # any annotation
    return hint.__supertype__ if isinstance(hint, NewType) else hint


def _optional(hint: Any) -> Any:  # noqa: ANN401  # any annotation
    """What may be None here, or None where nothing may."""
    if typing.get_origin(hint) not in {types.UnionType, typing.Union}:
        return None
    (inner,) = [part for part in typing.get_args(hint) if part is not type(None)]
    return inner


def _items(hint: Any) -> Any:  # noqa: ANN401  # any annotation
    """What a ``tuple[..., ...]`` holds, or None for anything else."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else None


_encode_event: Final = _tagged_encoder(Event, content=False)
_encode_content: Final = _tagged_encoder(Event, content=True)
_decode_event: Final = _tagged_decoder(Event, _class_decoder)
_restore_event: Final = _tagged_decoder(Event, _class_restorer)
