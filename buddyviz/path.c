// SPDX-License-Identifier: GPL-2.0
/*
 * Which way each request goes through the page allocator, told by hooks in it.
 *
 * An allocation begins with the first search of the zones' lists
 * (get_page_from_freelist()) and ends with the tracepoint mm_page_alloc. All its
 * searches have the same alloc_context on the stack, whose address tells them from
 * the searches of an allocation inside it (direct reclaim allocates, too). What a
 * context is inside of forms a stack of frames in its record (core/record.c), and
 * what happens is the uppermost frame's. Blocks taken from free lists are seen by
 * tracepoints under zone->lock, so that what is said of their buddies is exact.
 *
 * A free ends where a page is put on a CPU's list, or in __free_one_page() under
 * zone->lock; there the merged block is looked at before the lock is dropped.
 *
 * Callbacks run in any context and allocate nothing, take no lock and read no
 * per-CPU state. What they cannot attribute is reported as unknown and counted.
 *
 * Deliberately ignored: blocks that come to the free lists without being freed
 * (memory that goes online, pages put back by reporting and isolation) look like
 * direct frees.
 */
#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <trace/events/kmem.h>
#include <trace/events/vmscan.h>

#include <mmscope/group.h>

#include "buddyviz.h"
#include "path.h"
#include "trace.h"

#define FRAMES	6	/* requests inside each other; the kernel stops before */

/*
 * ALLOC_* of mm/internal.h, which is private. The values are the same in all
 * supported kernels; known_request() holds some of them against the kernel.
 */
#define WMARK_BITS		3
#define ALLOC_NO_WATERMARKS	0x04
#define ALLOC_RESERVES		0x3c	/* no watermarks, OOM, non-block, high */
#define ALLOC_TRYLOCK		0x400	/* 7.2: alloc_pages_nolock() */
#define ALLOC_KSWAPD		0x800

enum frame_kind {
	FRAME_ALLOC,
	FRAME_BULK,	/* the bulk allocator */
	FRAME_DRAIN,	/* from a CPU's lists to the zone's */
};

/**
 * struct frame - what a context is inside of
 * @id: an address on the stack that lives as long as the request
 * @kind: what it is
 * @partial: its beginning was not seen
 * @compacting: direct compaction, and no search since
 * @last_pfn: block taken last
 * @drained: DRAIN: blocks so far
 * @slow_since_ns: ALLOC: when the second attempt began
 * @alloc: what is known of the allocation
 */
struct frame {
	unsigned long id;
	enum frame_kind kind;
	bool partial;
	bool compacting;
	unsigned long last_pfn;
	unsigned int drained;
	u64 slow_since_ns;
	struct buddyviz_alloc alloc;
};

/**
 * struct context - the record of one task or interrupt
 * @watch: who wants to know, or NULL
 * @depth: frames in use, the last one is the innermost
 * @frames: what it is inside of
 */
struct context {
	struct buddyviz_watch *watch;
	unsigned int depth;
	struct frame frames[FRAMES];
};

static struct mms_recorder recorder = {
	.size_B = sizeof(struct context),
};

static struct mms_group groups[] = {
	[BUDDYVIZ_HOOKS_ALLOC] = { .feature = "alloc_path" },
	[BUDDYVIZ_HOOKS_FREE] = { .feature = "free_path" },
};

static_assert(ARRAY_SIZE(groups) == BUDDYVIZ_HOOKS_COUNT);

/* Events that could not be attributed. */
static atomic_long_t unknown;

static const char *const path_names[] = {
	[BUDDYVIZ_PATH_UNKNOWN] = "unknown",
	[BUDDYVIZ_PATH_PCP] = "pcp",
	[BUDDYVIZ_PATH_REFILL] = "refill",
	[BUDDYVIZ_PATH_DIRECT] = "direct",
	[BUDDYVIZ_PATH_FALLBACK] = "fallback",
	[BUDDYVIZ_PATH_SLOW] = "slow",
	[BUDDYVIZ_PATH_CAPTURED] = "captured",
	[BUDDYVIZ_PATH_FAILED] = "failed",
	[BUDDYVIZ_PATH_BULK] = "bulk",
};

static_assert(ARRAY_SIZE(path_names) == BUDDYVIZ_PATH_COUNT);

static const char *const step_names[] = {
	"fallback", "kswapd", "second", "compact", "reclaim", "reserves", "oom",
};

static_assert(ARRAY_SIZE(step_names) == BUDDYVIZ_STEPS);

/* ---- Contexts and frames ---- */

/* An event needs a record of whoever comes; a watcher has opened his own. */
static struct context *enter_context(enum buddyviz_hooks group)
{
	if (mms_group_tracing(&groups[group]))
		return mms_record_open(&recorder);
	return mms_record_find(&recorder);
}

static void leave_context(struct context *ctx)
{
	if (!ctx->depth && !ctx->watch)
		mms_record_close(&recorder, ctx);
}

static struct frame *top_frame(struct context *ctx)
{
	return ctx && ctx->depth ? &ctx->frames[ctx->depth - 1] : NULL;
}

static struct frame *push_frame(struct context *ctx, unsigned long id,
				enum frame_kind kind)
{
	struct frame *frame;

	if (ctx->depth == FRAMES)
		return NULL;
	frame = &ctx->frames[ctx->depth++];
	memset(frame, 0, sizeof(*frame));
	frame->id = id;
	frame->kind = kind;
	frame->alloc.migratetype = -1;
	frame->alloc.fallback_type = -1;
	return frame;
}

/*
 * The stack grows down: a frame below @address belongs to a call that is over
 * already. Its end was not seen.
 */
static void drop_stale(struct context *ctx, unsigned long address)
{
	while (ctx->depth && ctx->frames[ctx->depth - 1].id < address)
		ctx->depth--;
}

/* ---- Blocks taken from free lists ---- */

/*
 * zone->lock is held and @page has just been taken: blocks cut off on the way are
 * its buddies, free, one of each order. Had any of them been free before, the two
 * would have been one block.
 */
static unsigned int split_order(struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);
	unsigned int buddy_order;

	for (; order < NR_PAGE_ORDERS - 1; order++)
		if (!buddyviz_is_free_block(pfn_to_page(pfn ^ (1UL << order)),
					    page_zone(page), &buddy_order) ||
		    buddy_order != order)
			break;
	return order;
}

static void count_taken(struct buddyviz_watch *watch, unsigned int order,
			unsigned int from)
{
	watch->nr_free[from]--;
	while (from-- > order)
		watch->nr_free[from]++;
}

static void take_block(struct page *page, unsigned int order)
{
	struct context *ctx = mms_record_find(&recorder);
	unsigned int from = split_order(page, order);
	struct frame *frame = top_frame(ctx);

	if (from > order && mms_group_tracing(&groups[BUDDYVIZ_HOOKS_ALLOC]))
		trace_split(page, order, from);
	if (ctx && ctx->watch)
		count_taken(ctx->watch, order, from);
	if (!frame || frame->kind == FRAME_DRAIN) {
		if (mms_group_tracing(&groups[BUDDYVIZ_HOOKS_ALLOC]))
			atomic_long_inc(&unknown);
		return;
	}
	if (!frame->alloc.blocks++)
		frame->alloc.split_order = from;
	frame->last_pfn = page_to_pfn(page);
}

static void on_block(void *data, struct page *page, unsigned int order,
		     int migratetype ZONE_LOCKED_PERCPU_REFILL)
{
	mms_hook_hit(data);
	if (page && order < NR_PAGE_ORDERS)
		take_block(page, order);
}

/*
 * Before 6.12 the block is still free and taken in a next step; since then it may
 * have been taken, and this be all that is said of it.
 */
static void on_fallback(void *data, struct page *page, int order,
			int fallback_order, int migratetype, int fallback_type)
{
	struct frame *frame = top_frame(mms_record_find(&recorder));
	unsigned long pfn = page_to_pfn(page);
	unsigned int free_order;
	bool claimed;

	mms_hook_hit(data);
	/* Compaction that hands over a block of another type. */
	if (frame && frame->compacting)
		return;
	claimed = buddyviz_pageblock_type(pfn) == migratetype;
	if (mms_group_tracing(&groups[BUDDYVIZ_HOOKS_ALLOC]))
		trace_fallback(page, order, fallback_order, migratetype,
			       fallback_type, claimed);
	if (!(frame && frame->last_pfn == pfn) &&
	    !buddyviz_is_free_block(page, page_zone(page), &free_order))
		take_block(page, order);
	if (!frame)
		return;
	frame->alloc.steps |= BUDDYVIZ_STEP_FALLBACK;
	frame->alloc.fallback_type = fallback_type;
	frame->alloc.fallback_order = fallback_order;
	frame->alloc.claimed = claimed;
}

/* ---- Allocations ---- */

static void begin_attempt(struct frame *frame, unsigned int alloc_flags)
{
	struct buddyviz_alloc *alloc = &frame->alloc;

	if (!alloc->attempts)
		frame->partial = (alloc_flags & WMARK_BITS) != WMARK_LOW &&
				 !(alloc_flags & ALLOC_TRYLOCK);
	else
		alloc->steps |= BUDDYVIZ_STEP_SECOND;
	if (alloc->attempts == 1)
		frame->slow_since_ns = ktime_get_mono_fast_ns();
	if (alloc->attempts && !(alloc_flags & ALLOC_NO_WATERMARKS) &&
	    (alloc_flags & WMARK_BITS) == WMARK_HIGH)
		alloc->steps |= BUDDYVIZ_STEP_OOM;
	if (alloc->attempts < U8_MAX)
		alloc->attempts++;
	alloc->alloc_flags = alloc_flags;
	alloc->blocks = 0;
	frame->compacting = false;
}

/* get_page_from_freelist(gfp, order, alloc_flags, alloc_context) */
static void on_attempt(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	struct context *ctx = enter_context(BUDDYVIZ_HOOKS_ALLOC);
	unsigned long id = regs_get_kernel_argument(regs, 3);
	struct frame *frame;

	mms_hook_hit(hook);
	if (!ctx)
		return;
	drop_stale(ctx, id);
	frame = top_frame(ctx);
	if (!frame || frame->kind != FRAME_ALLOC || frame->id != id) {
		frame = push_frame(ctx, id, FRAME_ALLOC);
		if (!frame)
			return;
		frame->alloc.order = regs_get_kernel_argument(regs, 1);
	}
	begin_attempt(frame, regs_get_kernel_argument(regs, 2));
}

/* The uppermost frame is of an allocation: a step of it. */
static void add_step(enum buddyviz_step step, bool compacting)
{
	struct frame *frame = top_frame(mms_record_find(&recorder));

	if (!frame || frame->kind != FRAME_ALLOC)
		return;
	frame->alloc.steps |= step;
	frame->compacting = compacting;
}

static void on_kswapd(void *data, int nid, int zid, int order, gfp_t gfp)
{
	struct frame *frame = top_frame(mms_record_find(&recorder));

	mms_hook_hit(data);
	if (frame)
		frame->alloc.steps |= BUDDYVIZ_STEP_KSWAPD;
}

static void on_compact(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	mms_hook_hit(hook);
	add_step(BUDDYVIZ_STEP_COMPACT, true);
}

static void on_reclaim(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	mms_hook_hit(hook);
	add_step(BUDDYVIZ_STEP_RECLAIM, false);
}

static enum buddyviz_path decide(const struct frame *frame)
{
	const struct buddyviz_alloc *alloc = &frame->alloc;

	if (frame->partial)
		return BUDDYVIZ_PATH_UNKNOWN;
	if (!alloc->page)
		return BUDDYVIZ_PATH_FAILED;
	if (frame->compacting)
		return BUDDYVIZ_PATH_CAPTURED;
	if (alloc->attempts > 1)
		return BUDDYVIZ_PATH_SLOW;
	if (alloc->steps & BUDDYVIZ_STEP_FALLBACK)
		return BUDDYVIZ_PATH_FALLBACK;
	if (alloc->blocks > 1)
		return BUDDYVIZ_PATH_REFILL;
	return alloc->blocks ? BUDDYVIZ_PATH_DIRECT : BUDDYVIZ_PATH_PCP;
}

/* What the CPU's lists gained: a refill, less what was taken from them. */
static int pcp_change(const struct frame *frame)
{
	const struct buddyviz_alloc *alloc = &frame->alloc;

	if (frame->kind == FRAME_ALLOC &&
	    (!alloc->page || frame->compacting || alloc->blocks == 1))
		return 0;
	return (alloc->blocks << alloc->order) - alloc->pages;
}

/* The innermost request is over. */
static void end_alloc(struct context *ctx, struct frame *frame)
{
	struct buddyviz_alloc *alloc = &frame->alloc;

	ctx->depth--;
	if (mms_group_tracing(&groups[BUDDYVIZ_HOOKS_ALLOC])) {
		trace_alloc(alloc);
		if (alloc->blocks > 1)
			trace_refill(alloc);
	}
	if (ctx->watch) {
		ctx->watch->pcp_pages += pcp_change(frame);
		ctx->watch->alloc = *alloc;
		ctx->watch->done = true;
	}
	leave_context(ctx);
}

static void end_unknown(struct page *page, unsigned int order, gfp_t gfp,
			int migratetype)
{
	struct buddyviz_alloc alloc = {
		.page = page,
		.pages = page ? 1U << order : 0,
		.order = order,
		.split_order = order,
		.path = BUDDYVIZ_PATH_UNKNOWN,
		.migratetype = migratetype,
		.fallback_type = -1,
		.gfp = gfp,
	};

	if (!mms_group_tracing(&groups[BUDDYVIZ_HOOKS_ALLOC]))
		return;
	atomic_long_inc(&unknown);
	trace_alloc(&alloc);
}

static void on_alloc(void *data, struct page *page, unsigned int order,
		     gfp_t gfp, int migratetype)
{
	struct context *ctx = mms_record_find(&recorder);
	struct frame *frame;

	mms_hook_hit(data);
	if (ctx)
		drop_stale(ctx, (unsigned long)__builtin_frame_address(0));
	frame = top_frame(ctx);
	if (!frame || frame->kind != FRAME_ALLOC || frame->alloc.order != order) {
		end_unknown(page, order, gfp, migratetype);
		return;
	}
	frame->alloc.page = page;
	frame->alloc.pages = page ? 1U << order : 0;
	frame->alloc.gfp = gfp;
	frame->alloc.migratetype = migratetype;
	frame->alloc.path = decide(frame);
	if (page && frame->alloc.alloc_flags & ALLOC_RESERVES)
		frame->alloc.steps |= BUDDYVIZ_STEP_RESERVES;
	if (frame->slow_since_ns)
		frame->alloc.slow_ns = ktime_get_mono_fast_ns() -
				       frame->slow_since_ns;
	end_alloc(ctx, frame);
}

/* ---- The bulk allocator, which says nothing of itself ---- */

static void on_bulk_enter(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	struct context *ctx = enter_context(BUDDYVIZ_HOOKS_ALLOC);
	unsigned long *id = data;
	struct frame *frame;

	mms_hook_hit(hook);
	*id = 0;
	if (!ctx)
		return;
	drop_stale(ctx, kernel_stack_pointer(regs));
	frame = push_frame(ctx, kernel_stack_pointer(regs), FRAME_BULK);
	if (!frame)
		return;
	*id = frame->id;
	frame->alloc.gfp = (__force gfp_t)regs_get_kernel_argument(regs, 0);
}

static void on_bulk_leave(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	struct context *ctx = mms_record_find(&recorder);
	unsigned long *id = data;
	struct frame *frame;

	if (!*id || !ctx)
		return;
	drop_stale(ctx, *id);
	frame = top_frame(ctx);
	if (!frame || frame->id != *id)
		return;
	frame->alloc.path = BUDDYVIZ_PATH_BULK;
	frame->alloc.pages = regs_return_value(regs);
	/* A single page may have come by the usual way, and be counted there. */
	if (ctx->watch && ctx->watch->done)
		ctx->watch->pcp_pages += ctx->watch->alloc.pages;
	end_alloc(ctx, frame);
}

/* ---- Frees ---- */

static void on_commit(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	struct page *page = (void *)regs_get_kernel_argument(regs, FREE_COMMIT_PAGE);
	struct context *ctx = mms_record_find(&recorder);
	struct buddyviz_free free = { .path = BUDDYVIZ_PATH_PCP };
	struct buddyviz_watch *watch = ctx ? ctx->watch : NULL;

	mms_hook_hit(hook);
	free.pfn = page_to_pfn(page);
	if (FREE_COMMIT_HAS_ORDER)
		free.order = regs_get_kernel_argument(regs, FREE_COMMIT_ORDER);
	free.result_pfn = free.pfn;
	free.result_order = free.order;
	if (mms_group_tracing(&groups[BUDDYVIZ_HOOKS_FREE]))
		trace_free(page, &free);
	if (!watch)
		return;
	watch->pcp_pages += 1 << free.order;
	if (watch->free.pfn == free.pfn)
		watch->free = free;
}

struct merge_data {
	struct zone *zone;
	unsigned long pfn;
	unsigned int order;
};

/*
 * __free_one_page(page, pfn, zone, order, migratetype, flags). Nothing of the
 * context here: this is a breakpoint, which looks like an NMI.
 */
static void on_merge_enter(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	struct merge_data *merge = data;

	mms_hook_hit(hook);
	merge->pfn = regs_get_kernel_argument(regs, 1);
	merge->zone = (void *)regs_get_kernel_argument(regs, 2);
	merge->order = regs_get_kernel_argument(regs, 3);
}

/* zone->lock is held: the block that the freed one lies in now. */
static bool find_result(const struct merge_data *merge,
			struct buddyviz_free *free)
{
	unsigned int order, found;
	unsigned long pfn;

	for (order = merge->order; order < NR_PAGE_ORDERS; order++) {
		pfn = merge->pfn & ~((1UL << order) - 1);
		if (buddyviz_is_free_block(pfn_to_page(pfn), merge->zone,
					   &found) && found == order) {
			free->result_pfn = pfn;
			free->result_order = order;
			return true;
		}
	}
	return false;
}

static void count_merged(struct buddyviz_watch *watch,
			 const struct buddyviz_free *free)
{
	unsigned int order;

	for (order = free->order; order < free->result_order; order++)
		watch->nr_free[order]--;
	watch->nr_free[order]++;
}

/* A block went to the free lists for itself, or with others from the CPU's. */
static void tell_merge(struct buddyviz_watch *watch, struct frame *drain,
		       const struct buddyviz_free *free)
{
	if (watch)
		count_merged(watch, free);
	if (!drain) {
		/* Of a large one that goes in parts the last part counts. */
		if (watch && free->pfn - watch->free.pfn < 1UL << watch->free.order) {
			watch->free.path = free->path;
			watch->free.result_pfn = free->result_pfn;
			watch->free.result_order = free->result_order;
		}
		return;
	}
	drain->drained++;
	if (watch) {
		watch->pcp_pages -= 1 << free->order;
		watch->free.drained++;
	}
}

static void on_merge_leave(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	const struct merge_data *merge = data;
	struct context *ctx = mms_record_find(&recorder);
	struct frame *drain = top_frame(ctx);
	struct buddyviz_free free = {
		.pfn = merge->pfn,
		.order = merge->order,
		.path = BUDDYVIZ_PATH_DIRECT,
	};

	if (drain && drain->kind != FRAME_DRAIN)
		drain = NULL;
	/* Not there: compaction has taken it away at once. */
	if (merge->order >= NR_PAGE_ORDERS || !find_result(merge, &free))
		return;
	if (mms_group_tracing(&groups[BUDDYVIZ_HOOKS_FREE])) {
		if (!drain)
			trace_free(pfn_to_page(free.pfn), &free);
		if (free.result_order > free.order)
			trace_merge(pfn_to_page(free.pfn), &free, drain);
	}
	tell_merge(ctx ? ctx->watch : NULL, drain, &free);
}

struct drain_data {
	struct zone *zone;
	unsigned long id;
};

/* free_pcppages_bulk(zone, ...) */
static void on_drain_enter(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	struct context *ctx = enter_context(BUDDYVIZ_HOOKS_FREE);
	struct drain_data *drain = data;

	mms_hook_hit(hook);
	drain->zone = (void *)regs_get_kernel_argument(regs, 0);
	drain->id = 0;
	if (!ctx)
		return;
	drop_stale(ctx, kernel_stack_pointer(regs));
	if (push_frame(ctx, kernel_stack_pointer(regs), FRAME_DRAIN))
		drain->id = kernel_stack_pointer(regs);
}

static void on_drain_leave(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	struct context *ctx = mms_record_find(&recorder);
	const struct drain_data *drain = data;
	struct frame *frame;

	if (!drain->id || !ctx)
		return;
	drop_stale(ctx, drain->id);
	frame = top_frame(ctx);
	if (!frame || frame->id != drain->id)
		return;
	ctx->depth--;
	if (mms_group_tracing(&groups[BUDDYVIZ_HOOKS_FREE]))
		trace_drain(drain->zone, frame->drained);
	leave_context(ctx);
}

/* ---- The hooks ---- */

/* One order that lies on the CPUs' lists and one that does not. */
static int test_alloc(struct mms_hook *hook)
{
	static const unsigned int orders[] = { 0, PAGE_ALLOC_COSTLY_ORDER + 1 };
	struct page *page;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		page = alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
				   orders[i]);
		if (!page)
			return -ENOMEM;
		__free_pages(page, orders[i]);
	}
	return 0;
}

static int test_bulk(struct mms_hook *hook)
{
	struct page *pages[2] = { };
	unsigned int i;

	alloc_pages_bulk_node(GFP_KERNEL, NUMA_NO_NODE, ARRAY_SIZE(pages), pages);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i])
			__free_page(pages[i]);
	return 0;
}

#define ALLOC	BIT(BUDDYVIZ_HOOKS_ALLOC)
#define FREE	BIT(BUDDYVIZ_HOOKS_FREE)
#define BOTH	(ALLOC | FREE)

#define TRACEPOINT_HOOK(_name, _probe) \
	.owner = THIS_MODULE, .name = (_name), \
	.kind = MMS_HOOK_TRACEPOINT, .probe = (_probe)

#define FUNCTION_HOOK(_name, _enter, _test) \
	.owner = THIS_MODULE, .name = (_name), .kind = MMS_HOOK_KPROBE, \
	.enter = (_enter), .self_test = (_test)

#define RETURN_HOOK(_name, _enter, _leave, _data, _test) \
	.owner = THIS_MODULE, .name = (_name), .kind = MMS_HOOK_KRETPROBE, \
	.enter = (_enter), .leave = (_leave), .data_size_B = sizeof(_data), \
	.maxactive = 64, .self_test = (_test)

/*
 * In the order of arming. What ends an allocation comes before what begins it, so
 * that a record that is opened is closed, but for those who are inside when the
 * hooks are taken off.
 */
static struct mms_hook hooks[] = {
	{ TRACEPOINT_HOOK("mm_page_alloc", on_alloc), .groups = ALLOC },
	{ TRACEPOINT_HOOK("mm_page_alloc_zone_locked", on_block), .groups = ALLOC },
	{ TRACEPOINT_HOOK("mm_page_alloc_extfrag", on_fallback), .groups = ALLOC },
	{ TRACEPOINT_HOOK("mm_vmscan_wakeup_kswapd", on_kswapd), .groups = ALLOC },
	{ FUNCTION_HOOK("try_to_free_pages", on_reclaim, NULL), .groups = ALLOC },
	{ FUNCTION_HOOK("try_to_compact_pages", on_compact, NULL), .groups = ALLOC },
	{ FUNCTION_HOOK("get_page_from_freelist", on_attempt, test_alloc),
	  .groups = ALLOC },
	/* Not every kernel has a bulk allocator. */
	{ RETURN_HOOK("alloc_pages_bulk_noprof", on_bulk_enter, on_bulk_leave,
		      unsigned long, test_bulk),
	  .other_name = "__alloc_pages_bulk", .groups = ALLOC, .optional = true },
	{ RETURN_HOOK("__free_one_page", on_merge_enter, on_merge_leave,
		      struct merge_data, test_alloc), .groups = FREE },
	{ RETURN_HOOK("free_pcppages_bulk", on_drain_enter, on_drain_leave,
		      struct drain_data, NULL), .groups = FREE },
	{ FUNCTION_HOOK("free_frozen_page_commit", on_commit, test_alloc),
	  .other_name = "free_unref_page_commit", .groups = FREE },
};

static MMS_GROUPS(path_groups, hooks, groups, &recorder);

/**
 * buddyviz_path_get() - want all hooks armed
 *
 * Context: Process context, may sleep.
 * Return: 0, or why it cannot be. buddyviz_path_put() after 0 only.
 */
int buddyviz_path_get(void)
{
	return mms_groups_get(&path_groups, BOTH);
}

/**
 * buddyviz_path_put() - want them no more
 *
 * Context: Process context, may sleep.
 */
void buddyviz_path_put(void)
{
	mms_groups_put(&path_groups, BOTH);
}

/**
 * buddyviz_listen() - an event of ours was enabled
 * @group: what it needs
 *
 * Context: Process context, from tracepoint_probe_register().
 * Return: 0, why the hooks are off, or -ENODEV: the module is going.
 */
int buddyviz_listen(enum buddyviz_hooks group)
{
	return mms_group_listen(&path_groups, group);
}

/**
 * buddyviz_ignore() - it was disabled again
 * @group: what it needed
 *
 * Context: Process context, from tracepoint_probe_unregister().
 */
void buddyviz_ignore(enum buddyviz_hooks group)
{
	mms_group_ignore(&path_groups, group);
}

/* ---- Watching one task ---- */

/**
 * buddyviz_watch_begin() - have the hooks tell what this task does
 * @watch: where; buddyviz_watch_end() before it goes
 *
 * Context: Process context, between buddyviz_path_get() and _put().
 * Return: False if there is no room, and nothing will be told.
 */
bool buddyviz_watch_begin(struct buddyviz_watch *watch)
{
	struct context *ctx = mms_record_open(&recorder);

	if (ctx)
		ctx->watch = watch;
	return ctx;
}

/**
 * buddyviz_watch_end() - stop it; by the same task
 */
void buddyviz_watch_end(void)
{
	struct context *ctx = mms_record_find(&recorder);

	if (!ctx)
		return;
	ctx->watch = NULL;
	leave_context(ctx);
}

/* ---- What is known of it all ---- */

/*
 * One known allocation, and its free, must come out as what they were: so the
 * arguments are where we look for them and ALLOC_* mean what we think.
 */
static bool known_request(struct buddyviz_watch *watch)
{
	struct page *page;

	memset(watch, 0, sizeof(*watch));
	page = alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, 1);
	if (!page)
		return false;
	watch->free.pfn = page_to_pfn(page);
	watch->free.order = 1;
	__free_pages(page, 1);
	return watch->done && watch->alloc.page == page &&
	       watch->alloc.order == 1 && watch->alloc.attempts == 1 &&
	       (watch->alloc.alloc_flags & WMARK_BITS) == WMARK_LOW &&
	       watch->alloc.alloc_flags & ALLOC_KSWAPD &&
	       !(watch->alloc.alloc_flags & ALLOC_NO_WATERMARKS) &&
	       watch->free.path != BUDDYVIZ_PATH_UNKNOWN;
}

/* Once it may have gone another way: memory is short, or a CPU's list is held. */
static bool knows_requests(void)
{
	struct buddyviz_watch watch;
	bool known = false;
	int tries;

	if (!buddyviz_watch_begin(&watch))
		return false;
	for (tries = 0; tries < 3 && !known; tries++)
		known = known_request(&watch);
	buddyviz_watch_end();
	return known;
}

static void try_known_request(void)
{
	if (buddyviz_path_get())
		return;
	if (!knows_requests())
		mms_groups_lack(&path_groups, BOTH, "known_request", -ENODATA);
	buddyviz_path_put();
}

/**
 * buddyviz_path_init() - find the hooks and try them
 *
 * What is missing turns features off, and nothing else.
 *
 * Context: Process context, from module init.
 * Return: 0 or -ENOMEM.
 */
int buddyviz_path_init(void)
{
	int err = mms_groups_register(&path_groups);

	if (err)
		return err;
	try_known_request();
	mms_groups_start(&path_groups);
	return 0;
}

/**
 * buddyviz_path_exit() - forget them
 *
 * Context: Process context, from module exit, or from an init that failed.
 */
void buddyviz_path_exit(void)
{
	mms_groups_exit(&path_groups);
}

/**
 * buddyviz_path_features() - rows for status
 * @m: where to print
 */
void buddyviz_path_features(struct seq_file *m)
{
	char detail[64];

	scnprintf(detail, sizeof(detail), "unknown=%ld,no_room=%ld",
		  atomic_long_read(&unknown), atomic_long_read(&recorder.full));
	mms_groups_features(m, &path_groups, detail);
}

/**
 * buddyviz_path_name() - the word for a path
 * @path: enum buddyviz_path
 *
 * Return: A constant string.
 */
const char *buddyviz_path_name(unsigned int path)
{
	return path_names[path];
}

/**
 * buddyviz_steps_show() - print steps, with commas between them
 * @m: where to print
 * @steps: enum buddyviz_step, or-ed
 */
void buddyviz_steps_show(struct seq_file *m, unsigned int steps)
{
	const char *comma = "";
	unsigned int i;

	if (!steps)
		seq_putc(m, '-');
	for (i = 0; i < BUDDYVIZ_STEPS; i++) {
		if (!(steps & BIT(i)))
			continue;
		seq_printf(m, "%s%s", comma, step_names[i]);
		comma = ",";
	}
}
