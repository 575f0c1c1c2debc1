"""What the pages of the book are made of: theme, mathematics, exercises, status. `rnnbook.publish.sphinx` plugs it into Sphinx."""
