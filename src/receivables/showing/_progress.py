"""How far long work has come: a bar where somebody looks, and nothing anywhere else.

The rules take a plain callback and know no bar; a notebook, a script or a command makes one here.
"""

from __future__ import annotations

import contextlib
import html
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any, Final, Protocol, TypeVar

import attrs

__all__ = ["progress", "tracking"]

T = TypeVar("T")
_STEPS: Final = 100
"""How often a bar in a notebook moves at most."""


class _Bar(Protocol):
    def advance(self, count: int) -> None: ...

    def close(self) -> None: ...


def progress(items: Iterable[T], label: str = "", *, total: int | None = None) -> Iterator[T]:
    """The items themselves, with a bar that moves while they are taken.

    In a notebook it is a bar of the page, in a terminal one by rich, or else by tqdm, where either is
    installed; elsewhere, in a log or a test, there is none.  `total` is the number of items, if they
    do not say it themselves.

    >>> sum(progress([1, 2, 3], "adding"))
    6
    """
    count = len(items) if total is None and isinstance(items, Sized) else total
    with tracking(label, total=count) as advance:
        for item in items:
            yield item
            advance(1)


@contextlib.contextmanager
def tracking(label: str = "", *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A callback to be told of each step that is done, with a bar as `progress` has it.

    >>> with tracking("scoring", total=2) as advance:
    ...     advance(2)
    """
    bar = _bar(label, total)
    try:
        yield bar.advance
    finally:
        bar.close()


def _bar(label: str, total: int | None) -> _Bar:
    if _in_notebook():
        return _NotebookBar(label, total)
    if not sys.stderr.isatty():
        return _NoBar()
    for name, make in (("rich", _RichBar.of), ("tqdm", _TqdmBar.of)):
        if importlib.util.find_spec(name) is not None:
            return make(label, total)
    return _NoBar()


def _in_notebook() -> bool:
    """Whether a kernel runs us, which only a program that has IPython can say."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return shell is not None and hasattr(shell, "kernel")


class _NoBar:
    def advance(self, count: int) -> None:
        """Nothing to move."""

    def close(self) -> None:
        """Nothing to take away."""


@attrs.define
class _NotebookBar:
    """The `progress` element of HTML, which a reader of screens knows too."""

    label: str
    total: int | None
    done: int = 0
    shown: int = -1
    handle: Any = None

    def __attrs_post_init__(self) -> None:
        self._show()

    def advance(self, count: int) -> None:
        self.done += count
        step = max(1, (self.total or _STEPS * _STEPS) // _STEPS)
        if self.done - self.shown >= step or self.done == self.total:
            self._show()

    def close(self) -> None:
        self._show()

    def _show(self) -> None:
        # There in a notebook only, and without types of its own.
        page_kit: Any = importlib.import_module("IPython.display")
        self.shown = self.done
        page = page_kit.HTML(self._html())
        if self.handle is None:
            self.handle = page_kit.display(page, display_id=True)
        else:
            self.handle.update(page)

    def _html(self) -> str:
        known = "" if self.total is None else f' max="{max(1, self.total)}" value="{self.done}"'
        said = f"{self.done}" if self.total is None else f"{self.done} / {self.total}"
        return f"<label>{html.escape(self.label)} <progress{known}></progress> {said}</label>"


@attrs.define
class _RichBar:
    bars: Any
    task: Any

    @classmethod
    def of(cls, label: str, total: int | None) -> _RichBar:
        from rich.console import Console  # noqa: PLC0415  # of an extra
        from rich.markup import escape  # noqa: PLC0415  # see above
        from rich.progress import Progress  # noqa: PLC0415  # see above

        bars = Progress(console=Console(stderr=True), transient=True)
        bars.start()
        return cls(bars, bars.add_task(escape(label), total=total))

    def advance(self, count: int) -> None:
        self.bars.advance(self.task, count)

    def close(self) -> None:
        self.bars.stop()


@attrs.define
class _TqdmBar:
    bar: Any

    @classmethod
    def of(cls, label: str, total: int | None) -> _TqdmBar:
        tqdm = importlib.import_module("tqdm").tqdm
        return cls(tqdm(desc=label or None, total=total, leave=False))

    def advance(self, count: int) -> None:
        self.bar.update(count)

    def close(self) -> None:
        self.bar.close()
