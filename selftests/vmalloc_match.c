// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of vmalloc: areas, area, holes, lazy, sync and check against
 * /proc/vmallocinfo, against what vmalloc_to_page() says of areas that
 * mmscope_vmalloc_test.ko made, against where the next vmalloc() really goes, and
 * against pgwalk of each process; alone, with many areas, and while all CPUs make
 * and free areas. Arguments: seconds of the latter, number of the many.
 *
 * The system makes and frees areas of its own all the time. What is compared with
 * another file is read between two readings of that one; what must be at rest is
 * tried again.
 *
 * vmalloc_match.sh loads the module and has vmallocinfo show addresses.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(192UL << 20)
#define TEST_DIR	"/sys/kernel/debug/mmscope_vmalloc_test/"
#define OURS		"[mmscope_vmalloc_test]"
#define MAX_AREAS	32768
#define MAX_KNOWN	32
#define MAX_PAGES	8192
#define NOTES_MAX	20
#define TRIES		20
#define ROUNDS		200		/* of allocating and freeing for lazy */

/**
 * struct area - one area, as areas or vmallocinfo says
 * @nodes: "N0=1,N1=2", or "-"
 * @seen: found on the other side
 */
struct area {
	u64 start, end;
	char kind[16], flags[64], caller[96], nodes[64], phys[24];
	unsigned long pages, runs, tables;
	u64 longest_B, pte_B, pmd_B, pud_B;
	char perms[8], guard[8], look[16];
	bool seen;
};

struct areas {
	struct area *a;
	size_t nr;
};

struct known {
	char name[24], kind[16], array[8];
	u64 start;
	unsigned long size_B, pages;
	size_t first_page, nr_pages;
};

static struct known known[MAX_KNOWN];
static size_t nr_known;
static struct known_page {
	char name[24];
	u64 va, pfn;
} *pages;
static size_t nr_pages;
static unsigned int notes;
static int seconds, many;

__printf(1, 2)
static bool wrong(const char *fmt, ...)
{
	char text[300];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH %s", text);
	return false;
}

static bool tell(const char *file, unsigned long number)
{
	char path[64], text[24];
	int fd, len;
	bool good;

	snprintf(path, sizeof(path), TEST_DIR "%s", file);
	len = snprintf(text, sizeof(text), "%lu", number);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = write(fd, text, len) == len;
	close(fd);
	return good;
}

/* ---- What is known ---- */

static struct known *known_find(const char *name)
{
	size_t i;

	for (i = 0; i < nr_known; i++)
		if (!strcmp(known[i].name, name))
			return &known[i];
	return NULL;
}

static bool known_read(void)
{
	char *text = read_file(TEST_DIR "areas", NULL), *line;
	unsigned long long va, pfn;
	struct known *k;

	for (; text && (line = strsep(&text, "\n")) && nr_known < MAX_KNOWN;
	     nr_known++) {
		k = &known[nr_known];
		if (sscanf(line, "%23s %15s %llx %lu %lu %7s", k->name, k->kind,
			   &va, &k->size_B, &k->pages, k->array) != 6)
			break;
		k->start = va;
	}
	pages = arena_get(MAX_PAGES * sizeof(*pages));
	text = read_file(TEST_DIR "pages", NULL);
	for (; text && (line = strsep(&text, "\n")) && nr_pages < MAX_PAGES;
	     nr_pages++) {
		struct known_page *p = &pages[nr_pages];

		if (sscanf(line, "%23s %llx %llu", p->name, &va, &pfn) != 3)
			break;
		p->va = va;
		p->pfn = pfn;
		k = known_find(p->name);
		if (!k)
			continue;
		if (!k->nr_pages++)
			k->first_page = nr_pages;
	}
	return nr_known && nr_pages;
}

/* ---- Reading ---- */

static u64 number(const char *text)
{
	return strtoull(text, NULL, 0);
}

static void keep(char *to, size_t size_B, const char *from)
{
	snprintf(to, size_B, "%s", from);
}

#define KEEP(to, from)	keep(to, sizeof(to), from)

static bool area_parse(struct area *a, const struct line *l)
{
	if (l->nr != 18)
		return wrong("areas: %u words in a row", l->nr);
	memset(a, 0, sizeof(*a));
	a->start = number(l->word[0]);
	a->end = number(l->word[1]);
	KEEP(a->kind, l->word[3]);
	KEEP(a->flags, l->word[4]);
	KEEP(a->caller, l->word[5]);
	a->pages = number(l->word[6]);
	KEEP(a->nodes, l->word[7]);
	a->runs = number(l->word[8]);
	a->longest_B = number(l->word[9]);
	a->pte_B = number(l->word[10]);
	a->pmd_B = number(l->word[11]);
	a->pud_B = number(l->word[12]);
	a->tables = number(l->word[13]);
	KEEP(a->perms, l->word[14]);
	KEEP(a->guard, l->word[15]);
	KEEP(a->phys, l->word[16]);
	KEEP(a->look, l->word[17]);
	return number(l->word[2]) == a->end - a->start ||
	       wrong("areas: size_B of %s", l->word[0]);
}

/* Whole and sorted, or it is a defect. */
static bool areas_ask(struct areas *areas, const char *words)
{
	struct table t;
	struct line l;
	int err;

	err = table_ask(&t, "vmalloc_walk/areas", "%s", words);
	if (err || t.truncated[0])
		return wrong("areas %s: errno %d %s", words, -err, t.truncated);
	areas->a = arena_get((t.records + 1) * sizeof(*areas->a));
	areas->nr = 0;
	while (table_next(&t, &l)) {
		struct area *a = &areas->a[areas->nr];

		if (!area_parse(a, &l))
			return false;
		if (a->end <= a->start || (areas->nr && a[-1].end > a->start))
			return wrong("areas: %#llx is not in order",
				     (unsigned long long)a->start);
		areas->nr++;
	}
	return true;
}

static struct area *area_at(const struct areas *areas, u64 start)
{
	size_t low = 0, high = areas->nr, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (areas->a[mid].start < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < areas->nr && areas->a[low].start == start ?
	       &areas->a[low] : NULL;
}

/* A line of vmallocinfo: range, size, caller [module], words. */
static bool info_parse(struct area *a, char *line)
{
	unsigned long long start, end, size_B;
	char *word;
	int at = 0;

	memset(a, 0, sizeof(*a));
	if (sscanf(line, "0x%llx-0x%llx %llu%n", &start, &end, &size_B, &at) != 3)
		return false;
	a->start = start;
	a->end = end;
	KEEP(a->phys, "-");
	KEEP(a->nodes, "-");
	KEEP(a->caller, "-");
	line += at;
	while ((word = strsep(&line, " "))) {
		if (!strcmp(word, "unpurged"))
			return false;
		/* A caller that is gone is an address. */
		if (strstr(word, "+0x") || !strncmp(word, "0x", 2))
			KEEP(a->caller, word);
		else if (word[0] == '[')
			snprintf(a->caller + strlen(a->caller),
				 sizeof(a->caller) - strlen(a->caller), "_%s", word);
		else if (!strncmp(word, "pages=", 6))
			a->pages = number(word + 6);
		else if (!strncmp(word, "phys=", 5))
			KEEP(a->phys, word + 5);
		else if (word[0] == 'N' && isdigit(word[1]) && strchr(word, '='))
			snprintf(a->nodes + strlen(a->nodes),
				 sizeof(a->nodes) - strlen(a->nodes), ",%s", word);
		else if (*word)
			snprintf(a->flags + strlen(a->flags),
				 sizeof(a->flags) - strlen(a->flags), ",%s", word);
	}
	if (a->nodes[1] == ',')
		memmove(a->nodes, a->nodes + 2, strlen(a->nodes) - 1);
	return size_B == end - start;
}

static int by_start(const void *a, const void *b)
{
	const struct area *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool info_read(struct areas *info)
{
	char *text = read_file("/proc/vmallocinfo", NULL), *line;

	info->a = arena_get(MAX_AREAS * sizeof(*info->a));
	info->nr = 0;
	while (text && (line = strsep(&text, "\n")) && info->nr < MAX_AREAS)
		info->nr += info_parse(&info->a[info->nr], line);
	qsort(info->a, info->nr, sizeof(*info->a), by_start);
	return info->nr;
}

/* ---- vmallocinfo, there and back ---- */

static bool has_flag(const struct area *a, const char *name)
{
	const char *p = strstr(a->flags, name);
	size_t len = strlen(name);

	return p && (p == a->flags || p[-1] == ',') && (!p[len] || p[len] == ',');
}

static bool same_flags(const struct area *ours, const struct area *info)
{
	static const char *const names[][2] = {
		{ "ioremap", "ioremap" }, { "alloc", "vmalloc" },
		{ "map", "vmap" }, { "usermap", "user" },
		{ "dma_coherent", "dma-coherent" },
	};
	size_t i;

	if (!strcmp(ours->kind, "vm_map_ram"))
		return has_flag(info, "vm_map_ram");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (has_flag(ours, names[i][0]) != has_flag(info, names[i][1]))
			return false;
	return true;
}

static bool same_area(const struct area *ours, const struct area *info)
{
	return ours->end == info->end && ours->pages == info->pages &&
	       !strcmp(ours->caller, info->caller) &&
	       !strcmp(ours->phys, info->phys) && same_flags(ours, info) &&
	       /* vmallocinfo counts the page array, we what is mapped */
	       (!info->pages || !strcmp(ours->nodes, info->nodes));
}

static bool info_has_same(const struct areas *info, const struct area *a)
{
	const struct area *other = area_at(info, a->start);

	return other && same_area(a, other);
}

/* Of one moment or the other: what did not change is on all sides. */
static bool test_vmallocinfo(void)
{
	struct areas before, ours, after;
	size_t i, both = 0;
	bool good = true;

	if (!info_read(&before) || !areas_ask(&ours, "kind=any") ||
	    !info_read(&after))
		return false;
	for (i = 0; i < before.nr; i++) {
		const struct area *b = &before.a[i];
		const struct area *a = area_at(&after, b->start);
		const struct area *o = area_at(&ours, b->start);

		if (!a || a->end != b->end || strcmp(a->caller, b->caller))
			continue;
		both++;
		if (!o || !same_area(o, b))
			good = wrong("%#llx is in vmallocinfo: %s pages=%lu %s %s%s, areas say: %s pages=%lu %s %s,%s",
				     (unsigned long long)b->start, b->caller,
				     b->pages, b->phys, b->nodes, b->flags,
				     o ? o->caller : "nothing", o ? o->pages : 0,
				     o ? o->phys : "", o ? o->nodes : "",
				     o ? o->flags : "");
	}
	for (i = 0; i < ours.nr; i++)
		if (!strcmp(ours.a[i].look, "locked") &&
		    !info_has_same(&before, &ours.a[i]) &&
		    !info_has_same(&after, &ours.a[i]) &&
		    area_at(&before, ours.a[i].start) &&
		    area_at(&after, ours.a[i].start))
			good = wrong("%#llx of areas is otherwise in vmallocinfo",
				     (unsigned long long)ours.a[i].start);
		else if (!area_at(&before, ours.a[i].start) &&
			 !area_at(&after, ours.a[i].start))
			ktap_note("%#llx came and went",
				  (unsigned long long)ours.a[i].start);
	ktap_note("%zu areas, %zu in both readings of vmallocinfo", ours.nr, both);
	return good && both > 20 && ours.nr * 10 > before.nr * 9;
}

/* ---- Known areas ---- */

/* Mapped by huge leaves, as far as addresses and frames allow. */
static bool is_huge(const struct known *k)
{
	const struct known_page *p = &pages[k->first_page];
	size_t i, huge = (2UL << 20) / page_B;

	if (strcmp(k->name, "huge") || k->start % (2UL << 20) || p->pfn % huge)
		return false;
	for (i = 0; i < huge; i++)
		if (p[i].pfn != p->pfn + i)
			return false;
	return true;
}

static void runs_of(const struct known *k, unsigned long *runs, u64 *longest_B)
{
	const struct known_page *p = &pages[k->first_page];
	u64 run_B = 0;
	size_t i;

	*runs = 0;
	*longest_B = 0;
	for (i = 0; i < k->nr_pages; i++) {
		if (!i || p[i].pfn != p[i - 1].pfn + 1) {
			(*runs)++;
			run_B = 0;
		}
		run_B += page_B;
		if (run_B > *longest_B)
			*longest_B = run_B;
	}
}

static bool test_known_area(const struct areas *areas, const struct known *k)
{
	const struct area *a = area_at(areas, k->start);
	bool ram = !strcmp(k->kind, "vm_map_ram");
	u64 mapped_B = k->pages * page_B, longest_B;
	unsigned long runs;

	if (!a)
		return wrong("%s: no such area", k->name);
	runs_of(k, &runs, &longest_B);
	if (strcmp(a->kind, k->kind))
		return wrong("%s: kind %s", k->name, a->kind);
	if (a->end - a->start != mapped_B + (ram ? 0 : page_B))
		return wrong("%s: size", k->name);
	if (strcmp(a->guard, ram ? "-" : "none"))
		return wrong("%s: guard %s", k->name, a->guard);
	if (a->pages != (k->array[0] == '-' ? 0 : k->pages))
		return wrong("%s: pages %lu", k->name, a->pages);
	if (a->runs != runs || a->longest_B != longest_B)
		return wrong("%s: %lu runs, expected %lu", k->name, a->runs, runs);
	if (a->pte_B + a->pmd_B + a->pud_B != mapped_B)
		return wrong("%s: mapped", k->name);
	if (is_huge(k) ? !a->pmd_B : a->pte_B != mapped_B)
		return wrong("%s: by pte %llu", k->name,
			     (unsigned long long)a->pte_B);
	if (strcmp(a->perms, "rw-"))
		return wrong("%s: perms %s", k->name, a->perms);
	return strstr(a->caller, OURS) || ram ||
	       wrong("%s: caller %s", k->name, a->caller);
}

static bool test_known_areas(void)
{
	struct areas areas;
	bool good = true;
	size_t i;

	if (!areas_ask(&areas, "kind=any"))
		return false;
	for (i = 0; i < nr_known; i++)
		good &= test_known_area(&areas, &known[i]);
	return good;
}

/* Page-table pages: counted here from what the addresses need. */
static bool test_tables(void)
{
	struct areas areas;
	bool good = true;
	size_t i, huge = 2UL << 20;

	if (!areas_ask(&areas, "kind=vmalloc"))
		return false;
	for (i = 0; i < nr_known; i++) {
		const struct known *k = &known[i];
		u64 last = k->start + k->pages * page_B - 1, want;
		const struct area *a = area_at(&areas, k->start);

		if (strcmp(k->kind, "vmalloc") || is_huge(k))
			continue;
		want = last / huge - k->start / huge + 1;	/* pte */
		want += (last >> 30) - (k->start >> 30) + 1;	/* pmd */
		want += (last >> 39) - (k->start >> 39) + 1;	/* pud */
		if (!a || a->tables != want)
			good = wrong("%s: %lu tables, expected %llu", k->name,
				     a ? a->tables : 0, (unsigned long long)want);
	}
	return good;
}

/* One section of an area's answer after the other. */
struct detail {
	char array_in[16];
	u64 array_B, vmap_area, vm_struct;
	size_t pages_seen;
	bool differs;
	char guard[16];
	u64 first_pfn, last_pfn, previous_end, next_start;
};

static bool detail_row(struct detail *d, const struct known *k,
		       const char *section, const struct line *l)
{
	u64 start, i;

	if (!strcmp(section, "area")) {
		if (!strcmp(l->word[0], "page_array_in"))
			KEEP(d->array_in, l->word[1]);
		if (!strcmp(l->word[0], "page_array_size_B"))
			d->array_B = number(l->word[1]);
		if (!strcmp(l->word[0], "vmap_area"))
			d->vmap_area = number(l->word[1]);
		if (!strcmp(l->word[0], "vm_struct"))
			d->vm_struct = number(l->word[1]);
	} else if (!strcmp(section, "runs")) {
		start = (number(l->word[0]) - k->start) / page_B;
		d->differs |= !strcmp(l->word[7], "differs");
		for (i = 0; i < number(l->word[2]); i++) {
			if (start + i >= k->nr_pages ||
			    pages[k->first_page + start + i].pfn !=
			    number(l->word[3]) + i)
				return wrong("%s: run at %s", k->name, l->word[0]);
			d->pages_seen++;
		}
	} else if (!strcmp(section, "walks")) {
		if (!strcmp(l->word[0], "guard"))
			KEEP(d->guard, l->word[2]);
		else if (!strcmp(l->word[0], "first"))
			d->first_pfn = number(l->word[5]);
		else
			d->last_pfn = number(l->word[5]);
	} else if (!strcmp(l->word[0], "previous")) {
		d->previous_end = number(l->word[2]);
	} else {
		d->next_start = number(l->word[1]);
	}
	return true;
}

static bool detail_ask(struct detail *d, const struct known *k, u64 addr)
{
	char section[16] = "";
	struct table t;
	struct line l;

	memset(d, 0, sizeof(*d));
	if (table_ask(&t, "vmalloc_walk/area", "addr=%#llx",
		      (unsigned long long)addr) || t.truncated[0])
		return wrong("area addr=%#llx", (unsigned long long)addr);
	while (table_next(&t, &l)) {
		if (l.section)
			KEEP(section, l.word[0]);
		else if (!detail_row(d, k, section, &l))
			return false;
	}
	return true;
}

static bool test_detail(const struct known *k)
{
	bool ram = !strcmp(k->kind, "vm_map_ram"), larger = k->array[0] == 'l';
	const struct known_page *p = &pages[k->first_page];
	struct detail d;

	/* Any address inside will do. */
	if (!detail_ask(&d, k, k->start + k->size_B - 1))
		return false;
	if (d.pages_seen != k->nr_pages)
		return wrong("%s: %zu pages in runs", k->name, d.pages_seen);
	if (d.first_pfn != p->pfn || d.last_pfn != p[k->nr_pages - 1].pfn)
		return wrong("%s: first or last page", k->name);
	if (strcmp(d.guard, ram ? "-" : "none"))
		return wrong("%s: guard page %s", k->name, d.guard);
	if (strcmp(d.array_in, k->array[0] == '-' ? "-" :
		   larger ? "vmalloc" : "kmalloc"))
		return wrong("%s: page array in %s", k->name, d.array_in);
	if (d.array_B != (k->array[0] == '-' ? 0 : k->pages * 8))
		return wrong("%s: page array size", k->name);
	if (d.differs)
		return wrong("%s: page array differs", k->name);
	return true;
}

static bool test_details(void)
{
	bool good = true;
	size_t i, mark = arena_mark();

	for (i = 0; i < nr_known; i++) {
		good &= test_detail(&known[i]);
		arena_reset(mark);
	}
	return good;
}

/* The start of an object in use; of this size, if it is not 0. */
static bool is_object(u64 addr, u64 size_B)
{
	struct table t;
	struct line l;

	if (table_ask(&t, "slubprobe/object", "addr=%#llx", (unsigned long long)addr) ||
	    !table_next(&t, &l) || l.nr < 8)
		return wrong("slubprobe/object addr=%#llx", (unsigned long long)addr);
	if (number(l.word[4]) || strcmp(l.word[7], "allocated") ||
	    (size_B && number(l.word[5]) != size_B))
		return wrong("%#llx: %s of %s, offset %s, size %s, %s",
			     (unsigned long long)addr, l.word[1], l.word[2],
			     l.word[4], l.word[5], l.word[7]);
	return true;
}

/* Where the kernel keeps what it notes of an area, as slubprobe and sysfs say. */
static bool test_objects(void)
{
	const char *size = "/sys/kernel/slab/vmap_area/object_size";
	size_t i, mark = arena_mark();
	u64 size_B = 0, last = 0;
	struct detail d;
	bool good = true;

	if (!access(size, R_OK))
		size_B = strtoull(read_file(size, NULL), NULL, 10);
	for (i = 0; good && i < nr_known; i++) {
		good = detail_ask(&d, &known[i], known[i].start) &&
		       d.vmap_area != last && is_object(d.vmap_area, size_B) &&
		       (!d.vm_struct || is_object(d.vm_struct, 0));
		last = d.vmap_area;
		arena_reset(mark);
	}
	return good;
}

/* Neighbours are the rows before and after, when nothing changed. */
static bool neighbours_right(const struct known *k)
{
	struct areas areas;
	const struct area *a;
	struct detail d;

	if (!areas_ask(&areas, "kind=any") || !detail_ask(&d, k, k->start))
		return false;
	a = area_at(&areas, k->start);
	return a && a > areas.a && a + 1 < areas.a + areas.nr &&
	       a[-1].end == d.previous_end && a[1].start == d.next_start;
}

static bool test_neighbours(void)
{
	size_t i, mark = arena_mark();
	int tries;

	for (i = 0; i < nr_known; i++) {
		for (tries = 0; tries < TRIES; tries++) {
			arena_reset(mark);
			if (neighbours_right(&known[i]))
				break;
		}
		if (tries == TRIES)
			return wrong("%s: neighbours", known[i].name);
	}
	return true;
}

/* ---- Filters ---- */

static bool filter_right(const char *words, const char *kind,
			 const char *function, u64 start, u64 end)
{
	size_t i, len = function ? strlen(function) : 0;
	struct areas some;

	if (!areas_ask(&some, words))
		return false;
	for (i = 0; i < some.nr; i++) {
		const struct area *a = &some.a[i];

		if ((kind && strcmp(a->kind, kind)) || a->end <= start ||
		    a->start >= end ||
		    (len && (strncmp(a->caller, function, len) ||
			     a->caller[len] != '+')))
			return wrong("%s: %#llx", words,
				     (unsigned long long)a->start);
	}
	return some.nr || wrong("%s: nothing", words);
}

/* Only with CONFIG_VMAP_STACK has a task a member for the area of its stack. */
static bool has_stacks(void)
{
	static const char member[] = "stack_vm_area";
	size_t mark = arena_mark(), len;
	const char *btf = read_file("/sys/kernel/btf/vmlinux", &len);
	bool has = !btf || memmem(btf, len, member, sizeof(member));

	arena_reset(mark);
	return has;
}

static bool test_filters(void)
{
	const struct known *k = known_find("pmd");
	char words[80], function[64], by_caller[100];
	struct areas one;

	snprintf(words, sizeof(words), "range=%#llx-%#llx",
		 (unsigned long long)k->start + 1,
		 (unsigned long long)k->start + 2);
	if (!areas_ask(&one, words) || one.nr != 1 || one.a->start != k->start)
		return wrong("%s: %zu areas", words, one.nr);
	snprintf(function, sizeof(function), "%.*s",
		 (int)strcspn(one.a->caller, "+"), one.a->caller);
	snprintf(by_caller, sizeof(by_caller), "caller=%s kind=vmalloc", function);
	snprintf(words, sizeof(words), "range=%#llx-%#llx",
		 (unsigned long long)k->start - (1UL << 30),
		 (unsigned long long)k->start + (1UL << 30));
	return filter_right(words, NULL, NULL, k->start - (1UL << 30),
			    k->start + (1UL << 30)) &&
	       filter_right("kind=vmalloc", "vmalloc", NULL, 0, ~0ULL) &&
	       filter_right("kind=vmap", "vmap", NULL, 0, ~0ULL) &&
	       filter_right("kind=vm_map_ram", "vm_map_ram", NULL, 0, ~0ULL) &&
	       filter_right("kind=ioremap", "ioremap", NULL, 0, ~0ULL) &&
	       (!has_stacks() || filter_right("kind=stack", "stack", NULL, 0, ~0ULL)) &&
	       filter_right("kind=module_text", "module_text", NULL, 0, ~0ULL) &&
	       filter_right(by_caller, "vmalloc", function, 0, ~0ULL);
}

static bool holds(const struct areas *areas, u64 addr)
{
	size_t i;

	for (i = 0; i < areas->nr; i++)
		if (addr >= areas->a[i].start && addr < areas->a[i].end)
			return true;
	return false;
}

/* Where /proc/modules says that a module is, its text begins. */
static bool test_modules(void)
{
	char *text = read_file("/proc/modules", NULL), *line;
	unsigned long long at;
	struct areas texts;
	unsigned int nr = 0;

	if (!areas_ask(&texts, "kind=module_text"))
		return false;
	for (; text && (line = strsep(&text, "\n")); nr++) {
		if (sscanf(line, "%*s %*s %*s %*s %*s %llx", &at) != 1)
			break;
		if (!holds(&texts, at))
			return wrong("no text of modules: %s", line);
	}
	return nr || wrong("no modules");
}

/* ---- check ---- */

struct checked {
	u64 areas, pages, guards, findings, rows, unsure;
	char first[200];
};

static bool check_read(struct checked *c)
{
	bool summary = false;
	struct table t;
	struct line l;

	memset(c, 0, sizeof(*c));
	if (table_ask(&t, "vmalloc_walk/check", "%s", "") || t.truncated[0])
		return wrong("check: no answer");
	while (table_next(&t, &l)) {
		if (l.section) {
			summary = !strcmp(l.word[0], "checked");
		} else if (!summary) {
			if (!c->rows++)
				snprintf(c->first, sizeof(c->first),
					 "%s %s %s %s %s %s", l.word[0], l.word[1],
					 l.word[2], l.word[3], l.word[4], l.word[5]);
		} else if (!strcmp(l.word[0], "areas")) {
			c->areas = number(l.word[1]);
		} else if (!strcmp(l.word[0], "pages")) {
			c->pages = number(l.word[1]);
		} else if (!strcmp(l.word[0], "guard_pages")) {
			c->guards = number(l.word[1]);
		} else if (!strcmp(l.word[0], "findings")) {
			c->findings = number(l.word[1]);
		} else if (!strcmp(l.word[0], "tables_unsure")) {
			c->unsure = number(l.word[1]);
		}
	}
	return summary && c->rows == c->findings;
}

static bool check_clean(const struct checked *c)
{
	return !c->findings || wrong("check: %llu findings, first %s",
				     (unsigned long long)c->findings, c->first);
}

/* All that areas lists was looked at, give or take what comes and goes. */
static bool test_check(void)
{
	u64 want_pages = 0;
	struct areas areas;
	struct checked c;
	size_t i;

	if (!areas_ask(&areas, "kind=any") || !check_read(&c))
		return false;
	for (i = 0; i < areas.nr; i++)
		want_pages += areas.a[i].pages;
	ktap_note("%llu areas, %llu pages, %llu guard pages checked",
		  (unsigned long long)c.areas, (unsigned long long)c.pages,
		  (unsigned long long)c.guards);
	return check_clean(&c) && c.areas * 10 > areas.nr * 9 &&
	       c.pages * 10 > want_pages * 9 && c.guards > areas.nr / 2;
}

/* A page array that is not what is mapped must be found, page for page. */
static bool test_swap(void)
{
	const struct known *k = known_find("put_pages");
	const struct known_page *p = &pages[k->first_page];
	unsigned long long start, end, addr, expected, found;
	char what[32];
	struct checked c;
	bool good;

	if (!tell("swap", 1) || !check_read(&c))
		return false;
	good = c.findings == 2 &&
	       sscanf(c.first, "%llx %llx %31s %llx %llx %llx", &start, &end,
		      what, &addr, &expected, &found) == 6 &&
	       !strcmp(what, "page_differs") && start == k->start &&
	       addr == p[1].va && expected == p[5].pfn && found == p[1].pfn;
	if (!good)
		wrong("swap: %llu findings, first %s",
		      (unsigned long long)c.findings, c.first);
	return tell("swap", 0) && check_read(&c) && check_clean(&c) && good;
}

/* ---- Holes ---- */

struct holes {
	u64 said_holes, said_B, largest_B, fit;
	char source[8];
	u64 nr, sum_B, histogram;
	u64 *start, *end;
};

static bool holes_ask(struct holes *h, const char *words)
{
	char section[16] = "";
	struct table t;
	struct line l;

	memset(h, 0, sizeof(*h));
	if (table_ask(&t, "vmalloc_walk/holes", "%s", words) || t.truncated[0])
		return wrong("holes %s", words);
	h->start = arena_get(t.records * sizeof(*h->start));
	h->end = arena_get(t.records * sizeof(*h->end));
	while (table_next(&t, &l)) {
		if (l.section) {
			KEEP(section, l.word[0]);
		} else if (!strcmp(section, "summary")) {
			if (!strcmp(l.word[0], "holes"))
				h->said_holes = number(l.word[1]);
			else if (!strcmp(l.word[0], "free_B"))
				h->said_B = number(l.word[1]);
			else if (!strcmp(l.word[0], "largest_B"))
				h->largest_B = number(l.word[1]);
		} else if (!strcmp(section, "histogram")) {
			h->histogram += number(l.word[1]);
		} else if (!strcmp(section, "fit")) {
			KEEP(h->source, l.word[2]);
			h->fit = number(l.word[3]);
		} else {
			h->start[h->nr] = number(l.word[0]);
			h->end[h->nr] = number(l.word[1]);
			h->sum_B += h->end[h->nr] - h->start[h->nr];
			h->nr++;
		}
	}
	return true;
}

static bool holes_add_up(void)
{
	u64 largest_B = 0;
	struct holes h;
	size_t i;

	if (!holes_ask(&h, "size=8192") || h.nr < 2)
		return false;
	for (i = 0; i < h.nr; i++) {
		if (i && h.start[i] < h.end[i - 1])
			return false;
		if (h.end[i] - h.start[i] > largest_B)
			largest_B = h.end[i] - h.start[i];
	}
	return h.nr == h.said_holes && h.sum_B == h.said_B &&
	       h.histogram == h.nr && largest_B == h.largest_B;
}

/* Areas, holes and what is lazy or pooled leave nothing over, at rest. */
static bool space_adds_up(void)
{
	u64 used_B = 0, lazy_pages = 0, pool_pages = 0, start = 0, end = 0;
	struct areas areas;
	struct holes h;
	struct table t;
	struct line l;
	size_t i;

	if (!holes_ask(&h, "size=8192") || !areas_ask(&areas, "kind=any") ||
	    table_ask(&t, "vmalloc_walk/lazy", "%s", ""))
		return false;
	while (table_next(&t, &l)) {
		if (l.section && strcmp(l.word[0], "summary"))
			break;
		if (!strcmp(l.word[0], "listed_pages"))
			lazy_pages = number(l.word[1]);
		if (!strcmp(l.word[0], "pool_pages"))
			pool_pages = number(l.word[1]);
	}
	/* The whole range: from before the first hole to behind the last. */
	if (table_ask(&t, "vmalloc_walk/holes", "size=1"))
		return false;
	while (table_next(&t, &l)) {
		if (!strcmp(l.word[0], "start"))
			start = number(l.word[1]);
		if (!strcmp(l.word[0], "end"))
			end = number(l.word[1]);
	}
	for (i = 0; i < areas.nr; i++)
		if (areas.a[i].start >= start && areas.a[i].end <= end)
			used_B += areas.a[i].end - areas.a[i].start;
	return used_B + h.sum_B + (lazy_pages + pool_pages) * page_B == end - start;
}

static bool again(bool (*test)(void))
{
	size_t mark = arena_mark();
	int i;

	for (i = 0; i < TRIES; i++) {
		arena_reset(mark);
		if (test())
			return true;
		usleep(100000);
	}
	return false;
}

static unsigned long fit_want_B;
static const char *fit_source;

/* Where the next area goes: told first, then made, on this CPU. */
static bool fit_right(void)
{
	unsigned long long got;
	struct holes h;
	char words[40];

	snprintf(words, sizeof(words), "size=%lu", fit_want_B);
	if (!tell("one", 0) || !holes_ask(&h, words) || !tell("one", fit_want_B) ||
	    !read_number(TEST_DIR "one", &got))
		return false;
	return got == h.fit && (!fit_source || !strcmp(h.source, fit_source));
}

static bool test_fit(unsigned long want_B, const char *source)
{
	fit_want_B = want_B;
	fit_source = source;
	return again(fit_right) || wrong("fit of %lu bytes", want_B);
}

/* From 6.9 on, areas that were purged wait in a pool. */
static void test_pool(void)
{
	struct holes h;
	int i;
	bool good;

	for (i = 0; i < 3; i++)
		if (!tell("one", 20480) || !tell("one", 0) || !tell("purge", 1))
			break;
	if (i < 3 || !holes_ask(&h, "size=20480")) {
		ktap_ok(false, "fit from a pool");
		return;
	}
	if (strcmp(h.source, "pool")) {
		ktap_skip("fit from a pool", "this kernel has no pools, or one CPU");
		return;
	}
	good = false;
	for (i = 0; i < TRIES && !good; i++) {
		unsigned long long got;

		if (!holes_ask(&h, "size=20480") || !tell("one", 20480) ||
		    !read_number(TEST_DIR "one", &got))
			break;
		good = !strcmp(h.source, "pool") && got == h.fit;
		if (!tell("one", 0) || !tell("purge", 1))
			break;
	}
	ktap_ok(good, "fit from a pool");
}

/* ---- Lazy ---- */

struct lazy {
	u64 counted, listed, limit, areas, rows, rows_pages, pool_areas, pools;
};

static bool lazy_ask(struct lazy *z)
{
	char section[16] = "";
	struct table t;
	struct line l;

	memset(z, 0, sizeof(*z));
	if (table_ask(&t, "vmalloc_walk/lazy", "%s", "") || t.truncated[0])
		return wrong("lazy: no answer");
	while (table_next(&t, &l)) {
		if (l.section) {
			KEEP(section, l.word[0]);
		} else if (!strcmp(section, "areas")) {
			z->rows++;
			z->rows_pages += number(l.word[2]) / page_B;
		} else if (!strcmp(section, "pools")) {
			z->pools += number(l.word[2]);
		} else if (!strcmp(l.word[0], "lazy_pages")) {
			z->counted = number(l.word[1]);
		} else if (!strcmp(l.word[0], "limit_pages")) {
			z->limit = number(l.word[1]);
		} else if (!strcmp(l.word[0], "listed_pages")) {
			z->listed = number(l.word[1]);
		} else if (!strcmp(l.word[0], "listed_areas")) {
			z->areas = number(l.word[1]);
		} else if (!strcmp(l.word[0], "pool_areas")) {
			z->pool_areas = number(l.word[1]);
		}
	}
	return true;
}

/* At rest, the kernel's counter is the sum of what is listed. */
static bool lazy_adds_up(void)
{
	struct lazy z;

	return lazy_ask(&z) && z.counted == z.listed && z.areas == z.rows &&
	       z.listed == z.rows_pages && z.pool_areas == z.pools &&
	       z.limit >= (32UL << 20) / page_B;
}

/* What is freed becomes lazy, page for page with its guard; a purge ends that. */
static bool lazy_grows(void)
{
	const u64 freed = ROUNDS * 6;	/* 1 to 3 pages and a guard: 3 on average */
	struct lazy before, after, purged;

	if (!tell("many", ROUNDS * 2) || !tell("purge", 1) || !lazy_ask(&before) ||
	    !tell("many", 0) || !lazy_ask(&after) || !tell("purge", 1) ||
	    !lazy_ask(&purged))
		return false;
	ktap_note("lazy pages %llu, %llu after freeing, %llu after a purge; pooled %llu, %llu",
		  (unsigned long long)before.listed, (unsigned long long)after.listed,
		  (unsigned long long)purged.listed,
		  (unsigned long long)before.pool_areas,
		  (unsigned long long)purged.pool_areas);
	return after.listed >= before.listed + freed - 6 &&
	       after.listed <= before.listed + freed + 200 &&
	       purged.listed < 200;
}

/* ---- sync ---- */

static bool sync_of(pid_t pid, u64 addr)
{
	struct walk kernel, own;
	unsigned int second;

	if (walks_ask(&kernel, 1, "addr=%#llx", (unsigned long long)addr) != 1)
		return false;
	if (walks_ask(&own, 1, "addr=%#llx pid=%d", (unsigned long long)addr,
		      pid) != 1)
		return true;	/* it is gone */
	for (second = 1; second < kernel.nr && second < own.nr; second++)
		if (kernel.step[second].table_pfn != own.step[second].table_pfn)
			return wrong("pid %d: other table for %#llx", pid,
				     (unsigned long long)addr);
	return kernel.nr == own.nr;
}

static bool test_sync(void)
{
	const struct known *k = known_find("pmd");
	bool self = false, init = false, good = true;
	struct table t;
	struct line l;

	if (table_ask(&t, "vmalloc_walk/sync", "all=1") || t.truncated[0])
		return false;
	while (table_next(&t, &l)) {
		pid_t pid = number(l.word[0]);
		bool shared = !strcmp(l.word[1], "shared");

		self |= pid == getpid();
		init |= pid == 1;
		if (strcmp(l.word[7], "ok") || number(l.word[2]) < 1 ||
		    number(l.word[2]) != number(l.word[3]) || number(l.word[4]) ||
		    number(l.word[5]))
			good = wrong("sync: pid %s: %s", l.word[0], l.word[7]);
#ifdef __x86_64__
		/* 32 TiB with four levels, 12,800 TiB with five. */
		if (shared || number(l.word[2]) < 50)
			good = wrong("sync: pid %s: %s entries", l.word[0],
				     l.word[2]);
#else
		if (!shared)
			good = wrong("sync: pid %s: own tables", l.word[0]);
#endif
		good &= sync_of(pid, k->start);
	}
	return good && self && init;
}

/* ---- Areas on request ---- */

/**
 * struct made - what the file vmalloc says
 * @rows: areas shown
 * @named: of these, so many whose hole was told before
 * @first: address of the first
 * @made: by all paths
 * @array: where the page array of the last is
 */
struct made {
	char array[8];
	u64 rows, named, first, size_B, pte_B, pmd_B, made, freed, purged, runs;
};

static bool made_read(struct made *made, struct table *t)
{
	char section[16] = "";
	struct line l;

	memset(made, 0, sizeof(*made));
	while (table_next(t, &l)) {
		if (l.section) {
			KEEP(section, l.word[0]);
		} else if (!strcmp(section, "areas")) {
			if (!made->rows++)
				made->first = number(l.word[1]);
			made->size_B = number(l.word[2]);
			made->named += l.word[3][0] != '-';
			made->pte_B += number(l.word[6]);
			made->pmd_B += number(l.word[7]);
			KEEP(made->array, l.word[10]);
		} else if (!strcmp(section, "runs")) {
			made->runs += number(l.word[1]);
		} else if (!strncmp(l.word[0], "made_", 5)) {
			made->made += number(l.word[1]);
		} else if (!strcmp(l.word[0], "freed")) {
			made->freed += number(l.word[1]);
		} else if (!strcmp(l.word[0], "purged")) {
			made->purged += number(l.word[1]);
		}
	}
	return true;
}

static bool made_ask(struct made *made, const char *words)
{
	struct table t;

	return !table_ask(&t, "vmalloc_walk/vmalloc", "%s", words) &&
	       !t.truncated[0] && made_read(made, &t);
}

static bool test_make(const char *kind, bool guard)
{
	struct made made;
	char words[80];

	snprintf(words, sizeof(words), "size=20000 count=23 kind=%s purge=1",
		 kind);
	if (!made_ask(&made, words))
		return wrong("%s: no answer", words);
	if (made.rows != 16 || made.made != 23 || made.freed != 23 ||
	    made.purged != 1 || made.pte_B != 16 * 5 * page_B || made.pmd_B ||
	    made.runs < 23 || made.size_B != (5 + guard) * page_B)
		return wrong("%s: %llu rows, %llu made", words,
			     (unsigned long long)made.rows,
			     (unsigned long long)made.made);
	return true;
}

static bool source_named(void)
{
	struct made made;

	return made_ask(&made, "size=20000 count=16") && made.named >= 8;
}

/* What is kept is there until the file is closed. */
static bool test_keep(void)
{
	int fd = open(MMSCOPE_DIR "vmalloc_walk/vmalloc", O_RDWR | O_CLOEXEC);
	const char *words = "size=5000000 count=2 keep=1";
	struct known k = { .name = "kept" };
	struct table t = {};
	struct areas areas;
	const struct area *a;
	struct made made;
	bool good;

	if (fd < 0 || write(fd, words, strlen(words)) < 0 ||
	    read_fd(fd, &t.text) < 0)
		return wrong("keep: no answer");
	t.next = t.text;
	made_read(&made, &t);
	k.start = made.first;
	good = made.rows == 2 && !made.freed && areas_ask(&areas, "kind=vmalloc");
	a = good ? area_at(&areas, k.start) : NULL;
	good = a && a->pages == 1221 && strstr(a->caller, "[vmalloc_walk]");
	close(fd);
	return good && areas_ask(&areas, "kind=vmalloc") &&
	       !area_at(&areas, k.start);
}

static bool test_made(void)
{
	return test_make("vmalloc", true) && test_make("vzalloc", true) &&
	       test_make("user", true) && test_make("32", true) &&
	       test_make("vmap", true) && test_make("vm_map_ram", false);
}

/* Sizes at the borders of a page, of a huge page and of a page array. */
static bool test_borders(void)
{
	const u64 huge_B = 2UL << 20, array_B = page_B / sizeof(void *) * page_B;
	const u64 sizes[] = {
		1, page_B - 1, page_B, page_B + 1, huge_B - 1, huge_B, huge_B + 1,
		array_B, array_B + page_B,
	};
	bool good = true;
	struct made made;
	char words[40];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 size_B = (sizes[i] + page_B - 1) & -page_B;

		snprintf(words, sizeof(words), "size=%llu",
			 (unsigned long long)sizes[i]);
		if (!made_ask(&made, words) || made.rows != 1 ||
		    made.size_B != size_B + page_B || made.pte_B != size_B ||
		    strcmp(made.array, size_B > array_B ? "vmalloc" : "kmalloc"))
			good = wrong("%s: %llu, array in %s", words,
				     (unsigned long long)made.size_B, made.array);
	}
	return good;
}

/* A physical range where there is no memory, if this machine has it there. */
static void test_ioremap(void)
{
	struct made made;

	if (!made_ask(&made, "kind=ioremap size=4096") || !made.made)
		ktap_skip("ioremap on request", "memory, where it would be");
	else
		ktap_ok(test_make("ioremap", true), "ioremap on request");
}

/* As with the module's: huge where the kernel gives one. */
static void test_made_huge(void)
{
	struct made made;

	if (!known_find("huge"))
		ktap_skip("huge areas on request",
			  "this kernel has no vmalloc_huge()");
	else if (!made_ask(&made, "size=4194304 kind=huge"))
		ktap_ok(false, "huge areas on request");
	else if (!made.pmd_B)
		ktap_skip("huge areas on request", "the kernel gave no huge pages");
	else
		ktap_ok(made.pmd_B == 4UL << 20 && !made.pte_B &&
			made.size_B == (4UL << 20) + page_B &&
			!(made.first % (2UL << 20)), "huge areas on request");
}

/* ---- Many, and under load ---- */

static bool is_known(u64 start)
{
	size_t i;

	for (i = 0; i < nr_known && known[i].start != start; i++)
		;
	return i < nr_known;
}

static bool many_right(void)
{
	struct areas areas;
	size_t i, ours = 0, want = many;
	bool good = true;

	if (!areas_ask(&areas, "kind=vmalloc"))
		return false;
	/* A page array of more than a page is an area, too, of the same caller. */
	for (i = 0; i < nr_known; i++)
		want += known[i].array[0] == 'l';
	for (i = 0; i < areas.nr; i++) {
		const struct area *a = &areas.a[i];

		/* The array of addresses is larger. */
		if (a->pages > 3 || !strstr(a->caller, OURS) ||
		    is_known(a->start))
			continue;
		ours++;
		if (a->end - a->start != (a->pages + 1) * page_B ||
		    a->pte_B != a->pages * page_B || strcmp(a->guard, "none") ||
		    strcmp(a->look, "locked") || !a->pages)
			good = wrong("many: %#llx", (unsigned long long)a->start);
	}
	return good && (ours == want || wrong("%zu of many", ours));
}

static bool test_many(void)
{
	size_t mark = arena_mark();
	struct checked c;
	bool good;

	if (!tell("many", many))
		return wrong("many could not be made");
	good = many_right() && check_read(&c) && check_clean(&c) && c.areas > (u64)many;
	arena_reset(mark);
	good = again(test_vmallocinfo) && good;
	arena_reset(mark);
	return tell("many", 0) && good;
}

static void churn(void)
{
	arena_drop();
	for (;;)
		tell("churn", 1000000);
}

static bool look_under_load(unsigned long *looks, unsigned long *racy)
{
	size_t mark = arena_mark(), i;
	struct areas areas;
	struct checked c;
	struct lazy z;
	struct holes h;
	bool good = true;

	if (!areas_ask(&areas, "kind=any"))
		return false;
	for (i = 0; i < areas.nr; i++)
		*racy += !strcmp(areas.a[i].look, "racy");
	for (i = 0; i < nr_known; i++)
		good &= test_known_area(&areas, &known[i]);
	arena_reset(mark);
	good &= test_detail(&known[*looks % nr_known]);
	good &= check_read(&c) && check_clean(&c) && !c.unsure;
	good &= lazy_ask(&z) && holes_ask(&h, "size=4096 align=2097152");
	arena_reset(mark);
	(*looks)++;
	return good;
}

static bool test_load(void)
{
	long i, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long looks = 0, racy = 0;
	pid_t *children = arena_get(cpus * sizeof(*children));
	time_t end = time(NULL) + seconds;
	bool good = true;

	for (i = 0; i < cpus; i++) {
		children[i] = fork();
		if (!children[i])
			churn();
	}
	while (good && (time(NULL) < end || looks < 3))
		good &= look_under_load(&looks, &racy);
	for (i = 0; i < cpus; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	ktap_note("%lu looks, %lu racy rows", looks, racy);
	return good;
}

/* The pool and so the fit are those of a CPU. */
static void stay_here(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void stay_anywhere(const cpu_set_t *set)
{
	sched_setaffinity(0, sizeof(*set), set);
}

static void test_huge(void)
{
	const struct known *k = known_find("huge");

	if (!k)
		ktap_skip("huge mapping", "this kernel has no vmalloc_huge()");
	else if (!is_huge(k))
		ktap_skip("huge mapping", "the kernel gave no huge pages");
	else
		ktap_ok(test_known_areas(), "huge mapping");
}

int main(int argc, char **argv)
{
	cpu_set_t all;

	seconds = argc > 1 ? atoi(argv[1]) : 5;
	many = argc > 2 ? atoi(argv[2]) : 10000;
	lib_init(ARENA_B);
	lib_need("vmalloc_walk/areas");
	ktap_start(27);
	if (!known_read())
		ktap_bail(TEST_DIR);
	ktap_note("%zu known areas, %zu pages", nr_known, nr_pages);
	sched_getaffinity(0, sizeof(all), &all);
	ktap_ok(again(test_vmallocinfo), "vmallocinfo, there and back");
	ktap_ok(test_known_areas(), "known areas");
	ktap_ok(test_tables(), "page-table pages");
	ktap_ok(test_details(), "area: pages as vmalloc_to_page() says");
	ktap_ok(test_neighbours(), "area: neighbours");
	if (access(MMSCOPE_DIR "slubprobe/object", W_OK))
		ktap_skip("area: vmap_area and vm_struct", "no slubprobe");
	else
		ktap_ok(test_objects(), "area: vmap_area and vm_struct are objects in use");
	test_huge();
	ktap_ok(test_filters(), "filters");
	ktap_ok(test_modules(), "module_text: each of /proc/modules");
	ktap_ok(test_check(), "check finds nothing");
	ktap_ok(test_swap(), "check finds a page array that is wrong");
	ktap_ok(again(holes_add_up), "holes add up");
	ktap_ok(again(space_adds_up), "areas, holes, lazy and pools leave nothing over");
	stay_here();
	ktap_ok(test_fit(1, NULL) && test_fit(5 * page_B, NULL) &&
		test_fit(3UL << 20, "free"), "fit: the next area goes there");
	test_pool();
	stay_anywhere(&all);
	ktap_ok(tell("one", 0) && again(lazy_adds_up), "lazy adds up");
	ktap_ok(again(lazy_grows), "freed areas are lazy until a purge");
	ktap_ok(test_sync(), "sync: every process, as pgwalk says");
	ktap_ok(test_made(), "areas on request");
	ktap_ok(again(source_named), "areas on request: where they come from");
	ktap_ok(test_borders(), "areas on request: sizes at borders");
	test_ioremap();
	test_made_huge();
	ktap_ok(test_keep(), "areas on request are kept until close");
	ktap_ok(test_many(), "%d areas", many);
	ktap_ok(test_load(), "while all CPUs make and free areas");
	ktap_ok(test_known_areas() && test_details(), "known areas, afterwards");
	return ktap_finish();
}
