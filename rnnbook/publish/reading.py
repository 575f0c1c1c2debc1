"""How long a chapter takes to work through, by one stated rule.

The rule adds up what a reader meets: words of prose at the pace of a text to be understood, and a time for each displayed
equation, line of visible code, picture or table, question and widget. It treats all chapters alike. The pace was chosen so
that the first version of chapter 1 comes to an hour: a referee, the only outside reader so far, judged 75 to 90 minutes
for it with all of its folded code, which the rule leaves out. Running the cells and the exercises are left out as well.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

from ..errors import CourseError

WORDS_A_MINUTE = 80  # a text to learn from, with formulas in its lines, for many in a foreign language
SECONDS = {"equations": 60, "lines": 6, "pictures": 40, "questions": 45, "widgets": 300}
ROUND_TO = 5  # minutes
STATED = re.compile(r"\*\*Time:\*\* (\d+) minutes( to read(?: and touch)?)(?:, (\d+) with the closer looks)?")
CLOSER = "Closer look: "  # how the heading of a section begins that the book folds away
HEADING = re.compile(r"(#{1,6}) +(.*)")
PICTURE = "application/vnd.rnnbook.figure+html"
# A "<" of a formula or of code opens no tag: these come first, and stay.
TAG = re.compile(r"(?<!\\)(?P<kept>\$[^$\n]+\$|`[^`\n]+`)|</?[a-zA-Z][^<>]*>|<!--.*?-->", re.S)


class Counts(NamedTuple):
    """What a chapter holds: words of prose, displayed equations, lines of visible code, and so on."""

    words: int
    equations: int
    lines: int
    pictures: int
    questions: int
    widgets: int

    @property
    def exact_minutes(self):
        """Minutes by the rule."""
        return self.words / WORDS_A_MINUTE + sum(getattr(self, name) * each for name, each in SECONDS.items()) / 60

    @property
    def minutes(self):
        """Minutes by the rule, rounded to five."""
        return ROUND_TO * round(self.exact_minutes / ROUND_TO)


def chapters(root="."):
    """{file name: its cells} of all chapters below `root`, in order."""
    paths = sorted(Path(root).glob("notebooks/*.ipynb"))
    return {path.name: json.loads(path.read_text("utf-8"))["cells"] for path in paths}


def here():
    """The notebooks below the current folder, in order. Raises CourseError where there are none."""
    if paths := sorted(Path("notebooks").glob("*.ipynb")):
        return paths
    raise CourseError("There is no notebooks/ folder here: call this from the root of the repository.")


def text(cells):
    """The Markdown of a chapter, cells apart by a blank line."""
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def without_tags(markdown):
    """Markdown with a space for every HTML tag, its formulas and code as they are."""
    return TAG.sub(lambda found: found["kept"] or " ", markdown)


def prose(markdown):
    """Markdown as it is read: without code blocks, displayed equations, tags and addresses; a formula becomes one word."""
    markdown = without_tags(re.sub(r"```.*?```|\$\$.*?\$\$", " ", markdown, flags=re.S))
    for pattern, put in (
        (r"(?<!\\)\$[^$\n]+\$|`[^`\n]+`", "x"),
        (r"\]\([^)]*\)", ""),
        (r"[\[\]*#>|]|^\s*[-:| ]+$", " "),
    ):
        markdown = re.sub(pattern, put, markdown, flags=re.S | re.M)
    return markdown


def count(cells):
    """`Counts` of the cells of a notebook (dictionaries as in its JSON)."""
    markdown = text(cells)
    lines = pictures = questions = widgets = 0
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        if "hide-input" not in cell["metadata"].get("tags", []):
            lines += sum(bool(line.strip()) for line in source.splitlines())
        quiz = source.count('"question"')
        questions += quiz
        for output in cell["outputs"]:
            data = output.get("data", {})
            html = "".join(data.get("text/html", ""))
            if "data-rnnbook-module" in html and not quiz:
                widgets += 1
            elif PICTURE in data or "<table" in html or "text/markdown" in data:
                pictures += 1
    questions += markdown.count("**What will happen?**")
    return Counts(len(prose(markdown).split()), markdown.count("$$") // 2, lines, pictures, questions, widgets)


def parted(cells):
    """The main path of a chapter, and what its closer looks fold away: cells, and {title: cells}.

    A closer look is a section whose heading begins with `CLOSER`. Its heading and first paragraph belong to the main path;
    it ends at the next heading of its own level or a higher one. A Markdown cell may be divided.
    """
    main, looks = [], {}
    title, level, waiting = None, 0, False  # of the closer look; it waits for its first paragraph
    for cell in cells:
        if cell["cell_type"] != "markdown":
            (looks[title] if title else main).append(cell)
            continue
        in_code = False
        for block in re.split(r"\n\s*\n", "".join(cell["source"])):
            heading = None if in_code else HEADING.match(block)
            in_code ^= block.count("```") % 2 == 1
            if heading and title and len(heading[1]) <= level:
                title = None
            if heading and heading[2].startswith(CLOSER):
                title, level, waiting = heading[2], len(heading[1]), True
                looks[title] = []
            part = main if title is None or waiting else looks[title]
            waiting &= bool(heading) and "\n" not in block.strip()
            part.append({**cell, "source": block})
    return main, looks


def stated(cells):
    """The sentence on time as it should begin: minutes of the main path, and with the closer looks where there are some."""
    main, looks = parted(cells)
    both = f", {count(cells).minutes} with the closer looks" if looks else ""
    return rf"**Time:** {count(main).minutes} minutes\g<2>{both}"


def restate(cells):
    """Put the minutes of a chapter into its sentence '**Time:** … minutes to read', where it has one."""
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and STATED.search(source):
            cell["source"] = STATED.sub(stated(cells), source, count=1)
            return


def add_reading(parser):
    """The arguments of `reading`; returns what runs it."""
    parser.add_argument("--write", action="store_true", help="put the minutes into the chapters")
    return _run


def _run(options):
    paths = here()
    print(f"{'chapter':28}{'  '.join(Counts._fields)}  minutes, main path")
    for path, (name, cells) in zip(paths, chapters().items(), strict=True):
        counts = count(cells)
        sizes = "  ".join(f"{value:>{len(field)}}" for field, value in zip(Counts._fields, counts))
        minutes = f"{counts.minutes:>7}, {count(parted(cells)[0]).minutes:>9}"
        print(f"{name:28}{sizes}  {minutes}")
        if options.write:
            source = path.read_text("utf-8")
            path.write_text(STATED.sub(stated(cells), source, count=1), "utf-8", newline="\n")
