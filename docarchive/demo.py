"""`make crawl`: a demonstration from a document site to answers, with the same commands a user would type."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from archive.errors import MachineTrouble
from archive.layout import create
from docarchive import cli
from docarchive.cli.trouble import exit_code_of
from simulator import PortTaken, RunningSite, SimulatorError, running

SITE = "huiwen"
DOCUMENTS = 200
PORT = 8765
"""The same port each time, if it is free: a second run then recognises pages by URL too."""

SHOWN: tuple[tuple[str, ...], ...] = (("records", "--limit", "5", "--format", "table"), ("runs", "--format", "table"))
"""What the demonstration asks the archive."""

NEXT: tuple[tuple[str, ...], ...] = (
    ("search", "计生", "长效"),
    ("query", "SELECT format, count(*) AS n, sum(pages) AS pages FROM documents GROUP BY format"),
    ("show", SITE, "953365"),
)
"""What a user may ask next."""


def main(arguments: list[str]) -> int:
    """Run the demonstration in the folder, and with the number of documents, that *arguments* name."""
    folder = Path(arguments[0] if arguments else "demo")
    documents = int(arguments[1]) if len(arguments) > 1 else DOCUMENTS
    return exit_code_of(lambda: demonstrate(folder, documents), lambda: folder / "logs")


def demonstrate(folder: Path, documents: int) -> int:
    """Make a demo archive in *folder* if it is not there, crawl a simulated site into it, show a few answers.

    Returns the greatest exit code of the commands it ran.
    """
    create(folder, demo=True)
    with _site(documents) as site:
        _print(f"A simulated site of {documents} documents is served at {site.url}/ while this runs.\n")
        start = [word for url in site.start_urls for word in ("--start", url)]
        host = site.url.removeprefix("http://")
        code = _command("crawl", SITE, *start, "--allow-host", host, "--delay", "0", "--archive", str(folder))
    if code != 0:
        return code
    for words in SHOWN:
        code = max(code, _command(*words, "--archive", str(folder)))
    _print("Try next:")
    for words in NEXT:
        _print("  .venv/bin/docarchive " + shlex.join([*words, "--archive", str(folder)]))
    return code


@contextmanager
def _site(documents: int) -> Iterator[RunningSite]:
    """Serve the simulated site, on the usual port if it is free."""
    try:
        with ExitStack() as stack:
            try:
                site = stack.enter_context(running(documents=documents, port=PORT))
            except PortTaken:
                site = stack.enter_context(running(documents=documents))
            yield site
    except SimulatorError as error:
        raise MachineTrouble(str(error)) from error


def _command(*words: str) -> int:
    """Run `docarchive` with *words*, showing what is run."""
    _print(f"$ docarchive {shlex.join(words)}")
    code = cli.run(list(words))
    _print("")
    return code


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
