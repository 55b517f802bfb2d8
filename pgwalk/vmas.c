// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/vmas: the VMAs of a process, and what
 * find_vma(), find_vma_prev() and find_vma_intersection() answer.
 *
 * Read under mmap_lock, BATCH of them a hold, resumed by address, as
 * /proc/PID/maps is: a VMA that appears behind the place where the answer stands
 * is not seen, one that was merged over it may be shown again. The file of a
 * VMA is held while its row is printed without the lock.
 *
 * Deliberately ignored: the gate area ([vsyscall]), which is no VMA.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "arch.h"
#include "pgwalk.h"

#define BATCH	64	/* VMAs read under one hold of mmap_lock */

enum {
	WORD_PID,
	WORD_FIND,
	WORD_PREV,
	WORD_INTERSECTION,
};

static const struct mms_word vmas_words[] = {
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[WORD_FIND] = {
		.key = "find",
		.kind = MMS_WORD_NUMBER,
		.example = "0x400000",
	},
	[WORD_PREV] = {
		.key = "prev",
		.kind = MMS_WORD_NUMBER,
		.example = "0x400000",
	},
	[WORD_INTERSECTION] = {
		.key = "intersection",
		.kind = MMS_WORD_RANGE,
		.example = "0x400000-0x500000",
	},
};

/**
 * struct vma_row - one VMA
 * @start: first address
 * @end: address behind the last
 * @flags: VM_*
 * @offset_B: of the first page in the file
 * @ops: vm_ops
 * @file: mapped file; the state holds a reference
 * @name: what /proc/PID/maps shows when there is no file
 */
struct vma_row {
	u64 start;
	u64 end;
	u64 flags;
	u64 offset_B;
	const void *ops;
	struct file *file;
	char name[96];
};

/**
 * struct vmas_state - an answer on its way
 * @mm: pinned address space
 * @next: address to go on from
 * @done: nothing more to read
 * @files: files of the rows that were read last
 * @nr_files: number of them
 */
struct vmas_state {
	struct mm_struct *mm;
	u64 next;
	bool done;
	struct file *files[BATCH];
	unsigned int nr_files;
};

static int vmas_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;

	if (!values[WORD_PID].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "whose? add pid=");
	if (values[WORD_FIND].given + values[WORD_PREV].given +
	    values[WORD_INTERSECTION].given > 1)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give at most one of find=, prev= and intersection=");
	if (values[WORD_PREV].given && !pgwalk_has_find_vma_prev())
		return mms_refuse(request, WORD_PREV, -EOPNOTSUPP,
				  "find_vma_prev was not found, see mmscope/status");
	return pgwalk_target_check(request, WORD_PID);
}

static int vmas_begin(struct mms_answer *answer)
{
	struct vmas_state *state = answer->state;

	state->mm = pgwalk_target_get(&answer->request->values[WORD_PID]);
	return PTR_ERR_OR_ZERO(state->mm);
}

static void put_files(struct vmas_state *state)
{
	while (state->nr_files)
		fput(state->files[--state->nr_files]);
}

static void vmas_finish(struct mms_answer *answer)
{
	struct vmas_state *state = answer->state;

	put_files(state);
	pgwalk_target_put(state->mm);
}

/* Mirrors get_vma_name() of fs/proc/task_mmu.c for VMAs without a file. */
static void name_vma(struct vm_area_struct *vma, struct vma_row *row)
{
	const char *anon_name = vma->vm_file ? NULL : vma_anon_name_text(vma);
	const char *name = NULL;

	if (vma->vm_ops && vma->vm_ops->name)
		name = vma->vm_ops->name(vma);
	if (name)
		strscpy(row->name, name, sizeof(row->name));
	else if (vma_is_initial_heap(vma))
		strscpy(row->name, "[heap]", sizeof(row->name));
	else if (vma_is_initial_stack(vma))
		strscpy(row->name, "[stack]", sizeof(row->name));
	else if (anon_name)
		snprintf(row->name, sizeof(row->name), "[anon:%s]", anon_name);
}

static void read_vma(struct vmas_state *state, struct vm_area_struct *vma,
		     struct vma_row *row)
{
	memset(row, 0, sizeof(*row));
	row->start = vma->vm_start;
	row->end = vma->vm_end;
	row->flags = vma->vm_flags;
	row->ops = vma->vm_ops;
	if (vma->vm_file) {
		row->offset_B = (u64)vma->vm_pgoff << PAGE_SHIFT;
		row->file = get_file(vma->vm_file);
		state->files[state->nr_files++] = row->file;
	} else {
		name_vma(vma, row);
	}
}

/* What the kernel's own functions answer: at most one VMA. */
static struct vm_area_struct *ask_kernel(struct vmas_state *state,
					 const struct mms_value *values)
{
	const struct mms_value *range = &values[WORD_INTERSECTION];
	struct vm_area_struct *prev = NULL;

	if (values[WORD_FIND].given)
		return find_vma(state->mm, values[WORD_FIND].start);
	if (range->given)
		return find_vma_intersection(state->mm, range->start, range->end);
	pgwalk_find_vma_prev(state->mm, values[WORD_PREV].start, &prev);
	return prev;
}

static unsigned int read_one(struct vmas_state *state,
			     const struct mms_value *values,
			     struct vma_row *rows)
{
	struct vm_area_struct *vma = ask_kernel(state, values);

	state->done = true;
	if (vma)
		read_vma(state, vma, rows);
	return vma ? 1 : 0;
}

static unsigned int read_batch(struct vmas_state *state, struct vma_row *rows,
			       unsigned int max)
{
	struct vm_area_struct *vma;
	unsigned int nr;

	for (nr = 0; nr < max; nr++) {
		vma = find_vma(state->mm, state->next);
		if (!vma) {
			state->done = true;
			break;
		}
		read_vma(state, vma, &rows[nr]);
		state->next = vma->vm_end;
	}
	return nr;
}

static bool asks_kernel(const struct mms_value *values)
{
	return values[WORD_FIND].given || values[WORD_PREV].given ||
	       values[WORD_INTERSECTION].given;
}

static int vmas_fill(struct mms_answer *answer, void *records,
		     unsigned int max)
{
	const struct mms_value *values = answer->request->values;
	struct vmas_state *state = answer->state;
	unsigned int nr;
	int err;

	put_files(state);
	if (state->done)
		return 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	err = pgwalk_target_lock(state->mm);
	if (err)
		return err;
	if (asks_kernel(values))
		nr = read_one(state, values, records);
	else
		nr = read_batch(state, records, min_t(unsigned int, max, BATCH));
	pgwalk_target_unlock(state->mm);
	cond_resched();
	return nr;
}

/* The words of /proc/PID/smaps; protection keys have none there either. */
static void show_flags(struct seq_file *m, u64 flags)
{
	static const struct pgwalk_name names[] = {
		{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" },
		{ VM_SHARED, "sh" }, { VM_MAYREAD, "mr" },
		{ VM_MAYWRITE, "mw" }, { VM_MAYEXEC, "me" },
		{ VM_MAYSHARE, "ms" }, { VM_GROWSDOWN, "gd" },
		{ VM_PFNMAP, "pf" }, { VM_DENYWRITE, "dw" },
		{ VM_LOCKED, "lo" }, { VM_IO, "io" },
		{ VM_SEQ_READ, "sr" }, { VM_RAND_READ, "rr" },
		{ VM_DONTCOPY, "dc" }, { VM_DONTEXPAND, "de" },
		{ VM_LOCKONFAULT, "lf" }, { VM_ACCOUNT, "ac" },
		{ VM_NORESERVE, "nr" }, { VM_HUGETLB, "ht" },
		{ VM_SYNC, "sf" }, { VM_WIPEONFORK, "wf" },
		{ VM_DONTDUMP, "dd" }, { VM_SOFTDIRTY, "sd" },
		{ VM_MIXEDMAP, "mm" }, { VM_HUGEPAGE, "hg" },
		{ VM_NOHUGEPAGE, "nh" }, { VM_MERGEABLE, "mg" },
		{ VM_UFFD_MISSING, "um" }, { VM_UFFD_WP, "uw" },
		{ VM_UFFD_MINOR, "ui" }, { VM_SHADOW_STACK, "ss" },
		{ VM_SEALED, "sl" }, { VM_DROPPABLE, "dp" },
		{ VM_MAYBE_GUARD, "gu" }, { VM_ARM64_BTI, "bt" },
		{ VM_MTE, "mt" },
	};

	pgwalk_show_names(m, flags, names, ARRAY_SIZE(names), ',', false);
}

/* A symbol of a module prints as "name [module]": two words in one column. */
static void show_ops(struct seq_file *m, const void *ops)
{
	char name[KSYM_SYMBOL_LEN];

	if (!ops) {
		seq_puts(m, " - ");
		return;
	}
	snprintf(name, sizeof(name), "%ps", ops);
	strreplace(name, ' ', ':');
	seq_printf(m, " %s ", name);
}

static void show_file(struct seq_file *m, const struct vma_row *row)
{
	const struct inode *inode = file_user_inode(row->file);

	seq_printf(m, " %llu %02x:%02x %llu", row->offset_B,
		   MAJOR(inode->i_sb->s_dev), MINOR(inode->i_sb->s_dev),
		   (u64)inode->i_ino);
}

static void vmas_show(struct seq_file *m, struct mms_answer *answer,
		      const void *record)
{
	const struct vma_row *row = record;

	seq_printf(m, "%#llx %#llx %llu %c%c%c%c ", row->start, row->end,
		   row->end - row->start, row->flags & VM_READ ? 'r' : '-',
		   row->flags & VM_WRITE ? 'w' : '-',
		   row->flags & VM_EXEC ? 'x' : '-',
		   row->flags & VM_MAYSHARE ? 's' : 'p');
	show_flags(m, row->flags);
	if (row->file)
		show_file(m, row);
	else
		seq_puts(m, " - - -");
	show_ops(m, row->ops);
	if (row->file)
		seq_path(m, file_user_path(row->file), " \t\n\\");
	else
		seq_escape(m, *row->name ? row->name : "-", " \t\n\\");
	seq_putc(m, '\n');
}

struct mms_file pgwalk_vmas_file = {
	.name = "vmas",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "start end size_B perms flags offset_B device inode ops name",
	.words = vmas_words,
	.nr_words = ARRAY_SIZE(vmas_words),
	.state_size_B = sizeof(struct vmas_state),
	.record_size_B = sizeof(struct vma_row),
	.check = vmas_check,
	.begin = vmas_begin,
	.fill = vmas_fill,
	.show = vmas_show,
	.finish = vmas_finish,
};
