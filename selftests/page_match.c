// SPDX-License-Identifier: GPL-2.0
/*
 * The page file against /proc/kpageflags and /proc/kpagecount, over a sample of
 * all memory and over pages whose history is known; and convert against
 * /proc/zoneinfo and arithmetic.
 *
 * Pages change hands all the time. The oracles are read before and after, and
 * only pages for which both are equal are compared; most must be. A difference
 * counts when it is there on every one of several looks.
 *
 * The known pages are ./target's, found by pagemap. page_match.sh sets up huge
 * pages, KSM and a scratch directory on tmpfs, whose files have the inode that
 * /proc/PID/maps shows.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(24UL << 20)
#define CHUNK		64
#define CHUNKS		97
#define LOOKS		4
#define TRIES		5	/* at a page that may be migrated meanwhile */
#define NOTES_MAX	20
#define MAX_PIECES	64	/* of memory, in /proc/iomem */
#define MAX_ORDER_PAGES	BIT(18)

/* Bits of /proc/kpageflags, include/uapi/linux/kernel-page-flags.h and fs/proc. */
enum {
	KPF_LOCKED, KPF_ERROR, KPF_REFERENCED, KPF_UPTODATE, KPF_DIRTY, KPF_LRU,
	KPF_ACTIVE, KPF_SLAB, KPF_WRITEBACK, KPF_RECLAIM, KPF_BUDDY, KPF_MMAP,
	KPF_ANON, KPF_SWAPCACHE, KPF_SWAPBACKED, KPF_COMPOUND_HEAD,
	KPF_COMPOUND_TAIL, KPF_HUGE, KPF_UNEVICTABLE, KPF_HWPOISON, KPF_NOPAGE,
	KPF_KSM, KPF_THP, KPF_OFFLINE, KPF_ZERO_PAGE, KPF_IDLE, KPF_PGTABLE,
	KPF_RESERVED = 32, KPF_MLOCKED,
};

/* Our word for a page that has the bit, the first that fits. */
static struct type {
	int bit;
	const char *type;
} types[] = {
	{ KPF_NOPAGE, "absent" },
	{ KPF_BUDDY, "buddy" },
	{ KPF_SLAB, "slab" },
	{ KPF_PGTABLE, "pgtable" },
	{ KPF_OFFLINE, "offline" },
	{ KPF_HUGE, "hugetlb" },
	{ KPF_RESERVED, "reserved" },
	{ KPF_KSM, "ksm" },
	{ KPF_ANON, "anon" },
};

/* Flags that both sides show of a page that is not part of a larger one. */
static const struct {
	int bit;
	const char *name;
} flags[] = {
	{ KPF_LOCKED, "locked" },
	{ KPF_REFERENCED, "referenced" },
	{ KPF_UPTODATE, "uptodate" },
	{ KPF_DIRTY, "dirty" },
	{ KPF_LRU, "lru" },
	{ KPF_ACTIVE, "active" },
	{ KPF_WRITEBACK, "writeback" },
	{ KPF_SWAPBACKED, "swapbacked" },
	{ KPF_UNEVICTABLE, "unevictable" },
	{ KPF_MLOCKED, "mlocked" },
	{ KPF_RESERVED, "reserved" },
};

/**
 * struct row - one line of page
 */
struct row {
	u64 pfn, head_pfn, index;
	char type[24], owner[48], lru[24], flags[200];
	long refcount, mapcount;
	unsigned int order;
};

static int flags_fd, count_fd;
static unsigned int notes;

/* "pfn type refcount mapcount order head_pfn owner index lru look flags" */
static bool row_from_line(struct row *r, const struct line *line)
{
	if (line->nr < 11)
		return false;
	r->pfn = strtoull(line->word[0], NULL, 16);
	snprintf(r->type, sizeof(r->type), "%.23s", line->word[1]);
	r->refcount = strtol(line->word[2], NULL, 10);
	r->mapcount = strtol(line->word[3], NULL, 10);
	r->order = strtoul(line->word[4], NULL, 10);
	r->head_pfn = strtoull(line->word[5], NULL, 16);
	snprintf(r->owner, sizeof(r->owner), "%.47s", line->word[6]);
	r->index = strtoull(line->word[7], NULL, 10);
	snprintf(r->lru, sizeof(r->lru), "%.23s", line->word[8]);
	snprintf(r->flags, sizeof(r->flags), "%.199s", line->word[10]);
	return true;
}

/* One open file for all looks: its buffers are pages in use, between the looks as well. */
static bool rows_read(u64 pfn, size_t nr, struct row *rows)
{
	static int fd = -1;
	size_t mark = arena_mark(), i = 0;
	struct table table;
	struct line line;

	if (fd < 0)
		fd = ask_open("page", O_RDWR);
	if (fd < 0 || table_ask_fd(&table, fd, "page", "pfn=%llu-%llu",
				   (unsigned long long)pfn,
				   (unsigned long long)pfn + nr))
		return false;
	while (table_next(&table, &line))
		if (i == nr || !row_from_line(&rows[i++], &line))
			return false;
	arena_reset(mark);
	return i == nr;
}

/* Memory as /proc/iomem has it, read once. */
struct piece {
	u64 first, last;	/* pfn */
};

static struct piece ram[MAX_PIECES];
static unsigned int nr_ram;

static void ram_read(void)
{
	char *text = read_file("/proc/iomem", NULL), *line;
	unsigned long long start, end;

	while (text && (line = strsep(&text, "\n")) && nr_ram < MAX_PIECES)
		if (strstr(line, " : System RAM") &&
		    sscanf(line, "%llx-%llx", &start, &end) == 2)
			ram[nr_ram++] = (struct piece){ start / page_B,
							end / page_B };
}

static bool in_ram(u64 pfn)
{
	unsigned int i;

	for (i = 0; i < nr_ram; i++)
		if (pfn >= ram[i].first && pfn <= ram[i].last)
			return true;
	return false;
}

/*
 * 7.2 says nothing at all of a frame without a page, as of a page without flags;
 * but outside of memory there is no page without flags.
 */
static u64 with_nopage(u64 pfn, u64 kpf)
{
	return kpf || in_ram(pfn) ? kpf : BIT_ULL(KPF_NOPAGE);
}

/* Frames behind the end of the file have no page. */
static bool oracle_read(int fd, u64 pfn, size_t nr, u64 *values, u64 beyond)
{
	ssize_t got = pread(fd, values, nr * sizeof(*values),
			    pfn * sizeof(*values));
	size_t i;

	if (got < 0)
		return false;
	for (i = got / sizeof(*values); i < nr; i++)
		values[i] = beyond;
	return true;
}

struct oracle {
	u64 kpf[CHUNK], count[CHUNK];
};

static bool oracles_read(struct oracle *o, u64 pfn, size_t nr)
{
	size_t i;

	if (!oracle_read(flags_fd, pfn, nr, o->kpf, BIT_ULL(KPF_NOPAGE)) ||
	    !oracle_read(count_fd, pfn, nr, o->count, 0))
		return false;
	for (i = 0; i < nr; i++)
		o->kpf[i] = with_nopage(pfn + i, o->kpf[i]);
	return true;
}

/* ---- One page ---- */

static const char *type_by_kpf(u64 kpf)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (kpf & BIT_ULL(types[i].bit))
			return types[i].type;
	return NULL;
}

/*
 * stable_page_flags() of 6.12 calls every anonymous page KSM: it asks for any of
 * two bits of the mapping where both must be set. A page of ours that was never
 * given to ksmd tells; then kpageflags cannot part the two, and we do not ask.
 */
static bool ksm_is_anon;

static void learn_ksm(u64 our_pfn)
{
	u64 kpf = 0;
	size_t i;

	oracle_read(flags_fd, our_pfn, 1, &kpf, 0);
	ksm_is_anon = kpf & BIT_ULL(KPF_KSM);
	if (!ksm_is_anon)
		return;
	ktap_note("this kernel's kpageflags calls every anonymous page KSM");
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].bit == KPF_KSM)
			types[i].bit = KPF_ANON;
}

static bool same_type(const char *type, const char *ours)
{
	if (ksm_is_anon && !strcmp(type, "ksm"))
		return !strcmp(ours, "ksm") || !strcmp(ours, "anon");
	return !strcmp(type, ours);
}

/* What kpageflags has no word for must not get one of its words from us. */
static bool type_matches(const struct row *r, u64 kpf)
{
	const char *type = type_by_kpf(kpf);
	size_t i;

	if (type)
		return same_type(type, r->type);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].type, r->type))
			return false;
	return true;
}

/* Names are parted by "|". */
static bool has_flag(const char *names, const char *name)
{
	size_t len = strlen(name);
	const char *p;

	for (p = names; (p = strstr(p, name)); p += len)
		if ((p == names || p[-1] == '|') && (!p[len] || p[len] == '|'))
			return true;
	return false;
}

static bool flags_match(const struct row *r, u64 kpf)
{
	size_t i;

	if (kpf & (BIT_ULL(KPF_COMPOUND_HEAD) | BIT_ULL(KPF_COMPOUND_TAIL)))
		return true;
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (has_flag(r->flags, flags[i].name) !=
		    !!(kpf & BIT_ULL(flags[i].bit)))
			return false;
	return true;
}

/* The lru word is a summary of flags that kpageflags has one by one. */
static bool lru_matches(const struct row *r, u64 kpf)
{
	bool anon = kpf & BIT_ULL(KPF_SWAPBACKED);

	if (kpf & BIT_ULL(KPF_COMPOUND_TAIL))
		return true;
	if (!(kpf & BIT_ULL(KPF_LRU)))
		return !strcmp(r->lru, "-");
	if (kpf & BIT_ULL(KPF_UNEVICTABLE))
		return !strcmp(r->lru, "unevictable");
	if (strcmp(strrchr(r->lru, '_') ?: "", anon ? "_anon" : "_file"))
		return false;
	if (!strncmp(r->lru, "gen", 3))
		return true;
	return !strncmp(r->lru, "active", 6) == !!(kpf & BIT_ULL(KPF_ACTIVE));
}

static u64 kpf_of(u64 pfn)
{
	u64 kpf = 0;

	oracle_read(flags_fd, pfn, 1, &kpf, BIT_ULL(KPF_NOPAGE));
	return with_nopage(pfn, kpf);
}

/* Every page of a free block is free; a folio is a head and so many tails. */
static bool block_matches(const struct row *r, u64 kpf)
{
	u64 pages = 1ULL << r->order, i;
	u64 inside;

	if (!strcmp(r->type, "absent"))
		return true;
	if (r->head_pfn % pages || r->pfn - r->head_pfn >= pages ||
	    pages > MAX_ORDER_PAGES)
		return false;
	if (kpf & BIT_ULL(KPF_BUDDY))
		inside = BIT_ULL(KPF_BUDDY);
	else if (kpf & (BIT_ULL(KPF_COMPOUND_HEAD) | BIT_ULL(KPF_COMPOUND_TAIL)))
		inside = BIT_ULL(KPF_COMPOUND_TAIL);
	else
		return !r->order && r->head_pfn == r->pfn;
	if (!(kpf & BIT_ULL(KPF_BUDDY)) &&
	    !(kpf_of(r->head_pfn) & BIT_ULL(KPF_COMPOUND_HEAD)))
		return false;
	for (i = 1; i < pages; i++)
		if (!(kpf_of(r->head_pfn + i) & inside))
			return false;
	/* And it ends there. */
	return inside == BIT_ULL(KPF_BUDDY) ||
	       !(kpf_of(r->head_pfn + pages) & inside);
}

static const char *differs(const struct row *r, u64 kpf, u64 count)
{
	if (!type_matches(r, kpf))
		return "type";
	if (strcmp(r->type, "absent") && (u64)r->mapcount != count)
		return "mapcount";
	if (!flags_match(r, kpf))
		return "flags";
	if (!lru_matches(r, kpf))
		return "lru";
	if (r->refcount < r->mapcount && strcmp(r->type, "hugetlb") &&
	    !(kpf & BIT_ULL(KPF_COMPOUND_TAIL)))
		return "refcount less than mapcount";
	return block_matches(r, kpf) ? NULL : "order or head_pfn";
}

static void note_row(const struct row *r, const char *what, u64 kpf, u64 count)
{
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH pfn %#llx: %s: %s ref %ld map %ld order %u head %#llx lru %s flags %s; kpageflags %#llx kpagecount %lld",
			  (unsigned long long)r->pfn, what, r->type,
			  r->refcount, r->mapcount, r->order,
			  (unsigned long long)r->head_pfn, r->lru, r->flags,
			  (unsigned long long)kpf, (long long)count);
}

/* ---- A sample of all memory ---- */

struct tally {
	unsigned long pages, compared, different, by_type[ARRAY_SIZE(types) + 1];
};

/* True when the page was the same before and after on one of the looks. */
struct verdict {
	bool comparable, same;
	const char *what;
	struct row row;
	u64 kpf, count;
};

static void judge(struct verdict *v, const struct row *r,
		  const struct oracle *before, const struct oracle *after,
		  size_t i)
{
	const char *what;

	if (before->kpf[i] != after->kpf[i] || before->count[i] != after->count[i])
		return;
	what = differs(r, before->kpf[i], before->count[i]);
	v->comparable = true;
	v->kpf = before->kpf[i];
	v->count = before->count[i];
	v->row = *r;
	v->what = what;
	v->same |= !what;
}

static bool look_at_chunk(u64 pfn, struct verdict *verdicts)
{
	static struct row rows[CHUNK];
	static struct oracle before, after;
	int look;
	size_t i;

	for (look = 0; look < LOOKS; look++) {
		if (!oracles_read(&before, pfn, CHUNK) ||
		    !rows_read(pfn, CHUNK, rows) ||
		    !oracles_read(&after, pfn, CHUNK))
			return false;
		for (i = 0; i < CHUNK; i++)
			if (!verdicts[i].same)
				judge(&verdicts[i], &rows[i], &before, &after, i);
	}
	return true;
}

static void add_up(struct tally *t, const struct verdict *v)
{
	size_t i;

	t->pages++;
	if (!v->comparable)
		return;
	t->compared++;
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(v->row.type, types[i].type))
			break;
	t->by_type[i]++;
	if (v->same)
		return;
	t->different++;
	note_row(&v->row, v->what, v->kpf, v->count);
}

/* Behind the last page of memory there is none, and page must say so. */
static u64 end_of_memory(void)
{
	return nr_ram ? ram[nr_ram - 1].last + 1 : 0;
}

static void test_sample(void)
{
	static struct verdict verdicts[CHUNK];
	struct tally t = { 0 };
	u64 end = end_of_memory() + 4 * CHUNK;
	bool good = end > 4 * CHUNK;
	size_t chunk, i;

	for (chunk = 0; good && chunk < CHUNKS; chunk++) {
		memset(verdicts, 0, sizeof(verdicts));
		good = look_at_chunk(chunk * (end - CHUNK) / (CHUNKS - 1),
				     verdicts);
		for (i = 0; i < CHUNK; i++)
			add_up(&t, &verdicts[i]);
	}
	for (i = 0; i < ARRAY_SIZE(types); i++)
		ktap_note("%-9s %5lu pages", types[i].type, t.by_type[i]);
	ktap_note("%-9s %5lu pages", "others", t.by_type[i]);
	ktap_ok(good && !t.different,
		"a sample of all memory: %lu of %lu pages compared, %lu differ",
		t.compared, t.pages, t.different);
	ktap_ok(t.compared * 100 > t.pages * 95,
		"more than 95 of 100 pages held still long enough");
}

/* ---- Pages of known history ---- */

/**
 * struct known - what a page of a region must be
 * @first: page of the region to look at
 * @mapcount: -1 for any
 */
static const struct known {
	const char *region, *type;
	unsigned int first;
	long mapcount;
	unsigned int order;
	const char *flag;
} knowns[] = {
	{ "sparse", "anon", 0, 1, 0, "swapbacked" },
	{ "readonly", "anon", 3, 1, 0, NULL },
	{ "locked", "anon", 1, 1, 0, "mlocked" },
	{ "shared_anon", "file", 5, 1, 0, "swapbacked" },
	{ "memfd", "file", 4, 1, 0, "swapbacked" },
	{ "file_shared", "file", 2, 1, 0, NULL },
	{ "ksm", "ksm", 7, -1, 0, NULL },
	{ "hugetlb", "hugetlb", 3, 1, 9, NULL },
	{ "thp", "anon", 9, 1, 9, NULL },
	{ "zero", "reserved", 1, 0, 0, NULL },
};

static u64 pfn_by_pagemap(pid_t pid, u64 addr)
{
	char who[16];
	u64 map = 0;
	int fd;

	snprintf(who, sizeof(who), "%d", pid);
	fd = proc_open(who, "pagemap", O_RDONLY);
	if (fd < 0 || !pagemap_read(fd, addr, 1, &map) || !(map & PM_PRESENT))
		map = 0;
	close(fd);
	return map & PM_PFN;
}

static const struct vma *vma_at(const struct vma *vmas, int nr, u64 addr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (addr >= vmas[i].start && addr < vmas[i].end)
			return &vmas[i];
	return NULL;
}

static bool owner_matches(const struct row *r, const struct vma *vma, u64 addr)
{
	u64 index = (vma->offset + addr - vma->start) / page_B;
	char owner[48];

	snprintf(owner, sizeof(owner), "%u:%u:%llu", vma->major, vma->minor,
		 (unsigned long long)vma->inode);
	if (!strcmp(r->owner, owner) && r->index == index)
		return true;
	ktap_note("owner %s index %llu, maps says %s and %llu", r->owner,
		  (unsigned long long)r->index, owner,
		  (unsigned long long)index);
	return false;
}

static bool known_holds_once(const struct known *k,
			     const struct region *region,
			     const struct target *target)
{
	u64 addr = region->start + k->first * page_B;
	u64 pfn = pfn_by_pagemap(target->pid, addr), count = 0;
	struct vma *vmas;
	char who[16];
	struct row r;
	int nr;

	if (!pfn || !rows_read(pfn, 1, &r))
		return false;
	snprintf(who, sizeof(who), "%d", target->pid);
	nr = vmas_read(who, &vmas);
	if (!strcmp(r.type, k->type) && r.order == k->order &&
	    (k->mapcount < 0 ? r.mapcount > 1 : r.mapcount == k->mapcount) &&
	    (!k->flag || has_flag(r.flags, k->flag)) &&
	    (strcmp(k->type, "file") ||
	     owner_matches(&r, vma_at(vmas, nr, addr), addr)))
		return true;
	oracle_read(count_fd, pfn, 1, &count, 0);
	note_row(&r, k->region, kpf_of(pfn), count);
	return false;
}

/* The frame may be migrated between pagemap and ours. */
static bool known_holds(const struct known *k, const struct region *region,
			const struct target *target)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++)
		if (known_holds_once(k, region, target))
			return true;
	return false;
}

/* A huge page is what kpageflags says: the machine may have had none. */
static bool is_a_folio(u64 pfn)
{
	return kpf_of(pfn) & (BIT_ULL(KPF_COMPOUND_HEAD) |
			      BIT_ULL(KPF_COMPOUND_TAIL));
}

static void test_known(const struct known *k, const struct target *target)
{
	const struct region *region = target_region(target, k->region);
	size_t mark = arena_mark();
	char name[64];

	snprintf(name, sizeof(name), "a page of %s is %s", k->region, k->type);
	if (!region || region->absent)
		ktap_skip(name, "%s", region ? region->absent : "no region");
	else if (!strcmp(k->region, "thp") &&
		 !is_a_folio(pfn_by_pagemap(target->pid, region->start)))
		ktap_skip(name, "no huge page was to be had");
	else if (!strcmp(k->region, "zero") &&
		 !(kpf_of(pfn_by_pagemap(target->pid, region->start)) &
		   BIT_ULL(KPF_RESERVED)))
		ktap_skip(name, "the zero page of this kernel is not reserved");
	else
		ktap_ok(known_holds(k, region, target), "%s", name);
	arena_reset(mark);
}

/* ---- Convert ---- */

struct converted {
	u64 pfn, phys, virt, page;
	unsigned int node;
	char zone[16], state[16];
};

static bool convert(struct converted *c, const char *key, u64 value)
{
	size_t mark = arena_mark();
	struct table table;
	struct line line;

	memset(c, 0, sizeof(*c));
	if (table_ask(&table, "convert", "%s=%#llx", key,
		      (unsigned long long)value) ||
	    !table_next(&table, &line) || line.nr < 7)
		return false;
	c->pfn = strtoull(line.word[0], NULL, 16);
	c->phys = strtoull(line.word[1], NULL, 16);
	c->virt = strtoull(line.word[2], NULL, 16);
	c->page = strtoull(line.word[3], NULL, 16);
	c->node = strtoul(line.word[4], NULL, 10);
	snprintf(c->zone, sizeof(c->zone), "%.15s", line.word[5]);
	snprintf(c->state, sizeof(c->state), "%.15s", line.word[6]);
	arena_reset(mark);
	return true;
}

/* There and back by each of the four, from the middle of the page. */
static bool converts(u64 pfn)
{
	struct converted by_pfn, by_phys, by_virt, by_page;

	if (!convert(&by_pfn, "pfn", pfn) || strcmp(by_pfn.state, "online") ||
	    by_pfn.phys != pfn * page_B ||
	    !convert(&by_phys, "phys", by_pfn.phys + 8) ||
	    !convert(&by_virt, "virt", by_pfn.virt + 8) ||
	    !convert(&by_page, "page", by_pfn.page))
		return false;
	return by_phys.pfn == pfn && by_phys.virt == by_pfn.virt + 8 &&
	       by_virt.pfn == pfn && by_virt.phys == by_phys.phys &&
	       by_page.pfn == pfn && by_page.virt == by_pfn.virt;
}

/* "Node 0, zone   DMA32" ... "start_pfn: 4096"; spanned stands before it. */
static bool zone_matches(const char *zoneinfo, u64 pfn)
{
	unsigned int node = 0, found_node = 0;
	char zone[16] = "", found[16] = "";
	unsigned long long spanned = 0, start;
	struct converted c;
	const char *p;

	for (p = zoneinfo; p && *p; p = strchr(p, '\n'), p += !!p) {
		if (sscanf(p, "Node %u, zone %15s", &node, zone) == 2)
			continue;
		if (sscanf(p, " spanned %llu", &spanned) == 1)
			continue;
		if (sscanf(p, " start_pfn: %llu", &start) == 1 &&
		    pfn >= start && pfn < start + spanned) {
			found_node = node;
			snprintf(found, sizeof(found), "%s", zone);
		}
	}
	/* A frame before the first zone, such as 0, has no oracle. */
	if (!found[0])
		return true;
	return convert(&c, "pfn", pfn) && c.node == found_node &&
	       !strcmp(c.zone, found);
}

static void test_convert(void)
{
	const char *zoneinfo = read_file("/proc/zoneinfo", NULL);
	bool there_and_back = true, zones = true;
	u64 end = end_of_memory(), pfn;
	unsigned int online = 0;
	size_t i;

	for (i = 0; i < CHUNKS; i++) {
		pfn = i * end / CHUNKS;
		if (kpf_of(pfn) & BIT_ULL(KPF_NOPAGE))
			continue;
		online++;
		there_and_back &= converts(pfn);
		zones &= zone_matches(zoneinfo, pfn);
	}
	ktap_ok(online && there_and_back,
		"convert: %u page frames there and back", online);
	ktap_ok(online && zones, "convert: node and zone as in /proc/zoneinfo");
}

static void test_convert_absent(void)
{
	struct converted c;
	u64 pfn = end_of_memory() + (1 << 20);

	ktap_ok(convert(&c, "pfn", pfn) && c.pfn == pfn &&
		!strcmp(c.state, "no_memory") && !c.virt,
		"convert: no memory behind the end of it");
}

int main(void)
{
	const char *only[ARRAY_SIZE(knowns) + 1] = { NULL };
	struct target target;
	size_t i;

	lib_init(ARENA_B);
	lib_need("page");
	flags_fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	count_fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	if (flags_fd < 0 || count_fd < 0)
		ktap_skip_all("no /proc/kpageflags: CONFIG_PROC_PAGE_MONITOR is off");
	ktap_start(5 + ARRAY_SIZE(knowns));
	ram_read();
	learn_ksm(pfn_by_pagemap(getpid(), (uintptr_t)arena_get(1)));
	test_sample();
	for (i = 0; i < ARRAY_SIZE(knowns); i++)
		only[i] = knowns[i].region;
	if (!target_start(&target, only, NULL))
		ktap_bail("target does not start");
	for (i = 0; i < ARRAY_SIZE(knowns); i++)
		test_known(&knowns[i], &target);
	target_stop(&target);
	test_convert();
	test_convert_absent();
	return ktap_finish();
}
