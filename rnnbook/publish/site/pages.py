"""What the theme is told about each page, and the files beside the pages: cover, notebooks to download, sitemap."""
# docutils does not tell which kind of node it finds.
# pyright: reportAttributeAccessIssue=false, reportIndexIssue=false

import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import clean_astext

from rnnbook.publish.site import printed

THEME = Path(__file__).parent / "theme"
DESCRIPTION_LENGTH = 200


class details(nodes.General, nodes.Element):
    """An admonition that opens and closes without a script."""


class summary(nodes.General, nodes.TextElement):
    """The line of `details` that always shows."""


class FoldDropdowns(SphinxPostTransform):
    """Admonitions of class `dropdown` become `<details>`, and ids stay unique."""

    default_priority = 950  # after sphinx-exercise has resolved the titles of its own
    formats = ("html",)

    def run(self, **kwargs):
        for node in list(
            self.document.findall(lambda n: isinstance(n, nodes.Admonition) and "dropdown" in n.get("classes", []))
        ):
            children = list(node.children)
            label = node.tagname.removesuffix("_node").capitalize()
            # Plain text: a link inside the line that opens and closes could not be told from the line itself.
            title = children.pop(0).astext() if isinstance(children[0], nodes.title) else label
            kind = [] if node.tagname == "admonition" else [node.tagname.removesuffix("_node")]
            folded = details(
                "",
                summary("", title),
                *children,
                ids=node["ids"],
                classes=[*dict.fromkeys(["admonition", *kind, *node["classes"]])],
            )
            node.replace_self(folded)
        # sphinx-exercise gives the same id to the content of every exercise.
        for section in self.document.findall(nodes.section):
            section["ids"] = [i for i in section["ids"] if i not in ("exercise-content", "solution-content")]


def _tag(name):
    def visit(translator, node):
        translator.body.append(translator.starttag(node, name))

    def depart(translator, node):
        translator.body.append(f"</{name}>\n")

    return visit, depart


def describe(doctree):
    """What search engines and link previews say of a page: its `html_meta` description, else its first sentences."""
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            return meta["content"]
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            text = re.sub(r"\s+", " ", clean_astext(paragraph)).strip()
            if len(text) <= DESCRIPTION_LENGTH:
                return text
            cut = text[:DESCRIPTION_LENGTH]
            return cut[: cut.rfind(". ") + 1] or cut[: cut.rfind(" ")] + " …"
    return ""


def _sections(app, pagename):
    """The sections of a page as a list of links, without the page itself."""
    from sphinx.environment.adapters.toctree import document_toc

    lists = list(document_toc(app.env, pagename, app.tags).findall(nodes.bullet_list))
    return app.builder.render_partial(lists[1])["fragment"] if len(lists) > 1 else ""


def _contents(toctree):
    """The parts of the book as (caption, list of its pages), the page itself marked for screen readers."""
    html = toctree(maxdepth=1, collapse=False, includehidden=True, titles_only=True) or ""
    html = html.replace('<a class="current reference internal"', '<a aria-current="page" class="reference internal"')
    return re.findall(r'<span class="caption-text">(.*?)</span></p>\s*(<ul.*?</ul>)', html, re.S)


def _notebook_of(app, pagename):
    """The notebook that a page offers, as a path in the repository: a chapter's own, an exercise's for students; else None."""
    source = Path(app.env.doc2path(pagename, base=False))
    if source.suffix != ".ipynb":
        source = Path("exercises") / f"{source.stem}.ipynb" if pagename.startswith("book/exercises/") else None
    return source if source and (Path(app.srcdir) / source).is_file() else None


def _launch(app, pagename):
    """Where a page's notebook can be had: beside the page always, on Colab and GitHub when the book has a repository."""
    notebook = _notebook_of(app, pagename)
    if notebook is None:
        return None
    links = [{"text": "Download notebook", "href": notebook.name, "download": True}]
    if repository := _repository(app):
        owner_and_name = urlsplit(repository).path.strip("/")
        place = f"{app.config.html_theme_options.get('repository_branch') or 'main'}/{notebook.as_posix()}"
        links.insert(
            0,
            {
                "text": "Open in Colab",
                "href": f"https://colab.research.google.com/github/{owner_and_name}/blob/{place}",
            },
        )
        links.append({"text": "Source", "href": f"{repository}/blob/{place}"})
    return links


def _numbered_title(app, docname):
    number = app.env.toc_secnumbers.get(app.config.root_doc, {}).get(
        f"{docname}/"
    )  # so Sphinx keys the numbers of a joined page
    return (f"{number[0]}. " if number else "") + clean_astext(app.env.titles[docname])


def _repository(app):
    return (app.config.html_theme_options.get("repository_url") or "").rstrip("/")


def _spoken_header(cell):
    """A header cell that holds nothing but a formula gets its letters as hidden text: axe, and some readers, hear no MathML there."""
    html = cell[0]
    if "<math" not in html or re.sub(r"<math.*?</math>|<[^>]+>|\s", "", html, flags=re.S):
        return html
    spoken = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    return re.sub(r"<math\b", f'<span class="hidden">{spoken}</span><math aria-hidden="true"', html, count=1)


def mend(body):
    """The text of a page without what makes it heavy or hard to hear: what each extension writes on its own is repaired here.

    Widgets on one page share their scripts, wide tables scroll by themselves, and no line ends or begins with a formula's bracket or comma.
    pandas and Markdown leave header cells empty, and docutils gives bibliographies roles that ARIA has withdrawn; screen readers stumble
    over both.
    """
    from rnnbook.widgets.live import share_scripts

    body = share_scripts(body)
    body = re.sub(r"<th([^>]*)>\s*(?:<p>\s*</p>)?\s*</th>", r"<td\1></td>", body)
    body = re.sub(r"<th\b[^>]*>.*?</th>", _spoken_header, body, flags=re.S)
    body = re.sub(r'<table class="[^"]*docutils.*?</table>', r'<div class="table-scroll">\g<0></div>', body, flags=re.S)
    formula = r"<math\b[^>]*>(?:(?!</math>).)*</math>"
    body = re.sub(
        rf"\({formula}[,.;:!?)]*|{formula}[,.;:!?)]+", r'<span class="unbroken">\g<0></span>', body, flags=re.S
    )
    return re.sub(r'(<div[^>]*?) role="(?:list|doc-biblioentry)"((?: class="citation-list")?>)', r"\1\2", body)


def _context(app, pagename, template, context, doctree):
    if app.builder.name not in ("html", "singlehtml"):
        return
    body = mend(context.get("body") or "")
    if app.builder.name == "singlehtml":
        body = printed.quizzes(body)
    context["body"] = body
    # Extensions put their assets on every page; the theme brings its own, and sphinx-design's are for pages that use it.
    wanted = {"book.css"} | ({"sphinx-design.min.css"} if 'class="sd-' in body else set())
    context["css_files"] = [css for css in context["css_files"] if Path(css.filename).name in wanted]
    context["script_files"] = [
        js for js in context["script_files"] if js.filename and Path(js.filename).name == "book.js"
    ]
    root = app.config.root_doc
    context |= {
        "printed": app.builder.name == "singlehtml",
        "docstitle": app.config.html_title,
        "root_title": clean_astext(app.env.titles[root]),
        "repository": _repository(app),
    }
    if context["printed"]:
        context["author"] = app.config.author
        context["printed_contents"] = [
            (part.get("caption"), [(name, _numbered_title(app, name)) for name in part["includefiles"]])
            for part in app.env.get_doctree(root).findall(addnodes.toctree)
        ]
    else:
        context["book_contents"] = _contents(context["toctree"])
    if doctree is not None:
        context["description"] = (
            describe(doctree)
            or f"{clean_astext(app.env.titles[pagename])}: a page of the course {app.config.html_title}."
        )
    if pagename in app.env.all_docs and not context["printed"]:
        context |= {
            "sections": _sections(app, pagename),
            "eyebrow": next((caption for caption, pages in context["book_contents"] if "aria-current" in pages), ""),
            "launch": _launch(app, pagename),
            "chapter": pagename.startswith("notebooks/"),
        }
    if pagename == "404" and app.config.html_baseurl:
        context["base_path"] = urlsplit(app.config.html_baseurl).path.rstrip("/") + "/"


def _pages(app):
    if app.builder.name != "html":
        return
    description = describe(app.env.get_doctree(app.config.root_doc))
    yield "index", {"title": app.config.html_title, "description": description}, "cover.html"
    yield "404", {}, "404.html"


def _finish(app, exception):
    if exception or app.builder.name != "html":
        return
    from rnnbook.networks import weights
    from rnnbook.widgets.live import asset_script

    output = Path(app.outdir)
    for docname in sorted(app.env.found_docs):
        if notebook := _notebook_of(app, docname):
            shutil.copyfile(Path(app.srcdir) / notebook, output / f"{docname}.ipynb")
    trained = output / "_static" / "rnnbook-weights"
    trained.mkdir(parents=True, exist_ok=True)
    for name in (*weights.ARCHITECTURES, "words"):
        try:
            content = weights.content(name)
        except weights.WeightsError:
            continue
        (trained / f"{name}.js").write_text(asset_script(name, content), encoding="utf-8")
    if base := app.config.html_baseurl.rstrip("/"):
        addresses = "".join(
            f"<url><loc>{escape(f'{base}/{name}.html')}</loc></url>\n"
            for name in ["index", *sorted(app.env.found_docs)]
        )
        (output / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            f"{addresses}</urlset>\n",
            encoding="utf-8",
        )


def _prepare_printing(app):
    # sphinx-exercise registers its nodes for "singlehtml" by name, which hides every other extension's "html" ones.
    handlers = app.registry.translation_handlers
    if app.builder.name == "singlehtml":
        app.config.html_permalinks = False
    handlers["singlehtml"] = {**handlers.get("html", {}), **handlers.get("singlehtml", {})}


def setup(app):
    app.add_html_theme("rnnbook", str(THEME))
    app.add_js_file("book.js", loading_method="defer")
    app.add_node(details, html=_tag("details"))
    app.add_node(summary, html=_tag("summary"))
    app.add_post_transform(FoldDropdowns)
    app.connect("builder-inited", _prepare_printing)
    app.connect("html-collect-pages", _pages)
    app.connect("html-page-context", _context, priority=990)
    app.connect("build-finished", _finish)
