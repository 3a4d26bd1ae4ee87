"""A written page: one file that sends no request, its contents lead to its sections, and text is never HTML."""

from __future__ import annotations

import re

from attune_fit.data.report_pages.html_parts import Band, Html, TableColumn, format_paragraph, format_table, format_tag
from attune_fit.data.report_pages.markdown_parts import convert_markdown, split_sections
from attune_fit.data.report_pages.report_page import LOOK, STYLESHEETS, Answer, Section, format_report_page

HOSTILE = '<script>alert("a")</script>'


def build_page(text: str = "b") -> str:
    sections = [Section("one", "First", format_paragraph(text)), Section("two", text, Html("<p>c</p>"), "3 new", 3)]
    answer = Answer(text, format_paragraph(text), "Side", format_paragraph(text))
    return format_report_page(f"Title {text}", [("Facts", text)], answer, sections, [text])


def test_a_page_is_one_file_with_the_stylesheet_of_the_desk_inside() -> None:
    page = build_page()
    assert all((LOOK / name).read_text(encoding="utf-8") in page for name in STYLESHEETS)
    assert not re.findall(r'(?:src|href)="(?!#)|url\(|@import|<script|style="', page)
    assert "default-src 'none'" in page
    assert 'name="viewport"' in page


def test_the_answer_is_before_the_contents_and_the_contents_are_before_the_sections() -> None:
    page = build_page()
    assert page.index('class="answer"') < page.index('class="contents"') < page.index('<h2 id="one">')
    links, places = (set(re.findall(f'{key}="#?([a-z]+)"', page)) for key in ("href", "id"))
    assert links <= places
    assert links == {"main", "one", "two"}
    assert '<h3 id="two">' in page
    assert ">3 new<" in page


def test_no_text_of_a_page_is_read_as_html() -> None:
    page = build_page(HOSTILE)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == build_page("hostile").count("hostile")


def test_a_wide_table_is_in_a_region_that_scrolls_and_that_the_keyboard_reaches() -> None:
    table = format_table(("a", TableColumn("n", is_number=True)), [Band("group"), ("x & y", "3")], 'the "label"')
    assert '<div class="scroll" tabindex="0" role="region" aria-label="Table: the &quot;label&quot;">' in table
    assert '<th scope="rowgroup" colspan="2"><span>group</span></th>' in table
    assert '<th scope="row">x &amp; y</th><td data-label="n" class="r">3</td>' in table
    assert "broad" not in table
    assert "broad" in format_table(tuple("abcde"), [], "label")


def test_html_is_not_escaped_twice_and_a_template_takes_it_as_it_is() -> None:
    assert format_paragraph(format_tag("new & old")) == '<p><span class="tag">new &amp; old</span></p>'
    assert format_tag("a").__html__() == '<span class="tag">a</span>'


def test_markdown_of_a_card_becomes_paragraphs_lists_tables_and_facts() -> None:
    head, sections = split_sections(
        "# T\n\nhead\n\n## One\n\ntext `code` <b>\n\n- a\n- b\n\n## Two\n\n| x | y |\n| --- | --- |\n| 1\\|2 | 3 |\n"
    )
    assert head == "# T\n\nhead"
    assert [title for title, _ in sections] == ["One", "Two"]
    first, second = (convert_markdown(text, "label") for _, text in sections)
    assert first == '<p>text <code>code</code> &lt;b&gt;</p>\n<ul class="bullets"><li>a</li><li>b</li></ul>'
    assert '<th scope="row">1|2</th><td>3</td>' in second
    assert convert_markdown(sections[1][1], "label", with_tables=False) == ""
    facts = convert_markdown("| what |  |\n| --- | --- |\n| seed | 3 |\n", "label")
    assert facts == '<dl class="dl"><dt>seed</dt><dd>3</dd></dl>'
