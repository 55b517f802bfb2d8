// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/pageblocks: what each pageblock is for and
 * how much of it is free: a map of physical memory.
 *
 * A pageblock is read under one hold of zone->lock: type and free pages are exact
 * for that instant. Pages that could be moved (on an LRU list, or of a driver
 * that can move them) come and go without that lock: lru_pages is racy.
 *
 * Neighbours of equal zone, type and state are one line, unless merge=0. A
 * pageblock that two zones share is there twice, with the pages of each.
 * Pageblocks in holes between the memory of a zone are not shown when the zone
 * does not have any present page from them; offline is memory that was given up.
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/stringify.h>

#include <mmscope/page.h>

#include "buddyviz.h"

#define HOLD_PAGEBLOCKS	1024	/* read under one memory hold */

enum {
	WORD_NODE,
	WORD_ZONE,
	WORD_TYPE,
	WORD_PFN,
	WORD_MERGE,
};

static const struct mms_word pageblocks_words[] = {
	[WORD_NODE] = BUDDYVIZ_WORD_NODE,
	[WORD_ZONE] = BUDDYVIZ_WORD_ZONE,
	[WORD_TYPE] = BUDDYVIZ_WORD_TYPE,
	[WORD_PFN] = {
		.key = "pfn",
		.kind = MMS_WORD_RANGE,
		.max = PHYS_PFN(MMS_PHYS_MAX),
		.example = "0x1000-0x2000",
	},
	[WORD_MERGE] = {
		.key = "merge",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "0",
	},
};

enum state {
	STATE_ONLINE,
	STATE_OFFLINE,		/* memory that is there and given up */
	STATE_HOLE,		/* no page of this zone */
	STATE_COUNT
};

static const char *const state_names[] = {
	[STATE_ONLINE] = "online",
	[STATE_OFFLINE] = "offline",
	[STATE_HOLE] = "hole",
};

static_assert(ARRAY_SIZE(state_names) == STATE_COUNT);

/**
 * struct run - pageblocks of equal zone, type and state that follow each other
 * @start: first page frame
 * @end: page frame behind the last
 * @zone: their zone; NULL: no run yet
 * @migratetype: of the pageblocks
 * @state: enum state
 * @blocks: how many
 * @pages: page frames of this zone
 * @free: free pages, whose blocks may reach from one pageblock into the next
 * @lru: pages that could be moved
 */
struct run {
	unsigned long start;
	unsigned long end;
	struct zone *zone;
	unsigned int migratetype;
	enum state state;
	unsigned long blocks;
	unsigned long pages;
	unsigned long free;
	unsigned long lru;
};

/**
 * struct pageblocks_state - an answer on its way
 * @index: zone, as mms_zone_at() counts
 * @pfn: where it goes on
 * @run: the run that still grows
 * @type: migratetype wanted, or -1
 * @merge: neighbours are one line
 */
struct pageblocks_state {
	unsigned int index;
	unsigned long pfn;
	struct run run;
	int type;
	bool merge;
};

static bool is_movable(struct page *page)
{
	return PageLRU(page) || PageUntypedMovable(page);
}

/* Of a free block that is larger than a pageblock this part counts, in this hold. */
static void read_online(struct zone *zone, struct run *run)
{
	unsigned long pfn, flags, free_until = run->start;
	struct buddyviz_holder holder;
	unsigned int order;
	struct page *page;

	spin_lock_irqsave(&zone->lock, flags);
	run->migratetype = buddyviz_pageblock_type(run->start);
	if (buddyviz_find_holder(zone, run->start, &holder))
		free_until = holder.pfn + (1UL << holder.order);
	for (pfn = run->start; pfn < run->end; pfn++) {
		page = pfn_to_page(pfn);
		if (page_zone(page) != zone)
			continue;
		run->pages++;
		if (buddyviz_is_free_block(page, zone, &order))
			free_until = pfn + (1UL << order);
		if (pfn < free_until)
			run->free++;
		else if (is_movable(page))
			run->lru++;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	run->state = run->pages ? STATE_ONLINE : STATE_HOLE;
}

static void read_pageblock(struct zone *zone, unsigned long pfn,
			   unsigned long end, struct run *run)
{
	memset(run, 0, sizeof(*run));
	run->start = pfn;
	run->end = buddyviz_pageblock_end(pfn, end);
	run->zone = zone;
	run->blocks = 1;
	if (pfn_to_online_page(pfn))
		read_online(zone, run);
	else
		run->state = pfn_valid(pfn) ? STATE_OFFLINE : STATE_HOLE;
}

static bool can_merge(const struct run *run, const struct run *next)
{
	return run->zone == next->zone && run->end == next->start &&
	       run->migratetype == next->migratetype &&
	       run->state == next->state;
}

static void merge(struct run *run, const struct run *next)
{
	run->end = next->end;
	run->blocks += next->blocks;
	run->pages += next->pages;
	run->free += next->free;
	run->lru += next->lru;
}

/* Put the run out that has grown; returns the records made. */
static unsigned int flush(struct pageblocks_state *state, struct run *record)
{
	if (!state->run.zone)
		return 0;
	*record = state->run;
	state->run.zone = NULL;
	return 1;
}

static unsigned int add_pageblock(struct pageblocks_state *state,
				  const struct run *next, struct run *record)
{
	unsigned int nr;

	if (state->merge && state->run.zone && can_merge(&state->run, next)) {
		merge(&state->run, next);
		return 0;
	}
	nr = flush(state, record);
	if (next->state != STATE_HOLE &&
	    (state->type < 0 || (next->state == STATE_ONLINE &&
				 next->migratetype == state->type)))
		state->run = *next;
	return nr;
}

static int pageblocks_check(struct mms_request *request)
{
	return buddyviz_check_node(request, WORD_NODE) ?:
	       buddyviz_check_zone(request, WORD_ZONE) ?:
	       buddyviz_check_type(request, WORD_TYPE);
}

static int pageblocks_begin(struct mms_answer *answer)
{
	const struct mms_value *values = answer->request->values;
	struct pageblocks_state *state = answer->state;

	state->merge = !values[WORD_MERGE].given || values[WORD_MERGE].start;
	state->type = values[WORD_TYPE].given ?
		      buddyviz_type_from_name(values[WORD_TYPE].text) : -1;
	return 0;
}

/* Go on in one zone, at most @left pageblocks. */
static unsigned int read_zone(struct zone *zone, const struct mms_value *range,
			      struct pageblocks_state *state,
			      struct run *records, unsigned int max,
			      unsigned int *left)
{
	unsigned long start = zone->zone_start_pfn, end = zone_end_pfn(zone);
	unsigned int nr = 0;
	struct run next;

	if (range->given) {
		start = max_t(u64, start, range->start);
		end = min_t(u64, end, range->end);
	}
	state->pfn = max(state->pfn, start);
	for (; state->pfn < end && nr < max && *left; --*left) {
		read_pageblock(zone, state->pfn, end, &next);
		nr += add_pageblock(state, &next, records + nr);
		state->pfn = next.end;
		if (need_resched())
			cond_resched();
	}
	if (state->pfn >= end) {
		state->pfn = 0;
		state->index++;
	}
	return nr;
}

static int pageblocks_fill(struct mms_answer *answer, void *records,
			   unsigned int max)
{
	const struct mms_value *values = answer->request->values;
	struct pageblocks_state *state = answer->state;
	unsigned int left, nr = 0;
	struct run *run = records;
	struct zone *zone;

	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		left = HOLD_PAGEBLOCKS;
		mms_memory_hold();
		zone = buddyviz_zone_wanted(&state->index, &values[WORD_NODE],
					    &values[WORD_ZONE]);
		if (zone)
			nr = read_zone(zone, &values[WORD_PFN], state, run, max,
				       &left);
		else
			nr = flush(state, run);
		mms_memory_release();
		cond_resched();
	} while (zone && !nr);
	return nr;
}

static void pageblocks_show(struct seq_file *m, struct mms_answer *answer,
			    const void *record)
{
	const struct run *run = record;
	const char *type = run->state == STATE_ONLINE ?
		buddyviz_type_name(buddyviz_type_number(run->migratetype)) : "-";

	seq_printf(m, "%#lx %#lx %d %s %s %s %lu %lu %lu %lu\n", run->start,
		   run->end, zone_to_nid(run->zone), run->zone->name, type,
		   state_names[run->state], run->blocks, run->pages, run->free,
		   run->lru);
}

struct mms_file buddyviz_pageblocks_file = {
	.name = "pageblocks",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = __stringify(start_pfn end_pfn node zone migratetype state
			       pageblocks pages free_pages lru_pages),
	.words = pageblocks_words,
	.nr_words = ARRAY_SIZE(pageblocks_words),
	.optional = true,
	.state_size_B = sizeof(struct pageblocks_state),
	.record_size_B = sizeof(struct run),
	.check = pageblocks_check,
	.begin = pageblocks_begin,
	.fill = pageblocks_fill,
	.show = pageblocks_show,
};
