"""In the page there is no SciPy; `sparse` holds the one thing that the course's NumPy training asks of it."""
