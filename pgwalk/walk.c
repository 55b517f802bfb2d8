// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/walk and walk.bin: every level of the walk
 * for one address, or for many.
 *
 * The process's mmap_lock is held for reading (without pid=, init_mm's for writing,
 * with memory hotplug), under RCU; each entry is believed once the entry above it
 * was seen to be unchanged afterwards. The page behind the leaf is read under the
 * same hold.
 *
 * An address outside all VMAs is walked as well: a table may be left there, and
 * may be freed while we look; the walker copes. Deliberately ignored: whether
 * the TLB still holds an older entry.
 */
#include <linux/err.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <mmscope/page.h>
#include <mmscope/symbol.h>
#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"
#include "trace.h"

#define BIN_BATCH	64	/* addresses walked under one hold */

enum {
	WORD_PID,
	WORD_ADDR,
	WORD_SYMBOL,
};

static const struct mms_word walk_words[] = {
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[WORD_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_LIST,
		.example = "0x400000,0xffffffff81000000",
	},
	[WORD_SYMBOL] = {
		.key = "symbol",
		.kind = MMS_WORD_TEXT,
		.example = "init_task+0x10",
	},
};

/* Whose tables: a pinned process's, or NULL for the kernel's own. */
struct walk_state {
	struct mm_struct *mm;
	unsigned int next;
};

/*
 * One address: the walk, where the top table begins in its page, and the page
 * behind the leaf.
 */
struct walk_row {
	struct mmscope_walk_record walk;
	unsigned int root_offset_B;
	struct mms_page page;
};

/* Memory hotplug is locked before any mmap_lock, also by the kernel's tables. */
static int hold_tables(struct mm_struct *mm)
{
	int err;

	if (!mm)
		return mms_kernel_tables_lock();
	if (!mmget_not_zero(mm))
		return -ESRCH;
	mms_memory_hold();
	err = mmap_read_lock_killable(mm);
	if (err) {
		mms_memory_release();
		mmput(mm);
	}
	return err;
}

static void release_tables(struct mm_struct *mm)
{
	if (!mm) {
		mms_kernel_tables_unlock();
		return;
	}
	mmap_read_unlock(mm);
	mms_memory_release();
	/* The last user frees the address space: with no lock held. */
	mmput(mm);
}

static u32 vma_flags_at(struct mm_struct *mm, u64 addr)
{
	struct vm_area_struct *vma;

	if (!mm || !pgwalk_is_user(addr))
		return 0;
	vma = find_vma(mm, addr);
	return vma && vma->vm_start <= addr ? pgwalk_vma_flags(vma) : 0;
}

/* Between hold_tables() and release_tables(). @tables: filled in */
static void walk_held(struct mm_struct *mm, u64 addr,
		      struct mms_tables *tables,
		      struct mmscope_walk_record *walk)
{
	if (mm)
		mms_mm_tables(mm, addr, tables);
	else
		mms_kernel_tables(tables);
	rcu_read_lock();
	mms_walk(tables, addr, walk);
	rcu_read_unlock();
	if (walk->kind != MMSCOPE_PG_NONE && walk->kind != MMSCOPE_PG_BAD)
		walk->flags |= vma_flags_at(mm, addr);
	trace_walk(walk);
}

/* ---- Text ---- */

static int resolve_symbol(struct mms_request *request)
{
	char name[KSYM_NAME_LEN];
	const char *text = request->values[WORD_SYMBOL].text;
	size_t len = strcspn(text, "+");
	unsigned long addr;
	u64 offset = 0;

	if (len >= sizeof(name) ||
	    (text[len] && mms_parse_number(text + len + 1, &offset)))
		return mms_refuse(request, WORD_SYMBOL, -EINVAL,
				  "malformed; right is e.g. symbol=init_task+0x10");
	memcpy(name, text, len);
	name[len] = '\0';
	addr = mms_symbol_find(name);
	if (!addr)
		return mms_refuse(request, WORD_SYMBOL, -ENOENT,
				  "no such symbol in /proc/kallsyms");
	if (offset > ULONG_MAX - addr)
		return mms_refuse(request, WORD_SYMBOL, -ERANGE,
				  "reaches beyond the last address");
	request->list[request->nr_list++] = addr + offset;
	return 0;
}

static int check_address(struct mms_request *request, u64 addr)
{
	const struct mms_value *values = request->values;
	int word = values[WORD_ADDR].given ? WORD_ADDR : WORD_SYMBOL;
	int err;

	err = pgwalk_address_check(request, word, addr);
	if (err)
		return err;
	if (pgwalk_is_user(addr) && !values[WORD_PID].given)
		return mms_refuse(request, word, -EINVAL,
				  "%#llx is a user address: whose? add pid=",
				  addr);
	return 0;
}

static int check_kernel_tables(struct mms_request *request)
{
	if (request->values[WORD_PID].given || pgwalk_has_kernel_tables())
		return 0;
	return mms_refuse(request, MMS_WHOLE_LINE, -EOPNOTSUPP,
			  "the kernel's tables were not found, see mmscope/status");
}

static int walk_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	unsigned int i;
	int err = 0;

	if (values[WORD_ADDR].given == values[WORD_SYMBOL].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give one of addr= and symbol=");
	if (values[WORD_SYMBOL].given)
		err = resolve_symbol(request);
	for (i = 0; i < request->nr_list && !err; i++)
		err = check_address(request, request->list[i]);
	if (!err && values[WORD_PID].given)
		err = pgwalk_target_check(request, WORD_PID);
	return err ?: check_kernel_tables(request);
}

static int walk_begin(struct mms_answer *answer)
{
	const struct mms_value *pid = &answer->request->values[WORD_PID];
	struct walk_state *state = answer->state;

	if (pid->given)
		state->mm = pgwalk_target_get(pid);
	return PTR_ERR_OR_ZERO(state->mm);
}

static int walk_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	const struct mms_request *request = answer->request;
	struct walk_state *state = answer->state;
	struct walk_row *row = records;
	struct mms_tables tables;
	u64 addr;
	int err;

	if (state->next == request->nr_list)
		return 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	err = hold_tables(state->mm);
	if (err)
		return err;
	addr = request->list[state->next++];
	walk_held(state->mm, addr, &tables, &row->walk);
	row->root_offset_B = offset_in_page(tables.root);
	memset(&row->page, 0, sizeof(row->page));
	if (pgwalk_has_pfn(row->walk.kind))
		mms_page_read(row->walk.pfn, &row->page);
	release_tables(state->mm);
	return 1;
}

static void show_entries(struct seq_file *m, const struct walk_row *row)
{
	const struct mmscope_walk_record *walk = &row->walk;
	unsigned int level, index;
	u64 table;

	seq_puts(m, "# level index table_pfn entry_addr raw bits\n");
	for (level = walk->top; level >= walk->level; level--) {
		index = pgwalk_level_index(level, walk->addr);
		table = (uintptr_t)__va(PFN_PHYS(walk->table_pfn[level - 1]));
		if (level == walk->top)
			table += row->root_offset_B;
		seq_printf(m, "%s %u %#llx %#llx %#018llx ",
			   pgwalk_level_name(level, walk->top), index,
			   walk->table_pfn[level - 1],
			   table + index * sizeof(walk->entry[0]),
			   walk->entry[level - 1]);
		pgwalk_arch_show_bits(m, level, walk->entry[level - 1]);
		seq_putc(m, '\n');
	}
}

static void show_page(struct seq_file *m, const struct mms_page *page)
{
	if (page->type == MMS_PAGE_ABSENT) {
		seq_puts(m, "- - - - -");
		return;
	}
	seq_printf(m, "%s %d %d %u ", mms_page_type_name(page), page->refcount,
		   page->mapcount, page->order);
	mms_page_show_flags(m, page);
}

static void show_leaf(struct seq_file *m, const struct walk_row *row)
{
	const struct mmscope_walk_record *walk = &row->walk;

	seq_puts(m, "# kind level size_B pfn phys_addr perms detail type refcount mapcount order page_flags\n");
	seq_printf(m, "%s %s %llu ", pgwalk_kind_name(walk->kind),
		   pgwalk_level_name(walk->level, walk->top), walk->size_B);
	if (pgwalk_has_pfn(walk->kind))
		seq_printf(m, "%#llx %#llx ", walk->pfn,
			   PFN_PHYS(walk->pfn) + offset_in_page(walk->addr));
	else
		seq_puts(m, "- - ");
	pgwalk_show_perms(m, walk->kind, walk->flags);
	seq_putc(m, ' ');
	pgwalk_show_detail(m, walk->kind, walk->level, walk->flags, walk->pfn,
			   walk->swap_type);
	seq_putc(m, ' ');
	show_page(m, &row->page);
	seq_putc(m, '\n');
}

static void walk_show(struct seq_file *m, struct mms_answer *answer,
		      const void *record)
{
	const struct mms_value *pid = &answer->request->values[WORD_PID];
	const struct walk_row *row = record;

	seq_printf(m, "## walk addr=%#llx pid=", row->walk.addr);
	if (pid->given)
		seq_printf(m, "%d", pid_vnr(pid->pid));
	else
		seq_putc(m, '-');
	seq_printf(m, " tables=%s levels=%u\n",
		   pgwalk_is_user(row->walk.addr) ? "user" : "kernel",
		   row->walk.top);
	show_entries(m, row);
	seq_printf(m, "## leaf addr=%#llx\n", row->walk.addr);
	show_leaf(m, row);
}

static void walk_finish(struct mms_answer *answer)
{
	struct walk_state *state = answer->state;

	pgwalk_target_put(state->mm);
}

struct mms_file pgwalk_walk_file = {
	.name = "walk",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.words = walk_words,
	.nr_words = ARRAY_SIZE(walk_words),
	.state_size_B = sizeof(struct walk_state),
	.record_size_B = sizeof(struct walk_row),
	.check = walk_check,
	.begin = walk_begin,
	.fill = walk_fill,
	.show = walk_show,
	.finish = walk_finish,
};

/* ---- Binary: an array indexed by page, like /proc/PID/pagemap ---- */

enum {
	BIN_WORD_PID,
	BIN_WORD_SPACE,
};

static const struct mms_word walk_bin_words[] = {
	[BIN_WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[BIN_WORD_SPACE] = {
		.key = "space",
		.kind = MMS_WORD_TEXT,
		.example = "kernel",
	},
};

struct walk_bin_state {
	struct mm_struct *mm;
	struct mmscope_walk_record batch[BIN_BATCH];
};

static int walk_bin_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;

	if (values[BIN_WORD_PID].given == values[BIN_WORD_SPACE].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give one of pid= and space=kernel");
	if (values[BIN_WORD_PID].given)
		return pgwalk_target_check(request, BIN_WORD_PID);
	if (strcmp(values[BIN_WORD_SPACE].text, "kernel"))
		return mms_refuse(request, BIN_WORD_SPACE, -EINVAL,
				  "unknown space; right is space=kernel");
	return check_kernel_tables(request);
}

static int walk_bin_begin(struct mms_answer *answer)
{
	const struct mms_value *pid = &answer->request->values[BIN_WORD_PID];
	struct walk_bin_state *state = answer->state;

	if (pid->given)
		state->mm = pgwalk_target_get(pid);
	return PTR_ERR_OR_ZERO(state->mm);
}

static void walk_bin_finish(struct mms_answer *answer)
{
	struct walk_bin_state *state = answer->state;

	pgwalk_target_put(state->mm);
}

/* Behind the last page of the 64 bit space? */
static bool is_beyond(u64 page)
{
	return page >> (64 - PAGE_SHIFT);
}

/* The position counts pages of the whole 64 bit space; records never split. */
static int first_page(loff_t at, size_t size_B, u64 *page)
{
	u64 rest;

	*page = div64_u64_rem(at, sizeof(struct mmscope_walk_record), &rest);
	return rest || size_B < sizeof(struct mmscope_walk_record) ? -EINVAL : 0;
}

static int walk_batch(struct walk_bin_state *state, u64 page, unsigned int nr)
{
	struct mms_tables tables;
	unsigned int i;
	u64 addr;
	int err;

	if (!state->mm && pgwalk_is_user(page << PAGE_SHIFT))
		return -EINVAL;
	err = hold_tables(state->mm);
	if (err)
		return err;
	for (i = 0; i < nr; i++) {
		addr = (page + i) << PAGE_SHIFT;
		if (is_beyond(page + i) || !pgwalk_arch_is_canonical(addr))
			break;
		walk_held(state->mm, addr, &tables, &state->batch[i]);
	}
	release_tables(state->mm);
	if (i)
		return i;
	return is_beyond(page) ? -ENXIO : -EFAULT;
}

static ssize_t walk_bin_read_at(struct mms_answer *answer, char __user *buf,
				size_t size_B, loff_t at)
{
	struct walk_bin_state *state = answer->state;
	const size_t one_B = sizeof(state->batch[0]);
	size_t done = 0;
	u64 page;
	int nr;

	nr = first_page(at, size_B, &page);
	if (nr)
		return nr;
	while (size_B - done >= one_B && !fatal_signal_pending(current)) {
		nr = walk_batch(state, page, min_t(size_t, BIN_BATCH,
						   (size_B - done) / one_B));
		if (nr < 0)
			break;
		if (copy_to_user(buf + done, state->batch, nr * one_B))
			return -EFAULT;
		done += nr * one_B;
		page += nr;
		cond_resched();
	}
	return done ?: nr;
}

struct mms_file pgwalk_walk_bin_file = {
	.name = "walk.bin",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.words = walk_bin_words,
	.nr_words = ARRAY_SIZE(walk_bin_words),
	.state_size_B = sizeof(struct walk_bin_state),
	.record_size_B = sizeof(struct mmscope_walk_record),
	.check = walk_bin_check,
	.begin = walk_bin_begin,
	.finish = walk_bin_finish,
	.read_at = walk_bin_read_at,
};
