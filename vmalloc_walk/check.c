// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/vmalloc_walk/check: does all that the kernel notes of
 * its areas agree with itself and with the page tables?
 *
 * A record is a finding, and each is true when it is told, though areas come and go
 * all the time:
 *
 *  - page array against page tables, guard page and vm_struct: both sides are read
 *    under the lock without which nobody can unmap the area, see look.c;
 *  - order of a busy tree, and that its list is in the same order: under its lock;
 *  - no free and no lazy area lies in a busy one: their locks are taken inside that
 *    of the busy tree. The kernel takes no two of them at once, so any order will
 *    do; a busy area cannot become free or lazy before it left its tree;
 *  - two busy areas of different trees overlap: these cannot be locked together.
 *    Each is looked up in turn, and found to be there LOOKS times.
 *
 * What cannot be decided is counted in the section checked, not told as a finding:
 * areas that are being made, tables that did not hold still, areas that changed.
 * Lazy areas that are a list (up to 5.10) are not looked at.
 * Only areas with a page array say which pages must be mapped; of others the guard
 * page is looked at.
 */
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include "vmalloc_walk.h"

#define LOOKS	3	/* at two areas that overlap */

/* And what the columns expected and found of it are. */
enum finding {
	FOUND_PAGE_DIFFERS,	/* pfn in the page array; pfn that is mapped */
	FOUND_PAGE_MISSING,	/* pfn in the page array; 0 */
	FOUND_ARRAY,		/* address of the page array; 0 */
	FOUND_GUARD,		/* 0; pfn that is mapped */
	FOUND_STRUCT,		/* address in the vm_struct; size there */
	FOUND_OVERLAP,		/* start of the other area; its end */
	FOUND_FREE,		/* the same */
	FOUND_LAZY,		/* the same */
	FOUND_ORDER,		/* start of the next area; 0 */
	FOUND_LIST,		/* the same */
	FOUND_COUNT
};

static const char *const found_names[] = {
	[FOUND_PAGE_DIFFERS] = "page_differs",
	[FOUND_PAGE_MISSING] = "page_not_mapped",
	[FOUND_ARRAY] = "page_array_unreadable",
	[FOUND_GUARD] = "guard_mapped",
	[FOUND_STRUCT] = "vm_struct_differs",
	[FOUND_OVERLAP] = "overlaps_busy",
	[FOUND_FREE] = "overlaps_free",
	[FOUND_LAZY] = "overlaps_lazy",
	[FOUND_ORDER] = "tree_not_sorted",
	[FOUND_LIST] = "list_not_as_tree",
};

static_assert(ARRAY_SIZE(found_names) == FOUND_COUNT);

/**
 * struct found_row - a finding, or the end
 * @what: the finding; FOUND_COUNT: all is checked
 * @start: first address of the area
 * @end: address behind its last
 * @addr: where
 * @expected: see enum finding
 * @found: see enum finding
 */
struct found_row {
	enum finding what;
	u64 start;
	u64 end;
	u64 addr;
	u64 expected;
	u64 found;
};

/* How much was checked, and what could not be. */
enum counted {
	COUNT_AREAS,
	COUNT_PAGES,
	COUNT_GUARDS,
	COUNT_ORDER,
	COUNT_MAKING,
	COUNT_CHANGED,
	COUNT_UNSURE,
	COUNT_FINDINGS,
	COUNTED
};

static const char *const counted_names[] = {
	[COUNT_AREAS] = "areas",
	[COUNT_PAGES] = "pages",
	[COUNT_GUARDS] = "guard_pages",
	[COUNT_ORDER] = "areas_in_order",
	[COUNT_MAKING] = "areas_being_made",
	[COUNT_CHANGED] = "areas_changed",
	[COUNT_UNSURE] = "tables_unsure",
	[COUNT_FINDINGS] = "findings",
};

static_assert(ARRAY_SIZE(counted_names) == COUNTED);

/* Findings of one step: each page of a chunk, and a few of the area. */
#define STEP_MAX	(VMW_CHUNK + 8)

static_assert(STEP_MAX * sizeof(struct found_row) <= 64 << 10);

/**
 * struct check_state - an answer on its way
 * @counts: what was checked
 * @tree: whose order is checked next
 * @tree_at: address to go on from
 * @looking: an area is looked at
 * @ended: the end was put out
 * @before: the area before this one
 * @cursor: the walk over all areas
 * @look: at one of them
 * @rows: where findings go
 * @nr: number of them
 */
struct check_state {
	u64 counts[COUNTED];
	unsigned int tree;
	u64 tree_at;
	bool looking;
	bool ended;
	struct vmw_entry before;
	struct vmw_cursor cursor;
	struct vmw_look look;
	struct found_row *rows;
	unsigned int nr;
};

static void find(struct check_state *state, enum finding what, u64 start,
		 u64 end, u64 addr, u64 expected, u64 found)
{
	state->counts[COUNT_FINDINGS]++;
	state->rows[state->nr++] = (struct found_row) {
		.what = what,
		.start = start,
		.end = end,
		.addr = addr,
		.expected = expected,
		.found = found,
	};
}

/* ---- Order ---- */

static void check_next(struct check_state *state, const struct vmap_area *va,
		       const struct vmap_area *next)
{
	if (next->va_start < va->va_end || va->va_end <= va->va_start)
		find(state, FOUND_ORDER, va->va_start, va->va_end, va->va_start,
		     next->va_start, 0);
	if (va->list.next != &next->list)
		find(state, FOUND_LIST, va->va_start, va->va_end, va->va_start,
		     next->va_start, 0);
	state->counts[COUNT_ORDER]++;
}

/* Some of a tree under one hold; false: it is done. */
static bool check_tree(struct check_state *state, const struct vmw_tree *tree)
{
	const struct vmap_area *va, *next = NULL;
	unsigned int steps;

	spin_lock(tree->lock);
	va = vmw_find_behind(tree, state->tree_at);
	for (steps = 0; va && steps < VMW_BATCH; steps++) {
		next = vmw_next_in(va);
		if (next)
			check_next(state, va, next);
		state->tree_at = va->va_end;
		va = next;
	}
	spin_unlock(tree->lock);
	return next;
}

static bool check_order(struct check_state *state)
{
	struct vmw_tree tree;

	if (state->tree == vmw_trees(VMW_BUSY))
		return false;
	vmw_tree(VMW_BUSY, state->tree, &tree);
	if (!check_tree(state, &tree)) {
		state->tree++;
		state->tree_at = 0;
	}
	return true;
}

/* ---- One area ---- */

static void check_struct(struct check_state *state, const struct vmw_area *area)
{
	u64 addr = (uintptr_t)kasan_reset_tag(area->vm.addr);

	if (area->where && (addr != area->start ||
			    area->vm.size != area->end - area->start))
		find(state, FOUND_STRUCT, area->start, area->end, area->start,
		     addr, area->vm.size);
}

static void check_guard(struct check_state *state,
			const struct mmscope_range_record *extent)
{
	const struct vmw_area *area = &state->look.area;
	u64 guard = area->end - vmw_guard_B(area);
	u64 end = extent->start + extent->size_B;

	if (end != area->end || guard == area->end)
		return;
	if (extent->kind == MMSCOPE_PG_BAD)
		return;
	state->counts[COUNT_GUARDS]++;
	if (extent->kind != MMSCOPE_PG_NONE)
		find(state, FOUND_GUARD, area->start, area->end, guard, 0,
		     extent->pfn + (extent->size_B >> PAGE_SHIFT) - 1);
}

static void check_page(struct check_state *state, unsigned int i,
		       const struct mmscope_range_record *extent)
{
	const struct vmw_look *look = &state->look;
	u64 want = page_to_pfn(look->pages[i]), got;
	u64 addr = look->at + (u64)i * PAGE_SIZE;

	state->counts[COUNT_PAGES]++;
	if (!pgwalk_has_pfn(extent->kind)) {
		find(state, FOUND_PAGE_MISSING, look->area.start,
		     look->area.end, addr, want, 0);
		return;
	}
	got = extent->pfn + ((addr - extent->start) >> PAGE_SHIFT);
	if (got != want)
		find(state, FOUND_PAGE_DIFFERS, look->area.start,
		     look->area.end, addr, want, got);
}

static void check_extent(struct check_state *state,
			 const struct mmscope_range_record *extent)
{
	const struct vmw_look *look = &state->look;
	unsigned int i = (extent->start - look->at) >> PAGE_SHIFT;
	unsigned int end = i + (extent->size_B >> PAGE_SHIFT);

	if (extent->kind == MMSCOPE_PG_BAD) {
		state->counts[COUNT_UNSURE]++;
		return;
	}
	for (; i < end && i < look->nr_pages; i++)
		check_page(state, i, extent);
	check_guard(state, extent);
}

static void check_chunk(struct check_state *state)
{
	struct vmw_look *look = &state->look;
	unsigned int i;

	if (look->fault)
		find(state, FOUND_ARRAY, look->area.start, look->area.end,
		     look->at, (uintptr_t)look->area.vm.pages, 0);
	look->fault = false;
	for (i = 0; i < look->nr_extents; i++)
		check_extent(state, &look->extents[i]);
}

/* ---- An area among others ---- */

/* In the lock of the area's tree: does another tree have a part of it? */
static void check_against(struct check_state *state,
			  const struct vmw_entry *entry, enum vmw_set set,
			  enum finding what)
{
	const struct vmap_area *other;
	unsigned int i, nr = vmw_trees(set);
	struct vmw_tree tree;
	bool overlaps = false;

	for (i = 0; i < nr && !overlaps && vmw_tree(set, i, &tree); i++) {
		spin_lock(tree.lock);
		other = vmw_find_behind(&tree, entry->start);
		overlaps = other && other->va_start < entry->end;
		if (overlaps)
			find(state, what, entry->start, entry->end,
			     entry->start, other->va_start, other->va_end);
		spin_unlock(tree.lock);
	}
}

static bool is_there(const struct vmw_tree *tree, const struct vmw_entry *entry)
{
	const struct vmap_area *va = vmw_find_behind(tree, entry->start);

	return va && va->va_start == entry->start && va->va_end == entry->end;
}

static void check_others(struct check_state *state,
			 const struct vmw_entry *entry)
{
	struct vmw_tree tree;

	vmw_tree(VMW_BUSY, entry->tree, &tree);
	spin_lock(tree.lock);
	if (is_there(&tree, entry)) {
		check_against(state, entry, VMW_FREE, FOUND_FREE);
		check_against(state, entry, VMW_LAZY, FOUND_LAZY);
	}
	spin_unlock(tree.lock);
}

static bool look_for(const struct vmw_entry *entry)
{
	struct vmw_tree tree;
	bool found;

	vmw_tree(VMW_BUSY, entry->tree, &tree);
	spin_lock(tree.lock);
	found = is_there(&tree, entry);
	spin_unlock(tree.lock);
	return found;
}

static void check_before(struct check_state *state,
			 const struct vmw_entry *entry)
{
	const struct vmw_entry *before = &state->before;
	unsigned int i;

	/* Of one tree, check_order() has told. */
	if (before->end <= entry->start || before->tree == entry->tree)
		return;
	for (i = 0; i < LOOKS; i++)
		if (!look_for(before) || !look_for(entry))
			return;
	find(state, FOUND_OVERLAP, entry->start, entry->end, entry->start,
	     before->start, before->end);
}

/* ---- All of it ---- */

static void check_next_chunk(struct check_state *state)
{
	struct vmw_look *look = &state->look;
	int more = vmw_look_next(look);

	state->looking = more > 0;
	if (more == -EAGAIN)
		state->counts[COUNT_CHANGED]++;
	if (more < 0)
		return;
	if (look->holds == 1 && !vmw_is_settled(&look->area)) {
		state->counts[COUNT_MAKING]++;
		return;
	}
	if (look->holds == 1) {
		state->counts[COUNT_AREAS]++;
		check_struct(state, &look->area);
	}
	check_chunk(state);
}

/* One bounded step; false: all is checked. */
static bool check_step(struct check_state *state)
{
	struct vmw_entry entry;

	if (check_order(state))
		return true;
	if (state->looking) {
		check_next_chunk(state);
		return true;
	}
	if (!vmw_cursor_next(&state->cursor, &entry))
		return false;
	check_before(state, &entry);
	check_others(state, &entry);
	state->before = entry;
	vmw_look_begin(&state->look, &entry, true);
	state->looking = true;
	return true;
}

static int check_begin(struct mms_answer *answer)
{
	struct check_state *state = answer->state;

	if (!vmw_trees(VMW_BUSY) || !pgwalk_has_kernel_tables())
		return -EOPNOTSUPP;
	vmw_cursor_begin(&state->cursor, VMW_BUSY, 0, U64_MAX);
	return 0;
}

static int check_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct check_state *state = answer->state;

	state->rows = records;
	state->nr = 0;
	while (!state->ended && state->nr + STEP_MAX <= max) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		if (check_step(state))
			continue;
		state->rows[state->nr++].what = FOUND_COUNT;
		state->ended = true;
	}
	return state->nr;
}

static void show_counts(struct seq_file *m, const struct check_state *state)
{
	unsigned int i;

	seq_puts(m, "## checked\n# name value\n");
	for (i = 0; i < COUNTED; i++)
		seq_printf(m, "%s %llu\n", counted_names[i], state->counts[i]);
}

static void check_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct found_row *row = record;

	if (row->what == FOUND_COUNT)
		show_counts(m, answer->state);
	else
		seq_printf(m, "%#llx %#llx %s %#llx %#llx %#llx wrong\n",
			   row->start, row->end, found_names[row->what],
			   row->addr, row->expected, row->found);
}

struct mms_file vmw_check_file = {
	.name = "check",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "start end finding addr expected found verdict",
	.state_size_B = sizeof(struct check_state),
	.record_size_B = sizeof(struct found_row),
	.begin = check_begin,
	.fill = check_fill,
	.show = check_show,
};
