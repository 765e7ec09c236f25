"""Which documents a page calls related to its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from crawler.reading.aside import is_front_page
from crawler.reading.lines import Line
from crawler.reading.links import Links, kind_of, without_by_lines
from crawler.reading.vocabulary import RELATED
from crawler.reading.zones import HEADING_CHARACTERS, IN_RELATED, MAY_HEAD, Zone

_OF_THE_SITE = re.compile(
    r"(?:TA|[他她]|[该該此本](?:用[户戶]|作者|[会會][员員]|机构|機構|店铺?)|上[传傳][者人]|分享者|贡献者|发布者|发佈者|店主|作者)的?"
    r"(?:其[他它]|更多|最新|全部|近期|热门)|"
    r"最新(?:文档|资料|上传|文件)(?!.{0,4}相[关似])|"
    r"本类.{0,4}(?:排行|热门|最[新热]|TOP)|"
    r"^(?:推荐内容|(?:本?栏目?|频道|站长|本站|全站|编辑|小编|图文|今日|本[周月]|首页|随机|热门|精品)推荐)",
    re.IGNORECASE,
)
"""Headings over what shares no more with the document than its uploader, its day, its site: TA的其他文档, 最新文档."""


_OF_SUBJECTS = re.compile(
    r"related (?:e-?journals|topics|tags|searches|subjects|categories|keywords|authors)\b|"
    r"相[关關](?:标签|標籤|搜索|搜尋|话题|話題|专题|專題|关键词|關鍵詞|分类|分類|作者)",
    re.IGNORECASE,
)
"""Headings over what leads to lists of documents: Related topics."""


def related_links(links: Links, lines: Sequence[Line], url: str) -> tuple[str, ...]:
    """Return the links of the related documents, in the page's order, without those to their authors between them."""
    if IN_RELATED not in links.zones:
        return ()
    related = _related_lines(lines, links)
    lists = [{u: place for u, place in cluster.items() if place[0] in related} for cluster in links.clusters.values()]
    alike = links.elsewhere.get(kind_of(url)[0], {})  # where documents lie in a folder called "search", all do
    lists.append({u: place for u, place in alike.items() if place[0] in related})
    found = [item for listed in without_by_lines([listed for listed in lists if listed]) for item in listed.items()]
    return tuple(u for u, _ in sorted(found, key=lambda item: item[1][0]) if not is_front_page(u))


def _related_lines(lines: Sequence[Line], links: Links) -> Collection[int]:
    """Return the lines of the blocks of related documents.

    Where there are several, those that only list more of the site are none: of the same uploader, new ones.
    """
    like: set[int] = set()
    others: set[int] = set()
    of_the_site = of_subjects = False
    before: Zone | None = None
    for index, zone in enumerate(links.zones):
        if zone is IN_RELATED:
            if before is not zone or (_heads_a_block(lines[index]) and not links.item_lines[index]):
                of_the_site = _OF_THE_SITE.search(lines[index].plain) is not None
                of_subjects = _OF_SUBJECTS.search(lines[index].plain) is not None
            if not of_subjects:
                (others if of_the_site else like).add(index)
        before = zone
    return like if others and any(lines[index].anchors for index in like) else like | others


def _heads_a_block(line: Line) -> bool:
    text = line.plain
    return (
        line.tag in MAY_HEAD
        and 0 < len(text) <= HEADING_CHARACTERS
        and line.linked * 2 <= len(text)
        and RELATED.search(text) is not None
    )
