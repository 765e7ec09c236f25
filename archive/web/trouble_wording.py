"""The sentences about what went wrong that visitors meet most, in Chinese."""

from __future__ import annotations

import re

_CHINESE = (
    (r"there is no word to search for;.*", "没有可检索的词；请至少写一个词，检索 AND、OR 本身时请加引号"),
    (r"a quotation mark is not closed;.*", '引号没有闭合；短语请写作 "…"，或去掉引号'),
    (r"a parenthesis is not closed;.*", "括号没有闭合；请补上另一半，或把它写在引号里"),
    (r"parentheses stand more than (\d+) deep.*", r"括号嵌套超过 \1 层；请减少"),
    (r"parentheses and OR make too much.*", "括号与 OR 的组合太多；请分几次检索"),
    (r"(\w+)='(.*)' is no date;.*", r"\1 的值“\2”不是日期；请写 2019、2019-03 或 2019-03-12"),
    (r"(\w+)='(.*)' is no instant;.*", r"\1 的值“\2”不是时刻；请写 2026-03-01T03:00:00Z 或日期 2026-03-01"),
    (r"(\w+)='(.*)' is no count;.*", r"\1 的值“\2”不是数目；请写从 0 起的整数"),
    (r"(\w+)=(\S+) is above (\w+)=(\S+); nothing.*", r"\1=\2 大于 \3=\4；两者之间没有内容"),
    (r"(\w+) has ([\d,]+) characters; write ([\d,]+).*", r"\1 有 \2 个字符；最多 \3 个"),
    (r"the condition '(.*?)' cannot be read: (.*)", r"条件“\1”无法解析：\2"),
    (r"'(.*)' is more than one condition;.*", r"“\1”不止一个条件；请只写一个，如 pages > 20 AND format = 'pdf'"),
    (r"hits are shown on (\d+) pages at most;.*", r"结果最多显示 \1 页；请缩小范围，或使用 docarchive export"),
    (r"no document (.*) in this archive.*", r"本档案中没有文档 \1"),
    (r"document (.*) was not known at that time; first seen (.*)", r"当时尚无文档 \1；首见于 \2"),
    (r"no run (.*) in the ledger.*", r"台账中没有采集批次 \1"),
    (r"no site '(.*)' in this archive", r"本档案中没有网站 \1"),
    (r"no capture (.*) in this archive.*", r"本档案中没有采集 \1"),
    (r"there is no such page", "没有这个页面"),
    (r"name a document: (.*)", r"请指明文档：\1"),
    (r"name a run: (.*)", r"请指明采集批次：\1"),
    (r"name a capture: (.*)", r"请指明采集：\1"),
    (r"this question takes longer than (\S+) seconds;.*", r"回答此问题超过 \1 秒；请缩小范围，或改用命令行"),
    (r"this archive is being asked too much at once;.*", "此刻查询太多；请一分钟后再试"),
)
"""English as a pattern, and its Chinese; what the engine of SQL says is left as it is."""


def in_chinese(sentence: str) -> str | None:
    """Return *sentence* in Chinese, None where only its English is there.

    >>> in_chinese("no document huiwen 7 in this archive; look for it with: docarchive search WORDS")
    '本档案中没有文档 huiwen 7'
    """
    for english, chinese in _CHINESE:
        found = re.fullmatch(english, sentence, re.DOTALL)
        if found is not None:
            return found.expand(chinese)
    return None
