"""Tell the course where it is published: one command writes the repository's address wherever it is needed."""

import re
from pathlib import Path

from ..errors import CourseError

ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESS = re.compile(r"(?:https://github\.com/)?([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/([A-Za-z0-9._-]{1,100})")


def parse(url):
    """(owner, name) of a GitHub repository, by its address or as `owner/name`. Raises `CourseError` with what an address must look like."""
    trimmed = url.strip().rstrip("/").removesuffix(".git")
    match = ADDRESS.fullmatch(trimmed)
    if match is None or set(match[2]) <= {"."}:
        given = f"{url!r} is not the address of a GitHub repository" if url.strip() else "No address was given"
        raise CourseError(f"{given}. Write it like this: make configure REPO=https://github.com/owner/name")
    return match.groups()


def configure(url, root=ROOT):
    """Write the repository's address into the files of the course under `root`, or take it out for "none"; return those that changed.

    That is: launch buttons and address of the published book (`_config.yml`), the set-up cell of every notebook that
    installs the course, the badges of the README, `CITATION.cff` and `pyproject.toml`. Doing it again, or with another address, is fine.
    Raises `CourseError` for a wrong address or a file without the place to write to; then no file is changed.
    """
    places = _places(*_addresses(url), Path(root))
    before = {file: _read(root, file) for file, *_ in places}
    after = dict(before)
    for file, place, text, line_before in places:
        after[file] = _put(file, after[file], place, text, line_before)
    changed = [file for file in after if after[file] != before[file]]
    for file in changed:
        (Path(root) / file).write_text(after[file], encoding="utf-8", newline="\n")
    return changed


def _addresses(url):
    """The address of the repository, that of the book, and the badges of the README; empty for "none"."""
    if url.strip().lower() == "none":
        return "", "", None
    owner, name = parse(url)
    repository = f"https://github.com/{owner}/{name}"
    site = f"https://{owner.lower()}.github.io" + ("" if name.lower() == f"{owner}.github.io".lower() else f"/{name}")
    colab = f"https://colab.research.google.com/github/{owner}/{name}/blob/main/notebooks/01_dynamical_systems.ipynb"
    badges = (
        f"[![Tests]({repository}/actions/workflows/test.yml/badge.svg)]({repository}/actions/workflows/test.yml)\n"
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})\n"
        f"[Read the book]({site}/)\n"
    )
    return repository, site, f"<!-- badges -->\n{badges}<!-- end of badges -->"


def _places(repository, site, badges, root):
    """[file, the place, what stands there afterwards (None: nothing), after which line it goes where the file does not have it yet]."""
    urls = f'[project.urls]\nHomepage = "{site}"\nRepository = "{repository}"\n'
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    # Of the student notebooks, those that need no more than NumPy install nothing.
    notebooks += [
        path
        for path in sorted((root / "exercises").glob("*.ipynb"))
        if "REPOSITORY = " in path.read_text(encoding="utf-8")
    ]
    return [
        ("_config.yml", r"(?<=^repository:\n)  url: .*$", f'  url: "{repository}"', None),
        ("_config.yml", r"^  baseurl: .*$", f'  baseurl: "{site}"', None),
        (
            "CITATION.cff",
            r"^repository-code: .*$",
            repository and f'repository-code: "{repository}"' or None,
            r"^type: .*$",
        ),
        ("CITATION.cff", r"^url: .*$", site and f'url: "{site}"' or None, r"^repository-code: .*$"),
        (
            "pyproject.toml",
            r"^\[project\.urls\]\n(?:\w+ = .*\n)*",
            repository and urls or None,
            r"^dependencies = \[\n(?:  .*\n)*\]\n",
        ),
        ("README.md", r"^<!-- badges -->\n(?:.*\n)*?<!-- end of badges -->$", badges, r"^# .*$"),
        *(
            (path.relative_to(root).as_posix(), r'REPOSITORY = \\"[^"\\]*\\"', rf"REPOSITORY = \"{repository}\"", None)
            for path in notebooks
        ),
    ]


def _put(file, content, place, text, line_before):
    if text is None:  # with the line break that came with it
        return re.sub("\n" + place, "", content, count=1, flags=re.M)
    if match := re.search(place, content, re.M):
        return content[: match.start()] + text + content[match.end() :]
    if line_before and (match := re.search(line_before, content, re.M)):
        return f"{content[: match.end()]}\n{text}{content[match.end() :]}"
    raise CourseError(
        f"{file} has no place for the repository's address (searched for {place}). Take the file from the original course and try again."
    )


def _read(root, file):
    try:
        return (Path(root) / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"{file} is missing in {root}. Run this in a full clone of the course.") from None


def _run(arguments):
    if not Path.cwd().is_relative_to(ROOT):  # the package of one clone may be used in another
        raise CourseError(
            f"You are in {Path.cwd()}, but the course that would be changed is in {ROOT}: go there first."
        )
    changed = configure(arguments.url)
    print(
        f"Wrote the address into {len(changed)} files: {', '.join(changed)}."
        if changed
        else "Nothing to change: the address was already there."
    )


def add_configure(parser):
    """The arguments of `configure`; returns what runs it."""
    parser.add_argument("url", help="https://github.com/owner/name or owner/name; none to take the address out again")
    return _run
