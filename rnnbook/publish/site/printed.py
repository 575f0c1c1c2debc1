"""What paper needs in another form: widgets that have one for it, and the way from the picture of the others to the live one."""

import json
from html import escape
from html.parser import HTMLParser

import segno
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from rnnbook import widgets


class _Twin(HTMLParser):
    """The name of the widget that some HTML holds and its settings, `.name` and `.settings`; "" and {} in all other HTML."""

    def __init__(self, html):
        super().__init__()
        self.name, self.settings, self.inside = "", {}, False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        self.name = self.name or names.get("data-widget", "")
        self.inside = "data-rnnbook-state" in names

    def handle_data(self, text):
        if self.inside:
            self.settings, self.inside = json.loads(text)["state"], False


def on_paper(html):
    """The nodes that a widget has for paper in place of its HTML; [] where it has none, or the HTML is no widget's."""
    twin = _Twin(html)
    made = getattr(widgets, twin.name, None)
    return made.on_paper(twin.settings) if made else []


class PrintWidgets(SphinxPostTransform):
    """In the printed edition a widget takes the form that it has for paper; else, in a published book, its picture tells where it is alive, in words and for a camera."""

    default_priority = 100
    builders = ("singlehtml",)

    def run(self, **kwargs):
        base = self.config.html_baseurl.rstrip("/")
        for raw in list(self.document.findall(nodes.raw)):
            if raw.get("format") != "html" or "data-widget=" not in raw.astext():
                continue
            if better := on_paper(raw.astext()):
                raw.replace_self(better)
            elif base:
                page, section = place(raw)
                after = nodes.raw("", alive(f"{base}/{page}.html{section}"), format="html")
                raw.parent.insert(raw.parent.index(raw) + 1, after)


def place(node):
    """The page that a node stands on and its section there, as `#id`; "" where it has none."""
    section, page = "", ""
    while node := node.parent:
        if isinstance(node, nodes.section):
            page = node.get("docname", page)  # which Sphinx notes where it joins the pages
            if not section and isinstance(node.parent, nodes.section):
                section = f"#{node['ids'][0]}"
    return page, section


def alive(address):
    """HTML that leads from paper to the live figure at `address`."""
    code = segno.make(address, error="m", micro=False).svg_inline(scale=2, border=2)
    address = escape(address)
    return f'<p class="alive">{code}<span>This figure is alive at <a href="{address}">{address}</a></span></p>'


def setup(app):
    app.add_post_transform(PrintWidgets)
