"""The tutorials that are notebooks: they run in a folder of their own, and are stored clean."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest

_EXTRAS = {
    "portfolio": ("polars", "xlsxwriter", "altair"),
    "ten-million-rows": ("polars", "pandas", "duckdb", "pyarrow"),
    "when-they-will-pay": ("sklearn", "altair"),
}
"""What a notebook needs, by its name."""

_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # threads that wait for each other make a busy machine crawl
    "PYTHONWARNINGS": "default",  # whatever warns, warns where the test sees it
    "RECEIVABLES_ROWS": "100000",
}
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_SECONDS = 240
"""For a cell on a machine that is busy with something else."""

_ABSOLUTE = re.compile(r"""(?:^|[\s"'(=])(?:/(?:home|tmp|root|usr|work|Users|var)/|[A-Z]:\\)""")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _marked(name):
    needs = pytest.mark.needs("nbclient", "nbformat", "ipykernel", *_EXTRAS[name])
    return pytest.param(name, marks=needs)


@pytest.fixture
def notebook(root, name):
    """A notebook as it is stored."""
    path = root / "docs" / "tutorial" / f"{name}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def _sources(notebook, kind):
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def test_every_notebook_is_run(root):
    """There is no notebook that this module does not know."""
    found = {path.stem for path in (root / "docs").rglob("*.ipynb")}

    assert set(_EXTRAS) == found


@pytest.mark.parametrize("name", [_marked(name) for name in _EXTRAS])
def test_a_notebook_runs_in_any_folder_without_a_warning(root, name, tmp_path, monkeypatch):
    """Every cell runs in an empty folder, writes nothing there, and nothing but results comes out."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    folder = tmp_path / "anywhere"
    folder.mkdir()
    for key, value in _ENVIRONMENT.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("PYTHONPATH", str(root / "src"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # what it writes goes with the test
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))  # nobody's own settings
    read = nbformat.read(root / "docs" / "tutorial" / f"{name}.ipynb", as_version=4)

    client = nbclient.NotebookClient(
        read, timeout=_SECONDS, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()  # an error in a cell is one here

    outputs = [output for cell in read.cells for output in cell.get("outputs", ())]
    assert [] == [one.text for one in outputs if one.get("name") == "stderr"]
    assert any("text/html" in one.get("data", {}) for one in outputs)
    assert [] == list(folder.iterdir())


@pytest.mark.parametrize("name", _EXTRAS)
class TestStored:
    """How a notebook is stored: for people and for a version control."""

    def test_without_what_a_run_leaves_behind(self, notebook):
        """There are no outputs, no counts of runs, and no metadata but the language."""
        cells = notebook["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]

        assert [] == [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"]]
        assert [] == [cell["id"] for cell in cells if cell["metadata"] or cell.get("attachments")]
        assert _METADATA == notebook["metadata"]

    @pytest.mark.needs("nbformat")
    def test_in_a_format_with_names_for_cells(self, notebook):
        """It is nbformat 4.5, whose cells have names, each of its own and made of words."""
        nbformat = pytest.importorskip("nbformat")
        names = [cell["id"] for cell in notebook["cells"]]

        assert (4, 5) == (notebook["nbformat"], notebook["nbformat_minor"])
        nbformat.validate(notebook)
        assert len(names) == len(set(names))
        assert [] == [one for one in names if not _WORD.fullmatch(one)]

    def test_with_words_before_its_code(self, notebook):
        """It opens with its title, no two cells of code follow each other, and a section is short."""
        kinds = [cell["cell_type"] for cell in notebook["cells"]]

        assert _sources(notebook, "markdown")[0].startswith("# ")
        assert ("code", "code") not in pairwise(kinds)
        assert [] == [one for one in _sources(notebook, "code") if len(one.splitlines()) > 30]

    def test_without_a_place_on_somebodys_machine(self, notebook):
        """No path is absolute, so that it runs wherever it lies."""
        every = [*_sources(notebook, "markdown"), *_sources(notebook, "code")]

        assert [] == [one for one in every if _ABSOLUTE.search(one)]

    def test_with_a_sentence_a_line(self, notebook):
        """A line of its words ends where a sentence or a heading does."""
        lines = [line for one in _sources(notebook, "markdown") for line in one.splitlines()]
        is_code = False
        cut = []
        for line in lines:
            is_code ^= line.startswith("```")
            if line and not is_code and line[0] not in "#`" and line[-1] not in ".:?!":
                cut.append(line)

        assert [] == cut

    def test_with_links_that_lead_somewhere(self, root, notebook):
        """Every link of its words is to a page or a notebook that is there."""
        folder = root / "docs" / "tutorial"
        links = [link for one in _sources(notebook, "markdown") for link in _LINK.findall(one)]

        assert links
        assert [] == [one for one in links if not (folder / one.partition("#")[0]).is_file()]
