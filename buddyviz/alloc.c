// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/alloc: allocations made on request, and the
 * way each of them went; with free=, the same for the pages that were kept.
 *
 * The way is told by hooks (path.c). It is then held against counters: by how much
 * the free lists' lengths and this CPU's page lists have changed over the call,
 * with preemption off where the call cannot sleep. When they changed exactly as
 * that way must change them, "proof" is "counters"; when somebody else moved them
 * at the same time it is "hooks"; when the hooks saw no end, "none".
 *
 * The pages of one request are held until it is over, so that the next allocation
 * is not served by the last one's page. What keep=1 keeps belongs to the open file:
 * no other file can free it, and closing it does. All open files together hold at
 * most max_pages; the module cannot go while one is open.
 *
 * Not let through: failures are never logged by the kernel (__GFP_NOWARN), and
 * nothing is killed for a request (__GFP_RETRY_MAYFAIL where it may sleep).
 * Reclaim that a request causes is the point of asking for it.
 */
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <mmscope/latency.h>
#include <mmscope/page.h>

#include "buddyviz.h"
#include "path.h"

#define ROWS_MAX	16	/* shown in full, of one request */
#define COUNT_MAX	1000000
#define BULK_MAX	64	/* pages of one bulk call */
#define FREE_ALL	U64_MAX	/* free=all; else it is one page frame */

/* Pages that all open files together may hold. */
static unsigned long max_pages = 16384;
module_param(max_pages, ulong, 0444);
MODULE_PARM_DESC(max_pages, "pages that all users of alloc may hold at once (default 16384)");

/* Pages that are held, or may be before a request is over. */
static atomic_long_t held_pages;

enum {
	WORD_ORDER,
	WORD_GFP,
	WORD_NODE,
	WORD_COUNT,
	WORD_KEEP,
	WORD_BULK,
	WORD_FREE,
};

static const struct mms_word alloc_words[] = {
	[WORD_ORDER] = {
		.key = "order",
		.kind = MMS_WORD_NUMBER,
		.max = NR_PAGE_ORDERS - 1,
		.example = "3",
	},
	[WORD_GFP] = {
		.key = "gfp",
		.kind = MMS_WORD_TEXT,
		.example = "GFP_KERNEL",
	},
	[WORD_NODE] = BUDDYVIZ_WORD_NODE,
	[WORD_COUNT] = {
		.key = "count",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = COUNT_MAX,
		.example = "100",
	},
	[WORD_KEEP] = {
		.key = "keep",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
	[WORD_BULK] = {
		.key = "bulk",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = BULK_MAX,
		.example = "32",
	},
	[WORD_FREE] = {
		.key = "free",
		.kind = MMS_WORD_TEXT,
		.example = "all",
	},
};

/**
 * struct held - pages that are ours, linked by their lru member
 * @pages: each with its order in page_private()
 * @nr: number of pages of order 0 that they are
 */
struct held {
	struct list_head pages;
	unsigned long nr;
};

/**
 * struct opened - what an open file has for all its requests
 * @kept: pages that outlive the request
 * @armed: the hooks are: from the first request on, until it is closed
 */
struct opened {
	struct held kept;
	bool armed;
};

/**
 * struct alloc_state - one request on its way
 * @gfp: as it is asked of the allocator
 * @node: preferred node
 * @order: of each allocation
 * @bulk: pages of one bulk call; 0: no bulk call
 * @count: calls in all
 * @next: next of them
 * @free_pfn: what free= names
 * @reserved: pages counted in held_pages for this request
 * @mine: pages of this request
 * @watch: what the hooks tell
 * @latency: by path
 */
struct alloc_state {
	gfp_t gfp;
	int node;
	unsigned int order;
	unsigned int bulk;
	unsigned int count;
	unsigned int next;
	u64 free_pfn;
	unsigned long reserved;
	struct held mine;
	struct buddyviz_watch watch;
	struct mms_latency latency[BUDDYVIZ_PATH_COUNT];
};

enum proof {
	PROOF_NONE,
	PROOF_HOOKS,
	PROOF_COUNTERS,
};

static const char *const proof_names[] = {
	[PROOF_NONE] = "none",
	[PROOF_HOOKS] = "hooks",
	[PROOF_COUNTERS] = "counters",
};

enum row_kind {
	ROW_ALLOC,
	ROW_FREE,
	ROW_PATH,	/* the summary of a path */
};

/**
 * struct alloc_row - one line
 * @kind: which
 * @first: of its section
 * @nr: counts the calls
 * @path: of the summary
 * @proof: of the call
 * @time_ns: that the call took
 * @alloc: of an allocation
 * @free: of a free
 */
struct alloc_row {
	enum row_kind kind;
	bool first;
	unsigned int nr;
	enum buddyviz_path path;
	enum proof proof;
	u64 time_ns;
	union {
		struct buddyviz_alloc alloc;
		struct buddyviz_free free;
	};
};

/* ---- Counters before and after ---- */

/**
 * struct counters - lengths of the lists
 * @cpu: whose page lists
 * @nr_free: blocks on free lists, by order, over all zones
 * @pcp_pages: pages on this CPU's lists, over all zones
 */
struct counters {
	int cpu;
	unsigned long nr_free[NR_PAGE_ORDERS];
	int pcp_pages;
};

/*
 * Without the lists' locks: with preemption off nothing but interrupts and other
 * CPUs changes them, and then they do not agree with what the hooks tell.
 */
static void read_counters(struct counters *counters)
{
	unsigned int index, order;
	struct zone *zone;

	memset(counters, 0, sizeof(*counters));
	counters->cpu = raw_smp_processor_id();
	for (index = 0; (zone = mms_zone_at(&index)); index++) {
		for (order = 0; order < NR_PAGE_ORDERS; order++)
			counters->nr_free[order] +=
				READ_ONCE(zone->free_area[order].nr_free);
		counters->pcp_pages +=
			READ_ONCE(zone_pcp(zone, counters->cpu)->count);
	}
}

static bool counters_agree(const struct counters *before,
			   const struct counters *after,
			   const struct buddyviz_watch *watch)
{
	unsigned int order;

	if (before->cpu != after->cpu ||
	    after->pcp_pages - before->pcp_pages != watch->pcp_pages)
		return false;
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		if ((long)(after->nr_free[order] - before->nr_free[order]) !=
		    watch->nr_free[order])
			return false;
	return true;
}

/* On PREEMPT_RT the allocator's locks sleep. */
static bool preemption_goes_off(gfp_t gfp)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && !gfpflags_allow_blocking(gfp);
}

/* ---- Pages that are held ---- */

static void hold(struct held *held, struct page *page, unsigned int order)
{
	set_page_private(page, order);
	list_add_tail(&page->lru, &held->pages);
	held->nr += 1UL << order;
}

static unsigned int let_go(struct held *held, struct page *page)
{
	unsigned int order = page_private(page);

	list_del(&page->lru);
	set_page_private(page, 0);
	held->nr -= 1UL << order;
	return order;
}

static void free_held(struct held *held)
{
	struct page *page;

	while ((page = list_first_entry_or_null(&held->pages, struct page, lru))) {
		__free_pages(page, let_go(held, page));
		cond_resched();
	}
}

/*
 * Arming takes milliseconds and memory, of which there may be little by the next
 * request. Without hooks pages come all the same, by a path that is unknown.
 */
static struct opened *opened_of(struct mms_answer *answer)
{
	struct opened *opened = answer->kept;

	if (!opened) {
		opened = kzalloc(sizeof(*opened), GFP_KERNEL);
		if (!opened)
			return NULL;
		INIT_LIST_HEAD(&opened->kept.pages);
		answer->kept = opened;
	}
	if (!opened->armed)
		opened->armed = !buddyviz_path_get();
	return opened;
}

static void alloc_release(struct mms_answer *answer)
{
	struct opened *opened = answer->kept;

	if (!opened)
		return;
	atomic_long_sub(opened->kept.nr, &held_pages);
	free_held(&opened->kept);
	if (opened->armed)
		buddyviz_path_put();
	kfree(opened);
}

/* ---- Requests ---- */

static int request_gfp(const struct mms_request *request, gfp_t *gfp)
{
	int err;

	*gfp = GFP_KERNEL;
	if (!request->values[WORD_GFP].given)
		return 0;
	err = buddyviz_check_gfp(request, WORD_GFP, gfp);
	if (!err && *gfp & __GFP_NOFAIL)
		err = mms_refuse(request, WORD_GFP, -EINVAL,
				 "__GFP_NOFAIL might never come back");
	return err;
}

static bool is_free_request(const struct mms_answer *answer)
{
	return answer->request->values[WORD_FREE].given;
}

static u64 request_pages(const struct mms_request *request)
{
	const struct mms_value *values = request->values;

	return (mms_value_or(&values[WORD_COUNT], 1) *
		mms_value_or(&values[WORD_BULK], 1)) <<
	       mms_value_or(&values[WORD_ORDER], 0);
}

static int check_bulk(const struct mms_request *request)
{
	const struct mms_value *values = request->values;

	if (!values[WORD_BULK].given)
		return 0;
	if (!HAVE_BULK_ALLOCATOR)
		return mms_refuse(request, WORD_BULK, -EOPNOTSUPP,
				  "this kernel has no bulk allocator");
	if (mms_value_or(&values[WORD_ORDER], 0))
		return mms_refuse(request, WORD_ORDER, -EINVAL,
				  "the bulk allocator has order 0 only");
	return 0;
}

/* "all", or the first page frame of what was kept. */
static int parse_free(const struct mms_value *value, u64 *pfn)
{
	int err;

	*pfn = FREE_ALL;
	if (!strcmp(value->text, "all"))
		return 0;
	err = mms_parse_number(value->text, pfn);
	return err ?: *pfn == FREE_ALL ? -ERANGE : 0;
}

static int check_free(const struct mms_request *request)
{
	u64 pfn;
	int i;

	for (i = 0; i < WORD_FREE; i++)
		if (request->values[i].given)
			return mms_refuse(request, i, -EINVAL,
					  "free= stands alone");
	if (parse_free(&request->values[WORD_FREE], &pfn))
		return mms_refuse(request, WORD_FREE, -EINVAL,
				  "right is free=all or the pfn of a kept page");
	return 0;
}

static int alloc_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	gfp_t gfp;
	int err;

	if (values[WORD_FREE].given)
		return check_free(request);
	err = request_gfp(request, &gfp) ?: check_bulk(request) ?:
	      buddyviz_check_node(request, WORD_NODE);
	if (err)
		return err;
	if (request_pages(request) > max_pages)
		return mms_refuse(request, values[WORD_COUNT].given ?
				  WORD_COUNT : MMS_WHOLE_LINE, -ERANGE,
				  "%llu pages; max_pages allows %lu",
				  request_pages(request), max_pages);
	return 0;
}

static int reserve(const struct mms_request *request, struct alloc_state *state)
{
	unsigned long pages = request_pages(request);

	if (atomic_long_add_return(pages, &held_pages) > max_pages) {
		atomic_long_sub(pages, &held_pages);
		return mms_refuse(request, MMS_WHOLE_LINE, -ENOSPC,
				  "others hold pages; max_pages allows %lu",
				  max_pages);
	}
	state->reserved = pages;
	return 0;
}

/* Nobody is killed for an exerciser, and no failure is worth a line in the log. */
static gfp_t tame(gfp_t gfp)
{
	gfp |= __GFP_NOWARN;
	if (gfp & __GFP_DIRECT_RECLAIM && !(gfp & __GFP_NORETRY))
		gfp |= __GFP_RETRY_MAYFAIL;
	return gfp;
}

static int begin_alloc(struct mms_answer *answer, struct alloc_state *state)
{
	const struct mms_request *request = answer->request;
	const struct mms_value *values = request->values;
	int err;

	err = request_gfp(request, &state->gfp);
	if (err)
		return err;
	state->gfp = tame(state->gfp);
	state->node = mms_value_or(&values[WORD_NODE], NUMA_NO_NODE);
	state->order = mms_value_or(&values[WORD_ORDER], 0);
	state->bulk = mms_value_or(&values[WORD_BULK], 0);
	state->count = mms_value_or(&values[WORD_COUNT], 1);
	return reserve(request, state);
}

static struct page *find_kept(struct held *kept, u64 pfn)
{
	struct page *page;

	list_for_each_entry(page, &kept->pages, lru)
		if (pfn == FREE_ALL || page_to_pfn(page) == pfn)
			return page;
	return NULL;
}

static int begin_free(struct mms_answer *answer, struct alloc_state *state,
		      struct held *kept)
{
	struct page *page;

	parse_free(&answer->request->values[WORD_FREE], &state->free_pfn);
	if (!find_kept(kept, state->free_pfn))
		return mms_refuse(answer->request, WORD_FREE, -ENOENT,
				  "this open file has kept no such page");
	if (state->free_pfn != FREE_ALL) {
		state->count = 1;
		return 0;
	}
	list_for_each_entry(page, &kept->pages, lru)
		state->count++;
	return 0;
}

static int alloc_begin(struct mms_answer *answer)
{
	struct alloc_state *state = answer->state;
	struct opened *opened = opened_of(answer);

	INIT_LIST_HEAD(&state->mine.pages);
	if (!opened)
		return -ENOMEM;
	if (is_free_request(answer))
		return begin_free(answer, state, &opened->kept);
	return begin_alloc(answer, state);
}

/* ---- One call ---- */

static unsigned int call_allocator(struct alloc_state *state,
				   struct page **pages)
{
	if (state->bulk)
		return alloc_pages_bulk_node(state->gfp, state->node,
					     state->bulk, pages);
	pages[0] = alloc_pages_node(state->node, state->gfp, state->order);
	return !!pages[0];
}

/* What was seen of a call, and how far the counters bear it out. */
static enum proof judge(const struct counters *before,
			const struct counters *after,
			const struct buddyviz_watch *watch, bool seen)
{
	if (!seen)
		return PROOF_NONE;
	return counters_agree(before, after, watch) ? PROOF_COUNTERS :
						      PROOF_HOOKS;
}

static void measure_alloc(struct alloc_state *state, struct alloc_row *row)
{
	bool off = preemption_goes_off(state->gfp);
	struct page *pages[BULK_MAX] = { };
	struct counters before, after;
	unsigned int i, got;
	u64 start_ns;

	memset(&state->watch, 0, sizeof(state->watch));
	if (off)
		preempt_disable();
	read_counters(&before);
	start_ns = ktime_get_ns();
	got = call_allocator(state, pages);
	row->time_ns = ktime_get_ns() - start_ns;
	read_counters(&after);
	if (off)
		preempt_enable();
	for (i = 0; i < got; i++)
		hold(&state->mine, pages[i], state->order);
	row->alloc = state->watch.alloc;
	/* Known without hooks, too. */
	row->alloc.page = pages[0];
	row->alloc.pages = got << state->order;
	row->alloc.order = state->order;
	row->path = got ? row->alloc.path : BUDDYVIZ_PATH_FAILED;
	row->proof = judge(&before, &after, &state->watch,
			   row->alloc.path != BUDDYVIZ_PATH_UNKNOWN);
}

static void measure_free(struct alloc_state *state, struct held *kept,
			 struct alloc_row *row)
{
	struct page *page = find_kept(kept, state->free_pfn);
	bool off = preemption_goes_off(GFP_NOWAIT);
	struct counters before, after;
	unsigned int order;
	u64 start_ns;

	atomic_long_sub(1L << page_private(page), &held_pages);
	order = let_go(kept, page);
	memset(&state->watch, 0, sizeof(state->watch));
	state->watch.free.pfn = page_to_pfn(page);
	state->watch.free.order = order;
	if (off)
		preempt_disable();
	read_counters(&before);
	start_ns = ktime_get_ns();
	__free_pages(page, order);
	row->time_ns = ktime_get_ns() - start_ns;
	read_counters(&after);
	if (off)
		preempt_enable();
	row->free = state->watch.free;
	row->path = row->free.path;
	row->proof = judge(&before, &after, &state->watch,
			   row->path != BUDDYVIZ_PATH_UNKNOWN);
}

/* ---- The answer ---- */

static void make_call(struct mms_answer *answer, struct alloc_row *row)
{
	struct alloc_state *state = answer->state;
	struct opened *opened = answer->kept;

	memset(row, 0, sizeof(*row));
	row->nr = state->next++;
	row->first = !row->nr;
	if (is_free_request(answer)) {
		row->kind = ROW_FREE;
		measure_free(state, &opened->kept, row);
	} else {
		row->kind = ROW_ALLOC;
		measure_alloc(state, row);
	}
	mms_latency_add(&state->latency[row->path], row->time_ns);
}

/* All calls of a request; the first few are shown. */
static int make_calls(struct mms_answer *answer, struct alloc_row *rows)
{
	struct alloc_state *state = answer->state;
	struct alloc_row unseen;

	while (state->next < state->count) {
		if (fatal_signal_pending(current))
			return -EINTR;
		make_call(answer, state->next < ROWS_MAX ? &rows[state->next] :
							   &unseen);
		cond_resched();
	}
	return min_t(unsigned int, state->count, ROWS_MAX);
}

static int summarize(const struct alloc_state *state, struct alloc_row *rows)
{
	unsigned int path;
	int nr = 0;

	for (path = 0; path < BUDDYVIZ_PATH_COUNT; path++) {
		if (!state->latency[path].count)
			continue;
		memset(&rows[nr], 0, sizeof(rows[nr]));
		rows[nr].kind = ROW_PATH;
		rows[nr].path = path;
		rows[nr].first = !nr;
		nr++;
	}
	return nr;
}

/* Give back what this request still holds. */
static void drop(struct alloc_state *state)
{
	free_held(&state->mine);
	atomic_long_sub(state->reserved, &held_pages);
	state->reserved = 0;
}

static void keep(struct alloc_state *state, struct held *kept)
{
	list_splice_tail_init(&state->mine.pages, &kept->pages);
	kept->nr += state->mine.nr;
	state->reserved -= state->mine.nr;
	state->mine.nr = 0;
}

static int alloc_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct alloc_state *state = answer->state;
	struct opened *opened = answer->kept;
	struct alloc_row *rows = records;
	bool watched;
	int nr;

	if (state->next == state->count)
		return 0;
	mms_memory_hold();
	watched = opened->armed && buddyviz_watch_begin(&state->watch);
	nr = make_calls(answer, rows);
	if (watched)
		buddyviz_watch_end();
	mms_memory_release();
	if (nr < 0)
		return nr;
	if (mms_value_or(&answer->request->values[WORD_KEEP], 0))
		keep(state, &opened->kept);
	drop(state);
	return nr + summarize(state, rows + nr);
}

static void alloc_finish(struct mms_answer *answer)
{
	drop(answer->state);
}

/* The halves that were cut off, upwards. */
static void show_remainders(struct seq_file *m,
			    const struct buddyviz_alloc *alloc)
{
	unsigned long pfn = page_to_pfn(alloc->page);
	unsigned int order;

	if (alloc->split_order <= alloc->order)
		seq_putc(m, '-');
	for (order = alloc->order; order < alloc->split_order; order++)
		seq_printf(m, "%s%u@%#lx", order > alloc->order ? "," : "",
			   order, pfn + (1UL << order));
}

static void show_page(struct seq_file *m, const struct page *page)
{
	if (page)
		seq_printf(m, "%#lx %#lx %d %s ", page_to_pfn(page),
			   (unsigned long)page_address(page),
			   page_to_nid(page), page_zone(page)->name);
	else
		seq_puts(m, "- - - - ");
}

static const char *type_or_dash(int migratetype)
{
	return migratetype < 0 ? "-" :
	       buddyviz_type_name(buddyviz_type_number(migratetype));
}

static void show_blocks(struct seq_file *m, const struct buddyviz_alloc *alloc)
{
	if (!alloc->page || !alloc->blocks) {
		seq_puts(m, "- - ");
		return;
	}
	seq_printf(m, "%u ", alloc->split_order);
	show_remainders(m, alloc);
	seq_putc(m, ' ');
}

static void show_fallback(struct seq_file *m, const struct buddyviz_alloc *alloc)
{
	if (alloc->fallback_type < 0)
		seq_putc(m, '-');
	else
		seq_printf(m, "%s:%u:%s", type_or_dash(alloc->fallback_type),
			   alloc->fallback_order,
			   alloc->claimed ? "claimed" : "stolen");
}

static void show_alloc(struct seq_file *m, const struct alloc_row *row)
{
	const struct buddyviz_alloc *alloc = &row->alloc;

	if (row->first)
		seq_puts(m, "## allocations\n# nr order pages pfn page_address node zone migratetype path steps attempts blocks split_order remainders fallback time_ns proof\n");
	seq_printf(m, "%u %u %u ", row->nr, alloc->order, alloc->pages);
	show_page(m, alloc->page);
	seq_printf(m, "%s %s ", type_or_dash(alloc->migratetype),
		   buddyviz_path_name(row->path));
	buddyviz_steps_show(m, alloc->steps);
	seq_printf(m, " %u %u ", alloc->attempts, alloc->blocks);
	show_blocks(m, alloc);
	show_fallback(m, alloc);
	seq_printf(m, " %llu %s\n", row->time_ns, proof_names[row->proof]);
}

/* The buddies that were joined, upwards. */
static void show_buddies(struct seq_file *m, const struct buddyviz_free *free)
{
	unsigned long pfn = free->pfn;
	unsigned int order;

	if (free->result_order <= free->order)
		seq_putc(m, '-');
	for (order = free->order; order < free->result_order; order++) {
		seq_printf(m, "%s%u@%#lx", order > free->order ? "," : "",
			   order, pfn ^ (1UL << order));
		pfn &= ~(1UL << order);
	}
}

static void show_free(struct seq_file *m, const struct alloc_row *row)
{
	const struct buddyviz_free *free = &row->free;

	if (row->first)
		seq_puts(m, "## frees\n# nr order pfn path buddies result_order result_pfn drained_blocks time_ns proof\n");
	seq_printf(m, "%u %u %#lx %s ", row->nr, free->order, free->pfn,
		   buddyviz_path_name(row->path));
	if (free->path == BUDDYVIZ_PATH_UNKNOWN) {
		seq_puts(m, "- - - ");
	} else {
		show_buddies(m, free);
		seq_printf(m, " %u %#lx ", free->result_order, free->result_pfn);
	}
	seq_printf(m, "%u %llu %s\n", free->drained, row->time_ns,
		   proof_names[row->proof]);
}

static void alloc_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct alloc_state *state = answer->state;
	const struct alloc_row *row = record;

	switch (row->kind) {
	case ROW_ALLOC:
		show_alloc(m, row);
		break;
	case ROW_FREE:
		show_free(m, row);
		break;
	case ROW_PATH:
		if (row->first)
			seq_puts(m, "## paths\n# path " MMS_LATENCY_COLUMNS "\n");
		seq_printf(m, "%s ", buddyviz_path_name(row->path));
		mms_latency_show(m, &state->latency[row->path]);
		seq_putc(m, '\n');
		break;
	}
}

static u64 held_bytes(void)
{
	return (u64)atomic_long_read(&held_pages) << PAGE_SHIFT;
}

struct mms_file buddyviz_alloc_file = {
	.name = "alloc",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.words = alloc_words,
	.nr_words = ARRAY_SIZE(alloc_words),
	.state_size_B = sizeof(struct alloc_state),
	.record_size_B = sizeof(struct alloc_row),
	.check = alloc_check,
	.begin = alloc_begin,
	.fill = alloc_fill,
	.show = alloc_show,
	.finish = alloc_finish,
	.release = alloc_release,
	.held_B = held_bytes,
};
