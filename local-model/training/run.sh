#!/bin/sh
# Starts, or goes on with, a run in the background: run.sh NAME [options of train.py]. It writes state/NAME/train.log.
# Waiting threads must not spin: on a busy two-core machine that costs several times the work itself.
set -eu
cd "$(dirname "$0")"
name=$1
shift
mkdir -p "state/$name"
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 PYTHONUNBUFFERED=1
setsid nohup nice -n "${NICE:-19}" "${PYTHON:-python}" train.py --name "$name" "$@" >>"state/$name/train.log" 2>&1 &
echo "$!"
