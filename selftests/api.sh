#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What core exports to the other modules: symbols against /proc/kallsyms, layouts
# against what the compiler made of the kernel's headers and against pahole, hooks
# against a number of requests that mmscope_api_test.ko makes itself. Probes are
# looked for in /sys/kernel/debug/kprobes/list, which is the kernel's own.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

API=/sys/kernel/debug/mmscope_api_test
KPROBES=/sys/kernel/debug/kprobes
NR=23

# A function name that the kernel has twice and may be probed by.
ambiguous_name()
{
	awk 'NF == 3 && $2 ~ /^[tT]$/ { nr[$3]++ }
		END { for (name in nr) if (nr[name] == 2 && name ~ /^[a-z_]+$/) print name }' \
		/proc/kallsyms | sort | head -n 1
}

# A function that the kernel's own list says must not be probed, one of its name.
blacklisted_name()
{
	awk 'FNR == NR { nr[$3]++; next }
		nr[$2] == 1 && $2 ~ /^(exc_|do_user_addr|asm_exc_page|notify_die)/ { print $2; exit }' \
		/proc/kallsyms "$KPROBES/blacklist"
}

# ---- symbols -------------------------------------------------------------------

# "name addr matches" of the module against kallsyms, addresses and numbers
symbols_right()
{
	local cannot_tell=1

	grep -q ' kallsyms_on_each_match_symbol$' /proc/kallsyms && cannot_tell=0
	awk -v cannot_tell="$cannot_tell" 'FNR == NR { if (NF == 3) { addr[$3] = $1; nr[$3]++ } next }
	$1 == "-" { next }
	{ print $1, $2, $3, "kallsyms:", addr[$1], nr[$1] + 0 }
	$3 != nr[$1] + 0 && !($3 == -95 && cannot_tell) { exit 1 }
	nr[$1] == 1 && strtohex($2) != strtohex(addr[$1]) { exit 1 }
	!nr[$1] && $2 != "0" { exit 1 }
	{ rows++ }
	END { exit rows < 6 }
	function strtohex(s) { sub(/^0+/, "", s); return s }' \
		/proc/kallsyms "$API/symbols"
}

absent_symbol_in_status()
{
	answer status | section symbols |
		grep '^no_such_symbol_anywhere mmscope_api_test absent '
}

# ---- layouts -------------------------------------------------------------------

# "path found offset_B size_B bit_offset bit_size want_offset_B want_size_B"
public_right()
{
	awk '$7 == "-" { next }
	{ print }
	$2 != 1 || $3 != $7 || $4 != $8 || $6 != 0 { exit 1 }
	{ rows++ }
	END { exit rows < 12 }' "$API/layouts"
}

# row(path) - of the module's layouts
row()
{
	awk -v path="$1" '$1 == path' "$API/layouts"
}

private_found()
{
	local path

	for path in kmem_cache_node.nr_partial kmem_cache_node.partial.prev \
		task_struct.sched_reset_on_fork; do
		row "$path"
		[[ $(row "$path" | cut -d ' ' -f 2) == 1 ]] || return 1
	done
	# nr_partial is an unsigned long, the flag one bit.
	[[ $(row kmem_cache_node.nr_partial | cut -d ' ' -f 4) == 8 &&
		$(row task_struct.sched_reset_on_fork | cut -d ' ' -f 6) == 1 ]]
}

wrong_paths_absent()
{
	local path

	for path in task_struct.no_such_member no_such_struct_anywhere.member \
		'zone.free_area[100]' task_struct.pid.deeper 'task_struct.pid[0]'; do
		row "$path"
		[[ $(row "$path" | cut -d ' ' -f 2) == 0 ]] || return 1
		answer status | section layouts | awk -v path="$path" \
			'$1 == path && $3 == "absent" { found = 1 } END { exit !found }' ||
			{ echo "not absent in status"; return 1; }
	done
}

# by_pahole(struct, member) - "offset size"
by_pahole()
{
	pahole -C "$1" /sys/kernel/btf/vmlinux 2> /dev/null |
		sed -n "s|.*[ *]$2;[ ]*/\* *\([0-9]*\) *\([0-9]*\) \*/.*|\1 \2|p" | head -n 1
}

as_pahole_says()
{
	local want got

	want=$(by_pahole kmem_cache_node nr_partial)
	got=$(row kmem_cache_node.nr_partial | cut -d ' ' -f 3,4)
	echo "pahole $want, layout $got"
	[[ -n $want && $want == "$got" ]]
}

# The errno that makes a module refuse to load, and the log says why.
mismatch_detected()
{
	local errno

	errno=$(< "$API/mismatch")
	echo "errno $errno"
	./klog since "$LOADED" | grep 'mmscope_api_test: list_head.prev lies at 8' &&
		((errno == -8))
}

# ---- hooks ---------------------------------------------------------------------

TRACEPOINT=0 KPROBE=1 KRETPROBE=2 TESTED=3 UNREACHED=4 REFUSED=5
NO_FUNCTION=6 NO_TRACEPOINT=7 AMBIGUOUS=8 BLACKLISTED=9 RENAMED=10

# hook(number, field) - "number name kind error users hits missed counted"
hook()
{
	awk -v number="$1" -v field="$2" '$1 == number { print $field }' "$API/hooks"
}

# counts(number) - counts what is called while it is wanted, and nothing else
counts()
{
	local before after idle

	before=$(hook "$1" 8)
	echo "$NR" > "$API/call"
	idle=$(hook "$1" 8)
	echo "$1" > "$API/get" || return 1
	echo "$NR" > "$API/call"
	after=$(hook "$1" 8)
	echo "$1" > "$API/put" || return 1
	echo "$NR" > "$API/call"
	echo "$before, idle $idle, armed $after, then $(hook "$1" 8); missed $(hook "$1" 7)"
	((idle == before && after == before + NR && $(hook "$1" 8) == after &&
		$(hook "$1" 7) == 0))
}

# error_is(number, errno)
error_is()
{
	echo "$(hook "$1" 2): $(hook "$1" 4)"
	[[ $(hook "$1" 4) == "-$2" ]] || return 1
	# It cannot be armed either, for the same reason.
	! echo "$1" > "$API/get" && (($(hook "$1" 5) == 0))
}

ENOENT=2 EINVAL=22 EXDEV=18 ENODATA=61 ENOTUNIQ=76

armed()
{
	grep -qE "[[:space:]]$1\+0x" "$KPROBES/list"
}

# Two users: armed by the first, off after the last.
reference_counted()
{
	armed gcd && { echo "armed before"; return 1; }
	echo "$KPROBE" > "$API/get"
	armed gcd || { echo "not armed by the first"; return 1; }
	echo "$KPROBE" > "$API/get"
	echo "$KPROBE" > "$API/put"
	armed gcd || { echo "off after the first of two"; return 1; }
	[[ $(hook "$KPROBE" 5) == 1 ]] || return 1
	echo "$KPROBE" > "$API/put"
	! armed gcd || { echo "still armed"; return 1; }
	! echo "$KPROBE" > "$API/put"
}

# Two hooks in one function do not see each other's comings and goings.
two_in_one_place()
{
	local one two

	one=$(hook "$KPROBE" 8) two=$(hook "$TESTED" 8)
	echo "$KPROBE" > "$API/get"
	echo "$TESTED" > "$API/get"
	echo "$NR" > "$API/call"
	echo "$KPROBE" > "$API/put"
	echo "$NR" > "$API/call"
	echo "$TESTED" > "$API/put"
	(($(hook "$KPROBE" 8) == one + NR && $(hook "$TESTED" 8) == two + 2 * NR)) &&
		! armed gcd
}

status_of_hooks()
{
	local text

	echo "$KPROBE" > "$API/get"
	text=$(answer status | section hooks)
	echo "$KPROBE" > "$API/put"
	echo "$text"
	grep -Eq '^gcd mmscope_api_test ok kprobe,.*users=1,' <<< "$text" &&
		grep -Eq "^no_such_function_anywhere mmscope_api_test off kprobe,errno=$ENOENT\$" <<< "$text"
}

# Probes by name need to know that the name is the only one. Kernels without the
# function that tells (it came with 6.2 and was backported to 6.1) may do
# without probes, which status then says with EOPNOTSUPP; all others may not.
probes_possible()
{
	grep -q ' kallsyms_on_each_match_symbol$' /proc/kallsyms ||
		[[ $(hook "$KPROBE" 4) != -95 ]]
}

# probe_check(name, command...) - check(), where probes are possible
probe_check()
{
	if probes_possible; then
		check "$@"
	else
		skip "$1" "this kernel cannot tell how many functions have a name"
	fi
}

idle()
{
	! grep -E '[[:space:]](gcd|lcm)\+0x' "$KPROBES/list"
}

# Unloading gives back what is still wanted.
unload_while_armed()
{
	echo "$KPROBE" > "$API/get"
	echo "$KRETPROBE" > "$API/get"
	echo "$TRACEPOINT" > "$API/get"
	rmmod mmscope_api_test && idle && [[ ! -e $API ]]
	local status=$?
	insmod modules/mmscope_api_test.ko
	return "$status"
}

need_mmscope status
scratch
[[ -r $KPROBES/list ]] || skip_all "no kprobes in debugfs"
LOADED=$(./klog mark)
load_test_module mmscope_api_test "ambiguous=$(ambiguous_name)" \
	"blacklisted=$(blacklisted_name)"

ktap_start 22
check "symbols and their number as in kallsyms" symbols_right
check "a missing symbol is absent in status" absent_symbol_in_status
check "public members where the compiler has them" public_right
check "private members are found" private_found
check "wrong paths are absent" wrong_paths_absent
if [[ -n $(by_pahole kmem_cache_node nr_partial) ]]; then
	check "a private member where pahole sees it" as_pahole_says
else
	skip "a private member where pahole sees it" "no pahole that reads this kernel's BTF"
fi
check "headers of another kernel are detected" mismatch_detected
check "tracepoint: counts $NR of $NR" counts $TRACEPOINT
probe_check "kprobe: counts $NR of $NR" counts $KPROBE
probe_check "kretprobe: counts $NR of $NR, with data and return value" counts $KRETPROBE
probe_check "a hook with a self-test that reaches it" counts $TESTED
probe_check "a self-test that does not reach it: ENODATA" error_is $UNREACHED $ENODATA
probe_check "a self-test that fails: its errno" error_is $REFUSED $EXDEV
probe_check "no such function: ENOENT" error_is $NO_FUNCTION $ENOENT
check "no such tracepoint: ENOENT" error_is $NO_TRACEPOINT $ENOENT
if [[ -n $(hook "$AMBIGUOUS" 2) ]]; then
	probe_check "a name of two functions: ENOTUNIQ" error_is $AMBIGUOUS $ENOTUNIQ
else
	skip "a name of two functions: ENOTUNIQ" "this kernel has none"
fi
probe_check "a function that kprobes refuse: EINVAL" error_is $BLACKLISTED $EINVAL
probe_check "a function under its other name" counts $RENAMED
probe_check "armed by the first user, off after the last" reference_counted
probe_check "two hooks in one function" two_in_one_place
probe_check "status shows users and errors" status_of_hooks
check "unloading while armed" unload_while_armed
ktap_finish
