// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/vmalloc_walk/areas: every area that is handed out, by
 * address: what it is for, its pages, and how they are mapped.
 *
 * Each area is read under the lock of its tree, in one hold if it is small, see
 * look.c; the column look says what held for which row. A row of several holds is
 * read again from the start while the area changes meanwhile. Areas that come or
 * go while the list is read may be in it or not.
 *
 * Pages by node are those that are mapped, not those of the page array: areas of
 * vmap() have no array. Deliberately ignored: areas on their way from one tree to
 * another.
 */
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <mmscope/page.h>

#include "vmalloc_walk.h"

#define MAPPING_COLUMNS	\
	"pages nodes runs longest_run_B pte_B pmd_B pud_B tables perms guard"

enum {
	WORD_RANGE,
	WORD_KIND,
	WORD_CALLER,
};

static const struct mms_word areas_words[] = {
	[WORD_RANGE] = {
		.key = "range",
		.kind = MMS_WORD_RANGE,
		.example = "0xffffc90000000000-0xffffc90000100000",
	},
	[WORD_KIND] = {
		.key = "kind",
		.kind = MMS_WORD_TEXT,
		.example = "any",
	},
	[WORD_CALLER] = {
		.key = "caller",
		.kind = MMS_WORD_TEXT,
		.example = "load_module",
	},
};

/* How a row was read. */
enum look_kind {
	LOOK_LOCKED,	/* under one hold */
	LOOK_RETRIED,	/* under several; the same area in each */
	LOOK_RACY,	/* it changed each time */
	LOOK_MAKING,	/* it is being made: its mapping was not looked at */
};

static const char *const look_names[] = {
	[LOOK_LOCKED] = "locked",
	[LOOK_RETRIED] = "retried",
	[LOOK_RACY] = "racy",
	[LOOK_MAKING] = "uninitialized",
};

/* One area; behind it, mapped pages by node. */
struct area_row {
	struct vmw_area area;
	struct vmw_map map;
	enum vmw_kind kind;
	enum look_kind look;
	unsigned long node_pages[];
};

struct areas_state {
	struct vmw_cursor cursor;
	struct vmw_look look;
	struct vmw_caller caller;
	struct vmw_caller shown;
};

/* ---- Requests ---- */

static bool is_any(const char *kind)
{
	return !strcmp(kind, "any");
}

static int areas_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	int err;

	if (values[WORD_RANGE].given) {
		err = pgwalk_address_check(request, WORD_RANGE,
					   values[WORD_RANGE].start) ?:
		      pgwalk_address_check(request, WORD_RANGE,
					   values[WORD_RANGE].end - 1);
		if (err)
			return err;
	}
	if (values[WORD_KIND].given && !is_any(values[WORD_KIND].text) &&
	    vmw_kind_find(values[WORD_KIND].text) < 0)
		return mms_refuse(request, WORD_KIND, -EINVAL,
				  "unknown kind; right is e.g. kind=any, vmalloc, vmap, ioremap, vm_map_ram, module_text, stack, percpu, bpf");
	return vmw_check_trees(request, VMW_BUSY);
}

static bool is_wanted(const struct mms_request *request, struct area_row *row,
		      struct vmw_caller *caller)
{
	const struct mms_value *kind = &request->values[WORD_KIND];
	const struct mms_value *by = &request->values[WORD_CALLER];

	if (kind->given && !is_any(kind->text) &&
	    row->kind != vmw_kind_find(kind->text))
		return false;
	if (!by->given)
		return true;
	vmw_caller_find(caller, row->area.vm.caller);
	return vmw_caller_is(caller, by->text);
}

/* ---- Reading ---- */

/* A leaf lies in one node; what is no memory has none. */
static void count_nodes(struct area_row *row,
			const struct mmscope_range_record *extent)
{
	unsigned long step, pfn, end;
	int node;

	if (extent->kind != MMSCOPE_PG_PRESENT)
		return;
	step = 1UL << (pgwalk_level_shift(extent->level) - PAGE_SHIFT);
	end = extent->pfn + (extent->size_B >> PAGE_SHIFT);
	for (pfn = extent->pfn; pfn < end; pfn += step) {
		node = vmw_node_of(pfn);
		if (node != NUMA_NO_NODE)
			row->node_pages[node] += step;
	}
}

static void add_chunk(struct area_row *row, const struct vmw_look *look)
{
	unsigned int i;

	mms_memory_hold();
	for (i = 0; i < look->nr_extents; i++) {
		vmw_map_add(&row->map, &look->area, &look->extents[i]);
		count_nodes(row, &look->extents[i]);
	}
	mms_memory_release();
}

static int read_once(struct area_row *row, struct vmw_look *look,
		     const struct vmw_entry *entry)
{
	int more;

	memset(row->node_pages, 0, nr_node_ids * sizeof(*row->node_pages));
	vmw_map_begin(&row->map);
	vmw_look_begin(look, entry, false);
	do {
		more = vmw_look_next(look);
		if (more >= 0)
			add_chunk(row, look);
	} while (more > 0 && !fatal_signal_pending(current));
	return more;
}

/* An error: the area is gone. */
static int read_row(struct area_row *row, struct vmw_look *look,
		    const struct vmw_entry *entry)
{
	int i, err;

	for (i = 0; i < VMW_LOOKS_MAX; i++) {
		err = read_once(row, look, entry);
		if (err != -EAGAIN)
			break;
	}
	if (err == -ENOENT)
		return err;
	row->area = look->area;
	row->look = err || row->map.bad ? LOOK_RACY :
		    !vmw_is_settled(&row->area) ? LOOK_MAKING :
		    look->holds > 1 ? LOOK_RETRIED : LOOK_LOCKED;
	return 0;
}

static int areas_begin(struct mms_answer *answer)
{
	const struct mms_value *range = &answer->request->values[WORD_RANGE];
	struct areas_state *state = answer->state;

	vmw_cursor_begin(&state->cursor, VMW_BUSY,
			 range->given ? range->start : 0,
			 range->given ? range->end - 1 : U64_MAX);
	return 0;
}

static int areas_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct areas_state *state = answer->state;
	struct area_row *row = records;
	struct vmw_entry entry;
	unsigned int nr = 0;

	while (nr < max && vmw_cursor_next(&state->cursor, &entry)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (read_row(row, &state->look, &entry))
			continue;
		row->kind = vmw_kind(&row->area, &row->map, &state->caller);
		if (!is_wanted(answer->request, row, &state->caller))
			continue;
		row = (void *)row + answer->file->record_size_B;
		nr++;
	}
	return nr;
}

/* ---- Printing ---- */

static void show_nodes(struct seq_file *m, const struct area_row *row)
{
	bool follows = false;
	unsigned int node;

	seq_putc(m, ' ');
	for (node = 0; node < nr_node_ids; node++) {
		if (!row->node_pages[node])
			continue;
		seq_printf(m, "%sN%u=%lu", follows ? "," : "", node,
			   row->node_pages[node]);
		follows = true;
	}
	if (!follows)
		seq_putc(m, '-');
}

static void show_number(struct seq_file *m, u64 number)
{
	seq_put_decimal_ull(m, " ", number);
}

/* As "rw-": a letter if all pages have it, "?" if only some. */
static void show_perms(struct seq_file *m, const struct vmw_map *map)
{
	static const struct {
		u32 flag;
		char letter;
	} perms[] = {
		{ MMSCOPE_PG_WRITE, 'w' },
		{ MMSCOPE_PG_EXEC, 'x' },
	};
	unsigned int i;

	if (!map->runs) {
		seq_puts(m, " -");
		return;
	}
	seq_puts(m, " r");
	for (i = 0; i < ARRAY_SIZE(perms); i++)
		seq_putc(m, map->all & perms[i].flag ? perms[i].letter :
			 map->any & perms[i].flag ? '?' : '-');
}

static const char *guard_name(const struct area_row *row)
{
	if (row->look == LOOK_MAKING || !vmw_guard_B(&row->area))
		return " -";
	return row->map.guard_mapped ? " mapped" : " none";
}

static void areas_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	struct areas_state *state = answer->state;
	const struct area_row *row = record;
	const struct vmw_area *area = &row->area;
	const struct vmw_map *map = &row->map;

	seq_printf(m, "%#llx %#llx", area->start, area->end);
	show_number(m, area->end - area->start);
	seq_putc(m, ' ');
	seq_puts(m, vmw_kind_name(row->kind));
	seq_putc(m, ' ');
	vmw_show_flags(m, area->vm.flags);
	seq_putc(m, ' ');
	vmw_caller_find(&state->shown, area->vm.caller);
	seq_puts(m, state->shown.name);
	show_number(m, area->vm.nr_pages);
	show_nodes(m, row);
	show_number(m, map->runs);
	show_number(m, map->longest_B);
	show_number(m, map->level_B[MMSCOPE_LEVEL_PTE - 1]);
	show_number(m, map->level_B[MMSCOPE_LEVEL_PMD - 1]);
	show_number(m, map->level_B[MMSCOPE_LEVEL_PUD - 1]);
	show_number(m, map->tables);
	show_perms(m, map);
	seq_puts(m, guard_name(row));
	if (area->vm.phys_addr)
		seq_printf(m, " %pa ", &area->vm.phys_addr);
	else
		seq_puts(m, " - ");
	seq_puts(m, look_names[row->look]);
	seq_putc(m, '\n');
}

struct mms_file vmw_areas_file = {
	.name = "areas",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.columns = "start end size_B kind flags caller " MAPPING_COLUMNS " phys_addr look",
	.words = areas_words,
	.nr_words = ARRAY_SIZE(areas_words),
	.state_size_B = sizeof(struct areas_state),
	.check = areas_check,
	.begin = areas_begin,
	.fill = areas_fill,
	.show = areas_show,
};

/**
 * vmw_areas_init() - the size of a row is known when the nodes are
 */
void vmw_areas_init(void)
{
	vmw_areas_file.record_size_B = sizeof(struct area_row) +
				       nr_node_ids * sizeof(unsigned long);
}
