// SPDX-License-Identifier: GPL-2.0
/*
 * Lengths of lists under the lock that keeps them, and how long that may be held.
 *
 * Each entry may miss the cache, with interrupts off; a budget of entries is
 * what bounds a hold. /proc/pagetypeinfo takes up to 100,000 at a time.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>

#include "buddyviz.h"

#define HOLD_BLOCKS	4096

/* Set at load only: an answer must not change its budget half way. */
static unsigned int hold_blocks = HOLD_BLOCKS;
module_param(hold_blocks, uint, 0444);
MODULE_PARM_DESC(hold_blocks,
		 "List entries looked at under one hold of a lock, at most 4096 (default)");

/**
 * buddyviz_hold_blocks() - list entries that may be looked at under one hold
 */
unsigned int buddyviz_hold_blocks(void)
{
	return clamp_t(unsigned int, hold_blocks, 1, HOLD_BLOCKS);
}

/**
 * buddyviz_count_list() - the length of a list
 * @list: its head
 * @budget: entries that may be looked at; what was is taken off
 * @blocks: filled in: the length; less when the budget was too small
 *
 * Context: The list's lock is held.
 * Return: True if all of it was counted.
 */
bool buddyviz_count_list(const struct list_head *list, unsigned int *budget,
			 unsigned long *blocks)
{
	const struct list_head *at;

	*blocks = 0;
	list_for_each(at, list) {
		if (!*budget)
			return false;
		--*budget;
		++*blocks;
	}
	return true;
}

#ifdef CONFIG_MEMORY_ISOLATION
/**
 * buddyviz_count_isolated() - free pages that the kernel does not count as free
 * @zone: the zone, its lock held
 * @budget: list entries that may be looked at; what was is taken off
 * @pages: filled in
 *
 * Blocks in isolated pageblocks stay on free lists and in nr_free[], but are
 * taken off NR_FREE_PAGES.
 *
 * Return: True if all were counted.
 */
bool buddyviz_count_isolated(const struct zone *zone, unsigned int *budget,
			     unsigned long *pages)
{
	unsigned long blocks;
	unsigned int order;
	bool all;

	*pages = 0;
	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		all = buddyviz_count_list(&zone->free_area[order].free_list[MIGRATE_ISOLATE],
					  budget, &blocks);
		if (!all)
			return false;
		*pages += blocks << order;
	}
	return true;
}
#else
bool buddyviz_count_isolated(const struct zone *zone, unsigned int *budget,
			     unsigned long *pages)
{
	*pages = 0;
	return true;
}
#endif
