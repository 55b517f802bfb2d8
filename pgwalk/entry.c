// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/entry: entries changed on purpose, of a mapping that
 * map made, and no other: write-protected, clean, none, old. The answer shows each
 * entry before and after.
 *
 * Every change is the kernel's own, flush of the TLB included:
 *
 *  - write_protect: wp_shared_mapping_range(), the next write faults;
 *  - clean: clean_record_shared_mapping_range(), the next write sets the dirty bit;
 *  - none: unmap_mapping_range(), the next touch faults;
 *  - old: the accessed bit, entry by entry under the page-table lock, then
 *    flush_tlb_mm_range(); the next touch sets it. No exported function does that.
 *
 * The first three work on the file's pages, so in every process that maps them: the
 * lock is i_mmap_rwsem of the open file's own mapping, which no one else's VMA is
 * in. The last one works on the process of the request, under its mmap_lock. Before
 * and after are looked at under mmap_lock, the change lies in between: what the
 * process does itself meanwhile is seen as well.
 *
 * Deliberately ignored: secondary MMUs, which are not asked whether they made an
 * entry young; none has to do with these pages.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"

#define PAGES_MAX	64	/* of one request */

enum {
	WORD_PID,
	WORD_ADDR,
	WORD_OP,
	WORD_PAGES,
};

enum op {
	OP_WRITE_PROTECT,
	OP_CLEAN,
	OP_NONE,
	OP_OLD,
	OP_COUNT
};

static const char *const op_names[] = {
	[OP_WRITE_PROTECT] = "write_protect",
	[OP_CLEAN] = "clean",
	[OP_NONE] = "none",
	[OP_OLD] = "old",
};

static_assert(ARRAY_SIZE(op_names) == OP_COUNT);

static const struct mms_word entry_words[] = {
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[WORD_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_NUMBER,
		.example = "0x7f0000000000",
	},
	[WORD_OP] = {
		.key = "op",
		.kind = MMS_WORD_NAME,
		.names = op_names,
		.nr_names = OP_COUNT,
	},
	[WORD_PAGES] = {
		.key = "pages",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = PAGES_MAX,
		.example = "1",
	},
};

/**
 * struct entry_state - one request
 * @start: first address
 * @nr: pages from there
 * @pgoff: of the first, in the file
 * @file: of the mapping, held
 * @mapping: of the file
 * @changed: entries that the kernel says it changed; of none it does not say
 * @before: the entries
 * @after: the entries
 */
struct entry_state {
	unsigned long start;
	unsigned int nr;
	pgoff_t pgoff;
	struct file *file;
	struct address_space *mapping;
	unsigned long changed;
	struct mmscope_walk_record before[PAGES_MAX];
	struct mmscope_walk_record after[PAGES_MAX];
};

static unsigned long start_of(const struct mms_request *request)
{
	return request->values[WORD_ADDR].start & PAGE_MASK;
}

static unsigned int pages_of(const struct mms_request *request)
{
	return mms_value_or(&request->values[WORD_PAGES], 1);
}

static enum op op_of(const struct mms_request *request)
{
	return request->values[WORD_OP].start;
}

/* Under mmap_lock. The VMA if it is ours and holds all of the range. */
static struct vm_area_struct *find_ours(struct mm_struct *mm,
					unsigned long start, unsigned int nr)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	if (!vma || vma->vm_start > start || !pgwalk_map_of(vma))
		return ERR_PTR(-EPERM);
	if (nr > (vma->vm_end - start) >> PAGE_SHIFT)
		return ERR_PTR(-ERANGE);
	return vma;
}

/* Find the mapping and run @visit on it, with mmap_lock held for reading. */
static int visit_vma(const struct mms_request *request,
		     struct entry_state *state,
		     int (*visit)(struct entry_state *state,
				  struct vm_area_struct *vma))
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	int err;

	mm = pgwalk_target_get(&request->values[WORD_PID]);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	err = pgwalk_target_lock(mm);
	if (err)
		goto put_target;
	vma = find_ours(mm, start_of(request), pages_of(request));
	err = PTR_ERR_OR_ZERO(vma);
	if (!err && visit)
		err = visit(state, vma);
	pgwalk_target_unlock(mm);
put_target:
	pgwalk_target_put(mm);
	return err;
}

static int check_op(const struct mms_request *request)
{
	enum op op = op_of(request);

	if (op == OP_OLD && !pgwalk_arch_can_flush())
		return mms_refuse(request, WORD_OP, -EOPNOTSUPP,
				  "the kernel's flush was not found, see mmscope/status");
	if ((op == OP_WRITE_PROTECT || op == OP_CLEAN) &&
	    !IS_ENABLED(CONFIG_MAPPING_DIRTY_HELPERS))
		return mms_refuse(request, WORD_OP, -EOPNOTSUPP,
				  "this kernel has no CONFIG_MAPPING_DIRTY_HELPERS");
	return 0;
}

static int check_vma(const struct mms_request *request)
{
	int err = visit_vma(request, NULL, NULL);

	if (err == -EPERM)
		return mms_refuse(request, WORD_ADDR, err,
				  "not a mapping of pgwalk/map: entries of others are not changed");
	if (err == -ERANGE)
		return mms_refuse(request, WORD_PAGES, err,
				  "reaches beyond the VMA");
	return err;
}

static int entry_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	int err;

	if (!values[WORD_PID].given || !values[WORD_ADDR].given ||
	    !values[WORD_OP].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give pid=, addr= and op=");
	err = check_op(request) ?:
	      pgwalk_address_check(request, WORD_ADDR, values[WORD_ADDR].start) ?:
	      pgwalk_target_check(request, WORD_PID);
	return err ?: check_vma(request);
}

/* ---- Looking and changing ---- */

static void walk_entries(const struct entry_state *state,
			 const struct vm_area_struct *vma,
			 struct mmscope_walk_record *walks)
{
	unsigned int i;

	for (i = 0; i < state->nr; i++) {
		pgwalk_mm_walk(vma->vm_mm, state->start + i * PAGE_SIZE,
			       &walks[i]);
		if (walks[i].kind == MMSCOPE_PG_PRESENT)
			walks[i].flags |= pgwalk_vma_flags(vma);
	}
}

static int look_before(struct entry_state *state, struct vm_area_struct *vma)
{
	state->file = get_file(vma->vm_file);
	state->mapping = pgwalk_map_of(vma);
	state->pgoff = vma->vm_pgoff +
		       ((state->start - vma->vm_start) >> PAGE_SHIFT);
	walk_entries(state, vma, state->before);
	return 0;
}

static int look_after(struct entry_state *state, struct vm_area_struct *vma)
{
	walk_entries(state, vma, state->after);
	return 0;
}

struct aging {
	struct vm_area_struct *vma;
	unsigned long changed;
};

/* A pte_fn_t: the page-table lock is held. */
static int make_one_old(pte_t *pte, unsigned long addr, void *data)
{
	struct aging *aging = data;

	if (pte_present(ptep_get(pte)))
		aging->changed += pgwalk_arch_make_old(aging->vma, addr, pte);
	return 0;
}

static int make_old(struct entry_state *state, struct vm_area_struct *vma)
{
	struct aging aging = { .vma = vma };
	size_t size_B = (size_t)state->nr << PAGE_SHIFT;
	int err;

	err = apply_to_page_range(vma->vm_mm, state->start, size_B,
				  make_one_old, &aging);
	if (aging.changed)
		pgwalk_arch_flush(vma, state->start, state->start + size_B);
	state->changed = aging.changed;
	return err;
}

static void make_clean(struct entry_state *state)
{
	DECLARE_BITMAP(dirty, PAGES_MAX) = { 0 };
	pgoff_t first = 0, last = 0;

	state->changed = clean_record_shared_mapping_range(state->mapping,
							   state->pgoff,
							   state->nr,
							   state->pgoff, dirty,
							   &first, &last);
}

static int change(const struct mms_request *request, struct entry_state *state)
{
	switch (op_of(request)) {
	case OP_WRITE_PROTECT:
		state->changed = wp_shared_mapping_range(state->mapping,
							 state->pgoff,
							 state->nr);
		return 0;
	case OP_CLEAN:
		make_clean(state);
		return 0;
	case OP_NONE:
		unmap_mapping_range(state->mapping,
				    (loff_t)state->pgoff << PAGE_SHIFT,
				    (loff_t)state->nr << PAGE_SHIFT, 1);
		return 0;
	default:
		return visit_vma(request, state, make_old);
	}
}

static int entry_begin(struct mms_answer *answer)
{
	const struct mms_request *request = answer->request;
	struct entry_state *state = answer->state;
	int err;

	state->start = start_of(request);
	state->nr = pages_of(request);
	err = visit_vma(request, state, look_before);
	if (err)
		return err;
	err = change(request, state) ?:
	      visit_vma(request, state, look_after);
	fput(state->file);
	return err;
}

static void show_entry(struct seq_file *m, const char *when,
		       const struct mmscope_walk_record *walk)
{
	seq_printf(m, "%#llx %s ", walk->addr, when);
	pgwalk_show_entry(m, walk);
	if (walk->level)
		seq_printf(m, " %#018llx\n", walk->entry[walk->level - 1]);
	else
		seq_puts(m, " -\n");
}

static void entry_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct entry_state *state = answer->state;
	enum op op = op_of(answer->request);
	unsigned int i;

	seq_printf(m, "## entry\n# name value\nop %s\npages %u\nchanged ",
		   op_names[op], state->nr);
	if (op == OP_NONE)
		seq_puts(m, "-\n");
	else
		seq_printf(m, "%lu\n", state->changed);
	seq_puts(m, "## entries\n# user_addr when kind perms detail raw\n");
	for (i = 0; i < state->nr; i++) {
		show_entry(m, "before", &state->before[i]);
		show_entry(m, "after", &state->after[i]);
	}
}

struct mms_file pgwalk_entry_file = {
	.name = "entry",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.words = entry_words,
	.nr_words = ARRAY_SIZE(entry_words),
	.state_size_B = sizeof(struct entry_state),
	.check = entry_check,
	.begin = entry_begin,
	.show = entry_show,
};
