"""Networks that train in the page: the engine in JavaScript and WebAssembly, and what it trains on."""

from pathlib import Path

HERE = Path(__file__).parent
