/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which way a request went through the page allocator.
 */
#ifndef _BUDDYVIZ_PATH_H
#define _BUDDYVIZ_PATH_H

#include <linux/mmzone.h>
#include <linux/types.h>

/* The way of an allocation or a free. An allocation has the last that holds. */
enum buddyviz_path {
	BUDDYVIZ_PATH_UNKNOWN,	/* the hooks did not see its beginning */
	BUDDYVIZ_PATH_PCP,	/* from or to the CPU's list */
	BUDDYVIZ_PATH_REFILL,	/* from the CPU's list, which was empty */
	BUDDYVIZ_PATH_DIRECT,	/* from or to a free list of the zone */
	BUDDYVIZ_PATH_FALLBACK,	/* taken from another migratetype */
	BUDDYVIZ_PATH_SLOW,	/* not at the first attempt */
	BUDDYVIZ_PATH_CAPTURED,	/* handed over by compaction */
	BUDDYVIZ_PATH_FAILED,
	BUDDYVIZ_PATH_BULK,	/* many pages of order 0 at once */
	BUDDYVIZ_PATH_COUNT
};

/* What happened on the way, in the order in which the kernel tries it. */
enum buddyviz_step {
	BUDDYVIZ_STEP_FALLBACK = 1 << 0,	/* another migratetype */
	BUDDYVIZ_STEP_KSWAPD = 1 << 1,		/* kswapd woken */
	BUDDYVIZ_STEP_SECOND = 1 << 2,		/* a second attempt */
	BUDDYVIZ_STEP_COMPACT = 1 << 3,		/* direct compaction */
	BUDDYVIZ_STEP_RECLAIM = 1 << 4,		/* direct reclaim */
	BUDDYVIZ_STEP_RESERVES = 1 << 5,	/* allowed below the mark "min" */
	BUDDYVIZ_STEP_OOM = 1 << 6,		/* last look before a kill */
};

#define BUDDYVIZ_STEPS	7

/**
 * struct buddyviz_alloc - one allocation, when it is over
 * @page: the page, of a bulk request the first; NULL: none
 * @pages: how many pages, of all orders together
 * @blocks: blocks taken from free lists at the last attempt
 * @order: of the request
 * @path: enum buddyviz_path
 * @steps: enum buddyviz_step, or-ed
 * @attempts: searches of the zones' lists
 * @split_order: what the first of @blocks was cut from; @order if it was whole
 * @migratetype: that was asked for, as this kernel numbers it; -1: not known
 * @fallback_type: that was taken instead, or -1
 * @fallback_order: of the block that was found there
 * @claimed: its whole pageblock changed its type
 * @gfp: flags as the allocator used them
 * @alloc_flags: ALLOC_* of the last attempt
 * @slow_ns: from the second attempt on, which is the slow path; 0: there was none
 */
struct buddyviz_alloc {
	struct page *page;
	unsigned int pages;
	u16 blocks;
	u8 order;
	u8 path;
	u8 steps;
	u8 attempts;
	u8 split_order;
	s8 migratetype;
	s8 fallback_type;
	u8 fallback_order;
	bool claimed;
	gfp_t gfp;
	unsigned int alloc_flags;
	u64 slow_ns;
};

/**
 * struct buddyviz_free - one free
 * @pfn: what was freed
 * @order: its order
 * @path: PCP, DIRECT or UNKNOWN
 * @result_pfn: the block that it became part of
 * @result_order: its order
 * @drained: blocks that went from the CPU's lists to the zone's because of it
 */
struct buddyviz_free {
	unsigned long pfn;
	unsigned long result_pfn;
	unsigned int drained;
	u8 order;
	u8 path;
	u8 result_order;
};

/**
 * struct buddyviz_watch - what the hooks tell of the current task
 * @done: an allocation ended, and is in @alloc
 * @alloc: the last one
 * @free: the free of @free.pfn, once @free.path is set
 * @nr_free: by how much the free lists' lengths have changed, by order
 * @pcp_pages: by how much the CPU's lists have
 *
 * Cleared by whoever watches.
 */
struct buddyviz_watch {
	bool done;
	struct buddyviz_alloc alloc;
	struct buddyviz_free free;
	int nr_free[NR_PAGE_ORDERS];
	int pcp_pages;
};

enum buddyviz_hooks {
	BUDDYVIZ_HOOKS_ALLOC,
	BUDDYVIZ_HOOKS_FREE,
	BUDDYVIZ_HOOKS_COUNT
};

struct seq_file;

int buddyviz_path_init(void);
void buddyviz_path_exit(void);
int buddyviz_path_get(void);
void buddyviz_path_put(void);
void buddyviz_path_features(struct seq_file *m);
int buddyviz_listen(enum buddyviz_hooks group);
void buddyviz_ignore(enum buddyviz_hooks group);
bool buddyviz_watch_begin(struct buddyviz_watch *watch);
void buddyviz_watch_end(void);
const char *buddyviz_path_name(unsigned int path);
void buddyviz_steps_show(struct seq_file *m, unsigned int steps);

#endif /* _BUDDYVIZ_PATH_H */
