"""Finds what puzzles a reader: words that the project does not use, and sentences of more than 30 words.

``python -m tests.plain_language`` lowers the allow-list to what is there today. It never raises a number: new text is
plain, old text becomes plain.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
WORDS = HOME / "data" / "guessing" / "words"  # of clinics, in five languages
ALLOWED = HOME / "tests" / "golden" / "plain_language.json"
PARTS = ("attune_fit", "data", "features", "models", "training", "matching", "app", "docs", "benchmarks")
PAGES = ("*.md", "docs/**/*.md", "examples/**/*.md")
MAX_WORDS = 30
LONG = f"more than {MAX_WORDS} words"
PUZZLING = {
    name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    for name, pattern in {
        "told": r"told|tell|tells|telling",
        "says": r"says|said",
        "nobody": r"nobody|somebody|whoever|whosoever",
        "stands": r"stands|stand|stood",
        "held against": r"held against|holds? against",
        "beside": r"beside",
        "lots": r"by lot|lots",
        "turns": r"turns",
        "worth": r"worth",
        "house": r"house",
        "mend": r"mend|mends|mended|mending",
        "what is known of": r"what is known of",
        "the rest of the sum": r"the rest of the sum",
    }.items()
}
PUZZLING_NAMES = frozenset(
    {"told", "tell", "tells", "telling", "said", "says", "nobody", "somebody", "whoever", "mend", "mends"}
)
CODE = re.compile(r"```.*?```|``[^`]*``|`[^`]*`|:\w+:`[^`]*`|\$\$.*?\$\$|https?://\S+|\bdoi:\S+", re.DOTALL)
# fixed answers of the hypothesis lab
ANSWERS = re.compile(r"\bthese\s+(?:data\s+cannot\s+tell|records\s+cannot\s+say)\b", re.IGNORECASE)


def count_puzzles(text: str, *, is_page: bool = False) -> Counter[str]:
    """Return how often each puzzling word, and each long sentence, comes in a text; code in backticks is left out."""
    plain = ANSWERS.sub(" x ", CODE.sub(" x ", text))
    found = Counter({name: len(pattern.findall(plain)) for name, pattern in PUZZLING.items()})
    found[LONG] = sum(len(sentence.split()) > MAX_WORDS for sentence in _split_sentences(plain, is_page=is_page))
    return +found


def _split_sentences(text: str, *, is_page: bool) -> Iterator[str]:
    """Sentences of paragraphs; a list item, a heading and a cell of a table are paragraphs of their own."""
    if is_page:
        text = re.sub(r"^\s*(?:[-*#>]+|\d+\.)\s", "\n\n", text, flags=re.MULTILINE)
        text = re.sub(r"\s*\|\s*", "\n\n", text)
    for paragraph in re.split(r"\n\s*\n", text):
        yield from re.split(r"(?<=[.!?:;])\s+", " ".join(paragraph.split()))


def count_in_source(path: Path) -> Counter[str]:
    """Return the puzzles of a Python file: in docstrings, comments, messages, and names that are such a word."""
    source = path.read_text(encoding="utf-8")
    found: Counter[str] = Counter()
    comment = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comment += token.string.lstrip("# ") + " "
        elif token.type not in (tokenize.NL, tokenize.NEWLINE) and comment:
            found += count_puzzles(comment)
            comment = ""
    for node in ast.walk(ast.parse(source)):  # the same tree for every Python: tokens of an f-string differ
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            found += count_puzzles(node.value)  # a key or a name of one word is no sentence
        for field in ("name", "id", "attr", "arg"):
            name = getattr(node, field, None)
            if isinstance(name, str) and name.strip("_") in PUZZLING_NAMES:
                found[f"name `{name}`"] += 1
    return +found


def count_everywhere() -> dict[str, dict[str, int]]:
    """Return the puzzles of every source file and page, by path; files without any are left out."""
    found = {
        path.relative_to(HOME).as_posix(): count_in_source(path)
        for part in PARTS
        for path in sorted((HOME / part).rglob("*.py"))
        if path.parent != WORDS
    }
    found |= {
        path.relative_to(HOME).as_posix(): count_puzzles(path.read_text(encoding="utf-8"), is_page=True)
        for pattern in PAGES
        for path in sorted(HOME.glob(pattern))
    }
    return {name: dict(sorted(counts.items())) for name, counts in sorted(found.items()) if counts}


def read_allowed() -> dict[str, dict[str, int]]:
    """Return the allow-list: by path, how often each puzzle may come."""
    allowed: dict[str, dict[str, int]] = json.loads(ALLOWED.read_text(encoding="utf-8"))
    return allowed


def lower_allowed() -> None:
    """Write the allow-list anew, each number at most what it was."""
    before, now = read_allowed(), count_everywhere()
    lowered = {
        name: {puzzle: min(number, before[name].get(puzzle, 0)) for puzzle, number in counts.items()}
        for name, counts in now.items()
        if name in before
    }
    kept = {name: {puzzle: number for puzzle, number in counts.items() if number} for name, counts in lowered.items()}
    ALLOWED.write_text(json.dumps({name: counts for name, counts in kept.items() if counts}, indent=1) + "\n")
    print(f"{sum(map(sum, (counts.values() for counts in kept.values())))} puzzles in {len(kept)} files")


if __name__ == "__main__":
    lower_allowed()
