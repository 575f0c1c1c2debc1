"""How the notebooks become a book: execute, build, link, print, configure, and the Sphinx extension with its theme."""
