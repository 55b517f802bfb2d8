// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/kmalloc: requests made on request, the level
 * that served each of them, and the same of each free.
 *
 * The level is told by hooks (level.c), and a second time by what the call changed
 * (state.c), with preemption off where the call cannot sleep. "proof" is "both" when
 * the two agree, "hooks" or "state" when only that one can tell, "none" when neither
 * can; when they differ somebody else came in between, and the hooks are believed.
 * Before the first object came its cache is not known, so that the first request of
 * an answer has no state to go by.
 *
 * pattern=burst makes all requests and then frees the objects in the same order;
 * pingpong frees each one before the next request; cross frees as burst, but by a
 * worker on another CPU.
 *
 * What keep=1 keeps belongs to the open file, and goes when it is closed. All open
 * files together hold at most max_KiB; the module cannot go while one is open.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/kfence.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <mmscope/latency.h>

#include "level.h"
#include "slubprobe.h"

#define ROWS_MAX	16	/* of each kind shown in full, of one request */
#define COUNT_MAX	1000000

/* What all open files together may hold. */
static unsigned long max_KiB = 65536;
module_param(max_KiB, ulong, 0444);
MODULE_PARM_DESC(max_KiB, "KiB that all users of kmalloc may hold at once (default 65536)");

/* Bytes that are held, or may be before a request is over. */
static atomic_long_t held_B;

enum {
	WORD_SIZE,
	WORD_GFP,
	WORD_NODE,
	WORD_COUNT,
	WORD_PATTERN,
	WORD_KEEP,
	WORD_FREE,
};

enum pattern {
	PATTERN_BURST,
	PATTERN_PINGPONG,
	PATTERN_CROSS,
	PATTERN_COUNT
};

static const char *const pattern_names[] = {
	[PATTERN_BURST] = "burst",
	[PATTERN_PINGPONG] = "pingpong",
	[PATTERN_CROSS] = "cross",
};

static_assert(ARRAY_SIZE(pattern_names) == PATTERN_COUNT);

static const struct mms_word kmalloc_words[] = {
	[WORD_SIZE] = {
		.key = "size",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = KMALLOC_MAX_SIZE,
		.example = "64",
	},
	[WORD_GFP] = {
		.key = "gfp",
		.kind = MMS_WORD_TEXT,
		.example = "GFP_KERNEL",
	},
	[WORD_NODE] = {
		.key = "node",
		.kind = MMS_WORD_NUMBER,
		.max = MAX_NUMNODES - 1,
		.example = "0",
	},
	[WORD_COUNT] = {
		.key = "count",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = COUNT_MAX,
		.example = "100",
	},
	[WORD_PATTERN] = {
		.key = "pattern",
		.kind = MMS_WORD_NAME,
		.names = pattern_names,
		.nr_names = PATTERN_COUNT,
	},
	[WORD_KEEP] = {
		.key = "keep",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
	[WORD_FREE] = {
		.key = "free",
		.kind = MMS_WORD_TEXT,
		.example = "all",
	},
};

/* Flags that mean something to kmalloc(). */
static const struct {
	const char *name;
	gfp_t flags;
} gfp_names[] = {
	{ "GFP_KERNEL", GFP_KERNEL },
	{ "GFP_KERNEL_ACCOUNT", GFP_KERNEL_ACCOUNT },
	{ "GFP_ATOMIC", GFP_ATOMIC },
	{ "GFP_NOWAIT", GFP_NOWAIT },
	{ "GFP_NOIO", GFP_NOIO },
	{ "GFP_NOFS", GFP_NOFS },
	{ "GFP_DMA", GFP_DMA },
	{ "__GFP_ZERO", __GFP_ZERO },
	{ "__GFP_ACCOUNT", __GFP_ACCOUNT },
	{ "__GFP_RECLAIMABLE", __GFP_RECLAIMABLE },
	{ "__GFP_NORETRY", __GFP_NORETRY },
	{ "__GFP_THISNODE", __GFP_THISNODE },
};

/**
 * struct batch - objects of one request
 * @list: among those that an open file keeps
 * @reserved_B: counted in held_B
 * @nr: objects that are ours
 * @objects: these
 */
struct batch {
	struct list_head list;
	unsigned long reserved_B;
	unsigned int nr;
	void *objects[];
};

/**
 * struct opened - what an open file has for all its requests
 * @kept: batches that outlive their request
 * @armed: the hooks are: from the first request on, until it is closed
 */
struct opened {
	struct list_head kept;
	bool armed;
};

enum row_kind {
	ROW_ALLOC,
	ROW_SLAB,	/* a slab that was made for an allocation */
	ROW_FREE,
	ROW_LEVEL,	/* the summary of a level */
};

enum proof {
	PROOF_NONE,
	PROOF_HOOKS,
	PROOF_STATE,
	PROOF_BOTH,
};

static const char *const proof_names[] = {
	[PROOF_NONE] = "none",
	[PROOF_HOOKS] = "hooks",
	[PROOF_STATE] = "state",
	[PROOF_BOTH] = "both",
};

/**
 * struct kmalloc_row - one line
 * @kind: which
 * @first: of its section
 * @is_free: LEVEL: of frees
 * @level: enum slubprobe_level
 * @proof: of the call
 * @nr: counts the calls
 * @cpu: of the call
 * @index: of the object in its slab, or -1
 * @object: the object
 * @page: first page of its slab, or of its own
 * @time_ns: that the call took
 * @cache: name, empty: none
 * @slab: SLAB: the slab
 */
struct kmalloc_row {
	enum row_kind kind;
	bool first;
	bool is_free;
	u8 level;
	enum proof proof;
	unsigned int nr;
	int cpu;
	int index;
	const void *object;
	struct page *page;
	u64 time_ns;
	char cache[SLUB_NAME_LEN];
	struct slub_new_slab slab;
};

/**
 * struct kmalloc_state - one request on its way
 * @size_B: of each object
 * @gfp: as it is asked of the allocator
 * @node: preferred node
 * @pattern: enum pattern
 * @count: allocations in all
 * @is_done: the answer was given
 * @mine: objects of this request
 * @cache: that the last object was from
 * @watch: what the hooks tell
 * @nr_rows: of each kind, summaries apart
 * @rows: by kind
 * @latency: of allocations and of frees, by level
 */
struct kmalloc_state {
	size_t size_B;
	gfp_t gfp;
	int node;
	enum pattern pattern;
	unsigned int count;
	bool is_done;
	struct batch *mine;
	struct slub_cache cache;
	struct slub_watch watch;
	unsigned int nr_rows[ROW_LEVEL];
	struct kmalloc_row rows[ROW_LEVEL][ROWS_MAX];
	struct mms_latency latency[2][SLUBPROBE_LEVEL_COUNT];
};

/* ---- Requests ---- */

static gfp_t gfp_of(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gfp_names); i++)
		if (!strncmp(gfp_names[i].name, name, len) &&
		    !gfp_names[i].name[len])
			return gfp_names[i].flags;
	return 0;
}

static int parse_gfp(const struct mms_request *request, gfp_t *gfp)
{
	const struct mms_value *value = &request->values[WORD_GFP];
	const char *s = value->text;
	gfp_t flags;
	size_t len;

	*gfp = value->given ? 0 : GFP_KERNEL;
	if (!value->given)
		return 0;
	for (;; s += len + 1) {
		len = strcspn(s, "|");
		flags = gfp_of(s, len);
		if (!flags)
			return mms_refuse(request, WORD_GFP, -EINVAL,
					  "no flag for kmalloc(): \"%.*s\"",
					  (int)min_t(size_t, len, 40), s);
		*gfp |= flags;
		if (!s[len])
			break;
	}
	/* The page allocator would warn. */
	if (*gfp & __GFP_ATOMIC && *gfp & __GFP_DIRECT_RECLAIM)
		return mms_refuse(request, WORD_GFP, -EINVAL,
				  "atomic and direct reclaim exclude each other");
	return 0;
}

static enum pattern pattern_of(const struct mms_request *request)
{
	return mms_value_or(&request->values[WORD_PATTERN], PATTERN_BURST);
}

/* Objects that are there at once. */
static u64 most_objects(const struct mms_request *request)
{
	return pattern_of(request) == PATTERN_PINGPONG ? 1 :
	       mms_value_or(&request->values[WORD_COUNT], 1);
}

static u64 most_B(const struct mms_request *request)
{
	return most_objects(request) *
	       max_t(u64, roundup_pow_of_two(request->values[WORD_SIZE].start),
		     KMALLOC_MIN_SIZE);
}

static int check_free(const struct mms_request *request)
{
	int i;

	for (i = 0; i < WORD_FREE; i++)
		if (request->values[i].given)
			return mms_refuse(request, i, -EINVAL,
					  "free= stands alone");
	if (strcmp(request->values[WORD_FREE].text, "all"))
		return mms_refuse(request, WORD_FREE, -EINVAL,
				  "right is free=all");
	return 0;
}

static int check_pattern(const struct mms_request *request)
{
	enum pattern pattern = pattern_of(request);

	if (pattern == PATTERN_CROSS && num_online_cpus() < 2)
		return mms_refuse(request, WORD_PATTERN, -EOPNOTSUPP,
				  "there is no other CPU");
	if (pattern != PATTERN_BURST &&
	    mms_value_or(&request->values[WORD_KEEP], 0))
		return mms_refuse(request, WORD_KEEP, -EINVAL,
				  "this pattern frees what it got");
	return 0;
}

static int kmalloc_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	gfp_t gfp;
	int err;

	err = slub_check(request);
	if (err)
		return err;
	if (values[WORD_FREE].given)
		return check_free(request);
	if (!values[WORD_SIZE].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "size= is needed");
	if (values[WORD_NODE].given && !node_online(values[WORD_NODE].start))
		return mms_refuse(request, WORD_NODE, -ENOENT,
				  "no such node is online");
	err = parse_gfp(request, &gfp) ?: check_pattern(request);
	if (!err && most_B(request) >> 10 > max_KiB)
		err = mms_refuse(request, values[WORD_COUNT].given ?
				 WORD_COUNT : WORD_SIZE, -ERANGE,
				 "%llu KiB; max_KiB allows %lu",
				 most_B(request) >> 10, max_KiB);
	return err;
}

/* ---- Objects that are held ---- */

static void batch_free(struct batch *batch)
{
	while (batch && batch->nr) {
		kfree(batch->objects[--batch->nr]);
		cond_resched();
	}
	if (batch)
		atomic_long_sub(batch->reserved_B, &held_B);
	kvfree(batch);
}

/* What the objects may take is counted by the caller, and given back with it. */
static struct batch *batch_new(unsigned int objects, unsigned long size_B)
{
	struct batch *batch;

	batch = kvzalloc(struct_size(batch, objects, objects), GFP_KERNEL);
	if (batch)
		batch->reserved_B = size_B;
	return batch;
}

/*
 * Arming takes milliseconds and memory, of which there may be little by the next
 * request. Without hooks the state tells alone.
 */
static struct opened *opened_of(struct mms_answer *answer)
{
	struct opened *opened = answer->kept;

	if (!opened) {
		opened = kzalloc(sizeof(*opened), GFP_KERNEL);
		if (!opened)
			return NULL;
		INIT_LIST_HEAD(&opened->kept);
		answer->kept = opened;
	}
	if (!opened->armed)
		opened->armed = !slub_level_get();
	return opened;
}

static struct batch *take_kept(struct opened *opened)
{
	struct batch *batch;

	batch = list_first_entry_or_null(&opened->kept, struct batch, list);
	if (batch)
		list_del(&batch->list);
	return batch;
}

static void kmalloc_release(struct mms_answer *answer)
{
	struct opened *opened = answer->kept;
	struct batch *batch;

	if (!opened)
		return;
	while ((batch = take_kept(opened))) {
		batch_free(batch);
		cond_resched();
	}
	if (opened->armed)
		slub_level_put();
	kfree(opened);
}

/* ---- One call ---- */

/* On PREEMPT_RT the allocator's locks sleep. */
static bool preemption_goes_off(gfp_t gfp)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && !gfpflags_allow_blocking(gfp);
}

static enum proof judge(u8 hooks, u8 state)
{
	if (hooks == SLUBPROBE_LEVEL_UNKNOWN)
		return state == SLUBPROBE_LEVEL_UNKNOWN ? PROOF_NONE :
							  PROOF_STATE;
	return hooks == state ? PROOF_BOTH : PROOF_HOOKS;
}

/* What needs no look inside. */
static u8 obvious_level(const void *object, struct page *page)
{
	if (!object)
		return SLUBPROBE_LEVEL_FAILED;
	if (is_kfence_address(object))
		return SLUBPROBE_LEVEL_KFENCE;
	return PageSlab(page) ? SLUBPROBE_LEVEL_UNKNOWN : SLUBPROBE_LEVEL_LARGE;
}

/* Rows beyond those that are shown are all written to one place. */
static struct kmalloc_row *new_row(struct kmalloc_state *state,
				   enum row_kind kind, unsigned int nr,
				   struct kmalloc_row *unseen)
{
	struct kmalloc_row *row = unseen;

	if (state->nr_rows[kind] < ROWS_MAX)
		row = &state->rows[kind][state->nr_rows[kind]++];
	memset(row, 0, sizeof(*row));
	row->kind = kind;
	row->nr = nr;
	row->first = row == state->rows[kind];
	row->index = -1;
	return row;
}

/* The object is ours: its slab and cache stay. */
static void describe(struct kmalloc_state *state, struct kmalloc_row *row,
		     const void *object)
{
	const void *cache;
	struct slub_slab slab;

	row->object = object;
	row->page = slub_page_of(object);
	if (!PageSlab(row->page))
		return;
	cache = slub_pointer(row->page, SLAB_CACHE);
	if (state->cache.addr != cache && !slub_cache_read(cache, &state->cache))
		return;
	strscpy(row->cache, state->cache.name, sizeof(row->cache));
	if (!is_kfence_address(object) && slub_slab_read(row->page, &slab))
		row->index = slub_index(&state->cache, &slab, object);
}

/* A request inside ours may have made one as well. */
static void note_slab(struct kmalloc_state *state, unsigned int nr,
		      const struct page *page)
{
	struct kmalloc_row *row;

	if (state->nr_rows[ROW_SLAB] == ROWS_MAX || !page ||
	    state->watch.slab.page != page)
		return;
	row = new_row(state, ROW_SLAB, nr, NULL);
	row->slab = state->watch.slab;
	strscpy(row->cache, state->cache.name, sizeof(row->cache));
}

static u8 level_by_state(const struct kmalloc_state *state,
			 const struct slub_state *before,
			 const struct kmalloc_row *row, const void *known)
{
	struct slub_state after;

	if (!known || known != state->cache.addr)
		return SLUBPROBE_LEVEL_UNKNOWN;
	slub_state_read(&state->cache, &after);
	return slub_alloc_level(before, &after, row->object, row->page);
}

static void *measure_alloc(struct kmalloc_state *state, unsigned int nr)
{
	const void *known = state->cache.addr;
	bool off = preemption_goes_off(state->gfp);
	u8 hooks = SLUBPROBE_LEVEL_UNKNOWN, seen = SLUBPROBE_LEVEL_UNKNOWN;
	struct kmalloc_row unseen, *row;
	struct slub_state before;
	void *object;
	u64 start_ns;

	row = new_row(state, ROW_ALLOC, nr, &unseen);
	state->watch.alloc.object = NULL;
	state->watch.slab.page = NULL;
	if (off)
		preempt_disable();
	if (known)
		slub_state_read(&state->cache, &before);
	start_ns = ktime_get_ns();
	object = kmalloc_node(state->size_B, state->gfp, state->node);
	row->time_ns = ktime_get_ns() - start_ns;
	row->cpu = raw_smp_processor_id();
	if (object) {
		describe(state, row, object);
		if (state->watch.alloc.object == object)
			hooks = state->watch.alloc.level;
		seen = level_by_state(state, &before, row, known);
	}
	if (off)
		preempt_enable();
	row->level = obvious_level(object, row->page);
	if (row->level != SLUBPROBE_LEVEL_UNKNOWN) {
		seen = row->level;
		if (!object)
			hooks = row->level;
	}
	row->proof = judge(hooks, seen);
	row->level = hooks ?: seen;
	if (row->level == SLUBPROBE_LEVEL_NEW_SLAB)
		note_slab(state, nr, row->page);
	mms_latency_add(&state->latency[0][row->level], row->time_ns);
	return object;
}

static void measure_free(struct kmalloc_state *state,
			 struct slub_watch *watch, void *object,
			 unsigned int nr)
{
	u8 hooks = SLUBPROBE_LEVEL_UNKNOWN, seen = SLUBPROBE_LEVEL_UNKNOWN;
	bool off = preemption_goes_off(GFP_NOWAIT);
	struct slub_slab_state slab_before, slab_after;
	struct slub_state before, after;
	struct kmalloc_row unseen, *row;
	u64 start_ns;

	row = new_row(state, ROW_FREE, nr, &unseen);
	describe(state, row, object);
	row->level = obvious_level(object, row->page);
	watch->wanted = object;
	watch->free.object = NULL;
	if (off)
		preempt_disable();
	if (row->cache[0]) {
		slub_slab_state_read(&state->cache, row->page, &slab_before);
		slub_state_read(&state->cache, &before);
	}
	start_ns = ktime_get_ns();
	kfree(object);
	row->time_ns = ktime_get_ns() - start_ns;
	row->cpu = raw_smp_processor_id();
	if (row->cache[0]) {
		slub_state_read(&state->cache, &after);
		slub_slab_state_read(&state->cache, row->page, &slab_after);
		seen = slub_free_level(&state->cache, &before, &after,
				       &slab_before, &slab_after, object);
	}
	if (off)
		preempt_enable();
	if (watch->free.object == object)
		hooks = watch->free.level;
	if (row->level != SLUBPROBE_LEVEL_UNKNOWN)
		seen = row->level;
	row->proof = judge(hooks, seen);
	row->level = hooks ?: seen;
	mms_latency_add(&state->latency[1][row->level], row->time_ns);
}

/* ---- Patterns ---- */

static void free_batch(struct kmalloc_state *state, struct slub_watch *watch,
		       struct batch *batch, unsigned int first)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		measure_free(state, watch, batch->objects[i], first + i);
		cond_resched();
	}
	batch->nr = 0;
}

/**
 * struct cross - what a worker is to do
 * @work: the work
 * @state: of the request; its maker waits meanwhile
 * @watch: what the hooks tell of the worker
 * @armed: they are
 */
struct cross {
	struct work_struct work;
	struct kmalloc_state *state;
	struct slub_watch watch;
	bool armed;
};

static void free_across(struct work_struct *work)
{
	struct cross *cross = container_of(work, struct cross, work);
	bool watched = cross->armed && slub_watch_begin(&cross->watch);

	free_batch(cross->state, &cross->watch, cross->state->mine, 0);
	if (watched)
		slub_watch_end();
}

static int free_on_other_cpu(struct kmalloc_state *state, bool armed)
{
	struct cross *cross = kzalloc(sizeof(*cross), GFP_KERNEL);
	unsigned int cpu;

	if (!cross)
		return -ENOMEM;
	cross->state = state;
	cross->armed = armed;
	INIT_WORK(&cross->work, free_across);
	cpus_read_lock();
	cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	if (cpu < nr_cpu_ids) {
		schedule_work_on(cpu, &cross->work);
		flush_work(&cross->work);
	}
	cpus_read_unlock();
	kfree(cross);
	return cpu < nr_cpu_ids ? 0 : -EOPNOTSUPP;
}

static int make_requests(struct kmalloc_state *state)
{
	struct batch *mine = state->mine;
	unsigned int nr;
	void *object;

	for (nr = 0; nr < state->count; nr++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		object = measure_alloc(state, nr);
		cond_resched();
		if (!object)
			continue;
		if (state->pattern == PATTERN_PINGPONG)
			measure_free(state, &state->watch, object, nr);
		else
			mine->objects[mine->nr++] = object;
	}
	return 0;
}

/* ---- The answer ---- */

/* Nobody is killed for an exerciser, and no failure is worth a line in the log. */
static gfp_t tame(gfp_t gfp)
{
	gfp |= __GFP_NOWARN;
	if (gfp & __GFP_DIRECT_RECLAIM && !(gfp & __GFP_NORETRY))
		gfp |= __GFP_RETRY_MAYFAIL;
	return gfp;
}

static int begin_requests(struct mms_answer *answer,
			  struct kmalloc_state *state)
{
	const struct mms_request *request = answer->request;
	const struct mms_value *values = request->values;
	unsigned long needed_B;
	int err;

	err = parse_gfp(request, &state->gfp);
	if (err)
		return err;
	state->pattern = pattern_of(request);
	state->gfp = tame(state->gfp);
	state->size_B = values[WORD_SIZE].start;
	state->node = mms_value_or(&values[WORD_NODE], NUMA_NO_NODE);
	state->count = mms_value_or(&values[WORD_COUNT], 1);
	needed_B = most_B(request);
	if (atomic_long_add_return(needed_B, &held_B) >> 10 > max_KiB)
		err = mms_refuse(request, MMS_WHOLE_LINE, -ENOSPC,
				 "others hold memory; max_KiB allows %lu",
				 max_KiB);
	else
		state->mine = batch_new(most_objects(request), needed_B);
	if (!state->mine) {
		atomic_long_sub(needed_B, &held_B);
		err = err ?: -ENOMEM;
	}
	return err;
}

static int kmalloc_begin(struct mms_answer *answer)
{
	struct opened *opened = opened_of(answer);

	if (!opened)
		return -ENOMEM;
	if (!answer->request->values[WORD_FREE].given)
		return begin_requests(answer, answer->state);
	if (list_empty(&opened->kept))
		return mms_refuse(answer->request, WORD_FREE, -ENOENT,
				  "this open file has kept nothing");
	return 0;
}

static void free_kept(struct kmalloc_state *state, struct opened *opened)
{
	struct batch *batch;
	unsigned int nr = 0, here;

	while ((batch = take_kept(opened))) {
		here = batch->nr;
		free_batch(state, &state->watch, batch, nr);
		batch_free(batch);
		nr += here;
	}
}

static int run(struct mms_answer *answer, struct kmalloc_state *state)
{
	const struct mms_value *values = answer->request->values;
	struct opened *opened = answer->kept;
	int err;

	if (values[WORD_FREE].given) {
		free_kept(state, opened);
		return 0;
	}
	err = make_requests(state);
	if (err || state->pattern == PATTERN_PINGPONG)
		return err;
	if (mms_value_or(&values[WORD_KEEP], 0)) {
		list_add_tail(&state->mine->list, &opened->kept);
		state->mine = NULL;
	} else if (state->pattern == PATTERN_BURST) {
		free_batch(state, &state->watch, state->mine, 0);
	} else {
		err = free_on_other_cpu(state, opened->armed);
	}
	return err;
}

static unsigned int summarize(const struct kmalloc_state *state,
			      struct kmalloc_row *rows)
{
	unsigned int level, nr = 0, free;

	for (free = 0; free < 2; free++) {
		for (level = 0; level < SLUBPROBE_LEVEL_COUNT; level++) {
			if (!state->latency[free][level].count)
				continue;
			memset(&rows[nr], 0, sizeof(rows[nr]));
			rows[nr].kind = ROW_LEVEL;
			rows[nr].level = level;
			rows[nr].is_free = free;
			rows[nr].first = !nr;
			nr++;
		}
	}
	return nr;
}

static int kmalloc_fill(struct mms_answer *answer, void *records,
			unsigned int max)
{
	struct kmalloc_state *state = answer->state;
	struct opened *opened = answer->kept;
	struct kmalloc_row *rows = records;
	unsigned int kind, nr = 0;
	bool watched;
	int err;

	if (state->is_done)
		return 0;
	state->is_done = true;
	watched = opened->armed && slub_watch_begin(&state->watch);
	err = run(answer, state);
	if (watched)
		slub_watch_end();
	if (err)
		return err;
	for (kind = 0; kind < ROW_LEVEL; kind++) {
		memcpy(rows + nr, state->rows[kind],
		       state->nr_rows[kind] * sizeof(*rows));
		nr += state->nr_rows[kind];
	}
	return nr + summarize(state, rows + nr);
}

static void kmalloc_finish(struct mms_answer *answer)
{
	struct kmalloc_state *state = answer->state;

	batch_free(state->mine);
}

static void show_object(struct seq_file *m, const struct kmalloc_row *row)
{
	if (!row->object) {
		seq_puts(m, "- - - - - ");
		return;
	}
	seq_printf(m, "%#lx %s %#lx ", (unsigned long)row->object,
		   row->cache[0] ? row->cache : "-", page_to_pfn(row->page));
	if (row->index < 0)
		seq_puts(m, "- ");
	else
		seq_printf(m, "%d ", row->index);
	seq_printf(m, "%#lx ", (unsigned long)page_address(row->page));
}

static void show_call(struct seq_file *m, const struct kmalloc_row *row)
{
	if (row->first)
		seq_printf(m, "## %s\n# nr object cache slab_pfn index page_address cpu level proof time_ns\n",
			   row->kind == ROW_FREE ? "frees" : "allocations");
	seq_printf(m, "%u ", row->nr);
	show_object(m, row);
	seq_printf(m, "%d %s %s %llu\n", row->cpu, slub_level_name(row->level),
		   proof_names[row->proof], row->time_ns);
}

static void show_slab(struct seq_file *m, const struct kmalloc_row *row)
{
	const struct slub_new_slab *slab = &row->slab;
	unsigned int i;

	if (row->first)
		seq_puts(m, "## new_slabs\n# nr cache slab_pfn page_address order objects first_object free_list\n");
	seq_printf(m, "%u %s %#lx %#lx %u %u %#lx ", row->nr, row->cache,
		   page_to_pfn(slab->page),
		   (unsigned long)page_address(slab->page), slab->order,
		   slab->objects, (unsigned long)slab->base);
	for (i = 0; i < slab->nr; i++)
		seq_printf(m, "%s%u", i ? "," : "", slab->index[i]);
	seq_puts(m, !slab->nr ? "-\n" : slab->nr < slab->objects ? ",...\n" :
								   "\n");
}

static void show_level(struct seq_file *m, const struct kmalloc_state *state,
		       const struct kmalloc_row *row)
{
	if (row->first)
		seq_puts(m, "## levels\n# request level " MMS_LATENCY_COLUMNS "\n");
	seq_printf(m, "%s %s ", row->is_free ? "free" : "alloc",
		   slub_level_name(row->level));
	mms_latency_show(m, &state->latency[row->is_free][row->level]);
	seq_putc(m, '\n');
}

static void kmalloc_show(struct seq_file *m, struct mms_answer *answer,
			 const void *record)
{
	const struct kmalloc_row *row = record;

	switch (row->kind) {
	case ROW_ALLOC:
	case ROW_FREE:
		show_call(m, row);
		break;
	case ROW_SLAB:
		show_slab(m, row);
		break;
	case ROW_LEVEL:
		show_level(m, answer->state, row);
		break;
	}
}

static u64 held_bytes(void)
{
	return atomic_long_read(&held_B);
}

struct mms_file slubprobe_kmalloc_file = {
	.name = "kmalloc",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.words = kmalloc_words,
	.nr_words = ARRAY_SIZE(kmalloc_words),
	.state_size_B = sizeof(struct kmalloc_state),
	.record_size_B = sizeof(struct kmalloc_row),
	.check = kmalloc_check,
	.begin = kmalloc_begin,
	.fill = kmalloc_fill,
	.show = kmalloc_show,
	.finish = kmalloc_finish,
	.release = kmalloc_release,
	.held_B = held_bytes,
};
