"""How much of a document its preview is."""

from __future__ import annotations

import pytest

from tests.reading.test_labels import TEXT, record_of


@pytest.mark.parametrize(
    ("statement", "pages", "share"),
    [
        pytest.param("<p>已阅读5页,还剩55页未读,继续阅读</p>", 5, 0.0833, id="read and left"),
        pytest.param("<p>页数:20</p><p>本文档共20页，可阅读前5页内容。</p>", 5, 0.25, id="the first pages"),
        pytest.param("<p>Pages: 40</p><p>Preview of the first 10 pages</p>", 10, 0.25, id="English"),
        pytest.param("<p>页数:20</p>", None, None, id="nothing is said"),
        pytest.param("<p>页数:4</p><p>可预览前9页</p>", None, None, id="more than there are"),
    ],
)
def test_preview_pages_and_share(statement: str, pages: int | None, share: float | None) -> None:
    record = record_of(f"<h1>水库安全检查情况汇报</h1><p>大小:1.5MB</p>{statement}{TEXT}")
    assert (record.preview_pages, record.preview_share) == (pages, share)
