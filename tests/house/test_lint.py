"""What a well-kept linter can say, said as part of the suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_TOOLS = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "mypy": ("mypy",),
    "lint-imports": ("lint-imports", "--no-logo"),
}


def _program(name: str) -> str:
    """The tool of the interpreter that runs this suite, and not another one on the path."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name


@pytest.mark.parametrize("tool", _TOOLS)
def test_the_tools_find_nothing(tool, root):
    """Linter, formatter, type checker and import contracts have nothing to say."""
    program, *arguments = _TOOLS[tool]
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "NO_COLOR": "1"}

    done = subprocess.run(
        [_program(program), *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
