// SPDX-License-Identifier: GPL-2.0
/*
 * Whose a page frame is, as far as page tables tell: mmscope/ledger and mmscope/pfn
 * ask.
 *
 * The kernel marks the pages of a process's lower tables only, and of its own none
 * before 6.16. So the kernel's tables are walked, and the upper levels of each
 * process's, whose mm_struct is pinned, and with it the top table. The memory map is
 * what is mapped where struct pages lie. Nothing else holds these tables still: each
 * is checked as it is read; those of processes under RCU, the kernel's with memory
 * hotplug held.
 *
 * An anonymous page has in it the address that it was first mapped at. That address
 * is looked at in every process: a page that mremap() moved is not found.
 *
 * Deliberately ignored: tables of address spaces that no task has (efi, text
 * patching, those that are going), and those of guests and IOMMUs.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>

#include <mmscope/owner.h>
#include <mmscope/page.h>
#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"

#define SHOWN_MAX	64	/* processes that are named */
#define PROCESSES	32	/* referenced at once */
#define VISITS_MAX	1024	/* under one hold of memory hotplug */

/* What is looked for: all tables, to be marked, or one page's, to be shown. */
struct owner_search {
	struct mms_window *window;
	unsigned long pfn;
	u64 addr;
	struct seq_file *m;
	bool is_process;	/* whose tables these are: pid's, or the kernel's */
	pid_t pid;		/* 0: outside of the reader's namespace */
	unsigned int shown;
};

static void take_table(struct owner_search *search, unsigned int level, u64 addr,
		       u64 pfn)
{
	if (search->window) {
		mms_window_mark(search->window, pfn, 1, MMS_OWNER_PGTABLE);
		return;
	}
	if (pfn != search->pfn || search->shown++ >= SHOWN_MAX)
		return;
	seq_printf(search->m, "table %s@%#llx,",
		   pgwalk_level_name(level, pgwalk_arch_top()), addr);
	if (search->is_process)
		seq_printf(search->m, "pid=%d\n", search->pid);
	else
		seq_puts(search->m, "kernel\n");
}

static void take_tables(struct owner_search *search,
			const struct pgwalk_visit *visit)
{
	unsigned int level;

	for (level = 1; level <= visit->tables.top; level++)
		if (visit->fresh & BIT(level))
			take_table(search, level, visit->walk.addr,
				   visit->walk.table_pfn[level - 1]);
}

/* Memory hotplug is held off for a while at a time: each visit begins at the root. */
static int take_kernel_tables(struct owner_search *search)
{
	struct pgwalk_visit visit = {
		.at = pgwalk_arch_kernel_first(),
		.last = U64_MAX,
		.lowest = MMSCOPE_LEVEL_PTE,
	};
	bool more = true;
	unsigned int i;

	if (!pgwalk_has_kernel_tables())
		return 0;
	mms_kernel_tables(&visit.tables);
	while (more) {
		if (fatal_signal_pending(current))
			return -EINTR;
		mms_memory_hold();
		for (i = 0; more && i < VISITS_MAX; i++) {
			more = pgwalk_visit(&visit);
			if (more)
				take_tables(search, &visit);
		}
		mms_memory_release();
		cond_resched();
	}
	return 0;
}

/* With page-table isolation there are two top tables, and what is below is one. */
static int take_process_tables(struct mm_struct *mm, struct owner_search *search)
{
	struct pgwalk_visit visit = {
		.last = pgwalk_arch_user_last(),
		.lowest = MMSCOPE_LEVEL_PUD,
	};
	bool more = true;
	void *root;

	mms_mm_tables(mm, pgwalk_arch_kernel_first(), &visit.tables);
	root = visit.tables.root;
	mms_mm_tables(mm, 0, &visit.tables);
	if (visit.tables.root != root)
		take_table(search, visit.tables.top, 0, PHYS_PFN(__pa(root)));
	while (more) {
		if (fatal_signal_pending(current))
			return -EINTR;
		rcu_read_lock();
		more = pgwalk_visit(&visit);
		rcu_read_unlock();
		if (more)
			take_tables(search, &visit);
		cond_resched();
	}
	return 0;
}

/* ---- Processes ---- */

/* Of any thread: the first one may have ended before the others. */
static struct mm_struct *grab_mm(struct task_struct *process)
{
	struct mm_struct *mm = NULL;
	struct task_struct *task;

	rcu_read_lock();
	for_each_thread(process, task) {
		task_lock(task);
		if (task->mm && !(task->flags & PF_KTHREAD)) {
			mm = task->mm;
			mmgrab(mm);
		}
		task_unlock(task);
		if (mm)
			break;
	}
	rcu_read_unlock();
	return mm;
}

/* The next ones, referenced. Who comes or goes meanwhile may be met twice or not at all. */
static unsigned int next_processes(unsigned int skip, struct task_struct **tasks)
{
	struct task_struct *task;
	unsigned int nr = 0;

	rcu_read_lock();
	for_each_process(task) {
		if (skip) {
			skip--;
			continue;
		}
		get_task_struct(task);
		tasks[nr++] = task;
		if (nr == PROCESSES)
			break;
	}
	rcu_read_unlock();
	return nr;
}

typedef int (*process_call)(struct mm_struct *mm, struct owner_search *search);

/* The address space may be given up meanwhile: what it had is then met as empty. */
static int call_process(struct task_struct *task, struct owner_search *search,
			process_call call)
{
	struct mm_struct *mm = grab_mm(task);
	int err;

	if (!mm)
		return 0;
	search->is_process = true;
	search->pid = task_tgid_vnr(task);
	err = call(mm, search);
	mmdrop(mm);
	return err;
}

static int each_process(struct owner_search *search, process_call call)
{
	struct task_struct *tasks[PROCESSES];
	unsigned int done = 0, nr, i;
	int err = 0;

	while (!err && (nr = next_processes(done, tasks))) {
		done += nr;
		for (i = 0; i < nr; i++) {
			err = err ?: call_process(tasks[i], search, call);
			put_task_struct(tasks[i]);
		}
	}
	return err;
}

/* ---- Marks ---- */

static int mark_memmap(struct mms_window *window, const struct zone *zone)
{
	u64 at = (uintptr_t)pfn_to_page(zone->zone_start_pfn) & PAGE_MASK;
	u64 end = (uintptr_t)(pfn_to_page(zone_end_pfn(zone) - 1) + 1);
	struct mmscope_walk_record walk;
	struct mms_tables tables;

	mms_kernel_tables(&tables);
	while (at < end) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (!mms_walk(&tables, at, &walk))
			walk.size_B = PAGE_SIZE;
		else if (walk.kind == MMSCOPE_PG_PRESENT)
			mms_window_mark(window, walk.pfn,
					(walk.size_B - (at & (walk.size_B - 1))) >>
					PAGE_SHIFT, MMS_OWNER_MEMMAP);
		at = (at | (walk.size_B - 1)) + 1;
		cond_resched();
	}
	return 0;
}

static int mark_memmaps(struct mms_window *window)
{
	unsigned int index;
	struct zone *zone;
	int err = 0;

	if (!IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP) || !pgwalk_has_kernel_tables())
		return 0;
	mms_memory_hold();
	for (index = 0; !err && (zone = mms_zone_at(&index)); index++)
		err = mark_memmap(window, zone);
	mms_memory_release();
	return err;
}

static int owner_mark(struct mms_window *window)
{
	struct owner_search search = { .window = window };
	unsigned long zero;
	int err;

	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && pgwalk_huge_zero(&zero))
		mms_window_mark(window, zero, HPAGE_PMD_NR, MMS_OWNER_ZERO);
	err = mark_memmaps(window) ?: take_kernel_tables(&search);
	return err ?: each_process(&search, take_process_tables);
}

/* ---- One page ---- */

static int show_at_home(struct mm_struct *mm, struct owner_search *search)
{
	struct mmscope_walk_record walk;

	if (pgwalk_mm_walk(mm, search->addr, &walk) &&
	    pgwalk_has_pfn(walk.kind) && walk.pfn == search->pfn &&
	    search->shown++ < SHOWN_MAX)
		seq_printf(search->m, "mapped_at %#llx,pid=%d\n", search->addr,
			   search->pid);
	return 0;
}

static void owner_show(struct seq_file *m, const struct mms_page *info,
		       const void *addr)
{
	struct owner_search search = {
		.m = m,
		.pfn = info->pfn,
		.addr = (u64)info->index << PAGE_SHIFT,
	};

	if (info->type == MMS_PAGE_ANON) {
		if (pgwalk_is_user(search.addr))
			each_process(&search, show_at_home);
		return;
	}
	/* Nothing else can be a table. */
	if (info->type != MMS_PAGE_PGTABLE && info->type != MMS_PAGE_OTHER &&
	    info->type != MMS_PAGE_RESERVED)
		return;
	if (!take_kernel_tables(&search))
		each_process(&search, take_process_tables);
}

struct mms_answerer pgwalk_answerer = {
	.name = "pgwalk",
	.mark = owner_mark,
	.show = owner_show,
};
