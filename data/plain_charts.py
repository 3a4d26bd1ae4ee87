"""Settings of charts whose labels come from a clinic: text is drawn as it is, never as mathematics."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# font families that come with Windows, macOS and Linux, for letters that the font of matplotlib lacks
OTHER_FONTS = (
    "Segoe UI", "Arial", "Noto Sans", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic", "Hiragino Sans", "PingFang SC",
    "Apple SD Gothic Neo", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans Arabic", "Noto Sans Hebrew",
    "Noto Sans Devanagari", "Arial Unicode MS",
)  # fmt: skip


@contextmanager
def draw_plain_text() -> Iterator[None]:
    """Draw all text of charts as it is: ``$`` is a dollar, and LaTeX is never called.

    Letters that the first font lacks come from :data:`OTHER_FONTS`, those that are installed. A letter that no font
    has is drawn as a box, without a warning: it can be read in the table of the page.
    """
    import matplotlib as mpl
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in OTHER_FONTS if name in installed)]
    settings = {"text.parse_math": False, "text.usetex": False, "font.family": families}
    with mpl.rc_context(settings), warnings.catch_warnings():  # type: ignore[arg-type]  # the stubs list every key
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support", category=UserWarning)
        yield
