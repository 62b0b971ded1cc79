"""The manual says what the code says: hooks, problems, errors, settings, limits, life cycles, links."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import tomllib

import attrs
import pytest

import receivables.testing
from receivables import errors, hookspecs
from receivables.adapters import NoSettings
from receivables.dunning import DunningLevel
from receivables.matching import MatchingPolicy
from receivables.parties import Address, Creditor
from receivables.plugins import KINDS
from receivables.problems import CODES
from receivables.settings import parse_settings
from receivables.tabular import FIELDS

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CONFORMANCE = re.compile(r"Conformance: `receivables\.testing\.(\w+)`")


def _prose(text):
    """A page without its code."""
    return _FENCE.sub("", text)


def _slug(heading):
    """The anchor that a forge makes of a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def _sections(text, *, level=2):
    """The sections of a page by their heading, code included."""
    parts = re.split(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)
    return {name.strip("`"): body for name, body in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.fixture(scope="module")
def pages(root):
    """Every page of the project, by its path from the root."""
    files = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("tests/*.md")]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}


@pytest.fixture(scope="module")
def adapters(root):
    """The descriptors of the adapters that ship along, by kind and name, through their hooks."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    modules = [
        importlib.import_module(name) for name in project["entry-points"]["receivables"].values()
    ]
    return {
        (kind, spec.name): spec
        for module in modules
        for kind, hook in KINDS.items()
        if hasattr(module, hook)
        for spec in getattr(module, hook)()
    }


def _signature(name):
    text = f"{name}{inspect.signature(getattr(hookspecs, name))}"
    return text.replace("'", "")


def test_every_hook_has_a_heading_with_its_signature(pages):
    """The manual has a heading for each hook, with its exact signature, and none for another."""
    headings = _sections(pages["docs/reference/hooks.md"])

    assert [_signature(name) for name in hookspecs.HOOKS] == list(headings)


@pytest.mark.parametrize("hook", hookspecs.HOOKS)
def test_every_hook_is_shown(hook, pages):
    """The section of a hook shows an implementation, and names its conformance class."""
    section = _sections(pages["docs/reference/hooks.md"])[_signature(hook)]
    specified = _CONFORMANCE.search(getattr(hookspecs, hook).__doc__)

    assert f"def {hook}" in section
    assert f"`receivables.testing.{specified[1]}`" in section


@pytest.mark.parametrize("hook", hookspecs.HOOKS)
def test_every_hook_has_its_conformance_class(hook):
    """The conformance class that a hook names is there for authors of plug-ins."""
    specified = _CONFORMANCE.search(getattr(hookspecs, hook).__doc__)

    assert inspect.isclass(getattr(receivables.testing, specified[1]))


def test_the_list_of_hooks_is_the_code():
    """`HOOKS`, the kinds and the functions of the module name the same hooks."""
    functions = {name for name in vars(hookspecs) if name.startswith("receivables_")}

    assert functions == set(hookspecs.HOOKS)
    assert set(KINDS.values()) == set(hookspecs.HOOKS)


def test_every_problem_has_a_section(pages):
    """The page of problems has each code, in order, and no other."""
    assert list(_sections(pages["docs/reference/problems.md"])) == sorted(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_problem_says_what_it_means_and_what_to_do(code, pages):
    """A section opens with the meaning that the code gives, and goes on with a way out."""
    section = _sections(pages["docs/reference/problems.md"])[code]
    meaning, *way_out = section.strip().splitlines()

    assert meaning == f"{CODES[code][0].upper()}{CODES[code][1:]}."
    assert any(line.strip() for line in way_out)


def test_codes_are_sorted():
    """The codes stand in order, so that two people find the same place for a new one."""
    assert list(CODES) == sorted(CODES)


def test_every_error_has_a_section(pages):
    """The page of errors has each class, and no other."""
    assert set(_sections(pages["docs/reference/errors.md"])) == set(errors.__all__)


def test_every_setting_of_an_adapter_is_documented(pages, adapters):
    """The page of settings has a section for each adapter, with each of its settings."""
    sections = _sections(pages["docs/reference/settings.md"], level=3)
    missing = [
        f"{kind} {name}: {field.name}"
        for (kind, name), spec in adapters.items()
        for field in attrs.fields(spec.settings)
        if f"`{field.name.replace('_', '-')}`" not in sections.get(f"{kind} {name}", "")
    ]
    absent = [
        f"{kind} {name}"
        for (kind, name), spec in adapters.items()
        if spec.settings is not NoSettings and f"{kind} {name}" not in sections
    ]

    assert absent == []
    assert missing == []


def test_the_settings_file_of_the_manual_is_read(pages):
    """The example on the page of settings is accepted as it stands."""
    example = _TOML.search(pages["docs/reference/settings.md"])[1]

    assert parse_settings(example).creditor.name == "Mirabelle SAS"


def test_every_field_of_a_csv_file_is_documented(pages):
    """What a column of a CSV file can hold stands on the page of settings."""
    section = _sections(pages["docs/reference/settings.md"], level=3)["ledger-source csv"]
    rows = dict(
        re.findall(r"^\| (documents|customers|receipts) \| (.+) \|$", section, re.MULTILINE)
    )

    assert {
        record: [name for name in fields if f"`{name}`" not in rows[record]]
        for record, fields in FIELDS.items()
    } == {record: [] for record in FIELDS}


@pytest.mark.parametrize("values", [Creditor, Address, MatchingPolicy, DunningLevel])
def test_every_field_that_a_settings_file_can_give_is_documented(values, pages):
    """What `receivables.toml` may say of these values stands on the page of settings."""
    page = pages["docs/reference/settings.md"]
    names = [field.name.replace("_", "-") for field in attrs.fields(values)]
    # Amounts by currency are texts there, in units of the currency.
    said = {name: (f"`{name}`", f"`{name.removesuffix('-minor')}`") for name in names}

    assert [name for name in names if not any(each in page for each in said[name])] == []


def test_the_drawn_pages_are_up_to_date(pages, root):
    """Life cycles and limits are what `docs/draw.py` draws from the code; run it to mend this."""
    spec = importlib.util.spec_from_file_location("draw", root / "docs" / "draw.py")
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)

    assert {f"docs/{name}": draw() for name, draw in drawing.PAGES.items()} == {
        f"docs/{name}": pages[f"docs/{name}"] for name in drawing.PAGES
    }


def test_every_page_has_one_title(pages):
    """A page opens with its title, and has one only."""
    titles = {
        name: [text for marks, text in _HEADING.findall(_prose(page)) if marks == "#"]
        for name, page in pages.items()
    }

    assert {name: found for name, found in titles.items() if len(found) != 1} == {}


def test_no_link_is_broken(pages, root):
    """Every relative link leads to a file, and every anchor to a heading of its page."""
    anchors = {
        name: {_slug(text) for _, text in _HEADING.findall(_prose(page))}
        for name, page in pages.items()
    }
    broken = []
    for name, page in pages.items():
        for link in _LINK.findall(_prose(page)):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (root / name).parent / path if path else root / name
            known = anchors.get(_relative(target, root), set())
            if not target.exists() or (anchor and anchor not in known):
                broken.append(f"{name}: {link}")

    assert broken == []


def _relative(target, root):
    resolved = target.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else ""


def test_every_page_can_be_found(pages, root):
    """Each page of the manual is linked from its index."""
    linked = {
        _relative(root / "docs" / link.partition("#")[0], root)
        for link in _LINK.findall(pages["docs/index.md"])
    }
    manual = {name for name in pages if name.startswith("docs/")} - {"docs/index.md"}

    assert manual - linked == set()


def test_every_module_has_its_floor_in_the_design(pages, public_modules):
    """The page of the design names each module and topic on its floor."""
    floors = pages["docs/explanation/design.md"].split("| floor | modules |")[1].split("\n\n")[0]
    tops = {name.split(".")[1] for name in public_modules if "." in name}

    assert {name for name in tops if f"`{name}`" not in floors} == set()


def test_the_readme_opens_with_two_commands(pages):
    """The first code of the README is two lines, each with all its own set-up."""
    first = re.search(r"^```\w*\n(.*?)^```$", pages["README.md"], re.MULTILINE | re.DOTALL)[1]
    demonstration, suite = first.splitlines()

    assert "receivables demo --out" in demonstration
    assert "pytest" in suite
    assert all("-m venv" in line and "pip install" in line for line in (demonstration, suite))


def test_the_changelog_has_this_version(pages, root):
    """The changelog has a section for the version, and its groups stand in the order that we use."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = _sections(pages["CHANGELOG.md"])
    order = ["Security", "Removed", "Deprecated", "Added", "Changed", "Fixed"]

    assert any(heading.startswith(f"[{project['version']}]") for heading in versions)
    for body in versions.values():
        groups = [text for marks, text in _HEADING.findall(body) if marks == "###"]
        assert groups == [name for name in order if name in groups]
