# The same verbs as `python dev.py VERB`; words for the tool behind it: make test ARGS="-k roster"
PYTHON ?= $(or $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; \
	then echo $$p; break; fi; done),python3)
VERBS := setup run demo test check format lint types bench docs lock

.PHONY: help $(VERBS)
.DEFAULT_GOAL := help

help:
	@$(PYTHON) dev.py

$(VERBS):
	@$(PYTHON) dev.py $@ $(ARGS)
