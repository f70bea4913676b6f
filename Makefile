# Two commands matter: `make report` and `make test`. Each sets itself up first.
# Everything is installed into .venv from requirements.lock (hashes checked); nothing else on the machine changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help report test edition-test break-test browser-test validation-test validate lab check lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock pyproject.toml
	@tools/setup.sh "$(PYTHON)" "$(VENV)"
	@touch $@

report: $(STAMP) ## regenerate the report (HTML and PDF) into reports/; options: make report ARGS="--as-of 2017-11"
	@$(BIN)/korus report $(ARGS)

test: $(STAMP) ## the test suite: everything that makes no report and needs neither browser nor validation
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser and not validation and not slow" $(ARGS)

edition-test: $(STAMP) ## tests that make reports, whole and small ones, and of runs that are killed (minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m slow $(ARGS)

break-test: $(STAMP) ## what breaks others: hostile surroundings, disks that refuse, kills, input that nobody would write (minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/faults tests/test_mistyped.py tests/test_clone.py tests/data/test_damage.py \
		tests/data/test_files.py tests/data/cache/test_store.py tests/editions/test_swap.py tests/editions/test_kill.py $(ARGS)

browser-test: $(STAMP) ## tests in Chromium: accessibility, screenshots, JupyterLab (skipped where there is no Chromium)
	@$(BIN)/python -m pytest -m browser $(ARGS)

validation-test: $(STAMP) ## hold our numbers against others', simulations small; each has its line in docs/validation.md
	@$(BIN)/python -m pytest -n 2 -m validation $(ARGS)

validate: $(STAMP) ## the same with large simulations (minutes), and write docs/validation.md
	@$(BIN)/python -m pytest tests/validation --large --write-validation docs/validation.md $(ARGS)

lab: $(STAMP) ## open the chapters in JupyterLab
	@$(BIN)/jupyter lab notebooks

check: $(STAMP) ## lint, format, types, architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/check_house.py
	@$(BIN)/python tools/lint_words.py

lock: $(STAMP) ## resolve pyproject.toml again into requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		--group pyproject.toml:dev pyproject.toml -o requirements.lock
	@echo "requirements.lock written; run make report and make test, then commit it"

clean: ## remove the environment and caches (never reports/)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
