// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/range and range.bin: what is mapped in a
 * range, a VMA or a whole address space, as extents.
 *
 * A process is walked VMA by VMA under its mmap_lock, each table under the lock
 * that page faults take (a hugetlb table is copied until equal). Addresses
 * outside VMAs are never walked, because munmap() frees their tables holding
 * mmap_lock for reading only. The kernel's tables are walked under init_mm's
 * mmap_lock. Locks are dropped after a few thousand entries: what changes
 * between two batches is seen in part.
 *
 * Deliberately ignored: page state behind the entries (walk and page show it).
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"

enum {
	WORD_PID,
	WORD_SPACE,
	WORD_ADDR,
	WORD_VMA,
	WORD_HOLES,
};

static const struct mms_word range_words[] = {
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[WORD_SPACE] = {
		.key = "space",
		.kind = MMS_WORD_TEXT,
		.example = "kernel",
	},
	[WORD_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_RANGE,
		.example = "0x400000-0x500000",
	},
	[WORD_VMA] = {
		.key = "vma",
		.kind = MMS_WORD_NUMBER,
		.example = "0x400000",
	},
	[WORD_HOLES] = {
		.key = "holes",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
};

/**
 * struct range_state - an answer on its way
 * @mm: pinned address space; NULL: the kernel's tables
 * @ended: the last extent was put out
 * @error: what cut the walk, told once that extent is out
 * @walk: where the walk stands
 */
struct range_state {
	struct mm_struct *mm;
	bool ended;
	int error;
	struct mms_range walk;
};

static int check_space(struct mms_request *request)
{
	const struct mms_value *values = request->values;

	if (values[WORD_PID].given == values[WORD_SPACE].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give one of pid= and space=kernel");
	if (values[WORD_PID].given)
		return pgwalk_target_check(request, WORD_PID);
	if (strcmp(values[WORD_SPACE].text, "kernel"))
		return mms_refuse(request, WORD_SPACE, -EINVAL,
				  "unknown space; right is space=kernel");
	if (!pgwalk_has_kernel_tables())
		return mms_refuse(request, WORD_SPACE, -EOPNOTSUPP,
				  "the kernel's tables were not found, see mmscope/status");
	return 0;
}

static int check_addr(struct mms_request *request)
{
	const struct mms_value *addr = &request->values[WORD_ADDR];
	int err;

	err = pgwalk_address_check(request, WORD_ADDR, addr->start) ?:
	      pgwalk_address_check(request, WORD_ADDR, addr->end - 1);
	if (err)
		return err;
	if (pgwalk_is_user(addr->start) != pgwalk_is_user(addr->end - 1))
		return mms_refuse(request, WORD_ADDR, -EINVAL,
				  "range reaches from the user half into the kernel half");
	if (pgwalk_is_user(addr->start) && !request->values[WORD_PID].given)
		return mms_refuse(request, WORD_ADDR, -EINVAL,
				  "a user address needs pid=");
	return 0;
}

/* Turn vma= into the range it stands for. */
static int resolve_vma(struct mms_request *request)
{
	struct mms_value *value = &request->values[WORD_VMA];
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	u64 addr = value->start;
	int err;

	mm = pgwalk_target_get(&request->values[WORD_PID]);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	err = pgwalk_target_lock(mm);
	if (err)
		goto put;
	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr) {
		value->start = vma->vm_start;
		value->end = vma->vm_end;
	} else {
		err = -ENOENT;
	}
	pgwalk_target_unlock(mm);
put:
	pgwalk_target_put(mm);
	return err;
}

static int check_vma(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	int err;

	if (values[WORD_ADDR].given || !values[WORD_PID].given)
		return mms_refuse(request, WORD_VMA, -EINVAL,
				  "vma= goes with pid= and without addr=");
	err = pgwalk_address_check(request, WORD_VMA, values[WORD_VMA].start);
	if (err)
		return err;
	err = resolve_vma(request);
	if (err)
		return mms_refuse(request, WORD_VMA, err, err == -ENOENT ?
				  "no VMA holds this address" :
				  "the process is gone");
	return 0;
}

static int range_check(struct mms_request *request)
{
	int err;

	err = check_space(request);
	if (!err && request->values[WORD_VMA].given)
		err = check_vma(request);
	if (!err && request->values[WORD_ADDR].given)
		err = check_addr(request);
	return err;
}

/* The end U64_MAX stands for the very end: it includes the last page. */
static void set_bounds(struct mms_range *walk, u64 start, u64 end)
{
	walk->at = start & PAGE_MASK;
	walk->last = (end - 1) | ~PAGE_MASK;
}

static int range_begin(struct mms_answer *answer)
{
	const struct mms_value *values = answer->request->values;
	struct range_state *state = answer->state;
	struct mms_range *walk = &state->walk;

	if (values[WORD_ADDR].given)
		set_bounds(walk, values[WORD_ADDR].start, values[WORD_ADDR].end);
	else if (values[WORD_VMA].given)
		set_bounds(walk, values[WORD_VMA].start, values[WORD_VMA].end);
	else if (values[WORD_PID].given)
		set_bounds(walk, 0, pgwalk_arch_user_last() + 1);
	else
		set_bounds(walk, pgwalk_arch_kernel_first(), U64_MAX);
	walk->holes = values[WORD_HOLES].given && values[WORD_HOLES].start;

	if (values[WORD_PID].given) {
		state->mm = pgwalk_target_get(&values[WORD_PID]);
		if (IS_ERR(state->mm))
			return PTR_ERR(state->mm);
		mms_mm_tables(state->mm, walk->at, &walk->tables);
	} else {
		mms_kernel_tables(&walk->tables);
	}
	/* Kernel tables have no locks of their own: copied until equal. */
	if (pgwalk_is_user(walk->at))
		walk->mm = state->mm;
	else
		answer->consistency = MMSCOPE_RETRIED;
	mms_range_begin(walk);
	return 0;
}

static unsigned int walk_user(struct range_state *state,
			      struct mmscope_range_record *records,
			      unsigned int max)
{
	struct mms_range *walk = &state->walk;
	struct vm_area_struct *vma;
	unsigned int nr = 0;

	/*
	 * One RCU section for all: the copies lead to tables by address, and a
	 * table that khugepaged or MADV_DONTNEED takes away is freed by RCU.
	 */
	rcu_read_lock();
	while (!walk->done && walk->budget > 0 && nr < max) {
		vma = find_vma(state->mm, walk->at);
		if (!vma || vma->vm_start > walk->last) {
			mms_range_hole(walk, walk->last, records, &nr);
			break;
		}
		if (vma->vm_start > walk->at) {
			mms_range_hole(walk, vma->vm_start - 1, records, &nr);
			continue;
		}
		walk->vma_flags = pgwalk_vma_flags(vma);
		nr += mms_range_walk(walk, min_t(u64, vma->vm_end - 1, walk->last),
				     records + nr, max - nr);
	}
	rcu_read_unlock();
	return nr;
}

static int fill_user(struct range_state *state,
		     struct mmscope_range_record *records, unsigned int max)
{
	unsigned int nr;
	int err;

	err = pgwalk_target_lock(state->mm);
	if (err)
		return err;
	mms_range_relocked(&state->walk);
	nr = walk_user(state, records, max);
	pgwalk_target_unlock(state->mm);
	return nr;
}

static int fill_kernel(struct range_state *state,
		       struct mmscope_range_record *records, unsigned int max)
{
	unsigned int nr = 0;
	int err;

	/* The top table of a process goes with its last user. */
	if (state->mm && !mmget_not_zero(state->mm))
		return -ESRCH;
	err = mms_kernel_tables_lock();
	if (err)
		goto put;
	mms_range_relocked(&state->walk);
	nr = mms_range_walk(&state->walk, state->walk.last, records, max);
	mms_kernel_tables_unlock();
put:
	if (state->mm)
		mmput(state->mm);
	return err ?: nr;
}

static int range_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct range_state *state = answer->state;
	int nr = 0;

	if (state->ended)
		return state->error;
	while (!nr && !state->walk.done) {
		if (fatal_signal_pending(current))
			nr = -EINTR;
		else
			nr = state->walk.mm ? fill_user(state, records, max) :
					      fill_kernel(state, records, max);
		cond_resched();
	}
	if (nr > 0)
		return nr;
	/* The extent that still grows is true also when the walk was cut. */
	state->ended = true;
	state->error = nr;
	return mms_range_end(&state->walk, records) ?: nr;
}

static void range_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct mmscope_range_record *extent = record;
	const struct range_state *state = answer->state;
	u64 end = extent->start + extent->size_B;

	seq_printf(m, "%#llx %#llx %llu %s %s ", extent->start, end ?: U64_MAX,
		   extent->size_B,
		   pgwalk_level_name(extent->level, state->walk.tables.top),
		   pgwalk_kind_name(extent->kind));
	pgwalk_show_perms(m, extent->kind, extent->flags);
	if (pgwalk_has_pfn(extent->kind))
		seq_printf(m, " %#llx ", extent->pfn);
	else
		seq_puts(m, " - ");
	pgwalk_show_detail(m, extent->kind, extent->level, extent->flags,
			   extent->pfn, extent->swap_type);
	seq_putc(m, '\n');
}

static void range_finish(struct mms_answer *answer)
{
	struct range_state *state = answer->state;

	pgwalk_target_put(state->mm);
}

static void range_bin_end(struct mms_answer *answer, void *record, u64 rows,
			  int error)
{
	const struct range_state *state = answer->state;
	struct mmscope_range_record *end = record;

	end->start = state->walk.at;
	end->size_B = rows;
	end->pfn = -error;
	end->kind = MMSCOPE_PG_END;
}

struct mms_file pgwalk_range_file = {
	.name = "range",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "start end size_B level kind perms pfn detail",
	.words = range_words,
	.nr_words = ARRAY_SIZE(range_words),
	.state_size_B = sizeof(struct range_state),
	.record_size_B = sizeof(struct mmscope_range_record),
	.check = range_check,
	.begin = range_begin,
	.fill = range_fill,
	.show = range_show,
	.finish = range_finish,
};

struct mms_file pgwalk_range_bin_file = {
	.name = "range.bin",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.words = range_words,
	.nr_words = ARRAY_SIZE(range_words),
	.state_size_B = sizeof(struct range_state),
	.record_size_B = sizeof(struct mmscope_range_record),
	.check = range_check,
	.begin = range_begin,
	.fill = range_fill,
	.finish = range_finish,
	.bin_end = range_bin_end,
};
