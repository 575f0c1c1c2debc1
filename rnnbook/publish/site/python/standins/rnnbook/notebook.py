"""A notebook's first cell, in the page: nothing to install and no style to set."""

import numpy


def start():
    print(f"NumPy {numpy.__version__} in the page")
