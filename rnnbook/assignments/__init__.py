"""Assignments: build them from their pages, grade folders of submissions.

    python -m rnnbook assignments build [NAME …] [--overlay DIR]
    python -m rnnbook grade dist/NAME/autograder.zip submissions/ --out grades.csv

`source` reads a page (its format: README.md in this folder), `build` makes and proves the bundles, `answers` finds a
student's answers in a notebook, `sandbox` runs them where they can do no harm, `grade` runs the tests on them and
`report` writes what came out. For the book, `source.clean` turns a page into what readers see.
"""
