"""Why a field has its value: where it was read, how sure it is, what competed."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.reading import read_page

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
HTML = (
    "<html><head><title>水库安全检查情况汇报</title><meta name='pubdate' content='2019-05-05'></head><body>"
    "<h1>水库安全检查情况汇报</h1><p>大小：1.5MB</p><p>上传时间：2020-01-02</p><p>更新时间：2021-03-04</p>"
    f"<p>{'各单位应当于每月底前报送进展情况，逾期不报的予以通报。' * 8}</p></body></html>"
)


def test_what_competed_is_told() -> None:
    page = read_page(HTML.encode(), url="https://docs.example/doc/12345.html", fetched_at=NOW, explain=True)
    published = page.reasons["published_on"]
    assert (published.place, published.confidence) == ("label:上传时间", "high")
    assert {(other.text, other.place) for other in published.others} == {
        ("2021-03-04", "label:更新时间"),
        ("2019-05-05", "meta[pubdate]"),
    }
    assert page.reasons["doc_id"].confidence == "medium"


def test_every_value_has_a_reason_and_nothing_is_told_unasked() -> None:
    page = read_page(HTML.encode(), url="https://docs.example/doc/12345.html", fetched_at=NOW, explain=True)
    assert page.record is not None
    assert page.reasons.keys() == page.record.provenance.keys()
    assert not read_page(HTML.encode(), url="https://docs.example/doc/12345.html", fetched_at=NOW).reasons
