"""Text that was decoded wrongly before it reached the page."""

from __future__ import annotations

import pytest

from crawler.reading.mojibake import mended

TEXT = "关于加强2023年档案工作的通知，各单位应当于每月底前报送进展情况，文件大小见附件。"


def as_western(text: str) -> str:
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param(as_western(TEXT), TEXT, id="UTF-8 as Windows-1252"),
        pytest.param(TEXT.encode("gbk").decode("latin-1"), TEXT, id="GBK as Latin-1"),
        pytest.param(
            as_western("Größe: über die Straße, öffentlich"), "Größe: über die Straße, öffentlich", id="German"
        ),
    ],
)
def test_what_is_certain_is_mended(wrong: str, right: str) -> None:
    assert mended(wrong) == (right, ("mojibake_repaired",))


@pytest.mark.parametrize("text", [TEXT, "naïve façade Ångström Über größe", "Ωμέγα", "22 КБ", "plain", "«é» ×·"])
def test_sound_text_stays(text: str) -> None:
    assert mended(text) == (text, ())


def test_what_is_quoted_or_lost_is_flagged_and_stays() -> None:
    quoted = TEXT * 3 + "例如 " + as_western("文件")
    assert mended(quoted) == (quoted, ("mojibake",))
    assert mended(TEXT + "锟斤拷") == (TEXT + "锟斤拷", ("mojibake",))


def test_utf8_as_gbk_is_mended_as_far_as_it_goes() -> None:
    seen = mended((TEXT * 3).encode().decode("gb18030", "replace"))
    assert "mojibake_repaired" in seen.flags
    assert "档案工作的通知" in seen.text
