// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/ledger: whose each page of memory is, counted by node
 * and zone, and whether the sums meet what the kernel says.
 *
 * A window of page frames at a time: the modules walk what they know and mark it,
 * then each frame is looked at once, and a free block or folio is counted as a
 * whole. No lock holds still all of memory, so this is racy: a page that changes
 * hands while its zone is counted is counted as what it was or is, or as unknown.
 * None is counted twice or left out. Memory hotplug is held off while a window is
 * looked at, and the zone's own figures are read when it was counted.
 *
 * A window has as many page frames as the largest zone, for one byte each, and at
 * most WINDOW_MAX: a larger zone is looked at in several, for each of which all modules
 * walk everything anew.
 *
 * Deliberately ignored: memory that the kernel never had (present_pages tells what
 * it has), and device memory.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/vmstat.h>

#include <mmscope/owner.h>
#include <mmscope/page.h>
#include <mmscope/query.h>

#include "core.h"

#define WINDOW_MAX	BIT(24)	/* page frames whose owners are kept: 64 GiB */
#define LOOKS		4096	/* under one hold of memory hotplug */

/* Sums of a zone that the kernel keeps as well, behind the owners. */
enum {
	SUM_PRESENT = MMS_OWNER_COUNT,	/* all of them */
	SUM_MANAGED,			/* those that boot gave to the allocator */
	SUM_FREE,			/* those in free blocks, accepted or not */
	ROW_COUNT
};

static const struct {
	const char *name;
	const char *peer;
} sums[] = {
	[SUM_PRESENT - MMS_OWNER_COUNT] = { "sum", "present" },
	[SUM_MANAGED - MMS_OWNER_COUNT] = { "sum_not_reserved", "managed" },
	[SUM_FREE - MMS_OWNER_COUNT] = { "sum_free", "nr_free_pages" },
};

static_assert(ARRAY_SIZE(sums) == ROW_COUNT - MMS_OWNER_COUNT);

/**
 * struct ledger_row - an owner's, or a sum's, share of a zone
 * @node: of the zone
 * @zone: its name
 * @row: enum mms_owner or SUM_*
 * @pages: how many
 * @peer_pages: a sum's: what the kernel says
 * @module: without which it cannot be told, or NULL
 * @loaded: the module was there
 */
struct ledger_row {
	int node;
	const char *zone;
	unsigned int row;
	u64 pages;
	u64 peer_pages;
	const char *module;
	bool loaded;
};

/**
 * struct ledger_state - an answer on its way
 * @index: next zone, as mms_zone_at() counts
 * @window: the page frames that are looked at
 * @window_max: how many these may be
 * @pages: of the zone, by row
 */
struct ledger_state {
	unsigned int index;
	struct mms_window window;
	unsigned long window_max;
	u64 pages[ROW_COUNT];
};

static unsigned long largest_zone(void)
{
	unsigned long pages = 0;
	unsigned int index;
	struct zone *zone;

	mms_memory_hold();
	for (index = 0; (zone = mms_zone_at(&index)); index++)
		pages = max(pages, zone->spanned_pages);
	mms_memory_release();
	return pages;
}

static int ledger_begin(struct mms_answer *answer)
{
	struct ledger_state *state = answer->state;

	state->window_max = min(largest_zone(), WINDOW_MAX);
	state->window.owners = kvmalloc(state->window_max, GFP_KERNEL);
	return state->window.owners ? 0 : -ENOMEM;
}

static void ledger_finish(struct mms_answer *answer)
{
	struct ledger_state *state = answer->state;

	kvfree(state->window.owners);
}

/* ---- Counting ---- */

static void count(struct ledger_state *state, const struct mms_page *info,
		  enum mms_owner owner, unsigned long pages)
{
	state->pages[owner] += pages;
	state->pages[SUM_PRESENT] += pages;
	if (!(info->flags & BIT(PG_reserved)))
		state->pages[SUM_MANAGED] += pages;
	if (owner == MMS_OWNER_BUDDY || owner == MMS_OWNER_UNACCEPTED)
		state->pages[SUM_FREE] += pages;
}

/* The page frames from here on that have one owner, the window's end apart. */
static unsigned long run_of(const struct mms_page *info)
{
	return info->pfn == info->head_pfn ? 1UL << info->order : 1;
}

/* Count what lies at a page frame; returns the next. */
static unsigned long count_at(struct ledger_state *state, struct zone *zone,
			      unsigned long pfn, unsigned long end)
{
	const struct mms_window *window = &state->window;
	struct page *page = pfn_to_online_page(pfn);
	struct mms_page info;
	unsigned long next;

	/* Memory may go on behind a hole in a section, but not within 2 MiB. */
	if (!page)
		return min(ALIGN(pfn + 1, PAGES_PER_SUBSECTION), end);
	if (page_zone(page) != zone)
		return pfn + 1;
	mms_page_glance(pfn, &info);
	next = min(pfn + run_of(&info), end);
	if (mms_is_memory(&info))
		count(state, &info,
		      mms_owner_of(&info, window->owners[pfn - window->first]),
		      next - pfn);
	return next;
}

static int count_window(struct ledger_state *state, struct zone *zone)
{
	const struct mms_window *window = &state->window;
	unsigned long pfn = window->first, end = pfn + window->nr;
	unsigned int i;

	while (pfn < end) {
		if (fatal_signal_pending(current))
			return -EINTR;
		mms_memory_hold();
		for (i = 0; i < LOOKS && pfn < end; i++)
			pfn = count_at(state, zone, pfn, end);
		mms_memory_release();
		cond_resched();
	}
	return 0;
}

static int count_zone(struct ledger_state *state, struct zone *zone)
{
	struct mms_window *window = &state->window;
	unsigned long end = zone_end_pfn(zone);
	int err = 0;

	memset(state->pages, 0, sizeof(state->pages));
	window->first = zone->zone_start_pfn;
	for (; !err && window->first < end; window->first += window->nr) {
		window->nr = min(state->window_max, end - window->first);
		err = mms_owners_mark(window) ?: count_window(state, zone);
	}
	return err;
}

/* ---- The file ---- */

static u64 peer_of(struct zone *zone, unsigned int row)
{
	switch (row) {
	case SUM_PRESENT:
		return zone->present_pages;
	case SUM_MANAGED:
		return zone_managed_pages(zone);
	case SUM_FREE:
		return zone_page_state_snapshot(zone, NR_FREE_PAGES);
	default:
		return 0;
	}
}

static unsigned int put_rows(const struct ledger_state *state,
			     struct zone *zone, struct ledger_row *row)
{
	unsigned int i;

	for (i = 0; i < ROW_COUNT; i++, row++) {
		row->node = zone_to_nid(zone);
		row->zone = zone->name;
		row->row = i;
		row->pages = state->pages[i];
		row->peer_pages = peer_of(zone, i);
		row->module = i < MMS_OWNER_COUNT ? mms_owner_module(i) : NULL;
	}
	return ROW_COUNT;
}

/* Not under the hold of memory hotplug, which modules take under the lock of owners. */
static void ask_for_modules(struct ledger_row *rows)
{
	unsigned int i;

	for (i = 0; i < ROW_COUNT; i++)
		rows[i].loaded = !rows[i].module ||
				 mms_owners_has(rows[i].module);
}

static int ledger_fill(struct mms_answer *answer, void *records,
		       unsigned int max)
{
	struct ledger_state *state = answer->state;
	unsigned int nr;
	struct zone *zone;
	int err;

	mms_memory_hold();
	zone = mms_zone_at(&state->index);
	mms_memory_release();
	if (!zone)
		return 0;
	err = count_zone(state, zone);
	if (err)
		return err;
	state->index++;
	/* A zone's counters go with its last page. */
	mms_memory_hold();
	nr = put_rows(state, zone, records);
	mms_memory_release();
	ask_for_modules(records);
	return nr;
}

static void show_verdict(struct seq_file *m, const struct ledger_row *row)
{
	s64 difference = row->pages - row->peer_pages;

	if (!difference)
		seq_puts(m, "equal\n");
	else
		seq_printf(m, "differs_by=%+lld\n", difference);
}

static void ledger_show(struct seq_file *m, struct mms_answer *answer,
			const void *record)
{
	const struct ledger_row *row = record;
	bool is_sum = row->row >= MMS_OWNER_COUNT;

	seq_printf(m, "%d %s %s ", row->node, row->zone, is_sum ?
		   sums[row->row - MMS_OWNER_COUNT].name :
		   mms_owner_name(row->row));
	/* What the struct pages of some page tables say is told without a module. */
	if (row->loaded || row->row == MMS_OWNER_PGTABLE)
		seq_printf(m, "%llu %llu ", row->pages, row->pages << PAGE_SHIFT);
	else
		seq_puts(m, "- - ");
	seq_printf(m, "%s ", row->module ?: "mmscope");
	if (is_sum) {
		seq_printf(m, "%s %llu ", sums[row->row - MMS_OWNER_COUNT].peer,
			   row->peer_pages);
		show_verdict(m, row);
	} else {
		seq_printf(m, "- - %s\n", row->loaded ? "-" : "not_loaded");
	}
}

struct mms_file mms_ledger_file = {
	.name = "ledger",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.columns = "node zone owner pages size_B module peer peer_pages verdict",
	.state_size_B = sizeof(struct ledger_state),
	.record_size_B = sizeof(struct ledger_row),
	.begin = ledger_begin,
	.fill = ledger_fill,
	.show = ledger_show,
	.finish = ledger_finish,
};
