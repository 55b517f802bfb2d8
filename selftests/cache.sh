#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/mmscope cache for files of which it is known what is in memory: the bar, the
# numbers, several files, and what is no file; and what it does with a file, as fincore or
# vmtouch see it.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

FRONT=$MMSCOPE_TOP/scripts/mmscope
PAGES=240	# of a file: four a character
PAGE_B=$(getconf PAGESIZE)

# bar_of(file) - the line with the bar
bar_of()
{
	"$FRONT" cache "$1" | grep '^\['
}

# repeat(character, number)
repeat()
{
	printf "%$2s" "" | tr ' ' "$1"
}

# fill(file, first page, pages) - bring them into memory
fill()
{
	dd if=/dev/zero of="$1" bs=4096 seek="$2" count="$3" conv=notrunc status=none
}

halves()
{
	fill "$DIR/half" 0 120
	truncate -s $((PAGES * 4096)) "$DIR/half"
	[[ $(bar_of "$DIR/half") == "[$(repeat O 30)$(repeat ' ' 30)] 120/240 pages, 50 %" ]] ||
		{ "$FRONT" cache "$DIR/half"; return 1; }
}

parts()
{
	fill "$DIR/parts" 2 4
	truncate -s $((PAGES * 4096)) "$DIR/parts"
	[[ $(bar_of "$DIR/parts") == "[oo$(repeat ' ' 58)] 4/240 pages, 1 %" ]] ||
		{ "$FRONT" cache "$DIR/parts"; return 1; }
}

several()
{
	: > "$DIR/an empty one"
	"$FRONT" cache "$DIR/half" "$DIR/parts" "$DIR/an empty one" > "$SCRATCH/several" || return 1
	cat "$SCRATCH/several"
	grep -q '^\[\] 0/0 pages, 0 %' "$SCRATCH/several" &&
		[[ $(tail -n 1 "$SCRATCH/several") == "together 124/480 pages, 25 %" ]]
}

no_file()
{
	! "$FRONT" cache "$DIR/nothing" "$DIR" 2> "$SCRATCH/none" &&
		(($(grep -c 'not a regular file' "$SCRATCH/none") == 2))
}

# resident() - the pages of FILE in memory, as another program sees them
resident()
{
	case $PEER in
	fincore) fincore --noheadings --output PAGES "$FILE" ;;
	vmtouch) vmtouch "$FILE" | awk '/Resident Pages:/ { sub("/.*", "", $3); print $3 }' ;;
	esac
}

# has(pages) - so many of them
has()
{
	local pages

	pages=$(($(resident)))
	echo "$PEER: $pages of $FILE_PAGES pages, expected $1"
	((pages == $1))
}

# shows(words...) - both bars of the command have these words, one each
shows()
{
	cat "$SCRATCH/bars"
	grep '^\[' "$SCRATCH/bars" | head -n 1 | grep -q -- "$1" &&
		grep '^\[' "$SCRATCH/bars" | tail -n 1 | grep -q -- "$2"
}

# evict() - and see that all went
evict()
{
	"$FRONT" cache --evict "$FILE" > "$SCRATCH/bars" && has 0
}

evicted()
{
	"$FRONT" cache --touch "$FILE" > "$SCRATCH/bars" || return
	# Somebody may just look at a page.
	wait_for evict && shows "before --evict" " 0/$FILE_PAGES pages, 0 %"
}

touched()
{
	wait_for evict || return
	"$FRONT" cache --touch "$FILE" > "$SCRATCH/bars" && has "$FILE_PAGES" &&
		shows " 0/$FILE_PAGES pages, 0 %, before --touch" "$FILE_PAGES/$FILE_PAGES pages, 100 %"
}

# locked() - pages that are mapped stay, until who locked them ends
locked()
{
	local pid status

	wait_for evict || return
	"$FRONT" cache --lock "$FILE" > "$SCRATCH/bars" 2> "$SCRATCH/locked" &
	pid=$!
	if wait_for grep -q 'until Ctrl-C' "$SCRATCH/locked" &&
		(($(awk '/^VmLck/ { print $2 }' "/proc/$pid/status") * 1024 >= FILE_B)); then
		"$FRONT" cache --evict "$FILE" && has "$FILE_PAGES"
		status=$?
	fi
	cat "$SCRATCH/locked"
	kill "$pid"
	wait "$pid"
	(($? == 143 && ${status:-1} == 0)) && wait_for evict
}

# with_file(name, function) - needs a file that can be dropped, and a second opinion
with_file()
{
	if [[ $PEER == none ]]; then
		skip "$1" "neither fincore nor vmtouch"
	elif [[ $(stat --file-system --format %T "$FILE") =~ ^(tmpfs|ramfs)$ ]]; then
		skip "$1" "what $FILE lies on is memory"
	else
		check "$1" "$2"
	fi
}

need_mmscope pgwalk/pagecache
scratch
command -v python3 > /dev/null || skip_all "no python3"
[[ -x $FRONT ]] || skip_all "scripts/ is not there"
DIR=$SCRATCH/ramfs
mkdir "$DIR"
mount -t ramfs none "$DIR" || skip_all "no ramfs"
at_exit umount "$DIR"
# Nobody else uses it now.
FILE=$LIB_DIR/pagecache_match
FILE_B=$(stat --format %s "$FILE")
FILE_PAGES=$(((FILE_B + PAGE_B - 1) / PAGE_B))
PEER=$(command -v vmtouch fincore | head -n 1)
PEER=${PEER##*/}
: "${PEER:=none}"

ktap_start 7
check "the first half of a file" halves
check "parts of the first two characters" parts
check "several files, one of them empty" several
check "what is not a regular file" no_file
with_file "--evict: nothing is left" evicted
with_file "--touch: all is there" touched
with_file "--lock: all stays, until the end" locked
ktap_finish
