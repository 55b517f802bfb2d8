// SPDX-License-Identifier: GPL-2.0
/*
 * What the pages of each of ./target's regions must be, as known from how they
 * were made. So that a test against pagemap is not a test of nothing: if no page
 * were ever swapped out, swap entries would always be right.
 */
#include <stdio.h>
#include <string.h>

#include <mmscope/pgwalk.h>

#include "ktap.h"
#include "lib.h"
#include "truths.h"

struct count {
	size_t pages, present, protnone, swap, marker, none, poison;
	size_t pte, pmd, write, exec, dirty, zero, wp, hugetlb, cont, same_pfn;
};

static void count_looks(struct count *c, const struct look *looks, size_t pages)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	c->pages = pages;
	for (i = 0; i < pages; i++) {
		const struct look *l = &looks[i];
		bool mapped = l->kind == MMSCOPE_PG_PRESENT ||
			      l->kind == MMSCOPE_PG_PROTNONE;

		c->present += l->kind == MMSCOPE_PG_PRESENT;
		c->protnone += l->kind == MMSCOPE_PG_PROTNONE;
		c->swap += l->kind == MMSCOPE_PG_SWAP;
		c->marker += l->kind == MMSCOPE_PG_MARKER;
		c->poison += l->kind == MMSCOPE_PG_HWPOISON;
		c->none += l->kind == MMSCOPE_PG_NONE;
		c->pte += mapped && l->level == MMSCOPE_LEVEL_PTE;
		c->pmd += mapped && l->level == MMSCOPE_LEVEL_PMD;
		c->write += !!(l->flags & MMSCOPE_PG_WRITE);
		c->exec += !!(l->flags & MMSCOPE_PG_EXEC);
		c->dirty += !!(l->flags & MMSCOPE_PG_DIRTY);
		c->cont += !!(l->flags & MMSCOPE_PG_CONT);
		c->zero += !!(l->flags & MMSCOPE_PG_ZERO);
		c->wp += !!(l->flags & MMSCOPE_PG_UFFD_WP);
		c->hugetlb += !!(l->flags & MMSCOPE_PG_HUGETLB);
		c->same_pfn += mapped && l->pfn == looks[0].pfn;
	}
}

static bool half_there(const struct count *c)
{
	return c->present == c->pages / 2 && c->none == c->pages / 2 &&
	       c->pte == c->present && c->write == c->present;
}

static bool sixteen_zero(const struct count *c)
{
	return c->present == 16 && c->zero == 16 && c->same_pfn == 16 &&
	       !c->write && c->none == c->pages - 16;
}

/* Whether huge pages were to be had is smaps' word, in compare_smaps(). */
static bool two_thirds_there(const struct count *c)
{
	return c->present >= c->pages / 3 * 2 && c->zero == 0;
}

static bool zero_pmd_or_pte(const struct count *c)
{
	return !c->write && (c->pmd ? c->zero == c->pages && c->pmd == c->pages :
				      c->zero == 1);
}

static bool all_but_one_pte(const struct count *c)
{
	return c->pte == c->pages - 1 && c->none == 1;
}

static bool all_protnone(const struct count *c)
{
	return c->protnone == c->pages && !c->write && !c->exec;
}

static bool all_none(const struct count *c)
{
	return c->none == c->pages;
}

static bool all_readonly(const struct count *c)
{
	return c->present == c->pages && !c->write && !c->exec;
}

static bool all_exec(const struct count *c)
{
	return c->present == c->pages && !c->write && c->exec == c->pages;
}

static bool all_there(const struct count *c)
{
	return c->present == c->pages;
}

static bool half_dirty(const struct count *c)
{
	return c->write == c->pages && c->dirty == c->pages / 2;
}

static bool quarter_there(const struct count *c)
{
	return c->present >= c->pages / 4 && c->present + c->none == c->pages;
}

static bool hugetlb_half(const struct count *c)
{
	return c->pmd == c->pages / 2 && c->hugetlb >= c->pages / 2 &&
	       c->present == c->pages / 2;
}

static bool hugetlb_cont(const struct count *c)
{
	return c->pte == c->pages / 2 && c->cont == c->pages / 2 &&
	       c->present == c->pages / 2;
}

static bool hugetlb_all(const struct count *c)
{
	return c->pmd == c->pages && c->hugetlb == c->pages;
}

static bool some_swap(const struct count *c)
{
	return c->swap >= 1 && c->swap + c->present == c->pages;
}

static bool some_swap_no_access(const struct count *c)
{
	return c->swap >= 1 && c->swap + c->protnone == c->pages;
}

static bool mostly_merged(const struct count *c)
{
	return c->present == c->pages && c->same_pfn >= c->pages / 2 &&
	       c->write <= c->pages / 2;
}

static bool file_private(const struct count *c)
{
	return c->present >= c->pages / 2 && c->write == c->pages / 4;
}

static bool file_shared(const struct count *c)
{
	return c->present >= c->pages / 2 && c->write >= c->pages / 4;
}

static bool one_there(const struct count *c)
{
	return c->present >= 1 && !c->write;
}

static bool four_markers(const struct count *c)
{
	return c->marker == 4 && c->present == c->pages - 4;
}

static bool half_protected(const struct count *c)
{
	return c->present == c->pages && c->wp == c->pages / 2 &&
	       c->write == c->pages / 2;
}

static bool protected_swap(const struct count *c)
{
	return c->swap >= 1 && c->wp == c->pages / 2;
}

static bool half_markers(const struct count *c)
{
	return c->marker == c->pages / 2 && c->none == c->pages / 2;
}

static bool one_poisoned(const struct count *c)
{
	return c->poison == 1 && c->present == c->pages - 1;
}

static bool some_there(const struct count *c)
{
	return c->present >= 1 && c->write >= 1;
}

/**
 * struct truth - what is known of a region
 * @holds: whether a count of its pages fits
 * @claim: the same in words
 */
static const struct truth {
	const char *region;
	bool (*holds)(const struct count *c);
	const char *claim;
} truths[] = {
	{ "sparse", half_there, "every other page" },
	{ "zero", sixteen_zero, "16 times the zero page" },
	{ "thp", two_thirds_there, "two of three huge pages" },
	{ "thp_zero", zero_pmd_or_pte, "the zero page" },
	{ "thp_split", all_but_one_pte, "511 small entries and a hole" },
	{ "protnone", all_protnone, "mapped, no access" },
	{ "protnone_huge", all_protnone, "mapped, no access" },
	{ "protnone_untouched", all_none, "nothing" },
	{ "readonly", all_readonly, "all mapped, read only" },
	{ "exec", all_exec, "all mapped, executable" },
	{ "shared_anon", all_there, "all mapped" },
	{ "clean", half_dirty, "all may be written, half was" },
	{ "memfd", quarter_there, "a quarter or more mapped" },
	{ "hugetlb", hugetlb_half, "one of two huge pages" },
	{ "hugetlb_cont", hugetlb_cont, "one of two contiguous groups" },
	{ "hugetlb_shared", hugetlb_all, "one huge page" },
	{ "swap", some_swap, "some pages in swap" },
	{ "swap_protnone", some_swap_no_access, "some pages in swap, no access" },
	{ "ksm", mostly_merged, "many addresses, one read-only page" },
	{ "file_private", file_private, "a quarter copied on write" },
	{ "file_shared", file_shared, "a quarter written" },
	{ "file_program", one_there, "partly mapped, read only" },
	{ "cow", all_there, "all mapped" },
	{ "locked", all_there, "all mapped" },
	{ "guard", four_markers, "four guard markers" },
	{ "uffd", half_protected, "half of it write-protected" },
	{ "uffd_swap", protected_swap, "swapped, half write-protected" },
	{ "uffd_marker", half_markers, "half of it markers" },
	{ "hwpoison", one_poisoned, "one poisoned page" },
	{ "heap", some_there, "some pages mapped" },
	{ "stack", some_there, "mapped" },
	{ "limited", some_swap, "some pages in swap" },
};

static void note_count(const char *name, const struct count *c)
{
	ktap_note("%s: pages %zu present %zu protnone %zu swap %zu marker %zu none %zu poison %zu pte %zu pmd %zu write %zu exec %zu dirty %zu zero %zu wp %zu hugetlb %zu cont %zu same_pfn %zu",
		  name, c->pages, c->present, c->protnone, c->swap, c->marker,
		  c->none, c->poison, c->pte, c->pmd, c->write, c->exec,
		  c->dirty, c->zero, c->wp, c->hugetlb, c->cont, c->same_pfn);
}

static bool truth_holds(const struct truth *t, const struct region *r,
			pid_t pid)
{
	size_t pages = (r->end - r->start) / page_B, mark = arena_mark();
	struct look *looks = arena_get(pages * sizeof(*looks));
	struct extents extents;
	struct count c;
	bool holds;

	if (extents_text(&extents, "pid=%d addr=%#llx-%#llx holes=1", pid,
			 (unsigned long long)r->start,
			 (unsigned long long)r->end))
		return false;
	looks_from_extents(&extents, r->start, r->end, looks);
	looks_add_huge_zero(looks, pages);
	count_looks(&c, looks, pages);
	holds = t->holds(&c);
	if (!holds)
		note_count(t->region, &c);
	arena_reset(mark);
	return holds;
}

static void test_truth(const struct truth *t, const struct target *target)
{
	const struct region *r = target_region(target, t->region);
	char name[80];

	snprintf(name, sizeof(name), "%s: %s", t->region, t->claim);
	if (!r)
		ktap_ok(false, "%s (target does not know it)", name);
	else if (r->absent)
		ktap_skip(name, "%s", r->absent);
	else
		ktap_ok(truth_holds(t, r, target->pid), "%s", name);
}

/**
 * truths_count() - number of regions of which something is known
 */
unsigned int truths_count(void)
{
	return ARRAY_SIZE(truths) - 1;
}

/**
 * truths_test() - one result for each region that ./target makes by itself
 * @target: the process, stopped
 */
void truths_test(const struct target *target)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(truths) - 1; i++)
		test_truth(&truths[i], target);
}

/**
 * truths_test_limited() - one result for the region of a process with a limit
 * @target: the process, stopped
 */
void truths_test_limited(const struct target *target)
{
	test_truth(&truths[ARRAY_SIZE(truths) - 1], target);
}
