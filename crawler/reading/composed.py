"""What a label means that is in no vocabulary, by the words it is made of: 素材编号, Number of pages in PDF file."""

from __future__ import annotations

import re

_THING = (
    "文件|文档|文檔|檔案|档案|资料|資料|素材|作品|模板|资源|資源|稿件|文章|文献|文獻|论文|論文|课件|課件|内容|內容|信息|資訊|图书|圖書|"
    "条目|记录|紀錄|馆藏|館藏|试卷|教案|方案|范文|图纸|图片|附件|标准|標準|报告|報告|幻灯片?|幻燈片|演示|原文|正文|全文|文本|电子书|电子版|"
    "压缩包|壓縮檔|软件|软体|源文件|书籍|公文|研报|文书|案例|年报|财报|专利|法规|白皮书|简报|通知|案卷|卷宗|期刊|刊物|讲义|习题|合同|表格|手册|模型|图形|公告|pdf|ppt|word"
)
_WHEN = "(?:时间|日期|時間|年月日|年月|年份|时刻|日|于|於|年)"

_CHINESE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "never",
        re.compile(
            "(?:更新|修改|修订|修訂|修正|编辑|編輯|变更|變更|实施|施行|生效|失效|废止|廢止|截止|截至|过期|有效|会议|會議|开会|開會|活动|活動|"
            "访问|登录|登入|注册|打印|列印|检索|查询|终止|开始|结束|到期|审核|审批|受理|借阅|采集|评审|答辩|来文|收文|维护|刷新|下载|最近|最后|最後)"
            + _WHEN
        ),
    ),
    (
        "published",
        re.compile(
            f"(?:首次|首|信息|正式|网站|公告|官网|最初|{_THING})?"
            "(?:发布|發布|發佈|公布|公佈|发表|發表|出版|刊登|刊载|刊載|刊出|印发|印發|发文|發文|颁布|頒布|发行|發行|公开|公開|发出|發出|签发|簽發|"
            "见刊|出刊|首发|张贴|張貼|登出|推送|印行|付印|上网|上網|挂网)" + _WHEN + f"|(?:{_THING})(?:日期|时间|時間)"
        ),
    ),
    (
        "uploaded",
        re.compile(
            f"(?:首次|最初|{_THING})?"
            "(?:上传|上傳|上载|上載|上架|上线|上線|加入|添加|收录|收錄|入库|入庫|录入|錄入|创建|創建|建立|建档|建檔|整理|存入|入藏|分享|投稿|登记|登載|"
            "登载|新增|收藏入库|发帖)" + _WHEN
        ),
    ),
    ("size", re.compile(f"(?:{_THING}|包|下载|下載|原始|数据|總|总){{1,2}}(?:大小|容量|体积|體積|尺寸)")),
    (
        "pages",
        re.compile(
            f"(?:{_THING}|总|總|合计|共计|本|版面|印刷|实际){{1,2}}(?:页数|頁數|页码数|张数|張數|p数)|"
            r"(?:总|總|合计|共计)(?:页|頁)|(?:页|頁|张|張)[数數]量?"
        ),
    ),
    (
        "format",
        re.compile(f"(?:{_THING}|下载|下載|原始|支持|提供|压缩|壓縮){{1,2}}(?:格式|后缀名?|後綴|扩展名|副檔名)"),
    ),
    (
        "doc_id",
        re.compile(
            f"(?:{_THING}|产品|商品|系统|唯一|本站|收录|典藏|书目|序列)(?:编号|編號|编码|編碼|号码|號碼|序号|序號|代码|代碼|识别码|識別碼|識別號|id)"
        ),
    ),
    (
        "issuer",
        re.compile(
            "(?:发布|發布|發佈|颁布|頒布|制定|印发|印發|公布|公佈|公开|公開|制发|发文|發文|起草|编制|編制|出版|发行|發行|签发|簽發|供稿|来源|來源|发表)"
            "(?:责任)?(?:单位|單位|机关|機關|机构|機構|部门|部門|主体)"
        ),
    ),
    ("abstract", re.compile(f"(?:中文|{_THING})(?:摘要|提要|概要|簡介|简介)")),
    ("tags", re.compile("(?:中文|外文|英文|自由|受控|论文|主题)(?:关键词|关键字|關鍵詞|關鍵字|主题词)")),
    ("title", re.compile(f"(?:{_THING}|书)(?:标题|標題|题目|題目|题名|題名|名称|名稱)")),
    (
        "document_number",
        re.compile(f"(?:{_THING}|发文|發文|公文|批准|批复|案件)(?:字号|字號|文号|文號)|信息索(?:引|取)号"),
    ),
)

_NOUN = (
    "(?:documents?|docs?|files?|items?|records?|papers?|reports?|resources?|entry|assets?|publications?|manuscripts?|articles?|"
    "objects?|attachments?|media|content|original|pdf|downloads?|archive|books?|e-?books?)"
)
_PUBLISHED = (
    "(?:published|issued|released|made public|made available|distributed|tabled|circulated|promulgated|announced|"
    "gazetted|presented|delivered)"
)
_ACT = "(?:publication|issue|release|distribution|issuance|circulation|tabling)"
_OTHER_ACT = "adoption|decision|hearing|meeting|validation|approval|revision|expiry|review"
_UPLOADED = (
    "(?:posted|uploaded|added|submitted|filed|entered|lodged|catalogu?ed|listed|shared|put online|placed online)"
)
_FIRST = r"(?:(?:first|originally|initially|officially|publicly|was|file|document|item|report|paper) ){0,2}"
_LAST = r"(?: (?:date|on|at|online|time|to (?:the )?web(?:site)?|here|year)){0,2}"

_ENGLISH: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "never",
        re.compile(
            rf"(?:date|day|time) of (?:the )?(?:{_OTHER_ACT}|judge?ment|receipt|entry into force|amendment|effect|"
            rf"retrieval|access|defen[cs]e|submission to .{{1,20}})|(?:{_OTHER_ACT}|deadline|closing) (?:date|time|day)"
        ),
    ),
    (
        "published",
        re.compile(
            rf"(?:(?:date|day|year|time) )?{_FIRST}{_PUBLISHED}{_LAST}|"
            rf"(?:date|day|year|month) of (?:the )?(?:first |original )?(?:{_NOUN} )?{_ACT}|"
            rf"(?:first |original |online )?{_ACT} (?:date|year|day|time)"
        ),
    ),
    (
        "uploaded",
        re.compile(
            rf"(?:(?:date|day|year|time) )?{_FIRST}{_UPLOADED}{_LAST}|"
            rf"(?:date|day|year) of (?:the )?(?:{_NOUN} )?(?:upload|posting|submission|filing|entry)|"
            r"(?:upload|posting|submission|filing|entry) (?:date|year|day|time)"
        ),
    ),
    (
        "pages",
        re.compile(
            r"(?:total |approx(?:imate|\.)? )?(?:number|no\.?|nr\.?|count|total|#) of (?:pages?|slides?|pp\.?|sheets)"
            rf"(?: (?:in|of|for) .{{1,20}})?|(?:{_NOUN} ){{1,2}}(?:pages|slides|page count|slide count)|"
            r"pages \((?:pdf|total|approx\.?)\)|(?:page|slide) (?:count|total)"
        ),
    ),
    (
        "size",
        re.compile(rf"(?:(?:total|approx(?:imate|\.)?|compressed|{_NOUN}) ){{1,3}}size(?: \((?:bytes|[kmg]i?b)\)?)?"),
    ),
    ("format", re.compile(rf"(?:(?:available|{_NOUN}) ){{1,2}}(?:formats?|extension)")),
    (
        "deposited",
        re.compile(
            r"(?:date|year) (?:of )?(?:accession(?:ed)?|ingest(?:ed)?|deposit(?:ed)?|archived)|"
            r"(?:accession|ingest|deposit|archiv(?:al|ing)) (?:date|year)|(?:deposited|archived|ingested) on|"
            r"(?:available|online|accessible)(?: (?:online|here|in (?:the )?(?:archive|library|repository)))? "
            r"(?:since|from|as of)"
        ),
    ),
    (
        "document_number",
        re.compile(
            r"(?:file|matter|case|docket|bill|resolution|ordinance|notice|publication|tender|procurement|circular|"
            r"decision|petition|permit|procedure|opinion|judge?ment|directive|guideline|bulletin|memo(?:randum)?|"
            r"policy|specification|patent|application) ?(?:#|n[or]\.?|numbers?|ref(?:erence)?\.?(?: n[or]\.?| number)?)"
        ),
    ),
    (
        "issuer",
        re.compile(rf"(?:{_PUBLISHED}|edited|produced|commissioned) by(?: \(?(?:body|agency|organi[sz]ation)\)?)?"),
    ),
    (
        "doc_id",
        re.compile(
            rf"(?:{_NOUN}|catalogu?e?|library|accession|submission) (?:id|identifier)|"
            r"(?:items?|records?|catalogu?e?|accession|stock|shelf|resources?|assets?|objects?|entry|archive) "
            r"(?:code|#|no\.?|number)"
        ),
    ),
)

ENDS = frozenset("间間期日于於年月份小量积積寸度数數页頁式名缀綴码碼号號识要介詞词字位关關构構门門体體题題称稱目dD")
"""How Chinese labels end that are made of such words: a look before anything is compared."""

_TWICE = re.compile(
    r"([\u3400-\u9fff][\u3400-\u9fff\s]{0,12}?)[\s/／|·(（]{0,3}([A-Za-zÀ-ÿ][A-Za-zÀ-ÿº° .']{2,30})[)）]?"
)
"""A label in Chinese and again in English: 發出日期 Date of Issue."""


def composed_meaning(normal: str) -> str | None:
    """Return the field that the words of the label *normal* name (`vocabulary.normal_label`), None for other labels.

    >>> composed_meaning("素材编号"), composed_meaning("number of pages in pdf file"), composed_meaning("会议日期")
    ('doc_id', 'pages', 'never')
    """
    for meaning, pattern in _ENGLISH if normal.isascii() else _CHINESE:
        if pattern.fullmatch(normal):
            return meaning
    return None


def both_languages(label: str) -> tuple[str, str] | None:
    """Return the two halves of a label that says the same in Chinese and in English, None for any other.

    >>> both_languages("發出日期 Date of Issue")
    ('發出日期', 'Date of Issue')
    """
    match = _TWICE.fullmatch(label.strip(" :：\xa0\u3000"))
    return (match[1].strip(), match[2].strip()) if match is not None else None
