# Everything that a person or a machine does with the portal. `make help` lists it.

.DEFAULT_GOAL := help
.PHONY: help demo test check bench lock messages clean

VENV := .venv
BIN := $(VENV)/bin
# Keyed on the lock file's content, so packages are installed when it changes and only then.
STAMP := $(VENV)/installed-$(shell sha256sum requirements-dev.lock | cut -c1-16)
MO := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))
SERVERS := $(BIN)/python -m portal.demo.servers --test --
# No address of a package registry may stand in a lock file.
COMPILE := pip-compile --quiet --upgrade --strip-extras --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
CODE := portal accounts devices services warranty orders
export PATH := $(CURDIR)/$(BIN):$(PATH)

help:  ## list what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 16

demo: $(STAMP) $(MO)  ## run the portal with demo data; PORT=8000, RESET=1 starts afresh
	@exec $(BIN)/python -m portal.demo.run

test: $(STAMP) $(MO)  ## run every test; ARGS="-k serial" are handed to pytest
	@exec $(SERVERS) $(BIN)/pytest -n 2 --dist loadfile $(ARGS)

check: $(STAMP) $(MO)  ## linters, types, migrations, translations, settings
	ruff check
	ruff format --check
	djlint --quiet --lint --profile django --ignore H015,H043 --per-file-ignores templates/mail H021 templates
	@exec $(SERVERS) sh -c 'mypy $(CODE) && python -m portal.demo.check'

bench: $(STAMP) $(MO)  ## print speed as ratios, one JSON object a line
	@exec $(SERVERS) $(BIN)/python -m tests.bench $(ARGS)

messages: $(STAMP)  ## collect the sentences to translate into locale/
	@command -v xgettext >/dev/null || { echo "xgettext is missing. Install it with: apt-get install gettext"; exit 1; }
	@exec $(SERVERS) $(BIN)/python manage.py makemessages -l pl -l cs --add-location file --ignore .venv --ignore .local

lock:  ## choose the newest allowed versions of all packages, with hashes
	python3 -m venv --clear .local/lock-venv
	.local/lock-venv/bin/pip install -qq --disable-pip-version-check pip-tools
	.local/lock-venv/bin/$(COMPILE) --output-file requirements.lock pyproject.toml
	.local/lock-venv/bin/$(COMPILE) --extra dev --output-file requirements-dev.lock pyproject.toml
	rm -rf .local/lock-venv

clean:  ## remove everything that was made: packages, demo data, caches
	rm -rf $(VENV) .local .pytest_cache .mypy_cache .ruff_cache .hypothesis $(MO)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements-dev.lock
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed. Install it with: apt-get install python3 python3-venv"; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing. Install it with: apt-get install python3-venv"; exit 1; }
	@echo "Installing the packages of requirements-dev.lock into $(VENV) ..."
	@test -x $(BIN)/pip || python3 -m venv $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@rm -f $(VENV)/installed-* && touch $@

%.mo: %.po | $(STAMP)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
