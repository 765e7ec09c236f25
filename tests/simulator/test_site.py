from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta

import pytest

from simulator import FAMILIES, BadOptions, BadScript, SimulatorOptions
from simulator.answer import Answer, Request
from simulator.document import size_bytes
from simulator.site import Site

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
BASE = "http://127.0.0.1:1"


def open_site(at: datetime = NOW, opened_at: datetime = NOW, **options: object) -> Site:
    return Site(SimulatorOptions(**{"documents": 120, "lost_documents": False, **options}), lambda: at, opened_at)  # type: ignore[arg-type]


def get(site: Site, path: str, **headers: str) -> Answer:
    return site.answer(Request("GET", path, {name.replace("_", "-"): value for name, value in headers.items()}))


def text_of(answer: Answer) -> str:
    gbk = "GBK" in (answer.content_type or "")
    for encoding in ("gbk",) if gbk else ("utf-8", "gbk", "iso-8859-1"):
        try:
            return html.unescape(answer.body.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise AssertionError("no encoding fits")


def walk(site: Site, path: str) -> list[str]:
    """Return the bodies of a listing's pages, by their numbers."""
    catalogue = next(iter(site.catalogues.values()))
    bodies, page = [], 1
    while (answer := get(site, catalogue.family.listing_path(0, page))).status == 200:
        bodies.append(text_of(answer))
        page += 1
    return bodies


@pytest.mark.parametrize("family", FAMILIES)
class TestFamily:
    def test_pages_print_what_the_truth_says(self, family: str) -> None:
        site = open_site(family=family)
        for record in site.truth(BASE):
            answer = get(site, record["url"].removeprefix(BASE))
            assert (answer.status, answer.doc_id) == (200, record["doc_id"])
            page = text_of(answer)
            for name in ("title", "size_text", "format_text", "published_text", "pages_text", "issuer"):
                assert record[name] is None or record[name] in page, (record["url"], name)
            for value in [*record["tags"], *(record["preview_text"] or "").split("\n")]:
                assert value in page

    def test_listings_name_every_document_once(self, family: str) -> None:
        site = open_site(family=family)
        paths = [record["url"].removeprefix(BASE) for record in site.truth(BASE)]
        entries = "".join(walk(site, ""))
        assert [entries.count(f'"{path}"') for path in paths] == [1] * 120

    def test_the_same_options_make_the_same_site(self, family: str) -> None:
        assert list(open_site(family=family).truth(BASE)) == list(open_site(family=family).truth(BASE))
        other = open_site(family=family, seed=8)
        assert [one["title"] for one in other.truth(BASE)] != [
            one["title"] for one in open_site(family=family).truth(BASE)
        ]

    def test_an_id_leads_back_to_its_number(self, family: str) -> None:
        catalogue = open_site(family=family).catalogues[family]
        for number in range(120):
            assert catalogue.find(catalogue.document(number).doc_id) == number
        assert catalogue.find("no-such-document") is None

    def test_each_answer_differs_while_the_document_does_not(self, family: str) -> None:
        site = open_site(family=family)
        path = next(iter(site.truth(BASE)))["url"].removeprefix(BASE)
        first, second = get(site, path), get(site, path)
        assert first.body != second.body
        assert first.headers == second.headers

    def test_unchanged_answers_304(self, family: str) -> None:
        site = open_site(family=family)
        path = next(iter(site.truth(BASE)))["url"].removeprefix(BASE)
        headers = dict(get(site, path).headers)
        assert get(site, path, if_none_match=headers["ETag"]).status == 304
        assert get(site, path, if_modified_since=headers["Last-Modified"]).status == 304
        assert get(site, path, if_none_match='"other"', if_modified_since=headers["Last-Modified"]).status == 200
        assert get(site, path, if_modified_since="yesterday").status == 200
        listing = site.start_paths()[0]
        assert get(site, listing, if_none_match=dict(get(site, listing).headers)["ETag"]).status == 304

    def test_special_pages(self, family: str) -> None:
        site = open_site(family=family)
        assert get(site, "/").kind == "home"
        assert get(site, "/search?q=1").status == 403
        assert get(site, "/nothing-here").status == 404
        assert get(site, "/login").kind == "login"


def test_sample_document() -> None:
    for documents in (1, 2, 600, 5000):
        site = open_site(documents=documents)
        catalogue = site.catalogues["huiwen"]
        number = catalogue.find("953365")
        assert number is not None
        record = catalogue.family.record(catalogue.document(number), BASE, NOW)
        assert (record["title"], record["size_bytes"], record["size_text"], record["pages"], record["format"]) == (
            "2023年市计生长效工作机制建设情况汇报", 33526, "32.74KB", 22, "docx",
        )  # fmt: skip
        assert record["published_on"] == "2023-04-16"
        assert record["tags"] == ["2023", "计生", "长效", "工作", "机制", "建设", "情况", "汇报"]
        assert len(record["preview_text"]) == 4861
        assert len({catalogue.document(one).doc_id for one in range(min(documents, 600))}) == min(documents, 600)
        assert "/doc/953365.html" in text_of(get(site, "/list/1.html"))


def test_all_families_on_one_port() -> None:
    site = open_site(family="all", documents=30)
    assert "/govuk/" in get(site, "/").body.decode()
    for record in site.truth(BASE):
        assert get(site, record["url"].removeprefix(BASE)).status == 200
    assert get(site, "/unknown/").status == 404
    assert "Disallow: /dspace/download" in get(site, "/robots.txt").body.decode()


def test_encodings() -> None:
    site = open_site(documents=400)
    kinds = set()
    for record in site.truth(BASE):
        answer = get(site, record["url"].removeprefix(BASE))
        body, kind = answer.body, answer.content_type
        encoding = "gbk" if b'charset="utf-8"' not in body else "utf-8"
        assert record["title"] in html.unescape(body.decode(encoding))
        kinds.add((encoding, kind, b"<meta charset=" in body))
    assert kinds == {
        ("gbk", "text/html; charset=GBK", True),
        ("gbk", "text/html; charset=GBK", False),
        ("gbk", "text/html", True),
        ("gbk", "text/html", False),
        ("utf-8", "text/html", True),
        ("utf-8", "text/html; charset=utf-8", True),
    }
    forms = {(one.form, one.gzip) for one in (get(site, r["url"].removeprefix(BASE)) for r in site.truth(BASE))}
    assert forms == {("length", True), ("length", False), ("chunked", True), ("chunked", False), ("close", True)}


@pytest.mark.parametrize("order", ["newest-first", "oldest-first", "unordered"])
def test_orders_with_insertions_and_removals(order: str) -> None:
    site = open_site(
        NOW + timedelta(days=1),
        order=order,
        events=(
            {"at": "+1h", "action": "withdrawn", "count": 20},
            {"at": "+2h", "action": "added", "count": 3},
            {"at": "+3h", "action": "added", "count": 2, "published_on": "2019-05-05"},
            {"at": "+4h", "action": "returned", "count": 5},
        ),
    )
    catalogue = site.catalogues["huiwen"]
    catalogue.advance(NOW + timedelta(days=1))
    line = list(catalogue.line(0))
    assert len(line) == len(set(line)) == 120 - 20 + 3 + 2 + 5
    dates = [catalogue.card(number).published for number in line]
    if order != "unordered":
        assert dates == sorted(dates)
    shown = [number for page in range(1, 8) for number in catalogue.shown(0, page, 20)]
    assert shown == (line[::-1] if order == "newest-first" else line)


def test_life_of_a_document() -> None:
    """Edited, moved, withdrawn with a notice, back: addresses, validators and truth follow."""
    clock = [NOW]
    rows = (
        {"at": "+1d", "action": "changed", "document": "953365", "fields": {"title": "新的标题", "size_text": "1MB"}},
        {"at": "+2d", "action": "moved", "document": "953365"},
        {"at": "+3d", "action": "withdrawn", "document": "953365", "how": "notice"},
        {"at": "+4d", "action": "returned", "document": "953365"},
        {"at": "+5d", "action": "withdrawn", "document": "953365", "how": "gone"},
    )
    site = Site(SimulatorOptions(documents=50, events=rows), lambda: clock[0], NOW)
    truth = lambda: next(one for one in site.truth(BASE) if one["doc_id"] == "953365")  # noqa: E731
    etag = dict(get(site, "/doc/953365.html").headers)["ETag"]
    clock[0] += timedelta(days=1)
    edited = get(site, "/doc/953365.html", if_none_match=etag)
    assert edited.status == 200 and "新的标题" in text_of(edited)
    assert (truth()["title"], truth()["size_bytes"], truth()["versions"]) == ("新的标题", 1048576, 2)
    clock[0] += timedelta(days=1)
    moved = get(site, "/doc/953365.html")
    assert (moved.status, moved.headers) == (301, [("Location", "/m1/doc/953365.html")])
    assert get(site, "/m1/doc/953365.html").status == 200
    clock[0] += timedelta(days=1)
    notice = get(site, "/m1/doc/953365.html")
    assert (notice.status, notice.kind) == (200, "notice")
    assert "953365" in text_of(notice) and "新的标题" in text_of(notice)
    assert truth()["withdrawn_how"] == "notice"
    clock[0] += timedelta(days=1)
    assert get(site, "/m1/doc/953365.html").kind == "document"
    assert truth()["withdrawn_at"] is None
    clock[0] += timedelta(days=1)
    assert get(site, "/m1/doc/953365.html").status == 410


def test_states_of_the_site() -> None:
    clock = [NOW]
    rows = (
        {"at": "+1d", "action": "captcha", "duration": "1d"},
        {"at": "+2d", "action": "failing", "status": 502, "retry_after": 30, "duration": "1d"},
        {"at": "+3d", "action": "login", "on": "documents", "share": 0.5, "duration": "1d"},
        {"at": "+4d", "action": "robots", "status": 503, "duration": "1d"},
        {"at": "+5d", "action": "robots", "disallow": ["/doc"], "crawl_delay": 2},
        {"at": "+6d", "action": "slow", "seconds": 3, "duration": "1d"},
        {"at": "+7d", "action": "renumbered"},
        {"at": "+7d", "action": "redesigned"},
    )
    site = Site(SimulatorOptions(documents=50, events=rows), lambda: clock[0], NOW)
    path = "/doc/953365.html"
    assert get(site, "/robots.txt").body == b"User-agent: *\nDisallow: /search\nDisallow: /download\n"

    def day(number: int) -> Answer:
        clock[0] = NOW + timedelta(days=number)
        return get(site, path)

    assert (day(1).status, day(1).kind) == (200, "captcha")
    assert (day(2).status, day(2).headers) == (502, [("Retry-After", "30")])
    day(3)
    kinds = [get(site, one["url"].removeprefix(BASE)).kind for one in site.truth(BASE)]
    assert 10 < kinds.count("login") < 40 and set(kinds) == {"login", "document"}
    assert get(site, "/list/1.html").kind == "listing"
    day(4)
    assert get(site, "/robots.txt").status == 503
    day(5)
    assert get(site, "/robots.txt").body == b"User-agent: *\nDisallow: /doc\nCrawl-delay: 2\n"
    assert day(6).delay_seconds == 3
    before = 'class="facts"'
    assert day(7).status == 404
    renumbered = get(site, next(iter(site.truth(BASE)))["url"].removeprefix(BASE))
    assert renumbered.status == 200 and before not in text_of(renumbered) and "v2-facts" in text_of(renumbered)


def test_faults_change_pages_and_not_the_truth() -> None:
    clean = open_site()
    truth = list(clean.truth(BASE))
    for name in ("renamed_class", "moved_label", "empty_tag", "swapped_fields", "date_format", "same_text"):
        site = open_site(events=({"at": "+0s", "action": "fault", "name": name},))
        assert list(site.truth(BASE)) == truth
        assert get(site, "/doc/953365.html").body != get(clean, "/doc/953365.html").body
    assert "下一页" not in text_of(
        get(open_site(events=({"at": "+0s", "action": "fault", "name": "next_gone"},)), "/list/1.html")
    )
    half = text_of(get(open_site(events=({"at": "+0s", "action": "fault", "name": "half_listing"},)), "/list/1.html"))
    assert half.count("/doc/") == 10


def test_sticky_documents_and_page_caps() -> None:
    site = open_site(sticky=2, page_cap=3)
    first = text_of(get(site, "/list/1.html"))
    assert first.count('class="entry"') == 23 and "共120篇" in first
    assert get(site, "/list/1_3.html").status == 200
    assert get(site, "/list/1_4.html").status == 404


def test_exact_copies_carry_one_text() -> None:
    texts = [one["preview_text"] for one in open_site(documents=500).truth(BASE)]
    assert len(texts) - len(set(texts)) == 10


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"action": "added"}, id="no time"),
        pytest.param({"at": "+1d", "action": "vanished"}, id="unknown action"),
        pytest.param({"at": "2026-01-01", "action": "added"}, id="no zone"),
        pytest.param({"at": "+1d", "action": "changed"}, id="no document"),
        pytest.param({"at": "+1d", "action": "changed", "document": "1"}, id="unknown document"),
        pytest.param({"at": "+1d", "action": "withdrawn", "count": 1, "how": "burnt"}, id="unknown way"),
        pytest.param({"at": "+1d", "action": "added", "colour": "red"}, id="unknown key"),
        pytest.param({"at": "+1d", "action": "slow", "duration": "long"}, id="no length"),
        pytest.param({"at": "+1d", "action": "fault", "name": "rain"}, id="unknown fault"),
        pytest.param({"at": "+1d", "action": "changed", "count": 1, "fields": {"colour": "red"}}, id="unknown field"),
        pytest.param({"at": "+1d", "action": "changed", "count": 1, "fields": {"size_text": "big"}}, id="no size"),
    ],
)
def test_bad_scripts_are_told_at_the_start(row: dict[str, object]) -> None:
    with pytest.raises(BadScript, match=r"event 1|unknown to huiwen"):
        open_site(events=(row,))


@pytest.mark.parametrize(
    "options", [{"documents": 0}, {"family": "x"}, {"order": "x"}, {"failure_rate": 2}, {"categories": 1000}]
)
def test_bad_options(options: dict[str, object]) -> None:
    with pytest.raises(BadOptions):
        open_site(**options)


def test_sizes_round_half_up() -> None:
    assert size_bytes("0.50 kB") == 512
    with pytest.raises(ValueError, match="is not a size"):
        size_bytes("big")
