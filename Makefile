# Two commands do everything a new user needs: `make report` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
OLD    := .venv-pandas2
OUT    ?= out
JOBS   ?= 2

# The same words and numbers whatever the machine's own settings are.
export PYTHONHASHSEED = 0
export PIP_DISABLE_PIP_VERSION_CHECK = 1

REPORT = $(if $(ORDERS),--orders "$(ORDERS)") $(if $(MONTH),--month "$(MONTH)") \
         $(if $(PRODUCTS),--products "$(PRODUCTS)") $(if $(COSTS),--costs "$(COSTS)") $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help report test learn notebooks data lint format types unit course pandas2 bench lock wheel clean

help:  ## Show this list
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/' | expand -t 20
	@echo
	@echo '  make report ORDERS=path/to/export.csv MONTH=2026-05   reports on your own shop'
	@echo '  More options: make report ORDERS=… ARGS="--currency EUR --timezone Europe/Berlin"'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'sellerlab needs Python 3.11 or newer. Name one: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12'; exit 1; }
	@echo 'Setting up $(VENV) (once, about a minute) …'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

report: $(READY)  ## Report on the demo shop, or on your own: ORDERS=… MONTH=…
	@$(BIN)/sellerlab report monthly $(REPORT) -o $(OUT)

test: lint types unit course pandas2  ## Everything that must pass

learn: $(READY)  ## Open the course in JupyterLab
	@$(BIN)/sellerlab learn

notebooks: $(READY)  ## Build every notebook from lessons/
	$(BIN)/python tools/notebooks.py build --jobs $(JOBS)

data: $(READY)  ## Write the demo data anew
	$(BIN)/python tools/make_datasets.py

lint: $(READY)  ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)  ## Mend the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)  ## Types
	$(BIN)/mypy

unit: $(READY)  ## The library: unit and property tests, doctests
	$(BIN)/python -m pytest -q -n $(JOBS) tests sellerlab --ignore tests/course

course: $(READY)  ## The course: structure, claims, and every notebook strictly
	$(BIN)/python tools/notebooks.py check
	$(BIN)/python -m pytest -q -n $(JOBS) tests/course
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --nbval -p tests.nbval_plugin notebooks

$(OLD)/ready: requirements-pandas2.lock pyproject.toml
	@echo 'Setting up $(OLD): the same library under pandas 2 …'
	@$(PYTHON) -m venv $(OLD)
	@$(OLD)/bin/python -m pip install --quiet --require-hashes --requirement requirements-pandas2.lock
	@$(OLD)/bin/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

pandas2: $(OLD)/ready  ## The library's tests under pandas 2
	$(OLD)/bin/python -m pytest -q -n $(JOBS) tests sellerlab --ignore tests/course

bench: $(READY)  ## Speed against peers and the limit, as ratios
	$(BIN)/python benchmarks/run.py

lock: $(READY)  ## Write the lock files anew
	$(BIN)/python tools/lock.py

wheel: $(READY)  ## Build the wheel
	$(BIN)/python -m hatchling build --target wheel

clean:  ## Remove what was built here, keep the notebooks and data
	rm -rf $(VENV) $(OLD) $(OUT) dist build .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
