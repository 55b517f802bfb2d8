// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/vmalloc_walk/vmalloc: areas that are made on request,
 * by vmalloc() and its like, by vmap() and vm_map_ram(), and what they became: the
 * hole, the runs of pages, the mapping, and how long making and freeing took.
 *
 * Where the area will go is asked before it is made, as in the file holes: if it
 * then lies there, the row names what it was taken from. Between the two, another
 * CPU may have taken the place, or we may have moved to one with another pool:
 * then the source is unknown. The page tables are walked without any lock, as the
 * area is ours and stays.
 *
 * With phases=1 the hooks of path.c tell how long finding the area and filling the
 * page tables took; the rest is the vm_struct, the page array and the pages. Arming
 * the hooks takes a while, and each costs its bit of what is measured.
 *
 * An area is freed before the next is made, unless keep=1 is given. What is kept
 * belongs to the open file, until it is closed or asked again. All open files
 * together hold at most max_pages. Where the function takes flags, failures are not
 * logged by the kernel, and nothing is killed for a request.
 *
 * Deliberately left out: an alignment, which no function takes that the kernel
 * exports; and in which order the pages came from the buddy allocator, which only
 * runs tell.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <mmscope/latency.h>

#include "path.h"
#include "vmalloc_walk.h"

#define ROWS_MAX	16	/* shown in full, of one request */
#define COUNT_MAX	100000
#define ORDERS		24	/* of runs */
#define EXTENTS		64	/* of a walk at once */

/* What is mapped of the physical range that nobody uses. */
#define UNUSED_B	SZ_64K

/* What vmalloc() would do, but quietly and without the last resort. */
#define GFP_QUIET	(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/* Pages that all open files together may hold. */
static unsigned long max_pages = 16384;
module_param(max_pages, ulong, 0444);
MODULE_PARM_DESC(max_pages,
		 "pages that all users of the file vmalloc may hold at once (default 16384)");

/* Pages that are held, or may be before a request is over. */
static atomic_long_t held_pages;

enum {
	WORD_SIZE,
	WORD_KIND,
	WORD_COUNT,
	WORD_KEEP,
	WORD_PURGE,
	WORD_PHASES,
};

static const struct mms_word vmalloc_words[] = {
	[WORD_SIZE] = {
		.key = "size",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = 1ULL << 40,
		.example = "8192",
	},
	[WORD_KIND] = {
		.key = "kind",
		.kind = MMS_WORD_TEXT,
		.example = "vmalloc",
	},
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
	[WORD_PURGE] = {
		.key = "purge",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
	[WORD_PHASES] = {
		.key = "phases",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
};

/* What is timed apart. */
enum made_path {
	PATH_SMALL,	/* made, mapped by pages */
	PATH_HUGE,	/* made, mapped by huge pages alone */
	PATH_MIXED,	/* made, by both */
	PATH_FAILED,
	PATH_FREE,
	PATH_PURGE,
	PATH_AREA,	/* phases of making: finding the area, */
	PATH_MAP,	/* filling the page tables, */
	PATH_REST,	/* all else */
	PATH_COUNT
};

static const char *const path_names[] = {
	[PATH_SMALL] = "made_small",
	[PATH_HUGE] = "made_huge",
	[PATH_MIXED] = "made_mixed",
	[PATH_FAILED] = "failed",
	[PATH_FREE] = "freed",
	[PATH_PURGE] = "purged",
	[PATH_AREA] = "phase_area",
	[PATH_MAP] = "phase_map",
	[PATH_REST] = "phase_rest",
};

static_assert(ARRAY_SIZE(path_names) == PATH_COUNT);

/**
 * struct maker - one way to make an area
 * @name: word of kind=
 * @make: returns the address, or NULL
 * @free: frees it
 * @maps: it maps pages that are there, and does not allocate them
 * @guard: it has a guard page
 * @max_B: of an area; 0: any
 */
struct maker {
	const char *name;
	void *(*make)(size_t size_B, struct page **pages);
	void (*free)(void *area, size_t size_B);
	bool maps;
	bool guard;
	u64 max_B;
};

/**
 * struct made_row - one line
 * @path: of a summary; PATH_COUNT: an area
 * @first: of its section
 * @nr: counts the areas
 * @runs_section: the row stands for the section runs
 * @area: address, 0: it was not made
 * @size_B: of the area
 * @source: what it was taken from
 * @time_ns: that it took
 * @map: its mapping
 * @array: where its page array is
 * @area_ns: of @time_ns, finding the area
 * @map_ns: of @time_ns, filling the page tables
 */
struct made_row {
	enum made_path path;
	bool first;
	bool runs_section;
	unsigned int nr;
	u64 area;
	u64 size_B;
	const char *source;
	u64 time_ns;
	struct vmw_map map;
	const char *array;
	u64 area_ns;
	u64 map_ns;
};

/**
 * struct lazy_sum - what freeing left, as the hooks saw it
 * @areas: that became lazy
 * @pages: of these, guard pages included
 * @over_limit: of these areas, so many found more lazy pages than are allowed
 * @purges: that this task did
 */
struct lazy_sum {
	u64 areas;
	u64 pages;
	u64 over_limit;
	u64 purges;
};

/**
 * struct vmalloc_state - one request on its way
 * @maker: how
 * @size_B: that is asked for
 * @count: areas in all
 * @done: the rows were put out
 * @reserved: pages counted in held_pages
 * @pages: what is mapped, if the maker maps
 * @nr_pages: number of them
 * @kept: areas that are kept
 * @nr_kept: number of them
 * @runs: by order
 * @latency: by path
 * @phases: the hooks are armed for it
 * @watch: what they tell
 * @lazy: sum of that, of frees
 * @look: at one area
 * @cursor: to find the hole
 * @walk: of one area
 * @extents: of that
 */
struct vmalloc_state {
	const struct maker *maker;
	size_t size_B;
	unsigned int count;
	bool done;
	unsigned long reserved;
	struct page **pages;
	unsigned long nr_pages;
	void **kept;
	unsigned int nr_kept;
	u64 runs[ORDERS];
	struct mms_latency latency[PATH_COUNT];
	bool phases;
	struct vmw_watch watch;
	struct lazy_sum lazy;
	struct vmw_look look;
	struct vmw_cursor cursor;
	struct mms_range walk;
	struct mmscope_range_record extents[EXTENTS + 1];
};

/* ---- Makers ---- */

static void *make_vmalloc(size_t size_B, struct page **pages)
{
	return __vmalloc(size_B, GFP_QUIET);
}

static void *make_vzalloc(size_t size_B, struct page **pages)
{
	return __vmalloc(size_B, GFP_QUIET | __GFP_ZERO);
}

static void *make_user(size_t size_B, struct page **pages)
{
	return vmalloc_user(size_B);
}

static void *make_32(size_t size_B, struct page **pages)
{
	return vmalloc_32(size_B);
}

static void *make_huge(size_t size_B, struct page **pages)
{
	return vmalloc_huge(size_B, GFP_QUIET);
}

static void free_vmalloc(void *area, size_t size_B)
{
	vfree(area);
}

static void *make_vmap(size_t size_B, struct page **pages)
{
	return vmap(pages, PHYS_PFN(size_B), VM_MAP, PAGE_KERNEL);
}

static void free_vmap(void *area, size_t size_B)
{
	vunmap(area);
}

static void *make_ram(size_t size_B, struct page **pages)
{
	return vm_map_ram(pages, PHYS_PFN(size_B), NUMA_NO_NODE);
}

static void free_ram(void *area, size_t size_B)
{
	vm_unmap_ram(area, PHYS_PFN(size_B));
}

/**
 * vmw_ioremap_unused() - map what is no memory, and what nobody will touch
 * @size_B: at most UNUSED_B
 *
 * It lies just below 4 GiB, where PCs have the firmware. The mapping is made and
 * never used.
 *
 * Context: Process context, may sleep.
 * Return: The mapping, or NULL: there is memory, or ioremap() refused.
 */
void __iomem *vmw_ioremap_unused(size_t size_B)
{
	phys_addr_t start = SZ_4G - size_B;

	if (region_intersects(start, size_B, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) != REGION_DISJOINT)
		return NULL;
	return ioremap(start, size_B);
}

static void *make_ioremap(size_t size_B, struct page **pages)
{
	return (__force void *)vmw_ioremap_unused(size_B);
}

static void free_ioremap(void *area, size_t size_B)
{
	iounmap((__force void __iomem *)area);
}

static const struct maker makers[] = {
	{ "vmalloc", make_vmalloc, free_vmalloc, .guard = true },
	{ "vzalloc", make_vzalloc, free_vmalloc, .guard = true },
	{ "user", make_user, free_vmalloc, .guard = true },
	{ "32", make_32, free_vmalloc, .guard = true },
	{ "huge", make_huge, free_vmalloc, .guard = true },
	{ "vmap", make_vmap, free_vmap, .maps = true, .guard = true },
	{ "vm_map_ram", make_ram, free_ram, .maps = true },
	{ "ioremap", make_ioremap, free_ioremap, .guard = true, .max_B = UNUSED_B },
};

static const struct maker *find_maker(const struct mms_value *kind)
{
	unsigned int i;

	if (!kind->given)
		return &makers[0];
	for (i = 0; i < ARRAY_SIZE(makers); i++)
		if (!strcmp(makers[i].name, kind->text))
			return &makers[i];
	return NULL;
}

/* ---- Requests ---- */

/* What is mapped again counts, too: it takes page tables. */
static unsigned long pages_of(const struct mms_value *values)
{
	unsigned long pages = PHYS_PFN(PAGE_ALIGN(values[WORD_SIZE].start));
	unsigned int count = mms_value_or(&values[WORD_COUNT], 1);

	return mms_value_or(&values[WORD_KEEP], 0) ? pages * count : pages;
}

static int vmalloc_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	const struct maker *maker = find_maker(&values[WORD_KIND]);

	if (!maker)
		return mms_refuse(request, WORD_KIND, -EINVAL,
				  "unknown kind; known are vmalloc vzalloc user 32 huge vmap vm_map_ram ioremap");
	if (maker->make == make_huge && !has_vmalloc_huge())
		return mms_refuse(request, WORD_KIND, -EOPNOTSUPP,
				  "this kernel has no vmalloc_huge()");
	if (!values[WORD_SIZE].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give a size; right is e.g. size=8192");
	if (maker->max_B && values[WORD_SIZE].start > maker->max_B)
		return mms_refuse(request, WORD_SIZE, -ERANGE,
				  "an area of this kind has %llu bytes at most",
				  maker->max_B);
	if (pages_of(values) > max_pages)
		return mms_refuse(request, WORD_SIZE, -ERANGE,
				  "%lu pages at once; the parameter max_pages allows %lu",
				  pages_of(values), max_pages);
	return vmw_check_trees(request, VMW_BUSY);
}

static int reserve(struct vmalloc_state *state, unsigned long pages)
{
	if (atomic_long_add_return(pages, &held_pages) > max_pages) {
		atomic_long_sub(pages, &held_pages);
		return -ENOSPC;
	}
	state->reserved = pages;
	return 0;
}

static int get_pages(struct vmalloc_state *state)
{
	unsigned long nr = PHYS_PFN(state->size_B);

	state->pages = kvcalloc(nr, sizeof(*state->pages), GFP_KERNEL);
	if (!state->pages)
		return -ENOMEM;
	for (; state->nr_pages < nr; state->nr_pages++) {
		state->pages[state->nr_pages] = alloc_page(GFP_QUIET);
		if (!state->pages[state->nr_pages])
			return -ENOMEM;
	}
	return 0;
}

/* Give back all that this request still holds. */
static void drop(struct vmalloc_state *state)
{
	while (state->nr_kept) {
		state->maker->free(state->kept[--state->nr_kept], state->size_B);
		cond_resched();
	}
	kvfree(state->kept);
	state->kept = NULL;
	if (state->phases)
		vmw_path_put();
	state->phases = false;
	while (state->nr_pages)
		__free_page(state->pages[--state->nr_pages]);
	kvfree(state->pages);
	state->pages = NULL;
	atomic_long_sub(state->reserved, &held_pages);
	state->reserved = 0;
}

static int vmalloc_begin(struct mms_answer *answer)
{
	const struct mms_value *values = answer->request->values;
	struct vmalloc_state *state = answer->state;
	int err;

	state->maker = find_maker(&values[WORD_KIND]);
	state->size_B = PAGE_ALIGN(values[WORD_SIZE].start);
	state->count = mms_value_or(&values[WORD_COUNT], 1);
	err = reserve(state, pages_of(values));
	if (err)
		return err;
	if (mms_value_or(&values[WORD_KEEP], 0)) {
		state->kept = kvcalloc(state->count, sizeof(*state->kept),
				       GFP_KERNEL);
		err = state->kept ? 0 : -ENOMEM;
	}
	if (!err && state->maker->maps)
		err = get_pages(state);
	if (!err && mms_value_or(&values[WORD_PHASES], 0)) {
		err = vmw_path_get();
		state->phases = !err;
	}
	if (err)
		drop(state);
	return err;
}

/* ---- Making and looking ---- */

/* Where the kernel would put it, as the mirrored functions of holes.c say. */
static void predict(struct vmalloc_state *state, struct vmw_fit *fit)
{
	bool huge = state->maker->make == make_huge && state->size_B >= PMD_SIZE;

	fit->align = huge ? PMD_SIZE : 1;
	if (state->maker->make == make_ioremap)
		fit->align = roundup_pow_of_two(state->size_B);
	fit->size_B = huge ? ALIGN(state->size_B, PMD_SIZE) : state->size_B;
	fit->size_B += state->maker->guard ? PAGE_SIZE : 0;
	vmw_fit_find(fit, &state->cursor);
}

static void walk_area(struct vmalloc_state *state, u64 start, u64 size_B,
		      struct vmw_map *map)
{
	const struct vmw_area area = { .start = start, .end = start + size_B };
	struct mms_range *walk = &state->walk;
	unsigned int i, nr;

	mms_kernel_tables(&walk->tables);
	walk->at = start;
	walk->last = start + size_B - 1;
	walk->narrow = true;
	walk->done = false;
	mms_range_begin(walk);
	vmw_map_begin(map);
	while (!walk->done) {
		mms_range_relocked(walk);
		nr = mms_range_walk(walk, walk->last, state->extents, EXTENTS);
		if (walk->done)
			nr += mms_range_end(walk, state->extents + nr);
		for (i = 0; i < nr; i++) {
			vmw_map_add(map, &area, &state->extents[i]);
			state->runs[min_t(unsigned int, ORDERS - 1,
					  ilog2(PHYS_PFN(state->extents[i].size_B)))]++;
		}
	}
}

static enum made_path path_of(const struct vmw_map *map)
{
	u64 huge_B = map->level_B[MMSCOPE_LEVEL_PMD - 1] +
		     map->level_B[MMSCOPE_LEVEL_PUD - 1];

	if (!huge_B)
		return PATH_SMALL;
	return map->level_B[MMSCOPE_LEVEL_PTE - 1] ? PATH_MIXED : PATH_HUGE;
}

static void add_lazy(struct lazy_sum *sum, const struct vmw_step *step)
{
	if (step->kind == VMW_STEP_FREE) {
		sum->areas++;
		sum->pages += PHYS_PFN(step->size_B);
		sum->over_limit += step->lazy_pages > step->limit_pages;
	} else if (step->kind == VMW_STEP_PURGE) {
		sum->purges++;
	}
}

static void begin_watch(struct vmalloc_state *state)
{
	state->watch.nr = 0;
	if (state->phases)
		vmw_watch_begin(&state->watch);
}

static unsigned int end_watch(struct vmalloc_state *state)
{
	unsigned int i, nr = min_t(unsigned int, state->watch.nr, VMW_STEPS);

	if (state->phases)
		vmw_watch_end();
	for (i = 0; i < nr; i++)
		add_lazy(&state->lazy, &state->watch.steps[i]);
	return nr;
}

static void free_area(struct vmalloc_state *state, void *area)
{
	u64 start_ns;

	begin_watch(state);
	start_ns = ktime_get_ns();
	state->maker->free(area, state->size_B);
	mms_latency_add(&state->latency[PATH_FREE], ktime_get_ns() - start_ns);
	end_watch(state);
}

/* Of what the hooks saw, what was this area and not its page array. */
static void add_phases(struct vmalloc_state *state, struct made_row *row)
{
	unsigned int i, nr = end_watch(state);
	const struct vmw_step *step;

	for (i = 0; i < nr; i++) {
		step = &state->watch.steps[i];
		if (step->start != row->area)
			continue;
		if (step->kind == VMW_STEP_AREA) {
			row->area_ns += step->time_ns;
			row->source = vmw_source_name(step->source);
		} else if (step->kind == VMW_STEP_MAP) {
			row->map_ns += step->time_ns;
		}
	}
	if (!row->area || !row->map_ns)
		return;
	/* A part of a block of vm_map_ram() is found without the kernel's tree. */
	if (row->area_ns)
		mms_latency_add(&state->latency[PATH_AREA], row->area_ns);
	mms_latency_add(&state->latency[PATH_MAP], row->map_ns);
	mms_latency_add(&state->latency[PATH_REST], row->time_ns -
			min(row->time_ns, row->area_ns + row->map_ns));
}

static const char *array_of(struct vmalloc_state *state, u64 addr)
{
	struct vmw_look *look = &state->look;
	struct vmw_entry entry;

	if (!vmw_find(addr, &entry))
		return "-";
	vmw_look_begin(look, &entry, false);
	if (vmw_look_next(look) < 0 || !look->area.where || !look->area.vm.pages)
		return "-";
	return is_vmalloc_addr(look->area.vm.pages) ? "vmalloc" : "kmalloc";
}

/* What the area takes of the range: huge ones are made larger. */
static u64 area_size_B(const struct vmalloc_state *state,
		       const struct vmw_map *map)
{
	bool huge = map->level_B[MMSCOPE_LEVEL_PMD - 1];

	return (huge ? ALIGN(state->size_B, PMD_SIZE) : state->size_B) +
	       (state->maker->guard ? PAGE_SIZE : 0);
}

static void make_one(struct vmalloc_state *state, struct made_row *row)
{
	struct vmw_fit fit = {};
	u64 start_ns;
	void *area;

	if (row->nr < ROWS_MAX)
		predict(state, &fit);
	begin_watch(state);
	start_ns = ktime_get_ns();
	area = state->maker->make(state->size_B, state->pages);
	row->time_ns = ktime_get_ns() - start_ns;
	row->area = (uintptr_t)area;
	add_phases(state, row);
	if (!area) {
		mms_latency_add(&state->latency[PATH_FAILED], row->time_ns);
		return;
	}
	if (!row->source)
		row->source = fit.start == row->area ? fit.source : "-";
	walk_area(state, row->area, state->size_B, &row->map);
	row->size_B = area_size_B(state, &row->map);
	if (row->nr < ROWS_MAX)
		row->array = array_of(state, row->area);
	mms_latency_add(&state->latency[path_of(&row->map)], row->time_ns);
	if (state->kept)
		state->kept[state->nr_kept++] = area;
	else
		free_area(state, area);
}

static void purge(struct vmalloc_state *state)
{
	u64 start_ns;

	begin_watch(state);
	start_ns = ktime_get_ns();
	vm_unmap_aliases();
	mms_latency_add(&state->latency[PATH_PURGE], ktime_get_ns() - start_ns);
	end_watch(state);
}

static unsigned int summarize(const struct vmalloc_state *state,
			      struct made_row *row)
{
	unsigned int path, nr = 1;

	row[0] = (struct made_row) { .runs_section = true };
	for (path = 0; path < PATH_COUNT; path++) {
		if (!state->latency[path].count)
			continue;
		row[nr] = (struct made_row) { .path = path, .first = nr == 1 };
		nr++;
	}
	return nr;
}

static int vmalloc_fill(struct mms_answer *answer, void *records,
			unsigned int max)
{
	struct vmalloc_state *state = answer->state;
	struct made_row *row = records, *at, *unseen = row + ROWS_MAX;
	unsigned int i;

	if (state->done)
		return 0;
	for (i = 0; i < state->count; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		at = i < ROWS_MAX ? &row[i] : unseen;
		memset(at, 0, sizeof(*at));
		at->path = PATH_COUNT;
		at->first = !i;
		at->nr = i;
		make_one(state, at);
		cond_resched();
	}
	if (mms_value_or(&answer->request->values[WORD_PURGE], 0))
		purge(state);
	state->done = true;
	i = min_t(unsigned int, state->count, ROWS_MAX);
	return i + summarize(state, row + i);
}

static void vmalloc_finish(struct mms_answer *answer)
{
	drop(answer->state);
}

/* ---- Printing ---- */

/* 0: nobody looked, or there was none. */
static void show_phase(struct seq_file *m, u64 time_ns)
{
	if (time_ns)
		seq_printf(m, " %llu", time_ns);
	else
		seq_puts(m, " -");
}

static void show_made(struct seq_file *m, const struct made_row *row)
{
	const struct vmw_map *map = &row->map;

	if (row->first)
		seq_puts(m, "## areas\n# nr start size_B source runs longest_run_B pte_B pmd_B tables time_ns array area_ns map_ns\n");
	if (row->area)
		seq_printf(m, "%u %#llx %llu %s %lu %llu %llu %llu %lu %llu %s",
			   row->nr, row->area, row->size_B, row->source,
			   map->runs, map->longest_B,
			   map->level_B[MMSCOPE_LEVEL_PTE - 1],
			   map->level_B[MMSCOPE_LEVEL_PMD - 1], map->tables,
			   row->time_ns, row->array);
	else
		seq_printf(m, "%u - - - - - - - - %llu -", row->nr, row->time_ns);
	show_phase(m, row->area_ns);
	show_phase(m, row->map_ns);
	seq_putc(m, '\n');
}

static void show_lazy(struct seq_file *m, const struct vmalloc_state *state)
{
	const struct lazy_sum *sum = &state->lazy;

	if (!state->phases)
		return;
	seq_puts(m, "## lazy\n# areas pages over_limit purges\n");
	seq_printf(m, "%llu %llu %llu %llu\n", sum->areas, sum->pages,
		   sum->over_limit, sum->purges);
}

static void show_runs(struct seq_file *m, const struct vmalloc_state *state)
{
	unsigned int order;

	seq_puts(m, "## runs\n# at_least_pages runs\n");
	for (order = 0; order < ORDERS; order++)
		if (state->runs[order])
			seq_printf(m, "%lu %llu\n", 1UL << order,
				   state->runs[order]);
}

static void vmalloc_show(struct seq_file *m, struct mms_answer *answer,
			 const void *record)
{
	const struct vmalloc_state *state = answer->state;
	const struct made_row *row = record;

	if (row->runs_section) {
		show_runs(m, state);
		show_lazy(m, state);
	} else if (row->path == PATH_COUNT) {
		show_made(m, row);
	} else {
		if (row->first)
			seq_puts(m, "## paths\n# path " MMS_LATENCY_COLUMNS "\n");
		seq_printf(m, "%s ", path_names[row->path]);
		mms_latency_show(m, &state->latency[row->path]);
		seq_putc(m, '\n');
	}
}

static u64 held_bytes(void)
{
	return (u64)atomic_long_read(&held_pages) << PAGE_SHIFT;
}

struct mms_file vmw_vmalloc_file = {
	.name = "vmalloc",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.words = vmalloc_words,
	.nr_words = ARRAY_SIZE(vmalloc_words),
	.state_size_B = sizeof(struct vmalloc_state),
	.record_size_B = sizeof(struct made_row),
	.check = vmalloc_check,
	.begin = vmalloc_begin,
	.fill = vmalloc_fill,
	.show = vmalloc_show,
	.finish = vmalloc_finish,
	.held_B = held_bytes,
};
