// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/stats: how many allocations and frees of each
 * cache each level served, over all CPUs, in the next so many milliseconds.
 *
 * The read arms the hooks (level.c), waits, disarms them, and then adds up what each
 * CPU counted for itself; so while nobody reads, nothing is counted. Each CPU has a
 * table with room for CACHES_MAX caches. A row is taken by cmpxchg() and its counts
 * are atomic, since an interrupt may count in the middle; other CPUs do not look
 * before the hooks are off. What finds no row is counted as "lost".
 *
 * One reader counts at a time; another gets EBUSY.
 *
 * Deliberately ignored: what level.c does not see.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/sort.h>

#include "level.h"
#include "slubprobe.h"

#define CACHES_MAX	1024	/* counted at once by a CPU; a power of two */
#define WAYS		16	/* rows that a cache may be in */
#define MS_MAX		60000

enum {
	WORD_MS,
};

static const struct mms_word stats_words[] = {
	[WORD_MS] = {
		.key = "ms",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = MS_MAX,
		.example = "1000",
	},
};

/* For large requests, which have no cache. */
static const char no_cache;

/**
 * struct counts_row - one cache
 * @cache: its struct kmem_cache; &no_cache: pages; NULL: nobody's row
 * @nr: allocations, and frees, by level
 */
struct counts_row {
	const void *cache;
	atomic_long_t nr[2][SLUBPROBE_LEVEL_COUNT];
};

/**
 * struct slub_counts - what is being counted
 * @lost: requests for which there was no row
 * @of_cpu: CACHES_MAX rows for each CPU, or NULL: it went online later
 */
struct slub_counts {
	atomic_long_t lost;
	struct counts_row *of_cpu[];
};

/**
 * struct stats_record - one line
 * @cache: its struct kmem_cache
 * @name: of it
 * @is_free: frees, not allocations
 * @level: enum slubprobe_level
 * @nr: so many
 */
struct stats_record {
	const void *cache;
	char name[SLUB_NAME_LEN];
	bool is_free;
	u8 level;
	unsigned long nr;
};

/**
 * struct stats_state - an answer on its way
 * @rows: of all CPUs together
 * @nr: number of them
 * @next: of all counts of all rows
 * @lost: requests without a row
 */
struct stats_state {
	struct counts_row *rows;
	unsigned int nr;
	unsigned int next;
	long lost;
};

/* Held while one reader counts. */
static DEFINE_MUTEX(stats_lock);

static struct counts_row *find_row(struct counts_row *rows, const void *cache)
{
	unsigned int first = hash_ptr(cache, ilog2(CACHES_MAX / WAYS)) * WAYS;
	struct counts_row *row;

	for (row = rows + first; row < rows + first + WAYS; row++) {
		const void *owner = READ_ONCE(row->cache);

		if (!owner)
			owner = cmpxchg(&row->cache, NULL, cache) ?: cache;
		if (owner == cache)
			return row;
	}
	return NULL;
}

/**
 * slub_counts_add() - count one request
 * @counts: where
 * @cache: its struct kmem_cache, or NULL
 * @is_free: a free, not an allocation
 * @level: enum slubprobe_level
 *
 * Context: Any, NMI included. If the task moves to another CPU meanwhile, the count
 * is right all the same.
 */
void slub_counts_add(struct slub_counts *counts, const void *cache,
		     bool is_free, unsigned int level)
{
	struct counts_row *rows = counts->of_cpu[raw_smp_processor_id()];
	struct counts_row *row;

	row = rows ? find_row(rows, cache ?: &no_cache) : NULL;
	if (row)
		atomic_long_inc(&row->nr[is_free][level]);
	else
		atomic_long_inc(&counts->lost);
}

static void counts_free(struct slub_counts *counts)
{
	unsigned int cpu;

	for (cpu = 0; counts && cpu < nr_cpu_ids; cpu++)
		kvfree(counts->of_cpu[cpu]);
	kvfree(counts);
}

static struct slub_counts *counts_new(void)
{
	struct slub_counts *counts;
	unsigned int cpu;

	counts = kvzalloc(struct_size(counts, of_cpu, nr_cpu_ids), GFP_KERNEL);
	if (!counts)
		return NULL;
	for_each_online_cpu(cpu) {
		counts->of_cpu[cpu] = kvcalloc(CACHES_MAX,
					       sizeof(struct counts_row),
					       GFP_KERNEL);
		if (!counts->of_cpu[cpu]) {
			counts_free(counts);
			return NULL;
		}
	}
	return counts;
}

/* Into the first CPU's table, which nobody else uses any more. */
static void add_up(struct slub_counts *counts, struct stats_state *state)
{
	struct counts_row *sum = NULL, *from, *to;
	unsigned int cpu, i, level;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (!sum) {
			swap(sum, counts->of_cpu[cpu]);
			continue;
		}
		for (i = 0; counts->of_cpu[cpu] && i < CACHES_MAX; i++) {
			from = &counts->of_cpu[cpu][i];
			to = from->cache ? find_row(sum, from->cache) : NULL;
			for (level = 0; to && level < SLUBPROBE_LEVEL_COUNT;
			     level++) {
				atomic_long_add(atomic_long_read(&from->nr[0][level]),
						&to->nr[0][level]);
				atomic_long_add(atomic_long_read(&from->nr[1][level]),
						&to->nr[1][level]);
			}
			if (from->cache && !to)
				atomic_long_inc(&counts->lost);
		}
	}
	state->rows = sum;
	state->nr = sum ? CACHES_MAX : 0;
	state->lost = atomic_long_read(&counts->lost);
}

static unsigned long sum_of(const struct counts_row *row)
{
	unsigned long sum = 0;
	unsigned int level;

	for (level = 0; level < SLUBPROBE_LEVEL_COUNT; level++)
		sum += atomic_long_read(&row->nr[0][level]) +
		       atomic_long_read(&row->nr[1][level]);
	return sum;
}

/* Who asks most comes first. */
static int compare_rows(const void *a, const void *b)
{
	unsigned long first = sum_of(a), second = sum_of(b);

	return first > second ? -1 : first < second;
}

static int count_for(struct slub_counts *counts, u64 ms)
{
	int err;

	err = slub_level_get();
	if (err)
		return err;
	slub_count_into(counts);
	if (msleep_interruptible(ms))
		err = -EINTR;
	slub_count_into(NULL);
	slub_level_put();
	return err;
}

static int stats_begin(struct mms_answer *answer)
{
	struct stats_state *state = answer->state;
	struct slub_counts *counts;
	int err;

	if (!mutex_trylock(&stats_lock))
		return -EBUSY;
	counts = counts_new();
	err = counts ? count_for(counts, answer->request->values[WORD_MS].start) :
		       -ENOMEM;
	if (!err) {
		add_up(counts, state);
		sort(state->rows, state->nr, sizeof(*state->rows), compare_rows,
		     NULL);
	}
	counts_free(counts);
	mutex_unlock(&stats_lock);
	return err;
}

/* Between slub_hold() and slub_release(). */
static void fill_name(struct stats_record *record)
{
	struct slub_cache cache;

	strscpy(record->name, "-", sizeof(record->name));
	if (slub_is_cache(record->cache) &&
	    slub_cache_read(record->cache, &cache))
		strscpy(record->name, cache.name, sizeof(record->name));
	else if (record->cache == &no_cache)
		record->cache = NULL;
}

static int stats_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	const unsigned int per_row = 2 * SLUBPROBE_LEVEL_COUNT;
	struct stats_state *state = answer->state;
	struct stats_record *record = records;
	unsigned int nr = 0, at;
	const struct counts_row *row;
	int err;

	err = slub_hold();
	if (err)
		return err;
	for (; nr < max && state->next < state->nr * per_row; state->next++) {
		row = &state->rows[state->next / per_row];
		at = state->next % per_row;
		record->is_free = at / SLUBPROBE_LEVEL_COUNT;
		record->level = at % SLUBPROBE_LEVEL_COUNT;
		record->nr = atomic_long_read(&row->nr[record->is_free][record->level]);
		if (!row->cache || !record->nr)
			continue;
		record->cache = row->cache;
		fill_name(record++);
		nr++;
	}
	slub_release();
	if (!nr && state->lost)
		return -E2BIG;
	return nr;
}

static void stats_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct stats_record *r = record;

	seq_printf(m, "%s %#lx %s %s %lu\n", r->name, (unsigned long)r->cache,
		   r->is_free ? "free" : "alloc", slub_level_name(r->level),
		   r->nr);
}

static void stats_finish(struct mms_answer *answer)
{
	struct stats_state *state = answer->state;

	kvfree(state->rows);
}

struct mms_file slubprobe_stats_file = {
	.name = "stats",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.columns = "name cache request level count",
	.words = stats_words,
	.nr_words = ARRAY_SIZE(stats_words),
	.state_size_B = sizeof(struct stats_state),
	.record_size_B = sizeof(struct stats_record),
	.check = slub_check,
	.begin = stats_begin,
	.fill = stats_fill,
	.show = stats_show,
	.finish = stats_finish,
};
