#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/mmscope: every command that prints an answer prints one JSON object as well, top and
# report show what /proc has, and exit status tells what went wrong.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

FRONT=$MMSCOPE_TOP/scripts/mmscope

# json(expression, arguments...) - one object, d, of which the expression is true
json()
{
	"$FRONT" "${@:2}" --json > "$SCRATCH/json" || { cat "$SCRATCH/json"; return 1; }
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not eval(f"({sys.argv[2]})"))' "$SCRATCH/json" "$1" || { head -c 2000 "$SCRATCH/json"; return 1; }
}

# exits(status, arguments...) - and says something
exits()
{
	"$FRONT" "${@:2}" > "$SCRATCH/out" 2>&1
	local status=$?

	cat "$SCRATCH/out"
	((status == $1)) && [[ -s $SCRATCH/out ]]
}

# top_counts() - a process that faults is seen by top, and no trace instance is left behind
top_counts()
{
	(while :; do "$(command -v true)"; done) &
	local loop=$!

	json 'd["faults"] and d["vmstat_per_s"]["pgfault"] > 0 and d["slab_alloc"]["requests_per_s"] > 0
	      and (d["pages"] is None or d["pages"]["requests_per_s"] > 0) and d["caches"]
	      and d["fragmentation"]' top --once --interval 2
	local status=$?

	end_process "$loop"
	! instances && return "$status"
}

# instances() - of the trace buffer, that the front end has made
instances()
{
	find /sys/kernel/tracing /sys/kernel/debug/tracing -maxdepth 2 -name 'mmscope_*' | grep .
}

# terminated() - SIGTERM ends top, and what it made goes
terminated()
{
	local top status

	"$FRONT" top --interval 60 > /dev/null &
	top=$!
	wait_for instances || return 1
	kill "$top"
	wait "$top"
	status=$?
	echo "status $status"
	((status == 143)) && ! instances
}

# child_of(pid) - sets child to the process that it has started
child_of()
{
	child=$(< "/proc/$1/task/$1/children") && [[ -n $child ]]
} 2> /dev/null

# ended_with_its_command() - what ends the front end also ends what it runs
ended_with_its_command()
{
	local front child

	"$FRONT" map --diff sleep 1000 > /dev/null &
	front=$!
	wait_for child_of "$front" || return 1
	kill "$front"
	wait "$front"
	(($? == 143)) && [[ ! -d /proc/${child// /} ]]
}

# plain() - colour is only for terminals
plain()
{
	"$FRONT" walk schedule > "$SCRATCH/plain" && cat "$SCRATCH/plain" &&
		grep -q agree "$SCRATCH/plain" && ! grep -q $'\x1b' "$SCRATCH/plain"
}

need_mmscope buddyviz/check slubprobe/stats vmalloc_walk/check pgwalk/walk
[[ -x $FRONT ]] || skip_all "no scripts/mmscope in $MMSCOPE_TOP"
command -v python3 > /dev/null || skip_all "no python3"
scratch

ktap_start 13
check "status" json "d['kernel']['release'] == '$(uname -r)' and d['features']" status
check "walk: looks agree" json 'd["looks_compared"] == 2 and not d["disagreements"]' walk schedule
check "walk: nothing mapped" json 'not d["disagreements"]' walk --pid self 0x1000
check "walk: plain when the output is no terminal" plain
check "top: one view" top_counts
check "top: ended by SIGTERM" terminated
check "report: no check finds anything" json \
	"not d['wrong'] and d['zones'] and d['meminfo_kB']['MemTotal'] == $(
		awk '/^MemTotal/ { print $2 }' /proc/meminfo)" report
check "map" json 'sum(z["free_pages"] for z in d["zones"]) > 0 and d["zones"][0]["cells"]' map
check "map --diff: ended by SIGTERM" ended_with_its_command
check "vmap" json 'd["items"] and d["sums"]' vmap
check "cache" json 'd["files"][0]["totals"]["file_pages"]' cache "$FRONT"
check "a wrong request: 2" exits 2 walk 0x1000 --pid 99999999
check "an unknown command: 2" exits 2 nothing
ktap_finish
