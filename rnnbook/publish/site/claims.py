"""Under a paragraph with a claim: what it rests on, run by run, to unfold. Plain HTML, no script."""

import functools
import re
from html import escape

from docutils import nodes

SPAN = re.compile(r'<span data-claim="([^"]+)">')
WIDTH, LEFT, ROW = 400, 80, 34  # of the picture, in its own units


def unfolding(body, decisions, laboratory):
    """The body of a page with what its claims rest on behind each paragraph that holds one. laboratory: where its pages are."""
    parts, at = [], 0
    for paragraph in re.finditer(r"<p\b[^>]*>.*?</p>", body, re.S):
        names = [name for name in SPAN.findall(paragraph[0]) if name in decisions and not decisions[name].error]
        parts += [body[at : paragraph.end()], *(_details(decisions[name], laboratory) for name in names)]
        at = paragraph.end()
    return "".join([*parts, body[at:]])


def _details(decision, laboratory):
    claim = decision.claim
    corrected = f", {decision.p_holm:.2g} corrected for the claims of “{escape(claim.family)}”" if claim.family else ""
    made_on = " and ".join(decision.processors)
    mixed = " (one machine would be better)" if len(decision.processors) > 1 else ""
    return (
        f'<details class="evidence"><summary>What this rests on: {escape(claim.about)}</summary>\n'
        f"{_picture(decision)}"
        f"<p>{escape(decision.evidence.strip('()'))}. {escape(decision.test)} test: p = {decision.p:.2g}{corrected}. "
        f"{f'Recorded on: {escape(made_on)}{mixed}. ' if made_on else ''}"
        f'<a href="{laboratory}/{claim.study}.html#claim-{claim.id}">The study, and how to repeat it</a>.</p></details>\n'
    )


def _picture(decision):
    """A row of dots for each side, one a run, with its mean; the differences where values are paired."""
    from rnnbook.laboratory.claims.entry import UNITS

    if not decision.values:
        return ""
    unit = UNITS[decision.claim.unit]
    if decision.claim.pair:
        rows, line = [("difference", decision.values[0])], 0.0
    elif len(decision.values) == 1:
        rows, line = [("first", decision.values[0])], decision.means[1]
    else:
        rows, line = list(zip(("first", "against"), decision.values, strict=True)), None
    every = [x for _, values in rows for x in values] + ([] if line is None else [line])
    least, most = min(every), max(every)
    spread = (most - least) or 1.0

    def place(x):
        return LEFT + 10 + (WIDTH - LEFT - 20) * (x - least) / spread

    def told(x):
        return f"{x * unit.scale:.{unit.digits}f}".replace("-", "\N{MINUS SIGN}")

    height = ROW * len(rows) + 26
    words = "; ".join(f"{name}: {', '.join(told(x) for x in values)}" for name, values in rows)
    drawn = [f'<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{height - 20}" y2="{height - 20}"/>']
    drawn += [
        f'<text x="{place(x):.1f}" y="{height - 4}" text-anchor="{anchor}">{told(x)}</text>'
        for x, anchor in ((least, "start"), (most, "end"))
    ]
    if line is not None:
        drawn.append(f'<line class="axis" x1="{place(line):.1f}" x2="{place(line):.1f}" y1="4" y2="{height - 20}"/>')
    for k, (name, values) in enumerate(rows):
        y, mean = ROW * k + 18, sum(values) / len(values)
        drawn.append(f'<text x="0" y="{y + 5}">{name}</text>')
        drawn += [f'<circle cx="{place(x):.1f}" cy="{y}" r="5"/>' for x in values]
        drawn.append(f'<line class="mean" x1="{place(mean):.1f}" x2="{place(mean):.1f}" y1="{y - 11}" y2="{y + 11}"/>')
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}" aria-label="Every run as a dot. {escape(words)}">'
        f"{''.join(drawn)}</svg>\n"
    )


@functools.cache
def _decisions():
    from rnnbook.laboratory import claims

    return claims.decide()


def _context(app, pagename, template, context, doctree):
    if app.builder.name == "html" and "data-claim=" in (context.get("body") or ""):
        laboratory = context["pathto"]("book/laboratory").removesuffix(".html")
        context["body"] = unfolding(context["body"], _decisions(), laboratory)


def _mark(app, doctree):
    """Where a claim is said, in a lesson rather than on another page, is a place that its study's page links to: ``said-ID``."""
    labels, here = app.env.get_domain("std").anonlabels, app.env.docname
    for raw in list(doctree.findall(nodes.raw)):
        for label in (f"said-{name}" for name in SPAN.findall(raw.astext())):
            if min(_rank(here), _rank(labels.get(label, (here,))[0])) == _rank(here):
                raw.parent.insert(raw.parent.index(raw), nodes.target(ids=[label]))
                labels[label] = here, label


def _rank(docname):
    return not docname.startswith("notebooks/"), docname


def setup(app):
    app.connect("doctree-read", _mark)
    app.connect("html-page-context", _context, priority=600)
