// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/blocks and blocks.bin: every free block.
 *
 * Page frames are scanned, a pageblock under one hold of zone->lock: what is
 * said of a pageblock is exact for that instant. A block that forms behind the
 * place where the scan stands is not seen; nothing is shown twice, because the
 * scan only goes forward. Offline memory and holes are skipped, and memory
 * hotplug is held off while a batch is read.
 *
 * Deliberately ignored: pages on per-CPU lists, which look used here.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include <mmscope/page.h>

#include "buddyviz.h"

#define FOUND_MAX	512	/* blocks taken from one scan */
#define SCANS_MAX	1024	/* scans under one memory hold */

enum {
	WORD_NODE,
	WORD_ZONE,
	WORD_ORDER,
	WORD_TYPE,
	WORD_PFN,
};

static const struct mms_word blocks_words[] = {
	[WORD_NODE] = BUDDYVIZ_WORD_NODE,
	[WORD_ZONE] = BUDDYVIZ_WORD_ZONE,
	[WORD_ORDER] = {
		.key = "order",
		.kind = MMS_WORD_RANGE,
		.max = NR_PAGE_ORDERS,
		.example = "9",
	},
	[WORD_TYPE] = BUDDYVIZ_WORD_TYPE,
	[WORD_PFN] = {
		.key = "pfn",
		.kind = MMS_WORD_RANGE,
		.max = PHYS_PFN(MMS_PHYS_MAX),
		.example = "0x1000-0x2000",
	},
};

/**
 * struct blocks_state - an answer on its way
 * @index: zone that is scanned, as mms_zone_at() counts
 * @pfn: where the scan goes on
 * @start: first page frame wanted
 * @end: page frame behind the last wanted
 * @orders: bit mask of the orders wanted
 * @type: migratetype wanted, or -1
 * @found: room for one scan
 */
struct blocks_state {
	unsigned int index;
	unsigned long pfn;
	unsigned long start;
	unsigned long end;
	unsigned long orders;
	int type;
	struct buddyviz_block found[FOUND_MAX];
};

static int blocks_check(struct mms_request *request)
{
	const struct mms_value *order = &request->values[WORD_ORDER];

	if (order->given && order->start >= NR_PAGE_ORDERS)
		return mms_refuse(request, WORD_ORDER, -ERANGE,
				  "the largest order is %d",
				  NR_PAGE_ORDERS - 1);
	return buddyviz_check_node(request, WORD_NODE) ?:
	       buddyviz_check_zone(request, WORD_ZONE) ?:
	       buddyviz_check_type(request, WORD_TYPE);
}

static int blocks_begin(struct mms_answer *answer)
{
	const struct mms_value *values = answer->request->values;
	const struct mms_value *order = &values[WORD_ORDER];
	struct blocks_state *state = answer->state;

	state->end = ULONG_MAX;
	if (values[WORD_PFN].given) {
		state->start = values[WORD_PFN].start;
		state->end = values[WORD_PFN].end;
	}
	state->orders = order->given ? GENMASK(order->end - 1, order->start) :
				       GENMASK(NR_PAGE_ORDERS - 1, 0);
	state->type = values[WORD_TYPE].given ?
		      buddyviz_type_from_name(values[WORD_TYPE].text) : -1;
	return 0;
}

static bool is_wanted(const struct blocks_state *state,
		      const struct buddyviz_block *block)
{
	return state->orders & BIT(block->order) &&
	       (state->type < 0 || block->migratetype == state->type);
}

static unsigned int put_found(const struct blocks_state *state,
			      struct zone *zone, unsigned int nr_found,
			      struct mmscope_block_record *record)
{
	const struct buddyviz_block *block = state->found;
	unsigned int nr = 0;

	for (; nr_found; nr_found--, block++) {
		if (!is_wanted(state, block))
			continue;
		record[nr].pfn = block->pfn;
		record[nr].node = zone_to_nid(zone);
		record[nr].zone = buddyviz_zone_number(zone);
		record[nr].order = block->order;
		record[nr].migratetype = buddyviz_type_number(block->migratetype);
		record[nr++].kind = MMSCOPE_BLOCK_FREE;
	}
	return nr;
}

/* Go on in one zone, at most @scans; returns the records made. */
static unsigned int scan_zone(struct zone *zone, struct blocks_state *state,
			      struct mmscope_block_record *records,
			      unsigned int max, unsigned int *scans)
{
	unsigned long end = min(zone_end_pfn(zone), state->end);
	unsigned int nr_found, nr = 0;

	state->pfn = max3(state->pfn, zone->zone_start_pfn, state->start);
	while (state->pfn < end && max - nr >= FOUND_MAX && *scans) {
		nr_found = buddyviz_scan(zone, &state->pfn, end, state->found,
					 FOUND_MAX);
		nr += put_found(state, zone, nr_found, records + nr);
		--*scans;
		if (need_resched())
			cond_resched();
	}
	if (state->pfn >= end) {
		state->pfn = 0;
		state->index++;
	}
	return nr;
}

static int blocks_fill(struct mms_answer *answer, void *records,
		       unsigned int max)
{
	const struct mms_value *values = answer->request->values;
	struct blocks_state *state = answer->state;
	struct mmscope_block_record *record = records;
	unsigned int scans, nr = 0;
	struct zone *zone;

	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		scans = SCANS_MAX;
		mms_memory_hold();
		do {
			zone = buddyviz_zone_wanted(&state->index,
						    &values[WORD_NODE],
						    &values[WORD_ZONE]);
			if (zone)
				nr += scan_zone(zone, state, record + nr,
						max - nr, &scans);
		} while (zone && scans && max - nr >= FOUND_MAX);
		mms_memory_release();
		cond_resched();
	} while (zone && !nr);
	return nr;
}

static void blocks_show(struct seq_file *m, struct mms_answer *answer,
			const void *record)
{
	const struct mmscope_block_record *block = record;

	seq_printf(m, "%#llx %u %lu %s %u %s\n", block->pfn, block->order,
		   1UL << block->order, buddyviz_type_name(block->migratetype),
		   block->node, buddyviz_zone_name(block->zone));
}

static void blocks_bin_end(struct mms_answer *answer, void *record, u64 rows,
			   int error)
{
	struct mmscope_block_record *end = record;

	end->pfn = rows;
	end->node = -error;
	end->kind = MMSCOPE_BLOCK_END;
}

struct mms_file buddyviz_blocks_file = {
	.name = "blocks",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "pfn order pages migratetype node zone",
	.words = blocks_words,
	.nr_words = ARRAY_SIZE(blocks_words),
	.optional = true,
	.state_size_B = sizeof(struct blocks_state),
	.record_size_B = sizeof(struct mmscope_block_record),
	.check = blocks_check,
	.begin = blocks_begin,
	.fill = blocks_fill,
	.show = blocks_show,
};

struct mms_file buddyviz_blocks_bin_file = {
	.name = "blocks.bin",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.words = blocks_words,
	.nr_words = ARRAY_SIZE(blocks_words),
	.optional = true,
	.state_size_B = sizeof(struct blocks_state),
	.record_size_B = sizeof(struct mmscope_block_record),
	.check = blocks_check,
	.begin = blocks_begin,
	.fill = blocks_fill,
	.bin_end = blocks_bin_end,
};
