"""One letter, one meaning: chapters use the letters of the notation page, and names in code mean one thing in a notebook.

The page is the rule. A letter that it lists without an index (b) may not be indexed by time (b_{i+1}) anywhere; a letter
that it lists for one chapter may not appear in another; and no letter stands twice in its tables for all chapters.
"""

import ast
import builtins
import re
from collections import Counter
from pathlib import Path

import pytest

from rnnbook.publish import reading

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = reading.chapters(ROOT)
ALL = pytest.mark.parametrize("name", CHAPTERS)
MATH = re.compile(r"\$\$(.*?)\$\$|(?<!\\)\$([^$\n]+?)\$", re.S)
BRACES = r"\{(?:[^{}]|\{[^{}]*\})*\}"
LETTER = re.compile(
    rf"(?P<accent>\\(?:tilde|bar|hat)\s*)?"
    rf"(?P<letter>\\math(?:rm|bf)\{{[a-z]\}}|\\(?:alpha|beta|gamma|delta|kappa|lambda|rho|tau|sigma|theta|phi|xi|eta|mu|omega|epsilon)(?![a-zA-Z])"
    rf"|(?<![\\a-zA-Z])[A-Za-z](?![a-zA-Z]))(?P<prime>'?)"
    rf"(?P<scripts>(?:[_^](?:{BRACES}|\\[a-z]+(?:{BRACES})?|[A-Za-z0-9*]))*)"
)
LABEL = re.compile(r"\^|_\\math(?:rm|bf)|_\{?\\text")  # powers, transposes, layers, directions and blocks are no index


def letters(formula):
    """(letter, True where it has an index) of a formula in TeX, where a letter may have an accent or a prime."""
    formula = re.sub(r"\\(?:text|operatorname|tag)\{[^{}]*\}|\\begin\{[^{}]*\}|\\end\{[^{}]*\}", " ", formula)
    for m in LETTER.finditer(formula):
        scripts = re.findall(rf"[_^](?:{BRACES}|\\[a-z]+(?:{BRACES})?|[A-Za-z0-9*])", m["scripts"])
        indexed = any(not LABEL.match(script) for script in scripts)
        yield re.sub(r"\s", "", m["accent"] or "") + m["letter"] + m["prime"], indexed
        for script in scripts:  # the letters of an index are letters as well
            if not LABEL.match(script) or script.startswith("^{\\,"):
                yield from letters(script[1:].strip("{}"))


def formulas(text):
    text = re.sub(r"```.*?```|`[^`\n]*`", " ", text, flags=re.S)
    return [block or inline for block, inline in MATH.findall(text)]


def page():
    """What the notation page allows: {(letter, indexed): chapters}, with `None` for all; and how often it says so."""
    text = (ROOT / "book" / "notation.md").read_text("utf-8").replace(r"\lvert", "").replace(r"\rvert", "")
    allowed, listed = {}, Counter()
    for header, rows in re.findall(r"^\| (letter|symbol|chapter) \|.*\n\|[- |]+\n((?:\|.*\n)+)", text, re.M):
        for row in rows.splitlines():
            cells = [cell.strip() for cell in row.strip("|").split(" | ")]
            chapters = [int(n) for n in re.findall(r"\d+", cells[0])] if header == "chapter" else None
            for formula in re.findall(r"\$([^$]+)\$", cells[1 if header == "chapter" else 0]):
                # the first letter is the one that is explained; `\rho` and W of `\lVert W \rVert` are explained elsewhere
                for letter, indexed in list(letters(formula))[:1]:
                    allowed.setdefault((letter, indexed), []).append(chapters)
                    listed[letter, indexed] += chapters is None
    return allowed, listed


def strangers(text, chapter, allowed):
    """The letters of a chapter's formulas that the page does not allow there, as (letter, indexed): how often."""
    found = Counter(pair for formula in formulas(text) for pair in letters(formula))
    wrong = {}
    for (letter, indexed), times in found.items():
        # a letter that is listed with an index may also stand for the whole sequence
        entries = allowed.get((letter, indexed), []) + ([] if indexed else allowed.get((letter, True), []))
        if not any(chapters is None or chapter in chapters for chapters in entries):
            wrong[letter, indexed] = times
    return wrong


def test_letters_are_found_with_their_indices():
    assert list(letters(r"Z_{i+1} = \tanh(W Z_i + b)")) == [
        ("Z", True),
        ("i", False),
        ("W", False),
        ("Z", True),
        ("i", False),
        ("b", False),
    ]
    assert list(letters(r"\tilde C_k + W^\top + Z^{(l)} + U_\mathbf{f} + \mathbf{f} + b'"))[::1] == [
        (r"\tildeC", True),
        ("k", False),
        ("W", False),
        ("Z", False),
        ("U", False),
        (r"\mathbf{f}", False),
        ("b'", False),
    ]


@pytest.mark.parametrize(
    "text, wrong",
    [
        (r"$Z_{i+1} = W Z_i + U X_i + b$", {}),
        (r"$Z_{i+1} = a_{i+1} \odot Z_i + b_{i+1}$", {("a", True), ("b", True)}),  # so chapter 11 once wrote
        (r"$Z^{(L)}$ of $\xi$ and $M \odot X_i$", {(r"\xi", False), ("M", False)}),
        (r"$$\sqrt{p (1 - p) / N}$$", {("N", False)}),
    ],
)
def test_a_letter_in_another_meaning_is_found(text, wrong):
    assert set(strangers(text, 10, page()[0])) == set(wrong)


# Letters that stand twice on the page, each with the reason.
TWICE = {
    (
        "w",
        False,
    ): "the state map is called w in the source of this course; one unit's W is a small letter, as its U and Z are",
    ("h", False): "the days ahead in chapter 13, which has no output activation",
    (r"\mathbf{f}", True): "the factor of a linear recurrence is a forget gate that does not look at the state",
}


def test_the_page_gives_each_letter_one_meaning():
    allowed, listed = page()
    twice = {pair for pair, times in listed.items() if times > 1}
    twice |= {pair for pair, entries in allowed.items() if None in entries and len(entries) > 1}
    assert twice == set(TWICE), "a letter of all chapters has another meaning as well"


@ALL
def test_chapters_keep_to_the_letters_of_the_page(name):
    wrong = strangers(reading.text(CHAPTERS[name]), int(name[:2]), page()[0])
    told = [
        f"{letter}{' with an index' if indexed else ''} ({times} times)" for (letter, indexed), times in wrong.items()
    ]
    assert not told, f"{name} uses letters that the notation page does not explain for it: {', '.join(told)}"


def test_the_other_pages_keep_to_the_letters_of_the_page():
    """An entry of the glossary to those of the chapters that it names, other pages to those of any chapter."""
    allowed, pages = page()[0], {path.stem: path.read_text("utf-8") for path in (ROOT / "book").glob("*.md")}
    entries = re.findall(
        r"^(\S[^\n]*)\n  (.*?)(?=\n\n|\n```)", pages["glossary"].split("```{glossary}")[1], re.S | re.M
    )
    wrong = {}
    for term, text in entries:
        of_chapters = [strangers(text, int(number), allowed) for number in re.findall(r"\[chapter (\d+)\]", text)]
        wrong[term] = set.intersection(*map(set, of_chapters)) if of_chapters else set()
    for name in ("cheatsheet", "grading", "instructors", "playground", "preface", "pytorch", "reproducibility"):
        used = {pair for formula in formulas(pages[name]) for pair in letters(formula)}
        wrong[name] = {pair for pair in used if pair not in allowed and (pair[0], True) not in allowed}
    assert len(entries) > 100 and {where: found for where, found in wrong.items() if found} == {}


# --- names in code


class Names(ast.NodeVisitor):
    """The names that a cell binds, and those that it reads from other cells."""

    def __init__(self, source):
        self.bound, self.read = set(), set()
        self.visit(ast.parse(re.sub(r"^\s*%.*$", "pass", source, flags=re.M)))

    def _inner(self, node, own):
        """Read what an inner scope reads and does not bind itself."""
        inner = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | own
        inner |= {n.name for n in ast.walk(node) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        inner |= {a.arg for n in ast.walk(node) if isinstance(n, ast.arguments) for a in n.args + n.kwonlyargs}
        for n in ast.walk(node):
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id not in inner | self.bound:
                self.read.add(n.id)

    def visit_FunctionDef(self, node):
        self.bound.add(node.name)
        self._inner(node, set())

    def visit_ClassDef(self, node):
        self.bound.add(node.name)
        self._inner(node, set())

    def visit_Lambda(self, node):
        self._inner(node, set())

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_Lambda

    def visit_Assign(self, node):
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node):
        self.visit(node.value)
        if isinstance(node.target, ast.Name) and node.target.id not in self.bound:
            self.read.add(node.target.id)
        self.visit(node.target)

    def visit_For(self, node):
        for part in (node.iter, node.target, *node.body, *node.orelse):
            self.visit(part)

    def visit_Import(self, node):
        self.bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}

    visit_ImportFrom = visit_Import

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)
        elif node.id not in self.bound and not hasattr(builtins, node.id):
            self.read.add(node.id)


def two_meanings(cells):
    """{name: the cells that bind it}, where another cell reads the name and two cells bind it.

    Such a cell gives another result when cells are run in another order, or again. Names of parameters are bound twice
    on purpose: papermill sets them, then `notebook.parameters` checks them.
    """
    sources = [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", [])
    ]
    names = [Names(source) for source in sources[1:]]  # the first one is the set-up
    binders = {}
    for number, cell in enumerate(names):
        for name in cell.bound:
            binders.setdefault(name, []).append(number)
    read = set().union(*(cell.read for cell in names))
    return {name: cells for name, cells in binders.items() if len(cells) > 1 and name in read}


def test_a_name_with_two_meanings_is_found():
    def notebook(*sources):
        return [{"cell_type": "code", "source": source, "metadata": {}} for source in ("", *sources)]

    assert two_meanings(notebook("W = 1", "for W in (2, 3):\n    print(W)", "print(W)")) == {"W": [0, 1]}
    assert not two_meanings(notebook("W = 1", "def f(W):\n    return W", "print(W, [W for W in (1, 2)])"))
    assert not two_meanings(notebook("x = 1\nprint(x)", "x = 2\nprint(x)"))


@ALL
def test_a_name_that_other_cells_read_is_bound_once(name):
    found = two_meanings(CHAPTERS[name])
    assert not found, f"{name}: names with two meanings, and the code cells that bind them: {found}"


# --- code that a second-year student can read

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def too_clever(source):
    """The lines of a cell with a comprehension inside another, or inside an f-string."""
    found = set()
    for node in ast.walk(ast.parse(re.sub(r"^\s*%.*$", "pass", source, flags=re.M))):
        inner = [n for n in ast.walk(node) if isinstance(n, COMPREHENSIONS) and n is not node]
        if isinstance(node, (*COMPREHENSIONS, ast.JoinedStr)) and inner:
            found.add(node.lineno)
    return sorted(found)


def test_nested_comprehensions_are_found():
    assert too_clever("a = [[1 for x in y] for y in z]\nb = f'{[c for c in d]}'\nc = [f'{d}' for d in e]") == [1, 2]


@ALL
def test_code_nests_no_comprehensions(name):
    for cell in CHAPTERS[name]:
        if cell["cell_type"] == "code" and "hide-input" not in cell["metadata"].get("tags", []):
            source = "".join(cell["source"])
            assert not (lines := too_clever(source)), f"{name}, lines {lines} of:\n{source[:300]}"
