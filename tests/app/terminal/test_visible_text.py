"""Text from data in a terminal: hidden characters are visible, signs have a form in every encoding."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.panel import Panel
from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_json, print_note, print_text
from attune_fit.app.terminal.visible_text import KEPT, prepare_stream, show_hidden

HOSTILE = "a\x1b[2J\x9b31m\u202eb\x7f\u200b"


@given(st.text(st.characters()))
def test_no_control_and_no_direction_character_is_left(text: str) -> None:
    shown = show_hidden(text)
    assert len(shown) == len(text)
    assert all(unicodedata.category(one) not in ("Cc", "Cf", "Cs") for one in shown if one not in KEPT)


def test_letters_of_every_script_stay() -> None:
    text = "Åsa, 中文, العربية, می‌خواهم, naïve — ½ ✓ 😀"
    assert show_hidden(text) == text


def test_text_is_visible_wherever_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    table = build_table(HOSTILE, HOSTILE)
    table.add_row(Text(HOSTILE))
    for content in (HOSTILE, Text(HOSTILE, style="bold"), table, Panel(Text(HOSTILE), title=HOSTILE)):
        print_text(content)
        assert not set(capsys.readouterr().out) & set("\x1b\x9b\u202e\x7f\u200b")
    print_note(f"[/b]{HOSTILE}")
    printed = capsys.readouterr().err
    assert printed.startswith("[/b]a␛[2J")
    print_json({"id": f"{HOSTILE}\udcff"})
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_a_stream_prints_what_its_encoding_lacks(encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    prepare_stream(stream)
    stream.write("● ── c1␛[2J ≥ 中\udcff")
    assert stream.buffer.getvalue() == b"o -- c1<ESC>[2J >= \\u4e2d\\udcff"
