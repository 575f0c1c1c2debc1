"""The set-up cell of a student notebook: the public tests and `grader.check`, with nothing to install."""

SETUP = '''#@title Set-up: run this cell first {{ display-mode: "form" }}
# It loads the public tests. Write your answers where you see `...`, then run the cells with `grader.check`.
# Hidden tests look closer when your work is graded: other shapes, edge cases.
{install}
class Grader:
    """The public tests of this notebook."""

    tests = {tests}

    def check(self, question):
        """Run the public tests of a question on your answer and say what they found."""
        passed, tests = 0, self.tests[question]
        for source, message in tests:
            scope = {{}}
            exec(source, scope)
            test = next(value for name, value in scope.items() if name.startswith("test_"))
            wanted = test.__code__.co_varnames[:test.__code__.co_argcount]
            missing = [name for name in wanted if name not in globals()]
            try:
                if missing:
                    raise NameError(f"{{missing[0]}} is not defined: run the cell of your answer first")
                test(*(globals()[name] for name in wanted))
                passed += 1
            except Exception as error:
                print(f"{{question}}, {{test.__name__}}: {{message}}\\n    {{type(error).__name__}}: {{error}}")
        print(f"{{question}}: {{passed}} of {{len(tests)}} public tests passed.")


grader = Grader()'''


def setup_cell(assignment, install=""):
    """The text of the set-up cell for an `Assignment`; `install` is code that installs what is missing."""
    tests = {
        question.name: [(test.code, test.message) for test in question.tests if not test.hidden]
        for question in assignment.questions
        if not question.manual
    }
    lines = "".join(
        f"        {name!r}: [\n"
        + "".join(f"            ({code!r},\n             {message!r}),\n" for code, message in cases)
        + "        ],\n"
        for name, cases in tests.items()
    )
    return SETUP.format(install=f"\n{install}\n\n" if install else "", tests="{\n" + lines + "    }")
