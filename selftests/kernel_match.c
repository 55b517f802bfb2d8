// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel addresses: walk, range and walk.bin against what the kernel's own
 * conversions say of memory that mmscope_test.ko allocated, against
 * /proc/kallsyms for symbols, and against /proc/iomem for where the kernel image
 * lies in physical memory.
 *
 * kernel_match.sh loads mmscope_test.ko.
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

#define ARENA_B		(64UL << 20)
#define KNOWN		"/sys/kernel/debug/mmscope_test/pages"
#define MAX_KNOWN	4096
#define BATCH		32
#define HUGE_PAGES	512
#define NOTES_MAX	20

/**
 * struct known - one line of mmscope_test/pages
 * @none: must not be mapped
 */
struct known {
	char name[24];
	u64 va, pfn;
	char perms[4];
	bool none;
};

static struct known *known;
static size_t nr_known;
static unsigned int notes;

static bool known_read(void)
{
	char *text = read_file(KNOWN, NULL), *line, pfn[24];
	unsigned long long va;

	known = arena_get(MAX_KNOWN * sizeof(*known));
	while (text && (line = strsep(&text, "\n")) && nr_known < MAX_KNOWN) {
		struct known *k = &known[nr_known];

		if (sscanf(line, "%23s %llx %23s %3s", k->name, &va, pfn,
			   k->perms) != 4)
			break;
		k->va = va;
		k->none = pfn[0] == '-';
		k->pfn = strtoull(pfn, NULL, 10);
		nr_known++;
	}
	return nr_known;
}

static bool wrong(const struct known *k, const char *view, const char *what,
		  u64 got)
{
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH %s %#llx %s: %s: got %#llx, pfn is %#llx, perms %s",
			  k->name, (unsigned long long)k->va, view, what,
			  (unsigned long long)got, (unsigned long long)k->pfn,
			  k->perms);
	return false;
}

/* vmalloc_huge() got its huge pages if both the addresses and frames say so. */
static bool is_huge_block(const struct known *k)
{
	const struct known *head;
	size_t at, i;

	if (strcmp(k->name, "vmalloc_huge"))
		return false;
	at = k->va / page_B % HUGE_PAGES;
	head = k - at;
	if (head < known || strcmp(head->name, k->name) ||
	    head + HUGE_PAGES > known + nr_known || head->pfn % HUGE_PAGES)
		return false;
	for (i = 0; i < HUGE_PAGES; i++)
		if (strcmp(head[i].name, k->name) ||
		    head[i].pfn != head->pfn + i)
			return false;
	return true;
}

/* Areas are mapped by small pages, but huge ones where they could be had. */
static bool level_plausible(const struct known *k, int level)
{
	if (!strncmp(k->name, "vm", 2))
		return level == (is_huge_block(k) ? MMSCOPE_LEVEL_PMD :
						    MMSCOPE_LEVEL_PTE);
	return level >= MMSCOPE_LEVEL_PTE && level <= MMSCOPE_LEVEL_PUD;
}

static bool look_matches(const struct known *k, const struct look *l,
			 const char *view)
{
	u32 perms = 0;

	if (!l->seen)
		return wrong(k, view, "left out", 0);
	if (k->none)
		return l->kind == MMSCOPE_PG_NONE ||
		       wrong(k, view, "mapped", l->kind);
	if (l->kind != MMSCOPE_PG_PRESENT)
		return wrong(k, view, "kind", l->kind);
	if (l->pfn != k->pfn)
		return wrong(k, view, "pfn", l->pfn);
	perms |= k->perms[1] == 'w' ? MMSCOPE_PG_WRITE : 0;
	perms |= k->perms[2] == 'x' ? MMSCOPE_PG_EXEC : 0;
	if ((l->flags & (MMSCOPE_PG_WRITE | MMSCOPE_PG_EXEC |
			 MMSCOPE_PG_USER)) != perms)
		return wrong(k, view, "perms", l->flags);
	return level_plausible(k, l->level) || wrong(k, view, "level", l->level);
}

/* ---- The three views ---- */

static void look_from_walk(struct look *l, const struct walk *w)
{
	*l = (struct look) {
		.pfn = w->leaf.pfn, .kind = w->leaf.kind,
		.level = w->leaf.level,
		.flags = flags_from_perms(w->leaf.perms), .seen = true,
	};
}

static bool walk_matches(const struct known *k, const struct walk *w)
{
	struct look l;

	look_from_walk(&l, w);
	if (w->addr != k->va || strcmp(w->tables, "kernel"))
		return wrong(k, "walk", "section", w->addr);
	if (!walk_chained(w))
		return wrong(k, "walk", "levels do not chain", w->nr);
	if (!k->none && w->leaf.phys_addr != k->pfn * page_B + k->va % page_B)
		return wrong(k, "walk", "phys_addr", w->leaf.phys_addr);
	return look_matches(k, &l, "walk");
}

static bool test_walk(void)
{
	struct walk *w = arena_get(BATCH * sizeof(*w));
	size_t at, i, nr, mark = arena_mark();
	bool good = true;

	for (at = 0; at < nr_known; at += nr) {
		char words[BATCH * 24] = "addr=";
		size_t used = strlen(words);

		nr = nr_known - at < BATCH ? nr_known - at : BATCH;
		for (i = 0; i < nr; i++)
			used += snprintf(words + used, sizeof(words) - used,
					 "%s%#llx", i ? "," : "",
					 (unsigned long long)known[at + i].va);
		if (walks_ask(w, BATCH, "%s", words) != (int)nr)
			return false;
		for (i = 0; i < nr; i++)
			good &= walk_matches(&known[at + i], &w[i]);
		arena_reset(mark);
	}
	return good;
}

static bool test_range(bool binary)
{
	size_t i, mark = arena_mark();
	bool good = true;

	for (i = 0; i < nr_known; i++) {
		unsigned long long va = known[i].va, end = va + page_B;
		struct extents extents;
		struct look l;
		int err;

		arena_reset(mark);
		/* End at the page, not behind it, for addresses inside one. */
		va &= ~(page_B - 1ULL);
		end = va + page_B;
		err = binary ?
		      extents_bin(&extents,
				  "space=kernel addr=%#llx-%#llx holes=1", va, end) :
		      extents_text(&extents,
				   "space=kernel addr=%#llx-%#llx holes=1", va, end);
		if (err || !extents_sorted(&extents, va, end))
			return wrong(&known[i], "range", "no good answer", -err);
		looks_from_extents(&extents, va, end, &l);
		good &= look_matches(&known[i], &l, binary ? "range.bin" : "range");
	}
	return good;
}

static bool test_walk_bin(void)
{
	int fd = open(MMSCOPE_DIR "pgwalk/walk.bin", O_RDWR | O_CLOEXEC);
	struct mmscope_walk_record r;
	bool good = true;
	size_t i;

	if (fd < 0 || write(fd, "space=kernel", 12) != 12)
		return false;
	for (i = 0; i < nr_known; i++) {
		struct look l;

		if (pread(fd, &r, sizeof(r), known[i].va / page_B * sizeof(r)) !=
		    sizeof(r))
			return wrong(&known[i], "walk.bin", "no record", errno);
		l = (struct look) {
			.pfn = r.pfn, .flags = r.flags, .kind = r.kind,
			.level = r.level, .seen = true,
		};
		good &= look_matches(&known[i], &l, "walk.bin");
	}
	close(fd);
	return good;
}

/* Every known page is in the answer that has all kernel addresses. */
static bool test_whole(void)
{
	size_t i, at = 0, wx = 0, found = 0;
	struct extents extents;

	if (extents_bin(&extents, "space=kernel") || extents.truncated ||
	    !extents_sorted(&extents, BIT_ULL(63), 0))
		return false;
	for (i = 0; i < extents.nr; i++)
		wx += (extents.e[i].flags & MMSCOPE_PG_WRITE) &&
		      (extents.e[i].flags & MMSCOPE_PG_EXEC);
	for (i = 0; i < nr_known; i++) {
		u64 page = known[i].va & ~(page_B - 1ULL);
		struct look l;

		looks_from_extents(&extents, page, page + page_B, &l);
		if (known[i].none ? !l.seen : l.seen && l.pfn == known[i].pfn)
			found++;
		else
			wrong(&known[i], "range.bin, whole", "pfn", l.pfn);
		at++;
	}
	ktap_note("%zu extents of kernel addresses, %zu writable and executable",
		  extents.nr, wx);
	return found == at && !wx;
}

/* ---- Tables that are used again ---- */

/* What is behind an address of an alias must be behind the one it stands for. */
static bool test_alias_at(const struct extent *e, u64 addr)
{
	u64 span = (u64)page_B << 9 * (e->level - 1);
	u64 first = e->start - span + (addr - e->start) % span;
	size_t mark = arena_mark();
	struct walk w[2];
	bool good;

	good = walks_ask(w, 2, "addr=%#llx,%#llx", (unsigned long long)first,
			 (unsigned long long)addr) == 2 &&
	       w[0].leaf.kind == w[1].leaf.kind &&
	       w[0].leaf.level == w[1].leaf.level &&
	       w[0].leaf.pfn == w[1].leaf.pfn &&
	       !strcmp(w[0].leaf.perms, w[1].leaf.perms);
	if (!good && notes++ < NOTES_MAX)
		ktap_note("MISMATCH alias %#llx is not as %#llx",
			  (unsigned long long)addr, (unsigned long long)first);
	arena_reset(mark);
	return good;
}

static void test_aliases(void)
{
	struct extents extents;
	bool good = true;
	size_t i, nr = 0;

	if (extents_bin(&extents, "space=kernel")) {
		ktap_ok(false, "aliases");
		return;
	}
	for (i = 0; i < extents.nr; i++) {
		const struct extent *e = &extents.e[i];

		if (e->kind != MMSCOPE_PG_ALIAS)
			continue;
		nr++;
		good &= test_alias_at(e, e->start) &&
			test_alias_at(e, e->start + e->size_B / 3) &&
			test_alias_at(e, e->start + e->size_B - 1);
	}
	if (nr)
		ktap_ok(good, "%zu aliases: the same as before them", nr);
	else
		ktap_skip("aliases", "the kernel uses no table twice");
}

/* ---- Symbols and the kernel image ---- */

static char *kallsyms, *iomem;

/* Address of a symbol of the kernel image, if exactly one has the name. */
static u64 symbol_addr(const char *name)
{
	size_t len = strlen(name);
	u64 addr = 0;
	int nr = 0;
	char *p;

	for (p = kallsyms; (p = strstr(p, name)); p += len) {
		if (p[-1] != ' ' || p[len] != '\n')
			continue;
		addr = strtoull(p - 19, NULL, 16);
		nr++;
	}
	return nr == 1 ? addr : 0;
}

static u64 iomem_start(const char *what)
{
	char *p = strstr(iomem, what);

	while (p && p > iomem && p[-1] != '\n')
		p--;
	return p ? strtoull(p, NULL, 16) : 0;
}

static const char * const symbols[] = {
	"vfs_read", "kfree", "schedule", "handle_mm_fault", "jiffies_64",
	"init_task",
};

/* Without CONFIG_KALLSYMS_ALL, kallsyms has functions only. */
#define FUNCTIONS	4

static bool test_symbol(const char *name)
{
	u64 addr = symbol_addr(name);
	struct walk plain, behind, by_addr;

	if (!addr || walks_ask(&plain, 1, "symbol=%s", name) != 1 ||
	    walks_ask(&behind, 1, "symbol=%s+16", name) != 1 ||
	    walks_ask(&by_addr, 1, "addr=%#llx", (unsigned long long)addr) != 1)
		return false;
	if (plain.addr != addr || behind.addr != addr + 16) {
		ktap_note("%s is at %#llx: walk says %#llx, and %#llx for +16",
			  name, (unsigned long long)addr,
			  (unsigned long long)plain.addr,
			  (unsigned long long)behind.addr);
		return false;
	}
	return walk_chained(&plain) && plain.leaf.pfn == by_addr.leaf.pfn &&
	       plain.leaf.kind == MMSCOPE_PG_PRESENT;
}

static bool test_symbols(void)
{
	bool good = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(symbols); i++) {
		if (i >= FUNCTIONS && !symbol_addr(symbols[i])) {
			ktap_note("kallsyms does not tell of %s", symbols[i]);
			continue;
		}
		if (test_symbol(symbols[i]))
			continue;
		ktap_note("symbol=%s is wrong", symbols[i]);
		good = false;
	}
	return good;
}

/**
 * struct section - a part of the kernel image
 * @symbol: where it begins
 * @iomem: what /proc/iomem calls it; NULL where it does not name the part
 * @first: where that begins on some kernels; NULL: at @symbol
 * @perms: what may be done there
 */
static const struct section {
	const char *symbol, *iomem, *perms, *first;
} sections[] = {
#ifdef __x86_64__
	{ "_text", "Kernel code", "r-xk", NULL },
	{ "__start_rodata", "Kernel rodata", "r--k", NULL },
	{ "_sdata", "Kernel data", "rw-k", NULL },
#else
	{ "_stext", "Kernel code", "r-xk", "_text" },
	{ "__start_rodata", NULL, "r--k", NULL },
	{ "_sdata", "Kernel data", "rw-k", NULL },
#endif
};

static bool place_matches(const struct section *s, u64 addr, u64 phys)
{
	u64 want = s->iomem ? iomem_start(s->iomem) : 0;
	u64 first = s->first ? symbol_addr(s->first) : 0;

	if (!want || phys == want || (first && phys == want + addr - first))
		return true;
	ktap_note("%s: phys %#llx, iomem %#llx", s->symbol,
		  (unsigned long long)phys, (unsigned long long)want);
	return false;
}

static void test_section(const struct section *s)
{
	u64 addr = symbol_addr(s->symbol);
	struct walk w;

	if (!addr) {
		ktap_skip(s->symbol, "not one symbol of that name in kallsyms");
		return;
	}
	if (walks_ask(&w, 1, "addr=%#llx", (unsigned long long)addr) != 1) {
		ktap_ok(false, "%s", s->symbol);
		return;
	}
	if (strcmp(w.leaf.perms, s->perms))
		ktap_note("%s: perms %s; expected %s", s->symbol, w.leaf.perms,
			  s->perms);
	ktap_ok(!strcmp(w.leaf.perms, s->perms) &&
		place_matches(s, addr, w.leaf.phys_addr),
		"%s: permissions, and place as in /proc/iomem", s->symbol);
}

/* A kernel address in a process's own tables is the same page. */
static bool test_process_tables(void)
{
	struct walk kernel, own;
	size_t i;

	for (i = 0; i < nr_known; i += 97) {
		unsigned long long va = known[i].va;

		if (known[i].none)
			continue;
		if (walks_ask(&kernel, 1, "addr=%#llx", va) != 1 ||
		    walks_ask(&own, 1, "addr=%#llx pid=self", va) != 1)
			return false;
		if (kernel.leaf.pfn != own.leaf.pfn ||
		    kernel.leaf.level != own.leaf.level ||
		    strcmp(kernel.leaf.perms, own.leaf.perms))
			return wrong(&known[i], "walk pid=self", "differs",
				     own.leaf.pfn);
	}
	return true;
}

int main(void)
{
	size_t i;

	lib_init(ARENA_B);
	lib_need("pgwalk/walk");
	ktap_start(8 + ARRAY_SIZE(sections));
	if (!known_read())
		ktap_bail(KNOWN);
	kallsyms = read_file("/proc/kallsyms", NULL);
	iomem = read_file("/proc/iomem", NULL);
	if (!kallsyms || !iomem)
		ktap_bail("kallsyms or iomem");
	ktap_note("%zu known pages", nr_known);
	ktap_ok(test_walk(), "walk of every known page");
	ktap_ok(test_range(false), "range of every known page");
	ktap_ok(test_range(true), "range.bin of every known page");
	ktap_ok(test_walk_bin(), "walk.bin of every known page");
	ktap_ok(test_whole(), "all kernel addresses: known pages found, nothing both writable and executable");
	ktap_ok(test_process_tables(), "the same pages by a process's tables");
	test_aliases();
	ktap_ok(test_symbols(), "symbols where /proc/kallsyms says");
	for (i = 0; i < ARRAY_SIZE(sections); i++)
		test_section(&sections[i]);
	return ktap_finish();
}
