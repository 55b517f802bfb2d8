// SPDX-License-Identifier: GPL-2.0
/*
 * Which level of the slab allocator served each request, told by hooks in it.
 *
 * An allocation ends with the tracepoint kmalloc or kmem_cache_alloc. The fast path
 * passes nothing before. The slow paths are functions; what happens inside one is
 * kept in a frame of the context's record (core/record.c), and when it returns, the
 * object and its level wait there until the tracepoint comes with that object. So
 * an allocation inside another one (a sheaf, accounting) disturbs nothing.
 *
 * A slow path is not believed for having been passed: the object must lie in the
 * slab that was made, be what the node's list gave, or lie in the slab that the CPU
 * had when the path began; else the level is unknown.
 *
 * A free is the frame of kfree() or kmem_cache_free(), and ends with their return.
 * In between the slow path says if it went onto a CPU's list or gave up the slab;
 * else the slab's word before and after tells.
 *
 * A bulk request passes no tracepoint. Its objects are told one by one when it
 * returns, those of a bulk free when it begins, all as of the level bulk.
 *
 * Callbacks run in any context and allocate nothing, take no lock and read no
 * per-CPU state but that of the allocator, by loads that cannot fault.
 *
 * Deliberately ignored: kmalloc_nolock() and kfree_nolock() of BPF, and what
 * kfree_rcu() puts into a sheaf, which pass neither tracepoint nor function. A
 * request that is in the middle of a slow path while the hooks are being armed looks
 * like one of the fast path.
 */
#include <linux/kfence.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <trace/events/kmem.h>

#include <mmscope/group.h>
#include <mmscope/page.h>

#include "level.h"
#include "slubprobe.h"
#include "trace.h"

#define FRAMES		8	/* requests inside each other */
#define WAITING		2	/* slow allocations whose tracepoint is to come */
#define MISSES_MAX	4	/* tracepoints of others until one is given up */

enum frame_kind {
	FRAME_SLOW,	/* ___slab_alloc() */
	FRAME_SHEAF,	/* the CPU's sheaf was empty */
	FRAME_FREE,	/* kfree() or kmem_cache_free() */
};

/**
 * struct frame - what a context is inside of
 * @id: an address on the stack that lives as long as the request
 * @kind: what it is
 * @cache: the cache
 * @object: FREE: what is freed
 * @page: FREE: its slab; SLOW: the slab that the CPU had
 * @partial: SLOW: the first of the CPU's partial slabs
 * @given: SLOW: what the node's list gave, an object or a slab
 * @new_page: the slab that was made last
 * @sheaf: SHEAF: that the barn gave
 * @filled: SHEAF: objects that were fetched for a sheaf
 * @nr_filled: number of them
 * @has_objects: SLOW: the CPU's list was not empty; SHEAF: the spare sheaf was not
 * @node: FREE: of the slab
 * @level: FREE: as far as is known
 */
struct frame {
	unsigned long id;
	enum frame_kind kind;
	const void *cache;
	const void *object;
	struct page *page;
	const void *partial;
	const void *given;
	const struct page *new_page;
	const void *sheaf;
	const void *filled;
	unsigned int nr_filled;
	bool has_objects;
	s16 node;
	u8 level;
};

/**
 * struct waiting - a slow allocation whose tracepoint is to come
 * @object: what it got; NULL: not in use
 * @level: of it
 * @misses: tracepoints of other objects since
 */
struct waiting {
	const void *object;
	u8 level;
	u8 misses;
};

/**
 * struct context - the record of one task or interrupt
 * @watch: who wants to know, or NULL
 * @prefilled: cache of kmem_cache_alloc_from_sheaf(), or NULL
 * @waiting: slow allocations
 * @depth: frames in use, the last one is the innermost
 * @frames: what it is inside of
 */
struct context {
	struct slub_watch *watch;
	const void *prefilled;
	struct waiting waiting[WAITING];
	unsigned int depth;
	struct frame frames[FRAMES];
};

static struct mms_recorder recorder = {
	.size_B = sizeof(struct context),
};

static struct mms_group groups[] = {
	[SLUB_HOOKS_ALLOC] = { .feature = "alloc_level" },
	[SLUB_HOOKS_FREE] = { .feature = "free_level" },
	[SLUB_HOOKS_SLAB] = { .feature = "slab_events" },
};

static_assert(ARRAY_SIZE(groups) == SLUB_HOOKS_COUNT);

/* Where to count, or NULL; read without a lock, see slub_count_into(). */
static struct slub_counts *counting;

static const char *const level_names[] = {
	[SLUBPROBE_LEVEL_UNKNOWN] = "unknown",
	[SLUBPROBE_LEVEL_FAILED] = "failed",
	[SLUBPROBE_LEVEL_CPU] = "cpu",
	[SLUBPROBE_LEVEL_CPU_SLAB] = "cpu_slab",
	[SLUBPROBE_LEVEL_FROZEN] = "frozen",
	[SLUBPROBE_LEVEL_CPU_PARTIAL] = "cpu_partial",
	[SLUBPROBE_LEVEL_SHEAF_MAIN] = "sheaf_main",
	[SLUBPROBE_LEVEL_SHEAF_SPARE] = "sheaf_spare",
	[SLUBPROBE_LEVEL_SHEAF_PREFILLED] = "sheaf_prefilled",
	[SLUBPROBE_LEVEL_SHEAF_EMPTY] = "sheaf_empty",
	[SLUBPROBE_LEVEL_SHEAF_FLUSHED] = "sheaf_flushed",
	[SLUBPROBE_LEVEL_BARN] = "barn",
	[SLUBPROBE_LEVEL_NODE] = "node",
	[SLUBPROBE_LEVEL_NEW_SLAB] = "new_slab",
	[SLUBPROBE_LEVEL_SLAB_FREED] = "slab_freed",
	[SLUBPROBE_LEVEL_KFENCE] = "kfence",
	[SLUBPROBE_LEVEL_LARGE] = "large",
	[SLUBPROBE_LEVEL_BULK] = "bulk",
};

static_assert(ARRAY_SIZE(level_names) == SLUBPROBE_LEVEL_COUNT);

/**
 * slub_level_name() - the word for a level
 * @level: enum slubprobe_level
 */
const char *slub_level_name(unsigned int level)
{
	return level_names[level];
}

/**
 * slub_page_of() - first page of what an object lies in
 * @object: an address
 *
 * Context: Any.
 * Return: NULL if it is no address of the direct map.
 */
struct page *slub_page_of(const void *object)
{
	return virt_addr_valid(object) ?
	       compound_head(virt_to_page(object)) : NULL;
}

/**
 * slub_cache_label() - the name of a cache, for an event
 * @cache: its struct kmem_cache, or NULL
 * @label: SLUB_LABEL_LEN bytes, zero behind the name; a longer name is cut
 *
 * Context: Any. After a free the cache may be gone, then the name is anything.
 */
void slub_cache_label(const void *cache, char *label)
{
	const char *name = cache ? slub_pointer(cache, CACHE_NAME) : NULL;
	unsigned int len = SLUB_LABEL_LEN - 1;

	/* All at once, unless the name ends where what is mapped does. */
	if (!name || copy_from_kernel_nofault(label, name, len))
		for (len = 0; name && len < SLUB_LABEL_LEN - 1; len++)
			if (copy_from_kernel_nofault(&label[len], &name[len], 1))
				break;
	len = strnlen(label, len);
	if (!len)
		label[len++] = '-';
	memset(label + len, 0, SLUB_LABEL_LEN - len);
}

/* ---- Contexts and frames ---- */

static bool is_counting(void)
{
	return READ_ONCE(counting);
}

/* An event needs a record of whoever comes; a watcher has opened his own. */
static struct context *enter_context(enum slub_hooks group)
{
	if (mms_group_tracing(&groups[group]) || is_counting())
		return mms_record_open(&recorder);
	return mms_record_find(&recorder);
}

static void leave_context(struct context *ctx)
{
	unsigned int i;

	if (ctx->depth || ctx->watch || ctx->prefilled)
		return;
	for (i = 0; i < WAITING; i++)
		if (ctx->waiting[i].object)
			return;
	mms_record_close(&recorder, ctx);
}

static struct frame *push_frame(struct context *ctx, unsigned long id,
				enum frame_kind kind, const void *cache)
{
	struct frame *frame;

	if (ctx->depth == FRAMES)
		return NULL;
	frame = &ctx->frames[ctx->depth++];
	memset(frame, 0, sizeof(*frame));
	frame->id = id;
	frame->kind = kind;
	frame->cache = cache;
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

/* What a function is at its entry: a frame of its own on top of the others. */
static struct frame *begin_frame(struct pt_regs *regs, enum slub_hooks group,
				 enum frame_kind kind, const void *cache,
				 unsigned long *id)
{
	struct context *ctx = enter_context(group);
	struct frame *frame;

	*id = 0;
	if (!ctx)
		return NULL;
	drop_stale(ctx, kernel_stack_pointer(regs));
	frame = push_frame(ctx, kernel_stack_pointer(regs), kind, cache);
	if (frame)
		*id = frame->id;
	return frame;
}

/* The frame that began with @id; whoever ends it takes it off. */
static struct frame *ending_frame(struct context *ctx, unsigned long id)
{
	struct frame *frame;

	if (!ctx || !id)
		return NULL;
	drop_stale(ctx, id);
	frame = ctx->depth ? &ctx->frames[ctx->depth - 1] : NULL;
	return frame && frame->id == id ? frame : NULL;
}

static struct frame *top_frame(void)
{
	struct context *ctx = mms_record_find(&recorder);

	return ctx && ctx->depth ? &ctx->frames[ctx->depth - 1] : NULL;
}

/* The uppermost frame, if it is an allocation from this cache. */
static struct frame *allocating_frame(const void *cache)
{
	struct frame *frame = top_frame();

	return frame && frame->kind != FRAME_FREE && frame->cache == cache ?
	       frame : NULL;
}

/* ---- Allocations ---- */

static void wait_for_event(struct context *ctx, const void *object, u8 level)
{
	struct waiting *to = &ctx->waiting[0];
	unsigned int i;

	for (i = 0; i < WAITING; i++)
		if (ctx->waiting[i].object == object)
			to = &ctx->waiting[i];
		else if (to->object && to->object != object &&
			 !ctx->waiting[i].object)
			to = &ctx->waiting[i];
	to->object = object;
	to->level = level;
	to->misses = 0;
}

/* Did a slow path say something of this object? */
static bool find_waiting(struct context *ctx, const void *object, u8 *level)
{
	bool found = false;
	unsigned int i;

	for (i = 0; i < WAITING; i++) {
		struct waiting *waiting = &ctx->waiting[i];

		if (!waiting->object)
			continue;
		if (waiting->object == object) {
			*level = waiting->level;
			found = true;
		}
		if (waiting->object == object ||
		    ++waiting->misses == MISSES_MAX)
			waiting->object = NULL;
	}
	return found;
}

static u8 decide_alloc(struct context *ctx, struct slub_alloc *alloc)
{
	bool is_prefilled = ctx && ctx->prefilled &&
			    (!alloc->object || ctx->prefilled == alloc->cache);
	u8 level;

	if (is_prefilled)
		ctx->prefilled = NULL;
	if (!alloc->object)
		return SLUBPROBE_LEVEL_FAILED;
	if (is_kfence_address(alloc->object))
		return SLUBPROBE_LEVEL_KFENCE;
	if (!alloc->cache)
		return SLUBPROBE_LEVEL_LARGE;
	if (is_prefilled)
		return SLUBPROBE_LEVEL_SHEAF_PREFILLED;
	if (ctx && find_waiting(ctx, alloc->object, &level))
		return level;
	/* There was no room for a record: a slow path may have gone unseen. */
	if (!ctx && atomic_long_read(&recorder.full))
		return SLUBPROBE_LEVEL_UNKNOWN;
	return slub_has_sheaves() ? SLUBPROBE_LEVEL_SHEAF_MAIN :
				    SLUBPROBE_LEVEL_CPU;
}

static void find_slab(struct slub_alloc *alloc)
{
	alloc->page = alloc->object ? slub_page_of(alloc->object) : NULL;
	alloc->cache = alloc->page && PageSlab(alloc->page) ?
		       slub_pointer(alloc->page, SLAB_CACHE) : NULL;
}

static void tell_alloc(const struct slub_alloc *alloc)
{
	struct slub_counts *counts = READ_ONCE(counting);

	if (mms_group_tracing(&groups[SLUB_HOOKS_ALLOC]))
		trace_alloc(alloc);
	if (counts)
		slub_counts_add(counts, alloc->cache, false, alloc->level);
}

/* An allocation is over; kmalloc(0) is none. */
static void end_alloc(const void *object, unsigned long call_site, gfp_t gfp)
{
	struct context *ctx = mms_record_find(&recorder);
	struct slub_alloc alloc = {
		.object = object,
		.call_site = call_site,
		.gfp = gfp,
	};

	if (object == ZERO_SIZE_PTR)
		return;
	find_slab(&alloc);
	alloc.level = decide_alloc(ctx, &alloc);
	tell_alloc(&alloc);
	if (!ctx)
		return;
	if (ctx->watch)
		ctx->watch->alloc = alloc;
	leave_context(ctx);
}

static void on_kmalloc(void *data, unsigned long call_site, const void *object,
		       size_t size_B, size_t got_B, gfp_t gfp KMALLOC_NODE)
{
	mms_hook_hit(data);
	end_alloc(object, call_site, gfp);
}

static void on_cache_alloc(void *data, unsigned long call_site,
			   const void *object, KMEM_CACHE_ALLOC_ARGS)
{
	mms_hook_hit(data);
	end_alloc(object, call_site, gfp);
}

/* Before 6.1, requests for a node have events of their own. */
static void on_node_alloc(void *data, unsigned long call_site,
			  const void *object, size_t size_B, size_t got_B,
			  gfp_t gfp, int node)
{
	mms_hook_hit(data);
	end_alloc(object, call_site, gfp);
}

/* ___slab_alloc(cache, gfp, node, call_site, cpu_slab): preemption is off. */
static void on_slow_enter(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	const void *cache = (void *)regs_get_kernel_argument(regs, 0);
	const void *cpu_slab = (void *)regs_get_kernel_argument(regs, 4);
	struct frame *frame;

	mms_hook_hit(hook);
	frame = begin_frame(regs, SLUB_HOOKS_ALLOC, FRAME_SLOW, cache, data);
	if (!frame || slub_has_sheaves())
		return;
	frame->page = slub_pointer(cpu_slab, CPU_SLAB);
	frame->has_objects = slub_pointer(cpu_slab, CPU_FREELIST);
	frame->partial = slub_pointer(cpu_slab, CPU_PARTIAL);
}

static u8 decide_slow(const struct frame *frame, const void *object,
		      const struct page *page)
{
	if (page == frame->new_page)
		return SLUBPROBE_LEVEL_NEW_SLAB;
	/* Where sheaves are, this path has but these two. */
	if (slub_has_sheaves() || frame->given == object ||
	    frame->given == page)
		return SLUBPROBE_LEVEL_NODE;
	if (page == frame->page)
		return frame->has_objects ? SLUBPROBE_LEVEL_CPU :
					    SLUBPROBE_LEVEL_CPU_SLAB;
	if (page == frame->partial)
		return SLUBPROBE_LEVEL_CPU_PARTIAL;
	return SLUBPROBE_LEVEL_UNKNOWN;
}

static void on_slow_leave(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	const void *object = (void *)regs_return_value(regs);
	struct context *ctx = mms_record_find(&recorder);
	struct frame *frame = ending_frame(ctx, *(unsigned long *)data);
	struct page *page;

	if (!frame)
		return;
	ctx->depth--;
	page = object ? slub_page_of(object) : NULL;
	if (page)
		wait_for_event(ctx, object, decide_slow(frame, object, page));
	leave_context(ctx);
}

/* get_partial_node(): an object; from 6.8 on a slab. */
static void on_given(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	struct frame *frame = top_frame();
	void *given = (void *)regs_return_value(regs);

	mms_hook_hit(hook);
	if (frame && frame->kind == FRAME_SLOW && given)
		frame->given = given;
}

/* Requests that end without a tracepoint: for what they got none will come. */
static void on_untold_leave(struct mms_hook *hook, struct pt_regs *regs,
			    void *data)
{
	struct context *ctx = mms_record_find(&recorder);

	mms_hook_hit(hook);
	if (!ctx)
		return;
	memset(ctx->waiting, 0, sizeof(ctx->waiting));
	leave_context(ctx);
}

/* ---- Bulk requests ---- */

struct bulk_data {
	void **objects;
	unsigned long call_site;
	unsigned int wanted;
	gfp_t gfp;
};

static bool is_told(enum slub_hooks group)
{
	return mms_group_tracing(&groups[group]) || is_counting();
}

/* kmem_cache_alloc_bulk(cache, gfp, wanted, objects) */
static void on_bulk_enter(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	struct bulk_data *bulk = data;

	bulk->gfp = (__force gfp_t)regs_get_kernel_argument(regs, 1);
	bulk->wanted = regs_get_kernel_argument(regs, 2);
	bulk->objects = (void **)regs_get_kernel_argument(regs, 3);
	bulk->call_site = mms_hook_caller(regs);
}

static void tell_bulk(const struct bulk_data *bulk, unsigned int nr)
{
	struct slub_alloc alloc = {
		.call_site = bulk->call_site,
		.gfp = bulk->gfp,
		.level = SLUBPROBE_LEVEL_FAILED,
	};
	unsigned int i;

	if (!nr)
		tell_alloc(&alloc);
	for (i = 0; i < nr; i++) {
		if (copy_from_kernel_nofault(&alloc.object, &bulk->objects[i],
					     sizeof(alloc.object)))
			return;
		find_slab(&alloc);
		alloc.level = is_kfence_address(alloc.object) ?
			      SLUBPROBE_LEVEL_KFENCE : SLUBPROBE_LEVEL_BULK;
		tell_alloc(&alloc);
	}
}

static void on_bulk_leave(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	const struct bulk_data *bulk = data;

	if (is_told(SLUB_HOOKS_ALLOC) && bulk->wanted)
		tell_bulk(bulk, mms_bulk_came(regs_return_value(regs),
					      bulk->wanted));
	on_untold_leave(hook, regs, data);
}

/* ---- Sheaves: the main one of the CPU is empty ---- */

static u64 sheaf_size(const void *sheaf)
{
	u64 size = 0;

	if (sheaf)
		slub_number(sheaf, SHEAF_SIZE, &size);
	return size;
}

/* __pcs_replace_empty_main(cache, sheaves, ...), under the sheaves' lock */
static void on_empty_enter(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	const void *cache = (void *)regs_get_kernel_argument(regs, 0);
	const void *sheaves = (void *)regs_get_kernel_argument(regs, 1);
	struct frame *frame;

	mms_hook_hit(hook);
	frame = begin_frame(regs, SLUB_HOOKS_ALLOC, FRAME_SHEAF, cache, data);
	if (frame)
		frame->has_objects = sheaf_size(slub_pointer(sheaves,
							     SHEAVES_SPARE));
}

static u8 decide_sheaf(const struct frame *frame, const void *sheaf,
		       const void *slot, const struct page *page)
{
	if (frame->has_objects)
		return SLUBPROBE_LEVEL_SHEAF_SPARE;
	if (sheaf == frame->sheaf)
		return SLUBPROBE_LEVEL_BARN;
	if (slot >= frame->filled &&
	    slot < frame->filled + frame->nr_filled * sizeof(void *))
		return page == frame->new_page ? SLUBPROBE_LEVEL_NEW_SLAB :
						 SLUBPROBE_LEVEL_NODE;
	return SLUBPROBE_LEVEL_UNKNOWN;
}

/* The lock is held again: the last object of the sheaf is the one that comes. */
static void on_empty_leave(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	const void *sheaves = (void *)regs_return_value(regs);
	struct context *ctx = mms_record_find(&recorder);
	struct frame *frame = ending_frame(ctx, *(unsigned long *)data);
	const void *sheaf, *object;
	struct page *page;
	void **slot;
	u64 size;

	if (!frame)
		return;
	ctx->depth--;
	sheaf = sheaves ? slub_pointer(sheaves, SHEAVES_MAIN) : NULL;
	size = sheaf_size(sheaf);
	slot = size ? (void **)slub_at(sheaf, SHEAF_OBJECTS) + size - 1 : NULL;
	if (slot && !copy_from_kernel_nofault(&object, slot, sizeof(object))) {
		page = slub_page_of(object);
		if (page)
			wait_for_event(ctx, object,
				       decide_sheaf(frame, sheaf, slot, page));
	}
	leave_context(ctx);
}

static void on_barn(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	struct frame *frame = top_frame();

	mms_hook_hit(hook);
	if (frame && frame->kind == FRAME_SHEAF)
		frame->sheaf = (void *)regs_return_value(regs);
}

/* refill_objects(cache, objects, ...): how many came */
static void on_refill_enter(struct mms_hook *hook, struct pt_regs *regs,
			    void *data)
{
	mms_hook_hit(hook);
	*(unsigned long *)data = regs_get_kernel_argument(regs, 1);
}

static void on_refill_leave(struct mms_hook *hook, struct pt_regs *regs,
			    void *data)
{
	struct frame *frame = top_frame();

	if (!frame || frame->kind != FRAME_SHEAF)
		return;
	frame->filled = (void *)*(unsigned long *)data;
	frame->nr_filled = regs_return_value(regs);
}

/* kmem_cache_alloc_from_sheaf(cache, ...) */
static void on_prefilled(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	struct context *ctx = enter_context(SLUB_HOOKS_ALLOC);

	mms_hook_hit(hook);
	if (ctx)
		ctx->prefilled = (void *)regs_get_kernel_argument(regs, 0);
}

/* ---- Slabs ---- */

/* Objects of a new slab, from the first on; nobody else knows it yet. */
static void add_to_order(struct slub_new_slab *slab,
			 const struct slub_cache *cache,
			 const struct slub_slab *seen, const void *object)
{
	int index = slub_index(cache, seen, object);

	if (index >= 0 && slab->nr < SLUB_ORDER_MAX)
		slab->index[slab->nr++] = index;
}

static void list_order(struct slub_new_slab *slab,
		       const struct slub_cache *cache,
		       const struct slub_slab *seen)
{
	void *object = seen->freelist;
	unsigned int steps = 0;

	while (object && slab->nr < SLUB_ORDER_MAX &&
	       steps++ < seen->objects && slub_index(cache, seen, object) >= 0) {
		add_to_order(slab, cache, seen, object);
		if (!slub_next(cache, object, &object))
			break;
	}
}

/* Also before the list is made, as with sheaves: on_from_new_leave() follows. */
static void note_new_slab(struct slub_watch *watch, const void *cache_addr,
			  struct page *page)
{
	struct slub_new_slab *slab = &watch->slab;
	struct slub_cache cache;
	struct slub_slab seen;

	watch->slabs++;
	slab->page = NULL;
	if (!slub_cache_read(cache_addr, &cache) || !slub_slab_read(page, &seen))
		return;
	slab->page = page;
	slab->base = slub_object(&cache, &seen, 0);
	slab->order = compound_order(page);
	slab->objects = seen.objects;
	slab->nr = 0;
	if (!slub_has_sheaves())
		list_order(slab, &cache, &seen);
}

struct new_slab_data {
	const void *cache;
	void *slab;
	void **objects;
};

/* allocate_slab(cache, ...), or new_slab(cache, ...), which it may be part of */
static void on_new_enter(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	struct new_slab_data *new = data;

	mms_hook_hit(hook);
	new->cache = (void *)regs_get_kernel_argument(regs, 0);
}

static void on_new_leave(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	struct page *page = (void *)regs_return_value(regs);
	const struct new_slab_data *new = data;
	struct context *ctx = mms_record_find(&recorder);
	struct frame *frame = allocating_frame(new->cache);

	if (!page || !mms_is_page(page))
		return;
	if (mms_group_tracing(&groups[SLUB_HOOKS_SLAB]))
		trace_slab_new(new->cache, page, compound_order(page));
	if (!frame)
		return;
	frame->new_page = page;
	if (ctx->watch)
		note_new_slab(ctx->watch, new->cache, page);
}

/* alloc_from_new_slab(cache, slab, objects, ...): how many were taken */
static void on_from_new_enter(struct mms_hook *hook, struct pt_regs *regs,
			      void *data)
{
	struct new_slab_data *new = data;

	mms_hook_hit(hook);
	new->cache = (void *)regs_get_kernel_argument(regs, 0);
	new->slab = (void *)regs_get_kernel_argument(regs, 1);
	new->objects = (void *)regs_get_kernel_argument(regs, 2);
}

/* Taken ones first, then what is left on the slab's list. */
static void on_from_new_leave(struct mms_hook *hook, struct pt_regs *regs,
			      void *data)
{
	unsigned int i, nr = regs_return_value(regs);
	const struct new_slab_data *new = data;
	struct context *ctx = mms_record_find(&recorder);
	struct slub_cache cache;
	struct slub_slab seen;
	void *object;

	if (!ctx || !ctx->watch || ctx->watch->slab.page != new->slab ||
	    ctx->watch->slab.nr || !slub_cache_read(new->cache, &cache) ||
	    !slub_slab_read(new->slab, &seen))
		return;
	for (i = 0; i < nr && i < SLUB_ORDER_MAX; i++)
		if (!copy_from_kernel_nofault(&object, &new->objects[i],
					      sizeof(object)))
			add_to_order(&ctx->watch->slab, &cache, &seen, object);
	list_order(&ctx->watch->slab, &cache, &seen);
}

/* ---- Frees ---- */

static void tell_free(const struct slub_free *free)
{
	struct slub_counts *counts = READ_ONCE(counting);

	if (mms_group_tracing(&groups[SLUB_HOOKS_FREE]))
		trace_free(free);
	if (counts)
		slub_counts_add(counts, free->cache, true, free->level);
}

static void tell_bulk_free(const void *object)
{
	struct slub_free free = { .object = object };

	free.page = ZERO_OR_NULL_PTR(object) ? NULL : slub_page_of(object);
	if (!free.page)
		return;
	free.node = page_to_nid(free.page);
	if (PageSlab(free.page))
		free.cache = slub_pointer(free.page, SLAB_CACHE);
	free.level = is_kfence_address(object) ? SLUBPROBE_LEVEL_KFENCE :
		     !free.cache ? SLUBPROBE_LEVEL_LARGE :
		     SLUBPROBE_LEVEL_BULK;
	tell_free(&free);
}

/* kmem_cache_free_bulk(cache, nr, objects), which may overwrite the objects' addresses */
static void on_bulk_free(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	unsigned long nr = regs_get_kernel_argument(regs, 1), i;
	void **objects = (void **)regs_get_kernel_argument(regs, 2);
	const void *object;

	mms_hook_hit(hook);
	if (!is_told(SLUB_HOOKS_FREE))
		return;
	for (i = 0; i < nr; i++) {
		if (copy_from_kernel_nofault(&object, &objects[i],
					     sizeof(object)))
			return;
		tell_bulk_free(object);
	}
}

static void begin_free(struct pt_regs *regs, const void *object, void *data)
{
	struct page *page = NULL;
	struct frame *frame;

	*(unsigned long *)data = 0;
	if (!ZERO_OR_NULL_PTR(object))
		page = slub_page_of(object);
	if (!page)
		return;
	frame = begin_frame(regs, SLUB_HOOKS_FREE, FRAME_FREE, NULL, data);
	if (!frame)
		return;
	frame->object = object;
	frame->page = page;
	frame->node = page_to_nid(page);
	if (PageSlab(page))
		frame->cache = slub_pointer(page, SLAB_CACHE);
	if (is_kfence_address(object))
		frame->level = SLUBPROBE_LEVEL_KFENCE;
	else if (!frame->cache)
		frame->level = SLUBPROBE_LEVEL_LARGE;
	else if (IS_ENABLED(CONFIG_KASAN_GENERIC))
		/* Most likely quarantined; __slab_free() tells if it is not. */
		frame->level = SLUBPROBE_LEVEL_UNKNOWN;
	else
		frame->level = slub_has_sheaves() ? SLUBPROBE_LEVEL_SHEAF_MAIN :
						    SLUBPROBE_LEVEL_CPU;
}

static void on_kfree(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	mms_hook_hit(hook);
	begin_free(regs, (void *)regs_get_kernel_argument(regs, 0), data);
}

static void on_cache_free(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	mms_hook_hit(hook);
	begin_free(regs, (void *)regs_get_kernel_argument(regs, 1), data);
}

static void on_free_leave(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	struct context *ctx = mms_record_find(&recorder);
	struct frame *frame = ending_frame(ctx, *(unsigned long *)data);
	struct slub_free free;

	if (!frame)
		return;
	ctx->depth--;
	free = (struct slub_free){
		.object = frame->object,
		.cache = frame->cache,
		.page = frame->page,
		.node = frame->node,
		.level = frame->level,
	};
	tell_free(&free);
	if (ctx->watch && ctx->watch->wanted == free.object)
		ctx->watch->free = free;
	leave_context(ctx);
}

/* The uppermost frame, if it frees into this slab, or this object. */
static struct frame *freeing_frame(const void *page, const void *object)
{
	struct frame *frame = top_frame();

	return frame && frame->kind == FRAME_FREE &&
	       (!page || frame->page == page) &&
	       (!object || frame->object == object) ? frame : NULL;
}

struct slow_free_data {
	struct page *page;
	const void *object;
	bool is_frozen;
	bool is_full;
	bool is_linked;
};

/* __slab_free(cache, slab, head, ...) */
static void on_slow_free_enter(struct mms_hook *hook, struct pt_regs *regs,
			       void *data)
{
	struct slow_free_data *slow = data;
	struct slub_slab slab;
	struct frame *frame;

	mms_hook_hit(hook);
	slow->page = (void *)regs_get_kernel_argument(regs, 1);
	slow->object = (void *)regs_get_kernel_argument(regs, 2);
	frame = freeing_frame(slow->page, slow->object);
	if (!frame || frame->level == SLUBPROBE_LEVEL_KFENCE ||
	    !slub_slab_read(slow->page, &slab)) {
		slow->object = NULL;
		return;
	}
	frame->level = SLUBPROBE_LEVEL_UNKNOWN;
	slow->is_frozen = slab.frozen;
	slow->is_full = !slab.freelist;
	slow->is_linked = slub_is_linked(slow->page);
}

/*
 * A slab that a CPU has is frozen; one that is not and had free objects is on a
 * list of partial slabs: of the node, or, from 6.8 on, of a CPU. One that was full
 * goes onto one. It must have been one or the other before and after.
 */
static u8 decide_free(const struct slow_free_data *slow,
		      const struct slub_slab *slab)
{
	bool is_linked = slub_is_linked(slow->page);

	if (slow->is_frozen)
		return slab->frozen && !slub_has_sheaves() ?
		       SLUBPROBE_LEVEL_FROZEN : SLUBPROBE_LEVEL_UNKNOWN;
	if (slab->frozen)
		return SLUBPROBE_LEVEL_UNKNOWN;
	if (is_linked && (slow->is_linked || slow->is_full))
		return SLUBPROBE_LEVEL_NODE;
	if (!is_linked && !slow->is_linked && !slow->is_full &&
	    !slub_has_sheaves())
		return SLUBPROBE_LEVEL_CPU_PARTIAL;
	return SLUBPROBE_LEVEL_UNKNOWN;
}

static void on_slow_free_leave(struct mms_hook *hook, struct pt_regs *regs,
			       void *data)
{
	const struct slow_free_data *slow = data;
	struct slub_slab slab;
	struct frame *frame;

	if (!slow->object)
		return;
	frame = freeing_frame(slow->page, slow->object);
	if (frame && frame->level == SLUBPROBE_LEVEL_UNKNOWN &&
	    slub_slab_read(slow->page, &slab) && slab.cache == frame->cache)
		frame->level = decide_free(slow, &slab);
}

/* put_cpu_partial(cache, slab, ...) */
static void on_put_partial(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	struct frame *frame;

	mms_hook_hit(hook);
	frame = freeing_frame((void *)regs_get_kernel_argument(regs, 1), NULL);
	if (frame)
		frame->level = SLUBPROBE_LEVEL_CPU_PARTIAL;
}

static void mark_given_up(const void *page)
{
	struct frame *frame = freeing_frame(page, NULL);

	if (frame)
		frame->level = SLUBPROBE_LEVEL_SLAB_FREED;
}

/*
 * discard_slab(cache, slab) or free_slab(cache, slab): of a cache with
 * SLAB_TYPESAFE_BY_RCU, the pages go later.
 */
static void on_discard(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	mms_hook_hit(hook);
	mark_given_up((void *)regs_get_kernel_argument(regs, 1));
}

/* __free_slab(cache, slab) */
static void on_slab_free(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	const void *cache = (void *)regs_get_kernel_argument(regs, 0);
	struct page *page = (void *)regs_get_kernel_argument(regs, 1);

	mms_hook_hit(hook);
	if (mms_group_tracing(&groups[SLUB_HOOKS_SLAB]) && mms_is_page(page))
		trace_slab_free(cache, page, compound_order(page));
	mark_given_up(page);
}

struct full_data {
	const void *cache;
	const void *main;
	const void *spare;
	bool spare_has_room;
};

/* __pcs_replace_full_main(cache, sheaves, ...), under the sheaves' lock */
static void on_full_enter(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	const void *sheaves = (void *)regs_get_kernel_argument(regs, 1);
	struct full_data *full = data;
	u64 capacity;

	mms_hook_hit(hook);
	full->cache = (void *)regs_get_kernel_argument(regs, 0);
	full->main = slub_pointer(sheaves, SHEAVES_MAIN);
	full->spare = slub_pointer(sheaves, SHEAVES_SPARE);
	slub_number(full->cache, CACHE_SHEAF_CAPACITY, &capacity);
	full->spare_has_room = full->spare &&
			       sheaf_size(full->spare) < capacity;
}

/* The lock is held again: where are the two sheaves now? */
static u8 decide_full(const struct full_data *full, const void *sheaves)
{
	const void *main = slub_pointer(sheaves, SHEAVES_MAIN);
	const void *spare = slub_pointer(sheaves, SHEAVES_SPARE);

	if (full->spare && main == full->spare)
		return full->spare_has_room ? SLUBPROBE_LEVEL_SHEAF_SPARE :
					      SLUBPROBE_LEVEL_SHEAF_FLUSHED;
	if (main == full->main)
		return SLUBPROBE_LEVEL_SHEAF_FLUSHED;
	if (!full->spare && spare == full->main)
		return SLUBPROBE_LEVEL_SHEAF_EMPTY;
	if (full->spare && spare == full->spare)
		return SLUBPROBE_LEVEL_BARN;
	return SLUBPROBE_LEVEL_UNKNOWN;
}

static void on_full_leave(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	const void *sheaves = (void *)regs_return_value(regs);
	const struct full_data *full = data;
	struct frame *frame = top_frame();

	if (sheaves && frame && frame->kind == FRAME_FREE &&
	    frame->cache == full->cache)
		frame->level = decide_full(full, sheaves);
}

/* ---- The hooks ---- */

#define TRACEPOINT_HOOK(_name, _probe) \
	.owner = THIS_MODULE, .name = (_name), \
	.kind = MMS_HOOK_TRACEPOINT, .probe = (_probe)

#define FUNCTION_HOOK(_name, _enter) \
	.owner = THIS_MODULE, .name = (_name), .kind = MMS_HOOK_KPROBE, \
	.enter = (_enter)

/* As many calls at once as tasks may be preempted in, and a few to spare. */
#define RETURN_HOOK(_name, _enter, _leave, _data_size_B) \
	.owner = THIS_MODULE, .name = (_name), .kind = MMS_HOOK_KRETPROBE, \
	.enter = (_enter), .leave = (_leave), \
	.data_size_B = (_data_size_B), .maxactive = 64

#define ALLOC	BIT(SLUB_HOOKS_ALLOC)
#define FREE	BIT(SLUB_HOOKS_FREE)
#define SLAB	BIT(SLUB_HOOKS_SLAB)

/* The tag of a hook that only kernels of one kind have, or mean so. */
enum {
	OF_SLABS = 1,
	OF_SHEAVES,
};

/*
 * In the order of arming: what ends a request comes before what begins it, so
 * that a record that is opened is closed. Without the optional ones some levels are
 * unknown.
 */
static struct mms_hook hooks[] = {
	{ TRACEPOINT_HOOK("kmalloc", on_kmalloc),
	  .groups = ALLOC },
	{ TRACEPOINT_HOOK("kmem_cache_alloc", on_cache_alloc),
	  .groups = ALLOC },
	{ TRACEPOINT_HOOK("kmalloc_node", on_node_alloc),
	  .groups = ALLOC, .tag = OF_SLABS, .optional = true },
	{ TRACEPOINT_HOOK("kmem_cache_alloc_node", on_node_alloc),
	  .groups = ALLOC, .tag = OF_SLABS, .optional = true },
	{ RETURN_HOOK("kmem_cache_alloc_bulk_noprof", on_bulk_enter,
		      on_bulk_leave, sizeof(struct bulk_data)),
	  .other_name = "kmem_cache_alloc_bulk", .groups = ALLOC,
	  .optional = true },
	{ RETURN_HOOK("_kmalloc_nolock_noprof", NULL, on_untold_leave, 0),
	  .groups = ALLOC, .tag = OF_SHEAVES, .optional = true },
	{ RETURN_HOOK("allocate_slab", on_new_enter,
		      on_new_leave, sizeof(struct new_slab_data)),
	  .other_name = "new_slab", .groups = ALLOC | SLAB },
	{ RETURN_HOOK("alloc_from_new_slab", on_from_new_enter,
		      on_from_new_leave, sizeof(struct new_slab_data)),
	  .groups = ALLOC, .tag = OF_SHEAVES, .optional = true },
	{ RETURN_HOOK("get_partial_node", NULL, on_given, 0),
	  .groups = ALLOC, .tag = OF_SLABS, .optional = true },
	{ RETURN_HOOK("get_partial_node.part.0", NULL, on_given, 0),
	  .groups = ALLOC, .tag = OF_SLABS, .optional = true },
	{ RETURN_HOOK("barn_replace_empty_sheaf", NULL, on_barn, 0),
	  .groups = ALLOC, .tag = OF_SHEAVES, .optional = true },
	{ RETURN_HOOK("refill_objects", on_refill_enter,
		      on_refill_leave, sizeof(unsigned long)),
	  .groups = ALLOC, .tag = OF_SHEAVES, .optional = true },
	{ FUNCTION_HOOK("kmem_cache_alloc_from_sheaf_noprof", on_prefilled),
	  .groups = ALLOC, .tag = OF_SHEAVES, .optional = true },
	{ RETURN_HOOK("___slab_alloc", on_slow_enter,
		      on_slow_leave, sizeof(unsigned long)),
	  .groups = ALLOC },
	{ RETURN_HOOK("__pcs_replace_empty_main", on_empty_enter,
		      on_empty_leave, sizeof(unsigned long)),
	  .groups = ALLOC, .tag = OF_SHEAVES },
	{ FUNCTION_HOOK("put_cpu_partial", on_put_partial),
	  .groups = FREE, .tag = OF_SLABS, .optional = true },
	{ FUNCTION_HOOK("discard_slab", on_discard),
	  .groups = FREE, .tag = OF_SLABS, .optional = true },
	{ FUNCTION_HOOK("free_slab", on_discard),
	  .groups = FREE, .tag = OF_SHEAVES, .optional = true },
	{ FUNCTION_HOOK("__free_slab", on_slab_free),
	  .groups = FREE | SLAB },
	{ RETURN_HOOK("__pcs_replace_full_main", on_full_enter,
		      on_full_leave, sizeof(struct full_data)),
	  .groups = FREE, .tag = OF_SHEAVES },
	{ RETURN_HOOK("__slab_free", on_slow_free_enter,
		      on_slow_free_leave, sizeof(struct slow_free_data)),
	  .groups = FREE },
	{ FUNCTION_HOOK("kmem_cache_free_bulk", on_bulk_free),
	  .groups = FREE, .optional = true },
	{ RETURN_HOOK("kmem_cache_free", on_cache_free,
		      on_free_leave, sizeof(unsigned long)),
	  .groups = FREE },
	{ RETURN_HOOK("kfree", on_kfree, on_free_leave, sizeof(unsigned long)),
	  .groups = FREE },
};

static MMS_GROUPS(level_groups, hooks, groups, &recorder);

/**
 * slub_level_get() - want the hooks of allocations and frees armed
 *
 * Context: Process context, may sleep.
 * Return: 0, or why it cannot be. slub_level_put() after 0 only.
 */
int slub_level_get(void)
{
	return mms_groups_get(&level_groups, ALLOC | FREE);
}

/**
 * slub_level_put() - want them no more
 *
 * Context: Process context, may sleep.
 */
void slub_level_put(void)
{
	mms_groups_put(&level_groups, ALLOC | FREE);
}

/**
 * slub_count_into() - count all that the hooks tell
 * @counts: where, or NULL: no more. Nobody counts there once this returns
 *
 * Context: Process context, may sleep; one user at a time.
 */
void slub_count_into(struct slub_counts *counts)
{
	WRITE_ONCE(counting, counts);
	/* Callbacks of either kind that have read the old one. */
	tracepoint_synchronize_unregister();
	synchronize_rcu();
}

/**
 * slub_level_listen() - an event of ours was enabled
 * @group: what it needs
 *
 * Context: Process context, from tracepoint_probe_register().
 * Return: 0, why the hooks are off, or -ENODEV: the module is going.
 */
int slub_level_listen(enum slub_hooks group)
{
	return mms_group_listen(&level_groups, group);
}

/**
 * slub_level_ignore() - it was disabled again
 * @group: what it needed
 *
 * Context: Process context, from tracepoint_probe_unregister().
 */
void slub_level_ignore(enum slub_hooks group)
{
	mms_group_ignore(&level_groups, group);
}

/* ---- Watching one task ---- */

/**
 * slub_watch_begin() - have the hooks tell what this task does
 * @watch: where; slub_watch_end() before it goes
 *
 * Context: Process context, between slub_level_get() and _put().
 * Return: False if there is no room, and nothing will be told.
 */
bool slub_watch_begin(struct slub_watch *watch)
{
	struct context *ctx = mms_record_open(&recorder);

	if (ctx)
		ctx->watch = watch;
	return ctx;
}

/**
 * slub_watch_end() - stop it; by the same task
 */
void slub_watch_end(void)
{
	struct context *ctx = mms_record_find(&recorder);

	if (!ctx)
		return;
	ctx->watch = NULL;
	leave_context(ctx);
}

/* ---- What is known of it all ---- */

#define KNOWN_B		2048	/* of a kind that hardly anybody asks for */
#define KNOWN_MAX	512	/* more than what is free of it */

/**
 * struct known - requests whose level follows
 * @watch: what the hooks tell of them
 * @had_memory: the last request got an object
 * @nr: objects that were got
 * @objects: these
 */
struct known {
	struct slub_watch watch;
	bool had_memory;
	unsigned int nr;
	void *objects[KNOWN_MAX];
};

/*
 * Sooner or later a slab has to be made; it lists its objects, and the one that came
 * lies in it. Each request before it has a level as well. So the functions are what
 * we think, and their arguments and members where we look for them.
 */
static bool knows_allocs(struct known *known)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_RECLAIMABLE | __GFP_NORETRY |
			  __GFP_NOWARN;
	struct slub_watch *watch = &known->watch;
	void *object;

	while (known->nr < KNOWN_MAX) {
		object = kmalloc(KNOWN_B, gfp);
		known->had_memory = object;
		if (!object)
			return false;
		known->objects[known->nr++] = object;
		if (watch->alloc.object != object ||
		    watch->alloc.level == SLUBPROBE_LEVEL_FAILED)
			return false;
		/* With sheaves an optional hook lists them, where it is there. */
		if (watch->alloc.level == SLUBPROBE_LEVEL_NEW_SLAB)
			return watch->slab.page == watch->alloc.page &&
			       (watch->slab.nr || slub_has_sheaves());
	}
	return false;
}

static bool knows_frees(struct known *known)
{
	bool knows = known->nr;

	while (known->nr) {
		known->watch.wanted = known->objects[--known->nr];
		kfree(known->watch.wanted);
		knows = knows &&
			known->watch.free.object == known->watch.wanted &&
			(IS_ENABLED(CONFIG_KASAN_GENERIC) ||
			 known->watch.free.level != SLUBPROBE_LEVEL_UNKNOWN);
	}
	return knows;
}

/* Once a request may have been disturbed. */
static int know_requests(void)
{
	struct known *known = kvzalloc(sizeof(*known), GFP_KERNEL);
	bool allocs, frees, know = false;
	int tries, err;

	if (!known)
		return -ENOMEM;
	known->had_memory = true;
	for (tries = 0; tries < 3 && !know; tries++) {
		if (!slub_watch_begin(&known->watch))
			break;
		allocs = knows_allocs(known);
		frees = knows_frees(known);
		slub_watch_end();
		know = allocs && frees;
	}
	err = know ? 0 : known->had_memory ? -ENODATA : -ENOMEM;
	kvfree(known);
	return err;
}

/* Returns -ENOMEM or 0: anything else turns features off. */
static int try_known_requests(void)
{
	int err = slub_level_get();

	if (!err) {
		err = know_requests();
		slub_level_put();
		if (err == -ENODATA)
			mms_groups_lack(&level_groups, ALLOC | FREE,
					"known_request", err);
	}
	return err == -ENOMEM ? err : 0;
}

/* Callbacks look into slabs: where that cannot be done none may ever run. */
static void mark_absent(bool all)
{
	unsigned int here = slub_has_sheaves() ? OF_SHEAVES : OF_SLABS;
	struct mms_hook *hook;

	for (hook = hooks; hook < hooks + ARRAY_SIZE(hooks); hook++)
		hook->absent = all || (hook->tag && hook->tag != here);
}

/**
 * slub_level_init() - find the hooks and try them
 *
 * What is missing turns features off, and nothing else.
 *
 * Context: Process context, from module init, after slub_init().
 * Return: 0 or -ENOMEM.
 */
int slub_level_init(void)
{
	int err = slub_check(NULL);

	/* Of the callbacks' types, as this kernel declares the events. */
	check_trace_callback_type_kmalloc(on_kmalloc);
	check_trace_callback_type_kmem_cache_alloc(on_cache_alloc);

	mark_absent(err);
	if (err)
		mms_groups_lack(&level_groups, ALLOC | FREE | SLAB, "slabs",
				-EOPNOTSUPP);
	err = mms_groups_register(&level_groups);
	if (err)
		return err;
	err = try_known_requests();
	if (err) {
		mms_groups_exit(&level_groups);
		return err;
	}
	mms_groups_start(&level_groups);
	return 0;
}

/**
 * slub_level_exit() - forget them
 *
 * Context: Process context, from module exit, or from an init that failed.
 */
void slub_level_exit(void)
{
	mms_groups_exit(&level_groups);
}

/**
 * slub_level_features() - rows for status
 * @m: where to print
 */
void slub_level_features(struct seq_file *m)
{
	char detail[32];

	scnprintf(detail, sizeof(detail), "no_room=%ld",
		  atomic_long_read(&recorder.full));
	mms_groups_features(m, &level_groups, detail);
}
