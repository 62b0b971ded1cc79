"""Letters as files: every renderer of the settings makes its form of a letter, one letter or thousands.

It knows adapters and letters, and opens no file; whoever calls it writes the bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from receivables.adapters import AdapterSpec, Attachment, LetterRenderer
from receivables.errors import PolicyError
from receivables.letters.model import Letter
from receivables.plugins import Plugins
from receivables.problems import Place, Problem

__all__ = ["Rendered", "RenderedTogether", "Renderers", "render_batch", "render_together"]

_AHEAD: Final = 2
"""Letters that wait for each worker: enough to keep it busy, and few enough to stay small."""

_TOGETHER: Final = 50
"""Letters of a file for the printer: larger ones are hardly faster, and take more memory."""

T = TypeVar("T")
_Made: TypeAlias = "Rendered | Problem"


@attrs.frozen
class Renderers:
    """The renderers of the settings, in their order: a form that carries attachments comes last."""

    built: tuple[tuple[AdapterSpec[Any], LetterRenderer], ...]

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        plugins: Plugins,
        *,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Renderers:
        """The renderers of some names, each with its settings where it has some.

        Raises `PolicyError` for one that is not installed, and for settings of one that is not named.
        """
        given = settings or {}
        if unused := sorted(set(given) - set(names)):
            msg = f"settings must be those of {', '.join(names)}, got {', '.join(unused)}"
            raise PolicyError(msg)
        specs = [plugins.find("letter-renderer", name) for name in names]
        return cls(tuple((spec, spec.build(given.get(spec.name))) for spec in specs))

    def files(self, letter: Letter) -> Iterator[tuple[str, bytes]]:
        """One letter in every form, by file name; forms that carry attachments carry those before."""
        attachments: list[Attachment] = []
        for spec, renderer in self.built:
            carries = "attachments" in spec.capabilities
            content = renderer.render(letter, attachments=attachments if carries else ())
            name = f"{letter.file_stem}{renderer.suffix}"
            yield name, content
            if not carries:
                attachments.append(
                    Attachment(name=name, media_type=renderer.media_type, content=content)
                )


@attrs.frozen(kw_only=True)
class Rendered:
    """A letter with its files, by name."""

    letter: Letter
    files: tuple[tuple[str, bytes], ...] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class RenderedTogether:
    """Some letters as one file for the printer."""

    letters: tuple[Letter, ...]
    content: bytes = attrs.field(repr=False)


def render_batch(
    renderers: Renderers, letters: Iterable[Letter | Problem], *, workers: int = 1
) -> Iterator[Rendered | Problem]:
    """Render letters as they come, in their order, holding a few of them at a time.

    A letter that cannot be rendered becomes a `Problem` with the code ``letter.invalid``, and so
    stops itself only; problems among the letters come through in their place, so that who composes
    can say what it could not.  `workers` are threads: worth two or more where a renderer leaves the
    interpreter alone while it works, as ``typst`` does.  Raises `PolicyError` for less than one.
    """
    if workers < 1:
        msg = f"workers must be 1 or more, got {workers}"
        raise PolicyError(msg)
    return _in_turn(renderers, letters) if workers == 1 else _ahead(renderers, letters, workers)


def _in_turn(renderers: Renderers, letters: Iterable[Letter | Problem]) -> Iterator[_Made]:
    for letter in letters:
        yield _made(renderers, letter)


def _ahead(
    renderers: Renderers, letters: Iterable[Letter | Problem], workers: int
) -> Iterator[_Made]:
    waiting: deque[Future[_Made]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for letter in letters:
                waiting.append(pool.submit(_made, renderers, letter))
                if len(waiting) > workers * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # Who stops asking does not wait for letters that nobody will get.
            pool.shutdown(wait=False, cancel_futures=True)


def _made(renderers: Renderers, letter: Letter | Problem) -> _Made:
    if isinstance(letter, Problem):
        return letter

    def files() -> Rendered:
        return Rendered(letter=letter, files=tuple(renderers.files(letter)))

    return _attempted(files, letter)


def _attempted(make: Callable[[], T], letter: Letter) -> T | Problem:
    try:
        return make()
    except Exception as error:  # noqa: BLE001  # a plug-in may raise anything, and stops one letter
        return _problem(letter, error)


def _problem(letter: Letter, error: Exception) -> Problem:
    """Whose letter it was, and why there is none."""
    to = f" to {letter.recipient[0]}" if letter.recipient else ""
    place = Place(f"letter {letter.file_stem}", field=letter.kind)
    return Problem("letter.invalid", f"letter{to} cannot be rendered: {error}", place=place)


def render_together(
    renderers: Renderers,
    letters: Iterable[Letter | Problem],
    *,
    title: str,
    at_most: int = _TOGETHER,
) -> Iterator[RenderedTogether | Problem]:
    """Render letters into files of many for the printer, by the first renderer that can.

    Each letter keeps its page numbers.  Where a file cannot be made because of one of its letters,
    that letter becomes a `Problem`, and the file is made of the others.  Raises `PolicyError` where
    no renderer declares the ability ``together``, or `at_most` is less than one.
    """
    if at_most < 1:
        msg = f"at_most must be 1 or more, got {at_most}"
        raise PolicyError(msg)
    able = [renderer for spec, renderer in renderers.built if "together" in spec.capabilities]
    if not able:
        names = ", ".join(spec.name for spec, _ in renderers.built)
        msg = f"one of the renderers must render letters together, got {names}"
        raise PolicyError(msg)
    return _files_of_many(able[0], letters, title, at_most)


def _files_of_many(
    renderer: Any,  # noqa: ANN401  # a renderer with one method more
    letters: Iterable[Letter | Problem],
    title: str,
    at_most: int,
) -> Iterator[RenderedTogether | Problem]:
    upcoming = iter(letters)
    while chunk := list(islice(upcoming, at_most)):
        yield from (one for one in chunk if isinstance(one, Problem))
        yield from _file_of_many(renderer, [one for one in chunk if isinstance(one, Letter)], title)


def _file_of_many(
    renderer: Any,  # noqa: ANN401  # as above
    letters: list[Letter],
    title: str,
) -> Iterator[RenderedTogether | Problem]:
    if not letters:
        return

    def file() -> RenderedTogether:
        content = renderer.render_together(letters, title=title)
        return RenderedTogether(letters=tuple(letters), content=content)

    made = _attempted(file, letters[0])
    if isinstance(made, RenderedTogether) or len(letters) == 1:
        yield made
        return
    # One of them is at fault: each is asked alone, and the sound ones go into one file.
    sound: list[Letter] = []
    for letter in letters:
        tried = _attempted(lambda: renderer.render(letter), letter)  # noqa: B023  # called at once
        if isinstance(tried, Problem):
            yield tried
        else:
            sound.append(letter)
    if len(sound) < len(letters):
        yield from _file_of_many(renderer, sound, title)
    else:
        yield made
