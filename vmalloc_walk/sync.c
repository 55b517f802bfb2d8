// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/vmalloc_walk/sync: is every top-level entry of the
 * vmalloc range, as the kernel's own tables have it, in the tables of a process?
 *
 * Where processes have a copy of the kernel's part of the top table, as on x86-64,
 * an entry that is made later would be missing there. x86-64 makes all of them at
 * boot since 5.9, before any copy: none may be missing, and what is missing would
 * fault. arm64 keeps the kernel's half in a table of its own (TTBR1), which all
 * share: there is nothing to compare, and the answer says shared.
 *
 * Both tables are read by pgwalk, each entry until it is believed, and a difference
 * is looked at again before it is told. The mm_struct is held, which keeps its top
 * table, not the process. Processes that come and go while the list is read may be
 * in it or not. Deliberately ignored: accessed and dirty bits, which each copy has
 * of its own.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include "vmalloc_walk.h"

#define PIDS	256	/* processes gathered under one hold of RCU */
#define TRIES	3	/* looks at an entry that differs */

enum {
	WORD_PID,
	WORD_ALL,
};

static const struct mms_word sync_words[] = {
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[WORD_ALL] = {
		.key = "all",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
};

/**
 * struct sync_row - one process
 * @pid: in the namespace of the reader
 * @shared: it has no top table of its own for kernel addresses
 * @entries: that the kernel's table has
 * @same: that lead to the same table
 * @missing: that are not there
 * @differs: that lead elsewhere
 * @first_wrong: address of the first that is missing or differs
 */
struct sync_row {
	pid_t pid;
	bool shared;
	unsigned int entries;
	unsigned int same;
	unsigned int missing;
	unsigned int differs;
	u64 first_wrong;
};

struct sync_state {
	bool done;
	pid_t last;
	unsigned int nr;
	unsigned int next;
	pid_t pids[PIDS];
};

static int sync_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;

	if (values[WORD_PID].given == values[WORD_ALL].given ||
	    (values[WORD_ALL].given && !values[WORD_ALL].start))
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give one of pid= and all=1");
	if (!pgwalk_has_kernel_tables())
		return mms_refuse(request, MMS_WHOLE_LINE, -EOPNOTSUPP,
				  "the kernel's tables were not found, see mmscope/status");
	if (values[WORD_PID].given)
		return pgwalk_target_check(request, WORD_PID);
	return 0;
}

/* ---- One process ---- */

/* The table that an entry of the top table leads to; 0: none. */
static u64 second_table(const struct mms_tables *tables, u64 addr)
{
	struct mmscope_walk_record walk;

	if (!mms_walk(tables, addr, &walk) || walk.level == walk.top)
		return 0;
	return walk.table_pfn[walk.top - 2];
}

/* What a difference is looked at for again. */
struct entry_look {
	u64 kernel;
	u64 own;
};

static void look_at_entry(const struct mms_tables *kernel,
			  const struct mms_tables *own, u64 addr,
			  struct entry_look *look)
{
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		look->kernel = second_table(kernel, addr);
		look->own = second_table(own, addr);
		if (look->kernel == look->own)
			break;
	}
}

static void compare_entry(struct sync_row *row, u64 addr,
			  const struct entry_look *look)
{
	if (!look->kernel)
		return;
	row->entries++;
	if (look->own == look->kernel) {
		row->same++;
		return;
	}
	if (!row->missing && !row->differs)
		row->first_wrong = addr;
	if (look->own)
		row->differs++;
	else
		row->missing++;
}

static void compare(struct mm_struct *mm, struct sync_row *row)
{
	u64 addr, last = VMALLOC_END - 1, span_B;
	struct mms_tables kernel, own;
	struct entry_look look;

	mms_kernel_tables(&kernel);
	mms_mm_tables(mm, VMALLOC_START, &own);
	row->shared = own.root == kernel.root;
	span_B = 1ULL << pgwalk_level_shift(kernel.top);
	for (addr = VMALLOC_START & ~(span_B - 1); addr <= last; addr += span_B) {
		look_at_entry(&kernel, &own, addr, &look);
		compare_entry(row, addr, &look);
		if (addr + span_B < addr)
			break;
	}
}

/* ---- All processes ---- */

/* The lowest numbers above the last one, sorted. */
static void gather_pids(struct sync_state *state)
{
	struct task_struct *task;
	unsigned int i;
	pid_t pid;

	state->nr = 0;
	state->next = 0;
	rcu_read_lock();
	for_each_process(task) {
		pid = task_tgid_vnr(task);
		if (pid <= state->last || task->flags & PF_KTHREAD)
			continue;
		i = state->nr;
		if (i == PIDS && state->pids[--i] < pid)
			continue;
		for (; i && state->pids[i - 1] > pid; i--)
			state->pids[i] = state->pids[i - 1];
		state->pids[i] = pid;
		state->nr = min(state->nr + 1, (unsigned int)PIDS);
	}
	rcu_read_unlock();
	if (state->nr)
		state->last = state->pids[state->nr - 1];
}

/* Zombies have no tables; whoever is gone is no row. */
static bool read_process(const struct mms_value *value, struct sync_row *row)
{
	struct mm_struct *mm = pgwalk_target_get(value);

	if (IS_ERR(mm))
		return false;
	memset(row, 0, sizeof(*row));
	row->pid = pid_vnr(value->pid);
	compare(mm, row);
	pgwalk_target_put(mm);
	return true;
}

static bool next_process(struct sync_state *state, struct sync_row *row)
{
	struct mms_value value = {};
	bool found = false;

	while (!found) {
		if (state->next == state->nr)
			gather_pids(state);
		if (!state->nr)
			return false;
		value.pid = find_get_pid(state->pids[state->next++]);
		if (!value.pid)
			continue;
		found = read_process(&value, row);
		put_pid(value.pid);
	}
	return true;
}

static int sync_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	const struct mms_value *pid = &answer->request->values[WORD_PID];
	struct sync_state *state = answer->state;
	struct sync_row *row = records;
	unsigned int nr;

	if (state->done)
		return 0;
	if (pid->given) {
		state->done = true;
		return read_process(pid, row) ? 1 : -ESRCH;
	}
	for (nr = 0; nr < max; nr++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		if (next_process(state, &row[nr]))
			continue;
		state->done = true;
		break;
	}
	return nr;
}

static void sync_show(struct seq_file *m, struct mms_answer *answer,
		      const void *record)
{
	const struct sync_row *row = record;
	bool wrong = row->missing || row->differs;

	seq_printf(m, "%d %s %u %u %u %u ", row->pid,
		   row->shared ? "shared" : "own", row->entries, row->same,
		   row->missing, row->differs);
	if (wrong)
		seq_printf(m, "%#llx wrong ", row->first_wrong);
	else
		seq_puts(m, "- ok ");
	if (row->shared)
		seq_puts(m, "one_table_for_all\n");
	else if (wrong)
		seq_puts(m, "all_were_made_at_boot\n");
	else
		seq_puts(m, "made_at_boot_and_copied\n");
}

struct mms_file vmw_sync_file = {
	.name = "sync",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.columns = "pid top_table entries same missing differs first_wrong verdict why",
	.words = sync_words,
	.nr_words = ARRAY_SIZE(sync_words),
	.state_size_B = sizeof(struct sync_state),
	.record_size_B = sizeof(struct sync_row),
	.check = sync_check,
	.fill = sync_fill,
	.show = sync_show,
};
