"""A question looked at again where its student answered and checked it, for later cells may change what its answers use.

Two questions with a helper of one name, or a `rollout` that the last study defines anew: every check passed in the notebook,
and after all cells have run the tests see other functions. So the tests of a question that lost marks run once more right
after its answer cell, and after the cell with its check, if what follows changes a name that stands before it. The best counts.
"""

import ast
import re
import types

from . import answers
from .trial import run_cell, run_test

NOTE = "It passed where you answered it; a later cell changes what it uses."
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def look(bundle, steps, places, outcomes, sandbox, allowed):
    """Run the tests of some questions at their places and keep what is better.

    Parameters: `steps`, those that ran to their end; `places` from below; `outcomes`, `{(question, test number): note}`, which
    changes; `sandbox`, a new one; `allowed`, processor seconds a question. Raises `Gone`.
    Of what fails here only the test's own message is told, for cells run here that may know an earlier question's hidden tests.
    """
    tests = {q["name"]: q["tests"] for q in bundle["questions"]}
    with sandbox:
        sandbox.prepare(steps)
        for place, step in enumerate(steps[: max(places) + 1]):
            run_cell(sandbox, step, allowed[step["question"]])
            for name in places.get(place, ()):
                notes = []
                for number, test in enumerate(tests[name]):
                    before = outcomes[name, number]
                    sandbox.give(allowed[name])
                    passed = run_test(sandbox, test, None) is None
                    message = test["message"] if not passed else "" if before["passed"] else NOTE
                    notes.append(before | {"passed": passed, "message": message})
                if _points(notes) > _points(outcomes[name, number] for number in range(len(notes))):
                    outcomes.update({(name, number): note for number, note in enumerate(notes)})


def _points(notes):
    return sum(note["points"] for note in notes if note["passed"])


def places(bundle, steps, lost):
    """Where to look again: `{place in steps: [question, …]}` for those questions of `lost` that a later cell may have changed."""
    given = {answers.squeeze(step.get("code") or step.get("stub")) for step in bundle["order"]}
    own = [step["code"] if answers.squeeze(step["code"]) not in given else "" for step in steps]
    checked = {name: place for place, code in enumerate(own) for name in answers.CHECK.findall(code)}
    answered = {step["question"]: place for place, step in enumerate(steps) if step.get("answer")}
    found = {}
    for name, place in sorted({*checked.items(), *answered.items()}):
        if name not in lost:
            continue
        used = set().union(*(uses(code) for code in own[: place + 1]))
        later = set().union(*(changes(code) for code in own[place + 1 :]))
        if used & later or "*" in later:
            found.setdefault(place, []).append(name)
    return found


def uses(code):
    """Names that a cell, or a function in it, looks up outside of itself."""
    try:
        waiting, found = [compile(code, "cell", "exec", dont_inherit=True)], set()
    except UNREADABLE:  # a magic, for example
        return set(re.findall(r"\w+", code))
    while waiting:
        part = waiting.pop()
        found.update(part.co_names)
        waiting += [value for value in part.co_consts if isinstance(value, types.CodeType)]
    return found


def changes(code):
    """Names that a cell binds, deletes or writes into, `*` for a star import."""
    try:
        tree = ast.parse(code)
    except UNREADABLE:
        return set(answers.names(code))
    found, waiting = set(), [(node, True) for node in tree.body]
    while waiting:
        node, outside = waiting.pop()
        inner = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda))
        if inner and outside and not isinstance(node, ast.Lambda):
            found.add(node.name)
        elif isinstance(node, ast.Global):
            found.update(node.names)
        elif outside and isinstance(node, ast.ImportFrom):
            found.update(alias.asname or alias.name for alias in node.names)
        elif outside and isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            if isinstance(node.ctx, (ast.Store, ast.Del)):
                found.add(_root(node))
        elif outside and isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found.add(_root(node.value.func))  # act.update(…), jax.config.update(…)
        waiting += [(child, outside and not inner) for child in ast.iter_child_nodes(node)]
    return found - {"", "grader"}


def _root(node):
    """`a` of `a.b[0].c`; nothing of a plain function that is called."""
    inside = node
    while isinstance(inside, (ast.Attribute, ast.Subscript)):
        inside = inside.value
    plain = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    return inside.id if isinstance(inside, ast.Name) and not plain else ""
