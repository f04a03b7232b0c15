# make demo    the main job: a cost table, a closed form, a predicted latency
# make test    all tests, with branch coverage
# make lint    ruff: rules and format
# make types   mypy, strict
# make docs    the documentation, strictly, into build/site
# make bench   speed beside other tools (installs PyTorch)
# make accuracy  how good predictions are, on the measurements in ../shared: docs/accuracy.md anew
# make contradictions  published figures that exact counting contradicts, and why
# make format  apply what lint would change
# make clean   remove what the others made
#
# Each makes what it needs in .venv, once: Python 3.11 or later with pip and venv is enough to begin.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NETWORK := mobilenet_v1
# What of the optional packages the tests need, for users all the same.
EXTRAS := cli,calibrate,distributed,onnx,parquet,plot,search
# The limit on coverage is that of CI, where PyTorch is installed and its reader is tested too.
COVERAGE := $(if $(filter true,$(CI)),,--cov-fail-under=80)

.DEFAULT_GOAL := demo
.PHONY: demo test lint types docs bench accuracy contradictions format clean

demo: $(VENV)/.demo
	$(BIN)/costmodel summary $(NETWORK) --set width=0.75
	$(BIN)/costmodel formula $(NETWORK) --symbols width,resolution
	$(BIN)/costmodel predict $(NETWORK) --set width=0.75 --device pixel-1

test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=8 --dist=worksteal --cov=costmodel $(COVERAGE)

lint: $(VENV)/.lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.lint
	$(BIN)/mypy

docs: $(VENV)/.docs
	$(BIN)/python docs/generate.py build
	PYTHONPATH=docs $(BIN)/zensical build --strict --clean --config-file build/mkdocs.yml

bench: $(VENV)/.bench
	$(BIN)/python -m pytest --benchmark-enable --override-ini=python_files="bench_*.py" --override-ini=python_functions="bench_*" --capture=no tests/benchmarks

accuracy: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python docs/accuracy.py --shared ../shared -o docs/accuracy.md

contradictions: $(VENV)/.test
	@$(BIN)/python -m tests.zoo.contradictions

format: $(VENV)/.lint
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) build dist .benchmarks .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache

# A stamp is written last, so that what was interrupted is done again.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "costmodel needs Python 3.11 or later; name one: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv --clear $(VENV)
	$(INSTALL) --upgrade 'pip>=25.1'
	@touch $@

# What compares with PyTorch runs under CI, and where PyTorch is installed already.
$(VENV)/.test: pyproject.toml | $(VENV)/.made
	$(INSTALL) --editable '.[$(EXTRAS)]' --group test $(if $(filter true,$(CI)),--group torch)
	@touch $@

$(VENV)/.demo: pyproject.toml | $(VENV)/.made
	$(INSTALL) --editable '.[cli,calibrate]'
	@touch $@

$(VENV)/.%: pyproject.toml | $(VENV)/.made
	$(INSTALL) --editable '.[$(EXTRAS)]' --group $*
	@touch $@
