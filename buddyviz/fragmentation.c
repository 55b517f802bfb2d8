// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/fragmentation: how much of what is free can
 * serve a request of each order.
 *
 * All figures of a zone come from nr_free[] under one hold of zone->lock. The two
 * indices are computed as the kernel's debugfs files extfrag/unusable_index and
 * extfrag/extfrag_index do, which read nr_free[] without the lock.
 *
 * huge_pages leaves out blocks that a request for a huge page cannot have:
 * isolated ones and those kept for atomic requests. Deliberately ignored: whether
 * watermarks would let it have them (zones says that).
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>

#include <mmscope/page.h>

#include "buddyviz.h"

#define HUGE_ORDER	(PMD_SHIFT - PAGE_SHIFT)

struct fragmentation_state {
	unsigned int index;	/* next zone, as mms_zone_at() counts */
};

/**
 * struct fragmentation_row - one zone
 * @node: its node
 * @zone: its name
 * @nr_free: blocks by order
 * @huge_pages: huge pages that free blocks would make
 * @has_huge_pages: they were all counted
 */
struct fragmentation_row {
	int node;
	const char *zone;
	unsigned long nr_free[NR_PAGE_ORDERS];
	unsigned long huge_pages;
	bool has_huge_pages;
};

/* Blocks of at least an order, in blocks of that order. */
static unsigned long suitable_blocks(const struct fragmentation_row *row,
				     unsigned int order)
{
	unsigned long blocks = 0;
	unsigned int i;

	for (i = order; i < NR_PAGE_ORDERS; i++)
		blocks += row->nr_free[i] << (i - order);
	return blocks;
}

static bool is_kept_back(unsigned int migratetype)
{
#ifdef CONFIG_MEMORY_ISOLATION
	if (migratetype == MIGRATE_ISOLATE)
		return true;
#endif
	return migratetype == MIGRATE_HIGHATOMIC;
}

/* zone->lock is held. False when the lists are too long for one hold. */
static bool count_huge(const struct zone *zone, struct fragmentation_row *row)
{
	unsigned int order, type, budget = buddyviz_hold_blocks();
	unsigned long blocks;

	row->huge_pages = suitable_blocks(row, HUGE_ORDER);
	for (order = HUGE_ORDER; order < NR_PAGE_ORDERS; order++)
		for (type = 0; type < MIGRATE_TYPES; type++) {
			if (!is_kept_back(type))
				continue;
			if (!buddyviz_count_list(&zone->free_area[order].free_list[type],
						 &budget, &blocks))
				return false;
			row->huge_pages -= blocks << (order - HUGE_ORDER);
		}
	return true;
}

static void read_zone(struct zone *zone, struct fragmentation_row *row)
{
	unsigned long flags;
	unsigned int order;

	row->node = zone_to_nid(zone);
	row->zone = zone->name;
	spin_lock_irqsave(&zone->lock, flags);
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		row->nr_free[order] = zone->free_area[order].nr_free;
	row->has_huge_pages = count_huge(zone, row);
	spin_unlock_irqrestore(&zone->lock, flags);
}

static int fragmentation_fill(struct mms_answer *answer, void *records,
			      unsigned int max)
{
	struct fragmentation_state *state = answer->state;
	struct zone *zone;

	if (fatal_signal_pending(current))
		return -EINTR;
	mms_memory_hold();
	zone = mms_zone_at(&state->index);
	if (zone) {
		read_zone(zone, records);
		state->index++;
	}
	mms_memory_release();
	return zone ? 1 : 0;
}

/* Thousandths, as unusable_free_index() of mm/vmstat.c. */
static int unusable_index(u64 free_pages, u64 suitable_pages)
{
	if (!free_pages)
		return 1000;
	return div64_u64((free_pages - suitable_pages) * 1000, free_pages);
}

/*
 * Thousandths, as __fragmentation_index() of mm/vmstat.c: near 0, a request
 * fails for lack of memory; near 1000, for fragmentation; -1000, it would not
 * fail.
 */
static int fragmentation_index(unsigned int order, u64 free_pages,
			       u64 free_blocks, u64 suitable)
{
	if (!free_blocks)
		return 0;
	if (suitable)
		return -1000;
	return 1000 - div64_u64(1000 + ((free_pages * 1000) >> order),
				free_blocks);
}

/* With the signs that the kernel prints. */
static void show_index(struct seq_file *m, int index)
{
	seq_printf(m, " %d.%03d", index / 1000, index % 1000);
}

static int largest_order(const struct fragmentation_row *row)
{
	int order = NR_PAGE_ORDERS - 1;

	while (order >= 0 && !row->nr_free[order])
		order--;
	return order;
}

static void show_zone_line(struct seq_file *m,
			   const struct fragmentation_row *row)
{
	int largest = largest_order(row);

	seq_printf(m, "## zone node=%d zone=%s largest_free_pages=%lu huge_order=%d huge_pages=",
		   row->node, row->zone, largest < 0 ? 0 : 1UL << largest,
		   HUGE_ORDER);
	if (row->has_huge_pages)
		seq_printf(m, "%lu\n", row->huge_pages);
	else
		seq_puts(m, "-\n");
}

static void fragmentation_show(struct seq_file *m, struct mms_answer *answer,
			       const void *record)
{
	const struct fragmentation_row *row = record;
	u64 pages = suitable_blocks(row, 0), blocks = 0, suitable;
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++)
		blocks += row->nr_free[order];
	show_zone_line(m, row);
	seq_puts(m, "# order blocks suitable_blocks unusable_index fragmentation_index\n");
	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		suitable = suitable_blocks(row, order);
		seq_printf(m, "%u %lu %llu", order, row->nr_free[order],
			   suitable);
		show_index(m, unusable_index(pages, suitable << order));
		show_index(m, fragmentation_index(order, pages, blocks,
						  suitable));
		seq_putc(m, '\n');
	}
}

struct mms_file buddyviz_fragmentation_file = {
	.name = "fragmentation",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.state_size_B = sizeof(struct fragmentation_state),
	.record_size_B = sizeof(struct fragmentation_row),
	.fill = fragmentation_fill,
	.show = fragmentation_show,
};
