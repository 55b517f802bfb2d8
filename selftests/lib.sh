# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the shell tests share: results as KTAP version 1, requests to mmscope, and
# settings of the machine that are put back whatever happens.
#
# Each test script sources this from its own directory, calls ktap_start with the
# number of results that follow, and ends with "ktap_finish".

LIB_DIR=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$LIB_DIR" || exit 1

MMSCOPE=/sys/kernel/debug/mmscope
# Where core/, pgwalk/ and the others were built: above us, unless told otherwise.
MMSCOPE_TOP=${MMSCOPE_TOP:-..}
KSFT_SKIP=4

# The modules, lower floors first
MODULES=(core/mmscope pgwalk/pgwalk buddyviz/buddyviz slubprobe/slubprobe
	vmalloc_walk/vmalloc_walk)
# Those that some tests load
TEST_MODULES=(mmscope_api_test mmscope_test mmscope_fault mmscope_slub mmscope_vmalloc_test)
# Any of them, as an extended regular expression
OUR_MODULES="($(IFS='|'; echo "${MODULES[*]##*/}|${TEST_MODULES[*]}"))"

KTAP_PLAN=0
KTAP_RUN=0
KTAP_FAILED=0
KTAP_SKIPPED=0

# ---- results -----------------------------------------------------------------

# ktap_start(plan) - version and plan
ktap_start()
{
	KTAP_PLAN=$1
	printf 'KTAP version 1\n1..%d\n' "$1"
}

# note(text...) - a diagnostic line
note()
{
	printf '# %s\n' "$*"
}

# note_text() - diagnostic lines from stdin, at most 30
note_text()
{
	head -n 30 | sed 's/^/# /'
}

# pass(name)
pass()
{
	KTAP_RUN=$((KTAP_RUN + 1))
	printf 'ok %d %s\n' "$KTAP_RUN" "$1"
}

# fail(name, [why])
fail()
{
	KTAP_RUN=$((KTAP_RUN + 1))
	KTAP_FAILED=$((KTAP_FAILED + 1))
	printf 'not ok %d %s\n' "$KTAP_RUN" "$1"
	[[ -z ${2-} ]] || note_text <<< "$2"
}

# skip(name, why) - one result that cannot be had here
skip()
{
	KTAP_RUN=$((KTAP_RUN + 1))
	KTAP_SKIPPED=$((KTAP_SKIPPED + 1))
	printf 'ok %d %s # SKIP %s\n' "$KTAP_RUN" "$1" "$2"
}

# skip_all(why) - nothing of this test can be had here
skip_all()
{
	printf 'KTAP version 1\n1..0 # SKIP %s\n' "$1"
	exit "$KSFT_SKIP"
}

# bail(why) - the test itself broke
bail()
{
	printf 'Bail out! %s\n' "$1"
	exit 1
}

# check(name, command...) - ok if the command succeeds; else its output is shown.
# The command runs in this shell: what it starts and opens stays.
check()
{
	local name=$1

	shift
	if "$@" > "$CHECK_OUT" 2>&1; then
		pass "$name"
	else
		fail "$name" "$(< "$CHECK_OUT")"
	fi
}

# same(name, expected, got) - ok if the two are equal
same()
{
	if [[ $2 == "$3" ]]; then
		pass "$1"
	else
		fail "$1" "expected: $2"$'\n'"got: $3"
	fi
}

# ktap_finish() - exit code by the results; a plan that does not add up fails
ktap_finish()
{
	if ((KTAP_RUN != KTAP_PLAN)); then
		note "planned $KTAP_PLAN results, saw $KTAP_RUN"
		exit 1
	fi
	((KTAP_FAILED == 0)) || exit 1
	((KTAP_SKIPPED < KTAP_RUN)) || exit "$KSFT_SKIP"
	exit 0
}

# ---- mmscope -----------------------------------------------------------------

# need_root()
need_root()
{
	[[ $(id -u) == 0 ]] || skip_all "only root may look into memory"
}

# has_data(variable...) - whether the kernel tells where one of its variables is. Without
# CONFIG_KALLSYMS_ALL it does not, and what needs it is off: no defect of ours.
has_data()
{
	grep -q -w "${@/#/-e}" /proc/kallsyms
}

# has_quarantine() - whether KASAN keeps what is freed: for SLUB it is allocated still
has_quarantine()
{
	grep -q ' kasan_quarantine_put$' /proc/kallsyms
}

# need_data(variable...) - it must
need_data()
{
	has_data "$@" || skip_all "no $1 in kallsyms: CONFIG_KALLSYMS_ALL is off"
}

# need_slabs(), need_areas() - the caches of slabs; the areas of vmalloc
need_slabs()
{
	need_data slab_caches
}

need_areas()
{
	need_data vmap_area_root vmap_nodes
}

# check_slabs(name, command...), check_areas(name, command...) - a check that needs them
check_slabs()
{
	check_with slab_caches "$@"
}

check_areas()
{
	check_with "vmap_area_root vmap_nodes" "$@"
}

# check_with(variables, name, command...) - a check that needs one of these
check_with()
{
	# shellcheck disable=SC2086 # words
	if has_data $1; then
		check "${@:2}"
	else
		skip "$2" "no ${1%% *} in kallsyms: CONFIG_KALLSYMS_ALL is off"
	fi
}

# need_mmscope([file...]) - these files of mmscope must be there
need_mmscope()
{
	local file

	need_root
	for file in "$@"; do
		[[ -e $MMSCOPE/$file ]] && continue
		# selftests/run has loaded the modules: then it is a defect.
		[[ -z ${MMSCOPE_REQUIRED-} ]] || bail "no $MMSCOPE/$file"
		skip_all "the modules of mmscope are not loaded"
	done
}

# ---- loading -----------------------------------------------------------------

# have_build() - whether the modules can be loaded from where they were built
have_build()
{
	local module

	for module in "${MODULES[@]}"; do
		[[ -f $MMSCOPE_TOP/$module.ko ]] || return 1
	done
}

is_loaded()
{
	grep -q "^$1 " /proc/modules
}

# load_modules() - those that are not there yet, lower floors first: as built, or as installed
load_modules()
{
	local module

	for module in "${MODULES[@]}"; do
		is_loaded "${module##*/}" && continue
		if [[ -e $MMSCOPE_TOP/$module.ko ]]; then
			insmod "$MMSCOPE_TOP/$module.ko" || return 1
		else
			modprobe "${module##*/}" || return 1
		fi
	done
}

# unload_modules() - all that are there
unload_modules()
{
	local name

	unload_upper || return 1
	for name in "${TEST_MODULES[@]}" pgwalk mmscope; do
		! is_loaded "$name" || rmmod "$name" || return 1
	done
}

# unload_upper() - what stands on pgwalk
unload_upper()
{
	local module

	for module in "${MODULES[@]:2}"; do
		! is_loaded "${module##*/}" || rmmod "${module##*/}" || return 1
	done
}

# nothing_left() - of unloaded modules: no entry, area, probe or directory; shows
# what there is. Areas in vmallocinfo name the function that allocated them.
nothing_left()
{
	! {
		grep -E "^$OUR_MODULES " /proc/modules
		grep -E "\[$OUR_MODULES\]" /proc/vmallocinfo
		grep -sE "\[$OUR_MODULES\]" /sys/kernel/debug/kprobes/list
		ls -d /sys/kernel/debug/mmscope* 2> /dev/null
		find /sys/module -maxdepth 1 | grep -E "/$OUR_MODULES$"
	} | grep .
}

# several_times(command...) - until it succeeds, for what a change by others may spoil once
several_times()
{
	for _ in {1..10}; do
		"$@" > "$SCRATCH/last_try" && return
	done
	cat "$SCRATCH/last_try"
	return 1
}

# quick() - whether the short run was asked for
quick()
{
	[[ -n ${MMSCOPE_QUICK-} ]]
}

# answer(file, [words]) - the answer to a request, or "write EINVAL" and failure
answer()
{
	if (($# == 1)); then
		./request -r "$MMSCOPE/$1"
	else
		./request "$MMSCOPE/$1" "$2"
	fi
}

# refused(file, words) - sets REFUSED to the errno that a request gets, or to "accepted".
# One process asks for all of us; it ends when we do.
refused()
{
	[[ -n ${ASKER_PID-} ]] || coproc ASKER { exec ./request -l; }
	printf '%s\t%s\n' "$MMSCOPE/$1" "$2" >&"${ASKER[1]}"
	read -r REFUSED <&"${ASKER[0]}" || bail "request -l has ended"
	REFUSED=${REFUSED#write }
}

# full_name(file) - as "module/file", as answers and error_log call it
full_name()
{
	[[ $1 == */* ]] && echo "$1" || echo "mmscope/$1"
}

# records() - only the records of an answer on stdin
records()
{
	grep -v '^#'
}

# section(name) - the records of one "## name" section of an answer on stdin
section()
{
	awk -v name="$1" '
		/^## / { inside = ($2 == name); next }
		inside && !/^#/ { print }'
}

# ---- settings that are put back ----------------------------------------------

CLEANUP=()

# at_exit(command...) - run at the end, last added first
at_exit()
{
	CLEANUP+=("$(printf '%q ' "$@")")
}

run_cleanup()
{
	local i status=$?

	for ((i = ${#CLEANUP[@]} - 1; i >= 0; i--)); do
		eval "${CLEANUP[i]}"
	done
	CLEANUP=()
	return "$status"
}

trap run_cleanup EXIT
CHECK_OUT=$(mktemp) || bail "no temporary file"
at_exit rm -f "$CHECK_OUT"

# A time limit must not leave the machine changed either.
trap 'exit 143' TERM
trap 'exit 130' INT

# end_process(pid) - of ours, without a word
end_process()
{
	kill -KILL "$1"
	wait "$1"
} 2> /dev/null

put_back()
{
	echo "$2" > "$1"
}

# knob(file, value) - set until the end; fails if it cannot be set
knob()
{
	local old

	[[ -w $1 ]] || return 1
	old=$(< "$1")
	# "always [madvise] never": the choice is in brackets
	[[ $old != *\[*\]* ]] || { old=${old#*[}; old=${old%%]*}; }
	echo "$2" > "$1" || return 1
	at_exit put_back "$1" "$old"
}

# wait_for(command...) - until it succeeds; gives up after 20 seconds
wait_for()
{
	local i

	for ((i = 0; i < 200; i++)); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

# scratch() - set SCRATCH to a directory that goes away at the end
scratch()
{
	SCRATCH=$(mktemp -d) || bail "no scratch directory"
	at_exit rm -rf "$SCRATCH"
}

# setup_hugetlb(pages, [KiB]) - reserve huge pages, of 2 MiB if nothing is said;
# fails if there are not
setup_hugetlb()
{
	local nr=/sys/kernel/mm/hugepages/hugepages-${2-2048}kB/nr_hugepages

	knob "$nr" $(($(cat "$nr" 2> /dev/null || echo 0) + $1)) &&
		(($(< "$nr") >= $1))
}

# setup_ksm() - let ksmd merge quickly; fails without KSM
setup_ksm()
{
	knob /sys/kernel/mm/ksm/sleep_millisecs 10 &&
		knob /sys/kernel/mm/ksm/pages_to_scan 2000 &&
		knob /sys/kernel/mm/ksm/run 1
}

# setup_thp() - huge pages where asked for, and no khugepaged that fills holes
setup_thp()
{
	local thp=/sys/kernel/mm/transparent_hugepage

	[[ -d $thp ]] || return 1
	knob $thp/enabled madvise
	knob $thp/defrag madvise
	knob $thp/use_zero_page 1
	knob $thp/khugepaged/max_ptes_none 0
	knob $thp/khugepaged/max_ptes_swap 0
}

# swap_by_zram(bytes, priority)
swap_by_zram()
{
	local dev id

	modprobe zram num_devices=0 2> /dev/null
	[[ -r /sys/class/zram-control/hot_add ]] || return 1
	id=$(< /sys/class/zram-control/hot_add) || return 1
	dev=/dev/zram$id
	at_exit put_back /sys/class/zram-control/hot_remove "$id"
	echo "$1" > "/sys/block/zram$id/disksize" || return 1
	wait_for test -b "$dev" && mkswap "$dev" && swapon -p "$2" "$dev" &&
		at_exit swapoff "$dev"
}

# swap_by_loop(bytes, priority)
swap_by_loop()
{
	local dev file=$SCRATCH/swap.$2

	modprobe loop 2> /dev/null
	truncate -s "$1" "$file" && mkswap "$file" &&
		dev=$(losetup -f --show "$file") || return 1
	at_exit losetup -d "$dev"
	swapon -p "$2" "$dev" && at_exit swapoff "$dev"
}

# setup_swap(bytes) - swap of our own; fails when none can be made. It is the
# second device, so that the type in a swap entry is not 0.
setup_swap()
{
	[[ $(wc -l < /proc/swaps) -lt 2 ]] || return 0
	{
		if ! { swap_by_zram $((1 << 20)) 1 && swap_by_zram "$1" 2; }; then
			swap_by_loop $((1 << 20)) 3 && swap_by_loop "$1" 4
		fi
	} > /dev/null 2>&1
}

# setup_cgroup(name, bytes) - a cgroup v2 with a memory limit; prints nothing,
# sets CGROUP; fails when the controller is not there
setup_cgroup()
{
	local root=/sys/fs/cgroup

	[[ -f $root/cgroup.controllers ]] || root=/sys/fs/cgroup/unified
	[[ -w $root/cgroup.subtree_control ]] || return 1
	echo +memory > $root/cgroup.subtree_control 2> /dev/null
	CGROUP=$root/$1
	mkdir "$CGROUP" || return 1
	at_exit rmdir "$CGROUP"
	[[ -w $CGROUP/memory.max ]] && echo "$2" > "$CGROUP/memory.max"
}

# ---- processes ---------------------------------------------------------------

# start_target(region...) - run ./target as TARGET_PID, its answers in
# TARGET_OUT (needs scratch); "quit" by stop_target
start_target()
{
	TARGET_OUT=$SCRATCH/target.$RANDOM
	mkfifo "$TARGET_OUT.in"
	./target "$@" < "$TARGET_OUT.in" > "$TARGET_OUT" &
	TARGET_PID=$!
	exec {TARGET_FD}> "$TARGET_OUT.in"
	at_exit end_process "$TARGET_PID"
	wait_for grep -q '^ready' "$TARGET_OUT" || bail "target does not start"
}

# start_mapping() - run a process that holds a mapping of pgwalk/map as MAPPING_PID;
# MAPPED is "pid=<n> addr=<n>" of it (needs scratch)
start_mapping()
{
	./map_match hold > "$SCRATCH/mapping" &
	MAPPING_PID=$!
	at_exit end_process "$MAPPING_PID"
	wait_for grep -q '^pid=' "$SCRATCH/mapping" || bail "nothing is mapped"
	# shellcheck disable=SC2034 # for the tests
	MAPPED=$(< "$SCRATCH/mapping")
}

# tell_target(command) - see target.c; waits until it is done
tell_target()
{
	local before

	before=$(grep -c '^done' "$TARGET_OUT")
	echo "$1" >&"$TARGET_FD"
	wait_for target_did "$before"
}

target_did()
{
	(($(grep -c '^done' "$TARGET_OUT") > $1))
}

# target_region(name) - "start end" of a region, in hex
target_region()
{
	awk -v name="$1" '$1 == "region" && $2 == name { print "0x" $3, "0x" $4 }' \
		"$TARGET_OUT"
}

# load_test_module(name, parameters...) - until the end of the test
load_test_module()
{
	local name=$1 ko=modules/$1.ko

	shift
	if [[ ! -f $ko ]]; then
		[[ -z ${MMSCOPE_REQUIRED-} ]] || bail "no $ko: build with TESTS=1"
		skip_all "$ko is not built"
	fi
	insmod "$ko" "$@" || bail "insmod $ko"
	at_exit rmmod "$name"
}

# same_words(a, b) - for check()
same_words()
{
	echo "'$1' and '$2'"
	[[ $1 == "$2" ]]
}
