"""Links to single entries of the bibliography: `[Elman, 1990](references.md#elman1990finding)` from any page or notebook."""


def setup(app):
    """Called by `rnnbook.publish.sphinx`. With `-W`, a link to an entry that does not exist stops the build."""
    app.connect("env-updated", offer_entries, priority=900)  # once the bibliography has numbered its entries


def offer_entries(app, env):
    """Tell MyST, which knows headings alone, the ids of the entries as anchors of their page."""
    if "cite" not in env.domains:
        return
    for citation in env.get_domain("cite").citations:
        page = env.metadata[citation.bibliography_key.docname]
        # MyST stores (line, id, title) for each heading.
        page.setdefault("myst_slugs", {})[citation.citation_id] = (0, citation.citation_id, citation.key)
