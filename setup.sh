#!/bin/sh
# Virtual environment and pinned packages. Run by make; VENV, PYTHON and TORCH_INDEX come from there.
set -eu

"$PYTHON" - <<'CHECK'
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(f"Python 3.11 to 3.13 is needed, {sys.executable} is {sys.version.split()[0]}; name another: make PYTHON=python3.12")
CHECK

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
pip="$VENV/bin/python -m pip --disable-pip-version-check"

# PyTorch first: on Linux the plain package brings gigabytes of CUDA that the CPU profile never uses. Its CPU build is taken from
# wherever pip is set up to look, else from PyTorch's own index; only if neither has it does the plain package come.
torch=$(sed -n 's/^torch==//p' constraints.txt)
if ! "$VENV/bin/python" -c 'import torch' 2>/dev/null; then
    case "$(uname -s)-$(uname -m)" in
    Linux-x86_64 | Linux-aarch64)
        $pip install --quiet "torch==$torch+cpu" 2>/dev/null ||
            $pip install --quiet "torch==$torch+cpu" --extra-index-url "$TORCH_INDEX" ||
            $pip install "torch==$torch"
        ;;
    *) $pip install "torch==$torch" ;;
    esac
fi
$pip install --quiet --constraint constraints.txt --editable ".[dev]"
