// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/mm: counters and segments of one address
 * space.
 *
 * Read under mmap_lock, which keeps the VMA totals still. RSS and page-table
 * counters change with every fault even so; they are summed over all CPUs, not
 * read approximately. mm_users and mm_count include the reader's own reference,
 * which is taken off again here. A kernel thread is answered too: it has none
 * of its own and borrows one.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>

#include <mmscope/walker.h>

#include "pgwalk.h"

#define OUR_USERS	1	/* pgwalk_target_lock() */
#define OUR_COUNT	1	/* pgwalk_target_get() */

enum {
	WORD_PID,
};

static const struct mms_word mm_words[] = {
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
};

/* A pinned address space, or NULL for a kernel thread. */
struct mm_state {
	struct mm_struct *mm;
};

static bool is_kthread(const struct mms_request *request)
{
	struct task_struct *task;
	bool is;

	task = get_pid_task(request->values[WORD_PID].pid, PIDTYPE_PID);
	is = task && task->flags & PF_KTHREAD;
	if (task)
		put_task_struct(task);
	return is;
}

static int mm_check(struct mms_request *request)
{
	return is_kthread(request) ? 0 : pgwalk_target_check(request, WORD_PID);
}

static int mm_begin(struct mms_answer *answer)
{
	struct mm_state *state = answer->state;

	if (is_kthread(answer->request))
		return 0;
	state->mm = pgwalk_target_get(&answer->request->values[WORD_PID]);
	return PTR_ERR_OR_ZERO(state->mm);
}

static void mm_finish(struct mms_answer *answer)
{
	struct mm_state *state = answer->state;

	pgwalk_target_put(state->mm);
}

static void show_references(struct seq_file *m, struct mm_struct *mm)
{
	seq_printf(m, "mm_addr %#lx\n", (unsigned long)mm);
	seq_printf(m, "pgd_addr %#lx\n", (unsigned long)mm->pgd);
	seq_printf(m, "pgd_pfn %#lx\n", PHYS_PFN(__pa(mm->pgd)));
	seq_printf(m, "mm_users %d\n", atomic_read(&mm->mm_users) - OUR_USERS);
	seq_printf(m, "mm_count %d\n", atomic_read(&mm->mm_count) - OUR_COUNT);
}

static void show_totals(struct seq_file *m, struct mm_struct *mm)
{
	seq_printf(m, "map_count %d\n", mm->map_count);
	seq_printf(m, "total_vm_pages %lu\n", mm->total_vm);
	seq_printf(m, "hiwater_vm_pages %lu\n", max(mm->hiwater_vm, mm->total_vm));
	seq_printf(m, "locked_vm_pages %lu\n", mm->locked_vm);
	seq_printf(m, "pinned_vm_pages %lld\n",
		   (s64)atomic64_read(&mm->pinned_vm));
	seq_printf(m, "data_vm_pages %lu\n", mm->data_vm);
	seq_printf(m, "exec_vm_pages %lu\n", mm->exec_vm);
	seq_printf(m, "stack_vm_pages %lu\n", mm->stack_vm);
	seq_printf(m, "page_tables_B %lu\n", mm_pgtables_bytes(mm));
}

static void show_rss(struct seq_file *m, struct mm_struct *mm)
{
	unsigned long file = mm_counter_exact(mm, MM_FILEPAGES);
	unsigned long anon = mm_counter_exact(mm, MM_ANONPAGES);
	unsigned long shmem = mm_counter_exact(mm, MM_SHMEMPAGES);
	unsigned long rss = file + anon + shmem;

	seq_printf(m, "rss_pages %lu\n", rss);
	seq_printf(m, "rss_anon_pages %lu\n", anon);
	seq_printf(m, "rss_file_pages %lu\n", file);
	seq_printf(m, "rss_shmem_pages %lu\n", shmem);
	seq_printf(m, "hiwater_rss_pages %lu\n", max(mm->hiwater_rss, rss));
	seq_printf(m, "swap_pages %lu\n", mm_counter_exact(mm, MM_SWAPENTS));
}

static void show_segments(struct seq_file *m, struct mm_struct *mm)
{
	seq_printf(m, "code_start %#lx\n", mm->start_code);
	seq_printf(m, "code_end %#lx\n", mm->end_code);
	seq_printf(m, "data_start %#lx\n", mm->start_data);
	seq_printf(m, "data_end %#lx\n", mm->end_data);
	seq_printf(m, "brk_start %#lx\n", mm->start_brk);
	seq_printf(m, "brk_end %#lx\n", mm->brk);
	seq_printf(m, "stack_start %#lx\n", mm->start_stack);
	seq_printf(m, "mmap_base %#lx\n", mm->mmap_base);
	seq_printf(m, "arg_start %#lx\n", mm->arg_start);
	seq_printf(m, "arg_end %#lx\n", mm->arg_end);
	seq_printf(m, "env_start %#lx\n", mm->env_start);
	seq_printf(m, "env_end %#lx\n", mm->env_end);
	seq_printf(m, "task_size_B %#lx\n", mm->task_size);
}

/* Whose tables a kernel thread runs on changes with every switch to it. */
static void show_kthread(struct seq_file *m, const struct mms_request *request)
{
	struct task_struct *task;

	seq_puts(m, "kind kernel_thread\n");
	task = get_pid_task(request->values[WORD_PID].pid, PIDTYPE_PID);
	if (!task)
		return;
	task_lock(task);
	seq_printf(m, "active_mm_addr %#lx\n", (unsigned long)task->active_mm);
	task_unlock(task);
	put_task_struct(task);
}

static void mm_show(struct seq_file *m, struct mms_answer *answer,
		    const void *record)
{
	struct mm_state *state = answer->state;
	struct mm_struct *mm = state->mm;

	if (!mm) {
		show_kthread(m, answer->request);
		return;
	}
	if (pgwalk_target_lock(mm)) {
		seq_puts(m, "kind gone\n");
		return;
	}
	seq_puts(m, "kind process\n");
	show_references(m, mm);
	show_totals(m, mm);
	show_rss(m, mm);
	show_segments(m, mm);
	pgwalk_target_unlock(mm);
}

struct mms_file pgwalk_mm_file = {
	.name = "mm",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "name value",
	.words = mm_words,
	.nr_words = ARRAY_SIZE(mm_words),
	.state_size_B = sizeof(struct mm_state),
	.check = mm_check,
	.begin = mm_begin,
	.show = mm_show,
	.finish = mm_finish,
};
