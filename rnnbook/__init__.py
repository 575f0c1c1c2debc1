"""The code behind the course on recurrent neural networks. Start reading with `networks/reference.py`.

What a learner imports:  `reviews` (what the networks read), `networks` (NumPy, Keras, training), `runs` (recorded
                         evidence), `figures`, `widgets`; `notebook` sets up a chapter's first cell.
What makes the evidence: `runs.run` (one run), `runs.studies` (which runs), `workers` (several at once).
What publishes:          `publish`. What builds and grades assignments: `assignments`.
"""

from importlib.metadata import version

__version__ = version("rnnbook")
