"""The text index: which documents hold a word, exactly; derived from the tables, may be deleted at any time."""

from archive.text_index.asking import AskedTexts
from archive.text_index.catching_up import catch_up, catch_up_if_free, rebuild

__all__ = ["AskedTexts", "catch_up", "catch_up_if_free", "rebuild"]
