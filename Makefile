# `make book` and `make test` set up what they need; everything lands in .venv and _build.
PYTHON ?= python3
BIN := .venv/bin
BOOK_FILES := $(BIN)/.book-ready
TEST_FILES := $(BIN)/.test-ready

# What a learner imports: it runs on Windows too. Building the book and grading need Linux or macOS.
LEARNER := rnnbook/__init__.py rnnbook/__main__.py rnnbook/files.py rnnbook/notebook.py $(addprefix rnnbook/,reviews networks runs figures widgets)

.PHONY: book serve check test test-quick test-nightly test-colab test-latest notebooks assignments book-student pdf configure bench clean help

book: $(BOOK_FILES)  ## build the HTML book into _build/html
	@$(BIN)/python -m rnnbook book

serve: book  ## show the built book at http://localhost:8000
	@echo "The book is at http://localhost:8000 (Ctrl+C stops)."
	@$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html

check: $(TEST_FILES)  ## lint, format, types on Linux and Windows, notebooks, JavaScript: under 30 seconds
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/pyright
	$(BIN)/pyright --pythonplatform Windows $(LEARNER)
	$(BIN)/python .ci/notebooks.py
	$(BIN)/python .ci/types.py

test: $(TEST_FILES)  ## run every test
	@$(BIN)/python -m rnnbook book
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not alone"
	$(BIN)/python -m pytest -m alone
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval --nbval-cell-timeout 600 notebooks

test-colab: $(TEST_FILES)  ## run the notebooks with what Colab preinstalls
	$(BIN)/python tests/install/environments.py colab

test-lacheck: $(TEST_FILES)  ## lint, format, types on Linux and Windows, notebooks, JavaScript: under 30 seconds
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/pyright
	$(BIN)/pyright --pythonplatform Windows $(LEARNER)
	$(BIN)/python .ci/notebooks.py
	$(BIN)/python .ci/types.py

test: $(TEST_FILES)  ## run the notebooks with the newest releases of everything
	$(BIN)/python tests/install/environments.py latest

notebooks: $(BOOK_FILES)  ## execute all notebooks and store their outputs
	$(BIN)/python -m rnnbook notebooks

assignments: $(BOOK_FILES)  ## make student notebooks and graders in dist/
	$(BIN)/python -m rnnbook assignments build

book-student: $(BOOK_FILES)  ## build the book without solutions into _build/student/_build/html
	@$(BIN)/python -m rnnbook book --student

pdf: $(BOOK_FILES)  ## build the printable edition, _build/rnnbook.pdf
	@$(BIN)/python -m rnnbook pdf

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
