// SPDX-License-Identifier: GPL-2.0
/*
 * What areas go through, told by hooks in the kernel: for the events, and for the
 * file vmalloc what its own request does.
 *
 *  area   alloc_vmap_area(), from its arguments and what it returns
 *  free   free_vmap_area_noflush(), which puts an area among the lazy ones
 *  map    the functions that fill page tables. Each kernel has some of them, and
 *	   one calls the other: the outermost is one event
 *  purge  __purge_vmap_area_lazy()
 *
 * All are functions of the same name since 5.10; the kernel's own tracepoints came
 * in 6.2 and tell less: no size of a freed area, no time, nothing of mapping.
 *
 * Callbacks run in the context of whoever makes or frees an area, allocate nothing
 * and take no lock; what they follow of the kernel's is read so that it cannot
 * fault. That an area came from a pool is told by what was first in it just before:
 * if the area is that one, it came from there.
 *
 * Deliberately ignored: areas of per-CPU memory, which pcpu_get_vm_areas() cuts
 * out of the free tree by itself; parts of a block of vm_map_ram(), which are not
 * areas of the kernel's trees; and parts of an area that are unmapped while it
 * stays.
 */
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <mmscope/group.h>

#include "path.h"
#include "trace.h"
#include "vmalloc_walk.h"

#define CALLS_MAX	64	/* of one function at once; they sleep */

/**
 * struct context - the record of a task
 * @watch: who wants to know, or NULL
 * @mapping: functions that map, inside each other
 * @armed: when that was counted; who is inside when hooks go is never seen to leave
 */
struct context {
	struct vmw_watch *watch;
	unsigned int mapping;
	unsigned int armed;
};

static struct mms_recorder recorder = {
	.size_B = sizeof(struct context),
};

static struct mms_group groups[] = {
	[VMW_STEP_AREA] = { .feature = "area_alloc_event" },
	[VMW_STEP_FREE] = { .feature = "area_free_event" },
	[VMW_STEP_MAP] = { .feature = "map_event" },
	[VMW_STEP_PURGE] = { .feature = "purge_event" },
};

static_assert(ARRAY_SIZE(groups) == VMW_STEP_COUNT);

static const char *const source_names[] = {
	[VMW_SOURCE_UNKNOWN] = "-",
	[VMW_SOURCE_FREE] = "free",
	[VMW_SOURCE_POOL] = "pool",
};

static_assert(ARRAY_SIZE(source_names) == VMW_SOURCE_COUNT);

static bool is_traced(enum vmw_step_kind kind)
{
	return mms_group_tracing(&groups[kind]);
}

static void note_step(const struct vmw_step *step)
{
	struct context *ctx = mms_record_find(&recorder);
	struct vmw_watch *watch = ctx ? ctx->watch : NULL;

	if (watch && watch->nr++ < VMW_STEPS)
		watch->steps[watch->nr - 1] = *step;
}

/* ---- Areas ---- */

struct area_data {
	u64 since_ns;
	u64 first_in_pool;
	bool has_pool;
	struct vmw_step step;
};

static enum vmw_space space_of(u64 start)
{
	if (start == VMALLOC_START)
		return VMW_SPACE_VMALLOC;
	return start >= MODULES_VADDR && start < MODULES_END ?
	       VMW_SPACE_MODULE : VMW_SPACE_OTHER;
}

/* alloc_vmap_area(size, align, vstart, vend, ...) */
static void on_area_enter(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	u64 from = regs_get_kernel_argument(regs, 2);
	struct area_data *area = data;

	mms_hook_hit(hook);
	memset(area, 0, sizeof(*area));
	area->step.kind = VMW_STEP_AREA;
	area->step.size_B = regs_get_kernel_argument(regs, 0);
	area->step.align_B = regs_get_kernel_argument(regs, 1);
	area->step.space = space_of(from);
	if (from == VMALLOC_START &&
	    regs_get_kernel_argument(regs, 3) == VMALLOC_END)
		area->has_pool = vmw_pool_peek(area->step.size_B,
					       &area->first_in_pool);
	area->since_ns = ktime_get_mono_fast_ns();
}

static enum vmw_source source_of(const struct area_data *area)
{
	if (!area->has_pool || !area->first_in_pool)
		return VMW_SOURCE_FREE;
	if (area->first_in_pool == area->step.start)
		return VMW_SOURCE_POOL;
	/* Passed over, as it is not aligned; else somebody else has taken it. */
	return IS_ALIGNED(area->first_in_pool, area->step.align_B) ?
	       VMW_SOURCE_UNKNOWN : VMW_SOURCE_FREE;
}

static void on_area_leave(struct mms_hook *hook, struct pt_regs *regs,
			  void *data)
{
	const struct vmap_area *va = (void *)regs_return_value(regs);
	struct area_data *area = data;
	struct vmw_step *step = &area->step;
	unsigned long start = 0;

	step->time_ns = ktime_get_mono_fast_ns() - area->since_ns;
	if (IS_ERR_OR_NULL(va))
		step->error = va ? PTR_ERR(va) : -ENOMEM;
	else if (copy_from_kernel_nofault(&start, &va->va_start, sizeof(start)))
		return;
	step->start = start;
	if (!step->error)
		step->source = source_of(area);
	if (is_traced(VMW_STEP_AREA))
		trace_area_alloc(step);
	note_step(step);
}

/* free_vmap_area_noflush(va): the area is its caller's alone. */
static void on_free(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	const struct vmap_area *va = (void *)regs_get_kernel_argument(regs, 0);
	struct vmw_step step = { .kind = VMW_STEP_FREE };
	unsigned long start, end;

	mms_hook_hit(hook);
	if (copy_from_kernel_nofault(&start, &va->va_start, sizeof(start)) ||
	    copy_from_kernel_nofault(&end, &va->va_end, sizeof(end)))
		return;
	step.start = start;
	step.size_B = end - start;
	vmw_lazy_pages(&step.lazy_pages);
	step.lazy_pages += PHYS_PFN(step.size_B);
	step.limit_pages = vmw_lazy_limit_pages();
	if (is_traced(VMW_STEP_FREE))
		trace_area_free(&step);
	note_step(&step);
}

/* ---- Mappings ---- */

struct map_data {
	u64 since_ns;
	struct context *ctx;
	struct vmw_step step;
};

/* Where there is no record, one function inside another is seen twice. */
static bool begin_map(struct map_data *map)
{
	struct context *ctx = mms_record_open(&recorder);

	map->ctx = ctx;
	if (!ctx)
		return true;
	if (ctx->armed != groups[VMW_STEP_MAP].armed)
		ctx->mapping = 0;
	ctx->armed = groups[VMW_STEP_MAP].armed;
	return !ctx->mapping++;
}

static void end_map(struct context *ctx)
{
	if (ctx && !--ctx->mapping && !ctx->watch)
		mms_record_close(&recorder, ctx);
}

static void enter_map(struct mms_hook *hook, struct map_data *map, u64 start,
		      u64 end)
{
	mms_hook_hit(hook);
	memset(map, 0, sizeof(*map));
	map->step.kind = VMW_STEP_MAP;
	map->step.start = start;
	if (begin_map(map))
		map->step.size_B = end - start;
	map->since_ns = ktime_get_mono_fast_ns();
}

/* map_kernel_range_noflush(start, size, prot, pages) */
static void on_map_size(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	u64 start = regs_get_kernel_argument(regs, 0);
	struct map_data *map = data;

	enter_map(hook, map, start, start + regs_get_kernel_argument(regs, 1));
	map->step.leaf_B = PAGE_SIZE;
}

/* vmap_small_pages_range_noflush(start, end, prot, pages) */
static void on_map_small(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	struct map_data *map = data;

	enter_map(hook, map, regs_get_kernel_argument(regs, 0),
		  regs_get_kernel_argument(regs, 1));
	map->step.leaf_B = PAGE_SIZE;
}

/* __vmap_pages_range_noflush(start, end, prot, pages, page_shift) */
static void on_map_pages(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	struct map_data *map = data;

	enter_map(hook, map, regs_get_kernel_argument(regs, 0),
		  regs_get_kernel_argument(regs, 1));
	map->step.leaf_B = 1ULL << (regs_get_kernel_argument(regs, 4) & 63);
}

/* ioremap_page_range(start, end, phys_addr, prot), vmap_range_noflush(the same, shift) */
static void on_map_phys(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	struct map_data *map = data;

	enter_map(hook, map, regs_get_kernel_argument(regs, 0),
		  regs_get_kernel_argument(regs, 1));
	map->step.map_kind = VMW_MAP_PHYS;
}

static void on_map_leave(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	struct map_data *map = data;
	struct vmw_step *step = &map->step;

	step->time_ns = ktime_get_mono_fast_ns() - map->since_ns;
	end_map(map->ctx);
	if (!step->size_B)
		return;
	step->error = (int)regs_return_value(regs);
	if (is_traced(VMW_STEP_MAP))
		trace_map(step);
	note_step(step);
}

/* ---- Purges ---- */

struct purge_data {
	u64 since_ns;
	unsigned long lazy_pages;
};

static void on_purge_enter(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	struct purge_data *purge = data;

	mms_hook_hit(hook);
	purge->lazy_pages = 0;
	vmw_lazy_pages(&purge->lazy_pages);
	purge->since_ns = ktime_get_mono_fast_ns();
}

static void on_purge_leave(struct mms_hook *hook, struct pt_regs *regs,
			   void *data)
{
	const struct purge_data *purge = data;
	struct vmw_step step = {
		.kind = VMW_STEP_PURGE,
		.time_ns = ktime_get_mono_fast_ns() - purge->since_ns,
		.lazy_pages = purge->lazy_pages,
		.limit_pages = vmw_lazy_limit_pages(),
		.flushed = regs_return_value(regs) & 1,
	};

	vmw_lazy_pages(&step.left_pages);
	if (is_traced(VMW_STEP_PURGE))
		trace_purge(&step);
	note_step(&step);
}

/* ---- The hooks ---- */

static int test_vmalloc(struct mms_hook *hook)
{
	void *area = __vmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN);

	vfree(area);
	return area ? 0 : -ENOMEM;
}

static int test_vmap(struct mms_hook *hook)
{
	struct page *page = alloc_page(GFP_KERNEL);
	void *area = page ? vmap(&page, 1, VM_MAP, PAGE_KERNEL) : NULL;

	vunmap(area);
	if (page)
		__free_page(page);
	return area ? 0 : -ENOMEM;
}

static int test_phys(struct mms_hook *hook)
{
	/* ioremap() does not say why; want of memory may pass. */
	void __iomem *area = vmw_ioremap_unused(PAGE_SIZE) ?:
			     vmw_ioremap_unused(PAGE_SIZE);

	if (area)
		iounmap(area);
	return area ? 0 : -ENODEV;
}

static int test_purge(struct mms_hook *hook)
{
	vm_unmap_aliases();
	return 0;
}

#define RETURN_HOOK(_name, _enter, _leave, _data, _test) \
	.owner = THIS_MODULE, .name = (_name), .kind = MMS_HOOK_KRETPROBE, \
	.enter = (_enter), .leave = (_leave), .data_size_B = sizeof(_data), \
	.maxactive = CALLS_MAX, .self_test = (_test)

/* Each kernel has some of these. */
#define MAP_HOOK(_name, _enter, _test) \
	RETURN_HOOK(_name, _enter, on_map_leave, struct map_data, _test), \
	.groups = BIT(VMW_STEP_MAP), .optional = true

/*
 * Of the mapping ones 5.10 has the first two; 5.13 split pages from physical ranges.
 * A mapping that is under way while they are armed may be seen from its middle on.
 */
static struct mms_hook hooks[] = {
	{ RETURN_HOOK("alloc_vmap_area", on_area_enter, on_area_leave,
		      struct area_data, test_vmalloc),
	  .groups = BIT(VMW_STEP_AREA) },
	{ .owner = THIS_MODULE, .name = "free_vmap_area_noflush",
	  .kind = MMS_HOOK_KPROBE, .enter = on_free, .self_test = test_vmalloc,
	  .groups = BIT(VMW_STEP_FREE) },
	{ MAP_HOOK("map_kernel_range_noflush", on_map_size, test_vmalloc) },
	{ MAP_HOOK("ioremap_page_range", on_map_phys, test_phys) },
	{ MAP_HOOK("vmap_range_noflush", on_map_phys, test_phys) },
	{ MAP_HOOK("vmap_small_pages_range_noflush", on_map_small, test_vmap) },
	{ MAP_HOOK("__vmap_pages_range_noflush", on_map_pages, test_vmalloc) },
	{ RETURN_HOOK("__purge_vmap_area_lazy", on_purge_enter, on_purge_leave,
		      struct purge_data, test_purge),
	  .groups = BIT(VMW_STEP_PURGE) },
};

#define ALL	GENMASK(VMW_STEP_COUNT - 1, 0)

static MMS_GROUPS(path_groups, hooks, groups, &recorder);

/* ---- Watching one task ---- */

/**
 * vmw_path_get() - want all hooks armed
 *
 * Context: Process context, may sleep.
 * Return: 0, or why they cannot be. vmw_path_put() after 0 only.
 */
int vmw_path_get(void)
{
	return mms_groups_get(&path_groups, ALL);
}

/**
 * vmw_path_put() - want them no more
 *
 * Context: Process context, may sleep.
 */
void vmw_path_put(void)
{
	mms_groups_put(&path_groups, ALL);
}

/**
 * vmw_watch_begin() - have the hooks tell what this task does
 * @watch: where; vmw_watch_end() before it goes
 *
 * Context: Process context, between vmw_path_get() and _put().
 * Return: False if there is no room, and nothing will be told.
 */
bool vmw_watch_begin(struct vmw_watch *watch)
{
	struct context *ctx = mms_record_open(&recorder);

	if (ctx)
		ctx->watch = watch;
	return ctx;
}

/**
 * vmw_watch_end() - stop it; by the same task
 */
void vmw_watch_end(void)
{
	struct context *ctx = mms_record_find(&recorder);

	if (ctx)
		mms_record_close(&recorder, ctx);
}

/**
 * vmw_listen() - an event of ours was enabled
 * @kind: which
 *
 * Context: Process context, from tracepoint_probe_register().
 * Return: 0, or why not.
 */
int vmw_listen(enum vmw_step_kind kind)
{
	return mms_group_listen(&path_groups, kind);
}

/**
 * vmw_ignore() - it was disabled again
 * @kind: which
 *
 * Context: Process context, from tracepoint_probe_unregister().
 */
void vmw_ignore(enum vmw_step_kind kind)
{
	mms_group_ignore(&path_groups, kind);
}

/* ---- What is known of it all ---- */

static const struct vmw_step *find_step(const struct vmw_watch *watch,
					enum vmw_step_kind kind)
{
	unsigned int i;

	for (i = 0; i < min_t(unsigned int, watch->nr, VMW_STEPS); i++)
		if (watch->steps[i].kind == kind)
			return &watch->steps[i];
	return NULL;
}

static bool is_step(const struct vmw_watch *watch, enum vmw_step_kind kind,
		    u64 start, u64 size_B)
{
	const struct vmw_step *step = find_step(watch, kind);

	return step && step->start == start && step->size_B == size_B &&
	       !step->error;
}

/*
 * A known area must come out as what it was: so the arguments are where we look
 * for them.
 */
static void try_known_area(void)
{
	static const u64 size_B = 3 * PAGE_SIZE;
	struct vmw_watch watch = { };
	void *area;

	if (vmw_path_get())
		return;
	if (!vmw_watch_begin(&watch))
		goto put;
	area = __vmalloc(size_B, GFP_KERNEL | __GFP_NOWARN);
	vfree(area);
	vmw_watch_end();
	if (!area)
		goto put;
	if (!is_step(&watch, VMW_STEP_AREA, (uintptr_t)area, size_B + PAGE_SIZE))
		mms_groups_lack(&path_groups, BIT(VMW_STEP_AREA), "known_area",
				-ENODATA);
	if (!is_step(&watch, VMW_STEP_FREE, (uintptr_t)area, size_B + PAGE_SIZE))
		mms_groups_lack(&path_groups, BIT(VMW_STEP_FREE), "known_area",
				-ENODATA);
	if (!is_step(&watch, VMW_STEP_MAP, (uintptr_t)area, size_B))
		mms_groups_lack(&path_groups, BIT(VMW_STEP_MAP), "known_area",
				-ENODATA);
put:
	vmw_path_put();
}

/**
 * vmw_path_init() - find the hooks and try them
 *
 * What is missing turns features off, and nothing else.
 *
 * Context: Process context, from module init.
 * Return: 0 or -ENOMEM.
 */
int vmw_path_init(void)
{
	int err = mms_groups_register(&path_groups);

	if (err)
		return err;
	try_known_area();
	mms_groups_start(&path_groups);
	return 0;
}

/**
 * vmw_path_exit() - forget them
 *
 * Context: Process context, from module exit, or from an init that failed.
 */
void vmw_path_exit(void)
{
	mms_groups_exit(&path_groups);
}

/**
 * vmw_path_features() - rows for status
 * @m: where to print
 */
void vmw_path_features(struct seq_file *m)
{
	mms_groups_features(m, &path_groups, "hooks");
}

/**
 * vmw_source_name() - the word for a source
 * @source: what an area was taken from
 *
 * Return: A constant string.
 */
const char *vmw_source_name(enum vmw_source source)
{
	return source_names[source];
}
