#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every request file against everything that is not a request: the errno that
# docs/ABI/debugfs-mmscope names, an entry in error_log with a caret under the
# wrong word, and nothing changed: the answer that was there before still is.
# Right requests at the same borders must be accepted, so that refusing all would
# fail as well. And nobody but root gets anything.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

COMMAND_AT=11		# where the request begins in error_log's lines
HOLE=0x10000		# below vm.mmap_min_addr or at least never mapped here
# Files that may be asked without a word
OPTIONAL=" buddyviz/blocks buddyviz/blocks.bin buddyviz/pcp buddyviz/pageblocks "
BEYOND=0x1000000000000000	# canonical with neither 4 nor 5 levels

# ---- one refused request -------------------------------------------------------

# log_explains(file, words, word) - error_log's last entry is about it, with the
# caret under the word
log_explains()
{
	local lines caret before pattern name=$1

	[[ $name == */* ]] || name=mmscope/$name
	mapfile -t lines < "$MMSCOPE/error_log"
	lines=("${lines[@]: -3}")
	pattern="^\[ *[0-9]+\.[0-9]+\] $name: error: .+ \(errno [0-9]+\)$"
	printf '%s\n' "${lines[@]}"
	[[ ${lines[0]} =~ $pattern ]] || return 1
	((${#2} < 150)) || return 0
	[[ ${lines[1]} == "  Command: $2" ]] || return 1
	[[ -n $3 ]] || return 0
	caret=${lines[2]%^}
	before=" $2"
	before=${before%%" $3"*}
	((${#caret} == COMMAND_AT + ${#before}))
}

# refuse(file, errno, words, [word]) - one result: refused so, and explained
refuse()
{
	local name="$1 '${3:0:60}': $2"

	refused "$1" "$3"
	if [[ $REFUSED != "$2" ]]; then
		fail "$name" "got $REFUSED"
	else
		check "$name" log_explains "$1" "$3" "${4-}"
	fi
}

# accept(file, words)
accept()
{
	refused "$1" "$2"
	same "$1 '${2:0:60}': accepted" accepted "$REFUSED"
}

# refuse_bytes(file, errno, name) < request - for what no shell word can hold
refuse_bytes()
{
	same "$1 $3: $2" "write $2" "$(./request -w "$MMSCOPE/$1" -)"
}

# ---- what is wrong for every file ----------------------------------------------

# spaces(number)
spaces()
{
	printf '%*s' "$1" ''
}

# wrong_everywhere(file, good) - 17 results
wrong_everywhere()
{
	local file=$1 good=$2 key=${2%%=*} first=${2%% *}

	refuse "$file" EINVAL "nonsense=1" nonsense
	refuse "$file" EINVAL "$good nonsense=1" nonsense
	refuse "$file" EINVAL "$good =1" "=1"
	refuse "$file" EINVAL "$key=" "$key"
	refuse "$file" EINVAL "$key" "$key"
	refuse "$file" EINVAL "$good $first"
	refuse "$file" EINVAL "${key^^}=1" "${key^^}"
	if [[ $OPTIONAL == *" $file "* ]]; then
		accept "$file" ""
		accept "$file" "   "
	else
		refuse "$file" EINVAL ""
		refuse "$file" EINVAL "   "
	fi
	refuse "$file" E2BIG "$good$(spaces 5000)"
	accept "$file" "$good$(spaces $((4094 - ${#good})))"
	refuse_bytes "$file" EINVAL "two lines" < <(printf '%s\n%s\n' "$good" "$good")
	refuse_bytes "$file" EINVAL "an empty second line" < <(printf '%s\n\n' "$good")
	refuse_bytes "$file" EINVAL "NUL inside" < <(printf '%s\0junk' "$good")
	refuse_bytes "$file" EINVAL "a tab" < <(printf '%s\t' "$good")
	refuse_bytes "$file" EINVAL "not text" < <(printf '\200\377%s' "$good")
	refuse_bytes "$file" E2BIG "1 MiB" < <(head -c $((1 << 20)) /dev/zero)
}
NR_EVERYWHERE=17

# wrong_numbers(file, key, rest) - 10 results
wrong_numbers()
{
	local value

	for value in 0x -1 +1 1e3 1z 0b1 1.0 ' 1'; do
		refuse "$1" EINVAL "$2=$value$3"
	done
	refuse "$1" ERANGE "$2=18446744073709551616$3" "$2"
	refuse "$1" ERANGE "$2=0x10000000000000000$3" "$2"
}
NR_NUMBERS=10

# wrong_pids(file, rest) - 8 results. A kernel thread has no address space; only
# mm has something to say of it
wrong_pids()
{
	refuse "$1" ESRCH "pid=0$2" pid
	refuse "$1" EINVAL "pid=-1$2" pid
	refuse "$1" ESRCH "pid=4194303$2" pid
	refuse "$1" ERANGE "pid=4194305$2" pid
	refuse "$1" ERANGE "pid=99999999999999999999$2" pid
	refuse "$1" EINVAL "pid=selfish$2" pid
	refuse "$1" EINVAL "pid=1x$2" pid
	if [[ $1 == pgwalk/mm ]]; then
		accept "$1" "pid=2$2"
	else
		refuse "$1" ESRCH "pid=2$2" pid
	fi
}
NR_PIDS=8

# ---- file by file --------------------------------------------------------------

wrong_page()
{
	refuse page EINVAL "pfn=5-3" pfn
	refuse page EINVAL "pfn=5-5" pfn
	refuse page EINVAL "pfn=5-" pfn
	refuse page EINVAL "pfn=-5" pfn
	refuse page EINVAL "pfn=1-2-3" pfn
	refuse page EINVAL "pfn=1 addr=0x1000"
	refuse page ENOENT "addr=0x1000" addr
	refuse page ENOENT "addr=$BEYOND" addr
}

wrong_convert()
{
	refuse convert EINVAL "pfn=1 phys=4096"
	refuse convert ENOENT "virt=0x1000" virt
	refuse convert ENOENT "virt=$BEYOND" virt
	refuse convert ENOENT "page=0x1000" page
	refuse convert ENOENT "page=0xffffffffffffffff" page
	refuse convert ERANGE "phys=0xffffffffffffffff" phys
}

# list(number) - so many addresses
list()
{
	seq -s , "$1"
}

wrong_walk()
{
	refuse pgwalk/walk EINVAL "pid=$TARGET_PID"
	refuse pgwalk/walk EINVAL "addr=0x1000" addr
	refuse pgwalk/walk EINVAL "symbol=schedule addr=0x1000"
	refuse pgwalk/walk ENOENT "symbol=no_such_symbol_anywhere" symbol
	refuse pgwalk/walk ENOENT "pid=self symbol=no_such_symbol_anywhere" symbol
	refuse pgwalk/walk ENOENT "symbol=schedul" symbol
	refuse pgwalk/walk EINVAL "symbol=schedule+" symbol
	refuse pgwalk/walk EINVAL "symbol=schedule+z" symbol
	refuse pgwalk/walk EINVAL "symbol=schedule+-1" symbol
	refuse pgwalk/walk ENOENT "symbol=schedule-1" symbol
	refuse pgwalk/walk EFAULT "addr=$BEYOND pid=self" addr
	refuse pgwalk/walk EFAULT "pid=self addr=0x1000,$BEYOND" addr
	refuse pgwalk/walk ERANGE "pid=self symbol=schedule+0x8000000000000000" symbol
	refuse pgwalk/walk E2BIG "pid=self addr=$(list 65)" addr
	refuse pgwalk/walk EINVAL "pid=self addr=1,,2" addr
	refuse pgwalk/walk EINVAL "pid=self addr=1," addr
	accept pgwalk/walk "pid=self addr=$(list 64)"
	accept pgwalk/walk "pid=self addr=$HOLE"
	accept pgwalk/walk "symbol=schedule+0x10"
}

wrong_walk_bin()
{
	refuse pgwalk/walk.bin EINVAL "pid=self space=kernel"
	refuse pgwalk/walk.bin EINVAL "space=user" space
	refuse pgwalk/walk.bin EINVAL "pid=self addr=0x1000" addr
	accept pgwalk/walk.bin "space=kernel"
}

wrong_range()
{
	refuse "$1" EINVAL "pid=self space=kernel"
	refuse "$1" EINVAL "addr=0x1000-0x2000"
	refuse "$1" EINVAL "space=user" space
	refuse "$1" EINVAL "space=kernel addr=0x1000-0x2000" addr
	refuse "$1" EINVAL "pid=self addr=0x2000-0x1000" addr
	refuse "$1" EINVAL "pid=self addr=0x1000-0x1000" addr
	refuse "$1" EINVAL "pid=self addr=0x1000-" addr
	refuse "$1" EINVAL "pid=self addr=-0x1000" addr
	refuse "$1" EINVAL "pid=self addr=1-2-3" addr
	refuse "$1" EFAULT "pid=self addr=$BEYOND-0x1000000000001000" addr
	refuse "$1" EFAULT "pid=self addr=0x1000-$BEYOND" addr
	refuse "$1" EINVAL "pid=self addr=0x1000-0xffffffffff000000" addr
	refuse "$1" ENOENT "pid=self vma=$HOLE" vma
	refuse "$1" EFAULT "pid=self vma=$BEYOND" vma
	refuse "$1" EINVAL "pid=self vma=0x1000 addr=0x1000-0x2000"
	refuse "$1" EINVAL "space=kernel vma=0xffffffff81000000" vma
	refuse "$1" ERANGE "pid=self holes=2" holes
	refuse "$1" EINVAL "pid=self holes=yes" holes
	accept "$1" "pid=self addr=$HOLE-0x20000"
	accept "$1" "space=kernel addr=0xffffffffff000000-0xffffffffffffffff"
}

wrong_vmas()
{
	refuse pgwalk/vmas EINVAL "pid=self find=0x1000 prev=0x1000"
	refuse pgwalk/vmas EINVAL "pid=self find=0x1000 intersection=1-2"
	refuse pgwalk/vmas EINVAL "find=0x1000"
	refuse pgwalk/vmas EINVAL "pid=self intersection=0x2000-0x1000" intersection
	refuse pgwalk/vmas EINVAL "pid=self find=0x1000z" find
}

# Not a row of GOOD: no two answers are equal.
wrong_faults()
{
	wrong_everywhere pgwalk/faults "pid=$TARGET_PID"
	wrong_numbers pgwalk/faults time_ms " all=1"
	wrong_pids pgwalk/faults " all=0"
	refuse pgwalk/faults EINVAL "all=0"
	refuse pgwalk/faults EINVAL "time_ms=1"
	refuse pgwalk/faults EINVAL "pid=self all=1"
	refuse pgwalk/faults ERANGE "all=2" all
	refuse pgwalk/faults ERANGE "all=1 time_ms=3600001" time_ms
}
NR_FAULTS=$((5 + NR_EVERYWHERE + NR_NUMBERS + NR_PIDS))

# Not rows of GOOD either: where pages are, and who else refers to them, changes.
wrong_map()
{
	wrong_everywhere pgwalk/map "from=pages"
	wrong_numbers pgwalk/map pages ""
	refuse pgwalk/map EINVAL "from=slab" from
	refuse pgwalk/map EINVAL "from=pages with=huge" with
	refuse pgwalk/map ERANGE "pages=0" pages
	refuse pgwalk/map ERANGE "pages=1025" pages
	refuse pgwalk/entry EINVAL "pid=self op=none"
	refuse pgwalk/entry EINVAL "$MAPPED op=shred" op
	refuse pgwalk/entry ERANGE "$MAPPED op=none pages=0" pages
	refuse pgwalk/entry ERANGE "$MAPPED op=none pages=3" pages
	refuse pgwalk/entry ERANGE "$MAPPED op=none pages=65" pages
	refuse pgwalk/entry EPERM "pid=self addr=$HOLE op=none" addr
	refuse pgwalk/entry EPERM "$P addr=$REGION op=none" addr
	refuse pgwalk/entry EFAULT "pid=self addr=$BEYOND op=none" addr
	wrong_everywhere pgwalk/pin "$P addr=$REGION"
	wrong_numbers pgwalk/pin addr " $P"
	wrong_pids pgwalk/pin " addr=$REGION"
	refuse pgwalk/pin EINVAL "$P"
	refuse pgwalk/pin EINVAL "$P addr=$REGION how=hard" how
	refuse pgwalk/pin EINVAL "drop=1 $P" pid
	refuse pgwalk/pin ERANGE "drop=0" drop
	refuse pgwalk/pin ERANGE "$P addr=$REGION keep=2" keep
	refuse pgwalk/pin EFAULT "$P addr=$BEYOND" addr
	refuse pgwalk/rmap EINVAL "$P"
	refuse pgwalk/rmap EINVAL "pfn=0 $P addr=$REGION"
	refuse pgwalk/rmap EFAULT "$P addr=$BEYOND" addr
	wrong_pids pgwalk/rmap " addr=$REGION"
}
NR_MAP=$((4 + 8 + 6 + 3 + 2 * (NR_EVERYWHERE + NR_NUMBERS + NR_PIDS)))

wrong_buddyviz()
{
	refuse buddyviz/blocks ERANGE "order=99" order
	refuse buddyviz/blocks ERANGE "order=0-99" order
	refuse buddyviz/blocks EINVAL "order=5-3" order
	refuse buddyviz/blocks EINVAL "type=none" type
	refuse buddyviz/blocks EINVAL "zone=movable" zone
	refuse buddyviz/blocks ENOENT "node=$ABSENT_NODE" node
	refuse buddyviz/blocks ERANGE "node=100000" node
	accept buddyviz/blocks "node=0 zone=Movable order=0-1 type=movable pfn=0-1"
	refuse buddyviz/blocks.bin EINVAL "type=none" type
	refuse buddyviz/pcp ENOENT "cpu=$ABSENT_CPU" cpu
	refuse buddyviz/pcp ERANGE "cpu=1000000" cpu
	refuse buddyviz/pcp ERANGE "pages=2" pages
	refuse buddyviz/pcp EINVAL "zone=Nothing" zone
	refuse buddyviz/pageblocks ERANGE "merge=2" merge
	refuse buddyviz/pageblocks EINVAL "type=none" type
	refuse buddyviz/pageblocks EINVAL "pfn=2-1" pfn
	refuse buddyviz/gfp EINVAL "node=0"
	refuse buddyviz/gfp EINVAL "gfp=GFP_NOTHING" gfp
	refuse buddyviz/gfp EINVAL "gfp=GFP_KERNEL|" gfp
	refuse buddyviz/gfp EINVAL "gfp=0x" gfp
	refuse buddyviz/gfp EINVAL "gfp=12z" gfp
	refuse buddyviz/gfp ERANGE "gfp=0xffffffffff" gfp
	refuse buddyviz/gfp EINVAL "gfp=__GFP_DMA|__GFP_DMA32" gfp
	refuse buddyviz/gfp EINVAL "gfp=__GFP_MOVABLE|__GFP_RECLAIMABLE" gfp
	refuse buddyviz/gfp ENOENT "gfp=0 node=$ABSENT_NODE" node
	refuse pfn EINVAL "pfn=1 addr=0x1000"
	refuse pfn ENOENT "pfn=0xffffffff0" pfn
	refuse pfn ENOENT "addr=0x1000" addr
	refuse buddyviz/block EINVAL "pfn=1 addr=0x1000"
	refuse buddyviz/block ENOENT "pfn=0xffffffff0" pfn
	refuse buddyviz/block ENOENT "addr=0x1000" addr
}
NR_BUDDYVIZ=31

# wrong_name(file) - 4 results
wrong_name()
{
	refuse "$1" ENOENT "name=no_such_cache_anywhere" name
	refuse "$1" ENOENT "name=kmalloc-6" name
	refuse "$1" ENOENT "name=kmalloc-64x" name
	accept "$1" "name=kmalloc-64"
}
NR_NAME=4

wrong_object()
{
	refuse slubprobe/object ENOENT "addr=0x1000" addr
	refuse slubprobe/object ENOENT "addr=$BEYOND" addr
	refuse slubprobe/object ENOENT "addr=$DIRECT,0x1000" addr
	refuse slubprobe/object EINVAL "addr=$DIRECT," addr
	refuse slubprobe/object E2BIG "addr=$(list 65)" addr
	accept slubprobe/object "addr=$DIRECT,$DIRECT"
}

wrong_exercisers()
{
	refuse slubprobe/kmalloc EINVAL "count=3"
	refuse slubprobe/kmalloc ERANGE "size=0" size
	refuse slubprobe/kmalloc ERANGE "size=0x100000000" size
	refuse slubprobe/kmalloc ERANGE "size=64 count=0" count
	refuse slubprobe/kmalloc ERANGE "size=64 count=2000000" count
	refuse slubprobe/kmalloc ERANGE "size=65536 count=65536" count
	refuse slubprobe/kmalloc EINVAL "size=64 gfp=GFP_NOTHING" gfp
	refuse slubprobe/kmalloc EINVAL "size=64 gfp=GFP_KERNEL|" gfp
	refuse slubprobe/kmalloc EINVAL "size=64 gfp=__GFP_HIGHMEM" gfp
	refuse slubprobe/kmalloc ENOENT "size=64 node=$ABSENT_NODE" node
	refuse slubprobe/kmalloc EINVAL "size=64 pattern=random" pattern
	refuse slubprobe/kmalloc EINVAL "size=64 pattern=pingpong keep=1" keep
	refuse slubprobe/kmalloc ERANGE "size=64 keep=2" keep
	refuse slubprobe/kmalloc EINVAL "size=64 free=all" size
	refuse slubprobe/kmalloc EINVAL "free=some" free
	accept slubprobe/kmalloc "size=64 count=3 gfp=GFP_NOWAIT|__GFP_ZERO"
	refuse slubprobe/stats ERANGE "ms=0" ms
	refuse slubprobe/stats ERANGE "ms=60001" ms
	refuse slubprobe/stats EINVAL "ms=1s" ms
	accept slubprobe/stats "ms=1"
	refuse slubprobe/own EINVAL "align=64"
	refuse slubprobe/own EINVAL "size=64 alloc=3" alloc
	refuse slubprobe/own ERANGE "size=7" size
	refuse slubprobe/own ERANGE "size=70000" size
	refuse slubprobe/own EINVAL "size=64 align=3" align
	refuse slubprobe/own EINVAL "size=64 flags=panic" flags
	refuse slubprobe/own EINVAL "size=64 flags=account|" flags
	refuse slubprobe/own EINVAL "alloc=3 ctor=1" ctor
	refuse slubprobe/own ERANGE "alloc=0" alloc
	refuse slubprobe/own ERANGE "alloc=20000" alloc
	refuse slubprobe/own ERANGE "shrink=2" shrink
	refuse slubprobe/own EINVAL "size=64 bulk=3" bulk
	refuse slubprobe/own ERANGE "alloc=3 bulk=0" bulk
	refuse slubprobe/own ERANGE "alloc=3 bulk=65" bulk
	accept slubprobe/own "free=3 bulk=64"
	accept slubprobe/own "size=64 align=8 flags=hwcache_align|account ctor=1"
}
NR_SLUBPROBE=$((4 * NR_NAME + 6 + 36))

wrong_areas()
{
	refuse vmalloc_walk/areas EINVAL "kind=nonsense" kind
	refuse vmalloc_walk/areas EINVAL "kind=vm" kind
	refuse vmalloc_walk/areas EINVAL "range=5-3" range
	refuse vmalloc_walk/areas EFAULT "range=$BEYOND" range
	refuse vmalloc_walk/areas EFAULT "range=0x1000-$BEYOND" range
	accept vmalloc_walk/areas "kind=any caller=no_such_function_anywhere"
	accept vmalloc_walk/areas "range=0-0xffffffffffffffff"
	refuse vmalloc_walk/area ENOENT "addr=0x1000" addr
	refuse vmalloc_walk/area ENOENT "addr=0xffffffffffffffff" addr
	refuse vmalloc_walk/area EFAULT "addr=$BEYOND" addr
}

wrong_holes()
{
	refuse vmalloc_walk/holes EINVAL "size=0" size
	refuse vmalloc_walk/holes ERANGE "size=0x200000000000000" size
	refuse vmalloc_walk/holes EINVAL "align=4096" align
	refuse vmalloc_walk/holes EINVAL "size=1 align=3" align
	refuse vmalloc_walk/holes EINVAL "size=1 align=0" align
	refuse vmalloc_walk/holes ERANGE "size=1 align=0x20000000000" align
	refuse vmalloc_walk/holes EFAULT "size=1 range=$BEYOND" range
	accept vmalloc_walk/holes "size=0x100000000000000 align=0x10000000000"
	accept vmalloc_walk/holes "range=0-0xffffffffffffffff"
	refuse vmalloc_walk/sync EINVAL "pid=self all=1"
	refuse vmalloc_walk/sync EINVAL "all=0"
	refuse vmalloc_walk/sync ERANGE "all=2" all
}

wrong_vmalloc()
{
	refuse vmalloc_walk/vmalloc EINVAL "count=3"
	refuse vmalloc_walk/vmalloc ERANGE "size=0" size
	refuse vmalloc_walk/vmalloc ERANGE "size=8192 count=0" count
	refuse vmalloc_walk/vmalloc ERANGE "size=8192 count=100001" count
	refuse vmalloc_walk/vmalloc EINVAL "size=8192 kind=kmalloc" kind
	refuse vmalloc_walk/vmalloc ERANGE "size=0x10000000000" size
	refuse vmalloc_walk/vmalloc ERANGE "size=0x10000000001" size
	refuse vmalloc_walk/vmalloc ERANGE "size=1048576 count=1000 keep=1" size
	refuse vmalloc_walk/vmalloc ERANGE "size=8192 keep=2" keep
	refuse vmalloc_walk/vmalloc ERANGE "size=8192 purge=2" purge
	refuse vmalloc_walk/vmalloc ERANGE "size=8192 phases=2" phases
	refuse vmalloc_walk/vmalloc ERANGE "size=65537 kind=ioremap" size
	accept vmalloc_walk/vmalloc "size=1 count=100000"
}
NR_VMALLOC_WALK=35

# ---- nothing changes -------------------------------------------------------------

# unchanged(file, good) - by later opens, and on one open file
unchanged()
{
	local fd bad out

	# 4480: not all of walk.bin, whose array has no end; whole records of it.
	./request -m 4480 "$MMSCOPE/$1" "$2" > "$SCRATCH/before" ||
		{ tail -n 1 "$SCRATCH/before"; return 1; }
	for bad in nonsense=1 "$2 $2" "pid=0" "$2$(spaces 5000)"; do
		refused "$1" "$bad"
		[[ $REFUSED != accepted ]] || { echo "accepted: $bad"; return 1; }
	done
	./request -r -m 4480 "$MMSCOPE/$1" > "$SCRATCH/after"
	cmp "$SCRATCH/before" "$SCRATCH/after" || return 1
	exec {fd}<> "$MMSCOPE/$1"
	echo "$2" >&"$fd"
	echo nonsense=1 >&"$fd" && { echo "accepted on the open file"; return 1; }
	out=$(head -c 4480 <&"$fd" | cmp - "$SCRATCH/before" 2>&1)
	exec {fd}>&-
	[[ -z $out ]] || { echo "$out"; return 1; }
}

# error_log keeps 16, newest last, and is emptied by any write
log_is_a_ring()
{
	local i nr

	echo > "$MMSCOPE/error_log"
	[[ ! -s $MMSCOPE/error_log && -z $(< "$MMSCOPE/error_log") ]] || return 1
	for i in {1..23}; do
		refused convert "nonsense=$i"
	done
	nr=$(grep -c '^  Command: ' "$MMSCOPE/error_log")
	((nr == 16)) || { echo "$nr entries"; return 1; }
	grep '^  Command: ' "$MMSCOPE/error_log" |
		diff - <(for i in {8..23}; do echo "  Command: nonsense=$i"; done)
}

# ---- nobody else -----------------------------------------------------------------

as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
}

# Opened for reading and for writing, by path. What is printed is wrong.
not_for_others()
{
	local asked

	{
		find "$MMSCOPE" -type d
		find "$MMSCOPE" -type f -printf '%p\n%p\tpid=self\n'
	} > "$SCRATCH/asked"
	as_nobody ./request -l < "$SCRATCH/asked" > "$SCRATCH/answers"
	asked=$(wc -l < "$SCRATCH/asked")
	((asked > 20 && $(wc -l < "$SCRATCH/answers") == asked)) || return 1
	! paste "$SCRATCH/asked" "$SCRATCH/answers" | grep -v 'open EACCES$'
}

# Even when debugfs itself lets everybody in, our directory does not.
not_for_others_even_then()
{
	local mode status

	mode=$(stat -c %a /sys/kernel/debug)
	chmod 755 /sys/kernel/debug
	not_for_others
	status=$?
	chmod "$mode" /sys/kernel/debug
	return "$status"
}

need_mmscope page convert pgwalk/range error_log
scratch
echo > "$SCRATCH/cached"
start_target sparse
kill -STOP "$TARGET_PID"
P="pid=$TARGET_PID"
read -r REGION _ < <(target_region sparse)
start_mapping
# Afterwards there is nothing that a second request would change.
answer pgwalk/entry "$MAPPED op=none pages=2" > /dev/null
ABSENT_NODE=15		# any kernel here has room for more nodes, no machine so many
ABSENT_CPU=$(nproc --all)
# Only what does not change by itself: empty answers, or low memory at rest.
NOWHERE=0xffffffff0
LOW=$(answer buddyviz/pageblocks merge=0 | records | head -n 1 | cut -d ' ' -f 1)
DIRECT=$(answer convert "pfn=$((LOW + 256))" | records | cut -d ' ' -f 3)
# A cache of which nobody wants anything meanwhile.
QUIET=dma-kmalloc-64
# What stays as it is: an area of a device, the holes among the modules.
AREA=$(answer vmalloc_walk/areas kind=ioremap | awk '!/^#/ { print $1; exit }')
MODULE_SPACE=0xffffffffc0000000-0xffffffffff000000

# file, a good request, the word whose value is a number ("-": none), what else
# that request needs, whether it takes a pid
GOOD="
page|pfn=$LOW|pfn||
pfn|pfn=$LOW|pfn||
convert|pfn=$((LOW + 256))|pfn||
pgwalk/walk|$P addr=$HOLE|addr| $P| addr=$HOLE
pgwalk/walk.bin|$P|-||
pgwalk/range|$P|vma| $P|
pgwalk/range.bin|$P|vma| $P|
pgwalk/mm|$P|-||
pgwalk/vmas|$P|find| $P|
pgwalk/pagecache|path=$SCRATCH/cached|-||
pgwalk/entry|$MAPPED op=none|pages| $MAPPED op=none| ${MAPPED#* } op=none
pgwalk/rmap|pfn=$LOW|pfn||
buddyviz/blocks|pfn=$NOWHERE|node||
buddyviz/blocks.bin|pfn=$NOWHERE|node||
buddyviz/pcp|zone=Movable|cpu||
buddyviz/pageblocks|pfn=$NOWHERE|merge||
buddyviz/gfp|gfp=GFP_KERNEL|node| gfp=GFP_KERNEL|
buddyviz/block|pfn=$LOW|pfn||
slubprobe/cache|name=$QUIET|-||
slubprobe/object|addr=$DIRECT|addr||
slubprobe/slabs|name=$QUIET|-||
slubprobe/objects|name=$QUIET|-||
slubprobe/objects.bin|name=$QUIET|-||
vmalloc_walk/areas|kind=ioremap|range||
vmalloc_walk/area|addr=$AREA|addr||
vmalloc_walk/holes|size=8192 range=$MODULE_SPACE|size||
vmalloc_walk/sync|$P|all||
"

# Files that are off have nothing to refuse.
has_data slab_caches || { NR_SLUBPROBE=0 GOOD=$(grep -v ^slubprobe/ <<< "$GOOD"); }
has_data vmap_area_root vmap_nodes ||
	{ NR_VMALLOC_WALK=0 GOOD=$(grep -v ^vmalloc_walk/ <<< "$GOOD"); }
planned=$((8 + 6 + 19 + 4 + 2 * 20 + 5 + NR_FAULTS + NR_MAP + 3 + NR_BUDDYVIZ + NR_SLUBPROBE +
	NR_VMALLOC_WALK + 3))
while IFS='|' read -r file good number rest extra; do
	[[ -z $file ]] && continue
	planned=$((planned + NR_EVERYWHERE + 1))
	[[ $number == - ]] || planned=$((planned + NR_NUMBERS))
	[[ $good != pid=* ]] || planned=$((planned + NR_PIDS))
done <<< "$GOOD"
ktap_start "$planned"
while IFS='|' read -r file good number rest extra; do
	[[ -z $file ]] && continue
	wrong_everywhere "$file" "$good"
	[[ $number == - ]] || wrong_numbers "$file" "$number" "$rest"
	[[ $good != pid=* ]] || wrong_pids "$file" "$extra"
	check "$file: nothing changes" unchanged "$file" "$good"
done <<< "$GOOD"
wrong_page
wrong_convert
wrong_walk
wrong_walk_bin
wrong_range pgwalk/range
wrong_range pgwalk/range.bin
wrong_vmas
wrong_faults
wrong_map
refuse pgwalk/pagecache ENOENT "path=/no/such/file" path
refuse pgwalk/pagecache EINVAL "path=/" path
refuse pgwalk/pagecache EINVAL "path=/dev/null" path
wrong_buddyviz
if ((NR_SLUBPROBE)); then
	for file in cache slabs objects objects.bin; do
		wrong_name "slubprobe/$file"
	done
	wrong_object
	wrong_exercisers
fi
if ((NR_VMALLOC_WALK)); then
	wrong_areas
	wrong_holes
	wrong_vmalloc
fi
check "error_log keeps the last 16" log_is_a_ring
check "not for others" not_for_others
check "not for others, even with an open debugfs" not_for_others_even_then
ktap_finish
