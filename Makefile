# The verbs of the project. Each sets up what it needs; `make run` and `make test` are all a new machine has to know.

PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3,$(shell command -v $(p) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := market adapters proxy services openalgo_desktop resources

.PHONY: help setup run test lint types bench screenshots package clean

help:
	@echo "make run [ARGS=...]   start the application (headless where there is no display)"
	@echo "make test             run the tests          make lint types   check the code"
	@echo "make bench            measure                make screenshots  renew docs/images"
	@echo "make package          build the executable   make clean        remove what was built"

setup: $(READY)

$(READY): pyproject.toml constraints.txt tests/oracles.txt .ci/system-libraries
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Python 3.11, 3.12 or 3.13 is needed; name one with: make PYTHON=/path/to/python $(MAKECMDGOALS)"; exit 1; }
	@sh .ci/system-libraries
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--group test --group oracles --group lint --group package --group profile --editable .
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement tests/oracles.txt
	@touch $(READY)

run: $(READY)
	@$(BIN)/openalgo-desktop $(ARGS)

test: $(READY)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 2 --dist loadscope $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@sh .ci/audit $(BIN)/pip-audit

types: $(READY)
	$(BIN)/mypy

bench: $(READY)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks $(ARGS)

screenshots: $(READY)
	$(BIN)/python -m tests.screenshots $(ARGS)

package: $(READY)
	$(BIN)/pyinstaller --noconfirm --clean build.spec
	$(BIN)/python -m tests.packaged dist/openalgo-desktop/openalgo-desktop

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
