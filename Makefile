# Every target is also one plain command, listed in the README.
# With Python 3.11 or newer as `python3`; PYTHON=... names another one.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

.PHONY: site setup data render build check serve test quick lint bench mutants clean

site: build check

setup: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[measure,test]'
	touch $@

data: setup demo
	$(BIN)/atlas measure

# The demo family of checkpoints, which the committed site shows.
demo: | setup
	$(BIN)/atlas demo demo

render: data
	$(BIN)/atlas render

build: render
	$(BIN)/mkdocs build --strict --quiet

check: build
	$(BIN)/atlas check site

serve: render
	$(BIN)/mkdocs serve --open

test: lint
	$(BIN)/python tests/prepare.py
	$(PYTEST)

# All but the tests marked as slow: no browser, no verbs, no whole site.
quick: lint
	$(PYTEST) -m "not slow"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python tests/bench.py

# Hours: small faults, planted in the core one by one, that no test of their room notices.
mutants: setup
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[measure,test,mutants]'
	nice $(BIN)/python tests/mutants.py

clean:
	rm -rf $(VENV) site bench demo
