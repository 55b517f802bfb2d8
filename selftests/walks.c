// SPDX-License-Identifier: GPL-2.0
/*
 * What the C tests share: extents and walks, text and binary, in the words of the
 * uapi. See lib.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mmscope/mmscope.h>
#include <mmscope/pgwalk.h>

#include "ktap.h"
#include "lib.h"

/* ---- Words ---- */

static const char * const kinds[] = {
	[MMSCOPE_PG_NONE] = "none",
	[MMSCOPE_PG_PRESENT] = "present",
	[MMSCOPE_PG_PROTNONE] = "protnone",
	[MMSCOPE_PG_SWAP] = "swap",
	[MMSCOPE_PG_MIGRATION] = "migration",
	[MMSCOPE_PG_HWPOISON] = "hwpoison",
	[MMSCOPE_PG_MARKER] = "marker",
	[MMSCOPE_PG_DEVICE_PRIVATE] = "device_private",
	[MMSCOPE_PG_DEVICE_EXCLUSIVE] = "device_exclusive",
	[MMSCOPE_PG_OTHER] = "other",
	[MMSCOPE_PG_BAD] = "bad",
	[MMSCOPE_PG_ALIAS] = "alias",
};

static const char * const levels[] = {
	[MMSCOPE_LEVEL_PTE] = "pte",
	[MMSCOPE_LEVEL_PMD] = "pmd",
	[MMSCOPE_LEVEL_PUD] = "pud",
	[MMSCOPE_LEVEL_P4D] = "p4d",
	[MMSCOPE_LEVEL_PGD] = "pgd",
};

static int name_index(const char * const *names, size_t nr, const char *name)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return -1;
}

const char *kind_name(unsigned int kind)
{
	return kind < ARRAY_SIZE(kinds) ? kinds[kind] : "unknown";
}

int kind_from_name(const char *name)
{
	return name_index(kinds, ARRAY_SIZE(kinds), name);
}

/**
 * level_from_name() - enum mmscope_pgwalk_level of a level's word
 * @name: the word
 * @top: number of levels: the top one is called pgd, whichever it is
 *
 * Return: The level, 0 for "-", or -1.
 */
int level_from_name(const char *name, unsigned int top)
{
	if (!strcmp(name, "pgd"))
		return top;
	if (!strcmp(name, "-"))
		return 0;
	return name_index(levels, ARRAY_SIZE(levels), name);
}

/**
 * top_level() - number of page-table levels, as walk.bin says
 *
 * Whether that is right is layout_match's question.
 */
unsigned int top_level(void)
{
	static struct mmscope_walk_record record;
	int fd;

	if (record.top)
		return record.top;
	fd = open(MMSCOPE_DIR "pgwalk/walk.bin", O_RDWR | O_CLOEXEC);
	if (fd < 0 || write(fd, "pid=self", 8) != 8 ||
	    read(fd, &record, sizeof(record)) != sizeof(record))
		ktap_bail("walk.bin gives no record");
	close(fd);
	return record.top;
}

/**
 * flags_from_perms() - MMSCOPE_PG_* of the four letters
 * @perms: e.g. "rw-u"
 */
u32 flags_from_perms(const char *perms)
{
	if (strlen(perms) != 4)
		return 0;
	return (perms[1] == 'w' ? MMSCOPE_PG_WRITE : 0) |
	       (perms[2] == 'x' ? MMSCOPE_PG_EXEC : 0) |
	       (perms[3] == 'u' ? MMSCOPE_PG_USER : 0);
}

static const struct {
	const char *word;
	u32 flag;
} detail_flags[] = {
	{ "accessed", MMSCOPE_PG_ACCESSED },
	{ "dirty", MMSCOPE_PG_DIRTY },
	{ "global", MMSCOPE_PG_GLOBAL },
	{ "weak", MMSCOPE_PG_WEAK },
	{ "zero", MMSCOPE_PG_ZERO },
	{ "hugetlb", MMSCOPE_PG_HUGETLB },
	{ "pfnmap", MMSCOPE_PG_PFNMAP },
	{ "special", MMSCOPE_PG_SPECIAL },
	{ "cont", MMSCOPE_PG_CONT },
	{ "soft_dirty", MMSCOPE_PG_SOFT_DIRTY },
	{ "uffd_wp", MMSCOPE_PG_UFFD_WP },
	{ "repeated", MMSCOPE_PG_REPEATED },
};

static void apply_detail(struct extent *e, char *detail)
{
	char *word, *rest = detail;
	unsigned int type;
	u64 value;
	size_t i;

	while ((word = strsep(&rest, ","))) {
		if (sscanf(word, "swap:%u:%li", &type, (long *)&value) == 2) {
			e->swap_type = type;
			e->pfn = value;
		} else if (sscanf(word, "marker:%li", (long *)&value) == 1 ||
			   sscanf(word, "table:%li", (long *)&value) == 1) {
			e->pfn = value;
		}
		for (i = 0; i < ARRAY_SIZE(detail_flags); i++)
			if (!strcmp(word, detail_flags[i].word))
				e->flags |= detail_flags[i].flag;
	}
}

/* "start end size_B level kind perms pfn detail" */
static bool extent_from_line(struct extent *e, struct line *line)
{
	int kind, level;
	u64 end;

	memset(e, 0, sizeof(*e));
	if (line->nr < 8)
		return false;
	kind = kind_from_name(line->word[4]);
	level = level_from_name(line->word[3], top_level());
	if (kind < 0 || level < 0)
		return false;
	e->start = strtoull(line->word[0], NULL, 16);
	end = strtoull(line->word[1], NULL, 16);
	e->size_B = strtoull(line->word[2], NULL, 10);
	e->kind = kind;
	e->level = level;
	e->flags = flags_from_perms(line->word[5]);
	if (strcmp(line->word[6], "-"))
		e->pfn = strtoull(line->word[6], NULL, 0);
	apply_detail(e, line->word[7]);
	/* The end of the last page has no number of its own. */
	return e->start + e->size_B == (end == UINT64_MAX ? 0 : end);
}

/**
 * extents_text() - ask range and parse the answer
 * @extents: filled in
 * @fmt: the request
 *
 * Return: 0, the errno of the request, or -EPROTO (a note says why).
 */
int extents_text(struct extents *extents, const char *fmt, ...)
{
	char words[WORDS_LEN];
	struct table table;
	struct line line;
	va_list args;
	int err;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	memset(extents, 0, sizeof(*extents));
	err = table_ask(&table, "pgwalk/range", "%s", words);
	if (err)
		return err;
	extents->e = arena_get(table.records * sizeof(*extents->e));
	extents->truncated = table.truncated[0];
	while (table_next(&table, &line)) {
		if (!extent_from_line(&extents->e[extents->nr++], &line)) {
			ktap_note("range '%s': record %zu is malformed: %s",
				  words, extents->nr, line.word[0]);
			return -EPROTO;
		}
	}
	return 0;
}

static bool header_good(const struct mmscope_bin_header *h, size_t len)
{
	return len >= sizeof(*h) && h->magic == MMSCOPE_BIN_MAGIC &&
	       h->header_size_B == sizeof(*h) && h->version == 1 &&
	       h->record_size_B == sizeof(struct mmscope_range_record) &&
	       h->consistency <= MMSCOPE_LOCKED &&
	       !strcmp(h->file, "pgwalk/range") &&
	       !strcmp(h->kernel, lib_uts.release);
}

static void extent_from_record(struct extent *e,
			       const struct mmscope_range_record *r)
{
	e->start = r->start;
	e->size_B = r->size_B;
	e->pfn = r->pfn;
	e->flags = r->flags;
	e->kind = r->kind;
	e->level = r->level;
	e->swap_type = r->swap_type;
}

static int bin_wrong(const char *words, const char *what)
{
	ktap_note("range.bin '%s': %s", words, what);
	return -EPROTO;
}

/**
 * extents_bin() - ask range.bin and check header and end record
 * @extents: filled in
 * @fmt: the request
 *
 * Return: As extents_text().
 */
int extents_bin(struct extents *extents, const char *fmt, ...)
{
	const struct mmscope_range_record *r;
	char words[WORDS_LEN], *answer;
	va_list args;
	ssize_t len;
	size_t nr;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	memset(extents, 0, sizeof(*extents));
	len = ask("pgwalk/range.bin", words, &answer);
	if (len < 0)
		return len;
	if (!header_good((void *)answer, len))
		return bin_wrong(words, "header is not as documented");
	len -= sizeof(struct mmscope_bin_header);
	r = (void *)(answer + sizeof(struct mmscope_bin_header));
	nr = len / sizeof(*r);
	if (!nr || len % sizeof(*r))
		return bin_wrong(words, "not a whole number of records");
	nr--;
	if (r[nr].kind != MMSCOPE_PG_END || r[nr].size_B != nr)
		return bin_wrong(words, "no end record, or with a wrong count");
	extents->truncated = r[nr].pfn;
	extents->e = arena_get(nr * sizeof(*extents->e));
	for (; extents->nr < nr; extents->nr++) {
		if (r[extents->nr].kind > MMSCOPE_PG_ALIAS ||
		    r[extents->nr].reserved)
			return bin_wrong(words, "unknown kind of record");
		extent_from_record(&extents->e[extents->nr], &r[extents->nr]);
	}
	return 0;
}

/**
 * extents_sorted() - whether extents lie in order, apart, and inside a range
 * @extents: the extents
 * @start: first address of the range
 * @end: last address + 1; 0 stands for 2^64
 */
bool extents_sorted(const struct extents *extents, u64 start, u64 end)
{
	u64 at = start;
	size_t i;

	for (i = 0; i < extents->nr; i++) {
		const struct extent *e = &extents->e[i];

		if (e->start < at || !e->size_B || e->size_B % page_B ||
		    e->start + e->size_B - 1 > end - 1 ||
		    e->start + e->size_B - 1 < e->start) {
			ktap_note("extent %zu, %#llx+%#llx, overlaps or is outside",
				  i, (unsigned long long)e->start,
				  (unsigned long long)e->size_B);
			return false;
		}
		at = e->start + e->size_B;
	}
	return true;
}

/* What an extent says of one of its pages. */
static void look_at_page(struct look *l, const struct extent *e, u64 page)
{
	l->kind = e->kind;
	l->level = e->level;
	l->flags = e->flags;
	l->swap_type = e->swap_type;
	l->seen = true;
	l->pfn = e->pfn;
	if (e->kind != MMSCOPE_PG_NONE && e->kind != MMSCOPE_PG_MARKER &&
	    e->kind != MMSCOPE_PG_ALIAS &&
	    !(e->flags & (MMSCOPE_PG_ZERO | MMSCOPE_PG_REPEATED) &&
	      e->level == MMSCOPE_LEVEL_PTE))
		l->pfn += page;
}

/**
 * looks_from_extents() - spread extents over the pages of a range
 * @extents: sorted extents
 * @start: first address
 * @end: last address + 1
 * @looks: one per page, filled in; pages in no extent are none and not seen
 *
 * Return: Number of pages that some extent spoke of.
 */
size_t looks_from_extents(const struct extents *extents, u64 start,
			  u64 end, struct look *looks)
{
	size_t i, seen = 0;
	u64 addr;

	memset(looks, 0, (end - start) / page_B * sizeof(*looks));
	for (i = 0; i < extents->nr; i++) {
		const struct extent *e = &extents->e[i];

		for (addr = e->start > start ? e->start : start;
		     addr < end && addr - e->start < e->size_B; addr += page_B) {
			look_at_page(&looks[(addr - start) / page_B], e,
				     (addr - e->start) / page_B);
			seen++;
		}
	}
	return seen;
}

/* ---- Walks ---- */

/* "walk addr=<a> pid=<n|-> tables=<user|kernel> levels=<4|5>" */
static bool walk_from_section(struct walk *w, const struct line *line)
{
	const char *addr = line_value(line, "addr");
	const char *tables = line_value(line, "tables");
	const char *levels = line_value(line, "levels");

	memset(w, 0, sizeof(*w));
	if (!addr || !tables || !levels || !line_value(line, "pid"))
		return false;
	w->addr = strtoull(addr, NULL, 16);
	w->levels = strtoul(levels, NULL, 10);
	snprintf(w->tables, sizeof(w->tables), "%s", tables);
	return true;
}

/* "level index table_pfn entry_addr raw bits" */
static bool step_from_line(struct walk *w, const struct line *line)
{
	struct walk_step *s = &w->step[w->nr];
	int level;

	if (line->nr < 6 || w->nr == ARRAY_SIZE(w->step))
		return false;
	level = level_from_name(line->word[0], w->levels);
	if (level < 0)
		return false;
	s->level = level;
	s->index = strtoul(line->word[1], NULL, 10);
	s->table_pfn = strtoull(line->word[2], NULL, 0);
	s->entry_addr = strtoull(line->word[3], NULL, 16);
	s->raw = strtoull(line->word[4], NULL, 16);
	w->nr++;
	return true;
}

/*
 * "kind level size_B pfn phys_addr perms detail type refcount mapcount order
 * page_flags"
 */
static bool leaf_from_line(struct walk *w, const struct line *line)
{
	struct walk_leaf *leaf = &w->leaf;

	if (line->nr < 12)
		return false;
	leaf->kind = kind_from_name(line->word[0]);
	leaf->level = level_from_name(line->word[1], w->levels);
	leaf->size_B = strtoull(line->word[2], NULL, 10);
	leaf->has_pfn = strcmp(line->word[3], "-");
	leaf->pfn = strtoull(line->word[3], NULL, 0);
	leaf->phys_addr = strtoull(line->word[4], NULL, 16);
	snprintf(leaf->perms, sizeof(leaf->perms), "%.4s", line->word[5]);
	snprintf(leaf->detail, sizeof(leaf->detail), "%.63s", line->word[6]);
	return leaf->kind >= 0 && leaf->level >= 0;
}

/**
 * walks_ask() - ask walk and parse the answer
 * @walks: filled in, in the order of the answer
 * @max: room in it
 * @fmt: the request
 *
 * Return: Number of addresses, or a negative errno; -EPROTO when the answer is
 * malformed (a note says how).
 */
int walks_ask(struct walk *walks, size_t max, const char *fmt, ...)
{
	char words[WORDS_LEN];
	bool in_leaf = false;
	struct table table;
	struct line line;
	va_list args;
	size_t nr = 0;
	int err;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	err = table_ask(&table, "pgwalk/walk", "%s", words);
	if (err)
		return err;
	while (table_next(&table, &line)) {
		bool good;

		if (line.section && !strcmp(line.word[0], "walk")) {
			in_leaf = false;
			good = nr < max && walk_from_section(&walks[nr++], &line);
		} else if (line.section) {
			good = nr && !strcmp(line.word[0], "leaf");
			in_leaf = true;
		} else if (in_leaf) {
			good = leaf_from_line(&walks[nr - 1], &line);
		} else {
			good = nr && step_from_line(&walks[nr - 1], &line);
		}
		if (!good) {
			ktap_note("walk '%.60s': malformed at '%s'", words,
				  line.word[0]);
			return -EPROTO;
		}
	}
	return nr;
}

/* Whether pgwalk says that it cannot tell the huge page of zeroes from others. */
static bool huge_zero_unknown(void)
{
	static int unknown = -1;
	char *text;

	if (unknown < 0) {
		text = read_file(MMSCOPE_DIR "status", NULL);
		unknown = text && strstr(text, "\nhuge_zero_page pgwalk off ");
	}
	return unknown;
}

/**
 * looks_add_huge_zero() - put MMSCOPE_PG_ZERO where pgwalk does not know it
 * @looks: pages as pgwalk sees them
 * @nr: number of them
 *
 * By /proc/kpageflags, and only of huge pages, and only where status says that
 * they are not told apart.
 */
void looks_add_huge_zero(struct look *looks, size_t nr)
{
	u64 flags;
	size_t i;
	int fd;

	if (!huge_zero_unknown())
		return;
	fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	for (i = 0; i < nr; i++) {
		if (looks[i].kind != MMSCOPE_PG_PRESENT ||
		    looks[i].level != MMSCOPE_LEVEL_PMD ||
		    pread(fd, &flags, sizeof(flags),
			  looks[i].pfn * sizeof(flags)) != sizeof(flags))
			continue;
		if (flags & BIT_ULL(KPF_ZERO_PAGE))
			looks[i].flags |= MMSCOPE_PG_ZERO;
	}
	close(fd);
}

/* What differs between architectures, by their manuals. */
#define TABLE_ENTRIES	512
#if defined(__x86_64__)
#define ENTRY_PFN(raw)	(((raw) & GENMASK_ULL(51, 12)) >> 12)
#define FIFTH_ENTRIES	TABLE_ENTRIES
#elif defined(__aarch64__)
#define ENTRY_PFN(raw)	(((raw) & GENMASK_ULL(49, 12)) >> 12)
#define FIFTH_ENTRIES	16	/* 52-bit addresses */
#else
#define FIFTH_ENTRIES	TABLE_ENTRIES
#endif

/* A table is as long as aligned: a page, but for a short one at the top. */
static bool step_good(const struct walk *walk, const struct walk_step *s)
{
	size_t entries = s->level == MMSCOPE_LEVEL_PGD ? FIFTH_ENTRIES :
							 TABLE_ENTRIES;

	return s->index == (walk->addr >> (12 + 9 * (s->level - 1)) &
			    (entries - 1)) &&
	       s->entry_addr / 8 % entries == s->index;
}

/**
 * walk_chained() - whether the levels of a walk hang together
 * @walk: the walk
 *
 * By the rules of the architecture manual, not of the module: every level's
 * index comes from the address, every entry lies in its table at that index,
 * and holds the page frame of the next table.
 */
bool walk_chained(const struct walk *walk)
{
	unsigned int i;

	if (!walk->nr || walk->step[0].level != walk->levels)
		return false;
	for (i = 0; i < walk->nr; i++) {
		const struct walk_step *s = &walk->step[i];

		if (s->level != walk->levels - i || !step_good(walk, s))
			return false;
#ifdef ENTRY_PFN
		if (i && s->table_pfn != ENTRY_PFN(walk->step[i - 1].raw))
			return false;
#endif
	}
	return true;
}
