// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/vmalloc_walk/holes: what is free of the vmalloc range,
 * or of another, and where an allocation would go.
 *
 * This is the kernel's own tree of free areas, from which it takes the lowest that
 * is large enough, read under its lock, VMW_BATCH holes a hold. The sums are made
 * before the list, each in holds of its own: on a busy machine the two differ.
 *
 * From 6.9 on, a small area may come from a pool of this CPU's node instead; the
 * section fit says so. Deliberately ignored: what the kernel does when nothing fits,
 * purging first; and that for an alignment above a page its search may pass over a
 * hole that is large enough by the luck of its address.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/smp.h>

#include "vmalloc_walk.h"

#define ORDERS	(BITS_PER_LONG - PAGE_SHIFT)

enum {
	WORD_RANGE,
	WORD_SIZE,
	WORD_ALIGN,
};

static const struct mms_word holes_words[] = {
	[WORD_RANGE] = {
		.key = "range",
		.kind = MMS_WORD_RANGE,
		.example = "0xffffc90000000000-0xffffe90000000000",
	},
	[WORD_SIZE] = {
		.key = "size",
		.kind = MMS_WORD_NUMBER,
		.max = 1ULL << 56,
		.example = "8192",
	},
	[WORD_ALIGN] = {
		.key = "align",
		.kind = MMS_WORD_NUMBER,
		.max = 1ULL << 40,
		.example = "4096",
	},
};

/* A hole; the first record stands for all sections above the list. */
struct hole_row {
	bool sums;
	bool head;
	u64 start;
	u64 end;
};

/**
 * struct holes_state - an answer on its way
 * @start: of the range
 * @last: last address of the range
 * @fit: where an allocation would go, if that was asked
 * @holes: number of holes
 * @free_B: all of them
 * @largest: the largest
 * @by_order: holes of at least PAGE_SIZE << order, and less than twice that
 * @order_B: bytes of these
 * @shown: the sums were put out
 * @listed: the list has begun
 * @cursor: the walk
 */
struct holes_state {
	u64 start;
	u64 last;
	struct vmw_fit fit;
	u64 holes;
	u64 free_B;
	struct vmw_entry largest;
	u64 by_order[ORDERS];
	u64 order_B[ORDERS];
	bool shown;
	bool listed;
	struct vmw_cursor cursor;
};

static int check_fit(struct mms_request *request)
{
	const struct mms_value *size = &request->values[WORD_SIZE];
	const struct mms_value *align = &request->values[WORD_ALIGN];

	if (size->given && !size->start)
		return mms_refuse(request, WORD_SIZE, -EINVAL,
				  "nothing is no size; right is e.g. size=8192");
	if (align->given && !size->given)
		return mms_refuse(request, WORD_ALIGN, -EINVAL,
				  "align= goes with size=");
	if (align->given && !is_power_of_2(align->start))
		return mms_refuse(request, WORD_ALIGN, -EINVAL,
				  "an alignment is a power of 2");
	return 0;
}

static int holes_check(struct mms_request *request)
{
	const struct mms_value *range = &request->values[WORD_RANGE];
	int err = 0;

	if (range->given)
		err = pgwalk_address_check(request, WORD_RANGE, range->start) ?:
		      pgwalk_address_check(request, WORD_RANGE, range->end - 1);
	return err ?: check_fit(request) ?: vmw_check_trees(request, VMW_FREE);
}

/* ---- Reading ---- */

/* The free tree knows more than the range. */
static bool next_hole(struct holes_state *state, struct vmw_entry *hole)
{
	if (!vmw_cursor_next(&state->cursor, hole))
		return false;
	hole->start = max(hole->start, state->start);
	hole->end = min(hole->end - 1, state->last) + 1;
	return true;
}

static void begin_holes(struct holes_state *state)
{
	vmw_cursor_begin(&state->cursor, VMW_FREE, state->start, state->last);
}

static void count_hole(struct holes_state *state, const struct vmw_entry *hole)
{
	u64 size_B = hole->end - hole->start;
	unsigned int order = size_B >= PAGE_SIZE ? ilog2(size_B >> PAGE_SHIFT) : 0;

	state->holes++;
	state->free_B += size_B;
	state->by_order[order]++;
	state->order_B[order] += size_B;
	if (size_B > state->largest.end - state->largest.start)
		state->largest = *hole;
}

/* Mirrors is_within_this_va() of mm/vmalloc.c. */
static bool fits(const struct vmw_entry *hole, const struct vmw_fit *want,
		 u64 *start)
{
	*start = ALIGN(hole->start, want->align);
	return *start >= hole->start && *start <= hole->end &&
	       hole->end - *start >= want->size_B;
}

static void fit_hole(struct vmw_fit *fit, const struct vmw_entry *hole)
{
	u64 start;

	if (fit->start || !fit->size_B || !fits(hole, fit, &start))
		return;
	fit->start = start;
	fit->hole_end = hole->end;
	fit->source = "free";
}

/* Mirrors node_alloc() of mm/vmalloc.c; another CPU has another pool. */
static void fit_pool(struct vmw_fit *fit)
{
	unsigned int nr = vmw_trees(VMW_BUSY), index;
	struct vmw_pool pool;
	u64 start;

	if (!fit->size_B || nr < 2 ||
	    !vmw_pool(raw_smp_processor_id() % nr, &pool))
		return;
	index = (fit->size_B - 1) >> PAGE_SHIFT;
	if (index >= pool.nr)
		return;
	start = vmw_pool_first(&pool, index);
	if (!start || !IS_ALIGNED(start, fit->align))
		return;
	fit->start = start;
	fit->hole_end = start + fit->size_B;
	fit->source = "pool";
}

/**
 * vmw_fit_find() - where in the vmalloc range an area would go
 * @fit: size_B and align are set; the rest is filled in
 * @cursor: for the walk
 *
 * Context: Process context, may sleep; the pool is that of this CPU.
 */
void vmw_fit_find(struct vmw_fit *fit, struct vmw_cursor *cursor)
{
	struct vmw_entry hole;

	fit->start = 0;
	fit_pool(fit);
	vmw_cursor_begin(cursor, VMW_FREE, VMALLOC_START, VMALLOC_END - 1);
	while (!fit->start && vmw_cursor_next(cursor, &hole)) {
		hole.start = max_t(u64, hole.start, VMALLOC_START);
		hole.end = min_t(u64, hole.end, VMALLOC_END);
		fit_hole(fit, &hole);
	}
}

static void set_request(struct holes_state *state,
			const struct mms_value *values)
{
	state->start = VMALLOC_START;
	/* Of some architectures this is the last byte, of others the one behind. */
	state->last = PAGE_ALIGN(VMALLOC_END) - 1;
	if (values[WORD_RANGE].given) {
		state->start = values[WORD_RANGE].start;
		state->last = values[WORD_RANGE].end - 1;
	}
	state->fit.align = mms_value_or(&values[WORD_ALIGN], 1);
	if (values[WORD_SIZE].given)
		state->fit.size_B = PAGE_ALIGN(values[WORD_SIZE].start) +
				    PAGE_SIZE;
}

static int holes_begin(struct mms_answer *answer)
{
	struct holes_state *state = answer->state;
	struct vmw_entry hole;

	set_request(state, answer->request->values);
	if (state->start == VMALLOC_START)
		fit_pool(&state->fit);
	begin_holes(state);
	while (next_hole(state, &hole)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		count_hole(state, &hole);
		fit_hole(&state->fit, &hole);
	}
	begin_holes(state);
	return 0;
}

static int holes_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct holes_state *state = answer->state;
	struct hole_row *row = records;
	struct vmw_entry hole;
	unsigned int nr = 0;

	if (fatal_signal_pending(current))
		return -EINTR;
	if (!state->shown) {
		state->shown = true;
		row->sums = true;
		return 1;
	}
	while (nr < max && next_hole(state, &hole)) {
		row[nr++] = (struct hole_row) {
			.head = !state->listed,
			.start = hole.start,
			.end = hole.end,
		};
		state->listed = true;
	}
	return nr;
}

/* ---- Printing ---- */

static void show_summary(struct seq_file *m, const struct holes_state *state)
{
	const struct vmw_entry *largest = &state->largest;

	seq_puts(m, "## summary\n# name value\n");
	seq_printf(m, "start %#llx\nend %#llx\n", state->start, state->last + 1);
	seq_printf(m, "holes %llu\nfree_B %llu\n", state->holes, state->free_B);
	seq_printf(m, "largest_B %llu\nlargest_start %#llx\n",
		   largest->end - largest->start, largest->start);
}

static void show_histogram(struct seq_file *m, const struct holes_state *state)
{
	unsigned int i;

	seq_puts(m, "## histogram\n# at_least_B holes total_B\n");
	for (i = 0; i < ORDERS; i++)
		if (state->by_order[i])
			seq_printf(m, "%llu %llu %llu\n", 1ULL << (i + PAGE_SHIFT),
				   state->by_order[i], state->order_B[i]);
}

static void show_fit(struct seq_file *m, const struct vmw_fit *fit)
{
	if (!fit->size_B)
		return;
	seq_puts(m, "## fit\n# area_size_B align_B source start hole_end\n");
	seq_printf(m, "%llu %llu ", fit->size_B, fit->align);
	if (fit->start)
		seq_printf(m, "%s %#llx %#llx\n", fit->source, fit->start,
			   fit->hole_end);
	else
		seq_puts(m, "none - -\n");
}

static void holes_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct holes_state *state = answer->state;
	const struct hole_row *row = record;

	if (row->sums) {
		show_summary(m, state);
		show_histogram(m, state);
		show_fit(m, &state->fit);
		return;
	}
	if (row->head)
		seq_puts(m, "## holes\n# start end size_B\n");
	seq_printf(m, "%#llx %#llx %llu\n", row->start, row->end,
		   row->end - row->start);
}

struct mms_file vmw_holes_file = {
	.name = "holes",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.words = holes_words,
	.nr_words = ARRAY_SIZE(holes_words),
	.state_size_B = sizeof(struct holes_state),
	.record_size_B = sizeof(struct hole_row),
	.check = holes_check,
	.begin = holes_begin,
	.fill = holes_fill,
	.show = holes_show,
};
