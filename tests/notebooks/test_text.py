"""What the committed notebooks say: true, readable in any viewer, and with words for every picture."""

import re
from types import SimpleNamespace

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pages import FOLDER, NOTEBOOKS, TIMES, markdown, read, shown, visible, with_times

RESULT = re.compile(
    r"(?<![\w.,])(?P<number>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<unit>%|percent\b|points?\b|epochs?\b|seconds?\b|ms\b|s\b|parameters\b|times\b))"
    r"|(?<![\w.,])(?P<decimal>0\.\d{2,})(?![\w])"
    r"|\b[Ee]poch\s(?P<epoch>\d+)"
)
ALL = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


# A small whole number stands somewhere in any long output: only beside its unit does it say the same. So does any number of times.
NEAR = {
    "%": r"%|percent", "percent": r"%|percent", "point": "point", "epoch": "epoch", "second": r"\bs\b|second",
    "time": TIMES,
}  # fmt: skip
BESIDE = 20  # characters


def results_in(text):
    """Numbers in Markdown that look like results, as (number as written, unit). Code and formulas are not prose.

    Sentences of claims are left out: they are compared with the recorded data by `python -m rnnbook claims`.
    """
    text = re.sub(r"<span data-claim=.*?</span>", " ", text, flags=re.S)
    text = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)", " ", text, flags=re.S)
    found = []
    for m in RESULT.finditer(text):
        unit = "epoch" if m["epoch"] else (m["unit"] or "").rstrip("s") or ("second" if m["unit"] == "s" else "")
        found.append((m["number"] or m["decimal"] or m["epoch"], unit))
    return found


def holds(number, unit, outputs):
    """True where an output holds this number, with or without thousands separators, or as a share of one.

    A whole number up to 100 with a unit must stand beside that unit, and so must any number of times.
    """
    plain = number.replace(",", "")
    forms = {number, plain, f"{float(plain):,.0f}" if "." not in plain else plain}
    if float(plain) <= 100 and (unit == "" or "." in plain):
        forms.add(f"{float(plain) / 100:.{len(plain.partition('.')[2]) + 2}f}")
    places = [m for form in forms for m in re.finditer(rf"(?<![\d.,]){re.escape(form)}(?![\d]|[.,]\d)", outputs)]
    if unit not in NEAR or (unit != "time" and ("." in plain or float(plain) > 100)):
        return bool(places)
    around = (outputs[max(0, m.start() - BESIDE) : m.end() + BESIDE] for m in places)
    return any(re.search(NEAR[unit], text) for text in around)


def unbacked(text, outputs):
    """The results in Markdown that no output holds."""
    return [number for number, unit in results_in(text) if not holds(number, unit, outputs)]


def test_the_rule_finds_results_and_knows_which_are_backed():
    text = "It reaches 0.871 after 7 epochs, 87.1 % in 12 s, with `0.999` in code, $0.5$ in a formula and 322,113 parameters."
    assert results_in(text) == [
        ("0.871", ""),
        ("7", "epoch"),
        ("87.1", "%"),
        ("12", "second"),
        ("322,113", "parameter"),
    ]
    assert not unbacked(text, "after epoch 7: val 0.871; 12.0 s, 12 s; 322113")
    assert unbacked("0.871 after 7 epochs", "0.8712 1; 17 epochs, epoch 0.7. There are as many as 7 layers") == [
        "0.871",
        "7",
    ]


def test_a_number_of_times_must_be_one_in_an_output():
    """Beside the word, or in a column of a table whose head counts times; the same digits as seconds say nothing."""
    claim = "It is 1.7 times as fast."
    table = "<table><tr><th></th><th>seconds</th><th>{}</th></tr><tr><th>0</th><td>3.1</td><td>1.7</td></tr></table>"
    assert not unbacked(claim, "1.7 times the seconds")
    assert not unbacked(claim, with_times("| | seconds | ratio |\n| --- | --- | --- |\n| a | 3.1 | 1.7 |"))
    assert not unbacked(claim, visible(table.format("times as fast")))
    assert unbacked(claim, visible(table.format("iterations"))) and unbacked(claim, "1.7 s")


@ALL
def test_every_result_in_the_prose_stands_in_an_output(path):
    notebook = read(path)
    outputs = shown(notebook)
    missing = [number for text in markdown(notebook) for number in unbacked(text, outputs)]
    assert not missing, f"{path.name} claims {missing}, which no cell of it shows"


def test_a_wrong_number_would_be_found():
    """Of accuracies, percentages and numbers of epochs that somebody might invent, few stand in an output of its chapter."""
    outputs = [shown(read(path)) for path in NOTEBOOKS]
    invented = {
        "It reaches {:.3f} on the test reviews.": [k / 1000 for k in range(700, 1000, 17)],
        "It reaches {:.1f} % on the test reviews.": [k / 10 for k in range(700, 1000, 17)],
        "It is best after {} epochs.": range(1, 101, 5),
        "It is {} percent better.": range(1, 101, 5),
        "It is {:.1f} times as fast.": [k / 10 for k in range(11, 100, 5)],
    }
    for form, values in invented.items():
        passing = [not unbacked(form.format(value), text) for value in values for text in outputs]
        assert sum(passing) <= 0.15 * len(passing), f"{sum(passing)} of {len(passing)} would pass: {form}"


def test_what_only_a_script_holds_is_not_shown():
    data = {"text/html": '<p>0.81</p><script>{"accuracy": 0.87}</script>', "text/plain": "0.85"}
    cell = {"outputs": [{"output_type": "display_data", "data": data}]}
    outputs = shown(SimpleNamespace(cells=[cell]))
    assert unbacked("0.81, 0.85 and 0.87", outputs) == ["0.85", "0.87"]


SHOWN = 88  # characters of code that a page has room for on a screen of 1,280 pixels


@ALL
def test_no_code_that_a_reader_sees_is_cut_off(path):
    seen = [
        c
        for c in read(path).cells
        if c.cell_type == "code" and not re.search("hide|remove", str(c.metadata.get("tags")))
    ]
    assert [(c.id, line) for c in seen for line in c.source.splitlines() if len(line) > SHOWN] == []


def test_no_code_of_a_page_is_cut_off():
    pages = [page.read_text("utf-8") for page in (FOLDER.parent / "book").glob("*.md")]
    blocks = [block for text in pages for block in re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)]
    assert blocks and [line for block in blocks for line in block.splitlines() if len(line) > SHOWN] == []


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
    reasons = re.compile(
        r"notebook\.start\(|\w+\.load\(|\.fit\(|perf_counter|timeit|training\.\w+\(|corpus\.word_index|HyperparameterLab\(|^# live\b"
    )
    for cell in read(path).cells:
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            assert reasons.search(cell.source), (
                f"{path.name}: no reason to leave this output unchecked: {cell.source[:120]}"
            )


@ALL
def test_the_set_up_cell_is_the_same_everywhere(path):
    first = [next(c.source for c in read(p).cells if c.cell_type == "code") for p in (NOTEBOOKS[0], path)]
    assert first[0] == first[1] and "notebook.start()" in first[0]
