# Everything a newcomer does, each in one command. Needs make, a Python 3.9 or later to start from, and a package index.

PYTHON ?= python3
DECK ?= it-first
FRENCH ?= ../fr
ENGLISH ?= ../html
LAB ?= ../spells
SHELL := /bin/bash
UV := .tools/bin/uv
BIN := .venv/bin
export UV_LINK_MODE ?= copy
ifdef VISIT
export VISIT
endif
ifdef PUBLIC
export PUBLIC
endif
ifdef TRUST
export TRUST
endif

.DEFAULT_GOAL := help
.PHONY: help site french catalogues services test live letters present rehearse export pictures bench bench-examples mutants drift linkcheck lighthouse lab lint lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

site: .venv/ready ## run every cell; leave the site and the decks in _build/html (VISIT=visits/<name>.toml for a visit of yours, TRUST=1 for its data and cluster, PUBLIC=1 to publish)
	@$(BIN)/sphinx-build -W -j auto . _build/html
	@echo
	@echo "The site:     _build/html/index.html"
	@echo "The decks:    _build/html/talks/*-slides.html (they open offline; S: speaker view)"
	@echo "To present:   make present          (make rehearse checks every slide, make export writes what you carry)"

french: .venv/ready ## build the site in English and in French, each page with a link to the other: _build/html and _build/fr
	@LANGUAGES=fr=$(FRENCH) $(BIN)/sphinx-build -W -j auto . _build/html
	@SITE_LANGUAGE=fr LANGUAGES=en=$(ENGLISH) SITE_URL=$${SITE_URL:+$${SITE_URL%/}/fr} $(BIN)/sphinx-build -W -j auto . _build/fr

catalogues: .venv/ready ## bring what is to be translated up to date with the pages (PAGES="guide/presenting" begins with another)
	@rm -rf _build/gettext && $(BIN)/sphinx-build -q -b gettext -j auto . _build/gettext
	@$(BIN)/roadshow catalogues $(PAGES)

services: .venv/ready ## install what some segments run beside or read: SLURM, CDO and data (on a Debian, as root or by sudo) and JupyterHub's proxy (where npm is)
	@$(BIN)/python -m examples.services.debian || true
	@if command -v npm >/dev/null; then mkdir -p .tools && cp proxy/package*.json .tools && npm ci --prefix .tools --silent --no-audit --no-fund \
	  && ln -sf ../../.tools/node_modules/.bin/configurable-http-proxy $(BIN); \
	  else echo "JupyterHub's proxy needs npm, which comes with Node.js; without it, pages show what was recorded."; fi

test: services site ## build the site beside its services, find or install a browser, and run every test
	@$(BIN)/python -m roadshow.stage.browser
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

live: .venv/ready ## rebuild and reload in the browser while somebody writes
	@$(BIN)/sphinx-autobuild -j auto --host 127.0.0.1 --port 0 --open-browser \
	  --ignore '*/_build/*' --ignore '*/.venv/*' --ignore '*/.tools/*' --ignore '*/.git/*' --ignore '*/__pycache__/*' . _build/html

present: site ## open a deck in two windows, the room's and the speaker's (DECK=science-first for another)
	@$(BIN)/roadshow present $(DECK)

rehearse: site ## walk every slide of every deck in a browser and report what the back row could not read
	@$(BIN)/python -m roadshow.stage.browser
	@$(BIN)/roadshow rehearse --all

export: site ## write every deck as one HTML file, as PDF, with its notes, as a handout and as captions, into _build/stick
	@$(BIN)/python -m roadshow.stage.browser
	@$(BIN)/roadshow export --all && $(BIN)/roadshow captions --all

letters: .venv/ready ## write the letters and sheets of the visit, as text to paste and as PDF, into _build/letters (VISIT=visits/<name>.toml)
	@$(BIN)/python -m roadshow.stage.browser
	@$(BIN)/roadshow letters $(VISIT)

pictures: site ## take the pictures of slides that the landing page shows
	@$(BIN)/python -m roadshow.stage.browser
	@$(BIN)/python assets/pictures/take.py

bench: site ## measure builds and decks against other tools; write benchmarks/RESULTS.md, STAGE.md and tasks.json (takes half an hour)
	@$(BIN)/python -m roadshow.stage.browser
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python .tools/peers
	@$(UV) pip sync --quiet --python .tools/peers --require-hashes benchmarks/peers.lock
	@$(BIN)/python benchmarks/builds.py
	@$(BIN)/python benchmarks/stage.py
	@$(BIN)/python -m benchmarks.tasks

bench-examples: services ## measure the examples at SIZES GB (1 4 16) beside CDO, NCO, Iris and NumPy; write benchmarks/EXAMPLES.md (takes two and a half hours and 40 GB of disk)
	@$(BIN)/python -m benchmarks.scale $(SIZES)
	@$(BIN)/python -m benchmarks.workers

mutants: .venv/ready ## change each function of the science examples once, and see a test fail (MUTANTS='*' for every change there is)
	@rm -rf _build/mutants && mkdir -p _build/mutants && cp -r assets data evidence examples talks tests visits pyproject.toml requirements.lock _build/mutants
	@cd _build/mutants && $(CURDIR)/$(BIN)/python -m mutmut run --max-children 2 $(or $(MUTANTS),'*__mutmut_1') > said.txt 2>&1; \
	  $(CURDIR)/$(BIN)/python -m mutmut results --all true | grep -v 'not checked' | tee results.txt | sed 's/.*: //' | sort | uniq -c; \
	  { grep -v killed results.txt && exit 1; } || grep -q killed results.txt

drift: site ## compare what the slides state with what other packages compute (CONSTRAINTS=constraints/oldest.txt for others than the newest)
	@$(UV) venv --quiet --clear --python $(BIN)/python .tools/drift
	@$(UV) pip install --quiet --python .tools/drift --constraint $(or $(CONSTRAINTS),constraints/newest.txt) --editable .
	@rm -rf _build/drift
	@.tools/drift/bin/sphinx-build -q -j auto . _build/drift/html 2>&1 | grep -v mystnb.stderr; built=$${PIPESTATUS[0]}; \
	  $(BIN)/roadshow drift _build/drift/.jupyter_cache && exit $$built

linkcheck: site ## try every link to outside, of the pages and the decks (needs a network); the list is _build/linkcheck/output.json
	@$(BIN)/sphinx-build -q -b linkcheck -d _build/linkcheck/.doctrees . _build/linkcheck > _build/linkcheck.txt 2>&1; $(BIN)/python -m roadshow.links _build/linkcheck/output.json

lighthouse: site ## let Lighthouse mark pages of the site for a phone and a desk (needs npm); write benchmarks/LIGHTHOUSE.md, fail below 95
	@command -v npm >/dev/null || { echo "Lighthouse needs npm, which comes with Node.js 18 or later."; exit 1; }
	@mkdir -p .tools/lighthouse && cp benchmarks/lighthouse/package*.json .tools/lighthouse
	@npm ci --prefix .tools/lighthouse --ignore-scripts --silent --no-audit --no-fund
	@$(BIN)/python -m roadshow.stage.browser
	@$(BIN)/python benchmarks/pages.py

lab: .venv/ready ## put the package of the lab, with its defect and its tests, into a folder where two people fix it (LAB=../spells)
	@test ! -e $(LAB) || { echo "$(LAB) is there already; name another folder: make lab LAB=../another"; exit 1; }
	@mkdir -p $(LAB) && cp examples/lab/spells.py examples/lab/start/test_spells.py $(LAB)
	@echo "The package and its tests are in $(LAB). To run the tests:"
	@echo "  cd $(LAB) && $(abspath $(BIN))/python -m pytest -q"

lint: .venv/ready ## style, types and import floors
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

lock: $(UV) ## renew the lock file from pyproject.toml
	@$(UV) pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --group dev \
	  pyproject.toml -o requirements.lock
	@echo "uv" | $(UV) pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade - -o tools.lock
	@for folder in proxy benchmarks/lighthouse; do (cd $$folder && npm update --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent); \
	  $(BIN)/python -c "import json, sys; from pathlib import Path; p = Path(sys.argv[1], 'package-lock.json'); lock = json.loads(p.read_text()); [e.pop('funding', None) for e in lock['packages'].values()]; p.write_text(json.dumps(lock, indent=2) + chr(10))" $$folder; done
	@printf 'mystmd\njupyter-server\n' | $(UV) pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade - -o benchmarks/peers.lock

clean: ## remove what was built (the environment stays)
	@rm -rf _build

$(UV): tools.lock
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON). Install Python 3.13 (3.12 works), or name one: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -m venv .tools || { echo "$(PYTHON) cannot make environments. On Debian: apt-get install python3-venv"; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools.lock
	@touch $@

.venv/ready: $(UV) requirements.lock pyproject.toml .python-version
	@$(UV) venv --quiet --allow-existing --python "$$(cat .python-version)" .venv || $(UV) venv --quiet --allow-existing --python '>=3.12' .venv \
	  || { echo "Python $$(cat .python-version) was not found and could not be fetched. Install it (3.12 works too), then run make again."; exit 1; }
	@$(UV) pip sync --quiet --compile-bytecode --python .venv --require-hashes requirements.lock
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	@touch $@
