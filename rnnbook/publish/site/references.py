"""The bibliography: its entries in previews, search and links, and as a page that can be read where no book is built.

`[Elman, 1990](references.md#elman1990finding)` leads to one entry from any page or notebook. On GitHub and in JupyterLab the page is
Markdown, so it holds every entry as text between two marks; the book puts its own list there. `python -m rnnbook.publish.site.references`
renews that text from `references.bib`.
"""

import functools
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

BOOK = Path(__file__).resolve().parents[3] / "book"
BEGIN = "<!-- The entries are made from references.bib: python -m rnnbook.publish.site.references -->\n"
END = "<!-- end of the entries -->\n"
LIST = re.compile(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", re.S)
ADDRESSES = re.compile(r"( (URL: |doi:|arXiv:)\S+)+$")


class Source(NamedTuple):
    """What is shown of an entry outside its page."""

    who: str  # 'Hochreiter and Schmidhuber'
    others: str  # the authors whom `who` leaves out, 'Huang, Dan'
    year: str
    title: str
    text: str  # the whole entry without its addresses


def sources(env):
    """{(page, anchor): `Source`} of every entry that the book lists."""
    if "cite" not in env.domains:
        return {}
    from pybtex.plugin import find_plugin

    domain, plain = env.get_domain("cite"), find_plugin("pybtex.backends", "plaintext")()
    found = {}
    for citation in domain.citations:
        entry = domain.bibdata.data.entries[citation.key]
        text = ADDRESSES.sub("", citation.formatted_entry.text.render(plain))
        who, others = _authors(entry)
        told = Source(who, others, entry.fields["year"], _words(entry.fields["title"]), text)
        found[citation.bibliography_key.docname, citation.citation_id] = told
    return found


@functools.cache  # every page asks for all entries
def _words(tex):
    from pybtex.richtext import Text

    return str(Text.from_latex(tex))


def _authors(entry):
    """The authors as a text cites them, and the rest of their family names."""
    names = [_words(" ".join(person.prelast_names + person.last_names)) for person in entry.persons["author"]]
    if len(names) <= 2 and names[-1] != "others":
        return " and ".join(names), ""
    return f"{names[0]} et al.", ", ".join(name for name in names[1:] if name != "others")


def _name_style():
    """Make pybtex's plain style known as `rnnbook`, in the order of bare letters: Schäfer before Schmidhuber."""
    from pybtex.plugin import register_plugin
    from pybtex.style.formatting.plain import Style
    from pybtex.style.sorting.author_year_title import SortingStyle

    class Alphabetical(SortingStyle):
        def person_key(self, person):
            letters = unicodedata.normalize("NFKD", _words(super().person_key(person)))
            return "".join(letter for letter in letters if ord(letter) < 128)

    class Plain(Style):
        default_sorting_style = "rnnbook"

    register_plugin("pybtex.style.sorting", "rnnbook", Alphabetical)
    register_plugin("pybtex.style.formatting", "rnnbook", Plain)


def listed(bib):
    """The entries of a BibTeX file as a Markdown list, each with its key as its anchor."""
    from pybtex.database import parse_string
    from pybtex.plugin import find_plugin

    _name_style()
    entries = parse_string(bib, "bibtex").entries.values()
    style, markdown = find_plugin("pybtex.style.formatting", "rnnbook")(), find_plugin("pybtex.backends", "markdown")()
    lines = []
    for entry in style.format_entries(entries):
        text = re.sub(r"\\([.()-])", r"\1", entry.text.render(markdown)).replace("\n", " ")
        lines.append(f'- <a id="{entry.key}"></a>{text}\n')
    return "".join(lines)


def renew(page=BOOK / "references.md", bib=BOOK / "references.bib"):
    """Write the entries of `bib` between the marks of `page`; whether that changed the page."""
    before = page.read_text(encoding="utf-8")
    after = LIST.sub(lambda old: listed(bib.read_text(encoding="utf-8")), before)
    page.write_text(after, encoding="utf-8", newline="\n")
    return after != before


def _read(app, docname, source):
    source[0] = LIST.sub("\n```{bibliography}\n:all:\n```\n\n", source[0])


def offer_entries(app, env):
    """Tell MyST, which knows headings alone, the ids of the entries as anchors of their page."""
    if "cite" not in env.domains:
        return
    for citation in env.get_domain("cite").citations:
        page = env.metadata[citation.bibliography_key.docname]
        # MyST stores (line, id, title) for each heading.
        page.setdefault("myst_slugs", {})[citation.citation_id] = (0, citation.citation_id, citation.key)


def setup(app):
    """Called by `rnnbook.publish.sphinx`. With `-W`, a link to an entry that does not exist stops the build."""
    _name_style()
    app.connect("source-read", _read)
    app.connect("env-updated", offer_entries, priority=900)  # once the bibliography has numbered its entries


if __name__ == "__main__":
    print("The page of references was renewed." if renew() else "The page of references holds every entry already.")
