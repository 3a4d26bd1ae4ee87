# Every target sets up what it needs inside this folder: a virtual environment, pip's cache and temporary files.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CACHE  := .cache
MLFLOW := .venv-mlflow
PARTS  := data features models training matching app
CLINIC ?= demo

# whole paths where a program runs elsewhere; relative ones in rules, for this folder's path may hold a space or a %
export PIP_CACHE_DIR := $(CURDIR)/$(CACHE)/pip
export XDG_CACHE_HOME := $(CURDIR)/$(CACHE)
export TMPDIR := $(CURDIR)/$(CACHE)/tmp
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow test-faults test-faults-full check lint bench bench-learning bench-matching calibration serve mlflow docs plain start day0 golden \
	requirements clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(CACHE)/tmp:
	@mkdir -p $@

$(BIN)/python: | $(CACHE)/tmp
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Attune needs Python 3.11, 3.12 or 3.13; this is %d.%d. Name another: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python $(CACHE)/tmp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/desk.stamp: requirements/desk.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/desk.txt
	@touch $@

$(MLFLOW)/stamp: requirements/mlflow.txt pyproject.toml | $(BIN)/python $(CACHE)/tmp
	$(BIN)/python -m venv --clear $(MLFLOW)
	$(MLFLOW)/bin/python -m pip install --quiet --require-hashes -r requirements/mlflow.txt
	$(MLFLOW)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/run.stamp ## make .venv with the attune command

demo: $(VENV)/run.stamp ## make a synthetic clinic, train on it, rank one waiting client
	@$(BIN)/attune demo demo
	@echo "For the attune command in this terminal: source $(BIN)/activate"

test: $(VENV)/dev.stamp ## all fast tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow" --basetemp=$(CACHE)/pytest $(COVERAGE)

test-slow: $(VENV)/dev.stamp ## statistical guarantees over many synthetic clinics
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal -m "slow and not faults" --basetemp=$(CACHE)/pytest

test-faults: $(VENV)/dev.stamp ## commands that are killed, interrupted or out of space at their writes, and two at once
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 -m faults --basetemp=$(CACHE)/pytest tests/faults

test-faults-full: $(VENV)/dev.stamp ## the same at every single write and every statement of a database (an hour or more)
	FAULTS=full OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 -m faults --basetemp=$(CACHE)/pytest tests/faults

lint: $(VENV)/dev.stamp ## style, types and import directions
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	@rm -rf $(CACHE)/links && mkdir -p $(CACHE)/links/attune_fit # mypy does not follow package-dir; it does follow links
	@for part in attune_fit/*.py attune_fit/verbs $(PARTS); do ln -s "../../../$$part" $(CACHE)/links/attune_fit/; done
	$(BIN)/python -m mypy
	@rm -rf $(CACHE)/wheel build # import-linter does not follow links: it checks what is shipped
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-compile --target $(CACHE)/wheel .
	cd $(CACHE)/wheel && ../../$(BIN)/lint-imports --config ../../pyproject.toml --cache-dir ../import-linter

check: lint test ## what CI runs before the slow tests: style, types, all fast tests

coverage: COVERAGE := --cov --cov-report=term
coverage: test ## all fast tests with the floor on branch coverage; measuring it doubles their time

bench: $(VENV)/dev.stamp ## speed and memory as ratios in one run (docs/speed.md), what wide bands cost, what real ratings say
	$(BIN)/python -m benchmarks.speed # an hour the first time; goes on where it stopped
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.reading
	$(BIN)/python -m benchmarks.first_mapping
	$(BIN)/python -m benchmarks.journal
	$(BIN)/python -m benchmarks.bands
	$(BIN)/python -m benchmarks.simulating
	$(BIN)/python -m benchmarks.diary

bench-learning: $(VENV)/dev.stamp ## the learning curve beside other methods, and what drift costs (two hours; goes on where it stopped): docs/learning.md
	$(BIN)/python -m benchmarks.learning
	$(BIN)/python -m benchmarks.drift --jobs 2

bench-matching: $(VENV)/dev.stamp ## what placing, a rematch and newcomers' turns are worth where the truth is known (half an hour)
	$(BIN)/python -m benchmarks.placing
	$(BIN)/python -m benchmarks.rematch
	$(BIN)/python -m benchmarks.newcomers

serve: PORT ?= 8000
serve: $(VENV)/desk.stamp ## the desk of CLINIC=demo, in a browser; the demo clinic is made where there is none (PORT=8000)
	@test "$(CLINIC)" != demo || test -d demo || $(BIN)/attune demo demo
	@$(BIN)/attune serve "$(CLINIC)" --port $(PORT)

mlflow: PORT ?= 5000
mlflow: $(MLFLOW)/stamp ## MLflow's pages about the trainings of CLINIC=demo, on this machine alone (PORT=5000)
	@$(MLFLOW)/bin/attune mlflow "$(CLINIC)" --port $(PORT) # apart from .venv: MLflow's pages need older libraries

calibration: $(VENV)/dev.stamp ## compare synthetic clinics with what is published: docs/calibration.md and its pictures
	$(BIN)/python -m docs.calibration

docs: $(VENV)/dev.stamp ## rewrite the reference pages in docs/ from the code's own tables
	$(BIN)/python -m docs.pages

plain: $(VENV)/dev.stamp ## lower the allow-list of the plain-language test, and write the wording of every message for review
	$(BIN)/python -m tests.plain_language
	$(BIN)/python -m tests.messages

start: $(VENV)/run.stamp ## rebuild the sample clinic and the model that a clinic without records starts from
	$(BIN)/python -c "from attune_fit.training.fitting.starting_model import main; main()"

day0: start ## the same, and train the stacker on synthetic clinics (an hour; goes on where it stopped)
	$(BIN)/python -c "from functools import partial; from attune_fit.training.fitting.stacker_training import main; main(partial(print, flush=True))"

golden: $(VENV)/run.stamp ## rank the sample clinic anew for the tests, and run the demo anew for README; look at the difference
	@mkdir -p $(CACHE)/golden && cp data/synthetic/sample/* $(CACHE)/golden/
	$(BIN)/attune rank $(CACHE)/golden --all --out tests/golden/sample_ranking.csv
	$(BIN)/python -m docs.first_screen

requirements: $(VENV)/dev.stamp ## pin the requirements anew (needs a package index)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		--no-emit-index-url --upgrade pyproject.toml requirements/build.in -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		--no-emit-index-url --upgrade --extra dev pyproject.toml requirements/build.in -c requirements/run.txt -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		--no-emit-index-url --upgrade --extra desk pyproject.toml requirements/build.in -c requirements/dev.txt -o requirements/desk.txt
	sed -n 's/^mlflow-skinny==\([0-9.]*\).*/mlflow==\1/p' requirements/run.txt > requirements/mlflow.in # one version, one database
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
		--no-emit-index-url --upgrade --extra mlflow pyproject.toml requirements/build.in -c requirements/mlflow.in -o requirements/mlflow.txt

clean: ## remove everything the other targets made
	rm -rf $(VENV) $(MLFLOW) .cache build dist demo *.egg-info .coverage
