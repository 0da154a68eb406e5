# Everything a newcomer needs: `make demo`, `make test`. Each sets itself up in .venv.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.histobench-installed
# A process of tests for each core, up to four (each may take 2 GB), of one thread each: with more they wait for each other.
ABREAST ?= -n logical --maxprocesses 4 --dist worksteal
OMP_NUM_THREADS ?= 1

.PHONY: help setup demo bounds test test-all lint format lock clean

help:
	@echo "make setup     install into .venv from requirements.lock"
	@echo "make demo      the study in small: fine-tune, sample, measure, and write the board"
	@echo "make bounds    measure real images and noise on phantom patches, and write the board"
	@echo "make test      lint, types and tests"
	@echo "make test-all  the same with the slow tests"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml scripts/setup.sh
	PYTHON="$(PYTHON)" sh scripts/setup.sh
	@touch $(STAMP)

demo: setup
	$(BIN)/bench run --suite demo

bounds: setup
	$(BIN)/bench run --suite phantom-bounds

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test test-all: export OMP_NUM_THREADS := $(OMP_NUM_THREADS)

test: lint
	$(BIN)/python -m pytest -m "not slow" --benchmark-skip $(ABREAST)

test-all: lint
	$(BIN)/python -m pytest --benchmark-skip $(ABREAST)

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Needs uv. The lock is universal (every system and Python from 3.11 on), hash-checked, and names no package index.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --group dev \
		pyproject.toml -o requirements.lock

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache
