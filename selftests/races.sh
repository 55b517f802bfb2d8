#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Readers against an address space that changes all the time, see races.c; and
# rmmod against readers: it is refused while a file is open, and when it gets
# through in between, no reader sees more than a file that is gone.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

SECONDS_OF_RACE=30
quick && SECONDS_OF_RACE=5
RMMOD_TRIES=20
quick && RMMOD_TRIES=10

# khugepaged as eager as it can be.
eager_thp()
{
	local thp=/sys/kernel/mm/transparent_hugepage

	[[ -d $thp ]] || return 1
	knob $thp/enabled always
	knob $thp/defrag always
	knob $thp/khugepaged/scan_sleep_millisecs 10
	knob $thp/khugepaged/alloc_sleep_millisecs 10
	knob $thp/khugepaged/pages_to_scan 65536
}

# read_until(file) - ask and read until the file says stop; each answer is whole,
# or it cannot be opened, or it cannot be asked
read_until()
{
	local out

	while [[ ! -e $SCRATCH/stop ]]; do
		out=$(./request "$MMSCOPE/$1" "pid=$TARGET_PID")
		out=${out##*$'\n'}
		case $out in
		"# end records="* | "open ENOENT" | "open ENODEV") ;;
		# debugfs takes a file away from under an open
		"open EIO" | "open EACCES") ;;
		*)
			echo "$1: $out" >> "$SCRATCH/wrong"
			;;
		esac
	done
}

rmmod_under_readers()
{
	local i file refused=0 removed=0 pids=()

	: > "$SCRATCH/wrong"
	unload_upper || return 1
	for file in pgwalk/range pgwalk/vmas; do
		read_until "$file" &
		pids+=($!)
	done
	for ((i = 0; i < RMMOD_TRIES; i++)); do
		if rmmod pgwalk 2> /dev/null; then
			removed=$((removed + 1))
			insmod "$MMSCOPE_TOP/pgwalk/pgwalk.ko" || return 1
		else
			refused=$((refused + 1))
		fi
	done
	: > "$SCRATCH/stop"
	wait "${pids[@]}"
	echo "rmmod: $refused times refused, $removed times done"
	cat "$SCRATCH/wrong"
	# None of the readers has left a reference.
	rmmod pgwalk && load_modules && [[ ! -s $SCRATCH/wrong ]]
}

# With a file held open it is refused every time.
rmmod_refused()
{
	local i fd status=0

	unload_upper || return 1
	exec {fd}<> "$MMSCOPE/pgwalk/range"
	echo "pid=$TARGET_PID" >&"$fd"
	for ((i = 0; i < 5; i++)); do
		rmmod pgwalk 2>&1 && status=1
	done
	cat <&"$fd" > "$SCRATCH/range" || status=1
	exec {fd}>&-
	tail -n 1 "$SCRATCH/range" | grep -q '^# end records=[0-9]*$' && return "$status"
}

still_right()
{
	./twins "pid=$TARGET_PID"
}

need_mmscope pgwalk/range pgwalk/walk pgwalk/walk.bin
scratch
eager_thp || note "no transparent huge pages"
setup_swap $((256 << 20)) || note "no swap could be made"
load_test_module mmscope_test

ktap_start 4
./races "$SECONDS_OF_RACE" | sed -u 's/^/  /'
case ${PIPESTATUS[0]} in
0) pass "readers against changes" ;;
*) fail "readers against changes" ;;
esac
start_target sparse zero protnone
kill -STOP "$TARGET_PID"
check "rmmod with an open file is refused" rmmod_refused
if have_build; then
	check "rmmod among readers" rmmod_under_readers
else
	skip "rmmod among readers" "the modules were not built in $MMSCOPE_TOP"
fi
check "afterwards the files answer as ever" still_right
ktap_finish
