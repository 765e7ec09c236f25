"""The plan of the house: which package may import which, and that every verb is told of."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import typer

from bench.parts import kill
from crawler.profile import PROFILE_KEYS
from docarchive.cli import app
from docarchive.configuration import KEYS

ROOT = Path(__file__).parent.parent
PACKAGES = ("docarchive", "crawler", "archive", "simulator")
OURS = frozenset(PACKAGES)

MAY_IMPORT = {
    "docarchive": OURS,
    "crawler": {"crawler", "archive"},
    "archive": {"archive"},
    "simulator": {"simulator"},
}

PURE = ("crawler/reading", "crawler/platforms")
PURE_MAY_IMPORT = ("archive.errors", "crawler.reading", "crawler.platforms", "archive.record", "archive.clock")
NEITHER_SCRAPY_NOR_NETWORK = ("scrapy", "twisted", "aiohttp", "socket", "urllib.request", "http.client", "sqlite3")

CLOCKS = {"archive/clock.py", "simulator/clock.py"}


def modules(folder: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / folder).rglob("*.py")))


def imported(path: Path) -> set[str]:
    """Return the full names of the modules that a file imports anywhere, relative imports not being used."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows(package: str) -> None:
    for path in modules(package):
        ours = {name.partition(".")[0] for name in imported(path)} & OURS
        assert ours <= MAY_IMPORT[package], f"{path} imports {ours - MAY_IMPORT[package]}"


def room(name: str) -> str:
    """Return the room that a module is in: the folder of a package; empty for what stands at a package's top."""
    first, _, rest = name.partition(".")
    inner = rest.partition(".")[0]
    return inner if (ROOT / first / inner).is_dir() else ""


def drawn(package: str) -> dict[str, set[str]]:
    """Return which rooms of a package each of its rooms imports from when it runs, types left out."""
    arrows: dict[str, set[str]] = {}
    for path in modules(package):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                node.body = [ast.Pass()]
        here = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == package:
                arrows.setdefault(here, set()).update(room(f"{node.module}.{alias.name}") for alias in node.names)
    return {here: {there for there in others if there and there != here} for here, others in arrows.items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_rooms_of_a_package_run_no_circles(package: str) -> None:
    """Among the folders of a package arrows go one way; at its top stand what all need and what needs all."""
    order = TopologicalSorter({here: others for here, others in drawn(package).items() if here})
    order.prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("folder", [*PURE, "archive"])
def test_no_scrapy_where_stored_pages_are_read(folder: str) -> None:
    forbidden = NEITHER_SCRAPY_NOR_NETWORK[:3] if folder == "archive" else NEITHER_SCRAPY_NOR_NETWORK
    for path in modules(folder):
        for name in imported(path):
            assert not name.startswith(forbidden), f"{path} imports {name}"


@pytest.mark.parametrize("folder", PURE)
def test_reading_imports_only_what_is_pure(folder: str) -> None:
    for path in modules(folder):
        for name in imported(path):
            if name.partition(".")[0] in OURS and name not in ("crawler", "archive"):
                assert name.startswith(PURE_MAY_IMPORT), f"{path} imports {name}"


def test_a_fresh_process_has_no_scrapy() -> None:
    """Asking an archive, reading stored pages and simulating a site work where Scrapy is not installed."""
    paths = [*modules("archive"), *modules("crawler/reading"), *modules("crawler/platforms"), *modules("simulator")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    names += ["docarchive", "docarchive.cli", "docarchive.cli.asking", "crawler.profile", "crawler.telling.after_run"]
    code = "import importlib, sys; [importlib.import_module(n) for n in sys.argv[1:]]; print('scrapy' in sys.modules)"
    wanted = [name for name in names if not name.endswith("__main__")]
    done = subprocess.run([sys.executable, "-c", code, *wanted], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_clock_asks_the_machine_for_the_time(package: str) -> None:
    for path in modules(package):
        if str(path.relative_to(ROOT)) in CLOCKS:
            continue
        found = re.search(r"\btime\.(time|monotonic|sleep)\(|datetime\.(now|utcnow|today)\(", path.read_text("utf-8"))
        assert found is None, f"{path}: {found.group()}"


def test_modules_are_named_by_their_subject() -> None:
    for package in PACKAGES:
        for path in modules(package):
            assert path.stem not in {"utils", "util", "helpers", "common", "misc", "tools"}, path
            if path.stat().st_size and path.name != "__init__.py":
                assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), f"{path} does not say its job"


@pytest.mark.parametrize("name", ["docarchive", "docarchive.cli", "crawler.reading", "simulator"])
def test_public_names_are_there(name: str) -> None:
    module = importlib.import_module(name)
    assert len(set(module.__all__)) == len(module.__all__)
    for public in module.__all__:
        assert getattr(module, public) is not None


def verbs() -> list[tuple[str, ...]]:
    """Return every verb, those of groups with their group."""
    command: Any = typer.main.get_command(app)
    found = []
    for name, verb in command.commands.items():
        found.append((name,))
        found += [(name, inner) for inner in getattr(verb, "commands", ())]
    return found


@pytest.mark.parametrize("verb", verbs(), ids=" ".join)
def test_every_verb_has_help_with_an_example_and_stands_in_the_docs(
    verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    app([*verb, "--help"], prog_name="docarchive", standalone_mode=False)
    text = " ".join(capsys.readouterr().out.split())
    assert "Example: docarchive" in text
    docs = (ROOT / "docs/commands.md").read_text("utf-8")
    assert f"`{' '.join(verb)}" in docs or f"`docarchive {' '.join(verb)}" in docs or f"(`{verb[0]}`)" in docs


def test_every_setting_stands_in_the_docs() -> None:
    docs = (ROOT / "docs/settings.md").read_text("utf-8")
    for key in (*PROFILE_KEYS, *KEYS):
        assert f"| `{key}` |" in docs, key


def test_every_path_that_the_docs_name_is_there() -> None:
    text = (ROOT / "docs/map.md").read_text("utf-8")
    for name in re.findall(r"`((?:archive|crawler|docarchive|simulator|tests)/[\w/.*]*)`", text):
        assert list(ROOT.glob(re.sub(r"[A-Z]{4,}", "*", name.rstrip("/")))), name


def test_nothing_names_a_folder_of_one_machine() -> None:
    """What is committed works on any machine."""
    home = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT)
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".lock", ""} and path.is_file() and path != Path(__file__):
            assert not home.search(path.read_text("utf-8", errors="replace")), name


def test_the_readme_shows_commands_that_exist() -> None:
    known = {verb[0] for verb in verbs()}
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = "\n".join(re.findall(r"^```.*?\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    shown = set(re.findall(r"^(?:\$ )?docarchive (\w+)", blocks, flags=re.MULTILINE))
    assert shown
    assert shown <= known


def test_every_long_test_is_run_by_the_benchmarks() -> None:
    folders = (*kill.KILLING, *kill.DRAWN, *kill.VARIED)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = str(path.relative_to(ROOT))
        if "mark.long" in path.read_text("utf-8") and path != Path(__file__):
            assert name.startswith(folders), name
