"""What the pages of the book are made of: theme, mathematics, exercises, status. `rnnbook.sphinx_ext` plugs it into Sphinx."""
