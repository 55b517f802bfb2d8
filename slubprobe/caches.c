// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/caches: every cache, with its slabs and
 * objects by the place where they are.
 *
 * slab_mutex is held while a few caches are looked at, see look.c for what one
 * look covers. Each row tells if it was equal in two looks. Caches that come
 * while the answer is read are not in it; one that goes is left out.
 *
 * Deliberately ignored: KFENCE's objects, which are in no slab of the cache.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "slubprobe.h"

#define COLUMNS \
	"name object_size_B size_B align_B order objects_per_slab flags " \
	"aliases slabs cpu_slabs cpu_partial_slabs node_slabs full_slabs " \
	"objects allocated free cpu cpu_slab cpu_partial sheaf_main " \
	"sheaf_spare sheaf_rcu barn node slabinfo_active look"

/**
 * struct caches_state - an answer on its way
 * @addrs: caches as they were when the answer began
 * @nr: number of them
 * @next: of them
 */
struct caches_state {
	const void **addrs;
	unsigned int nr;
	unsigned int next;
};

static int caches_begin(struct mms_answer *answer)
{
	struct caches_state *state = answer->state;
	int err;

	err = slub_check(NULL);
	if (err)
		return err;
	state->addrs = slub_list_new(&state->nr);
	return PTR_ERR_OR_ZERO(state->addrs);
}

static unsigned int look_at_batch(struct caches_state *state,
				  struct slub_look *looks)
{
	const void **addrs = state->addrs + state->next;
	unsigned int batch = min_t(unsigned int, state->nr - state->next,
				   SLUB_BATCH);
	unsigned long listed = slub_listed(addrs, batch);
	unsigned int nr = 0, i;

	state->next += batch;
	for_each_set_bit(i, &listed, batch) {
		looks[nr].walk = NULL;
		looks[nr].without_nodes = false;
		if (slub_cache_read(addrs[i], &looks[nr].cache))
			nr++;
	}
	if (nr)
		slub_look(looks, nr);
	return nr;
}

static int caches_fill(struct mms_answer *answer, void *records,
		       unsigned int max)
{
	struct caches_state *state = answer->state;
	unsigned int nr = 0;
	int err;

	/* max is far more than one batch. */
	while (!nr && state->next < state->nr) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = slub_hold();
		if (err)
			return err;
		nr = look_at_batch(state, records);
		slub_release();
		cond_resched();
	}
	return nr;
}

/* Most numbers have one digit; a format would take three times as long for any. */
static void show_number(struct seq_file *m, u64 number)
{
	char text[] = { ' ', '0' + number };

	if (number < 10)
		seq_write(m, text, sizeof(text));
	else
		seq_put_decimal_ull(m, " ", number);
}

/* A number that this kernel has, or "-". */
static void show_if(struct seq_file *m, bool is_there, u64 number)
{
	if (is_there)
		show_number(m, number);
	else
		seq_write(m, " -", 2);
}

static void show_cache(struct seq_file *m, const struct slub_cache *cache)
{
	seq_puts(m, cache->name);
	show_number(m, cache->object_size_B);
	show_number(m, cache->size_B);
	show_number(m, cache->align_B);
	show_number(m, cache->order);
	show_number(m, cache->objects);
	seq_putc(m, ' ');
	slub_show_flags(m, cache);
	show_number(m, max(cache->refcount - 1, 0));
}

static void show_slabs(struct seq_file *m, const struct slub_look *look)
{
	bool sheaves = slub_has_sheaves();
	u64 listed = look->slabs_at[MMSCOPE_SLUB_CPU] +
		     look->slabs_at[MMSCOPE_SLUB_CPU_PARTIAL] +
		     look->slabs_at[MMSCOPE_SLUB_NODE];

	show_number(m, look->slabs);
	show_if(m, !sheaves, look->slabs_at[MMSCOPE_SLUB_CPU]);
	show_if(m, !sheaves, look->slabs_at[MMSCOPE_SLUB_CPU_PARTIAL]);
	show_number(m, look->slabs_at[MMSCOPE_SLUB_NODE]);
	/* The parts are of different instants: more may be listed than are. */
	show_number(m, look->slabs - min(listed, look->slabs));
}

static void show_objects(struct seq_file *m, const struct slub_look *look)
{
	bool sheaves = slub_has_sheaves();
	u64 free = slub_look_free(look);
	unsigned int i;

	show_number(m, look->objects);
	show_number(m, look->objects - min(free, look->objects));
	show_number(m, free);
	for (i = MMSCOPE_SLUB_CPU; i <= MMSCOPE_SLUB_NODE; i++)
		show_if(m, i == MMSCOPE_SLUB_NODE ||
			sheaves == (i >= MMSCOPE_SLUB_SHEAF_MAIN),
			look->free_at[i]);
	/* What /proc/slabinfo says: free is only what the nodes have. */
	show_number(m, look->objects -
		    min(look->free_at[MMSCOPE_SLUB_NODE], look->objects));
}

static void caches_show(struct seq_file *m, struct mms_answer *answer,
			const void *record)
{
	const struct slub_look *look = record;

	show_cache(m, &look->cache);
	show_slabs(m, look);
	show_objects(m, look);
	seq_puts(m, look->is_truncated ? " truncated\n" :
		 look->is_stable ? " retried\n" : " racy\n");
}

static void caches_finish(struct mms_answer *answer)
{
	struct caches_state *state = answer->state;

	kvfree(state->addrs);
}

struct mms_file slubprobe_caches_file = {
	.name = "caches",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.one_row = true,
	.columns = COLUMNS,
	.state_size_B = sizeof(struct caches_state),
	.record_size_B = sizeof(struct slub_look),
	.begin = caches_begin,
	.fill = caches_fill,
	.show = caches_show,
	.finish = caches_finish,
};
