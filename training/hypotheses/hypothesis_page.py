"""Page of hypothesis tests: one HTML file with the conclusion first, then each check with its chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attune_fit.data.report_pages.html_parts import (
    NOTHING,
    Html,
    TableColumn,
    format_details,
    format_element,
    format_facts,
    format_list,
    format_paragraph,
    format_table,
    format_tag,
    join_parts,
)
from attune_fit.data.report_pages.markdown_parts import convert_markdown
from attune_fit.data.report_pages.report_page import Answer, Section, format_report_page
from attune_fit.training.hypotheses.hypothesis_charts import (
    UNIT,
    draw_power_curve,
    draw_specification_plot,
    format_effect_table,
    format_ends,
    format_probability,
    format_sd,
)
from attune_fit.training.hypotheses.methods_paragraph import OUTCOMES
from attune_fit.training.hypotheses.surface_section import format_surface_section

POWER_NOTE = (
    "Power at the smallest effect of interest, by simulation from the clinic's own numbers and caseloads. It does not "
    "use the effect that was found."
)
SURFACE_EFFECT_NOTE = (
    "The effect of a response surface is minus a4: the cost of a mismatch in which one number is 1 unit higher and the "
    "other 1 unit lower. The other tests are of the product of the two numbers."
)
SURFACE_POWER_NOTE = "For a surface: power of the product."
REAL_WORLD_TITLE = "Figures from routine care"
REAL_WORLD_NOTE = "Published figures from routine care, to compare the result with."
TRIPOD_NOTE = "Items that this record can fill. The authors write the others."
HIDDEN_NOTE = "Counts under 10 are hidden."
KINDS = {
    "trait": "therapist trait",
    "interaction": "client number × therapist number",
    "pair": "pair feature",
    "surface": "response surface",
}


def format_hypothesis_page(contents: Sequence[Mapping[str, Any]]) -> str:
    """Format the page of one or more tests: one HTML file, which needs no other file.

    Parameters
    ----------
    contents : sequence of mapping
        Records as :func:`build_report_content` returns them, at least one.
    """
    versions = contents[0]["versions"]
    foot = (f"Attune {versions['Attune']}", HIDDEN_NOTE)
    if len(contents) == 1:
        content = contents[0]
        title = f"Hypothesis: {_name(content)}"
        return format_report_page(title, _list_facts(content), _build_answer(content), _build_sections(content), foot)
    facts = (("Hypotheses", str(len(contents))), ("Correction", _name_correction(contents[0])))
    sections = [section for content in contents for section in _nest_sections(content)]
    sections.append(Section("real-world", REAL_WORLD_TITLE, _format_real_world(contents[0])))
    return format_report_page("Hypotheses tested together", facts, _build_family_answer(contents), sections, foot)


def _build_answer(content: Mapping[str, Any]) -> Answer:
    source = f"Source: {content['source']}" if content["source"] else ""
    more = join_parts([
        format_paragraph(f"Claim: {content['claim']}"),
        format_paragraph(source, "hint"),
        format_paragraph(_describe_registration(content), "hint"),
    ])  # fmt: skip
    return Answer(content["sentence"], more, "What decided", format_list(content["reasons"]))


def _build_family_answer(contents: Sequence[Mapping[str, Any]]) -> Answer:
    n_supported = sum(one["verdict"] == "supported" for one in contents)
    rows = [
        (_name(one), format_tag(one["verdict"]),
         format_sd(one["effect"]["estimate"]), format_ends(one["effect"]["low"], one["effect"]["high"]),
         format_probability(one["effect"]["p"]), format_probability((one["family"] or {}).get("adjusted_p")))
        for one in contents
    ]  # fmt: skip
    columns = ("hypothesis", TableColumn("conclusion", is_short=True), TableColumn("effect", is_number=True),
               TableColumn("interval", is_short=True), TableColumn("p", is_number=True),
               TableColumn("corrected p", is_number=True))  # fmt: skip
    lead = f"{n_supported} of {len(contents)} hypotheses {'is' if n_supported == 1 else 'are'} supported."
    return Answer(lead, format_table(columns, rows, "Conclusions"))


def _build_sections(content: Mapping[str, Any]) -> list[Section]:
    """Return the sections that have something to show."""
    warnings, curve = content["warnings"], content["specification_curve"]
    n = len(curve["specifications"])
    sections = [
        Section("warnings", "Check this first", _format_warnings(warnings), str(len(warnings))),
        Section("effect", "Effect", _format_effect(content)),
        Section("analyses", "Declared analyses", _format_analyses(content), str(n)),
        Section("held-out", "Held-out records", _format_held_out(content)),
        Section("surface", "Response surface", format_surface_section(content)),
        Section("power", "Power", _format_power(content)),
        Section("real-world", REAL_WORLD_TITLE, _format_real_world(content)),
        Section("methods", "Methods paragraph", _format_methods(content)),
        Section("tripod", "TRIPOD+AI items", _format_tripod(content)),
        Section("origin", "Records and origin", _format_origin(content)),
    ]
    return [one for one in sections if one.content and (one.anchor != "warnings" or warnings)]


def _format_warnings(warnings: Sequence[Mapping[str, Any]]) -> Html:
    return convert_markdown("\n".join(f"- {one['text']}" for one in warnings), "warnings")


def _nest_sections(content: Mapping[str, Any]) -> Iterator[Section]:
    """Yield the sections of one hypothesis among others: its conclusion, then the parts below it."""
    answer = _build_answer(content)
    lead = format_element("p", format_element("strong", answer.lead))
    head = join_parts([lead, answer.more, format_details(answer.side_title, answer.side)])
    yield Section(f"h-{content['name']}", _name(content), head, content["verdict"])
    own = (one for one in _build_sections(content) if one.anchor != "real-world")  # the same for all
    for one in own:
        yield Section(f"{content['name']}-{one.anchor}", one.title, one.content, one.note, level=3)


def _list_facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    records = content["records"]
    return [
        ("Outcome", OUTCOMES[content["outcome"]]),
        ("Term", KINDS[content["kind"]]),
        ("Records", _count(records["used"])),
        ("Clients", _count(records["clients"])),
        ("Therapists", _count(records["therapists"])),
        ("Adjusted for", "; ".join(content["adjusted_for"]) or "nothing"),
    ]


def _describe_registration(content: Mapping[str, Any]) -> str:
    registration = content["registration"]
    return registration["sentence"] if registration else ""


def _format_effect(content: Mapping[str, Any]) -> Html:
    effect, permutation = content["effect"], content["permutation"]
    region, factor = content["equivalence"], content["bayes_factor"]
    level = f"{1 - content['alpha']:.0%}"
    hint = (
        f"{UNIT[0].upper()}{UNIT[1:]}, with {level} intervals. Grey area: smaller than "
        f"{content['smallest_effect']:g}, the smallest effect of interest. The first test decides; p is two-sided."
    )
    if content["kind"] == "surface":
        hint += f" {SURFACE_EFFECT_NOTE}"
    lines = [
        f"In the unit of the outcome, {content['outcome_unit']}: {_format_points(effect)}.",
        f"Permutation: p {_equals(permutation['p'])} ({permutation['draws']:,} draws; {permutation['unit']}).",
        f"Equivalence: {'inside' if region['is_inside'] else 'not inside'} ±{region['smallest_effect']:g}; interval "
        f"{format_ends(region['low'], region['high'])}, p {_equals(region['p'])}.",
        factor["sentence"],
    ]
    family = content["family"]
    if family:
        lines.append(f"Corrected for {family['n']} hypotheses ({_name_correction(content)}): "
                     f"p {_equals(family['adjusted_p'])}.")  # fmt: skip
    return join_parts([format_paragraph(hint, "hint"), format_effect_table(content), format_list(lines)])


def _format_points(effect: Mapping[str, Any]) -> str:
    if effect["points"] is None:
        return "not known"
    return f"{effect['points']:+.2f}, interval {effect['points_low']:+.2f} to {effect['points_high']:+.2f}"


def _format_analyses(content: Mapping[str, Any]) -> Html:
    curve = content["specification_curve"]
    n, joint = len(curve["specifications"]), curve["joint"]
    if n < 2:
        text = "The file declares one analysis. More under “alternatives” would show whether the result depends on it."
        return format_paragraph(text)
    summary = (
        f"Median effect {format_sd(curve['median'])} over {n} analyses; {curve['share_significant']:.0%} are "
        "significant on its side."
    )
    tested = (
        f"Joint test of all analyses ({joint['draws']:,} draws; {joint['unit']}): median effect "
        f"p {_equals(joint['p_median'])}, number of significant analyses p {_equals(joint['p_share'])}."
    )
    failed = f"Not computed: {'; '.join(curve['failed'])}." if curve["failed"] else ""
    return join_parts([
        format_paragraph(summary), format_paragraph(tested), draw_specification_plot(content),
        format_paragraph(failed, "hint"),
    ])  # fmt: skip


def _format_held_out(content: Mapping[str, Any]) -> Html:
    gain = content["held_out_gain"]
    if gain is None:
        return format_paragraph("Too few records or therapists to hold some out.")
    return format_facts((
        ("Correlation with the held-out outcome", f"{gain['r']:.2f} ({format_ends(gain['low'], gain['high'])})"),
        ("Share of variance explained", f"{gain['r2']:.2%}"),
        ("The same under no effect, 95% are below", f"{gain['control_r2_high']:.2%}"),
        ("p against no effect", format_probability(gain["p"])),
        ("Held out", gain["folds"]),
    ))  # fmt: skip


def _format_power(content: Mapping[str, Any]) -> Html:
    points = content["power_curve"]
    if not points:
        return NOTHING
    rows = [(str(one["therapists"]), f"{one['power']:.0%}", f"{one['low']:.0%} to {one['high']:.0%}") for one in points]
    columns = ("therapists", TableColumn("power", is_number=True), TableColumn("simulation error", is_short=True))
    note = f"{POWER_NOTE} {SURFACE_POWER_NOTE}" if content["kind"] == "surface" else POWER_NOTE
    return join_parts([
        format_paragraph(note, "hint"), draw_power_curve(points, content["records"]["therapists"]),
        format_details("The figures as a table", format_table(columns, rows, "Power by therapists")),
    ])  # fmt: skip


def _format_real_world(content: Mapping[str, Any]) -> Html:
    lines = [join_parts([one["text"], format_element("span", one["source"], "hint")]) for one in content["real_world"]]
    return join_parts([format_paragraph(REAL_WORLD_NOTE, "hint"), format_list(lines)]) if lines else NOTHING


def _format_methods(content: Mapping[str, Any]) -> Html:
    return join_parts([format_paragraph(content["methods"]), format_list(content["references"], "bullets small")])


def _format_tripod(content: Mapping[str, Any]) -> Html:
    items = content["tripod"]["items"]
    rows = [(one["number"], one["topic"], one["text"]) for one in items if one["text"]]
    open_items = "; ".join(f"{one['number']} {one['topic']}" for one in items if not one["text"])
    table = format_table((TableColumn("item", is_short=True), "topic", "record"), rows, "TRIPOD+AI items")
    note = f"{TRIPOD_NOTE} {content['tripod']['source']}."
    return join_parts([
        format_paragraph(note, "hint"), format_details("The items as a table", table),
        format_paragraph(f"Left to the authors: {open_items}.", "hint"),
    ])  # fmt: skip


def _format_origin(content: Mapping[str, Any]) -> Html:
    dropped = [(f"left out: {reason}", _count(count)) for reason, count in content["records"]["dropped"].items()]
    return join_parts([
        format_facts(dropped) if dropped else NOTHING,
        format_facts((
            ("hypothesis, SHA-256", content["digest"]), ("analysed records, SHA-256", content["data_digest"]),
            ("seed", str(content["seed"])), *content["versions"].items(),
        ), "dl hash"),
    ])  # fmt: skip


def _name_correction(content: Mapping[str, Any]) -> str:
    correction = (content["family"] or {}).get("correction", "")
    return {"holm": "Holm", "bh": "Benjamini and Hochberg"}.get(correction, "none")


def _name(content: Mapping[str, Any]) -> str:
    return str(content["name"]).replace("_", " ")


def _equals(p: float | None) -> str:
    text = format_probability(p)
    return text if text.startswith("<") else f"= {text}"


def _count(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value
