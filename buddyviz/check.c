// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/check: do free lists, per-CPU lists and the
 * counter of free pages agree?
 *
 * For each zone two sums must hold:
 *
 *   blocks on free lists - isolated + unaccepted = NR_FREE_PAGES
 *   pages on per-CPU lists = what each CPU counts
 *
 * Pages in isolated pageblocks stay on free lists but are not counted; unaccepted
 * memory is counted and on no list. NR_FREE_PAGES is the zone's counter and what
 * each CPU has not yet added to it. A page on a per-CPU list is not in it; buddy
 * and pcp together are what nobody owns.
 *
 * One look holds the locks of all per-CPU lists of the zone and zone->lock, in
 * the kernel's order: no page can move between the two or leave either. Kernels
 * before 6.0 have no lock of per-CPU lists: their counts are read before and
 * after until equal. NR_FREE_PAGES changes under zone->lock, but for two short
 * moments: a CPU folds what it has not yet added (any kernel), and a block was
 * taken off a list but not yet off the counter (before 5.14). So a look in which
 * the sums differ is repeated; a difference that stays is shown.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/stringify.h>

#include <mmscope/page.h>

#include "buddyviz.h"

#define LOOKS_MAX	16	/* until the sums are right */
#define LOOKS_BUSY	8	/* of these, without a pause before the next */

/* Spinlocks held at once are counted in 8 bits; with more CPUs it is racy. */
#define LOCKS_MAX	128

/* Held while more than one lock of its kind is taken. */
static DEFINE_MUTEX(pcp_locks);

struct check_state {
	unsigned int index;	/* next zone, as mms_zone_at() counts */
};

/**
 * struct check_row - one zone
 * @node: its node
 * @zone: its name
 * @buddy: pages on free lists
 * @isolated: of these, in isolated pageblocks
 * @unaccepted: pages of unaccepted memory
 * @waiting: blocks that wait to be freed until zone->lock is free
 * @pcp: pages on per-CPU lists, as counted by their CPUs
 * @pcp_listed: the same, by walking the lists
 * @counter: NR_FREE_PAGES, what CPUs have not yet added included
 * @drift: what they have not yet added
 * @has_isolated: they were all counted
 * @has_listed: the lists were walked to their ends
 * @look: enum mmscope_consistency
 * @looks: how many it took
 */
struct check_row {
	int node;
	const char *zone;
	long buddy;
	unsigned long isolated;
	long unaccepted;
	unsigned long waiting;
	long pcp;
	unsigned long pcp_listed;
	long counter;
	long drift;
	bool has_isolated;
	bool has_listed;
	u8 look;
	u8 looks;
};

static bool can_lock_pcp(const struct zone *zone)
{
	return pcp_lock_of(zone_pcp(zone, cpumask_first(cpu_online_mask))) &&
	       num_online_cpus() <= LOCKS_MAX;
}

/*
 * Lock all per-CPU lists of a zone. Interrupts are off from the first lock on,
 * where spinlocks do that at all. lockdep counts locks that are nested in one
 * other only if all of them are: the first one is of a class of its own. Sparse
 * cannot count locks taken in a loop: for it, there are none.
 */
static unsigned long lock_pcps(const struct zone *zone)
{
	unsigned long flags = 0;
	int cpu;

	for_each_online_cpu(cpu) {
		spinlock_t *lock = pcp_lock_of(zone_pcp(zone, cpu));

		if (cpu == cpumask_first(cpu_online_mask))
			spin_lock_irqsave_nested(lock, flags, SINGLE_DEPTH_NESTING);
		else
			spin_lock_nest_lock(lock, &pcp_locks);
		__release(lock);
	}
	return flags;
}

static void unlock_pcps(const struct zone *zone, unsigned long flags)
{
	int cpu, first = cpumask_first(cpu_online_mask);

	for_each_online_cpu(cpu) {
		spinlock_t *lock = pcp_lock_of(zone_pcp(zone, cpu));

		/* The first one goes last: it gives interrupts back. */
		if (cpu == first)
			continue;
		__acquire(lock);
		spin_unlock(lock);
	}
	__acquire(pcp_lock_of(zone_pcp(zone, first)));
	spin_unlock_irqrestore(pcp_lock_of(zone_pcp(zone, first)), flags);
}

static long pcp_counts(const struct zone *zone)
{
	long pages = 0;
	int cpu;

	for_each_online_cpu(cpu)
		pages += READ_ONCE(zone_pcp(zone, cpu)->count);
	return pages;
}

static long counter_drift(const struct zone *zone)
{
	long pages = 0;
	int cpu;

	for_each_online_cpu(cpu)
		pages += zone_stat_diff(zone, cpu, NR_FREE_PAGES);
	return pages;
}

/* All locks are held. */
static bool count_pcp_lists(const struct zone *zone, unsigned int *budget,
			    unsigned long *pages)
{
	unsigned long blocks;
	unsigned int list;
	int cpu;

	*pages = 0;
	for_each_online_cpu(cpu)
		for (list = 0; list < NR_PCP_LISTS; list++) {
			if (!buddyviz_count_list(&zone_pcp(zone, cpu)->lists[list],
						 budget, &blocks))
				return false;
			*pages += blocks << buddyviz_pcp_order(list);
		}
	return true;
}

static unsigned long count_waiting(const struct zone *zone,
				   unsigned int *budget)
{
	const struct llist_node *at = zone_trylock_first(zone);
	unsigned long blocks = 0;

	/* Taken off only under zone->lock, and added in front. */
	for (; at && *budget; at = READ_ONCE(at->next), --*budget)
		blocks++;
	return blocks;
}

static void add_up(struct zone *zone, bool lock_pcp, struct check_row *row)
{
	unsigned int order, budget = buddyviz_hold_blocks();

	lockdep_assert_held(&zone->lock);
	row->buddy = 0;
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		row->buddy += zone->free_area[order].nr_free << order;
	row->pcp = pcp_counts(zone);
	row->drift = counter_drift(zone);
	row->counter = atomic_long_read(&zone->vm_stat[NR_FREE_PAGES]) +
		       row->drift;
	row->unaccepted = zone_unaccepted_pages(zone);
	row->has_isolated = buddyviz_count_isolated(zone, &budget,
						    &row->isolated);
	row->waiting = count_waiting(zone, &budget);
	row->has_listed = lock_pcp &&
			  count_pcp_lists(zone, &budget, &row->pcp_listed);
}

static long difference(const struct check_row *row)
{
	return row->buddy - (long)row->isolated + row->unaccepted -
	       row->counter;
}

static bool is_settled(const struct check_row *row)
{
	return row->look != MMSCOPE_RACY &&
	       (!row->has_isolated || !difference(row));
}

static void look_locked(struct zone *zone, struct check_row *row)
{
	unsigned long flags = lock_pcps(zone);

	spin_lock(&zone->lock);
	add_up(zone, true, row);
	spin_unlock(&zone->lock);
	unlock_pcps(zone, flags);
	row->look = MMSCOPE_LOCKED;
}

/* Per-CPU lists cannot be locked: were their counts the same before and after? */
static void look_unlocked(struct zone *zone, struct check_row *row)
{
	long before = pcp_counts(zone);
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	add_up(zone, false, row);
	spin_unlock_irqrestore(&zone->lock, flags);
	row->look = row->pcp == before && row->pcp == pcp_counts(zone) ?
		    MMSCOPE_RETRIED : MMSCOPE_RACY;
}

/*
 * A virtual CPU may lose its turn between list and counter: the last looks are further
 * and further apart, over a quarter of a second in all.
 */
static void wait_for_next(unsigned int looks)
{
	unsigned int ms;

	if (looks < LOOKS_BUSY || looks == LOOKS_MAX) {
		cond_resched();
		return;
	}
	ms = 1U << (looks - LOOKS_BUSY);
	usleep_range(ms * USEC_PER_MSEC, 2 * ms * USEC_PER_MSEC);
}

static void check_zone(struct zone *zone, struct check_row *row)
{
	bool lock_pcp = can_lock_pcp(zone);

	row->node = zone_to_nid(zone);
	row->zone = zone->name;
	row->looks = 0;
	mutex_lock(&pcp_locks);
	do {
		if (lock_pcp)
			look_locked(zone, row);
		else
			look_unlocked(zone, row);
		row->looks++;
		wait_for_next(row->looks);
	} while (!is_settled(row) && row->looks < LOOKS_MAX);
	mutex_unlock(&pcp_locks);
}

static int check_begin(struct mms_answer *answer)
{
	unsigned int index = 0;
	struct zone *zone;

	cpus_read_lock();
	mms_memory_hold();
	zone = mms_zone_at(&index);
	if (zone && !can_lock_pcp(zone))
		answer->consistency = MMSCOPE_RETRIED;
	mms_memory_release();
	cpus_read_unlock();
	return 0;
}

static int check_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct check_state *state = answer->state;
	struct zone *zone;

	if (fatal_signal_pending(current))
		return -EINTR;
	/* Memory hotplug takes these two in this order. */
	cpus_read_lock();
	mms_memory_hold();
	zone = mms_zone_at(&state->index);
	if (zone) {
		check_zone(zone, records);
		state->index++;
	}
	mms_memory_release();
	cpus_read_unlock();
	return zone ? 1 : 0;
}

static const char *verdict_of(const struct check_row *row)
{
	if (!row->has_isolated)
		return "-";
	if (difference(row))
		return "buddy_differs";
	if (row->has_listed && row->pcp_listed != row->pcp)
		return "pcp_differs";
	return "equal";
}

static void check_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct check_row *row = record;

	seq_printf(m, "%d %s %ld %ld %ld ", row->node, row->zone,
		   row->buddy + row->pcp, row->buddy, row->pcp);
	if (row->has_listed)
		seq_printf(m, "%lu ", row->pcp_listed);
	else
		seq_puts(m, "- ");
	if (row->has_isolated)
		seq_printf(m, "%lu ", row->isolated);
	else
		seq_puts(m, "- ");
	seq_printf(m, "%ld %lu %ld %ld ", row->unaccepted, row->waiting,
		   row->counter, row->drift);
	if (row->has_isolated)
		seq_printf(m, "%ld ", difference(row));
	else
		seq_puts(m, "- ");
	seq_printf(m, "%s %u %s\n", verdict_of(row), row->looks,
		   mms_consistency_name(row->look));
}

struct mms_file buddyviz_check_file = {
	.name = "check",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = __stringify(node zone total_pages buddy_pages pcp_pages
			       pcp_listed_pages isolated_pages unaccepted_pages
			       waiting_blocks free_pages drift_pages
			       difference_pages verdict looks look),
	.state_size_B = sizeof(struct check_state),
	.record_size_B = sizeof(struct check_row),
	.begin = check_begin,
	.fill = check_fill,
	.show = check_show,
};
