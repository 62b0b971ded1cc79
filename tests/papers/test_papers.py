"""Letters by the thousand: in order, a few at a time, and one that fails stops itself only."""

import io
import threading
import tracemalloc

import attrs
import pypdf
import pytest

from receivables.adapters import AdapterSpec
from receivables.errors import AdapterError, PolicyError
from receivables.papers import Rendered, RenderedTogether, Renderers, render_batch, render_together
from receivables.plugins import load_plugins
from receivables.problems import Place, Problem
from receivables.testing.letter_renderer import sample_letter
from receivables_plugins import eml, text, typst

_LETTER = sample_letter("reminder-1", "en")
_LOST = Problem("letter.translation-missing", "no Italian", place=Place("customer C-9"))


@pytest.fixture(scope="module")
def plugins():
    """The renderers that the tests use."""
    return load_plugins(only=[], extra={"eml": eml, "text": text, "typst": typst})


def _letters(count, **changes):
    for number in range(count):
        yield attrs.evolve(_LETTER, file_stem=f"letter-{number:05}", **changes)


def _bad(number):
    return attrs.evolve(_LETTER, file_stem=f"letter-{number:05}", recipient=("株式会社",))


@pytest.mark.parametrize("workers", [1, 2])
def test_letters_come_back_in_their_order(plugins, workers):
    """Whatever the number of workers, the answers stand in the order of the letters."""
    made = list(render_batch(Renderers.of(["text"], plugins), _letters(40), workers=workers))

    assert [one.files[0][0] for one in made] == [f"letter-{n:05}.txt" for n in range(40)]
    assert all(isinstance(one, Rendered) for one in made)


@pytest.mark.parametrize("workers", [1, 2])
def test_one_failure_stops_one_letter(plugins, workers):
    """A letter without glyphs becomes a problem in its place, with its customer and the reason."""
    letters = [*_letters(1), _bad(1), _LOST, *_letters(2)]
    first, failed, lost, *rest = render_batch(
        Renderers.of(["typst"], plugins), letters, workers=workers
    )

    assert [type(one) for one in (first, *rest)] == [Rendered] * 3
    assert failed.code == "letter.invalid"
    assert str(failed.place) == "letter letter-00001: reminder-1"
    assert "to 株式会社" in failed.message
    assert "font" in failed.message
    assert lost is _LOST


class _Broken:
    """A renderer of somebody else, with a fault."""

    media_type = "text/plain"
    suffix = ".txt"

    def render(self, letter, *, attachments=()):
        msg = f"no {letter.file_stem}"
        raise KeyError(msg)


def test_fault_of_a_plug_in_stops_one_letter():
    """What a plug-in raises by mistake is a problem of its letter, too."""
    spec = AdapterSpec(name="broken", summary="fails", factory=lambda _settings: _Broken())
    (made,) = render_batch(Renderers(((spec, spec.build()),)), _letters(1))

    assert "KeyError" in made.message or "no letter-00000" in made.message


@pytest.mark.parametrize("workers", [1, 2])
def test_letters_are_asked_for_as_they_are_needed(plugins, workers):
    """Nobody composes ten thousand letters before the first is printed."""
    asked = []

    def letters():
        for letter in _letters(10_000):
            asked.append(letter.file_stem)
            yield letter

    made = render_batch(Renderers.of(["text"], plugins), letters(), workers=workers)
    next(made)
    made.close()

    assert len(asked) <= 1 + 3 * workers


def test_memory_stays_flat(plugins):
    """Ten times as many letters take no more memory at once."""
    renderers = Renderers.of(["text", "eml"], plugins)

    def peak(count):
        tracemalloc.start()
        for made in render_batch(renderers, _letters(count)):
            assert isinstance(made, Rendered)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(5)

    assert peak(300) < 2 * peak(30) + 100_000


def test_workers_end_with_the_batch(plugins):
    """No thread outlives the batch that it worked for."""
    before = threading.active_count()
    list(render_batch(Renderers.of(["text"], plugins), _letters(10), workers=2))

    assert threading.active_count() <= before


def test_messages_carry_the_forms_before_them(plugins):
    """A form that carries attachments comes with those made before it."""
    renderers = Renderers.of(["typst", "eml"], plugins)
    (made,) = render_batch(renderers, _letters(1))

    assert [name for name, _ in made.files] == ["letter-00000.pdf", "letter-00000.eml"]
    assert b"letter-00000.pdf" in made.files[1][1]


def test_renderers_take_settings(plugins):
    """Each renderer gets the settings under its name, and settings of no renderer are refused."""
    renderers = Renderers.of(["text"], plugins, settings={"text": {"width": 40}})
    (made,) = render_batch(renderers, _letters(1))

    assert max(map(len, made.files[0][1].decode().split("\n"))) < 72
    with pytest.raises(PolicyError, match="settings must be those of text, got typst"):
        Renderers.of(["text"], plugins, settings={"typst": {}})


def test_letters_together_are_files_of_some(plugins):
    """For the printer letters come in files of so many, in order."""
    renderers = Renderers.of(["eml", "typst"], plugins)
    made = list(render_together(renderers, _letters(5), title="Letters", at_most=2))

    assert [len(one.letters) for one in made] == [2, 2, 1]
    assert [len(pypdf.PdfReader(io.BytesIO(one.content)).pages) for one in made] == [3, 3, 1]


def test_one_failure_leaves_the_file_to_the_others(plugins):
    """The letter that cannot be printed is named, and those beside it are printed all the same."""
    letters = [*_letters(1), _bad(1), _LOST, *_letters(1)]
    made = list(render_together(Renderers.of(["typst"], plugins), letters, title="Letters"))

    assert [type(one) for one in made] == [Problem, Problem, RenderedTogether]
    assert [one.code for one in made[:2]] == ["letter.translation-missing", "letter.invalid"]
    assert len(made[2].letters) == 2


def test_nothing_together_is_nothing(plugins):
    """A chunk of nothing but problems makes no file."""
    assert list(render_together(Renderers.of(["typst"], plugins), [_LOST], title="x")) == [_LOST]
    (failed,) = render_together(Renderers.of(["typst"], plugins), [_bad(1)], title="x")
    assert failed.code == "letter.invalid"


_REFUSED = {
    "no workers": (lambda some: render_batch(some, [], workers=0), "workers must be 1 or more"),
    "no letters a file": (
        lambda some: render_together(some, [], title="x", at_most=0),
        "at_most must be 1 or more",
    ),
    "no renderer": (
        lambda some: render_together(some, [], title="x"),
        "one of the renderers must render letters together, got text",
    ),
}


@pytest.mark.parametrize(("call", "reason"), _REFUSED.values(), ids=_REFUSED)
def test_impossible_batch_is_refused(plugins, call, reason):
    """What cannot be is refused when it is asked for, and not with the first letter."""
    with pytest.raises(PolicyError, match=reason):
        call(Renderers.of(["text"], plugins))


def test_renderer_that_refuses_is_named():
    """A renderer that refuses what it gets says so in the problem."""

    class Refusing(_Broken):
        def render(self, letter, *, attachments=()):
            msg = "letter must be shorter"
            raise AdapterError(msg)

    spec = AdapterSpec(name="refusing", summary="refuses", factory=lambda _settings: Refusing())
    (made,) = render_batch(Renderers(((spec, spec.build()),)), _letters(1))

    assert made.message.endswith("letter must be shorter")
