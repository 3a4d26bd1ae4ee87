"""A printed command can be copied into a terminal, whatever the ids look like."""

import shlex

from hypothesis import example, given
from hypothesis import strategies as st

from attune_fit.data.command_words import format_option, format_word


@example("\\")
@example("-*")
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12))
def test_a_shell_reads_each_word_as_it_was(text: str) -> None:
    assert shlex.split(format_word(text)) == [text]
    words = shlex.split(format_option("--client", text))
    assert words in (["--client", text], [f"--client={text}"])
    assert text.startswith("-") == (len(words) == 1)
