#!/usr/bin/env bash
# Checks that the program compiles with --features cuda, that what comes of it starts and does everything but train on a machine without
# NVIDIA's driver, and that its code for the driver trains with an emulated one. Needs neither toolkit nor card; only a machine with a
# card can train on one.
#
#   scripts/check-cuda.sh                       [CARGO_TARGET_DIR as for cargo]
#   scripts/check-cuda.sh --composed [FOLDER]   --features cuda-composed as well: candle's operations beside the kernels for cards. Where
#                                               there is no nvcc it takes the toolkit's parts from NVIDIA's wheels on PyPI into FOLDER
#                                               [default: $TMPDIR/eeg-tui-cuda], which needs 6 GB, python3 with venv and 10 to 60 minutes
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" != --composed ]; then
    cargo build --locked --bin eeg-tui --features cuda
    program=${CARGO_TARGET_DIR:-target}/debug/eeg-tui
    if command -v readelf >/dev/null && readelf -d "$program" | grep NEEDED | grep -E 'cuda|cublas|curand|nvrtc|nvidia'; then
        echo "check-cuda: the program is linked with NVIDIA's libraries and won't start without them" >&2
        exit 1
    fi
    runs=$(mktemp -d)
    trap 'rm -r "$runs"' EXIT
    "$program" --runs "$runs/runs" list
    "$program" --runs "$runs/runs" params >/dev/null
    if ! command -v nvidia-smi >/dev/null && "$program" --runs "$runs/runs" --device cuda doctor; then
        echo "check-cuda: --device cuda should be refused without a driver" >&2
        exit 1
    fi
    # The code that talks to the driver, with one that is emulated: a library of its name, whose card computes as C++.
    "${CXX:-c++}" -std=c++17 -O2 -shared -fPIC -o "$runs/libcuda.so" nn/src/cuda/emulated_driver.cpp
    LD_LIBRARY_PATH=$runs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} EEG_TUI_CARD=1 \
        cargo test --locked --features cuda --test cuda -- --test-threads 1
    LD_LIBRARY_PATH=$runs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$program" --runs "$runs/runs" --device cuda doctor
    old=$(EEG_TUI_EMULATED_CAPABILITY=7 LD_LIBRARY_PATH=$runs "$program" --runs "$runs/runs" --device cuda doctor 2>&1 || true)
    grep -q '8.0, that of Ampere' <<<"$old" || { echo "check-cuda: a card that is too old should be refused in a sentence: $old" >&2; exit 1; }
    echo "--features cuda: passed"
    exit
fi

folder=${2:-${TMPDIR:-/tmp}/eeg-tui-cuda}
mkdir -p "$folder"
if ! command -v nvcc >/dev/null; then
    if [ ! -x "$folder/venv/bin/pip" ]; then
        python3 -m venv "$folder/venv"
    fi
    # nvcc's two parts must be of its own version: left free, pip takes newer ones, whose PTX its assembler refuses.
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
        nvidia-cuda-nvcc==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-crt==13.0.88 \
        'nvidia-cuda-runtime==13.0.*' 'nvidia-cuda-cccl==13.0.*' \
        'nvidia-cuda-nvrtc==13.0.*' 'nvidia-cublas==13.*' 'nvidia-curand==10.4.*'
    CUDA_HOME=$("$folder/venv/bin/python" -c \
        'import pathlib, sysconfig; print(pathlib.Path(sysconfig.get_path("purelib"), "nvidia", "cu13"))')
    # The wheels say lib where the build scripts look for lib64.
    [ -e "$CUDA_HOME/lib64" ] || ln -s lib "$CUDA_HOME/lib64"
    export CUDA_HOME CUDA_PATH=$CUDA_HOME CUDA_ROOT=$CUDA_HOME CUDA_TOOLKIT_ROOT_DIR=$CUDA_HOME
    export PATH=$CUDA_HOME/bin:$PATH LIBRARY_PATH=$CUDA_HOME/lib${LIBRARY_PATH:+:$LIBRARY_PATH}
fi
# There may be no card to ask. 8.0 is Ampere; set CUDA_COMPUTE_CAP for another.
export CUDA_COMPUTE_CAP=${CUDA_COMPUTE_CAP:-80}
nvcc --version | tail -n 2

CARGO_TARGET_DIR=$folder/target cargo check --locked --lib --bins --features cuda-composed
echo "--features cuda-composed: passed"
