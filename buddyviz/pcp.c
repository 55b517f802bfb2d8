// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/pcp: pages that CPUs keep for themselves.
 *
 * From 6.0 on the lists have a lock, which any CPU may take; while it is held,
 * allocations of that CPU go to the free lists, so it is held for one zone of
 * one CPU and a budget of list entries. Before, only the CPU itself may touch its
 * lists, with interrupts off: it does so for us, in an interrupt that we send.
 *
 * Deliberately ignored: pages that a CPU has just taken off the free lists and
 * not yet put on its own; they are in neither.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/stringify.h>

#include <mmscope/owner.h>
#include <mmscope/page.h>

#include "buddyviz.h"

#define PFNS_MAX	4096	/* that one answer row may list */

enum {
	WORD_NODE,
	WORD_ZONE,
	WORD_CPU,
	WORD_PAGES,
};

static const struct mms_word pcp_words[] = {
	[WORD_NODE] = BUDDYVIZ_WORD_NODE,
	[WORD_ZONE] = BUDDYVIZ_WORD_ZONE,
	[WORD_CPU] = {
		.key = "cpu",
		.kind = MMS_WORD_NUMBER,
		.max = NR_CPUS - 1,
		.example = "0",
	},
	[WORD_PAGES] = {
		.key = "pages",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
};

/**
 * struct pcp_look - the lists of one zone and CPU, as they were at one instant
 * @pcp: the lists
 * @count: pages, as the kernel counts them
 * @high: pages above which some are given back
 * @batch: pages that are moved at once
 * @want_pfns: list them
 * @nr_pfns: number in @pfns, of all lists one after the other
 * @blocks: length of each list
 * @counted: the list was counted to its end
 * @pfns: first page frame of each block
 */
struct pcp_look {
	struct per_cpu_pages *pcp;
	int count;
	int high;
	int batch;
	bool want_pfns;
	unsigned int nr_pfns;
	unsigned long blocks[NR_PCP_LISTS];
	bool counted[NR_PCP_LISTS];
	unsigned long pfns[PFNS_MAX];
};

/**
 * struct pcp_state - an answer on its way
 * @index: zone, as mms_zone_at() counts
 * @cpu: next CPU for that zone
 * @look: at the lists whose rows are being shown
 */
struct pcp_state {
	unsigned int index;
	unsigned int cpu;
	struct pcp_look look;
};

/* One list. Its page frames are in the state's look, until the next fill(). */
struct pcp_row {
	int node;
	const char *zone;
	unsigned int cpu;
	unsigned int list;
	unsigned int first_pfn;
};

/**
 * buddyviz_pcp_order() - the order of the pages on a per-CPU list
 * @list: its index
 *
 * Mirrors pindex_to_order() of mm/page_alloc.c.
 */
unsigned int buddyviz_pcp_order(unsigned int list)
{
	unsigned int order = list / MIGRATE_PCPTYPES;

	return order > PAGE_ALLOC_COSTLY_ORDER ? pageblock_order : order;
}

static const char *list_type(unsigned int list)
{
	if (list < NR_LOWORDER_PCP_LISTS)
		return buddyviz_type_name(buddyviz_type_number(list % MIGRATE_PCPTYPES));
	if (NR_PCP_LISTS - NR_LOWORDER_PCP_LISTS == 1)
		return "any";
	return list == NR_LOWORDER_PCP_LISTS ? "not_movable" : "movable";
}

/* ---- Looking ---- */

static void look_at_list(struct pcp_look *look, unsigned int list,
			 unsigned int *budget)
{
	struct page *page;

	look->blocks[list] = 0;
	look->counted[list] = false;
	list_for_each_entry(page, &look->pcp->lists[list], lru) {
		if (!*budget)
			return;
		--*budget;
		look->blocks[list]++;
		if (look->want_pfns)
			look->pfns[look->nr_pfns++] = page_to_pfn(page);
	}
	look->counted[list] = true;
}

/* Under the lists' lock, or on their CPU with interrupts off. */
static void look_at_lists(void *data)
{
	unsigned int list, budget = buddyviz_hold_blocks();
	struct pcp_look *look = data;

	look->count = look->pcp->count;
	look->high = look->pcp->high;
	look->batch = look->pcp->batch;
	look->nr_pfns = 0;
	for (list = 0; list < NR_PCP_LISTS; list++)
		look_at_list(look, list, &budget);
}

/* Call a function where nobody else touches the lists of a CPU. */
static int with_pcp(struct per_cpu_pages *pcp, int cpu, void (*call)(void *),
		    void *data)
{
	spinlock_t *lock = pcp_lock_of(pcp);
	unsigned long flags;

	if (!lock)
		return smp_call_function_single(cpu, call, data, 1);
	spin_lock_irqsave(lock, flags);
	call(data);
	spin_unlock_irqrestore(lock, flags);
	return 0;
}

static int look_at_pcp(struct zone *zone, int cpu, struct pcp_look *look)
{
	look->pcp = zone_pcp(zone, cpu);
	return with_pcp(look->pcp, cpu, look_at_lists, look);
}

/* ---- Where a page is ---- */

/* One CPU's lists to be searched. */
struct pcp_search {
	struct per_cpu_pages *pcp;
	unsigned long pfn;
	struct buddyviz_pcp_place *place;
};

static bool search_list(const struct pcp_search *search, unsigned int list,
			unsigned int *budget)
{
	unsigned int order = buddyviz_pcp_order(list);
	struct page *page;

	list_for_each_entry(page, &search->pcp->lists[list], lru) {
		if (!*budget) {
			search->place->cut = true;
			return false;
		}
		--*budget;
		if (search->pfn - page_to_pfn(page) >= 1UL << order)
			continue;
		search->place->found = true;
		search->place->list = list;
		search->place->head_pfn = page_to_pfn(page);
		return true;
	}
	return false;
}

static void search_lists(void *data)
{
	unsigned int list, budget = buddyviz_hold_blocks();
	const struct pcp_search *search = data;

	for (list = 0; list < NR_PCP_LISTS; list++)
		if (search_list(search, list, &budget))
			return;
}

/**
 * buddyviz_pcp_find() - which per-CPU list holds a page
 * @zone: of the page
 * @pfn: of the page
 * @place: filled in
 *
 * Context: Process context, between cpus_read_lock() and cpus_read_unlock(). Takes
 * the lock of each CPU's lists, or interrupts the CPU.
 */
void buddyviz_pcp_find(struct zone *zone, unsigned long pfn,
		       struct buddyviz_pcp_place *place)
{
	struct pcp_search search = { .pfn = pfn, .place = place };
	int cpu;

	memset(place, 0, sizeof(*place));
	for_each_online_cpu(cpu) {
		search.pcp = zone_pcp(zone, cpu);
		if (with_pcp(search.pcp, cpu, search_lists, &search))
			place->cut = true;
		place->cpu = cpu;
		if (place->found)
			return;
	}
}

/* One CPU's lists to be marked. */
struct pcp_marks {
	struct per_cpu_pages *pcp;
	struct mms_window *window;
};

static void mark_lists(void *data)
{
	unsigned int list, budget = buddyviz_hold_blocks();
	const struct pcp_marks *marks = data;
	struct page *page;

	for (list = 0; list < NR_PCP_LISTS; list++) {
		list_for_each_entry(page, &marks->pcp->lists[list], lru) {
			if (!budget--)
				return;
			mms_window_mark(marks->window, page_to_pfn(page),
					1UL << buddyviz_pcp_order(list),
					MMS_OWNER_PCP);
		}
	}
}

/**
 * buddyviz_pcp_mark() - mark the pages of a zone that are on per-CPU lists
 * @zone: the zone
 * @window: what is marked
 *
 * Context: As for buddyviz_pcp_find().
 * Return: 0, or why a CPU could not be asked.
 */
int buddyviz_pcp_mark(struct zone *zone, struct mms_window *window)
{
	struct pcp_marks marks = { .window = window };
	int cpu, err = 0;

	for_each_online_cpu(cpu) {
		marks.pcp = zone_pcp(zone, cpu);
		err = with_pcp(marks.pcp, cpu, mark_lists, &marks);
		if (err)
			break;
	}
	return err;
}

/* ---- The file ---- */

static int pcp_check(struct mms_request *request)
{
	const struct mms_value *cpu = &request->values[WORD_CPU];

	if (cpu->given && (cpu->start >= nr_cpu_ids || !cpu_online(cpu->start)))
		return mms_refuse(request, WORD_CPU, -ENOENT,
				  "no such CPU is online");
	return buddyviz_check_node(request, WORD_NODE) ?:
	       buddyviz_check_zone(request, WORD_ZONE);
}

/* The next zone and CPU wanted; NULL at the end. */
static struct zone *next_pcp(const struct mms_value *values,
			     struct pcp_state *state)
{
	const struct mms_value *cpu = &values[WORD_CPU];
	struct zone *zone;

	for (;; state->index++, state->cpu = 0) {
		zone = buddyviz_zone_wanted(&state->index, &values[WORD_NODE],
					    &values[WORD_ZONE]);
		if (!zone)
			return NULL;
		if (cpu->given)
			state->cpu = max_t(u64, state->cpu, cpu->start);
		state->cpu = cpumask_next((int)state->cpu - 1, cpu_online_mask);
		if (state->cpu < nr_cpu_ids &&
		    (!cpu->given || state->cpu == cpu->start))
			return zone;
	}
}

static int pcp_begin(struct mms_answer *answer)
{
	const struct mms_value *pages = &answer->request->values[WORD_PAGES];
	struct pcp_state *state = answer->state;

	state->look.want_pfns = pages->given && pages->start;
	return 0;
}

static void put_rows(struct zone *zone, const struct pcp_state *state,
		     struct pcp_row *row)
{
	unsigned int list, pfn = 0;

	for (list = 0; list < NR_PCP_LISTS; list++, row++) {
		row->node = zone_to_nid(zone);
		row->zone = zone->name;
		row->cpu = state->cpu;
		row->list = list;
		row->first_pfn = pfn;
		pfn += state->look.blocks[list];
	}
}

/* The lists of one zone and CPU at a time: a batch has room for more. */
static int pcp_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	struct pcp_state *state = answer->state;
	struct zone *zone;
	int err = 0;

	if (fatal_signal_pending(current))
		return -EINTR;
	/* Memory hotplug takes these two in this order. */
	cpus_read_lock();
	mms_memory_hold();
	zone = next_pcp(answer->request->values, state);
	if (zone) {
		err = look_at_pcp(zone, state->cpu, &state->look);
		put_rows(zone, state, records);
		state->cpu++;
	}
	mms_memory_release();
	cpus_read_unlock();
	cond_resched();
	if (err)
		return err;
	return zone ? NR_PCP_LISTS : 0;
}

static const char *verdict_of(const struct pcp_look *look)
{
	unsigned long pages = 0;
	unsigned int list;

	for (list = 0; list < NR_PCP_LISTS; list++) {
		if (!look->counted[list])
			return "-";
		pages += look->blocks[list] << buddyviz_pcp_order(list);
	}
	return pages == look->count ? "equal" : "differs";
}

static void show_pfns(struct seq_file *m, const struct pcp_look *look,
		      const struct pcp_row *row)
{
	unsigned int i;

	if (!look->want_pfns || !look->blocks[row->list]) {
		seq_puts(m, " -\n");
		return;
	}
	for (i = 0; i < look->blocks[row->list]; i++)
		seq_printf(m, "%c%#lx", i ? ',' : ' ',
			   look->pfns[row->first_pfn + i]);
	seq_putc(m, '\n');
}

static void pcp_show(struct seq_file *m, struct mms_answer *answer,
		     const void *record)
{
	const struct pcp_state *state = answer->state;
	const struct pcp_look *look = &state->look;
	const struct pcp_row *row = record;
	unsigned int order = buddyviz_pcp_order(row->list);

	seq_printf(m, "%d %s %u %u %u %s ", row->node, row->zone, row->cpu,
		   row->list, order, list_type(row->list));
	if (look->counted[row->list])
		seq_printf(m, "%lu %lu", look->blocks[row->list],
			   look->blocks[row->list] << order);
	else
		seq_puts(m, "- -");
	seq_printf(m, " %d %d %d %s", look->count, look->high, look->batch,
		   verdict_of(look));
	show_pfns(m, look, row);
}

struct mms_file buddyviz_pcp_file = {
	.name = "pcp",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = __stringify(node zone cpu list order migratetype blocks pages
			       count_pages high_pages batch_pages verdict pfns),
	.words = pcp_words,
	.nr_words = ARRAY_SIZE(pcp_words),
	.optional = true,
	.state_size_B = sizeof(struct pcp_state),
	.record_size_B = sizeof(struct pcp_row),
	.check = pcp_check,
	.begin = pcp_begin,
	.fill = pcp_fill,
	.show = pcp_show,
};
