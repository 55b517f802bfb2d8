// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/freelists: blocks on every free list.
 *
 * Lists are counted by walking them under zone->lock, with the kernel's own
 * nr_free[] in the same hold. A walk cannot be resumed, so it must be short: when
 * all lists of a zone together are within the budget of a hold, they are counted
 * in one (look "zone"); else each order in a hold of its own, if it is within the
 * budget (look "order"); else the zone's page frames are scanned and the blocks
 * of that order counted, a pageblock a hold (look "scan"), which is racy.
 *
 * Deliberately ignored: where the blocks are (blocks shows it), and pages on
 * per-CPU lists, which have left the free lists (pcp shows them).
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <mmscope/page.h>

#include "buddyviz.h"

#define SCAN_BATCH	64	/* blocks taken from one scan */
#define SCAN_BLOCKS	1024	/* pageblocks scanned under one memory hold */

/* How an order was counted. */
enum look {
	LOOK_ZONE,
	LOOK_ORDER,
	LOOK_SCAN,
	LOOK_COUNT
};

static const char *const look_names[] = {
	[LOOK_ZONE] = "zone",
	[LOOK_ORDER] = "order",
	[LOOK_SCAN] = "scan",
};

static_assert(ARRAY_SIZE(look_names) == LOOK_COUNT);

/**
 * struct order_count - the free lists of one order
 * @blocks: by migratetype
 * @nr_free: what the kernel counts for all types together
 * @look: enum look
 */
struct order_count {
	unsigned long blocks[MIGRATE_TYPES];
	unsigned long nr_free;
	enum look look;
};

/**
 * struct freelists_state - an answer on its way
 * @index: next zone, as mms_zone_at() counts
 * @pfn: where a scan of that zone goes on; 0: none is under way
 * @order: counts of that zone
 * @found: room for a scan
 */
struct freelists_state {
	unsigned int index;
	unsigned long pfn;
	struct order_count order[NR_PAGE_ORDERS];
	struct buddyviz_block found[SCAN_BATCH];
};

/* One order of one zone. */
struct freelists_row {
	int node;
	const char *zone;
	unsigned int order;
	struct order_count count;
};

static unsigned long all_blocks(const struct zone *zone)
{
	unsigned long blocks = 0;
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++)
		blocks += zone->free_area[order].nr_free;
	return blocks;
}

/* zone->lock is held. False if the budget was too small after all. */
static bool count_order(const struct zone *zone, unsigned int order,
			struct order_count *count, unsigned int *budget)
{
	const struct free_area *area = &zone->free_area[order];
	unsigned int type;

	lockdep_assert_held(&zone->lock);
	count->nr_free = area->nr_free;
	for (type = 0; type < MIGRATE_TYPES; type++)
		if (!buddyviz_count_list(&area->free_list[type], budget,
					 &count->blocks[type]))
			return false;
	return true;
}

static bool count_in_one_hold(struct zone *zone, struct order_count *counts)
{
	unsigned int budget = buddyviz_hold_blocks(), order = 0;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	if (all_blocks(zone) <= budget)
		for (; order < NR_PAGE_ORDERS; order++) {
			counts[order].look = LOOK_ZONE;
			if (!count_order(zone, order, &counts[order], &budget))
				break;
		}
	spin_unlock_irqrestore(&zone->lock, flags);
	return order == NR_PAGE_ORDERS;
}

static bool count_one_order(struct zone *zone, unsigned int order,
			    struct order_count *count)
{
	unsigned int budget = buddyviz_hold_blocks();
	unsigned long flags;
	bool counted;

	spin_lock_irqsave(&zone->lock, flags);
	count->nr_free = zone->free_area[order].nr_free;
	counted = count->nr_free <= budget &&
		  count_order(zone, order, count, &budget);
	spin_unlock_irqrestore(&zone->lock, flags);
	count->look = LOOK_ORDER;
	return counted;
}

/* Returns whether orders are left that only a scan can count. */
static bool count_lists(struct zone *zone, struct order_count *counts)
{
	bool scan = false;
	unsigned int order;

	if (count_in_one_hold(zone, counts))
		return false;
	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		if (count_one_order(zone, order, &counts[order]))
			continue;
		memset(counts[order].blocks, 0, sizeof(counts[order].blocks));
		counts[order].look = LOOK_SCAN;
		scan = true;
	}
	return scan;
}

static void add_found(struct order_count *counts,
		      const struct buddyviz_block *found, unsigned int nr)
{
	for (; nr; nr--, found++)
		if (counts[found->order].look == LOOK_SCAN &&
		    found->migratetype < MIGRATE_TYPES)
			counts[found->order].blocks[found->migratetype]++;
}

/* Scan some more of a zone; true when all of it is done. */
static bool scan_some(struct zone *zone, struct freelists_state *state)
{
	unsigned long end = zone_end_pfn(zone);
	unsigned int i, nr;

	for (i = 0; i < SCAN_BLOCKS && state->pfn < end; i++) {
		nr = buddyviz_scan(zone, &state->pfn, end, state->found,
				   SCAN_BATCH);
		add_found(state->order, state->found, nr);
		if (need_resched())
			cond_resched();
	}
	return state->pfn >= end;
}

/* Count the zone at state->index, or go on scanning it; true when it is done. */
static bool count_zone(struct zone *zone, struct freelists_state *state)
{
	if (!state->pfn) {
		if (!count_lists(zone, state->order))
			return true;
		state->pfn = zone->zone_start_pfn;
	}
	if (!scan_some(zone, state))
		return false;
	state->pfn = 0;
	return true;
}

static void put_rows(struct zone *zone, const struct freelists_state *state,
		     struct freelists_row *row)
{
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++, row++) {
		row->node = zone_to_nid(zone);
		row->zone = zone->name;
		row->order = order;
		row->count = state->order[order];
	}
}

static unsigned long longest_list(const struct zone *zone)
{
	unsigned long blocks = 0;
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++)
		blocks = max(blocks, zone->free_area[order].nr_free);
	return blocks;
}

/* Also tells whether the answer will have rows from a scan, as it looks now. */
static int freelists_begin(struct mms_answer *answer)
{
	unsigned int index;
	struct zone *zone;

	mms_memory_hold();
	for (index = 0; (zone = mms_zone_at(&index)); index++)
		if (longest_list(zone) > buddyviz_hold_blocks())
			answer->consistency = MMSCOPE_RACY;
	mms_memory_release();
	return 0;
}

/* A zone at a time: a batch has room for far more. */
static int freelists_fill(struct mms_answer *answer, void *records,
			  unsigned int max)
{
	struct freelists_state *state = answer->state;
	struct zone *zone;
	bool done = false;

	while (!done) {
		if (fatal_signal_pending(current))
			return -EINTR;
		mms_memory_hold();
		zone = mms_zone_at(&state->index);
		done = !zone || count_zone(zone, state);
		if (zone && done)
			put_rows(zone, state, records);
		mms_memory_release();
		cond_resched();
	}
	state->index++;
	return zone ? NR_PAGE_ORDERS : 0;
}

static const char *verdict_of(const struct order_count *count)
{
	unsigned long blocks = 0;
	unsigned int type;

	if (count->look == LOOK_SCAN)
		return "-";
	for (type = 0; type < MIGRATE_TYPES; type++)
		blocks += count->blocks[type];
	return blocks == count->nr_free ? "equal" : "differs";
}

static void freelists_show(struct seq_file *m, struct mms_answer *answer,
			   const void *record)
{
	const struct freelists_row *row = record;
	const struct order_count *count = &row->count;
	unsigned int type;

	for (type = 0; type < MIGRATE_TYPES; type++)
		seq_printf(m, "%d %s %u %s %lu %lu %lu %s %s\n", row->node,
			   row->zone, row->order,
			   buddyviz_type_name(buddyviz_type_number(type)),
			   count->blocks[type],
			   count->blocks[type] << row->order, count->nr_free,
			   look_names[count->look], verdict_of(count));
}

struct mms_file buddyviz_freelists_file = {
	.name = "freelists",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "node zone order migratetype blocks pages nr_free look verdict",
	.state_size_B = sizeof(struct freelists_state),
	.record_size_B = sizeof(struct freelists_row),
	.begin = freelists_begin,
	.fill = freelists_fill,
	.show = freelists_show,
};
