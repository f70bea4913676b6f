# Two commands matter: `make report` and `make test`. Each sets up what it needs first.
# Everything is installed into .venv (hashes checked); nothing else on the machine changes. A report and JupyterLab need
# requirements.lock only; what tests and checks need too is in requirements-dev.lock.

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/installed
DEV := $(VENV)/installed-dev
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help report test edition-test break-test browser-test validation-test validate lab docs check lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(RUN): requirements.lock pyproject.toml
	@tools/setup.sh "$(PYTHON)" "$(VENV)" run
	@touch $@

$(DEV): requirements-dev.lock requirements.lock pyproject.toml
	@tools/setup.sh "$(PYTHON)" "$(VENV)" dev
	@touch $@ $(RUN)

report: $(RUN) ## make the report (HTML and PDF) in reports/; options: make report ARGS="--as-of 2017-11"
	@$(BIN)/korus report $(ARGS)

test: $(DEV) ## run the test suite (without whole reports, browser and validation)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser and not validation and not slow" $(ARGS)

edition-test: $(DEV) ## test whole reports, and runs that are killed (minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m slow $(ARGS)

break-test: $(DEV) ## test hostile environments, failing disks, kills, malformed input (minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/faults tests/test_mistyped.py tests/test_clone.py tests/data/test_damage.py \
		tests/data/test_files.py tests/data/cache/test_store.py tests/editions/test_swap.py tests/editions/test_kill.py $(ARGS)

browser-test: $(DEV) ## test in Chromium: accessibility, page widths, JupyterLab (skipped without Chromium)
	@$(BIN)/python -m pytest -m browser $(ARGS)

validation-test: $(DEV) ## compare our numbers with published ones and other packages, with small simulations
	@$(BIN)/python -m pytest -n 2 -m validation $(ARGS)

validate: $(DEV) ## the same with large simulations (minutes); writes docs/validation.md
	@$(BIN)/python -m pytest tests/validation --large --write-validation docs/validation.md $(ARGS)

lab: $(RUN) ## open copies of the chapters in JupyterLab; options: make lab ARGS="FOLDER -- --port 8890"
	@$(BIN)/korus lab $(ARGS)

docs: $(DEV) ## build the documentation site in build/site
	@$(BIN)/python tools/build_docs.py $(ARGS)

check: $(DEV) ## check formatting, types, imports, house rules, words
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/check_house.py
	@$(BIN)/python tools/lint_words.py
	@$(BIN)/python tools/licences.py --check

COMPILE := --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml
lock: $(DEV) ## update both lock files from pyproject.toml
	@$(BIN)/uv pip compile $(COMPILE) --group pyproject.toml:build -o requirements.lock
	@$(BIN)/uv pip compile $(COMPILE) --group pyproject.toml:build --group pyproject.toml:dev -c requirements.lock -o requirements-dev.lock
	@touch $(RUN) $(DEV)
	@$(MAKE) --no-print-directory -W requirements.lock $(DEV)
	@echo "both locks written; run make report and make test, then commit them"

clean: ## remove the environment and caches, not reports/
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
