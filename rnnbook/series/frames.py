"""A film of 24 frames: Eadweard Muybridge's running cat, a collotype of 1887, small and grey.

Digital image courtesy of the Getty's Open Content Program, by way of stdlib's data package (CC0); cut into its frames,
shrunk and stretched in contrast.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .. import files

FRAMES, HEIGHT, WIDTH = 24, 26, 40  # in pixels


def grey() -> np.ndarray:
    """The frames in their order as grey values, (FRAMES, HEIGHT, WIDTH), uint8."""
    files.note_use("frames of the running cat")
    return np.frombuffer((Path(__file__).parent / "cat.u8").read_bytes(), np.uint8).reshape(FRAMES, HEIGHT, WIDTH)


def running_cat() -> np.ndarray:
    """The same from 0 (dark) to 1 (light), float32."""
    return grey().astype(np.float32) / 255
