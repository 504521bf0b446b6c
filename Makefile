# Two commands on a fresh machine: `make demo` and `make test`. Each does all of its own set-up.
PYTHON ?= python3
VENV ?= .venv
# Where PyTorch's CPU build is taken from if the package index in use has none; a mirror is fine.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Fixed sentences are spoken into the cache once, and again when somebody has changed one.
SPOKEN := $(VENV)/.spoken

.PHONY: demo test test-fast serve bench check models setup clean

demo: models $(SPOKEN)
	$(BIN)/hotline replay audio_fixtures/complaint-washing-machine

serve: models $(SPOKEN)
	$(BIN)/hotline serve

test: check models
	$(BIN)/python -m pytest

test-fast: $(STAMP)
	$(BIN)/python -m pytest -m "not models"

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: models $(SPOKEN)
	mkdir -p out
	$(BIN)/python -m bench --png out/voice_to_voice.png

models: $(STAMP)
	$(BIN)/hotline models pull

$(SPOKEN): $(wildcard prompts/*/*.yaml) | models
	$(BIN)/hotline prepare
	touch $(SPOKEN)

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt setup.sh
	PYTHON="$(PYTHON)" VENV="$(VENV)" TORCH_INDEX="$(TORCH_INDEX)" sh setup.sh
	touch $(STAMP)

clean:
	rm -rf $(VENV) data out build *.egg-info
