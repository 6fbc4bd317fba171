# Everything a checkout needs: Python >= 3.11 and make. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
DEEP := .venv-deep
PYTEST_ARGS ?= -n auto --dist loadfile
BENCH_ARGS ?=

export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test deep lint format types layers check bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is: $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12"; exit 1; }
	@echo "making $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing (Debian and Ubuntu: apt install python3-venv)"; exit 1; }

# Where PYTHONDONTWRITEBYTECODE is set, every start would compile everything again: so it is compiled once, here. A
# package may ship a file that does not compile (a template, say): that is shown, and stops nothing.
COMPILE := $(PY) -m compileall -q
define compile
	-@$(COMPILE) -j 0 $(VENV)/lib
	@$(COMPILE) src
endef

$(VENV)/run.stamp: requirements/run.lock pyproject.toml | $(PY)
	@echo "installing what the demo needs …"
	@$(PY) -m pip install --quiet --require-hashes -r requirements/run.lock
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(compile)
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock pyproject.toml | $(PY)
	@echo "installing what tests and checks need …"
	@$(PY) -m pip install --quiet --require-hashes -r requirements/dev.lock
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(compile)
	@touch $(VENV)/run.stamp $@

demo: $(VENV)/run.stamp ## set up, build a shop's database, fill it, certify it
	@$(COMPILE) src
	@$(PY) -m understudy.cli.main demo

test: $(VENV)/dev.stamp ## set up, run all tests (PYTEST_ARGS="-x -k keys" narrows)
	@$(COMPILE) src
	@$(PY) -m pytest $(PYTEST_ARGS)

# Networks and guests weigh 1.4 GB, torch's builds differ by machine, and one guest wants an older pandas: they live in an
# environment of their own, which looks into the other one.
$(DEEP)/stamp: requirements/deep.in $(VENV)/dev.stamp
	@echo "installing torch, transformers and SDV …"
	@$(PYTHON) -m venv $(DEEP)
	@echo "import site; site.addsitedir('$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')')" \
	  > "$$($(DEEP)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tests.pth"
	@$(DEEP)/bin/python -m pip install --quiet -r requirements/deep.in
	@touch $@

deep: $(DEEP)/stamp ## set up, run the tests of networks and of guests (1.4 GB, some minutes)
	@$(DEEP)/bin/python -m pytest tests/deep

lint: $(VENV)/dev.stamp ## ruff: rules and formatting
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: $(VENV)/dev.stamp ## let ruff mend and format
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

types: $(VENV)/dev.stamp ## mypy, strict
	@$(PY) -m mypy

layers: $(VENV)/dev.stamp ## import-linter: rooms import only downwards
	@$(VENV)/bin/lint-imports

check: lint types layers test ## everything that must be green before a commit

bench: $(VENV)/dev.stamp ## the shop workload against Faker, Mimesis, DuckDB and the floor (BENCH_ARGS="--orders 1e5")
	@$(PY) benchmarks/shop.py $(BENCH_ARGS)

LOCK := $(VENV)/bin/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --no-annotate \
  --generate-hashes --quiet --upgrade
EXTRAS := databases frames sources llm learning pii fast # all but deep: its torch would bring CUDA
lock: $(VENV)/dev.stamp ## resolve the pinned dependencies anew (no addresses in them)
	@$(PY) -m pip install --quiet uv
	@$(LOCK) --extra sqlite pyproject.toml requirements/run.in --output-file requirements/run.lock
	@$(LOCK) $(EXTRAS:%=--extra %) pyproject.toml requirements/dev.in --output-file requirements/dev.lock

clean: ## remove what was made: environment, caches, demo
	rm -rf $(VENV) $(DEEP) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
