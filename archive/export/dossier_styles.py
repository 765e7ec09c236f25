"""How a dossier looks: the styles, fonts and pages of a Word document that python-docx makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor, Twips

from archive.export.word_elements import Element, element

BLUE, GREY, RED = RGBColor(0x1F, 0x38, 0x64), RGBColor(0x59, 0x59, 0x59), RGBColor(0xB0, 0x00, 0x20)

SERIF, SANS = ("Times New Roman", "Noto Serif CJK SC"), ("Arial", "Noto Sans CJK SC")
"""Fonts of Latin and of Chinese characters."""

OTHERWISE = {
    "Times New Roman": ("Liberation Serif", "00", "roman"),
    "Arial": ("Liberation Sans", "00", "swiss"),
    "Noto Serif CJK SC": ("SimSun", "86", "roman"),
    "Noto Sans CJK SC": ("Microsoft YaHei", "86", "swiss"),
}
"""Font -> the one to take on a machine that lacks it; character set (86 is Chinese) and kind, where it lacks both."""

TEXT_WIDTH = 9070
"""Twentieths of a point: A4 less its margins."""

_UNUSED = ("stylesWithEffects", "webSettings", "theme", "customXml", "numbering", "fontTable")
"""What python-docx's template brings along, half a megabyte, and no style here asks for."""

_BEHIND_OUTLINE = ("w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange")
_BEHIND_SHADING = (
    *("w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:topLinePunct"),
    *("w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind"),
    *("w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment"),
    *("w:textboxTightWrap", "w:outlineLvl", *_BEHIND_OUTLINE),
)
"""Elements stand in the order that the schema says (ECMA-376, CT_PPrBase)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A style of paragraphs: points, and what is None is as in the style below it."""

    builtin: bool = True
    fonts: tuple[str, str] | None = None
    size: float | None = None
    color: RGBColor | None = None
    bold: bool | None = None
    before: float = 0
    after: float = 0
    line: float = 1.0
    left: float | None = None
    first_line: float | None = None
    with_next: bool | None = None
    new_page: bool | None = None
    align: WD_ALIGN_PARAGRAPH | None = None
    outline: int | None = None


_LOOKS = {
    "Title": _Look(fonts=SANS, size=26, color=BLUE, bold=True, before=130, after=6, with_next=True),
    "Subtitle": _Look(fonts=SANS, size=14, color=GREY, after=24),
    "Heading 1": _Look(
        fonts=SANS, size=17, color=BLUE, bold=True, after=10, line=1.1, with_next=True, new_page=True, outline=0
    ),
    "Heading 2": _Look(fonts=SANS, size=12, color=BLUE, bold=True, before=16, after=6, with_next=True, outline=1),
    "TOC Heading": _Look(fonts=SANS, size=17, color=BLUE, bold=True, after=12, with_next=True, new_page=True),
    "TOC 1": _Look(after=3, line=1.1, left=31.2, first_line=-31.2),
    "Body Text": _Look(after=6, line=1.4, align=WD_ALIGN_PARAGRAPH.JUSTIFY),
    "Note": _Look(builtin=False, size=9.5, color=GREY, before=8, after=6, line=1.1),
    "Withdrawn": _Look(
        builtin=False, fonts=SANS, size=10, color=RED, bold=True, before=3, after=10, left=12, with_next=True
    ),
    "Table Label": _Look(builtin=False, fonts=SANS, size=9, color=GREY, before=1.5, after=1.5, line=1.1),
    "Table Value": _Look(builtin=False, size=10, before=1.5, after=1.5, line=1.1),
    "Header": _Look(fonts=SANS, size=8.5, color=GREY),
    "Footer": _Look(fonts=SANS, size=8.5, color=GREY, align=WD_ALIGN_PARAGRAPH.CENTER),
}

TABLE_STYLE = "DossierTable"
LINK_STYLE = "Hyperlink"


def new_document() -> Any:
    """Return a python-docx document without content: A4, with the styles above and no others."""
    document = docx.Document()
    _leave_out_what_is_unused(document)
    _set_defaults(document)
    for name, look in _LOOKS.items():
        _add_style(document, name, look)
    _decorate(document.styles)
    _add_table_style(document.styles)
    _add_font_table(document)
    _set_pages(document.sections[0])
    return document


def _leave_out_what_is_unused(document: Any) -> None:
    for relations in (document.part.rels, document.part.package.rels):
        for name, relation in list(relations.items()):
            kind = relation.reltype.rpartition("/")[2]
            if kind in (*_UNUSED, "thumbnail", "extended-properties"):
                del relations[name]
    for style in list(document.styles):
        if style.name not in ("Normal", "Default Paragraph Font", "Normal Table"):
            style.delete()
    for latent in document.styles.element.xpath("w:latentStyles"):
        document.styles.element.remove(latent)


def _set_defaults(document: Any) -> None:
    """Say what holds where no style says otherwise, and that the texts are Chinese or English."""
    (defaults,) = document.styles.element.xpath("w:docDefaults")
    for old in list(defaults):
        defaults.remove(old)
    characters = element("rPr", _fonts(SERIF), element("sz", val="21"), element("szCs", val="21"), _language("lang"))
    spacing = element("spacing", after="100", line="300", lineRule="auto")
    defaults.append(element("rPrDefault", characters))
    defaults.append(element("pPrDefault", element("pPr", spacing)))
    _set_up(document.settings.element)


def _set_up(settings: Element) -> None:
    """Say that this is no document of an older Word, and in which languages to check spelling."""
    for name in ("themeFontLang", "savePreviewPicture", "clrSchemeMapping", "proofState", "rsids", "shapeDefaults"):
        for old in settings.xpath(f"w:{name}"):
            settings.remove(old)
    for zoom in settings.xpath("w:zoom"):
        zoom.getparent().replace(zoom, element("zoom", percent="100"))
    for mode in settings.xpath("w:compat/w:compatSetting[@w:name='compatibilityMode']"):
        mode.set(qn("w:val"), "15")
    (follower,) = settings.xpath("w:decimalSymbol")
    follower.addprevious(_language("themeFontLang"))


def _language(name: str) -> Element:
    return element(name, val="en-GB", eastAsia="zh-CN")


def _fonts(fonts: tuple[str, str]) -> Element:
    latin, chinese = fonts
    return element("rFonts", ascii=latin, hAnsi=latin, eastAsia=chinese, cs=latin)


def _add_style(document: Any, name: str, look: _Look) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=look.builtin)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    if look.fonts is not None:
        style.element.get_or_add_rPr().append(_fonts(look.fonts))
    if look.size is not None:
        style.font.size = Pt(look.size)
    if look.color is not None:
        style.font.color.rgb = look.color
    if look.bold is not None:
        style.font.bold = look.bold
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(look.before), Pt(look.after), look.line
    form.keep_with_next = form.keep_together = look.with_next
    form.page_break_before = look.new_page
    form.alignment = look.align
    if look.left is not None:
        form.left_indent = Pt(look.left)
    if look.first_line is not None:
        form.first_line_indent = Pt(look.first_line)
    if look.outline is not None:
        properties = style.element.get_or_add_pPr()
        properties.insert_element_before(element("outlineLvl", val=str(look.outline)), *_BEHIND_OUTLINE)


def _decorate(styles: Any) -> None:
    """Add lines, colours behind text, tabs and what follows what."""
    styles["Title"].next_paragraph_style = styles["Subtitle"]
    for name in ("Heading 1", "Heading 2"):
        styles[name].next_paragraph_style = styles["Body Text"]
    styles["TOC 1"].element.name_val = "toc 1"  # Word's own name of it, which python-docx does not know
    tabs = styles["toc 1"].paragraph_format.tab_stops
    tabs.add_tab_stop(Twips(624))
    tabs.add_tab_stop(Twips(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    _border(styles["Subtitle"], element("bottom", val="single", sz="8", space="12", color=str(BLUE)))
    _border(styles["Header"], element("bottom", val="single", sz="4", space="4", color="A6A6A6"))
    _border(styles["Withdrawn"], element("left", val="single", sz="36", space="8", color=str(RED)))
    behind = element("shd", val="clear", color="auto", fill="FBE9EB")
    styles["Withdrawn"].element.get_or_add_pPr().insert_element_before(behind, *_BEHIND_SHADING)
    link = styles.add_style(LINK_STYLE, WD_STYLE_TYPE.CHARACTER, builtin=True)
    link.font.color.rgb = RGBColor(0x0B, 0x57, 0xA4)
    link.font.underline = True


def _border(style: Any, line: Element) -> None:
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(element("pBdr", line), "w:shd", *_BEHIND_SHADING)


def _add_table_style(styles: Any) -> None:
    style = styles.add_style("Dossier Table", WD_STYLE_TYPE.TABLE)
    style.base_style = styles["Normal Table"]
    thick = {"val": "single", "sz": "8", "space": "0", "color": str(BLUE)}
    thin = {"val": "single", "sz": "4", "space": "0", "color": "D0D4DC"}
    borders = element("tblBorders", element("top", **thick), element("bottom", **thick), element("insideH", **thin))
    margin = {"w": "108", "type": "dxa"}
    cells = element("tblCellMar", element("left", **margin), element("right", **margin))
    style.element.append(element("tblPr", borders, cells))
    names = element("tcPr", element("shd", val="clear", color="auto", fill="EEF1F7"))
    bold = element("rPr", element("b"))
    style.element.append(element("tblStylePr", bold, names, type="firstRow"))


def _add_font_table(document: Any) -> None:
    fonts = element("fonts")
    for name, (otherwise, character_set, kind) in OTHERWISE.items():
        told = (element("altName", val=otherwise), element("charset", val=character_set), element("family", val=kind))
        fonts.append(element("font", *told, element("pitch", val="variable"), name=name))
    part = document.part
    name = PackURI("/word/fontTable.xml")
    table = Part(name, CONTENT_TYPE.WML_FONT_TABLE, serialize_part_xml(fonts), part.package)
    part.relate_to(table, RELATIONSHIP_TYPE.FONT_TABLE)


def _set_pages(section: Any) -> None:
    """Make the pages A4; the title page has neither header nor footer."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(27), Mm(25)
    section.left_margin = section.right_margin = Mm(25)
    section.header_distance, section.footer_distance = Mm(12.5), Mm(11)
    section.different_first_page_header_footer = True
