"""The part of Matplotlib that draws curves, in the page; see pyplot.py."""
