# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the set-up scripts share: messages, steps with a running clock, and the folders. Sourced by ./run from the root
# of the repository.

export LC_ALL=C.UTF-8
ROOT=$PWD
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
LOGS=$TARGET/run-logs
STEP_PID=

say() { printf '%s\n' "$*"; }

# fail SENTENCE: the last thing that is printed.
fail() {
  printf '\nerror: %s\n' "$*" >&2
  exit 1
}

stop_step() {
  [ -z "$STEP_PID" ] || kill "$STEP_PID" 2>/dev/null || true
  exit 130
}
trap stop_step INT TERM

# step TITLE COMMAND...: runs the command with its output in a log file, and shows that time passes: on a terminal
# every second, else a line every 20 seconds. Leaves the path of the log in STEP_LOG; returns the command's status.
step() {
  local title=$1 start=$SECONDS next=20 status=0 shown=-1 elapsed
  shift
  mkdir -p "$LOGS" || fail "can not write to $TARGET; set CARGO_TARGET_DIR to a folder that can be written."
  STEP_LOG=$LOGS/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9.' '-' | cut -c1-48).log
  "$@" >"$STEP_LOG" 2>&1 </dev/null &
  STEP_PID=$!
  while kill -0 "$STEP_PID" 2>/dev/null; do
    elapsed=$((SECONDS - start))
    if [ -t 1 ]; then
      [ "$elapsed" = "$shown" ] || printf '\r\033[K  %s ... %d s  %s' "$title" "$elapsed" "$(last_line 60)"
      shown=$elapsed
    elif [ "$elapsed" -ge "$next" ]; then
      printf '  %s ... %d s  %s\n' "$title" "$elapsed" "$(last_line 100)"
      next=$((next + 20))
    fi
    sleep 0.2
  done
  wait "$STEP_PID" || status=$?
  STEP_PID=
  [ ! -t 1 ] || printf '\r\033[K'
  if [ "$status" = 0 ]; then
    printf '  %s: done in %d s\n' "$title" $((SECONDS - start))
  else
    printf '  %s: FAILED after %d s; its last lines (all of it: %s):\n' "$title" $((SECONDS - start)) "$STEP_LOG"
    tail -n 25 "$STEP_LOG" | sed 's/^/    /'
  fi
  return "$status"
}

# last_line WIDTH: the newest line of the running step's log, without control characters.
last_line() {
  tail -c 2000 "$STEP_LOG" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | tr -d '\000-\037' | cut -c "1-$1" || true
}

# A machine without a writable home folder still has this repository.
if [ ! -w "${HOME:-/nonexistent}" ]; then
  export CARGO_HOME=${CARGO_HOME:-$ROOT/.tools/cargo}
  export PIP_NO_CACHE_DIR=1
fi
export YOWASP_CACHE_DIR=${YOWASP_CACHE_DIR:-$ROOT/.tools/yowasp-cache}

# set_up demo|tests|benchmark|corpus|traffic|shells|boards: the demo needs less; the benchmark needs of Debian what the demo needs, the corpus of
# Python, shells and boards of Debian what the tests need.
set_up() {
  say "== Setting up for: $1"
  check_rust
  install_system_packages "$(sed "s/benchmark/demo/; s/shells/tests/; s/boards/tests/" <<<"$1")"
  install_python_packages "$(sed "s/corpus/demo/; s/traffic/tests/" <<<"$1")"
}
