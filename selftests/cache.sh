#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/mmscope cache for files of which it is known what is in memory: the bar, the
# numbers, several files, and what is no file.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

FRONT=$MMSCOPE_TOP/scripts/mmscope
PAGES=240	# of a file: four a character

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
	! "$FRONT" cache "$DIR/nothing" "$DIR" > "$SCRATCH/none" &&
		(($(grep -c 'not a regular file' "$SCRATCH/none") == 2))
}

need_mmscope pgwalk/pagecache
scratch
command -v python3 > /dev/null || skip_all "no python3"
[[ -x $FRONT ]] || skip_all "scripts/ is not there"
DIR=$SCRATCH/ramfs
mkdir "$DIR"
mount -t ramfs none "$DIR" || skip_all "no ramfs"
at_exit umount "$DIR"

ktap_start 4
check "the first half of a file" halves
check "parts of the first two characters" parts
check "several files, one of them empty" several
check "what is not a regular file" no_file
ktap_finish
