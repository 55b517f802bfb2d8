// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/vmalloc_walk/lazy: areas that were freed and cannot be
 * used again yet, because TLBs may still know them; and from 6.9 on, the pools of
 * areas that can.
 *
 * Lazy areas are read under the lock of their tree (up to 5.10: under the mutex of
 * whoever purges), VMW_BATCH a hold. The kernel's own count is one atomic counter;
 * it counts areas from when they are freed until they were purged, so those that a
 * purge works on are in it and on no list. Pools are counted by their own lengths,
 * without their lock.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "vmalloc_walk.h"

/* What is counted of one tree of lazy areas and its pools. */
struct node_row {
	u64 lazy_areas;
	u64 lazy_pages;
	u64 pool_areas;
	u64 pool_pages;
};

/* Sections in their order. */
enum part {
	PART_SUMMARY,
	PART_NODES,
	PART_POOLS,
	PART_AREAS,
	PART_END,
};

static const char *const part_heads[] = {
	[PART_SUMMARY] = "## summary\n# name value\n",
	[PART_NODES] = "## nodes\n# node lazy_areas lazy_pages pool_areas pool_pages\n",
	[PART_POOLS] = "## pools\n# node area_pages areas\n",
	[PART_AREAS] = "## areas\n# start end size_B node\n",
};

/* One record; none: a section that is empty. */
struct lazy_row {
	enum part part;
	bool head;
	bool none;
	unsigned int node;
	union {
		struct vmw_entry area;
		struct {
			unsigned int pages;
			unsigned long areas;
		} pool;
	};
};

/**
 * struct lazy_state - an answer on its way
 * @part: section
 * @headed: its head was put out
 * @node: next node of the section
 * @index: next pool of that node
 * @nr: number of nodes
 * @nodes: what was counted, by node
 * @cursor: the walk
 */
struct lazy_state {
	enum part part;
	bool headed;
	unsigned int node;
	unsigned int index;
	unsigned int nr;
	struct node_row *nodes;
	struct vmw_cursor cursor;
};

/**
 * vmw_lazy_limit_pages() - how many lazy pages the kernel allows before it purges
 *
 * Mirrors lazy_max_pages() of mm/vmalloc.c.
 *
 * Context: Any.
 */
unsigned long vmw_lazy_limit_pages(void)
{
	return fls(num_online_cpus()) * (SZ_32M / PAGE_SIZE);
}

/* ---- Reading ---- */

static void count_pools(unsigned int node, struct node_row *counts)
{
	struct vmw_pool pool;
	unsigned long areas;
	unsigned int i;

	if (!vmw_pool(node, &pool))
		return;
	for (i = 0; i < pool.nr; i++) {
		areas = vmw_pool_areas(&pool, i);
		counts->pool_areas += areas;
		counts->pool_pages += areas * (i + 1);
	}
}

static void begin_areas(struct lazy_state *state)
{
	vmw_cursor_begin(&state->cursor, VMW_LAZY, 0, U64_MAX);
}

static int lazy_begin(struct mms_answer *answer)
{
	struct lazy_state *state = answer->state;
	struct vmw_entry area;
	unsigned int i;

	state->nr = vmw_trees(VMW_LAZY);
	if (!state->nr)
		return -EOPNOTSUPP;
	state->nodes = kvcalloc(state->nr, sizeof(*state->nodes), GFP_KERNEL);
	if (!state->nodes)
		return -ENOMEM;
	for (i = 0; i < state->nr; i++)
		count_pools(i, &state->nodes[i]);
	begin_areas(state);
	while (vmw_cursor_next(&state->cursor, &area)) {
		state->nodes[area.tree].lazy_areas++;
		state->nodes[area.tree].lazy_pages +=
			(area.end - area.start) >> PAGE_SHIFT;
	}
	begin_areas(state);
	return 0;
}

static bool next_pool(struct lazy_state *state, struct lazy_row *row)
{
	struct vmw_pool pool;

	for (; state->node < state->nr; state->node++, state->index = 0) {
		if (!vmw_pool(state->node, &pool))
			return false;
		while (state->index < pool.nr) {
			row->node = state->node;
			row->pool.areas = vmw_pool_areas(&pool, state->index);
			row->pool.pages = ++state->index;
			if (row->pool.areas)
				return true;
		}
	}
	return false;
}

static bool next_row(struct lazy_state *state, struct lazy_row *row)
{
	switch (state->part) {
	case PART_NODES:
		row->node = state->node++;
		return row->node < state->nr;
	case PART_POOLS:
		return next_pool(state, row);
	case PART_AREAS:
		return vmw_cursor_next(&state->cursor, &row->area);
	default:
		return false;
	}
}

static int lazy_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	struct lazy_state *state = answer->state;
	struct lazy_row *row = records;
	unsigned int nr = 0;

	if (fatal_signal_pending(current))
		return -EINTR;
	while (nr < max && state->part < PART_END) {
		memset(&row[nr], 0, sizeof(row[nr]));
		row[nr].none = !next_row(state, &row[nr]);
		row[nr].part = state->part;
		row[nr].head = !state->headed;
		state->headed = true;
		if (row[nr].none) {
			state->part++;
			state->headed = false;
			state->node = 0;
		}
		/* The end of a section shows nothing, unless it is all there is. */
		nr += row[nr].head || !row[nr].none;
	}
	return nr;
}

static void lazy_finish(struct mms_answer *answer)
{
	struct lazy_state *state = answer->state;

	kvfree(state->nodes);
}

/* ---- Printing ---- */

static void show_summary(struct seq_file *m, const struct lazy_state *state)
{
	struct node_row sum = {};
	unsigned long pages;
	unsigned int i;

	for (i = 0; i < state->nr; i++) {
		sum.lazy_areas += state->nodes[i].lazy_areas;
		sum.lazy_pages += state->nodes[i].lazy_pages;
		sum.pool_areas += state->nodes[i].pool_areas;
		sum.pool_pages += state->nodes[i].pool_pages;
	}
	if (vmw_lazy_pages(&pages))
		seq_printf(m, "lazy_pages %lu\n", pages);
	else
		seq_puts(m, "lazy_pages -\n");
	seq_printf(m, "limit_pages %lu\n", vmw_lazy_limit_pages());
	seq_printf(m, "listed_areas %llu\nlisted_pages %llu\n", sum.lazy_areas,
		   sum.lazy_pages);
	seq_printf(m, "pool_areas %llu\npool_pages %llu\n", sum.pool_areas,
		   sum.pool_pages);
}

static void show_node(struct seq_file *m, unsigned int node,
		      const struct node_row *counts)
{
	seq_printf(m, "%u %llu %llu %llu %llu\n", node, counts->lazy_areas,
		   counts->lazy_pages, counts->pool_areas, counts->pool_pages);
}

static void lazy_show(struct seq_file *m, struct mms_answer *answer,
		      const void *record)
{
	const struct lazy_state *state = answer->state;
	const struct lazy_row *row = record;

	if (row->head)
		seq_puts(m, part_heads[row->part]);
	if (row->part == PART_SUMMARY)
		show_summary(m, state);
	else if (row->none)
		return;
	else if (row->part == PART_NODES)
		show_node(m, row->node, &state->nodes[row->node]);
	else if (row->part == PART_POOLS)
		seq_printf(m, "%u %u %lu\n", row->node, row->pool.pages,
			   row->pool.areas);
	else
		seq_printf(m, "%#llx %#llx %llu %u\n", row->area.start,
			   row->area.end, row->area.end - row->area.start,
			   row->area.tree);
}

struct mms_file vmw_lazy_file = {
	.name = "lazy",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.state_size_B = sizeof(struct lazy_state),
	.record_size_B = sizeof(struct lazy_row),
	.begin = lazy_begin,
	.fill = lazy_fill,
	.show = lazy_show,
	.finish = lazy_finish,
};
