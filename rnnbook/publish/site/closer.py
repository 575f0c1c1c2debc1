"""Sections that the main path of a chapter does not need: their question and answer stay, the way there is folded away."""

import json
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from rnnbook.publish import reading

from .mends import details, summary

BUTTON = '<button type="button" class="button closer-all">Open all closer looks</button>'


class FoldCloserLooks(SphinxPostTransform):
    """After its first paragraph, a section called 'Closer look: …' opens and closes without a script; print shows it whole."""

    default_priority = 945
    formats = ("html",)

    def run(self, **kwargs):
        sections = [
            section
            for section in self.document.findall(nodes.section)
            if isinstance(section[0], nodes.title) and section[0].astext().startswith(reading.CLOSER)
        ]
        for section in sections:
            section["classes"].append("closer-look")
        # On paper all chapters are one document, which bears the name of a page that is no notebook.
        if not sections or self.app.builder.name == "singlehtml":
            return
        minutes = _minutes(Path(self.env.doc2path(self.env.docname)))
        for section, long in zip(sections, minutes, strict=True):
            fold(section, long)
        _offer_all(self.document)


def fold(section, minutes):
    """Wrap what follows the first paragraph of a section in `details`."""
    first = next(i for i, child in enumerate(section) if isinstance(child, nodes.paragraph))
    rest = section[first + 1 :]
    line = summary(
        "",
        "",
        nodes.inline("", "Take the closer look", classes=["collapsed"]),
        nodes.inline("", "Fold it away", classes=["expanded"]),
        nodes.Text(f" · {minutes} min"),
    )
    del section[first + 1 :]
    section += details("", line, *rest, classes=["hide", "closer"])


def _minutes(path):
    """How long each closer look of a notebook takes, in their order."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [max(1, round(reading.count(part).exact_minutes)) for part in reading.parted(cells)[1].values()]


def _offer_all(document):
    """Beside the time that a chapter takes: a button that opens all of them, here and in the other chapters."""
    for paragraph in document.findall(nodes.paragraph):
        if paragraph.astext().startswith("Time:"):
            paragraph += [nodes.Text(" "), nodes.raw("", BUTTON, format="html")]
            return


def setup(app):
    app.add_post_transform(FoldCloserLooks)
