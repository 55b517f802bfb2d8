// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/check: is what each cache says of itself
 * true? Every list of free objects is followed: does each pointer lead to an object
 * of its slab, does no list come back, is no object free twice, do counters and
 * lists agree, does each slab belong to the cache?
 *
 * See look.c for the locks. A cache with a fault is looked at again, and what is
 * told is what the last look saw: it is there in two equal looks if the line says
 * "retried", in one only if it says "racy". "partly" is the verdict
 * when a list is longer than what may be followed under its lock, or a CPU was
 * never outside of its own critical section.
 *
 * Deliberately ignored: full slabs, whose objects are all in use, and what the
 * kernel's own debugging checks, red zones and poison.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "slubprobe.h"

#define COLUMNS \
	"name verdict free_objects faults fault place owner addr pfn " \
	"expected counted look"

static const char *const kind_names[] = {
	[SLUB_FAULT_UNREADABLE] = "unreadable",
	[SLUB_FAULT_NO_SLAB] = "no_slab",
	[SLUB_FAULT_WRONG_CACHE] = "wrong_cache",
	[SLUB_FAULT_OUT_OF_RANGE] = "out_of_range",
	[SLUB_FAULT_CYCLE] = "cycle",
	[SLUB_FAULT_DOUBLED] = "doubled",
	[SLUB_FAULT_COUNT] = "count",
};

static_assert(ARRAY_SIZE(kind_names) == SLUB_FAULT_COUNT_MAX);

/**
 * struct check_state - an answer on its way
 * @addrs: caches as they were when the answer began
 * @nr: number of them
 * @next: of them
 * @look: at the one under way
 */
struct check_state {
	const void **addrs;
	unsigned int nr;
	unsigned int next;
	struct slub_look look;
};

/**
 * struct check_record - one line
 * @name: of the cache
 * @followed: free objects that were looked at
 * @nr_faults: of the cache
 * @is_whole: every list was followed to its end
 * @is_stable: two looks were equal
 * @fault: one of the faults, if there is any
 */
struct check_record {
	char name[SLUB_NAME_LEN];
	u64 followed;
	unsigned int nr_faults;
	bool is_whole;
	bool is_stable;
	struct slub_fault fault;
};

static int check_begin(struct mms_answer *answer)
{
	struct check_state *state = answer->state;
	int err;

	err = slub_check(NULL);
	if (err)
		return err;
	state->look.walk = slub_walk_new(SLUB_ITEMS_MAX);
	state->addrs = slub_list_new(&state->nr);
	if (state->look.walk && !IS_ERR(state->addrs))
		return 0;
	err = state->look.walk ? PTR_ERR(state->addrs) : -ENOMEM;
	if (!IS_ERR(state->addrs))
		kvfree(state->addrs);
	slub_walk_free(state->look.walk);
	return err;
}

/* In a stable look, an object that is in two places at once is free twice. */
static void find_doubles(struct slub_look *look)
{
	struct slub_walk *walk = look->walk;
	const struct slub_item *item;
	unsigned int i;

	slub_walk_sort(walk);
	for (i = 1; i < walk->nr_items; i++) {
		item = &walk->items[i];
		if (!item->is_object || item->addr != item[-1].addr ||
		    walk->nr_faults++ >= SLUB_FAULTS_MAX)
			continue;
		walk->faults[walk->nr_faults - 1] = (struct slub_fault){
			.kind = SLUB_FAULT_DOUBLED,
			.place = item->place,
			.owner = item->owner,
			.addr = item->addr,
		};
	}
}

/* Look again at what is wrong: what stays wrong is. */
static int look_at(struct slub_look *look, const void *addr)
{
	int tries, err;

	for (tries = 0; tries < 2; tries++) {
		err = slub_hold();
		if (err)
			return err;
		err = slub_is_cache(addr) && slub_cache_read(addr, &look->cache) ?
		      0 : -ENOENT;
		if (!err)
			slub_look(look, 1);
		slub_release();
		if (err)
			return err;
		if (look->is_stable)
			find_doubles(look);
		if (!look->walk->nr_faults)
			return 0;
	}
	return 0;
}

static unsigned int fill_verdict(const struct slub_look *look,
				 struct check_record *record)
{
	const struct slub_walk *walk = look->walk;
	unsigned int nr = clamp(walk->nr_faults, 1U, (u32)SLUB_FAULTS_MAX), i;

	for (i = 0; i < nr; i++, record++) {
		strscpy(record->name, look->cache.name, sizeof(record->name));
		record->followed = slub_look_free(look);
		record->nr_faults = walk->nr_faults;
		record->is_whole = !look->is_truncated && !look->is_busy;
		record->is_stable = look->is_stable;
		record->fault = walk->faults[i];
	}
	return nr;
}

static int check_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct check_state *state = answer->state;
	unsigned int nr = 0;
	int err;

	while (nr + SLUB_FAULTS_MAX <= max && state->next < state->nr) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = look_at(&state->look, state->addrs[state->next++]);
		if (err && err != -ENOENT)
			return err;
		if (!err)
			nr += fill_verdict(&state->look,
					   (struct check_record *)records + nr);
		cond_resched();
	}
	return nr;
}

static void show_fault(struct seq_file *m, const struct slub_fault *fault)
{
	seq_printf(m, "%s %s %u %#llx ", kind_names[fault->kind],
		   slub_place_name(fault->place), fault->owner, fault->addr);
	if (fault->slab)
		seq_printf(m, "%#lx", page_to_pfn(fault->slab));
	else
		seq_putc(m, '-');
	if (fault->kind == SLUB_FAULT_COUNT)
		seq_printf(m, " %llu %llu", fault->expected, fault->counted);
	else
		seq_puts(m, " - -");
}

static void check_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct check_record *r = record;

	seq_printf(m, "%s %s %llu %u ", r->name, r->nr_faults ? "bad" :
		   r->is_whole ? "ok" : "partly", r->followed, r->nr_faults);
	if (r->nr_faults)
		show_fault(m, &r->fault);
	else
		seq_puts(m, "- - - - - - -");
	seq_printf(m, " %s\n", r->is_stable ? "retried" : "racy");
}

static void check_finish(struct mms_answer *answer)
{
	struct check_state *state = answer->state;

	kvfree(state->addrs);
	slub_walk_free(state->look.walk);
}

struct mms_file slubprobe_check_file = {
	.name = "check",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.columns = COLUMNS,
	.state_size_B = sizeof(struct check_state),
	.record_size_B = sizeof(struct check_record),
	.begin = check_begin,
	.fill = check_fill,
	.show = check_show,
	.finish = check_finish,
};
