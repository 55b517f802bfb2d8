#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The files as docs/ABI/debugfs-mmscope describes them: modes and owners, first
# and last line, both ways to ask, readers that do not see each other, any way to
# read giving the same bytes, and binary twins. The oracles are stat(1), awk's
# count of the lines, and the same answer read in another way.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

# file, mode, request that is always answered ("-": a plain file)
FILES="
status		400	-
metrics		400	-
error_log	600	-
page		600	pfn=%PFN%
convert		600	pfn=%PFN%
ledger		400	-
pfn		600	pfn=%PFN%
pgwalk/walk	600	addr=%REGION% pid=%PID%
pgwalk/walk.bin	600	pid=%PID%
pgwalk/range	600	pid=%PID%
pgwalk/range.bin 600	pid=%PID%
pgwalk/mm	600	pid=%PID%
pgwalk/vmas	600	pid=%PID%
pgwalk/layout	400	-
pgwalk/faults	600	pid=%PID% time_ms=1
pgwalk/pagecache 600	path=/proc/self/exe
pgwalk/map	600	from=vmalloc with=page pages=3
pgwalk/entry	600	op=none %MAPPED%
pgwalk/pin	600	addr=%REGION% pid=%PID%
pgwalk/rmap	600	addr=%REGION% pid=%PID%
buddyviz/zones	400	-
buddyviz/freelists 400	-
buddyviz/blocks	600	order=9-11
buddyviz/blocks.bin 600	order=9-11
buddyviz/block	600	addr=%DIRECT%
buddyviz/pcp	600	pages=1
buddyviz/pageblocks 600	merge=1
buddyviz/fragmentation 400 -
buddyviz/check	400	-
buddyviz/gfp	600	gfp=GFP_KERNEL
buddyviz/alloc	600	order=4 count=2
slubprobe/caches	400	-
slubprobe/cache	600	name=kmalloc-64
slubprobe/check	400	-
slubprobe/object	600	addr=%DIRECT%
slubprobe/slabs	600	name=kmalloc-64
slubprobe/objects 600	name=kmalloc-64
slubprobe/objects.bin 600 name=kmalloc-64
slubprobe/classes	400	-
slubprobe/kmalloc	600	size=64 count=3
slubprobe/stats	600	ms=200
slubprobe/own	600	size=64
vmalloc_walk/areas 600	kind=any
vmalloc_walk/area 600	addr=%AREA%
vmalloc_walk/holes 600	size=8192
vmalloc_walk/lazy 400	-
vmalloc_walk/sync 600	pid=%PID%
vmalloc_walk/check 400	-
vmalloc_walk/vmalloc 600	size=8192 count=3
"
# Those without mmscope's first and last line.
RAW=" error_log metrics pgwalk/walk.bin pgwalk/range.bin buddyviz/blocks.bin slubprobe/objects.bin "

# each_file(function) - call it with file, mode, request of every file
each_file()
{
	local file mode words

	while read -r file mode words; do
		[[ -z $file ]] && continue
		words=${words//%PID%/$TARGET_PID}
		words=${words//%REGION%/$REGION}
		words=${words//%PFN%/$PFN}
		words=${words//%DIRECT%/$DIRECT}
		words=${words//%AREA%/$AREA}
		words=${words//%MAPPED%/$MAPPED}
		"$1" "$file" "$mode" "$words" || return 1
	done <<< "$FILES"
}

# ---- modes -------------------------------------------------------------------

mode_is()
{
	local got

	got=$(stat -c '%a %u %g %F' "$1")
	[[ $got == "$2" ]] || { echo "$1: is $got, should be $2"; return 1; }
}

file_mode_is()
{
	mode_is "$MMSCOPE/$1" "$2 0 0 regular empty file" ||
		mode_is "$MMSCOPE/$1" "$2 0 0 regular file"
}

modes_right()
{
	mode_is "$MMSCOPE" "700 0 0 directory" &&
		mode_is "$MMSCOPE/pgwalk" "700 0 0 directory" &&
		mode_is "$MMSCOPE/buddyviz" "700 0 0 directory" &&
		mode_is "$MMSCOPE/slubprobe" "700 0 0 directory" &&
		mode_is "$MMSCOPE/vmalloc_walk" "700 0 0 directory" &&
		each_file file_mode_is > /dev/null
}

# Every file that is there is in the table above, and the other way round.
files_known()
{
	diff <(awk 'NF { print $1 }' <<< "$FILES" | sort) \
		<(cd "$MMSCOPE" && find . -type f -printf '%P\n' | sort)
}

# ---- frames ------------------------------------------------------------------

# frame_right(file) < answer - first line, column line or section, end line
frame_right()
{
	awk -v file="$1" -v kernel="$(uname -r)" '
	function bad(what) { print file ": " what ": " $0; failed = 1; exit 1 }
	/\t/ || / $/ || /  / { bad("tabs, double or trailing blanks") }
	ended { bad("line behind the end line") }
	NR == 1 {
		if ($0 !~ "^# " file " v[1-9][0-9]* kernel=[^ ]* consistency=(locked|retried|racy)$")
			bad("first line")
		if ($4 != "kernel=" kernel)
			bad("wrong kernel")
		next
	}
	NR == 2 && !/^#/ { bad("no column line") }
	/^# end records=/ {
		if ($0 !~ /^# end records=[0-9]+( truncated=[^ ]+)?$/)
			bad("end line")
		split($3, said, "=")
		if (said[2] != records)
			bad("there are " records + 0 " records")
		ended = 1
		next
	}
	/^#/ { next }
	/^$/ { bad("empty line") }
	{ records++ }
	END { if (!failed && !ended) { print file ": no end line"; exit 1 } }'
}

# is_off(file) - because the kernel does not tell of the variables that it is read from
is_off()
{
	case $1 in
	slubprobe/*) ! has_data slab_caches ;;
	vmalloc_walk/*) ! has_data vmap_area_root vmap_nodes ;;
	*) false ;;
	esac
}

frame_of_file()
{
	[[ $RAW != *" $1 "* ]] && ! is_off "$1" || return 0
	if [[ $3 == - ]]; then
		answer "$1"
	else
		answer "$1" "$3"
	fi > "$SCRATCH/frame" &&
		frame_right "$(full_name "$1")" < "$SCRATCH/frame"
}

# columns_right(file, [words]) - as many words a record as the column line has
columns_right()
{
	answer "$@" | awk '
	NR == 2 { want = NF - 1 }
	!/^#/ && NF != want { print NF " words, columns are " want ": " $0; exit 1 }'
}

all_columns_right()
{
	columns_right page pfn=256-300 && columns_right convert pfn=256 &&
		columns_right pgwalk/range "pid=$TARGET_PID" &&
		columns_right pgwalk/mm "pid=$TARGET_PID" &&
		columns_right pgwalk/vmas "pid=$TARGET_PID" &&
		columns_right buddyviz/freelists &&
		columns_right buddyviz/blocks "order=9-11" &&
		columns_right buddyviz/pcp "pages=1" &&
		columns_right buddyviz/pageblocks "merge=1" &&
		columns_right buddyviz/check || return 1
	if ! is_off slubprobe/caches; then
		columns_right slubprobe/caches && columns_right slubprobe/check &&
			columns_right slubprobe/classes &&
			columns_right slubprobe/object "addr=$DIRECT" &&
			columns_right slubprobe/cache name=kmalloc-64 &&
			columns_right slubprobe/slabs name=kmalloc-64 &&
			columns_right slubprobe/objects name=kmalloc-64 &&
			columns_right slubprobe/stats ms=200 || return 1
	fi
	is_off vmalloc_walk/areas || {
		columns_right vmalloc_walk/areas kind=any &&
			columns_right vmalloc_walk/sync all=1
	}
}

metrics_right()
{
	answer metrics | awk '
	ended { print "line behind EOF"; exit 1 }
	/^# EOF$/ { ended = 1; next }
	/^# (TYPE|HELP|UNIT) [a-z_]+ / { next }
	!/^[a-z_]+({[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*})? -?[0-9.]+$/ { print; exit 1 }
	seen[$1]++ { print "twice: " $1; exit 1 }
	END { if (!ended) { print "no # EOF"; exit 1 } }'
}

# The counter of accepted requests goes up by what we ask.
metrics_count()
{
	local before after
	local key='mmscope_requests_total{file="mmscope/convert",result="accepted"}'

	before=$(answer metrics | awk -v key="$key" '$1 == key { print $2 }')
	for _ in {1..23}; do
		refused convert pfn=256
		[[ $REFUSED == accepted ]] || return 1
	done
	after=$(answer metrics | awk -v key="$key" '$1 == key { print $2 }')
	((after == before + 23)) || { echo "from $before to $after"; return 1; }
}

status_right()
{
	local text

	text=$(answer status) || return 1
	[[ $(section kernel <<< "$text") == *"release $(uname -r)"* ]] || return 1
	for name in symbols layouts hooks features; do
		grep -q "^## $name$" <<< "$text" || { echo "no $name"; return 1; }
		section "$name" <<< "$text" |
			awk '$3 !~ /^(ok|off|absent)$/ || NF != 4 { print; exit 1 }' ||
			return 1
	done
}

# ---- asking and reading ------------------------------------------------------

# same_bytes(file, words, options...) - read so, the answer is that in SCRATCH/whole
same_bytes()
{
	local file=$1 words=$2

	shift 2
	./request "$@" "$MMSCOPE/$file" "$words" > "$SCRATCH/parts" || return 1
	[[ -s $SCRATCH/whole ]] && cmp "$SCRATCH/whole" "$SCRATCH/parts"
}

by_size()
{
	cp "$SCRATCH/before" "$SCRATCH/whole"
	same_bytes "$1" "$2" -c "$SIZE"
}

any_size()
{
	for SIZE in 1 7 4095 65536; do
		at_rest by_size "$1" "$2" || { echo "size $SIZE"; return 1; }
	done
}

by_pread()
{
	./request "$MMSCOPE/$1" "$2" > "$SCRATCH/whole" || return 1
	same_bytes "$1" "$2" -p -c 1000
}

# From the middle on, the bytes are those of the middle.
by_seek()
{
	./request "$MMSCOPE/$1" "$2" > "$SCRATCH/whole"
	./request -s 1000 "$MMSCOPE/$1" "$2" > "$SCRATCH/parts" || return 1
	cmp <(tail -c +1001 "$SCRATCH/whole") "$SCRATCH/parts"
}

# The array of walk.bin: lseek and read as good as pread, and whole records only.
walk_bin_by_seek()
{
	local page=$((REGION / 4096)) file=$MMSCOPE/pgwalk/walk.bin

	./request -p -m 2240 -s $((page * 112)) "$file" "pid=$TARGET_PID" > "$SCRATCH/whole"
	(($(stat -c %s "$SCRATCH/whole") == 2240)) || return 1
	./request -m 2240 -s $((page * 112)) "$file" "pid=$TARGET_PID" > "$SCRATCH/parts"
	cmp "$SCRATCH/whole" "$SCRATCH/parts" || { head -c 40 "$SCRATCH/parts"; return 1; }
	[[ $(./request -p -m 100 -s $((page * 112)) "$file" "pid=$TARGET_PID") == "read EINVAL" &&
		$(./request -p -m 112 -s $((page * 112 + 1)) "$file" "pid=$TARGET_PID") == "read EINVAL" ]]
}

# at_rest(command, file, words) - what the command says of a file while its answer
# does not change: the kernel may change it by itself, as when it looks which pages
# are in use, and then the command is asked again
at_rest()
{
	local status

	for _ in {1..10}; do
		./request "$MMSCOPE/$2" "$3" > "$SCRATCH/before" || return 1
		"$@"
		status=$?
		./request "$MMSCOPE/$2" "$3" > "$SCRATCH/after" || return 1
		! cmp -s "$SCRATCH/before" "$SCRATCH/after" || return "$status"
	done
	echo "$2: never at rest"
	return 1
}

# echo > file, then cat file
by_two_opens()
{
	echo "$2" > "$MMSCOPE/$1" || return 1
	cat "$MMSCOPE/$1" > "$SCRATCH/parts"
	./request "$MMSCOPE/$1" "$2" > "$SCRATCH/whole"
	cmp "$SCRATCH/whole" "$SCRATCH/parts"
}

# The same request written again on the same open file.
by_rewind()
{
	local fd

	exec {fd}<> "$MMSCOPE/$1"
	echo "$2" >&"$fd"
	cat <&"$fd" > "$SCRATCH/whole"
	echo "$2" >&"$fd"
	cat <&"$fd" > "$SCRATCH/parts"
	exec {fd}>&-
	[[ -s $SCRATCH/whole ]] && cmp "$SCRATCH/whole" "$SCRATCH/parts"
}

# two_openers() - each reads the answer to its own request, in any order
two_openers()
{
	local one two

	exec {one}<> "$MMSCOPE/convert" {two}<> "$MMSCOPE/convert"
	echo pfn=256 >&"$one"
	echo pfn=512 >&"$two"
	cat <&"$one" | records > "$SCRATCH/one"
	cat <&"$two" | records > "$SCRATCH/two"
	exec {one}>&- {two}>&-
	cat "$SCRATCH/one" "$SCRATCH/two"
	grep -q '^0x100 ' "$SCRATCH/one" && grep -q '^0x200 ' "$SCRATCH/two"
}

# A new request on an open file replaces an answer that was read half way.
replaced_half_way()
{
	local fd

	exec {fd}<> "$MMSCOPE/pgwalk/range"
	echo "pid=$TARGET_PID" >&"$fd"
	head -c 300 <&"$fd" > /dev/null
	echo "pid=$TARGET_PID vma=$REGION" >&"$fd"
	cat <&"$fd" > "$SCRATCH/parts"
	exec {fd}>&-
	./request "$MMSCOPE/pgwalk/range" "pid=$TARGET_PID vma=$REGION" > "$SCRATCH/whole"
	cmp "$SCRATCH/whole" "$SCRATCH/parts"
}

# Only for files of which nobody has asked anything since the modules came up. Some
# have an answer even so.
nothing_asked()
{
	local file out

	# It holds pgwalk.
	end_process "$MAPPING_PID"
	unload_modules && load_modules || return 1
	for file in page convert pgwalk/{walk,walk.bin,range,range.bin,mm,vmas,faults,pagecache,map,entry,pin,rmap} \
		slubprobe/{cache,object,slabs,objects,objects.bin,kmalloc,stats,own} \
		vmalloc_walk/{areas,area,holes,sync,vmalloc}; do
		out=$(./request -r "$MMSCOPE/$file")
		[[ $out == "read ENODATA" ]] || { echo "$file: $out"; return 1; }
	done
	for file in buddyviz/{blocks,pcp,pageblocks}; do
		answer "$file" | frame_right "$file" || return 1
	done
}

# ---- binary twins ------------------------------------------------------------

twins_alike()
{
	./twins "pid=$TARGET_PID" && ./twins "pid=$TARGET_PID holes=1" &&
		./twins "pid=$TARGET_PID vma=$REGION" &&
		./twins "pid=$TARGET_PID addr=$REGION-$REGION_END holes=1"
}

# od_at(offset, type, bytes) - a number of the answer in SCRATCH/bin
od_at()
{
	od -A n -j "$1" -t "$2" -N "$3" "$SCRATCH/bin" | tr -d ' '
}

# By hand, not by our headers: magic, sizes, names.
header_right()
{
	local size

	./request "$MMSCOPE/pgwalk/range.bin" "pid=$TARGET_PID" > "$SCRATCH/bin"
	size=$(stat -c %s "$SCRATCH/bin")
	[[ $(od_at 0 x4 4) == 4d4d5343 && $(od_at 4 u2 2) == 128 &&
		$(od_at 6 u2 2) == 1 && $(od_at 8 u4 4) == 32 &&
		$(head -c 64 "$SCRATCH/bin" | tail -c 48 | tr -d '\0') == pgwalk/range &&
		$(head -c 128 "$SCRATCH/bin" | tail -c 64 | tr -d '\0') == "$(uname -r)" ]] ||
		{ head -c 128 "$SCRATCH/bin" | od -c; return 1; }
	(((size - 128) % 32 == 0)) || { echo "size $size"; return 1; }
	# the end record: kind 255, and the number of records before it
	(($(od_at $((size - 4)) u1 1) == 255 &&
		$(od_at $((size - 24)) u8 8) == (size - 128) / 32 - 1))
}

need_mmscope status pgwalk/range
scratch
start_target sparse zero protnone exec shared_anon
kill -STOP "$TARGET_PID"
read -r REGION REGION_END < <(target_region sparse)
# Low memory, which stays what it is
PFN=$(($(answer buddyviz/pageblocks merge=0 | records | head -n 1 | cut -d ' ' -f 1) + 256))
DIRECT=$(answer convert "pfn=$PFN" | records | cut -d ' ' -f 3)
start_mapping
# One that stays.
AREA=$(answer vmalloc_walk/areas kind=ioremap | awk '!/^#/ { print $1; exit }')

ktap_start 26
check "modes and owners" modes_right
check "no other files" files_known
check "first line, columns and end line of every text file" each_file frame_of_file
check "as many words as columns" all_columns_right
check "metrics is OpenMetrics" metrics_right
check "metrics counts what is asked" metrics_count
check "status has its sections, every row a state" status_right
# All text files are framed and cut by the same code: a short answer, a long one, and one
# of several sections are enough.
for file in page pgwalk/walk pgwalk/range; do
	case $file in
	page) words=pfn=256-300 ;;
	# Not pages of a library: those who read map them, too, or not.
	pgwalk/walk) words="pid=$TARGET_PID addr=$REGION,$((REGION + 4096))" ;;
	pgwalk/range) words="pid=$TARGET_PID" ;;
	esac
	check "$file in pieces of any size" any_size "$file" "$words"
	check "$file by pread" at_rest by_pread "$file" "$words"
	check "$file by two opens" at_rest by_two_opens "$file" "$words"
	check "$file asked twice on one open file" at_rest by_rewind "$file" "$words"
done
check "pgwalk/range from the middle on" at_rest by_seek pgwalk/range "pid=$TARGET_PID"
check "pgwalk/walk.bin by lseek, in whole records" several_times walk_bin_by_seek
check "two open files do not see each other" two_openers
check "a new request replaces a half read answer" several_times replaced_half_way
check "range.bin: header and end record" header_right
check "range and range.bin are twins" twins_alike
if have_build; then
	check "nothing asked yet: ENODATA" nothing_asked
else
	skip "nothing asked yet: ENODATA" "the modules were not built in $MMSCOPE_TOP"
fi
ktap_finish
