# Every target is one line of help away: make help
PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOWEST ?= .venv-lowest

.PHONY: help docs notebooks demo install test test-docs test-lowest test-slow test-crash test-cluster check format bench bench-quick clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(STAMP)  ## install, then sweep attention and width over three seeds on embedded data and print the table
	$(RUN)/python train.py -m experiment=demo attention=none,eca scale.width=0.125,0.0625 seed=0,1,2

install: $(STAMP)  ## the environment in .venv: exact versions, by uv where it can be had, else by pip

$(STAMP): pyproject.toml constraints.txt
	sh scripts/install.sh $(PYTHON) $(VENV)
	@touch $(STAMP)

test: $(STAMP)  ## the whole test suite
	OMP_NUM_THREADS=1 $(RUN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-lowest:  ## the suite, but for its slow parts, on the lowest versions that pyproject.toml allows (needs uv)
	uv venv --quiet --allow-existing --python $(PYTHON) $(LOWEST)
	uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct -e '.[dev]'
	OMP_NUM_THREADS=1 $(LOWEST)/bin/python -m pytest -n 2 --dist loadfile

test-slow: $(STAMP)  ## proofs that train for minutes
	$(RUN)/python -m pytest -m slow

test-docs: $(STAMP)  ## every command of README and docs, and the notebooks
	OMP_NUM_THREADS=1 $(RUN)/python -m pytest -m "docs or not docs" tests/test_documented.py tests/test_docs.py tests/test_notebooks.py

test-crash: $(STAMP)  ## a sweep killed 200 times, on a full disk, by two controllers, under a clock that jumps (half an hour)
	$(RUN)/python -m pytest tests/crash -m "crash or not crash" -s

test-cluster: $(STAMP)  ## sweeps on a real local Ray cluster of two nodes and a real SLURM (SLURM_CONF), where they are
	sh scripts/install.sh $(PYTHON) $(VENV) dev,ray,slurm
	$(RUN)/python -m pytest tests/cluster -m cluster

check: $(STAMP)  ## ruff, pyright, import-linter, the picture of the layers, bandit, pip-audit
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/pyright
	$(RUN)/lint-imports
	$(RUN)/python scripts/draw_layers.py --check
	$(RUN)/bandit --quiet --recursive --severity-level medium src scripts train.py
	sh scripts/audit.sh $(RUN)

format: $(STAMP)  ## let ruff format and mend what it can
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

docs: $(STAMP)  ## the documents as a site, in site/
	NO_MKDOCS_2_WARNING=1 $(RUN)/mkdocs build --strict --quiet

notebooks: $(STAMP)  ## run the notebooks and keep their outputs
	$(RUN)/python scripts/run_notebooks.py

bench: $(STAMP)  ## benchmarks, as ratios of one run
	@set -e; for script in benchmarks/*.py; do echo "$$script"; $(RUN)/python $$script; done

bench-quick: $(STAMP)  ## the same in their smallest form: do they run at all
	@set -e; for script in benchmarks/*.py; do echo "$$script"; $(RUN)/python $$script --quick; done

clean:  ## remove the environment and caches; runs stay
	rm -rf $(VENV) $(LOWEST) .ruff_cache .import_linter_cache .hypothesis
