"""Write the approved letters anew: ``python tests/letters/approve.py``, then read what changed.

One letter per kind and locale, as plain text: what a person has approved, and what
`test_approved.py` compares with.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from receivables.plugins import load_plugins
from receivables_plugins import text

__all__ = ["FOLDER", "approve", "printed", "samples"]

FOLDER = Path(__file__).parent / "approved"


def _sibling(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


samples = _sibling("samples")
# Wide enough for every table, so that a reader of a difference sees rows.
_RENDERER = load_plugins(only=[], extra={"text": text}).build(
    "letter-renderer", "text", {"width": 110}
)


def printed(kind: str, locale: str) -> bytes:
    """The letter of a kind in a locale, from invented values, as plain text in UTF-8."""
    return _RENDERER.render(samples.sample(kind, locale))


def approve() -> tuple[str, ...]:
    """Write every letter, remove those that are none any more, and return the names that changed."""
    wanted = {f"{kind}.{locale}.txt": (kind, locale) for kind, locale in samples.approved_keys()}
    FOLDER.mkdir(exist_ok=True)
    changed = []
    for path in FOLDER.glob("*.txt"):
        if path.name not in wanted:
            path.unlink()
            changed.append(path.name)
    for name, key in wanted.items():
        content, path = printed(*key), FOLDER / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            changed.append(name)
    return tuple(sorted(changed))


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name}\n" for name in approve()))
