"""What the theme is told about each page, and the files beside the pages: cover, notebooks to download, sitemap."""

import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx import addnodes
from sphinx.util.nodes import clean_astext

from rnnbook.assignments.source import student_file
from rnnbook.publish.site import crossrefs, exercises, heights, search

THEME = Path(__file__).parent / "theme"
DESCRIPTION_LENGTH = 200
# A chapter's, on the first page: its number and title, below them a sentence.
CARD = re.compile(r"item-card\} \d+ · \[[^\]]+\]\(\.\./(notebooks/\w+)\.ipynb\)\n(.+)")


def _note_minutes(app, doctree):
    """Keep how long a chapter says that it takes to read."""
    if match := re.search(r"Time:\s+(\d+) minutes", doctree.astext()):
        app.env.metadata[app.env.docname]["minutes"] = int(match[1])


def describe(doctree):
    """What search engines and link previews say of a page: its `html_meta` description, else its first sentences."""
    for meta in doctree.findall(nodes.meta):
        if meta.get("name") == "description":
            return meta["content"]
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            text = re.sub(r"\s+", " ", search.words(paragraph)).strip()
            if not text.endswith((".", "!", "?")) or len(text) < 40 or text.startswith("Time:"):
                continue
            if len(text) <= DESCRIPTION_LENGTH:
                return text
            cut = text[:DESCRIPTION_LENGTH]
            return cut[: cut.rfind(". ") + 1] or cut[: cut.rfind(" ")] + " …"
    return ""


def cards(app):
    """{chapter: the sentence on its card} of the first page, where it has cards."""
    return dict(CARD.findall(Path(app.env.doc2path(app.config.root_doc)).read_text(encoding="utf-8")))


def _sections(app, pagename):
    """The sections of a page as a list of links, without the page itself."""
    from sphinx.environment.adapters.toctree import document_toc

    lists = list(document_toc(app.env, pagename, app.tags).findall(nodes.bullet_list))
    return app.builder.render_partial(lists[1])["fragment"] if len(lists) > 1 else ""


def _contents(app, pagename):
    """The parts of the book: their captions, and of their pages number, title, minutes of reading, address and whether it is this one."""
    parts = []
    for part in app.env.get_doctree(app.config.root_doc).findall(addnodes.toctree):
        pages = [_entry(app, pagename, name) for name in part["includefiles"]]
        parts.append({"caption": part.get("caption"), "pages": pages})
    return parts


def _entry(app, pagename, name):
    """A page in the contents; those below it, by their short names, where the reader is on it or on one of them."""
    below = app.env.toctree_includes.get(name, []) if name != app.config.root_doc else []
    inside = pagename in below
    return {
        "number": (app.env.toc_secnumbers.get(name, {}).get("") or ("",))[0],
        "title": clean_astext(app.env.titles[name]),
        "minutes": app.env.metadata[name].get("minutes"),
        "href": app.builder.get_relative_uri(pagename, name),
        "current": name == pagename,
        "inside": inside,
        "below": [
            {
                "title": app.env.metadata[other].get("short", clean_astext(app.env.titles[other])),
                "href": app.builder.get_relative_uri(pagename, other),
                "current": other == pagename,
            }
            for other in (below if inside or name == pagename else [])
        ],
    }


def _notebook_of(app, pagename):
    """The notebook that a page offers, as a path in the repository: a chapter's own, an exercise's for students; else None."""
    source = Path(app.env.doc2path(pagename, base=False))
    if source.suffix != ".ipynb":
        source = Path("exercises") / student_file(source.stem) if pagename.startswith("book/exercises/") else None
    return source if source and (Path(app.srcdir) / source).is_file() else None


def _launch(app, pagename):
    """Where a page's notebook can be had: beside the page always, on Colab and GitHub when the book has a repository."""
    notebook = _notebook_of(app, pagename)
    if notebook is None:
        return None
    # A name of its own: a chapter and its assignment would overwrite each other among a reader's downloads.
    name = f"chapter_{notebook.name}" if notebook.parent.name == "notebooks" else notebook.name
    links = [{"text": "Download notebook", "href": notebook.name, "download": name}]
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
    if pagename.startswith("notebooks/") and "book/playground" in app.env.all_docs:
        links.append({"text": "Open in the playground", "href": _playground(app, pagename)})
    return links


def _playground(app, pagename):
    """The address of the playground with a chapter's own networks."""
    from rnnbook.widgets import playground

    settings = playground.CHAPTERS.get(Path(pagename).name)
    return app.builder.get_relative_uri(pagename, "book/playground") + (playground.link(**settings) if settings else "")


def _numbered_title(app, docname):
    number = app.env.toc_secnumbers.get(app.config.root_doc, {}).get(
        f"{docname}/"
    )  # so Sphinx keys the numbers of a joined page
    return (f"{number[0]}. " if number else "") + clean_astext(app.env.titles[docname])


def _repository(app):
    return (app.config.html_theme_options.get("repository_url") or "").rstrip("/")


def _context(app, pagename, template, context, doctree):
    if app.builder.name not in ("html", "singlehtml"):
        return
    body = context.get("body") or ""
    # Extensions put their assets on every page; the theme brings its own, and sphinx-design's are for pages that use it.
    wanted = {"book.css"} | ({"sphinx-design.min.css"} if 'class="sd-' in body else set())
    context["course_version"] = version("rnnbook")
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
        "published": (app.config.html_baseurl or "").rstrip("/"),
        "author": app.config.author,
    }
    if context["printed"]:
        context["printed_contents"] = [
            (part.get("caption"), [(name, _numbered_title(app, name)) for name in part["includefiles"]])
            for part in app.env.get_doctree(root).findall(addnodes.toctree)
        ]
    else:
        context["book_contents"] = _contents(app, pagename)
    if doctree is not None:
        context["description"] = (
            cards(app).get(pagename)
            or describe(doctree)
            or f"{clean_astext(app.env.titles[pagename])}: a page of the course {app.config.html_title}."
        )
    if pagename in app.env.all_docs and not context["printed"]:
        context |= {
            "sections": _sections(app, pagename),
            "eyebrow": next(
                (
                    part["caption"]
                    for part in context["book_contents"]
                    if any(page["current"] or page["inside"] for page in part["pages"])
                ),
                "",
            ),
            "previews": crossrefs.previews(app, pagename),
            "launch": _launch(app, pagename),
            "chapter": pagename.startswith("notebooks/"),
            "short": app.env.metadata[pagename].get("short", ""),
        }
    if pagename == "404" and app.config.html_baseurl:
        context["base_path"] = urlsplit(app.config.html_baseurl).path.rstrip("/") + "/"


def _cover(app):
    """What the first page tells: how much there is, how long it takes, and one widget, alive."""
    from rnnbook.widgets import ReviewReader

    pages = [page for part in _contents(app, "index") for page in part["pages"]]
    minutes = sum(page["minutes"] or 0 for page in pages)
    chapters = [page for page in pages if page["href"].startswith("notebooks/")]
    return {
        "title": app.config.html_title,
        "description": describe(app.env.get_doctree(app.config.root_doc)),
        "chapter_count": len(chapters),
        "assignment_count": sum(page["href"].startswith("book/exercises/") for page in pages),
        "reading_time": f"about {round(minutes / 60)} hours" if minutes >= 90 else f"{minutes} minutes",
        "first_chapter": chapters[0]["href"] if chapters else "",
        "widget": heights.Room("index").keep(ReviewReader().html()),
    }


def _pages(app):
    if app.builder.name != "html":
        return
    yield "index", _cover(app), "cover.html"
    yield "search", {}, "search.html"
    yield "404", {}, "404.html"


def _revision(folder):
    """The commit that a book is built from, so that a notebook downloaded from it installs what it was made with; else main."""
    try:
        done = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True)
    except OSError:  # there is no Git
        return "main"
    return done.stdout.strip() or "main"


def at_home(text, base):
    """The text of a notebook with its links to other files of the course made links into the book at `base`, where they lead somewhere."""
    text = re.sub(r"\]\(\.\./book/([\w/]+)\.md(?=[#)])", rf"]({base}/book/\1.html", text)
    text = exercises.LINK.sub(rf"]({base}/book/exercises/\1.html)", text)
    return re.sub(r"\]\((\d\d_\w+)\.ipynb(?=[#)])", rf"]({base}/notebooks/\1.html", text)


def write_assets(folder):
    """Write the script of each asset of each widget, where it has been made: what a page loads when its reader asks for it."""
    from rnnbook import widgets
    from rnnbook.networks import weights
    from rnnbook.widgets.live import asset_script

    from . import minify

    folder.mkdir(parents=True, exist_ok=True)
    offered = {
        name: widget for widget in (getattr(widgets, name) for name in widgets.__all__) for name in widget.assets()
    }
    for name, widget in offered.items():
        try:
            content = widget.asset(name)
        except weights.WeightsError:  # not exported yet
            continue
        content = minify.script(content) if isinstance(content, str) else content
        (folder / f"{name}.js").write_text(asset_script(name, content), encoding="utf-8")


def _finish(app, exception):
    if exception or app.builder.name != "html":
        return
    from . import minify

    output = Path(app.outdir)
    revision = _revision(app.srcdir) if _repository(app) else "main"
    base = app.config.html_baseurl.rstrip("/")
    for docname in sorted(app.env.found_docs):
        if notebook := _notebook_of(app, docname):
            text = (Path(app.srcdir) / notebook).read_text(encoding="utf-8")
            text = text.replace(r"REVISION = \"main\"", rf"REVISION = \"{revision}\"")
            text = at_home(text, base) if base else text
            (output / Path(docname).with_name(notebook.name)).write_text(text, encoding="utf-8", newline="\n")
    write_assets(output / "_static" / "rnnbook-weights")
    sheet = output / "_static" / "book.css"
    sheet.write_text(minify.stylesheet(sheet.read_text(encoding="utf-8")), encoding="utf-8")
    for own in (output / "_static" / name for name in ("book.js", "search.js")):
        own.write_text(minify.script(own.read_text(encoding="utf-8")), encoding="utf-8")
    design = output / "_static" / "sphinx-design.min.css"
    if design.is_file():
        found = (re.findall(r"\bsd-[\w-]+", page.read_text(encoding="utf-8")) for page in output.rglob("*.html"))
        design.write_text(minify.only(design.read_text(encoding="utf-8"), set().union(*found)), encoding="utf-8")
    (output / "sitemap.xml").unlink(missing_ok=True)  # of an address that the book had before
    if base:
        addresses = "".join(
            f"<url><loc>{escape(f'{base}/{name}.html')}</loc></url>\n"
            for name in ["index", *sorted(app.env.found_docs)]
        )
        (output / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            f"{addresses}</urlset>\n",
            encoding="utf-8",
        )


def _outdated(app, env, added, changed, removed):
    """Sphinx does not look at what it was built with: newer code of the site means all pages anew, newer styles and scripts one."""
    index = Path(app.outdir) / "index.html"
    if not index.is_file():
        return []
    newer = lambda files: any(file.stat().st_mtime > index.stat().st_mtime for file in files)
    if newer([*THEME.parent.glob("*.py"), heights.FILE]):
        return sorted(env.found_docs)
    return [app.config.root_doc] if newer(f for f in THEME.rglob("*") if f.is_file()) else []


def _prepare_printing(app):
    # sphinx-exercise registers its nodes for "singlehtml" by name, which hides every other extension's "html" ones.
    handlers = app.registry.translation_handlers
    if app.builder.name == "singlehtml":
        app.config.html_permalinks = False
    handlers["singlehtml"] = {**handlers.get("html", {}), **handlers.get("singlehtml", {})}


def setup(app):
    app.add_html_theme("rnnbook", str(THEME))
    app.add_js_file("book.js", loading_method="defer")
    app.connect("doctree-read", _note_minutes)
    app.connect("env-get-outdated", _outdated)
    app.connect("builder-inited", _prepare_printing)
    app.connect("html-collect-pages", _pages)
    app.connect("html-page-context", _context, priority=990)
    app.connect("build-finished", _finish)
