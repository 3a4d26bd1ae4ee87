"""ITEM_TEXTS: words of each item of a free questionnaire, by which questions without numbers are found."""

from __future__ import annotations

from typing import NamedTuple

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.guessing.folder_survey import SurveyedFile


class ItemTexts(NamedTuple):
    """The items of one questionnaire.

    Attributes
    ----------
    column : str
        The column of the clients that they add up to.
    words : tuple of str
        A few words of each item that no other item has, in the order of the form.
    """

    column: str
    words: tuple[str, ...]


ITEM_TEXTS: tuple[ItemTexts, ...] = (  # free to copy: phqscreeners.com; Spitzer, Kroenke, Williams & Loewe 2006
    ItemTexts("phq9", ("little interest", "feeling down", "asleep", "little energy", "appetite", "bad about yourself",
                       "concentrating", "moving or speaking", "better off dead")),
    ItemTexts("gad7", ("feeling nervous", "control worrying", "too much about", "trouble relaxing", "restless",
                       "easily annoyed", "feeling afraid")),
)  # fmt: skip


def find_item_headers(column: str, file: SurveyedFile) -> list[str]:
    """Return the headers of the items of a questionnaire in their order; none unless each item has one header."""
    texts = {header: normalize_code(" ".join(file.list_names(header))) for header in file.headers}
    for row in (row for row in ITEM_TEXTS if row.column == column):
        found = [[header for header, text in texts.items() if words in text] for words in row.words]
        headers = [one[0] for one in found if len(one) == 1]
        if len(set(headers)) == len(row.words):
            return headers
    return []
