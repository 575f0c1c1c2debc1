# `make book` and `make test` set up what they need; everything lands in .venv and _build.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
BOOK_FILES := $(BIN)/.book-ready
TEST_FILES := $(BIN)/.test-ready

.PHONY: book serve check test test-quick test-nightly test-colab test-oldest test-latest test-fresh test-configured test-gradescope test-windows notebooks assignments book-student pdf epub cheatsheet configure bench clean help

book: $(BOOK_FILES)  ## build the HTML book into _build/html
	@$(BIN)/python -m rnnbook book

serve: book  ## show the built book at http://localhost:8000, or another PORT=…
	@$(BIN)/python -m rnnbook serve --port $(PORT)

check: $(TEST_FILES)  ## lint, format, types on Linux and Windows, notebooks, JavaScript: under 30 seconds
	@$(BIN)/python .ci/check.py

# Tests of one file share what it prepares, so a worker takes them in their order; one that is done takes over from another. Three
# on two cores: tests of pages wait for a browser half of the time. The first test builds the book while the others begin.
# A wait for a browser that ran out, as on a machine that stood still, gets one more try, and the summary says so.
RAN_OUT := 'waited [0-9]+ s for|Timeout [0-9]+ms exceeded'
PYTEST := -m pytest -n 3 --dist worksteal --durations 20 --reruns 1 --only-rerun $(RAN_OUT)

# Which code the tests ran is said at night: counting it makes them slower.
COVERED := $(BIN)/python -m slipcover --source rnnbook --skip-covered

# Notebooks are in there too: tests/notebooks/test_papermill.py has papermill reduce their parameters and nbval compare their outputs.
test: $(TEST_FILES)  ## build the book and run every test but the nightly ones
	$(BIN)/python $(PYTEST) -m "not alone and not nightly"
	$(BIN)/python -m pytest -m alone $$(grep -rl --include='test_*.py' 'mark\.alone' tests)

test-quick: $(TEST_FILES)  ## for work in progress: no browser, nothing slow
	$(BIN)/python $(PYTEST) -m "not alone and not nightly and not slow and not browser" tests/house tests/reviews tests/networks tests/laboratory \
		tests/figures tests/publish tests/notebooks tests/install tests/assignments/test_source.py

test-nightly: $(TEST_FILES)  ## every test, the code they ran, and what is slow and seldom breaks: a cluster, other graders, every page in every setting, notebooks as stored
	@$(BIN)/python -m rnnbook book
	$(COVERED) $(PYTEST) -m "not alone"
	$(BIN)/python $(PYTEST) --dist loadfile --nbval --nbval-cell-timeout 600 notebooks  # the cells of a notebook share a kernel

test-colab: $(TEST_FILES)  ## run the notebooks with what Colab preinstalls
	$(BIN)/python tests/install/environments.py colab

test-latest: $(TEST_FILES)  ## run the notebooks with the newest releases of everything
	$(BIN)/python tests/install/environments.py latest

test-oldest: $(TEST_FILES)  ## run the notebooks with the lowest versions that pyproject.toml allows
	$(BIN)/python tests/install/environments.py oldest

test-fresh: $(TEST_FILES)  ## make the book, the assignments and run the chapters in a new clone of what is committed
	$(BIN)/python tests/install/environments.py fresh

test-configured: $(TEST_FILES)  ## run the quick tests in a clone that has an address, which can be taken out again
	$(BIN)/python tests/install/environments.py configured

test-gradescope: $(TEST_FILES)  ## grade each solution with what its autograder.zip lists and no more
	$(BIN)/python tests/install/environments.py gradescope

test-windows: $(TEST_FILES)  ## import everything and run the chapters without what Windows lacks
	$(BIN)/python tests/install/as_on_windows.py

notebooks: $(BOOK_FILES)  ## execute all notebooks and store their outputs
	$(BIN)/python -m rnnbook notebooks

assignments: $(BOOK_FILES)  ## make student notebooks and graders in dist/
	$(BIN)/python -m rnnbook assignments build

book-student: $(BOOK_FILES)  ## build the book without solutions into _build/student/_build/html
	@$(BIN)/python -m rnnbook book --student

pdf: $(BOOK_FILES)  ## build the printable edition, _build/rnnbook.pdf
	@$(BIN)/python -m rnnbook pdf

cheatsheet: book  ## print the two pages of the cheat sheet, _build/cheatsheet.pdf
	@$(BIN)/python -m rnnbook pdf --cheat-sheet

epub: $(BOOK_FILES)  ## build the edition for e-readers, _build/rnnbook.epub
	@$(BIN)/python -m rnnbook epub

configure: $(BOOK_FILES)  ## make configure REPO=https://github.com/owner/name
	@$(BIN)/python -m rnnbook configure "$(REPO)"

bench: $(TEST_FILES)  ## measure training, data and grading speed side by side
	for script in bench/*.py; do $(BIN)/python $$script; done

clean:  ## remove what was built; keeps .venv
	rm -rf _build dist build *.egg-info

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /: /'

$(BOOK_FILES): requirements.txt constraints.txt pyproject.toml .ci/environment.py
	@$(PYTHON) .ci/environment.py book

$(TEST_FILES): requirements.txt requirements-test.txt tests/widgets/colab.txt constraints.txt pyproject.toml .ci/environment.py
	@$(PYTHON) .ci/environment.py test
