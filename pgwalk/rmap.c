// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/rmap: who maps a page: how many mappings it counts,
 * and which these are, for anonymous pages, pages of files and KSM.
 *
 * They are found as the kernel finds them, by rmap_walk(): through the anon_vma of an
 * anonymous page, the i_mmap of a file, the stable node of KSM, each under its own
 * rwsem, with the page locked and referenced meanwhile, as page_idle does. That
 * reference is not in what is shown. A VMA that could map the page is not yet one
 * that does: its entry is walked, and only one that leads to this page is told. The
 * rwsem keeps the tables, since a VMA leaves it before its tables are freed.
 *
 * What cannot be seen: a page that is mapped without rmap (remap_pfn_range() counts
 * nothing, vm_insert_page() counts only), hugetlb, and a page that somebody else has
 * locked: for these "seen" says why, and the count stands alone. Entries that are
 * being migrated or were swapped out do not map. The walk ends after ROWS_MAX mappings
 * or LOOKS_MAX VMAs, and the answer says that it was cut.
 *
 * pid is that of mm->owner, which needs CONFIG_MEMCG: else "-". Processes outside of
 * the reader's pid namespace are 0.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/static_call.h>

#include <mmscope/page.h>
#include <mmscope/symbol.h>
#include <mmscope/walker.h>

#include "pgwalk.h"

#define ROWS_MAX	256
#define LOOKS_MAX	4096	/* VMAs looked at under one hold */
#define TRIES_MAX	64	/* until the lock of the page is had */

enum {
	WORD_PFN,
	WORD_PID,
	WORD_ADDR,
};

static const struct mms_word rmap_words[] = {
	[WORD_PFN] = {
		.key = "pfn",
		.kind = MMS_WORD_NUMBER,
		.max = PHYS_PFN(MMS_PHYS_MAX),
		.example = "0x1000",
	},
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[WORD_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_NUMBER,
		.example = "0x400000",
	},
};

/* Whether mappings could be looked for. */
enum seen {
	SEEN_WALKED,
	SEEN_NO_RMAP,
	SEEN_NOT_MAPPED,
	SEEN_BUSY,
	SEEN_NO_SYMBOL,
	SEEN_COUNT
};

static const char *const seen_names[] = {
	[SEEN_WALKED] = "walked",
	[SEEN_NO_RMAP] = "no_rmap",
	[SEEN_NOT_MAPPED] = "not_mapped",
	[SEEN_BUSY] = "busy",
	[SEEN_NO_SYMBOL] = "no_symbol",
};

static_assert(ARRAY_SIZE(seen_names) == SEEN_COUNT);

#define NO_PID		(-1)

/**
 * struct rmap_row - one mapping
 * @mm: whose it is, only to be compared
 * @pid: of the owner, NO_PID: not known
 * @walk: of the entry
 */
struct rmap_row {
	const struct mm_struct *mm;
	pid_t pid;
	struct mmscope_walk_record walk;
};

/**
 * struct rmap_state - one answer
 * @page: the page, before it was referenced
 * @seen: whether mappings could be looked for
 * @looked_at: VMAs that the kernel came by
 * @cut: there are more
 * @next: row to show next; 0 is the page itself
 * @nr: rows
 * @rows: the mappings
 */
struct rmap_state {
	struct mms_page page;
	enum seen seen;
	unsigned int looked_at;
	bool cut;
	unsigned int next;
	unsigned int nr;
	struct rmap_row rows[ROWS_MAX];
};

static void no_rmap_walk(struct folio *folio, struct rmap_walk_control *rwc)
{
}

DEFINE_STATIC_CALL(pgwalk_rmap_walk, no_rmap_walk);

enum {
	SYM_WALK,
	SYM_LOCK_ANON,
};

static struct mms_symbol table[] = {
	[SYM_WALK] = { .name = "rmap_walk", .purpose = "rmap" },
	[SYM_LOCK_ANON] = {
		.name = LOCK_ANON_VMA_READ,
		.purpose = "rmap_of_anonymous_pages",
	},
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = table,
	.nr = ARRAY_SIZE(table),
};

static int rmap_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;

	if (values[WORD_PID].given == values[WORD_PFN].given ||
	    values[WORD_ADDR].given == values[WORD_PFN].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give pfn=, or pid= and addr=");
	if (values[WORD_PFN].given)
		return 0;
	return pgwalk_user_check(request, WORD_ADDR, WORD_PID);
}

static int pfn_of(const struct mms_request *request, u64 *pfn)
{
	const struct mms_value *values = request->values;
	struct mmscope_walk_record walk;
	struct mm_struct *mm;
	int err;

	if (values[WORD_PFN].given) {
		*pfn = values[WORD_PFN].start;
		return 0;
	}
	mm = pgwalk_target_get(&values[WORD_PID]);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	err = pgwalk_target_walk(mm, values[WORD_ADDR].start, &walk);
	pgwalk_target_put(mm);
	if (err)
		return err;
	*pfn = walk.pfn;
	return walk.kind == MMSCOPE_PG_PRESENT ? 0 : -ENOENT;
}

/* ---- The walk ---- */

static pid_t owner_of(const struct mm_struct *mm)
{
	pid_t pid = NO_PID;
#ifdef CONFIG_MEMCG
	struct task_struct *owner;

	rcu_read_lock();
	owner = rcu_dereference(mm->owner);
	if (owner)
		pid = task_tgid_vnr(owner);
	rcu_read_unlock();
#endif
	return pid;
}

/* Where a VMA would map the page; KSM knows, all others count from the start. */
static bool addr_in_vma(const struct mms_page *page,
			struct vm_area_struct *vma, unsigned long addr,
			unsigned long *at)
{
	unsigned long offset = page->index - vma->vm_pgoff;
	bool known = page->type == MMS_PAGE_KSM;

	*at = known ? addr : vma->vm_start + (offset << PAGE_SHIFT);
	return known || offset < vma_pages(vma);
}

/* KSM comes to a mapping once for each mapping of the page that it merged. */
static bool was_added(const struct rmap_state *state,
		      const struct mm_struct *mm, unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < state->nr; i++)
		if (state->rows[i].mm == mm && state->rows[i].walk.addr == addr)
			return true;
	return false;
}

/* rmap_one() of the walk: the rwsem of the mapping is held. */
static bool add_mapping(struct folio *folio, struct vm_area_struct *vma,
			unsigned long addr, void *arg)
{
	struct rmap_state *state = arg;
	struct mmscope_walk_record walk;
	unsigned long at;

	if (state->looked_at == LOOKS_MAX || state->nr == ROWS_MAX ||
	    fatal_signal_pending(current)) {
		state->cut = true;
		return false;
	}
	state->looked_at++;
	if (!addr_in_vma(&state->page, vma, addr, &at) ||
	    was_added(state, vma->vm_mm, at))
		return true;
	pgwalk_mm_walk(vma->vm_mm, at, &walk);
	if ((walk.kind != MMSCOPE_PG_PRESENT &&
	     walk.kind != MMSCOPE_PG_PROTNONE) || walk.pfn != state->page.pfn)
		return true;
	walk.flags |= pgwalk_vma_flags(vma);
	state->rows[state->nr++] = (struct rmap_row) {
		.mm = vma->vm_mm,
		.pid = owner_of(vma->vm_mm),
		.walk = walk,
	};
	return true;
}

static bool has_rmap(const struct mms_page *page)
{
	return page->type == MMS_PAGE_ANON || page->type == MMS_PAGE_KSM ||
	       page->type == MMS_PAGE_FILE;
}

/* It may have become another page before it was referenced, or locked. */
static bool is_still(const struct mms_page *page)
{
	struct mms_page now;

	mms_page_read(page->pfn, &now);
	return now.type == page->type && now.index == page->index &&
	       now.head_pfn == page->head_pfn && now.ino == page->ino;
}

/*
 * Neither the page's lock nor our reference keeps its anon_vma: the kernel's own way of
 * locking that does.
 */
static enum seen walk_locked(struct page *head, struct rmap_state *state)
{
	struct rmap_walk_control rwc = {
		.arg = state,
		.rmap_one = rmap_one_of(add_mapping),
		.anon_lock = (void *)table[SYM_LOCK_ANON].addr,
	};

	if (!is_still(&state->page))
		return SEEN_BUSY;
	static_call(pgwalk_rmap_walk)((struct folio *)head, &rwc);
	return SEEN_WALKED;
}

/* Who has just allocated a page takes its lock for his own: such a one is left alone. */
static enum seen walk_referenced(struct page *head, struct rmap_state *state)
{
	enum seen seen = SEEN_BUSY;
	unsigned int tries;

	if (!is_still(&state->page))
		return SEEN_BUSY;
	for (tries = 0; tries < TRIES_MAX; tries++) {
		if (trylock_page(head)) {
			seen = walk_locked(head, state);
			unlock_page(head);
			break;
		}
		cond_resched();
	}
	return seen;
}

static bool can_walk(const struct mms_page *page)
{
	return table[SYM_WALK].addr &&
	       (page->type != MMS_PAGE_ANON || table[SYM_LOCK_ANON].addr);
}

/* Between mms_memory_hold() and mms_memory_release(). */
static enum seen walk_page(struct rmap_state *state)
{
	struct page *head = pfn_to_page(state->page.head_pfn);
	enum seen seen;

	if (!has_rmap(&state->page))
		return SEEN_NO_RMAP;
	if (!state->page.mapcount)
		return SEEN_NOT_MAPPED;
	if (!can_walk(&state->page))
		return SEEN_NO_SYMBOL;
	if (PageTail(head) || !get_page_unless_zero(head))
		return SEEN_BUSY;
	seen = walk_referenced(head, state);
	put_page(head);
	return seen;
}

static int rmap_begin(struct mms_answer *answer)
{
	struct rmap_state *state = answer->state;
	u64 pfn;
	int err;

	err = pfn_of(answer->request, &pfn);
	if (err)
		return err;
	mms_memory_hold();
	mms_page_read(pfn, &state->page);
	if (state->page.type == MMS_PAGE_ABSENT)
		err = -ENOENT;
	else
		state->seen = walk_page(state);
	mms_memory_release();
	return err;
}

static void show_mapping(struct seq_file *m, const struct rmap_row *row)
{
	const struct mmscope_walk_record *walk = &row->walk;

	if (row->pid == NO_PID)
		seq_puts(m, "-");
	else
		seq_printf(m, "%d", row->pid);
	seq_printf(m, " %#llx %s ", walk->addr,
		   pgwalk_level_name(walk->level, walk->top));
	pgwalk_show_entry(m, walk);
	seq_putc(m, '\n');
}

static void show_page(struct seq_file *m, const struct rmap_state *state)
{
	const struct mms_page *page = &state->page;

	seq_puts(m, "## page\n# pfn type refcount mapcount order index seen looked_at mappings\n");
	seq_printf(m, "%#lx %s %d %d %u %lu %s %u %u\n", page->pfn,
		   mms_page_type_name(page), page->refcount, page->mapcount,
		   page->order, page->index, seen_names[state->seen],
		   state->looked_at, state->nr);
	seq_puts(m, "## mappings\n# pid addr level kind perms detail\n");
}

/* A record is the number of a row. */
static int rmap_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	struct rmap_state *state = answer->state;
	unsigned int *rows = records;
	unsigned int nr;

	for (nr = 0; nr < max && state->next <= state->nr; nr++)
		rows[nr] = state->next++;
	if (!nr && state->cut)
		return -E2BIG;
	return nr;
}

static void rmap_show(struct seq_file *m, struct mms_answer *answer,
		      const void *record)
{
	const struct rmap_state *state = answer->state;
	unsigned int row = *(const unsigned int *)record;

	if (row)
		show_mapping(m, &state->rows[row - 1]);
	else
		show_page(m, state);
}

struct mms_file pgwalk_rmap_file = {
	.name = "rmap",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.words = rmap_words,
	.nr_words = ARRAY_SIZE(rmap_words),
	.state_size_B = sizeof(struct rmap_state),
	.record_size_B = sizeof(unsigned int),
	.check = rmap_check,
	.begin = rmap_begin,
	.fill = rmap_fill,
	.show = rmap_show,
};

/**
 * pgwalk_rmap_features() - rows for the features section of status
 * @m: where to print
 */
void pgwalk_rmap_features(struct seq_file *m)
{
	seq_printf(m, "rmap pgwalk %s %s\n", table[SYM_WALK].addr ? "ok" : "off",
		   table[SYM_LOCK_ANON].addr ? "-" : "no_anonymous_pages");
}

/**
 * pgwalk_rmap_init() - find rmap_walk() and what it locks by
 */
void pgwalk_rmap_init(void)
{
	mms_symbols_add(&symbols);
	if (table[SYM_WALK].addr)
		static_call_update(pgwalk_rmap_walk,
				   (typeof(no_rmap_walk) *)table[SYM_WALK].addr);
}

/**
 * pgwalk_rmap_exit() - undo pgwalk_rmap_init()
 */
void pgwalk_rmap_exit(void)
{
	mms_symbols_del(&symbols);
}
