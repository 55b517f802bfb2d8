#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Loading, using and unloading, again and again: nothing may be left behind in
# /proc/modules, /proc/vmallocinfo, debugfs or the list of kprobes; modules in the
# wrong order and modules in use must be refused with the errno that says so.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

ROUNDS=10
quick && ROUNDS=3
KPROBES=/sys/kernel/debug/kprobes/list

again_and_again()
{
	local i

	for ((i = 0; i < ROUNDS; i++)); do
		load_modules || return 1
		answer status > "$SCRATCH/status" || return 1
		answer pgwalk/walk "symbol=schedule" > "$SCRATCH/walk" || return 1
		answer pgwalk/range "pid=self" > "$SCRATCH/range" || return 1
		! has_data slab_caches || answer slubprobe/check > "$SCRATCH/check" || return 1
		unload_modules || return 1
		nothing_left || return 1
	done
	grep -q '^## leaf ' "$SCRATCH/walk"
}

# probes_idle() - loaded and idle: nothing of ours is armed
probes_idle()
{
	[[ -r $KPROBES ]] || { echo "no $KPROBES"; return 1; }
	! grep -E "\[$OUR_MODULES\]|DISABLED" "$KPROBES"
}

# insmod says "Unknown symbol", for ENOENT; the log names one.
wrong_order()
{
	local out mark

	unload_modules || return 1
	mark=$(./klog mark)
	out=$(insmod "$MMSCOPE_TOP/pgwalk/pgwalk.ko" 2>&1) &&
		{ echo "pgwalk loaded without mmscope"; return 1; }
	echo "$out"
	[[ $out == *"Unknown symbol"* ]] || return 1
	./klog since "$mark" | tee "$SCRATCH/log"
	grep -q 'pgwalk: Unknown symbol mms_' "$SCRATCH/log" || return 1
	nothing_left && load_modules
}

# rmmod_refused(module) - it is in use, by a module or an open file
rmmod_refused()
{
	local out

	out=$(rmmod "$1" 2>&1) && { echo "rmmod $1 went through"; return 1; }
	echo "$out"
	[[ $out == *"in use"* || $out == *"unavailable"* ]] && is_loaded "$1"
}

in_use_by_module()
{
	rmmod_refused mmscope
}

in_use_by_file()
{
	local fd status=0

	unload_upper || return 1
	exec {fd}< "$MMSCOPE/pgwalk/layout"
	rmmod_refused pgwalk || status=1
	exec {fd}<&-
	((status == 0)) && unload_upper && rmmod pgwalk || return 1
	exec {fd}< "$MMSCOPE/status"
	rmmod_refused mmscope || status=1
	exec {fd}<&-
	rmmod mmscope || return 1
	load_modules && return "$status"
}

twice()
{
	local out

	out=$(insmod "$MMSCOPE_TOP/core/mmscope.ko" 2>&1) && return 1
	echo "$out"
	[[ $out == *"File exists"* ]]
}

# An answer that was begun and never finished must not hold anything.
half_read()
{
	local fd file words

	while read -r file words; do
		exec {fd}<> "$MMSCOPE/$file"
		echo "$words" >&"$fd"
		head -c 10 <&"$fd" > /dev/null
		exec {fd}>&-
	done <<- END
		pgwalk/range pid=$TARGET_PID
		pgwalk/range.bin pid=$TARGET_PID
		pgwalk/vmas pid=$TARGET_PID
		pgwalk/mm pid=$TARGET_PID
		slubprobe/cache name=kmalloc-64
		slubprobe/slabs name=kmalloc-64
		slubprobe/objects name=kmalloc-64
		slubprobe/objects.bin name=kmalloc-64
	END
	unload_modules && nothing_left && load_modules
}

need_mmscope status pgwalk/walk
have_build || skip_all "the modules were not built in $MMSCOPE_TOP"
scratch
start_target sparse
# Whatever happens, the modules are there for the next test.
at_exit load_modules

ktap_start 9
check "idle: no probe is armed" probes_idle
check "pgwalk alone is refused, and the log says why" wrong_order
check "mmscope is in use by pgwalk" in_use_by_module
check "an open file is a use" in_use_by_file
check "loading twice is refused" twice
check "answers left half read hold nothing" half_read
check "unload" unload_modules
check "loaded, used and unloaded $ROUNDS times" again_and_again
check "nothing is left" nothing_left
ktap_finish
