// SPDX-License-Identifier: GPL-2.0
/*
 * twins WORDS: whether range and range.bin answer one request alike.
 *
 * Asked of a process that is stopped, every record of the one must be the same
 * record of the other, field by field. Exits with 1 and says what differs.
 */
#include <stdio.h>
#include <string.h>

#include <mmscope/pgwalk.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(32UL << 20)
#define ATTEMPTS	4

/* The kernel ages pages, which clears this now and then. */
#define MAY_CHANGE	MMSCOPE_PG_ACCESSED

static bool extent_equal(const struct extent *text, const struct extent *bin)
{
	return text->start == bin->start && text->size_B == bin->size_B &&
	       text->pfn == bin->pfn && text->kind == bin->kind &&
	       text->level == bin->level && text->swap_type == bin->swap_type &&
	       !((text->flags ^ bin->flags) & ~MAY_CHANGE);
}

static void print_extent(const char *name, const struct extent *e)
{
	ktap_note("%-9s %#llx+%#llx %s level %u pfn %#llx flags %#x swap_type %u",
		  name, (unsigned long long)e->start,
		  (unsigned long long)e->size_B, kind_name(e->kind), e->level,
		  (unsigned long long)e->pfn, e->flags, e->swap_type);
}

/* Aging may also part or join extents, hence the second look. */
static bool twins(const char *words, bool tell)
{
	struct extents text, bin;
	size_t i;

	if (extents_text(&text, "%s", words) || extents_bin(&bin, "%s", words)) {
		ktap_note("no good answer");
		return false;
	}
	if (text.nr != bin.nr || !text.nr) {
		if (tell)
			ktap_note("range has %zu records, range.bin %zu",
				  text.nr, bin.nr);
		return false;
	}
	for (i = 0; i < text.nr; i++) {
		if (extent_equal(&text.e[i], &bin.e[i]))
			continue;
		if (tell) {
			print_extent("range", &text.e[i]);
			print_extent("range.bin", &bin.e[i]);
		}
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	int attempt;

	if (argc != 2) {
		fprintf(stderr, "usage: twins WORDS\n");
		return 2;
	}
	lib_init(ARENA_B);
	lib_need("pgwalk/range");
	for (attempt = 1; attempt <= ATTEMPTS; attempt++)
		if (twins(argv[1], attempt == ATTEMPTS))
			return 0;
	return 1;
}
