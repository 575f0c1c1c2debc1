"""The course's house style for curves, in the page."""
