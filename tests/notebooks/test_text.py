"""What the committed notebooks say: true, readable in any viewer, and with words for every picture."""

import re

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pages import NOTEBOOKS, markdown, read, shown

RESULT = re.compile(
    r"(?<![\w.,])(?P<number>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<unit>%|percent\b|points?\b|epochs?\b|seconds?\b|ms\b|s\b|parameters\b|times\b))"
    r"|(?<![\w.,])(?P<decimal>0\.\d{2,})(?![\w])"
    r"|\b[Ee]poch\s(?P<epoch>\d+)"
)
ALL = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def results_in(text):
    """Numbers in Markdown that look like results, as written. Code and formulas are not prose."""
    text = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)", " ", text, flags=re.S)
    return [next(g for g in m.group("number", "decimal", "epoch") if g) for m in RESULT.finditer(text)]


def holds(number, outputs):
    """True where an output holds this number, with or without thousands separators, or as a share of one."""
    plain = number.replace(",", "")
    forms = {number, plain, f"{float(plain):,.0f}" if "." not in plain else plain}
    if float(plain) <= 100:
        digits = len(plain.partition(".")[2]) + 2
        forms.add(f"{float(plain) / 100:.{digits}f}")
    return any(re.search(rf"(?<![\d.]){re.escape(form)}(?!\d)", outputs) for form in forms)


def test_the_rule_finds_results_and_knows_which_are_backed():
    text = "It reaches 0.871 after 7 epochs, 87.1 % in 12 s, with `0.999` in code, $0.5$ in a formula and 322,113 parameters."
    assert results_in(text) == ["0.871", "7", "87.1", "12", "322,113"]
    assert holds("0.871", "val 0.871") and holds("87.1", "val 0.871") and holds("322,113", "322113")
    assert not holds("0.871", "0.8712 1") and not holds("7", "17 0.7 70")


@ALL
def test_every_result_in_the_prose_stands_in_an_output(path):
    notebook = read(path)
    outputs = shown(notebook)
    missing = [n for text in markdown(notebook) for n in results_in(text) if not holds(n, outputs)]
    assert not missing, f"{path.name} claims {missing}, which no cell of it shows"


@ALL
def test_every_code_cell_has_run_without_error(path):
    for cell in read(path).cells:
        if cell.cell_type == "code" and cell.source.strip():
            assert cell.execution_count, f"{path.name}: never run: {cell.source[:80]}"
            assert not any(o.output_type == "error" for o in cell.outputs), (
                f"{path.name}: an error output: {cell.source[:80]}"
            )


@ALL
def test_the_markdown_reads_well_in_plain_viewers(path):
    """Colab and JupyterLab know CommonMark and dollar mathematics, nothing of MyST."""
    renderer = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
    for source in markdown(read(path)):
        assert not re.search(r"^:::|^\(\S+\)=\s*$|\{[a-z:-]+\}`|^```\{", source, flags=re.M), (
            f"MyST in {path.name}: {source[:120]}"
        )
        html = renderer.render(source)
        prose = re.sub(
            r"<(code|pre|eq|eqn|section|div)\b.*?</\1>|<span class=\"math[^>]*>.*?</span>", " ", html, flags=re.S
        )
        prose = re.sub(r"<[^>]*>", " ", prose)
        debris = re.search(r"\$|\\[a-zA-Z]+|\*\*|(?<!\w)_\w+_|\[[^\]]*\]\(|^#+ |\||&lt;[a-z]", prose, flags=re.M)
        assert not debris, (
            f"{path.name}: {debris.group()!r} is left over in: {prose[max(0, debris.start() - 60) : debris.end() + 60]!r}"
        )


@ALL
def test_every_picture_has_words(path):
    for cell in read(path).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            html = data.get("text/html", "")
            if "image/png" in data or "image/svg+xml" in data:
                assert re.search(r'(aria-label|alt)="[^"]{20,}"', html), (
                    f"{path.name}: a picture without alt text: {cell.source[:80]}"
                )
            for image in re.findall(r"<img\b[^>]*>", html):
                assert re.search(r'alt="[^"]{20,}"', image), (
                    f"{path.name}: an <img> without alt text: {cell.source[:80]}"
                )
    for source in markdown(read(path)):
        assert not re.search(r"!\[\]\(|<img(?![^>]*alt=\"[^\"]+\")", source), f"{path.name}: an image without alt text"


@ALL
def test_only_cells_that_depend_on_the_machine_go_unchecked(path):
    """Strict comparison is the rule; each exception trains, times, or says which data or versions are at hand."""
    reasons = re.compile(r"notebook\.start|corpus|\.fit\(|data\.load|perf_counter|timeit|training\.|describe\(\)|live")
    for cell in read(path).cells:
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            assert reasons.search(cell.source), (
                f"{path.name}: no reason to leave this output unchecked: {cell.source[:120]}"
            )


@ALL
def test_the_set_up_cell_is_the_same_everywhere(path):
    first = [next(c.source for c in read(p).cells if c.cell_type == "code") for p in (NOTEBOOKS[0], path)]
    assert first[0] == first[1] and "notebook.start()" in first[0]
