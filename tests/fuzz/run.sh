#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/fuzz/run.sh SECONDS FUZZER...
# Runs each fuzzer (libFuzzer, made by `make fuzz`) for that long, one after the other, beginning with
# the committed corpus. New inputs and crashes go beside the fuzzer, never into the source tree.
# Exit: 0 all clean, 1 something was found, 2 usage.
set -eu

[ $# -ge 2 ] || {
	sed -n '3,6s/^# //p' "$0" >&2
	exit 2
}
here=$(cd "$(dirname "$0")" && pwd)
seconds=$1
shift
failed=0
# in memory where there is such a place: reports are written thousands of times
TMPDIR=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

for fuzzer; do
	name=$(basename "$fuzzer" | sed 's/^fuzz_//')
	found=$(dirname "$fuzzer")/found/$name
	dict=$here/$name.dict
	mkdir -p "$found"
	# -timeout is by the wall clock, and a busy machine may let us wait
	set -- -max_total_time="$seconds" -timeout=120 -rss_limit_mb=2048 -max_len=65536 \
		-close_fd_mask=3 -print_final_stats=1 -artifact_prefix="$found/"
	[ ! -e "$dict" ] || set -- "$@" -dict="$dict"
	echo "fuzz: $name, $seconds s"
	if "$fuzzer" "$@" "$found" "$here/corpus/$name/" >"$found.log" 2>&1; then
		grep -E 'stat::number_of_executed_units|stat::new_units_added' "$found.log" || true
		echo "fuzz: $name clean"
	else
		tail -n 40 "$found.log"
		echo "fuzz: $name found something: $found, $found.log" >&2
		failed=1
	fi
done
exit "$failed"
