// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/mm: counters and segments of one address
 * space.
 *
 * Read under mmap_lock, which keeps the VMA totals still. RSS and page-table
 * counters change with every fault even so; where they are per-CPU (6.2 on)
 * they are summed, not read approximately. mm_users and mm_count include the
 * reader's own reference, which is taken off again here. A kernel thread is
 * answered too: it has no address space of its own and borrows one.
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
	bool done;
};

/* Everything that is shown, as it was under one hold of mmap_lock. */
enum mm_value {
	MM_ADDR,
	MM_PGD_ADDR,
	MM_PGD_PFN,
	MM_USERS,
	MM_COUNT,
	MM_MAP_COUNT,
	MM_TOTAL_VM,
	MM_HIWATER_VM,
	MM_LOCKED_VM,
	MM_PINNED_VM,
	MM_DATA_VM,
	MM_EXEC_VM,
	MM_STACK_VM,
	MM_PAGE_TABLES,
	MM_RSS,
	MM_RSS_ANON,
	MM_RSS_FILE,
	MM_RSS_SHMEM,
	MM_HIWATER_RSS,
	MM_SWAP,
	MM_CODE_START,
	MM_CODE_END,
	MM_DATA_START,
	MM_DATA_END,
	MM_BRK_START,
	MM_BRK_END,
	MM_STACK_START,
	MM_MMAP_BASE,
	MM_ARG_START,
	MM_ARG_END,
	MM_ENV_START,
	MM_ENV_END,
	MM_TASK_SIZE,
	MM_VALUE_COUNT
};

static const struct {
	const char *name;
	const char *format;
} values[] = {
	[MM_ADDR] = { "mm_addr", "%#llx" },
	[MM_PGD_ADDR] = { "pgd_addr", "%#llx" },
	[MM_PGD_PFN] = { "pgd_pfn", "%#llx" },
	[MM_USERS] = { "mm_users", "%llu" },
	[MM_COUNT] = { "mm_count", "%llu" },
	[MM_MAP_COUNT] = { "map_count", "%llu" },
	[MM_TOTAL_VM] = { "total_vm_pages", "%llu" },
	[MM_HIWATER_VM] = { "hiwater_vm_pages", "%llu" },
	[MM_LOCKED_VM] = { "locked_vm_pages", "%llu" },
	[MM_PINNED_VM] = { "pinned_vm_pages", "%llu" },
	[MM_DATA_VM] = { "data_vm_pages", "%llu" },
	[MM_EXEC_VM] = { "exec_vm_pages", "%llu" },
	[MM_STACK_VM] = { "stack_vm_pages", "%llu" },
	[MM_PAGE_TABLES] = { "page_tables_B", "%llu" },
	[MM_RSS] = { "rss_pages", "%llu" },
	[MM_RSS_ANON] = { "rss_anon_pages", "%llu" },
	[MM_RSS_FILE] = { "rss_file_pages", "%llu" },
	[MM_RSS_SHMEM] = { "rss_shmem_pages", "%llu" },
	[MM_HIWATER_RSS] = { "hiwater_rss_pages", "%llu" },
	[MM_SWAP] = { "swap_pages", "%llu" },
	[MM_CODE_START] = { "code_start", "%#llx" },
	[MM_CODE_END] = { "code_end", "%#llx" },
	[MM_DATA_START] = { "data_start", "%#llx" },
	[MM_DATA_END] = { "data_end", "%#llx" },
	[MM_BRK_START] = { "brk_start", "%#llx" },
	[MM_BRK_END] = { "brk_end", "%#llx" },
	[MM_STACK_START] = { "stack_start", "%#llx" },
	[MM_MMAP_BASE] = { "mmap_base", "%#llx" },
	[MM_ARG_START] = { "arg_start", "%#llx" },
	[MM_ARG_END] = { "arg_end", "%#llx" },
	[MM_ENV_START] = { "env_start", "%#llx" },
	[MM_ENV_END] = { "env_end", "%#llx" },
	[MM_TASK_SIZE] = { "task_size_B", "%#llx" },
};

static_assert(ARRAY_SIZE(values) == MM_VALUE_COUNT);

/* The record: those of a process, or of a kernel thread only MM_ADDR. */
struct mm_row {
	bool kthread;
	u64 values[MM_VALUE_COUNT];
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

static void read_totals(struct mm_struct *mm, u64 *v)
{
	v[MM_ADDR] = (uintptr_t)mm;
	v[MM_PGD_ADDR] = (uintptr_t)mm->pgd;
	v[MM_PGD_PFN] = PHYS_PFN(__pa(mm->pgd));
	v[MM_USERS] = atomic_read(&mm->mm_users) - OUR_USERS;
	v[MM_COUNT] = atomic_read(&mm->mm_count) - OUR_COUNT;
	v[MM_MAP_COUNT] = mm->map_count;
	v[MM_TOTAL_VM] = mm->total_vm;
	v[MM_HIWATER_VM] = max(mm->hiwater_vm, mm->total_vm);
	v[MM_LOCKED_VM] = mm->locked_vm;
	v[MM_PINNED_VM] = atomic64_read(&mm->pinned_vm);
	v[MM_DATA_VM] = mm->data_vm;
	v[MM_EXEC_VM] = mm->exec_vm;
	v[MM_STACK_VM] = mm->stack_vm;
	v[MM_PAGE_TABLES] = mm_pgtables_bytes(mm);
}

static void read_rss(struct mm_struct *mm, u64 *v)
{
	v[MM_RSS_ANON] = mm_counter_exact(mm, MM_ANONPAGES);
	v[MM_RSS_FILE] = mm_counter_exact(mm, MM_FILEPAGES);
	v[MM_RSS_SHMEM] = mm_counter_exact(mm, MM_SHMEMPAGES);
	v[MM_RSS] = v[MM_RSS_ANON] + v[MM_RSS_FILE] + v[MM_RSS_SHMEM];
	v[MM_HIWATER_RSS] = max_t(u64, mm->hiwater_rss, v[MM_RSS]);
	v[MM_SWAP] = mm_counter_exact(mm, MM_SWAPENTS);
}

static void read_segments(struct mm_struct *mm, u64 *v)
{
	v[MM_CODE_START] = mm->start_code;
	v[MM_CODE_END] = mm->end_code;
	v[MM_DATA_START] = mm->start_data;
	v[MM_DATA_END] = mm->end_data;
	v[MM_BRK_START] = mm->start_brk;
	v[MM_BRK_END] = mm->brk;
	v[MM_STACK_START] = mm->start_stack;
	v[MM_MMAP_BASE] = mm->mmap_base;
	v[MM_ARG_START] = mm->arg_start;
	v[MM_ARG_END] = mm->arg_end;
	v[MM_ENV_START] = mm->env_start;
	v[MM_ENV_END] = mm->env_end;
	v[MM_TASK_SIZE] = mm->task_size;
}

/* Whose tables a kernel thread runs on changes with every switch to it. */
static int read_kthread(const struct mms_request *request, struct mm_row *row)
{
	struct task_struct *task;

	task = get_pid_task(request->values[WORD_PID].pid, PIDTYPE_PID);
	if (!task)
		return -ESRCH;
	task_lock(task);
	row->kthread = true;
	row->values[MM_ADDR] = (uintptr_t)task->active_mm;
	task_unlock(task);
	put_task_struct(task);
	return 0;
}

static int read_process(struct mm_struct *mm, struct mm_row *row)
{
	int err;

	err = pgwalk_target_lock(mm);
	if (err)
		return err;
	row->kthread = false;
	read_totals(mm, row->values);
	read_rss(mm, row->values);
	read_segments(mm, row->values);
	pgwalk_target_unlock(mm);
	return 0;
}

static int mm_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	struct mm_state *state = answer->state;
	int err;

	if (state->done)
		return 0;
	state->done = true;
	err = state->mm ? read_process(state->mm, records) :
			  read_kthread(answer->request, records);
	return err ?: 1;
}

static void mm_show(struct seq_file *m, struct mms_answer *answer,
		    const void *record)
{
	const struct mm_row *row = record;
	unsigned int i;

	if (row->kthread) {
		seq_printf(m, "kind kernel_thread\nactive_mm_addr %#llx\n",
			   row->values[MM_ADDR]);
		return;
	}
	seq_puts(m, "kind process\n");
	for (i = 0; i < MM_VALUE_COUNT; i++) {
		seq_printf(m, "%s ", values[i].name);
		seq_printf(m, values[i].format, row->values[i]);
		seq_putc(m, '\n');
	}
}

struct mms_file pgwalk_mm_file = {
	.name = "mm",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "name value",
	.words = mm_words,
	.nr_words = ARRAY_SIZE(mm_words),
	.state_size_B = sizeof(struct mm_state),
	.record_size_B = sizeof(struct mm_row),
	.check = mm_check,
	.begin = mm_begin,
	.fill = mm_fill,
	.show = mm_show,
	.finish = mm_finish,
};
