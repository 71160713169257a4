# Everything a fresh machine needs: Python 3.11, make and git.
PYTHON ?= $(or $(shell command -v python3.11),python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: messages bench bench-scale help ask test test-faults test-hostile lint format eval docs lock sbom audit load clean

help:
	@echo 'make ask Q="What is mode collapse?"   set up what is missing, then answer'
	@echo 'make test                             set up what is missing, then test'
	@echo 'make test-faults                      kill it, fill its disk, break its files: all of it'
	@echo 'make test-hostile                     2,000 spoiled files, 10,000 forged interactions, bombs'
	@echo 'make eval                             ask the golden questions and write eval.html'
	@echo 'make docs                             write the page of settings anew'
	@echo 'make bench                            compare with other ways, in half an hour at most'
	@echo 'make messages                         bring the translations in step with the code'
	@echo 'make bench-scale N=100000             build and search a library of N passages'
	@echo 'make load MEMBERS=200 SECONDS=600     let many members of many servers ask at once'
	@echo 'make lint | format                    check, or put right, the form of the code'
	@echo 'make lock | sbom | audit              lock the packages, list them, ask what is known against them'

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo 'Python 3.11 is needed: install it, or name it with PYTHON=…'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'Installing the environment; this takes a few minutes the first time.'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on -c constraints.txt -e '.[dev]'
	@touch $@

ask: $(STAMP)
	@$(BIN)/footnote ask "$$Q"

test: $(STAMP)
	@$(BIN)/footnote models fetch
	@$(BIN)/python -m pytest

test-faults: $(STAMP)
	@FAULTS=all $(BIN)/python -m pytest -s tests/faults

test-hostile: $(STAMP)
	@HOSTILE=all $(BIN)/python -m pytest -s tests/hostile

MEMBERS ?= 200
SECONDS ?= 600
load: $(STAMP)
	@$(BIN)/python -m tests.load --members $(MEMBERS) --seconds $(SECONDS) --out load

eval: $(STAMP)
	@$(BIN)/footnote eval tests/evals/golden.jsonl --out eval.json --html eval.html

docs: $(STAMP)
	@$(BIN)/python -m bot.reference docs/settings.md

COUNT ?= 12
bench: $(STAMP)
	@$(BIN)/python -m tests.benchmarks.compare --count $(COUNT) \
		--pictures docs/pictures --pages README.md docs/models-and-hardware.md

messages: $(STAMP)
	@$(BIN)/python -m bot.catalogues

N ?= 100000
bench-scale: $(STAMP)
	@$(BIN)/python -m tests.benchmarks.scale $(N) --server --out scale-$(N).json

# What looks after the packages has an environment of its own, so that it is none of them.
TOOLS := .tools
$(TOOLS)/.installed: Makefile
	@test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check pip-tools==7.6.2 cyclonedx-bom==7.5.0 pip-audit==2.10.1
	@touch $@

lock: $(STAMP) $(TOOLS)/.installed
	@$(BIN)/python -m tests.supply.lock $(TOOLS)/bin/pip-compile

sbom: $(STAMP) $(TOOLS)/.installed
	@$(BIN)/python -m tests.supply.bill $(TOOLS)/bin/cyclonedx-py sbom.json

audit: $(STAMP) $(TOOLS)/.installed
	@$(BIN)/python -m tests.supply.audit $(TOOLS)/bin/pip-audit

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(TOOLS) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
