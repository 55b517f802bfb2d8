// SPDX-License-Identifier: GPL-2.0
/*
 * Page frames that walks lead to, against the allocator's own record of who asked
 * for them: /sys/kernel/debug/page_owner.
 *
 * All other oracles of an entry (pagemap, kpageflags, vmalloc_to_page) read the
 * same page tables or the page's present state. page_owner was written when the
 * page was allocated, and knows the order, the purpose, the task and the call
 * stack. So it proves of
 *
 *	a process's pages	that these very frames were allocated by that
 *				process, as movable user memory, singly or as one
 *				huge page where range says so;
 *	page tables		that a frame which walk calls the table of a level
 *				was allocated by the function that makes tables of
 *				that level, for that process;
 *	kernel memory		that a frame behind an address of mmscope_test.ko was
 *				allocated by a module's init, in the order that
 *				mmscope_test asked for.
 *
 * page_owner_match.sh sets up huge pages and loads mmscope_test.ko.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mmscope/pgwalk.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(24UL << 20)
#define OWNERS		"/sys/kernel/debug/page_owner"
#define KNOWN		"/sys/kernel/debug/mmscope_test/pages"
#define RECORD_B	4096	/* no record is longer */
#define HUGE_ORDER	9
#define NOTES_MAX	20

/**
 * struct owner - one record of page_owner
 * @movable: the allocation was for memory that can be moved
 * @text: all of it, with the stack
 */
struct owner {
	u64 pfn;
	unsigned int order;
	int pid;
	bool movable;
	char text[RECORD_B];
};

static int owners_fd;
static unsigned int notes;

/* The file position is the frame; the record is of that frame or one behind it. */
static bool owner_read(struct owner *o, u64 pfn)
{
	unsigned long long found;
	char type[16];
	const char *p;
	ssize_t got;

	got = pread(owners_fd, o->text, sizeof(o->text) - 1, pfn);
	if (got <= 0)
		return false;
	o->text[got] = '\0';
	if (sscanf(o->text, "Page allocated via order %u,", &o->order) != 1)
		return false;
	p = strstr(o->text, ", pid ");
	if (!p || sscanf(p, ", pid %d,", &o->pid) != 1)
		return false;
	p = strstr(o->text, "\nPFN ");
	if (!p || sscanf(p, " PFN %llu type %15s", &found, type) != 2)
		return false;
	o->pfn = found;
	o->movable = !strcmp(type, "Movable");
	return true;
}

/* The record of the allocation that holds a frame, of order 0 to HUGE_ORDER. */
static bool owner_of(struct owner *o, u64 pfn)
{
	unsigned int order;
	u64 head;

	for (order = 0; order <= HUGE_ORDER; order++) {
		head = pfn & ~(BIT_ULL(order) - 1);
		if (owner_read(o, head) && o->pfn == head &&
		    head + BIT_ULL(o->order) > pfn)
			return true;
	}
	return false;
}

static bool wrong(const char *what, u64 addr, u64 pfn, const struct owner *o)
{
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH %s at %#llx, pfn %#llx; page_owner: pfn %#llx order %u pid %d: %.600s",
			  what, (unsigned long long)addr,
			  (unsigned long long)pfn, (unsigned long long)o->pfn,
			  o->order, o->pid, o->text);
	return false;
}

/* ---- A process's pages ---- */

static bool page_owned(u64 addr, u64 pfn, const struct target *target,
		       unsigned int order)
{
	struct owner o = { .text = "none" };

	if (!owner_of(&o, pfn))
		return wrong("no owner", addr, pfn, &o);
	if (o.pid != target->pid)
		return wrong("another task's", addr, pfn, &o);
	if (o.order != order || (order && o.pfn != pfn))
		return wrong("order", addr, pfn, &o);
	return o.movable || wrong("not movable", addr, pfn, &o);
}

static void test_pages(const struct target *target, const char *name,
		       unsigned int order)
{
	const struct region *region = target_region(target, name);
	unsigned int level = order ? MMSCOPE_LEVEL_PMD : MMSCOPE_LEVEL_PTE;
	u64 step = page_B << order, at;
	unsigned int nr = 0;
	struct extents extents;
	bool good = true;
	char what[32];
	size_t i;

	snprintf(what, sizeof(what), "pages of %s", name);
	if (!region || region->absent) {
		ktap_skip(what, "%s", region ? region->absent : "no region");
		return;
	}
	good = !extents_bin(&extents, "pid=%d addr=%#llx-%#llx", target->pid,
			    (unsigned long long)region->start,
			    (unsigned long long)region->end);
	for (i = 0; good && i < extents.nr; i++) {
		const struct extent *e = &extents.e[i];

		if (e->kind != MMSCOPE_PG_PRESENT || e->level != level ||
		    e->flags & MMSCOPE_PG_ZERO)
			continue;
		for (at = 0; at < e->size_B; at += step, nr++)
			good &= page_owned(e->start + at, e->pfn + at / page_B,
					   target, order);
	}
	if (good && !nr && order)
		ktap_skip(what, "no huge page was to be had");
	else
		ktap_ok(good && nr, "%s: %u frames of order %u, the process's own",
			what, nr, order);
}

/* ---- Page tables ---- */

/* Part of the name of the function that makes a table, by level. */
static const char * const makers[] = {
	[MMSCOPE_LEVEL_PTE] = "pte_alloc",
	[MMSCOPE_LEVEL_PMD] = "pmd_alloc",
	[MMSCOPE_LEVEL_PUD] = "pud_alloc",
	[MMSCOPE_LEVEL_P4D] = "p4d_alloc",
	[MMSCOPE_LEVEL_PGD] = "pgd_alloc",
};

static bool table_owned(const struct walk *w, const struct walk_step *s,
			const struct target *target)
{
	const char *maker = makers[s->level == w->levels ? MMSCOPE_LEVEL_PGD :
							   s->level];
	struct owner o = { .text = "none" };

	if (!owner_of(&o, s->table_pfn))
		return wrong("table without owner", w->addr, s->table_pfn, &o);
	if (o.pid != target->pid)
		return wrong("another task's table", w->addr, s->table_pfn, &o);
	if (o.movable)
		return wrong("a movable table", w->addr, s->table_pfn, &o);
	return strstr(o.text, maker) ||
	       wrong("not made as a table of that level", w->addr,
		     s->table_pfn, &o);
}

/* Of the first address of every region: from the top table to the last. */
static void test_tables(const struct target *target)
{
	unsigned int i, k, nr = 0;
	bool good = true;

	for (i = 0; i < target->nr; i++) {
		size_t mark = arena_mark();
		struct walk w;

		if (target->regions[i].absent)
			continue;
		if (walks_ask(&w, 1, "pid=%d addr=%#llx", target->pid,
			      (unsigned long long)target->regions[i].start) != 1 ||
		    !walk_chained(&w)) {
			good = false;
			continue;
		}
		for (k = 0; k < w.nr; k++, nr++)
			good &= table_owned(&w, &w.step[k], target);
		arena_reset(mark);
	}
	ktap_ok(good && nr, "page tables: %u made for the process, each by its level's function",
		nr);
}

/* ---- Kernel memory ---- */

/* Kinds of mmscope_test/pages that its init allocates page by page, or as one. */
static const struct {
	const char *name;
	unsigned int order;
} kinds[] = {
	{ "vmalloc", 0 },
	{ "page", 0 },
	{ "block", 3 },
};

static bool kernel_owned(u64 addr, unsigned int order)
{
	size_t mark = arena_mark();
	struct owner o = { .text = "none" };
	struct walk w;

	if (walks_ask(&w, 1, "addr=%#llx", (unsigned long long)addr) != 1 ||
	    w.leaf.kind != MMSCOPE_PG_PRESENT)
		return wrong("not mapped", addr, 0, &o);
	arena_reset(mark);
	if (!owner_of(&o, w.leaf.pfn))
		return wrong("no owner", addr, w.leaf.pfn, &o);
	if (o.order != order)
		return wrong("order", addr, w.leaf.pfn, &o);
	/* The module's init has no name any more, but who called it has. */
	return (strstr(o.text, "(insmod)") && strstr(o.text, "do_init_module")) ||
	       wrong("not the module's", addr, w.leaf.pfn, &o);
}

static void test_kernel(void)
{
	char *text = read_file(KNOWN, NULL), *line, name[24];
	unsigned long long addr;
	unsigned int nr = 0;
	bool good = text;
	size_t i;

	while (text && (line = strsep(&text, "\n"))) {
		if (sscanf(line, "%23s %llx", name, &addr) != 2)
			continue;
		for (i = 0; i < ARRAY_SIZE(kinds); i++) {
			if (strcmp(name, kinds[i].name))
				continue;
			good &= kernel_owned(addr, kinds[i].order);
			nr++;
		}
	}
	ktap_ok(good && nr, "kernel memory: %u frames that the module allocated",
		nr);
}

int main(void)
{
	static const char * const only[] = { "sparse", "locked", "thp", NULL };
	struct target target;
	struct owner o;

	lib_init(ARENA_B);
	lib_need("pgwalk/range.bin");
	owners_fd = open(OWNERS, O_RDONLY | O_CLOEXEC);
	if (owners_fd < 0)
		ktap_skip_all("no " OWNERS ": CONFIG_PAGE_OWNER is off, or page_owner=on is missing");
	ktap_start(6);
	ktap_ok(owner_read(&o, 0), "page_owner has records");
	if (!target_start(&target, only, NULL))
		ktap_bail("target does not start");
	test_pages(&target, "sparse", 0);
	test_pages(&target, "locked", 0);
	test_pages(&target, "thp", HUGE_ORDER);
	test_tables(&target);
	target_stop(&target);
	test_kernel();
	return ktap_finish();
}
