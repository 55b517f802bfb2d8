// SPDX-License-Identifier: GPL-2.0
/*
 * The range of all kernel addresses against the kernel's own dump of its page
 * tables, /sys/kernel/debug/page_tables/kernel: what is mapped and what is not,
 * by which level, and whether it may be written, executed, used by user mode, is
 * global and of which memory type. Frame numbers are not in that dump; those are
 * kernel_match's question.
 *
 * The tables change all the time. The dump is read before and after, and only
 * addresses of which both say the same are compared; nearly all must be.
 *
 * Two things differ by design. The dump shows the rights of the last entry alone,
 * range those that all levels leave: where range shows less, the entries of a
 * walk must say that an upper level withholds it. And the dump leaves out lines
 * of areas that have too many (espfix), and says so: there is nothing to compare.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mmscope/pgwalk.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(128UL << 20)
#define DUMP		"/sys/kernel/debug/page_tables/kernel"
#define KERNEL_HALF	BIT_ULL(63)
#define NOTES_MAX	20
#define LINE_MIN	32	/* bytes of the shortest line of the dump */

/* Raw bits of an entry, by the processor's manual. */
#define ENTRY_WRITE	BIT_ULL(1)
#define ENTRY_USER	BIT_ULL(2)
#define ENTRY_NX	BIT_ULL(63)

/* What both sides know of an address: MMSCOPE_PG_* above a level; 0: not mapped. */
#define LEVEL_MASK	7U
#define ATTR_SHIFT	3
#define ATTR_UNKNOWN	UINT32_MAX
#define RIGHTS		(MMSCOPE_PG_WRITE | MMSCOPE_PG_EXEC | MMSCOPE_PG_USER)
#define COMPARED	(RIGHTS | MMSCOPE_PG_GLOBAL | MMSCOPE_PG_WEAK)

/**
 * struct span - addresses of which the same is known
 * @last: included: there is no address behind all
 * @repeated: range says that all of it is one page
 */
struct span {
	u64 start, last, pfn;
	u32 attr;
	bool repeated;
};

struct spans {
	struct span *s;
	size_t nr, at;
};

static unsigned int notes;

/* ---- The dump ---- */

static u32 flag_of_word(const char *word)
{
	static const struct {
		const char *word;
		u32 flag;
	} words[] = {
		{ "USR", MMSCOPE_PG_USER },
		{ "RW", MMSCOPE_PG_WRITE },
		{ "x", MMSCOPE_PG_EXEC },
		{ "GLB", MMSCOPE_PG_GLOBAL },
		{ "PWT", MMSCOPE_PG_WEAK },
		{ "PCD", MMSCOPE_PG_WEAK },
		{ "PAT", MMSCOPE_PG_WEAK },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i].word))
			return words[i].flag;
	return 0;
}

/* "<start>-<end> <size> [<words>] <level>"; without words: nothing is mapped */
static bool span_from_line(struct span *span, char *line)
{
	unsigned long long start, end;
	char *word, *level = NULL;
	unsigned int words = 0;
	u32 flags = 0;
	int at = 0;

	if (sscanf(line, "%llx-%llx %*s%n", &start, &end, &at) != 2 || !at)
		return false;
	line += at;
	while ((word = strsep(&line, " "))) {
		if (!*word)
			continue;
		flags |= flag_of_word(word);
		level = word;
		words++;
	}
	if (!level || level_from_name(level, MMSCOPE_LEVELS) < 0)
		return false;
	*span = (struct span) { .start = start, .last = end - 1 };
	if (words > 1)
		span->attr = flags << ATTR_SHIFT |
			     level_from_name(level, MMSCOPE_LEVELS);
	return true;
}

/* Lines of the kernel half, one behind the other; gaps only where it says so. */
static bool dump_read(struct spans *spans)
{
	size_t len, lines = 0;
	char *text = read_file(DUMP, &len), *line;
	u64 at = KERNEL_HALF;
	bool skipped = false;
	struct span span;

	memset(spans, 0, sizeof(*spans));
	if (!text)
		return false;
	spans->s = arena_get(len / LINE_MIN * sizeof(*spans->s));
	while ((line = strsep(&text, "\n"))) {
		skipped |= !strncmp(line, "... ", 4);
		if (strncmp(line, "0x", 2))
			continue;
		if (!span_from_line(&span, line)) {
			ktap_note("line of the dump not understood: %s", line);
			return false;
		}
		lines++;
		if (span.last < KERNEL_HALF)
			continue;
		if (span.start < KERNEL_HALF)
			span.start = KERNEL_HALF;
		if (span.start != at && !skipped) {
			ktap_note("the dump has a gap at %#llx",
				  (unsigned long long)at);
			return false;
		}
		if (span.start != at)
			spans->s[spans->nr++] = (struct span) {
				.start = at, .last = span.start - 1,
				.attr = ATTR_UNKNOWN,
			};
		spans->s[spans->nr++] = span;
		at = span.last + 1;
		skipped = false;
	}
	return lines && !at;
}

/* ---- Ours ---- */

static bool range_read(struct spans *spans)
{
	struct extents extents;
	size_t i;

	memset(spans, 0, sizeof(*spans));
	if (extents_bin(&extents, "space=kernel") || extents.truncated ||
	    !extents_sorted(&extents, KERNEL_HALF, 0))
		return false;
	spans->s = arena_get(extents.nr * sizeof(*spans->s));
	for (i = 0; i < extents.nr; i++) {
		const struct extent *e = &extents.e[i];
		struct span *span = &spans->s[spans->nr];

		/* The dump has no word for what is there, but not present. */
		if (e->kind != MMSCOPE_PG_PRESENT && e->kind != MMSCOPE_PG_ALIAS)
			continue;
		*span = (struct span) {
			.start = e->start, .last = e->start + e->size_B - 1,
			.pfn = e->pfn,
			.attr = (e->flags & COMPARED) << ATTR_SHIFT | e->level,
			.repeated = e->flags & MMSCOPE_PG_REPEATED,
		};
		/* As the table before it: kernel_match has looked at that. */
		if (e->kind == MMSCOPE_PG_ALIAS)
			span->attr = ATTR_UNKNOWN;
		spans->nr++;
	}
	return spans->nr;
}

/* ---- Side by side ---- */

/* What a list says of an address, and the last one of which it says that. */
static u32 attr_at(struct spans *spans, u64 addr, u64 *last)
{
	const struct span *s;

	while (spans->at < spans->nr && spans->s[spans->at].last < addr)
		spans->at++;
	s = &spans->s[spans->at];
	if (spans->at == spans->nr)
		return 0;
	if (s->start > addr) {
		if (*last > s->start - 1)
			*last = s->start - 1;
		return 0;
	}
	if (*last > s->last)
		*last = s->last;
	return s->attr;
}

static bool repeated_at(const struct spans *spans, u64 addr)
{
	return spans->at < spans->nr && spans->s[spans->at].start <= addr &&
	       spans->s[spans->at].repeated;
}

/**
 * struct tally - bytes, but for the last
 * @mapped: compared and mapped; @repeated not included
 * @moved: not the same in both dumps
 * @unknown: left out of the dump, or of range as known already
 * @withheld: an upper level withholds what the last entry allows
 * @different: pieces
 */
struct tally {
	u64 mapped, repeated, moved, unknown, withheld;
	unsigned long different;
};

/* The rights that the entries above the last one leave. */
static u32 rights_above(const struct walk *w)
{
	u32 rights = RIGHTS;
	unsigned int i;

	for (i = 0; i + 1 < w->nr; i++) {
		if (!(w->step[i].raw & ENTRY_WRITE))
			rights &= ~MMSCOPE_PG_WRITE;
		if (!(w->step[i].raw & ENTRY_USER))
			rights &= ~MMSCOPE_PG_USER;
		if (w->step[i].raw & ENTRY_NX)
			rights &= ~MMSCOPE_PG_EXEC;
	}
	return rights;
}

static bool is_withheld(u64 addr, u32 dump, u32 ours)
{
	size_t mark = arena_mark();
	struct walk w;
	u32 above;

	if (!dump || !ours || (dump ^ ours) & ~(RIGHTS << ATTR_SHIFT) ||
	    walks_ask(&w, 1, "addr=%#llx", (unsigned long long)addr) != 1 ||
	    !walk_chained(&w))
		return false;
	arena_reset(mark);
	above = rights_above(&w) << ATTR_SHIFT;
	return ours == (dump & (above | ~(RIGHTS << ATTR_SHIFT)));
}

static void compare(struct tally *t, u64 start, u64 last, u32 dump, u32 ours,
		    bool repeated)
{
	if (dump == ours) {
		if (ours)
			*(repeated ? &t->repeated : &t->mapped) += last - start + 1;
		return;
	}
	if (is_withheld(start, dump, ours)) {
		t->withheld += last - start + 1;
		return;
	}
	t->different++;
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH %#llx-%#llx: dump level %u flags %#x, range level %u flags %#x",
			  (unsigned long long)start, (unsigned long long)last,
			  dump & LEVEL_MASK, dump >> ATTR_SHIFT,
			  ours & LEVEL_MASK, ours >> ATTR_SHIFT);
}

static void compare_all(struct tally *t, struct spans *before,
			struct spans *ours, struct spans *after)
{
	u64 addr = KERNEL_HALF, last;
	u32 was, is, found;

	memset(t, 0, sizeof(*t));
	do {
		last = UINT64_MAX;
		was = attr_at(before, addr, &last);
		is = attr_at(after, addr, &last);
		found = attr_at(ours, addr, &last);
		if (was == ATTR_UNKNOWN || is == ATTR_UNKNOWN ||
		    found == ATTR_UNKNOWN)
			t->unknown += last - addr + 1;
		else if (was != is)
			t->moved += last - addr + 1;
		else
			compare(t, addr, last, was, found,
				repeated_at(ours, addr));
		addr = last + 1;
	} while (addr);
}

/* ---- One page over and over ---- */

static bool leads_to(u64 addr, u64 pfn)
{
	size_t mark = arena_mark();
	struct walk w;
	bool good;

	good = walks_ask(&w, 1, "addr=%#llx", (unsigned long long)addr) == 1 &&
	       w.leaf.kind == MMSCOPE_PG_PRESENT && w.leaf.pfn == pfn;
	if (!good && notes++ < NOTES_MAX)
		ktap_note("MISMATCH %#llx: repeated pfn %#llx, walk says %#llx",
			  (unsigned long long)addr, (unsigned long long)pfn,
			  (unsigned long long)w.leaf.pfn);
	arena_reset(mark);
	return good;
}

/* The walk of one address, which knows no shortcut, at both ends and between. */
static void test_repeated(const struct spans *ours)
{
	unsigned long nr = 0;
	bool good = true;
	size_t i;

	for (i = 0; i < ours->nr; i++) {
		const struct span *s = &ours->s[i];

		if (!s->repeated)
			continue;
		nr++;
		good &= leads_to(s->start, s->pfn) && leads_to(s->last, s->pfn) &&
			leads_to(s->start + (s->last - s->start) / 3, s->pfn);
	}
	if (nr)
		ktap_ok(good, "%lu extents of one page: walks of them end there", nr);
	else
		ktap_skip("extents of one page", "none: a kernel without KASAN");
}

int main(void)
{
	struct spans before, ours, after;
	struct tally t;

	lib_init(ARENA_B);
	lib_need("pgwalk/range.bin");
#ifndef __x86_64__
	ktap_skip_all("the words of the kernel's dump are known for x86-64 only");
#endif
	if (access(DUMP, R_OK))
		ktap_skip_all("no " DUMP ": CONFIG_PTDUMP_DEBUGFS is off");
	ktap_start(4);
	if (!ktap_ok(dump_read(&before) && range_read(&ours) && dump_read(&after),
		     "dump, range, and the dump again"))
		ktap_bail("nothing to compare");
	compare_all(&t, &before, &ours, &after);
	ktap_note("%zu lines of the dump, %zu extents", after.nr, ours.nr);
	ktap_note("KiB mapped %llu, as one page over and over %llu, withheld by an upper level %llu",
		  (unsigned long long)t.mapped / 1024,
		  (unsigned long long)t.repeated / 1024,
		  (unsigned long long)t.withheld / 1024);
	ktap_note("KiB moved between the dumps %llu, left out of the dump or of range %llu",
		  (unsigned long long)t.moved / 1024,
		  (unsigned long long)t.unknown / 1024);
	ktap_ok(t.mapped && !t.different,
		"mapped, level and rights as in the dump: %lu pieces differ",
		t.different);
	ktap_ok(t.moved * 100 < t.mapped,
		"less than one of 100 mapped bytes moved meanwhile");
	test_repeated(&ours);
	return ktap_finish();
}
