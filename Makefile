# Everything is done in .venv; nothing outside this folder is touched.
PYTHON ?= python3
BIN := .venv/bin
NEWER := .venv-3.13/bin
LOWEST := .venv-lowest/bin
# Of what the dependencies do for us: networks, regions, the store, addresses and the public names.
QUICK := tests/network tests/gazetteer tests/test_proximity.py tests/test_isochrone.py tests/region/test_build.py \
	tests/store/test_database.py tests/contract/test_interface.py
RUN := .venv/.installed
DEV := .venv/.installed-dev
# Once for all processes: each would compile for itself otherwise, and a plan's time would pass with it.
COMPILE := from geo.cli.admin import compile_all; compile_all()
# In the order of their names: the browser's, which take longest, begin at once.
SPREAD := -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder

# Of what was tested; other versions may be newer than these tests.
INSTALL := install --quiet --disable-pip-version-check --constraint constraints.txt --editable
# Not by its name alone: pyenv has a python3.13 on the PATH that only says that it is not chosen.
PYTHON_3_13 ?= $(shell for one in python3.13 "$$HOME"/.pyenv/versions/3.13*/bin/python; do \
	"$$one" -c "" 2>/dev/null && echo "$$one" && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-newer test-lowest check format bench load lock sample screenshots clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN)  ## set up, build the sample county, and open the app on localhost
	$(BIN)/crossroads warm
	$(BIN)/streamlit run app.py

test: $(DEV)  ## set up and run the tests
	$(BIN)/python -c '$(COMPILE)'
	$(BIN)/python -m pytest $(SPREAD)

test-all: $(DEV)  ## the tests and the slow sweeps
	$(BIN)/python -c '$(COMPILE)'
	$(BIN)/python -m pytest $(SPREAD) -m ""

test-newer:  ## the tests without the browser on Python 3.13, if that is here
	@if [ -z "$(PYTHON_3_13)" ]; then echo "There is no Python 3.13 here; its tests are left out."; \
	else $(MAKE) --no-print-directory test-3.13; fi

test-3.13: .venv-3.13/.installed
	$(NEWER)/python -c '$(COMPILE)'
	$(NEWER)/python -m pytest $(SPREAD) -m "not slow and not browser"

test-lowest: .venv-lowest/.installed  ## a quick set of tests with the lowest versions that pyproject.toml allows
	$(LOWEST)/python -m pytest -q $(QUICK)

check: $(DEV)  ## lint, types, layers, README and docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/docs

format: $(DEV)  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench:  ## measure beside OSRM, Valhalla, SciPy, spopt (they need Python 3.12 or newer)
	@bash tests/bench/run.sh

load: $(DEV)  ## measure how many visitors one process carries, and what a click costs
	$(BIN)/python -m tests.load

lock:  ## write the newest versions of everything into constraints.txt, to be tested
	rm -rf .venv-lock
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --disable-pip-version-check --editable '.[dev,auth,postgres]'
	@{ head -n 1 constraints.txt; .venv-lock/bin/pip freeze --exclude-editable; } >.venv-lock/constraints.txt
	@mv .venv-lock/constraints.txt constraints.txt
	rm -rf .venv-lock

sample: $(RUN)  ## make the fictional county anew
	$(BIN)/python -m data.sample.maker

screenshots: $(DEV)  ## take the README's pictures anew (needs Chromium)
	$(BIN)/python -m tests.browser.screenshots

clean:  ## delete the environments and every cache
	rm -rf .venv .venv-3.13 .venv-bench .venv-lock .venv-lowest .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(RUN): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Crossroads needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 2; }
	@echo "Setting up, once; this takes some minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/pip $(INSTALL) .
	@touch $@

$(DEV): $(RUN)
	$(BIN)/python -c '$(COMPILE)' >/dev/null 2>&1 & \
	$(BIN)/pip $(INSTALL) '.[dev,auth,postgres]' && wait
	@touch $@

.venv-3.13/.installed: pyproject.toml constraints.txt
	$(PYTHON_3_13) -m venv .venv-3.13
	$(NEWER)/pip $(INSTALL) '.[dev,auth,postgres]'
	@touch $@

.venv-lowest/.installed: pyproject.toml tests/lowest.py
	rm -rf .venv-lowest
	$(PYTHON) -m venv .venv-lowest
	$(LOWEST)/python -m tests.lowest >.venv-lowest/constraints.txt
	$(LOWEST)/pip install --quiet --disable-pip-version-check --constraint .venv-lowest/constraints.txt \
		--editable '.[auth,postgres]' pytest pytest-httpserver pytest-xdist hypothesis
	@touch $@
