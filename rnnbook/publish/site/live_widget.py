"""A live widget on a page that is no notebook: ``{live-widget} Playground`` with its settings as JSON below."""

import json
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class LiveWidget(SphinxDirective):
    """The static twin of the widget that the argument names."""

    required_arguments = 1
    has_content = True

    def run(self):
        from rnnbook import widgets

        for file in Path(widgets.__file__).parent.rglob("*"):
            if file.suffix in (".js", ".py"):  # where one of these changes, the page is made anew
                self.env.note_dependency(str(file))
        settings = json.loads("\n".join(self.content) or "{}")
        return [nodes.raw("", getattr(widgets, self.arguments[0])(**settings).html(), format="html")]


def setup(app):
    app.add_directive("live-widget", LiveWidget)
