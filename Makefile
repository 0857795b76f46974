# Every target is also one plain command, listed in the README.
# With Python 3.11 or newer as `python3`; PYTHON=... names another one.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
FAULTS ?= 300
SEED ?= 0
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

# What a module is compiled to is kept when it is first used: most never are. Where that is switched
# off, each process would compile all of them again.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/pip install --quiet --no-compile --constraint constraints.txt --editable

.PHONY: site setup networks testing data render build check serve test quick lint bench fuzz mutants clean

site: build check

setup: $(VENV)/base

# For `atlas measure` of networks and text encoders.
networks: $(VENV)/networks

testing: $(VENV)/testing

$(VENV)/base: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) '.[site]'
	touch $@

$(VENV)/networks: $(VENV)/base
	$(INSTALL) '.[site,networks,text]'
	touch $@

$(VENV)/testing: $(VENV)/networks
	$(INSTALL) '.[site,plots,networks,text,cluster,test]'
	touch $@

# Where a network or a text encoder is stale, what measures it is installed first.
data: setup demo
	$(BIN)/atlas measure || { $(MAKE) networks && $(BIN)/atlas measure; }

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

# All but the tests marked as slow: no network, no browser, no verbs, no whole site.
quick: lint
	$(PYTEST) -m "not slow"

lint: testing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: testing
	$(BIN)/python tests/bench.py

# Hours: random files of all formats, whose errors must be ours; oracles read what is read here.
fuzz: setup
	nice $(BIN)/python tests/fuzz/run.py --inputs 10000000

# Small faults, planted in the core one by one, that no test of their room notices. As many as you
# like, and another sample with another seed: `make mutants FAULTS=50 SEED=7`.
mutants: testing
	$(INSTALL) '.[site,plots,networks,text,cluster,test,mutants]'
	nice $(BIN)/python tests/mutants.py --faults $(FAULTS) --seed $(SEED)

clean:
	rm -rf $(VENV) site bench demo .mutants
