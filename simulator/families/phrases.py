"""What a site says on the pages that are no documents, in each language."""
# ruff: noqa: E501 - a phrase stays on its line

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """One language's words for the pages that are no documents."""

    home: str
    help: str
    help_rows: Sequence[tuple[str, str]]
    """Labels that look like a document's, with rules for uploading as values."""
    missing: str
    missing_text: str
    removed: str
    """Notice of deletion, over {doc_id}."""
    related: str
    login: str
    login_text: str
    login_fields: tuple[str, str]
    captcha: str
    captcha_text: str
    failing: str
    size: str
    pages: str
    page_count: str
    """A page count as printed in a list, over {pages}."""
    categories: Sequence[str]


PHRASES: Mapping[str, Phrases] = {
    "zh-CN": Phrases(
        home="全部分类",
        help="上传须知",
        help_rows=(("文件大小", "单个文件不超过100MB"), ("页数", "至少2页"), ("格式", "支持DOCX、PDF、PPTX"), ("审核时间", "两个工作日")),
        missing="很抱歉,没有找到您要的页面",
        missing_text="文档可能已被删除,或者地址输入有误。",
        removed="该文档因版权原因已被删除,ID:{doc_id}",
        related="相关推荐",
        login="请先登录",
        login_text="登录后才能继续阅读该文档",
        login_fields=("用户名", "密码"),
        captcha="安全验证",
        captcha_text="访问过于频繁,请输入图中的验证码后继续",
        failing="服务暂时不可用",
        size="大小",
        pages="页数",
        page_count="{pages}页",
        categories=("公文写作", "教学资料", "行业报告", "合同范本", "工程方案", "医药卫生", "财务管理", "党建材料"),
    ),
    "en": Phrases(
        home="All subjects",
        help="How to send us a file",
        help_rows=(("File size", "no more than 80 MB"), ("Format", "PDF, DOCX or ODT"), ("Pages", "at least 2"), ("Published", "within three working days")),
        missing="This page cannot be found",
        missing_text="The document may have been removed, or the address may be mistyped.",
        removed="Document {doc_id} has been removed at the request of its owner and can no longer be viewed",
        related="You may also like",
        login="Sign in to read on",
        login_text="This document is for registered readers.",
        login_fields=("E-mail address", "Password"),
        captcha="Checking that you are human",
        captcha_text="We have had many requests from your address. Type the characters in the picture to go on.",
        failing="Service unavailable",
        size="Size",
        pages="Pages",
        page_count="{pages}",
        categories=("Local government", "Transport", "Housing", "Environment", "Education", "Health", "Culture", "Work"),
    ),
}  # fmt: skip
