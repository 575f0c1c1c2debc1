"""No hidden test is anywhere in the book, and no solution in the students' edition."""

from rnnbook.assignments.build import prove_book
from rnnbook.publish import build


def test_hidden_tests(book):
    assert prove_book(book) > 10


def test_student_edition():
    assert prove_book(build.build(student=True).parent, student_edition=True) > 10
