# Two commands on a fresh machine: `make demo` and `make test`. Each does all of its own set-up.
PYTHON ?= python3
VENV ?= .venv
# Where PyTorch's CPU build is taken from if the package index in use has none; a mirror is fine.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Fixed sentences are spoken into the cache once, and again when somebody has changed one.
SPOKEN := $(VENV)/.spoken
# The company whose calls are answered.
COMPANY ?= companies/jinghe

.PHONY: demo test test-fast serve evals bench check models setup clean

demo: models $(SPOKEN)
	$(BIN)/hotline replay audio_fixtures/order-query --company $(COMPANY)
	$(BIN)/hotline replay audio_fixtures/complaint-washing-machine --company $(COMPANY)

# On this machine people sign in at /seat by their login alone, as companies/jinghe/routing/seats.yaml has it.
serve: models $(SPOKEN)
	HOTLINE_SERVER__SEATS_OPEN_ON_LOOPBACK=true $(BIN)/hotline serve --company $(COMPANY)

evals: models
	$(BIN)/python -m bench.evals

# What waits for sockets and timers goes three at a time; what hears, thinks and speaks has the machine for itself.
test: check models
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not models and not browser"
	$(BIN)/python -m pytest -m "models or browser"

test-fast: $(STAMP)
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not models and not browser"

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

$(SPOKEN): $(wildcard prompts/*/*.yaml $(COMPANY)/*/*.yaml $(COMPANY)/*.yaml) | models
	$(BIN)/hotline prepare --company $(COMPANY) --quick
	touch $(SPOKEN)

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt setup.sh
	PYTHON="$(PYTHON)" VENV="$(VENV)" TORCH_INDEX="$(TORCH_INDEX)" sh setup.sh
	touch $(STAMP)

clean:
	rm -rf $(VENV) data out build *.egg-info
