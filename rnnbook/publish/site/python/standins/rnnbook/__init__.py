"""The part of rnnbook that needs NumPy alone, in the page."""

__version__ = "in the page"
