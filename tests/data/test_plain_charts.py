"""Labels of charts: what a clinic wrote is drawn as text, never as mathematics, without warnings."""

from __future__ import annotations

import io

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from attune_fit.data.plain_charts import draw_plain_text

STRANGE = (
    r"$x^$",
    r"$\frac$ a",
    "$10-$20 copay",
    "\u4e2d\u6587",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "a\x1b[2J",
)


@draw_plain_text()
def draw(label: str) -> bytes:
    figure = Figure(figsize=(2, 1))
    axis = figure.subplots()
    axis.set_title(label)
    axis.set_yticks([0], [label])
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


@pytest.mark.parametrize("label", STRANGE)
def test_every_label_is_drawn_without_an_error_or_a_warning(label: str) -> None:
    assert draw(label).startswith(b"\x89PNG")  # a warning is an error in these tests


def test_two_dollars_are_no_formula() -> None:
    # as mathematics, both texts are an italic x without the space
    assert draw("$x y$") != draw("$xy$")


def test_settings_of_the_program_around_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mpl.rcParams, "text.usetex", True)
    assert draw("$10-$20").startswith(b"\x89PNG")  # LaTeX is not called
    assert mpl.rcParams["text.usetex"]
    assert mpl.rcParams["text.parse_math"]
