// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/pagecache: which pages of a file are in memory,
 * as extents of folios of one kind.
 *
 * The file's i_pages is walked under RCU, BATCH entries a hold, and nothing is
 * brought in, referenced or marked: no reference is taken, so a folio may leave
 * while we look. Each is read until two looks are equal, and believed once the
 * slot that led to it still does; else the slot is looked at anew. What a look
 * could not hold still for is racy in its row. The path keeps the inode.
 *
 * Under a file of overlayfs it is the real file that has pages, and is meant.
 *
 * Deliberately ignored: pages of hugetlbfs and DAX, and what a file's metadata
 * keeps in the cache of its device.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/path.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_helpers.h>
#include <linux/xarray.h>

#include <mmscope/page.h>

#include "pgwalk.h"

#define BATCH		512	/* slots read under one hold of RCU */
#define TRIES_MAX	8	/* looks at a slot until one is believed */

enum {
	WORD_PATH,
};

static const struct mms_word pagecache_words[] = {
	[WORD_PATH] = {
		.key = "path",
		.kind = MMS_WORD_TEXT,
		.example = "/etc/passwd",
	},
};

/* What is shown of a folio, besides its order. */
static const struct pgwalk_name flag_names[] = {
	{ BIT(PG_dirty), "dirty" },
	{ BIT(PG_writeback), "writeback" },
	{ BIT(PG_referenced), "referenced" },
	{ BIT(PG_active), "active" },
};

#define FLAGS_SHOWN	(BIT(PG_dirty) | BIT(PG_writeback) | \
			 BIT(PG_referenced) | BIT(PG_active))

/**
 * struct extent - pages in a row, of folios that are alike
 * @index: the first, as a page of the file
 * @pages: number of them; 0: none yet
 * @flags: FLAGS_SHOWN of the folios
 * @order: of the folios
 * @node: where they are
 * @stable: each was seen twice, equal
 */
struct extent {
	u64 index;
	u64 pages;
	unsigned long flags;
	unsigned int order;
	int node;
	bool stable;
};

/**
 * struct totals - of the whole file
 * @size_B: its size
 * @resident: pages in memory
 * @folios: that they are in
 * @flags: pages by index of flag_names
 * @values: slots without a page: swapped out, or remembering one that was evicted
 * @lost: slots that never held still
 */
struct totals {
	u64 size_B;
	u64 resident;
	u64 folios;
	u64 flags[ARRAY_SIZE(flag_names)];
	u64 values;
	u64 lost;
};

enum row_kind {
	ROW_FILE,
	ROW_EXTENT,
	ROW_TOTALS,
};

struct row {
	enum row_kind kind;
	struct extent extent;
};

/**
 * struct pagecache_state - an answer on its way
 * @path: of the file; pinned while @inode is set
 * @inode: the one that has the pages
 * @next: slot to go on from
 * @behind_values: slot behind the last entry that is no page
 * @covered: pages before this were reported
 * @phase: what comes next
 * @tries: how often the slot at @next was looked at in vain
 * @extent: the extent that still grows
 * @totals: so far
 */
struct pagecache_state {
	struct path path;
	struct inode *inode;
	unsigned long next;
	unsigned long behind_values;
	u64 covered;
	enum { FILE_NEXT, EXTENTS_NEXT, TOTALS_NEXT, ALL_DONE } phase;
	unsigned int tries;
	struct extent extent;
	struct totals totals;
};

/* Blanks are written as /proc/mounts has them. */
static int find_file(const char *text, struct path *path)
{
	char *name = kstrdup(text, GFP_KERNEL);
	int err;

	if (!name)
		return -ENOMEM;
	string_unescape(name, name, 0, UNESCAPE_OCTAL);
	err = kern_path(name, LOOKUP_FOLLOW, path);
	kfree(name);
	return err;
}

static int pagecache_check(struct mms_request *request)
{
	struct path path;
	bool regular;
	int err;

	err = find_file(request->values[WORD_PATH].text, &path);
	if (err)
		return mms_refuse(request, WORD_PATH, err,
				  "no such file can be found; a blank is written \\040");
	regular = S_ISREG(d_inode(path.dentry)->i_mode);
	path_put(&path);
	return regular ? 0 : mms_refuse(request, WORD_PATH, -EINVAL,
					"not a regular file");
}

static int pagecache_begin(struct mms_answer *answer)
{
	struct pagecache_state *state = answer->state;
	int err;

	err = find_file(answer->request->values[WORD_PATH].text, &state->path);
	if (err)
		return err;
	if (!S_ISREG(d_inode(state->path.dentry)->i_mode)) {
		path_put(&state->path);
		return -EINVAL;
	}
	state->inode = d_real_inode(state->path.dentry);
	state->totals.size_B = i_size_read(state->inode);
	return 0;
}

static void pagecache_finish(struct mms_answer *answer)
{
	struct pagecache_state *state = answer->state;

	path_put(&state->path);
}

static void add_totals(struct totals *totals, const struct extent *folio)
{
	unsigned int i;

	totals->resident += folio->pages;
	totals->folios++;
	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (folio->flags & flag_names[i].mask)
			totals->flags[i] += folio->pages;
}

/* Put out the extent that grew so far; at most one row. */
static unsigned int put_extent(struct pagecache_state *state, struct row *row)
{
	if (!state->extent.pages)
		return 0;
	row->kind = ROW_EXTENT;
	row->extent = state->extent;
	state->extent.pages = 0;
	return 1;
}

static bool extends(const struct extent *extent, const struct extent *folio)
{
	return extent->pages && extent->index + extent->pages == folio->index &&
	       extent->flags == folio->flags && extent->order == folio->order &&
	       extent->node == folio->node && extent->stable == folio->stable;
}

static unsigned int add_folio(struct pagecache_state *state,
			      const struct extent *folio, struct row *row)
{
	unsigned int nr = 0;

	/* Before 5.17 a large folio has a slot for each of its pages. */
	if (folio->index < state->covered)
		return 0;
	state->covered = folio->index + folio->pages;
	add_totals(&state->totals, folio);
	if (extends(&state->extent, folio)) {
		state->extent.pages += folio->pages;
		return 0;
	}
	nr = put_extent(state, row);
	state->extent = *folio;
	return nr;
}

/* Read what a slot leads to, and see that it still does. */
static bool read_slot(struct xa_state *xas, void *entry, struct extent *folio)
{
	struct mms_page page;

	if (!mms_is_page(entry))
		return false;
	mms_page_read(page_to_pfn((struct page *)entry), &page);
	*folio = (struct extent) {
		.index = page.index,
		.pages = 1ULL << page.order,
		.flags = page.head_flags & FLAGS_SHOWN,
		.order = page.order,
		.node = page_to_nid((struct page *)entry),
		.stable = page.stable,
	};
	return entry == xas_reload(xas) && page.type == MMS_PAGE_FILE;
}

/* One entry may stand for many slots, and be met again from its middle. */
static void add_value(struct pagecache_state *state, const struct xa_state *xas)
{
	unsigned long slots = 1UL << xa_get_order(xas->xa, xas->xa_index);
	unsigned long first = xas->xa_index & ~(slots - 1);

	if (first < state->behind_values)
		return;
	state->behind_values = first + slots;
	state->totals.values += slots;
}

/* In an RCU read-side section: up to @max - 1 rows, up to BATCH slots. */
static unsigned int read_batch(struct pagecache_state *state, struct row *rows,
			       unsigned int max)
{
	XA_STATE(xas, &state->inode->i_mapping->i_pages, state->next);
	unsigned int nr = 0, slots = 0;
	struct extent folio;
	void *entry;

	xas_for_each(&xas, entry, ULONG_MAX) {
		if (++slots > BATCH || nr + 1 >= max)
			return nr;
		state->next = xas.xa_index;
		if (xas_retry(&xas, entry))
			continue;
		if (xa_is_value(entry)) {
			add_value(state, &xas);
		} else if (read_slot(&xas, entry, &folio)) {
			nr += add_folio(state, &folio, &rows[nr]);
		} else if (++state->tries < TRIES_MAX) {
			xas_reset(&xas);
			continue;
		} else {
			state->totals.lost++;
		}
		state->tries = 0;
		if (state->next == ULONG_MAX)
			break;
		state->next++;
	}
	state->phase = TOTALS_NEXT;
	return nr + put_extent(state, &rows[nr]);
}

static int pagecache_fill(struct mms_answer *answer, void *records,
			  unsigned int max)
{
	struct pagecache_state *state = answer->state;
	struct row *rows = records;
	unsigned int nr = 0;

	if (state->phase == FILE_NEXT) {
		state->phase = EXTENTS_NEXT;
		rows[nr++].kind = ROW_FILE;
	}
	while (!nr && state->phase == EXTENTS_NEXT) {
		if (fatal_signal_pending(current))
			return -EINTR;
		mms_memory_hold();
		rcu_read_lock();
		nr = read_batch(state, rows, max);
		rcu_read_unlock();
		mms_memory_release();
		cond_resched();
	}
	if (!nr && state->phase == TOTALS_NEXT) {
		state->phase = ALL_DONE;
		rows[nr++].kind = ROW_TOTALS;
	}
	return nr;
}

static void show_file(struct seq_file *m, const struct pagecache_state *state)
{
	const struct inode *inode = state->inode;

	seq_puts(m, "## file\n# device inode size_B\n");
	seq_printf(m, "%02x:%02x %llu %llu\n", MAJOR(inode->i_sb->s_dev),
		   MINOR(inode->i_sb->s_dev), (u64)inode->i_ino,
		   state->totals.size_B);
	seq_puts(m, "## extents\n# index pages order node flags look\n");
}

static void show_extent(struct seq_file *m, const struct extent *extent)
{
	seq_printf(m, "%llu %llu %u %d ", extent->index, extent->pages,
		   extent->order, extent->node);
	pgwalk_show_names(m, extent->flags, flag_names, ARRAY_SIZE(flag_names),
			  ',', false);
	seq_printf(m, " %s\n", extent->stable ? "retried" : "racy");
}

static void show_totals(struct seq_file *m, const struct pagecache_state *state)
{
	const struct totals *totals = &state->totals;
	u64 file_pages = DIV_ROUND_UP_ULL(totals->size_B, PAGE_SIZE);
	bool shmem = state->inode->i_sb->s_magic == TMPFS_MAGIC;
	unsigned int i;

	seq_printf(m, "## totals\n# name value\nfile_pages %llu\n", file_pages);
	seq_printf(m, "resident_pages %llu\nresident_percent ",
		   totals->resident);
	if (file_pages)
		seq_printf(m, "%llu\n",
			   div64_u64(totals->resident * 100, file_pages));
	else
		seq_puts(m, "-\n");
	seq_printf(m, "folios %llu\n", totals->folios);
	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		seq_printf(m, "%s_pages %llu\n", flag_names[i].name,
			   totals->flags[i]);
	seq_printf(m, "%s %llu\nlost %llu\n", shmem ? "swapped" : "evicted",
		   totals->values, totals->lost);
}

static void pagecache_show(struct seq_file *m, struct mms_answer *answer,
			   const void *record)
{
	const struct pagecache_state *state = answer->state;
	const struct row *row = record;

	switch (row->kind) {
	case ROW_FILE:
		show_file(m, state);
		break;
	case ROW_EXTENT:
		show_extent(m, &row->extent);
		break;
	case ROW_TOTALS:
		show_totals(m, state);
		break;
	}
}

struct mms_file pgwalk_pagecache_file = {
	.name = "pagecache",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.words = pagecache_words,
	.nr_words = ARRAY_SIZE(pagecache_words),
	.state_size_B = sizeof(struct pagecache_state),
	.record_size_B = sizeof(struct row),
	.check = pagecache_check,
	.begin = pagecache_begin,
	.fill = pagecache_fill,
	.show = pagecache_show,
	.finish = pagecache_finish,
};
