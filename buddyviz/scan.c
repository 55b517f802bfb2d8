// SPDX-License-Identifier: GPL-2.0
/*
 * Free blocks found by going through page frames, a pageblock at a time.
 *
 * A free list cannot be walked on once zone->lock was dropped: the entry where
 * the walk stood may have gone. A scan of page frames can, and it holds the lock
 * for one pageblock only. What it says of that pageblock is exact; blocks may
 * move from one to another between two holds.
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pageblock-flags.h>
#include <linux/spinlock.h>

#include "buddyviz.h"

/**
 * buddyviz_is_free_block() - does a free block of a zone begin here?
 * @page: the page
 * @zone: the zone, its lock held
 * @order: filled in if so: of the block
 *
 * Mirrors page_is_buddy() and buddy_order() of mm. Pages of other zones may lie
 * between those of this one, and another zone's lock is not held.
 */
bool buddyviz_is_free_block(struct page *page, const struct zone *zone,
			    unsigned int *order)
{
	lockdep_assert_held(&zone->lock);
	if (!PageBuddy(page) || page_zone(page) != zone ||
	    page_private(page) >= NR_PAGE_ORDERS)
		return false;
	*order = page_private(page);
	return true;
}

/**
 * buddyviz_pageblock_type() - what a pageblock is for
 * @pfn: a page frame of online memory inside it
 *
 * Mirrors get_pfnblock_migratetype() of mm/page_alloc.c, which no kernel
 * exports.
 *
 * Return: enum migratetype.
 */
unsigned int buddyviz_pageblock_type(unsigned long pfn)
{
	const unsigned long *map = section_to_usemap(__pfn_to_section(pfn));
	unsigned long bit, bits;

	bit = (pfn & (PAGES_PER_SECTION - 1)) >> pageblock_order;
	bit *= NR_PAGEBLOCK_BITS;
	bits = READ_ONCE(map[bit / BITS_PER_LONG]) >> (bit % BITS_PER_LONG);
#ifdef CONFIG_MEMORY_ISOLATION
	if (bits & PAGEBLOCK_ISO_MASK)
		return MIGRATE_ISOLATE;
#endif
	return bits & PAGEBLOCK_MIGRATETYPE_MASK;
}

/**
 * buddyviz_pageblock_end() - where the pageblock of a page frame ends
 * @pfn: page frame
 * @end: nothing behind this counts
 *
 * Return: The first page frame behind, at most @end.
 */
unsigned long buddyviz_pageblock_end(unsigned long pfn, unsigned long end)
{
	return min(ALIGN(pfn + 1, pageblock_nr_pages), end);
}

/**
 * buddyviz_scan() - the free blocks that begin in the rest of a pageblock
 * @zone: the zone
 * @pfn: where to begin; moved to where the next scan goes on
 * @end: nothing that begins at or behind this counts
 * @blocks: filled in
 * @max: room in it; when it is full the rest of the pageblock is for the next
 *	scan
 *
 * Context: Process context, between mms_memory_hold() and mms_memory_release().
 * Takes zone->lock.
 * Return: Number of blocks.
 */
unsigned int buddyviz_scan(struct zone *zone, unsigned long *pfn,
			   unsigned long end, struct buddyviz_block *blocks,
			   unsigned int max)
{
	unsigned long last = buddyviz_pageblock_end(*pfn, end), at, flags;
	unsigned int migratetype, order, nr = 0;

	if (!pfn_to_online_page(*pfn)) {
		*pfn = last;
		return 0;
	}
	spin_lock_irqsave(&zone->lock, flags);
	migratetype = buddyviz_pageblock_type(*pfn);
	for (at = *pfn; at < last && nr < max; at += 1UL << order) {
		order = 0;
		if (!buddyviz_is_free_block(pfn_to_page(at), zone, &order))
			continue;
		blocks[nr].pfn = at;
		blocks[nr].order = order;
		blocks[nr++].migratetype = migratetype;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	*pfn = at;
	return nr;
}
