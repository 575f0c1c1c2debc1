"""The little that the book needs beyond Jupyter Book: a light theme, mathematics rendered while building, exercises, a status page."""

import os

from rnnbook.publish.site import (
    claims,
    closer,
    crossrefs,
    exercises,
    heights,
    highlight,
    live_widget,
    mathml,
    mends,
    notebooks,
    pages,
    pieces,
    printed,
    python_chapters,
    python_page,
    references,
    search,
    status,
    tables,
)


def setup(app):
    """Called by Sphinx. `RNNBOOK_STUDENT=1` in the environment builds the edition without solutions."""
    app.add_config_value("student_edition", os.environ.get("RNNBOOK_STUDENT") == "1", "env", [bool])
    app.add_config_value(
        "comments_config", {}, ""
    )  # Jupyter Book always sets it, for an extension this book does not load
    for part in (
        mathml,
        python_chapters,
        python_page,
        exercises,
        heights,
        highlight,
        live_widget,
        notebooks,
        crossrefs,
        tables,
        mends,
        closer,
        printed,
        pieces,
        status,
        pages,
        references,
        search,
        claims,
    ):
        part.setup(app)
    return {"version": "1", "env_version": 2, "parallel_read_safe": True, "parallel_write_safe": False}
