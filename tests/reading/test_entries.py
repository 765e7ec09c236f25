"""What a register's rows say of the files they lead to."""

from __future__ import annotations

import pytest

from crawler.reading.entries import ListedFile

from .test_registers import FILES, NAMES, ROWS, read


def said(body: str, url: str = "https://courts.example/opinions/2024.html") -> dict[str, ListedFile]:
    return {url.rpartition("/")[2]: listed for url, listed in read(body, url).listed_files.items()}


@pytest.mark.parametrize("form", [form for form in ROWS if "lays out" not in form])
def test_title_and_day_of_each_row(form: str) -> None:
    listed = said(f"<h1>Published opinions</h1>{ROWS[form]}")
    assert [listed[file].title for file in FILES] == list(NAMES)
    assert [listed[file].published_on for file in FILES] == [f"2024-05-0{n + 1}" for n in range(len(FILES))]
    assert all(NAMES[n] in listed[file].row for n, file in enumerate(FILES))


def table(*rows: tuple[str, ...], link: str = "View") -> str:
    cells = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + f"<td><a href='24-{n}.pdf'>{link}</a></td></tr>"
        for n, row in enumerate(rows)
    )
    return f"<h1>Opinions</h1><table>{cells}</table>"


CASES = [(f"Holme {name} v. Corby", f"24-10{n}") for n, name in enumerate(("Elwin", "Falun", "Gaunt", "Halby"))]


@pytest.mark.parametrize(
    ("days", "url", "expected"),
    [
        (("03/04/2024", "03/05/2024", "03/06/2024", "03/07/2024"), "https://a.example/o.html", None),
        (("03/04/2024", "03/05/2024", "03/06/2024", "03/28/2024"), "https://a.example/o.html", "2024-03-04"),
        (("03/04/2024", "03/05/2024", "28/03/2024", "07/04/2024"), "https://a.example/o.html", "2024-04-03"),
        (("03/04/2024", "03/05/2024", "03/06/2024", "03/07/2024"), "https://courts.state.us/o.html", "2024-03-04"),
        (("03/03/2024", "03/05/2024", "03/06/2024", "03/07/2024"), "https://a.example/o.html", "2024-03-03"),
        (("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07"), "https://a.example/o.html", "2024-03-04"),
    ],
)
def test_a_day_that_can_be_read_in_two_ways_is_told_by_others_or_not_at_all(
    days: tuple[str, ...], url: str, expected: str | None
) -> None:
    listed = said(table(*((*case, day) for case, day in zip(CASES, days, strict=True))), url)
    assert listed["24-0.pdf"].published_on == expected


def test_of_several_days_none_is_chosen() -> None:
    rows = [(*case, f"May {n + 1}, 2024", f"May {n + 3}, 2024") for n, case in enumerate(CASES)]
    assert [listed.published_on for listed in said(table(*rows)).values()] == [None] * len(rows)


def test_what_all_rows_say_is_no_title() -> None:
    rows = [("Court of Appeals", *case, f"May {n + 1}, 2024") for n, case in enumerate(CASES)]
    assert [listed.title for listed in said(table(*rows)).values()] == [name for name, _ in CASES]


def test_a_word_by_which_all_files_are_called_says_of_what_kind_they_are() -> None:
    rows = [(board, f"May {n + 1}, 2024") for n, board in enumerate(("Harbour Board", "Library Board", "School Board"))]
    titles = [listed.title for listed in said(table(*rows, link="Minutes")).values()]
    assert titles == ["Harbour Board: Minutes", "Library Board: Minutes", "School Board: Minutes"]


def test_names_of_files_lose_their_endings() -> None:
    rows = [(f"2024-05-0{n}",) for n in range(1, 5)]
    body = table(*rows).replace(">View<", ">Annual_report_of_the_harbour.pdf<")
    assert {listed.title for listed in said(body).values()} <= {"Annual report of the harbour", None}
