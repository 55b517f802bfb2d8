// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/vmalloc_walk/check: does all that the kernel notes of
 * its areas agree with itself and with the page tables?
 *
 * A record is a finding, and each is true when it is told, though areas come and go
 * all the time:
 *
 *  - page array against page tables, guard page and vm_struct: both sides are read
 *    under the lock without which nobody can unmap the area, see look.c;
 *  - order of a tree, and that its list is in the same order: under its lock;
 *  - no free and no lazy area lies in a busy one: their locks are taken inside that
 *    of the busy tree. The kernel takes no two of them at once, so any order will
 *    do; a busy area cannot become free or lazy before it left its tree;
 *  - two busy areas of different trees overlap: these cannot be locked together.
 *    Each is looked up in turn, and found to be there LOOKS times.
 *
 * What cannot be decided is counted in the section checked, not told as a finding:
 * areas that are being made, tables that did not hold still, areas that changed.
 * Only areas with a page array say which pages must be mapped; of others the guard
 * page is looked at.
 */
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include "vmalloc_walk.h"

#define LOOKS	3	/* at two areas that overlap */

enum finding {
	FOUND_PAGE_DIFFERS,
	FOUND_PAGE_MISSING,
	FOUND_ARRAY,
	FOUND_GUARD,
	FOUND_STRUCT,
	FOUND_OVERLAP,
	FOUND_FREE,
	FOUND_LAZY,
	FOUND_ORDER,
	FOUND_LIST,
	FOUND_COUNT
};

/* What the two numbers of a finding are. */
static const char *const found_names[] = {
	[FOUND_PAGE_DIFFERS] = "page_differs array_pfn mapped_pfn",
	[FOUND_PAGE_MISSING] = "page_not_mapped array_pfn -",
	[FOUND_ARRAY] = "page_array_unreadable page_array -",
	[FOUND_GUARD] = "guard_mapped - mapped_pfn",
	[FOUND_STRUCT] = "vm_struct_differs vm_addr vm_size_B",
	[FOUND_OVERLAP] = "overlaps_busy other_start other_end",
	[FOUND_FREE] = "overlaps_free other_start other_end",
	[FOUND_LAZY] = "overlaps_lazy other_start other_end",
	[FOUND_ORDER] = "tree_not_sorted next_start -",
	[FOUND_LIST] = "list_not_as_tree next_start -",
};

static_assert(ARRAY_SIZE(found_names) == FOUND_COUNT);
