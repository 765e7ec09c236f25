"""What the server answers: read-only, inert, by its own names, in sentences."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from archive.errors import DamagedFile
from archive.layout import create
from archive.web.api import OPERATIONS, SELECTION
from archive.web.app import status_of
from archive.web.opened import SharedArchive, TookTooLong
from archive.web.view import FIELD_NAMES
from archive.web.wording import WORDS
from tests.archive.conftest import WrittenArchive, hour, record
from tests.copies import begin
from tests.web.conftest import CHANGED, NAUGHTY, Site, kinds

ROOT = Path(__file__).parent.parent.parent


def ask(
    site: Site, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=60)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def ask_json(site: Site, path: str, /, **parameters: Any) -> tuple[int, Any]:
    answer, body = ask(site, f"{path}?{urlencode(parameters, doseq=True)}")
    assert answer.headers["content-type"] == "application/json"
    return answer.status, json.loads(body)


def test_each_kind_of_page_is_answered_with_a_strict_policy(site: Site) -> None:
    for name, address in kinds(site).items():
        answer, body = ask(site, address)
        assert answer.status == 200, name
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "set-cookie" not in answer.headers
        text = body.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)|\bstyle=|\son\w+=|<style", text), name
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), name


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_reading(site: Site, method: str) -> None:
    answer, body = ask(site, "/", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert b"only read" in body


def test_head_has_no_body(site: Site) -> None:
    answer, body = ask(site, "/about", "HEAD")
    assert (answer.status, body) == (200, b"")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("127.0.0.1", 200, id="address"),
        pytest.param("LOCALHOST:99", 200, id="localhost"),
        pytest.param("evil.example", 421, id="rebound"),
        pytest.param("127.0.0.1.evil.example", 421, id="looks alike"),
        pytest.param("a@127.0.0.1", 421, id="user"),
        pytest.param("", 421, id="empty"),
    ],
)
def test_it_answers_to_its_own_names_alone(site: Site, host: str, status: int) -> None:
    assert ask(site, "/about", headers={"Host": host})[0].status == status


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/?where=pages+%3E", 400, "cannot be read"),
        ("/?where=pages+%3E+1)+OR+(1%3D1&tag=x", 400, "cannot be read"),
        ("/?where=1+--&tag=x", 200, ""),
        ("/?where=getenv('HOME')+IS+NULL", 400, "not for queries"),
        ("/?where=length(repeat(doc_id,200000000))>0", 400, "one value of any size"),
        ("/?search=%22%22", 400, "no word to search for"),
        ("/?page=0", 400, "at most"),
        ("/?page=99999999", 400, "at most"),
        ("/?min_pages=-1", 400, "whole number"),
        ("/?as_of=never", 400, "no instant"),
        ("/?search=" + "x" * 3000, 400, "characters"),
        ("/document?site=huiwen&doc_id=nosuch", 404, "no document"),
        ("/document", 400, "name a document"),
        ("/source?site=huiwen&doc_id=nosuch", 404, "no document"),
        ("/document?site=huiwen&doc_id=gbk&as_of=2001-01-01", 404, "was not known at that time"),
        ("/captured?capture=%3Curn:uuid:none%3E", 404, "no capture"),
        ("/captured/bytes", 400, "name a capture"),
        ("/run?run_id=..%2F..%2Fetc", 404, "no run"),
        ("/runs?before=x", 400, "whole number"),
        ("/site?site=nosuch", 404, "no site"),
        ("/nosuch", 404, "no such page"),
        ("/static/..%2Fapp.py", 404, ""),
        ("/static/app.py", 404, ""),
    ],
)
def test_trouble_is_a_sentence_with_its_status(site: Site, path: str, status: int, sentence: str) -> None:
    answer, body = ask(site, path)
    assert answer.status == status
    assert sentence in body.decode()
    assert b"Traceback" not in body


def test_the_api_answers_as_python_does(site: Site) -> None:
    status, found = ask_json(site, "/api/documents", search="计生 长效", snippets=1, limit=1, fields="doc_id")
    assert status == 200
    with site.written.open() as opened:
        assert found["total"] == opened.search("计生 长效").total
    assert found["documents"][0]["doc_id"] == "gbk"
    assert [p["text"] for p in found["documents"][0]["snippet"] if p["hit"]] == ["计生长效"]
    assert set(found["documents"][0]) == {"doc_id", "snippet"}
    pages = [
        ask_json(site, "/api/documents", site="huiwen", limit=10, offset=n, fields="doc_id")[1] for n in (0, 10, 20)
    ]
    with site.written.open() as opened:
        every = [row["doc_id"] for row in opened.records(site="huiwen", fields="doc_id")]
    assert [row["doc_id"] for page in pages for row in page["documents"]] == every[:30]


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("/api/documents", {"tag": ["计生", "长效"]}, 200),
        ("/api/documents", {"nosuch": "1"}, 400),
        ("/api/documents", {"limit": "100000"}, 400),
        ("/api/documents", {"fields": "nosuch"}, 400),
        ("/api/facets", {"names": "nosuch"}, 400),
        ("/api/facets", {"search": "计生", "names": "site"}, 200),
        ("/api/document", {"site": "huiwen", "doc_id": "gbk", "as_of": "2026-03-01T01:30:00Z"}, 200),
        ("/api/document", {"site": "huiwen", "doc_id": "x"}, 404),
        ("/api/document", {}, 400),
        ("/api/history", {"site": "huiwen", "doc_id": "gbk", "text": "1"}, 200),
        ("/api/history", {"site": "huiwen", "doc_id": "gbk", "text": "perhaps"}, 400),
        ("/api/copies", {"site": "huiwen", "doc_id": "gbk"}, 200),
        ("/api/source", {"site": "huiwen", "doc_id": "gbk"}, 200),
        ("/api/capture", {"capture": "none"}, 404),
        ("/api/sites", {}, 200),
        ("/api/runs", {"limit": "2"}, 200),
        ("/api/run", {"run_id": "r5"}, 200),
        ("/api/coverage", {}, 200),
        ("/api/nosuch", {}, 404),
    ],
)
def test_the_api_says_what_is_wrong_in_json(site: Site, path: str, parameters: dict[str, Any], status: int) -> None:
    got, answer = ask_json(site, path, **parameters)
    assert got == status, answer
    if status >= 400:
        assert set(answer) == {"error"}


def test_the_api_is_described_path_by_path(site: Site) -> None:
    """Each path and parameter that is described is there, and each that is there is described."""
    description = ask_json(site, "/api/openapi.json")[1]
    served = {route.path for route in site.app.routes if route.path.startswith("/api/")} - {"/api/openapi.json"}
    assert set(description["paths"]) == served == {operation.path for operation in OPERATIONS}
    operations = [path["get"] for path in description["paths"].values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    for path, methods in description["paths"].items():
        assert set(methods) == {"get"}
        names = [parameter["name"] for parameter in methods["get"]["parameters"]]
        assert len(set(names)) == len(names)
        for parameter in methods["get"]["parameters"]:
            assert parameter["in"] == "query" and parameter["description"] and parameter["schema"]["type"]
            _, answer = ask_json(site, path, **{parameter["name"]: "?"})
            assert "there is no parameter" not in str(answer), (path, parameter["name"])
        assert {"200", "400", "404", "405", "421", "500", "503"} <= set(methods["get"]["responses"])
        assert ask_json(site, path, nosuch="1")[0] == 400
    command_line = (ROOT / "docarchive/cli/selecting.py").read_text("utf-8")
    options = set(re.findall(r'"--([a-z-]+)"', command_line)) - {"fields", "sort", "limit"}
    assert {option.replace("-", "_") for option in options} <= {parameter.name for parameter in SELECTION}


def fits(value: Any, schema: dict[str, Any], components: dict[str, Any], closed: bool = True) -> bool:
    """Whether *value* is as *schema* says; members that it does not name are none of an object that names any."""
    if "$ref" in schema:
        return fits(value, components[schema["$ref"].rpartition("/")[2]], components)
    if "enum" in schema:
        return value in schema["enum"]
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}
    named = schema.get("type", [])
    named = [named] if isinstance(named, str) else named
    if (
        named
        and not (value is None and "null" in named)
        and not any(
            isinstance(value, kinds[name])
            for name in named
            if name != "null"  # type: ignore[arg-type]
        )
    ):
        return False
    if isinstance(value, list) and "items" in schema:
        return all(fits(each, schema["items"], components) for each in value)
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        return set(schema.get("required", ())) <= set(value) <= set(properties) and all(
            fits(each, properties[name], components) for name, each in value.items()
        )
    if isinstance(value, dict) and "additionalProperties" in schema:
        return all(fits(each, schema["additionalProperties"], components) for each in value.values())
    return True


def test_answers_are_as_they_are_described(site: Site) -> None:
    description = ask_json(site, "/api/openapi.json")[1]
    components = description["components"]["schemas"]
    assert all(components["Document"]["properties"].values())
    one = {"site": "huiwen", "doc_id": "gbk"}
    asked: dict[str, dict[str, Any]] = {
        "/api/document": one, "/api/history": {**one, "text": "1"}, "/api/source": one, "/api/copies": one,
        "/api/capture": {"capture": site.captures["gbk"]}, "/api/run": {"run_id": "r5"},
    }  # fmt: skip
    for path, methods in description["paths"].items():
        status, answer = ask_json(site, path, **asked.get(path, {}))
        assert status == 200, path
        schema = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert fits(answer, schema, components), (path, answer)
    wrong = {"total": "1", "documents": []}
    documents = description["paths"]["/api/documents"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert not fits(wrong, documents, components)


def test_captured_bytes_are_inert_and_in_the_readers_encoding(site: Site) -> None:
    answer, body = ask(site, f"/captured/bytes?capture={quote(site.captures['gbk'])}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "计生长效".encode() in body
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'") and "script-src" not in policy and "allow" not in policy
    assert "x-frame-options" not in answer.headers
    raw, exact = ask(site, f"/captured/bytes?raw=1&capture={quote(site.captures['gbk'])}")
    assert raw.status == 200, exact
    assert raw.headers["content-disposition"].startswith("attachment")
    assert "计生长效".encode("gbk") in exact
    plain, _ = ask(site, f"/captured/bytes?capture={quote(site.captures['plain'])}")
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    packed, _ = ask(site, f"/captured/bytes?capture={quote(site.captures['bytes'])}")
    assert packed.headers["content-type"] == "application/octet-stream"
    assert packed.headers["content-disposition"].startswith("attachment")


def test_static_files_are_sent_once(site: Site) -> None:
    _, body = ask(site, "/about")
    found = re.search(rb'href="(/static/page\.css\?v=[^"]+)"', body)
    assert found
    address = found[1].decode()
    answer, _ = ask(site, address)
    assert "immutable" in answer.headers["cache-control"]
    again, nothing = ask(site, address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status, nothing) == (304, b"")


def test_languages(site: Site) -> None:
    def language(path: str, accept: str) -> str:
        _, body = ask(site, path, headers={"Accept-Language": accept})
        found = re.search(r'<html lang="([^"]+)"', body.decode())
        assert found
        return found[1]

    assert language("/about", "zh-CN,zh;q=0.9,en;q=0.8") == "zh-Hans"
    assert language("/about", "de,en;q=0.5") == "en"
    assert language("/about?lang=zh", "en") == "zh-Hans"
    _, body = ask(site, "/runs?lang=zh")
    inner = set(re.findall(r'href="(/[^"]*)"', body.decode()))
    assert all("lang=" in link for link in inner if not link.startswith("/static/"))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/?search=%22a", "引号没有闭合"),
        ("/?min_pages=9&max_pages=1", "min_pages=9 大于 max_pages=1"),
        ("/?published_from=%3Cb%3E", "“&lt;b&gt;”不是日期"),
        ("/document?site=a&doc_id=b", "本档案中没有文档 a b"),
        ("/nosuch", "没有这个页面"),
    ],
)
def test_what_went_wrong_is_told_in_chinese(site: Site, path: str, told: str) -> None:
    body = ask(site, path, headers={"Accept-Language": "zh-CN"})[1].decode()
    assert f'<bdi lang="zh-Hans">{told}' in body or told in body.partition('<bdi lang="zh-Hans">')[2]
    assert "不" not in ask(site, path, headers={"Accept-Language": "en"})[1].decode().partition("<bdi")[2][:200]


def test_every_word_has_its_chinese() -> None:
    said = set(FIELD_NAMES.values())
    for path in (ROOT / "archive/web").rglob("*"):
        if path.suffix in (".html", ".py"):
            text = path.read_text("utf-8")
            said |= {word.replace('\\"', '"') for word in re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', text)}
            for pair in re.findall(r'view\.n\([^"]*"([^"]*)", "([^"]*)"', text):
                said |= set(pair)
    assert said <= set(WORDS)
    for english, chinese in WORDS.items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese)), english


def test_what_is_published_is_seen_without_a_restart(tmp_path: Path) -> None:
    """Requests that began before end on what they began with."""
    written = WrittenArchive(create(tmp_path / "data"))
    written.run("r1", record("1"), at=hour(1))
    shared = SharedArchive(written.layout)
    with shared.asked() as (before, _):
        assert len(before.records()) == 1
        written.run("r2", record("2"), at=hour(2))
        for _ in range(300):  # until the new snapshot is open
            with shared.asked() as (now, _):
                seen = len(now.records())
            if seen == 2:
                break
            threading.Event().wait(0.1)
        assert seen == 2
        assert len(before.records()) == 1
    shared.close()


def test_a_question_that_takes_hours_is_ended(tmp_path: Path) -> None:
    written = WrittenArchive(create(tmp_path / "data"))
    written.run("r1", record("1"), at=hour(1))
    shared = SharedArchive(written.layout, answer_seconds=0.5)
    endless = "(SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7) > 0"
    with pytest.raises(TookTooLong, match="longer than"), shared.asked() as (archive, _):
        archive.records(where=endless).to_list()
    with shared.asked() as (archive, _):
        assert len(archive.records()) == 1
    shared.close()


def test_a_damaged_archive_is_told_of(tmp_path: Path) -> None:
    written = WrittenArchive(create(tmp_path / "data"))
    written.run("r1", record("1"), at=hour(1))
    (written.layout.table("versions") / "r1-00001-versions.parquet").write_bytes(b"PAR1 no more")
    shared = SharedArchive(written.layout)
    with pytest.raises(DamagedFile, match="docarchive verify") as raised, shared.asked():
        pass
    assert status_of(raised.value) == 500
    shared.close()


def test_the_verb_serves_until_it_is_ended(tmp_path: Path) -> None:
    written = WrittenArchive(create(tmp_path / "data"))
    written.run("r1", record("1"), at=hour(1))
    out = tmp_path / "out"
    first = f"import sys; sys.stdout = open({str(out)!r}, 'w', buffering=1)"
    served = begin(["serve", "--port", "0", "--archive", str(written.layout.root)], first=first)
    try:
        for _ in range(600):
            if out.exists() and out.read_text().endswith("/\n"):
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                served.wait(0.1)
        url = out.read_text().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        connection.request("GET", "/api/sites")
        assert json.loads(connection.getresponse().read())["sites"][0]["site"] == "huiwen"
        connection.close()
        taken = begin(["serve", "--port", str(urlsplit(url).port), "--archive", str(written.layout.root)])
        assert taken.wait(60) == 2
        assert "is taken; choose another with --port" in taken.communicate()[1]
    finally:
        served.send_signal(signal.SIGTERM)
    assert served.wait(60) == 130
    assert "Traceback" not in served.communicate()[1]


def test_naughty_strings_are_all_here(site: Site) -> None:
    assert len(NAUGHTY) >= 514
    found = ask_json(site, "/api/documents", site="naughty", limit=1000, fields="doc_id,title,preview_text")[1]
    shown = {row["doc_id"]: (row["title"], row["preview_text"]) for row in found["documents"]}
    assert shown == {number: (text, text) for number, text in NAUGHTY.items()}
    assert ask_json(site, "/api/document", site="huiwen", doc_id="gbk")[1]["preview_text"] == CHANGED
