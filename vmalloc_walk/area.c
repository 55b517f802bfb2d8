// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/vmalloc_walk/area: everything about the area that holds
 * an address: what the kernel notes, the page array and where it lies, each run of
 * pages, the entries of first, last and guard page, and the neighbours.
 *
 * The area is read under the lock of its tree, chunk by chunk, see look.c; where it
 * changes between two chunks the answer ends, truncated. Runs end with the chunk:
 * one of more than VMW_CHUNK pages is several records. Walks and neighbours are read
 * afterwards, each by itself.
 *
 * Deliberately ignored: what the pages hold; page and walk show that.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include <mmscope/page.h>

#include "vmalloc_walk.h"

enum {
	WORD_ADDR,
};

static const struct mms_word area_words[] = {
	[WORD_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_NUMBER,
		.example = "0xffffc90000000000",
	},
};

/* Sections in their order. */
enum part {
	PART_AREA,
	PART_RUNS,
	PART_WALKS,
	PART_NEIGHBOURS,
	PART_END,
};

static const char *const part_heads[] = {
	[PART_AREA] = "## area\n# name value\n",
	[PART_RUNS] = "## runs\n# start end pages pfn level kind perms page_array node\n",
	[PART_WALKS] = "## walks\n# page addr kind level size_B pfn entry\n",
	[PART_NEIGHBOURS] = "## neighbours\n# side start end gap_B\n",
};

static const char *const page_names[] = { "first", "last", "guard" };
static const char *const side_names[] = { "previous", "next" };

/**
 * struct part_row - one record
 * @part: section
 * @head: first of its section
 * @index: of a walk or neighbour
 * @none: there is no such neighbour, or no guard page
 * @matches: run: the page array names the same pages; -1: there is no array
 * @node: run: of its first page, -1: not memory
 * @extent: part runs
 * @entry: part neighbours
 *
 * What parts area and walks show is in the state.
 */
struct part_row {
	enum part part;
	bool head;
	unsigned int index;
	bool none;
	int matches;
	int node;
	union {
		struct mmscope_range_record extent;
		struct vmw_entry entry;
	};
};

/* Core fetches at least so many bytes at once. */
static_assert((VMW_CHUNK + 1) * sizeof(struct part_row) <= 64 << 10);

struct area_state {
	enum part part;
	bool more;
	bool headed;
	struct vmw_area area;
	struct vmw_look look;
	struct vmw_cursor cursor;
	struct mmscope_walk_record walks[ARRAY_SIZE(page_names)];
	struct vmw_caller caller;
};

static int area_check(struct mms_request *request)
{
	u64 addr = request->values[WORD_ADDR].start;
	struct vmw_entry entry;
	int err;

	err = pgwalk_address_check(request, WORD_ADDR, addr) ?:
	      vmw_check_trees(request, VMW_BUSY);
	if (err)
		return err;
	if (!vmw_find(addr, &entry))
		return mms_refuse(request, WORD_ADDR, -ENOENT,
				  "no area holds this address");
	return 0;
}

static int area_begin(struct mms_answer *answer)
{
	struct area_state *state = answer->state;
	struct vmw_entry entry;
	int more;

	if (!vmw_find(answer->request->values[WORD_ADDR].start, &entry))
		return -ENOENT;
	vmw_look_begin(&state->look, &entry, true);
	more = vmw_look_next(&state->look);
	if (more < 0)
		return -ENOENT;
	state->more = more;
	state->area = state->look.area;
	if (!more)
		answer->consistency = MMSCOPE_LOCKED;
	return 0;
}

/* ---- Reading ---- */

static int matches_array(const struct vmw_look *look,
			 const struct mmscope_range_record *extent)
{
	unsigned long i = (extent->start - look->at) >> PAGE_SHIFT;
	unsigned long end = i + (extent->size_B >> PAGE_SHIFT);
	u64 pfn = extent->pfn;

	if (!look->nr_pages)
		return -1;
	for (; i < end; i++, pfn++)
		if (i >= look->nr_pages || page_to_pfn(look->pages[i]) != pfn)
			return 0;
	return 1;
}

static unsigned int fill_runs(struct area_state *state, struct part_row *row)
{
	const struct vmw_look *look = &state->look;
	const struct mmscope_range_record *extent;
	unsigned int i, nr = 0;

	mms_memory_hold();
	for (i = 0; i < look->nr_extents; i++) {
		extent = &look->extents[i];
		if (extent->kind == MMSCOPE_PG_NONE)
			continue;
		row[nr].extent = *extent;
		row[nr].matches = matches_array(look, extent);
		row[nr].node = vmw_node_of(extent->pfn);
		nr++;
	}
	mms_memory_release();
	return nr;
}

static int next_runs(struct area_state *state, struct part_row *row)
{
	unsigned int nr;
	int more;

	for (;;) {
		nr = fill_runs(state, row);
		state->look.nr_extents = 0;
		if (nr)
			return nr;
		if (!state->more)
			return 0;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		more = vmw_look_next(&state->look);
		if (more < 0)
			return more;
		state->more = more;
	}
}

static unsigned int fill_walks(struct area_state *state, struct part_row *row)
{
	u64 guard_B = vmw_guard_B(&state->area);
	u64 last = state->area.end - guard_B - PAGE_SIZE;
	const u64 addrs[] = { state->area.start, last, last + PAGE_SIZE };
	struct mms_tables tables;
	unsigned int i;

	mms_kernel_tables(&tables);
	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		row[i].index = i;
		row[i].none = i == ARRAY_SIZE(addrs) - 1 && !guard_B;
		if (!row[i].none)
			mms_walk(&tables, addrs[i], &state->walks[i]);
	}
	return i;
}

static bool previous_in(unsigned int i, u64 start, struct vmw_entry *best)
{
	struct vmw_tree tree;
	struct vmap_area *va;
	struct rb_node *node;
	bool better;

	vmw_tree(VMW_BUSY, i, &tree);
	spin_lock(tree.lock);
	va = vmw_find_behind(&tree, start - 1);
	/* The last area that ends at or before start, if va is not that. */
	if (va && va->va_start < start)
		node = &va->rb_node;
	else
		node = va ? rb_prev(&va->rb_node) : rb_last(tree.root);
	va = rb_entry_safe(node, struct vmap_area, rb_node);
	better = va && va->va_start < start && va->va_end > best->end;
	if (better) {
		best->start = va->va_start;
		best->end = va->va_end;
	}
	spin_unlock(tree.lock);
	return better;
}

static unsigned int fill_neighbours(struct area_state *state,
				    struct part_row *row)
{
	const struct vmw_area *area = &state->area;
	unsigned int i;

	row[0].none = true;
	for (i = 0; i < vmw_trees(VMW_BUSY); i++)
		if (previous_in(i, area->start, &row[0].entry))
			row[0].none = false;
	row[1].index = 1;
	vmw_cursor_begin(&state->cursor, VMW_BUSY, area->end, U64_MAX);
	state->cursor.from = area->end;
	row[1].none = !vmw_cursor_next(&state->cursor, &row[1].entry);
	return 2;
}

static int fill_part(struct area_state *state, struct part_row *row)
{
	switch (state->part) {
	case PART_AREA:
		return 1;
	case PART_RUNS:
		return next_runs(state, row);
	case PART_WALKS:
		return fill_walks(state, row);
	case PART_NEIGHBOURS:
		return fill_neighbours(state, row);
	default:
		return 0;
	}
}

static int area_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	struct area_state *state = answer->state;
	struct part_row *row = records;
	int i, nr;

	if (state->part == PART_END)
		return 0;
	memset(row, 0, array_size(max, sizeof(*row)));
	nr = fill_part(state, row);
	for (i = 0; i < nr; i++)
		row[i].part = state->part;
	row[0].head = !state->headed;
	state->headed = true;
	if (nr < 0 || (nr && state->part == PART_RUNS))
		return nr;
	/* A section without records is one of its head alone. */
	row[0].part = state->part++;
	row[0].none |= !nr;
	state->headed = false;
	return max(nr, 1);
}

/* ---- Printing ---- */

static void show_array(struct seq_file *m, const struct vm_struct *vm)
{
	if (!vm->pages) {
		seq_puts(m, "page_array -\npage_array_size_B 0\npage_array_in -\n");
		return;
	}
	seq_printf(m, "page_array 0x%lx\n", (unsigned long)vm->pages);
	seq_printf(m, "page_array_size_B %zu\n",
		   (size_t)vm->nr_pages * sizeof(*vm->pages));
	seq_printf(m, "page_array_in %s\n", is_vmalloc_addr(vm->pages) ?
		   "vmalloc" : "kmalloc");
}

static void show_area(struct seq_file *m, struct area_state *state)
{
	const struct vmw_area *area = &state->area;
	const struct vm_struct *vm = &area->vm;

	seq_printf(m, "start %#llx\nend %#llx\nsize_B %llu\nguard_B %llu\n",
		   area->start, area->end, area->end - area->start,
		   vmw_guard_B(area));
	seq_printf(m, "vmap_area 0x%lx\n", (unsigned long)area->entry);
	seq_printf(m, "vm_struct 0x%lx\n", (unsigned long)area->where);
	seq_puts(m, "flags ");
	vmw_show_flags(m, vm->flags);
	vmw_caller_find(&state->caller, vm->caller);
	seq_printf(m, "\ncaller %s\n", state->caller.name);
	seq_printf(m, "pages %lu\n", (unsigned long)vm->nr_pages);
	if (vm->phys_addr)
		seq_printf(m, "phys_addr %pa\n", &vm->phys_addr);
	show_array(m, vm);
}

static void show_run(struct seq_file *m, const struct part_row *row,
		     unsigned int top)
{
	const struct mmscope_range_record *extent = &row->extent;

	seq_printf(m, "%#llx %#llx %llu ", extent->start,
		   extent->start + extent->size_B, extent->size_B >> PAGE_SHIFT);
	if (pgwalk_has_pfn(extent->kind))
		seq_printf(m, "%#llx ", extent->pfn);
	else
		seq_puts(m, "- ");
	seq_printf(m, "%s %s ", pgwalk_level_name(extent->level, top),
		   pgwalk_kind_name(extent->kind));
	pgwalk_show_perms(m, extent->kind, extent->flags);
	seq_printf(m, " %s ", row->matches < 0 ? "-" :
		   row->matches ? "same" : "differs");
	if (row->node < 0)
		seq_puts(m, "-\n");
	else
		seq_printf(m, "%d\n", row->node);
}

static void show_walk(struct seq_file *m, const struct part_row *row,
		      const struct mmscope_walk_record *walk)
{
	seq_printf(m, "%s ", page_names[row->index]);
	if (row->none) {
		seq_puts(m, "- - - - - -\n");
		return;
	}
	seq_printf(m, "%#llx %s %s %llu ", walk->addr,
		   pgwalk_kind_name(walk->kind),
		   pgwalk_level_name(walk->level, walk->top), walk->size_B);
	if (pgwalk_has_pfn(walk->kind))
		seq_printf(m, "%#llx ", walk->pfn);
	else
		seq_puts(m, "- ");
	seq_printf(m, "%#018llx\n", walk->entry[walk->level - 1]);
}

static void show_neighbour(struct seq_file *m, const struct vmw_area *area,
			   const struct part_row *row)
{
	const struct vmw_entry *entry = &row->entry;

	seq_printf(m, "%s ", side_names[row->index]);
	if (row->none)
		seq_puts(m, "- - -\n");
	else
		seq_printf(m, "%#llx %#llx %llu\n", entry->start, entry->end,
			   row->index ? entry->start - area->end :
					area->start - entry->end);
}

static void area_show(struct seq_file *m, struct mms_answer *answer,
		      const void *record)
{
	struct area_state *state = answer->state;
	const struct part_row *row = record;

	if (row->head)
		seq_puts(m, part_heads[row->part]);
	switch (row->part) {
	case PART_AREA:
		show_area(m, state);
		break;
	case PART_RUNS:
		if (!row->none)
			show_run(m, row, state->look.walk.tables.top);
		break;
	case PART_WALKS:
		show_walk(m, row, &state->walks[row->index]);
		break;
	default:
		show_neighbour(m, &state->area, row);
		break;
	}
}

struct mms_file vmw_area_file = {
	.name = "area",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.words = area_words,
	.nr_words = ARRAY_SIZE(area_words),
	.state_size_B = sizeof(struct area_state),
	.record_size_B = sizeof(struct part_row),
	.check = area_check,
	.begin = area_begin,
	.fill = area_fill,
	.show = area_show,
};
