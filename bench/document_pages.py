"""Makes pages of a document-sharing site: like real ones in size, links and chrome, no two the same.

About 36 KB, 70 links, 3,000 Chinese characters of text, styles and scripts in the head. The characters are those of
GB 2312's first level with the frequencies of a natural language, so that pages compress as Chinese prose does.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

WORDS = 12_000
RELATED, POPULAR, MENU, FOOTER = 12, 20, 24, 8
"""Links of each kind on a page; tags and the way home are the others."""

TEXT_CHARACTERS = 3_000
FORMATS = ("DOCX", "DOC", "PDF", "PPT", "XLSX")
KINDS = ("汇报", "总结", "报告", "方案", "试题", "合同")

STYLE = "".join(
    f".m{i} .it-{i * 3}{{margin:{i % 9}px;padding:{i % 7}px;color:#{i * 40503 % 0xFFFFFF:06x};"
    f"line-height:{12 + i % 20}px}}\n"
    for i in range(110)
)
SCRIPT = "".join(
    f"window._cfg=window._cfg||{{}};_cfg['k{i}']={{id:{i * 7919},u:'/api/v2/stat?c={i}&t={i * 104729}'}};\n"
    for i in range(134)
)


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page, and what it states."""

    url: str
    body: bytes
    doc_id: str
    title: str
    pages: int


class _Writer:
    """Writes Chinese that means nothing."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        rows = (bytes((high, low)) for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF))
        characters = [row.decode("gb2312") for row in rows]
        rng.shuffle(characters)
        weights = list(itertools.accumulate(1 / (rank + 8) ** 0.85 for rank in range(len(characters))))
        lengths = rng.choices((1, 2, 3, 4), (1, 4, 1, 1), k=WORDS)
        self._words = ["".join(rng.choices(characters, cum_weights=weights, k=length)) for length in lengths]
        self._weights = list(itertools.accumulate(1 / (rank + 12) ** 0.9 for rank in range(WORDS)))

    def words(self, number: int) -> list[str]:
        return self.rng.choices(self._words, cum_weights=self._weights, k=number)

    def phrase(self, least: int, most: int) -> str:
        return "".join(self.words(self.rng.randint(least, most)))

    def title(self) -> str:
        return f"{self.rng.randint(2005, 2024)}年{self.phrase(4, 9)}{self.rng.choice(KINDS)}"

    def text(self, characters: int) -> str:
        pieces: list[str] = []
        length = 0
        while length < characters:
            piece = self.phrase(5, 14) + self.rng.choice(",,,、;。。:")
            if self.rng.random() < 0.08:
                piece = f"{self.rng.randint(1, 2024)}{self.rng.choice(('年', '万元', '%', '人', '个'))}{piece}"
            pieces.append(piece)
            length += len(piece)
        return "".join(pieces)[:characters]


def document_pages(number: int, *, sites: int = 1, seed: int = 7) -> Iterator[MadePage]:
    """Yield *number* pages, the same for the same *seed*, of *sites* sites whose menus and hosts differ."""
    rng = random.Random(seed)
    writer = _Writer(rng)
    site = _Site("docs0.example", writer)
    for index in range(number):
        if index and index % -(-number // sites) == 0:
            site = _Site(f"docs{index}.example", writer)
        yield site.page()


class _Site:
    """What the pages of one site share."""

    def __init__(self, host: str, writer: _Writer) -> None:
        self._host = host
        self._writer = writer
        links = "".join(
            f'<li class="n{i}"><a href="/list/{writer.rng.randint(1, 400)}.html" target="_blank">'
            f"{writer.phrase(2, 2)}</a></li>"
            for i in range(MENU)
        )
        self._menu = f'<ul class="nav">{links}</ul>'
        helps = "".join(
            f'<li><a href="https://help.example/p{i}.html" rel="nofollow">{writer.phrase(2, 2)}</a></li>'
            for i in range(FOOTER)
        )
        self._footer = f"<ul>{helps}</ul><p>温馨提示:本文档由用户上传,版权归属用户,本站负责整理代发布。</p>"

    def page(self) -> MadePage:
        """Return one page more."""
        writer, rng = self._writer, self._writer.rng
        doc_id = str(rng.randint(100_000, 99_999_999))
        title, ending = writer.title(), rng.choice(FORMATS)
        pages, kilobytes = rng.randint(2, 300), rng.uniform(8, 4000)
        published = f"{rng.randint(2010, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        text = writer.text(rng.randint(TEXT_CHARACTERS - 400, TEXT_CHARACTERS + 400))
        tags = list(dict.fromkeys(writer.words(5)))
        html = f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}_文档分享网</title><meta name="keywords" content="{",".join(tags)}">
<meta name="description" content="{text[:120]}"><link rel="canonical" href="/doc/{doc_id}.html">
<link rel="stylesheet" href="/static/site.css"><style>{STYLE}</style><script>{SCRIPT}</script></head><body>
<div class="topbar"><form action="/search" method="get"><input name="q" placeholder="搜索文档">
<button>搜索</button></form>{self._menu}</div>
<div class="crumb"><a href="/list/1.html">首页</a> &gt; <a href="/list/{rng.randint(1, 400)}.html">列表</a></div>
<div class="doc"><div class="hd"><h1 class="doc-title">{title}.{ending.lower()}</h1>
<a class="dl" href="/download/{doc_id}" rel="nofollow">下载文档</a>
<ul class="meta"><li class="id">ID:<b>{doc_id}</b></li><li class="size">大小:<b>{kilobytes:.2f}KB</b></li>
<li class="pages">页数:<b>{pages}</b>页</li><li class="format">格式:<b>{ending}</b></li>
<li class="date">时间:<b>{published}</b></li></ul></div>
<div class="tags">{"".join(f'<a class="tag" href="/search?q={i}">{tag}</a>' for i, tag in enumerate(tags))}</div>
<div class="preview" id="preview">{text}</div>
<div class="tip">此文档下载收益归作者所有</div><h3>你可能关注的文档</h3><ul class="related">{self._related()}</ul></div>
<div class="side"><h3>热门文档</h3><ul class="hotlist">{self._popular()}</ul></div>
<div class="footer">{self._footer}</div><script src="/static/site.js"></script></body></html>
"""
        return MadePage(f"https://{self._host}/doc/{doc_id}.html", html.encode(), doc_id, title, pages)

    def _related(self) -> str:
        return "".join(
            f'<li><a class="rel" href="{self._elsewhere()}" title="{title}"><i class="ico ico-doc"></i>'
            f"<span>{title}</span></a><em>{self._writer.rng.randint(1, 99)}页</em></li>"
            for title in (self._writer.title() for _ in range(RELATED))
        )

    def _popular(self) -> str:
        return "".join(
            f'<li><span class="rk">{rank}</span><a class="hot" href="{self._elsewhere()}" target="_blank">'
            f"{self._writer.title()}</a></li>"
            for rank in range(1, POPULAR + 1)
        )

    def _elsewhere(self) -> str:
        return f"/doc/{self._writer.rng.randint(100_000, 99_999_999)}.html"
