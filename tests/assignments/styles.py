"""Correct work on assignment 1 in the styles that students write: each must get full marks, here and from otter.

A style is a list of edits to the solution: `("q1", code)` writes another answer, `(place, code)` adds a cell: "first" below the
set-up cell, "q1" + "!" below that question's check, "last" at the end.
"""

import copy

STEP = "def linear_step(X, Z, U, W, b):\n    return Z @ W.T + X @ U.T + b\n"
ROLLOUT = """def rollout(X, U, W, b):
    Z = [np.zeros((len(X), len(W)))]
    for i in range(X.shape[1]):
        Z.append(linear_step(X[:, i], Z[-1], U, W, b))
    return np.stack(Z, axis=1)
"""
LENGTH = """def memory_length(w, left=0.01):
    if abs(w) >= 1:
        return np.inf
    k = 0
    while abs(w) ** k > left:
        k += 1
    return k
"""
SEPARATION = """def separation(X, Z0, Z0_other, U, W, b):
    found = [np.linalg.norm(Z0 - Z0_other)]
    for x in X:
        Z0, Z0_other = np.tanh(W @ Z0 + U @ x + b), np.tanh(W @ Z0_other + U @ x + b)
        found.append(np.linalg.norm(Z0 - Z0_other))
    return np.array(found)
"""
ONE_OF_TWO = "def step(z, x, U, W, b):\n    return {}\n\n"

STYLES = {
    # what only IPython knows
    "timeit beside the answer": [("q2!", "%%timeit -n1 -r1\nmemory_length(0.5)"), ("q1!", "%timeit -n1 -r1 2 + 2")],
    "time and capture above the answer": [("q1", "%%time\n" + STEP + ROLLOUT), ("q2", "%%capture told\n" + LENGTH)],
    "other languages": [
        ("first", "%%javascript\nconsole.log('def linear_step')"),
        ("first", "%%bash\necho $((1 + 2)) > three.txt"),
        ("first", "%%html\n<b>q1</b>"),
        ("q1", "!ls -l\nfound = !cat three.txt\nassert list(found) == ['3']\n" + STEP + ROLLOUT),
    ],
    "help": [("q2", LENGTH + "?memory_length\n"), ("q2!", "memory_length??"), ("last", "help(memory_length)")],
    "top-level await": [
        ("first", "import asyncio\none = await asyncio.sleep(0, 1.0)"),
        ("q1", STEP.replace("return ", "return one * ") + ROLLOUT),
    ],
    "top-level async for and with": [
        (
            "first",
            "import contextlib\n@contextlib.asynccontextmanager\nasync def place():\n    yield 1.0\n\nasync def steps():\n    yield 1.0",
        ),
        ("first", "async for one in steps():\n    pass"),
        ("first", "async with place() as again:\n    same = [x async for x in steps()]"),
        ("q1", STEP.replace("return ", "return one * again * same[0] * (").replace("+ b", "+ b)") + ROLLOUT),
    ],
    "sources and docstrings": [
        (
            "q2",
            "import doctest, inspect\n"
            + LENGTH.replace(":\n", ':\n    """Steps.\n\n    >>> memory_length(0.5, 0.3)\n    2\n    """\n', 1)
            + "told = inspect.getsource(memory_length)\nassert doctest.testmod().failed == 0\ndel memory_length\nexec(told)\n",
        )
    ],
    "magics of a plot": [
        ("first", "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\nhalf = 0.5"),
        (
            "q1",
            STEP.replace("return ", "return 2 * half * ").replace("Z @ W.T + X @ U.T + b", "(Z @ W.T + X @ U.T + b)")
            + ROLLOUT,
        ),
    ],
    "reload and environment": [
        ("first", "%load_ext autoreload\n%autoreload 2\n%env OMP_NUM_THREADS=1\nk0 = 0"),
        ("q2", LENGTH.replace("k = 0", "k = k0")),
    ],
    "a plot that can be turned": [("q1", "%matplotlib widget\n" + STEP + ROLLOUT)],
    # what the grading machine has not, and the answers do not need
    "a plotting library that is not here": [
        (
            "q1",
            "import no_such_plots as sns\nfrom no_such_plots import style\nsns.set_theme(style.dark)\n"
            + STEP
            + ROLLOUT,
        )
    ],
    "a library that is not here before others": [
        (
            "first",
            "import no_such_library, functools\nfrom operator import matmul\n\n\nclass Net(no_such_library.Module):\n    depth = 1\n",
        ),
        ("q1", STEP.replace("Z @ W.T", "functools.reduce(matmul, [Z, W.T])") + ROLLOUT),
    ],
    "install in the answer": [("q1", "!pip install numpy\n%pip --version\n" + STEP + ROLLOUT)],
    "a module written by a cell": [
        ("first", "%%writefile helper.py\nimport numpy as np\n\n" + STEP.replace("linear_step", "one_step")),
        ("q1", "from helper import *\nimport helper\nlinear_step = helper.one_step\n" + ROLLOUT),
    ],
    "indented and pasted with prompts": [
        ("q1", "\n".join("    " + line for line in (STEP + ROLLOUT).splitlines())),
        ("q2", "\n".join((">>> " if line[:1] == "d" else "... ") + line for line in LENGTH.splitlines())),
    ],
    "display and widgets": [
        ("first", "import ipywidgets as widgets\nfrom IPython.display import Markdown, clear_output, display"),
        (
            "q2!",
            "slider = widgets.FloatSlider(value=0.5)\ndisplay(slider)\nwidgets.interact(memory_length, w=(0.1, 0.9))",
        ),
        ("q3!", "display(Markdown('# Done'))\nclear_output(wait=True)\nfrom tqdm.notebook import tqdm"),
        ("q4", SEPARATION.replace("in X", "in tqdm(X)")),
    ],
    "annotations of the future": [
        ("first", "from __future__ import annotations"),
        ("q1", STEP.replace("X, Z", "X: Batch, Z: Later").replace("):", ") -> Array[float, 'units']:") + ROLLOUT),
    ],
    "output history": [("q1!", "3"), ("q2", "three = _\n" + LENGTH.replace("k = 0", "k = three - 3"))],
    # how Python is written
    "star imports": [
        ("first", "from numpy import *\nfrom numpy.linalg import *"),
        ("q4", SEPARATION.replace("np.linalg.", "").replace("np.", "")),
    ],
    "imports tried": [
        ("first", "try:\n    import cupy as xp\nexcept ImportError:\n    import numpy as xp"),
        ("first", "import sys\nif 'google.colab' in sys.modules:\n    from google.colab import drive"),
        ("q4", SEPARATION.replace("np.", "xp.")),
    ],
    "lambda": [("q1", "linear_step = lambda X, Z, U, W, b: Z @ W.T + X @ U.T + b\n" + ROLLOUT)],
    "objects that are called": [
        (
            "q1",
            "class Step:\n    def __init__(self):\n        self.calls = 0\n    def __call__(self, X, Z, U, W, b):\n"
            "        self.calls += 1\n        return Z @ W.T + X @ U.T + b\n\nlinear_step = Step()\n" + ROLLOUT,
        ),
        (
            "q2",
            "class Memory:\n    @staticmethod\n"
            + LENGTH.replace("\n", "\n    ").replace("def", "    def", 1)
            + "\nmemory_length = Memory.memory_length",
        ),
    ],
    "partial and cache": [
        (
            "q2",
            "from functools import lru_cache, partial\n"
            + LENGTH.replace("memory_length(w, left=0.01)", "length(top, w, left=0.01)").replace("1:", "top:")
            + "memory_length = partial(lru_cache(maxsize=None)(length), 1)",
        )
    ],
    "decorators": [
        (
            "q4",
            "import functools\ndef counted(f):\n    @functools.wraps(f)\n    def inner(*args, **kwargs):\n        inner.calls += 1\n"
            "        return f(*args, **kwargs)\n    inner.calls = 0\n    return inner\n\n@counted\n" + SEPARATION,
        )
    ],
    "walrus, match, nested quotes": [
        (
            "q2",
            "def memory_length(w, left=0.01):\n    told = {'k': 0}\n    match abs(w):\n        case size if size >= 1:\n            return np.inf\n"
            "        case 0:\n            return 1\n    while (share := size ** told['k']) > left:\n        told['k'] += 1\n"
            "    print(f\"{told['k']}: {share:.{3}f} {'left' if share else ''!r}\")\n    return told['k']\n",
        )
    ],
    "dataclass and enum": [
        (
            "q2",
            "from dataclasses import dataclass, field\nfrom enum import Enum\nclass End(Enum):\n    NEVER = float('inf')\n"
            "@dataclass(frozen=True, slots=True)\nclass Unit:\n    w: float\n    tags: list = field(default_factory=list)\n"
            "    def length(self, left):\n        if abs(self.w) >= 1:\n            return End.NEVER.value\n"
            "        return next(k for k in range(10**6) if abs(self.w) ** k <= left)\n\n"
            "def memory_length(w, left=0.01):\n    return Unit(w).length(left)\n",
        )
    ],
    "generators": [
        (
            "q4",
            "def pairs(X, *states, U, W, b):\n    yield states\n    for x in X:\n        states = tuple(np.tanh(W @ z + U @ x + b) for z in states)\n"
            "        yield states\n\ndef separation(X, Z0, Z0_other, U, W, b):\n"
            "    return np.fromiter((np.linalg.norm(p - q) for p, q in pairs(X, Z0, Z0_other, U=U, W=W, b=b)), float)\n",
        )
    ],
    "deep recursion": [
        ("first", "import sys\nsys.setrecursionlimit(30_000)"),
        (
            "q2",
            "def memory_length(w, left=0.01, k=0):\n    if abs(w) >= 1:\n        return np.inf\n"
            "    return k if abs(w) ** k <= left else memory_length(w, left, k + 1)\n",
        ),
    ],
    "threads": [
        (
            "q4",
            "from concurrent.futures import ThreadPoolExecutor\n"
            + SEPARATION.replace("separation", "alone", 1)
            + "def separation(*args):\n    with ThreadPoolExecutor(2) as pool:\n        return pool.submit(alone, *args).result()\n",
        )
    ],
    "Windows line ends and tabs": [("q1", (STEP + ROLLOUT).replace("    ", "\t").replace("\n", "\r\n"))],
    # what comes back
    "lists": [
        (
            "q1",
            STEP.replace("+ b", "+ b).tolist()").replace("return ", "return (")
            + ROLLOUT.replace("linear_step(", "np.array(linear_step(").replace("b))", "b)))"),
        )
    ],
    "np.matrix": [
        (
            "q1",
            STEP.replace("Z @ W.T + X @ U.T + b", "np.matrix(Z) * np.matrix(W).T + np.matrix(X) * np.matrix(U).T + b")
            + ROLLOUT.replace("linear_step(", "np.asarray(linear_step(").replace("b))", "b)))"),
        )
    ],
    "deque, named tuple, array, series": [
        (
            "q4",
            "from collections import deque\nimport array\n"
            + SEPARATION.replace("np.array(found)", "deque(found, maxlen=1000)"),
        ),
        ("q2", "class Number(int):\n    'A whole number.'\n" + LENGTH.replace("return k", "return Number(k)")),
    ],
    "array of the standard library": [
        ("q4", "from array import array\n" + SEPARATION.replace("np.array(found)", "array('d', found)"))
    ],
    "pandas": [
        ("q4", "import pandas as pd\n" + SEPARATION.replace("np.array(found)", "pd.Series(found, name='distance')"))
    ],
    "numbers of NumPy": [
        ("q2", LENGTH.replace("return k", "return np.int64(k)").replace("return np.inf", "return np.float32(np.inf)"))
    ],
    "float32": [
        (
            "q1",
            STEP.replace("return Z @ W.T + X @ U.T + b", "return (Z @ W.T + X @ U.T + b).astype(np.float32)")
            + ROLLOUT.replace("len(W))", "len(W)), np.float32"),
        ),
        ("q4", SEPARATION.replace("np.array(found)", "np.array(found, 'float32')")),
    ],
    "Keras": [
        ("first", "import keras\nfrom keras import ops"),
        (
            "q1",
            "def linear_step(X, Z, U, W, b):\n    X, Z, U, W, b = (ops.cast(a, 'float32') for a in (X, Z, U, W, b))\n    return ops.matmul(Z, ops.transpose(W)) + ops.matmul(X, ops.transpose(U)) + b\n"
            + ROLLOUT.replace("np.stack(Z, axis=1)", "ops.stack([ops.cast(z, 'float32') for z in Z], axis=1)"),
        ),
    ],
    "JAX": [
        ("first", "import jax\nimport jax.numpy as jnp"),
        (
            "q4",
            "@jax.jit\ndef separation(X, Z0, Z0_other, U, W, b):\n    def step(Z, x):\n        Z = jnp.tanh(Z @ W.T + U @ x + b)\n"
            "        return Z, jnp.linalg.norm(Z[0] - Z[1])\n    Z = jnp.stack([Z0, Z0_other])\n    _, found = jax.lax.scan(step, Z, X)\n"
            "    return jnp.concatenate([jnp.linalg.norm(Z[0] - Z[1])[None], found])\n",
        ),
    ],
    "Decimal": [
        (
            "q2",
            "from decimal import Decimal\n"
            + LENGTH.replace("return k", "return Decimal(k)").replace("return np.inf", "return Decimal('Infinity')"),
        )
    ],
    "vectorize": [
        (
            "q2",
            LENGTH.replace("memory_length", "length") + "memory_length = np.vectorize(length, otypes=[float])\n",
        )
    ],
    # how the notebook is used
    "state over several cells": [
        ("first", "seen, table = [], {}\ncounter = 0"),
        (
            "first",
            "def note(value):\n    global counter\n    counter += 1\n    seen.append(value)\n    return value\ntable['note'] = note",
        ),
        ("q2", LENGTH.replace("return k", "return table['note'](k)")),
        ("q2!", "assert counter >= 0\ntable.setdefault('done', True)"),
    ],
    "trials that fail": [
        ("first", "1 / 0"),
        ("q1!", "assert rollout is None, 'not this time'"),
        ("q2!", "raise SystemExit"),
        ("q3!", "name = input('your name? ')"),
        ("last", "import pdb\npdb.set_trace()"),
        ("last", "from nowhere import *"),
    ],
    "print flood": [
        ("q1", STEP.replace("    return", "    print('x' * 100_000)\n    return") + ROLLOUT),
        ("q1!", "for i in range(20_000): print(i, i * i)"),
    ],
    "figures and files": [
        ("first", "import matplotlib.pyplot as plt\nplt.style.use('ggplot')"),
        (
            "q4!",
            "plt.plot([1, 2, 3])\nplt.savefig('figure.png')\nplt.show()\nnp.save('z.npy', np.ones(3))\nassert np.load('z.npy').sum() == 3",
        ),
        (
            "last",
            "with open('notes.txt', 'w') as file:\n    file.write('done')\nimport os\nassert os.path.exists('notes.txt')",
        ),
    ],
    "answers below their checks": [
        ("q1", "def linear_step(X, Z, U, W, b):\n    ...\n\ndef rollout(X, U, W, b):\n    ...\n"),
        ("q1!", "# second try\n" + STEP),
        ("q2!", ROLLOUT),
    ],
    "warnings as errors": [("first", "import warnings\nwarnings.filterwarnings('error')\nnp.seterr(all='warn')")],
    "made by exec and globals": [("q1", f"exec({STEP!r}, globals())\nglobals()['rollout'] = None\n" + ROLLOUT)],
    "guards": [
        (
            "q1",
            STEP
            + ROLLOUT
            + "\nif __name__ == '__main__':\n    assert linear_step(np.ones((1, 1)), np.ones((1, 1)), np.eye(1), np.eye(1), np.zeros(1)) == 2\n    grader.check('q1')\n",
        ),
        (
            "q2",
            LENGTH + "\ntry:\n    get_ipython().run_line_magic('matplotlib', 'inline')\nexcept NameError:\n    pass\n",
        ),
    ],
}

# Every check passes in the notebook, but a later cell changes what was checked: otter, which looks once at the end, takes marks.
CHANGED_LATER = {
    "two helpers of one name": [
        (
            "q1",
            ONE_OF_TWO.format("z @ W.T + x @ U.T + b")
            + STEP.replace("Z @ W.T + X @ U.T + b", "step(Z, X, U, W, b)")
            + ROLLOUT,
        ),
        (
            "q4",
            ONE_OF_TWO.format("np.tanh(z @ W.T + x @ U.T + b)")
            + SEPARATION.replace("np.tanh(W @ Z0 + U @ x + b)", "step(Z0, x, U, W, b)").replace(
                "np.tanh(W @ Z0_other + U @ x + b)", "step(Z0_other, x, U, W, b)"
            ),
        ),
    ],
    "answers defined anew in the study": [
        ("last", "def rollout(X, U, W, b):\n    return 'with tanh'\n\ndef separation(w, size):\n    return w * size")
    ],
    "a name of an answer used for something else": [
        ("last", "memory_length = memory_length(0.9)\nfor separation in (1, 2): pass")
    ],
    "a table emptied later": [
        ("first", "table = {'tanh': np.tanh}"),
        ("q4", SEPARATION.replace("np.tanh", "table['tanh']")),
        ("last", "table.clear()"),
    ],
}


def apply(notebook, edits):
    """A notebook with these edits; `notebook` is the solution as JSON, whose cells hold their text in one piece."""
    notebook = copy.deepcopy(notebook)
    cells = notebook["cells"]
    for where, code in edits:
        new = {"cell_type": "code", "metadata": {}, "source": code, "outputs": [], "execution_count": None}
        if where in ("first", "last"):
            own = [i for i, cell in enumerate(cells) if cell["source"] == "import numpy as np"]
            added = sum(cell.get("id", "").startswith("first") for cell in cells)
            at = own[0] + 1 + added if where == "first" else len(cells)
            cells.insert(at, new | {"id": f"{where}-{at}"})
        elif where.endswith("!"):
            checks = [i for i, cell in enumerate(cells) if cell["source"].startswith(f'grader.check("{where[:-1]}")')]
            cells.insert(checks[0] + 1, new | {"id": f"below-{where[:-1]}-{len(cells)}"})
        else:
            cell = next(c for c in cells if c["metadata"].get("rnnbook", {}).get("question") == where)
            cell["source"] = code
    return notebook
