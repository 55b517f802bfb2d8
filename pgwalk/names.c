// SPDX-License-Identifier: GPL-2.0
/*
 * Words for what a walk found. No state, no locks.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "pgwalk.h"

static const char *const kind_names[] = {
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

/**
 * pgwalk_kind_name() - the word for how a walk ended
 * @kind: enum mmscope_pgwalk_kind
 */
const char *pgwalk_kind_name(unsigned int kind)
{
	return kind < ARRAY_SIZE(kind_names) ? kind_names[kind] : "bad";
}
EXPORT_SYMBOL_NS_GPL(pgwalk_kind_name, "MMSCOPE");

/**
 * pgwalk_level_name() - the kernel's word for a level
 * @level: enum mmscope_pgwalk_level; 0: no level
 * @top: level of the top table, which is always called pgd
 */
const char *pgwalk_level_name(unsigned int level, unsigned int top)
{
	static const char *const names[] = {
		[0] = "-",
		[MMSCOPE_LEVEL_PTE] = "pte",
		[MMSCOPE_LEVEL_PMD] = "pmd",
		[MMSCOPE_LEVEL_PUD] = "pud",
		[MMSCOPE_LEVEL_P4D] = "p4d",
		[MMSCOPE_LEVEL_PGD] = "pgd",
	};

	if (level && level == top)
		return "pgd";
	return level < ARRAY_SIZE(names) ? names[level] : "-";
}
EXPORT_SYMBOL_NS_GPL(pgwalk_level_name, "MMSCOPE");

/**
 * pgwalk_has_pfn() - does the pfn of this kind name a page frame?
 * @kind: enum mmscope_pgwalk_kind
 */
bool pgwalk_has_pfn(unsigned int kind)
{
	switch (kind) {
	case MMSCOPE_PG_PRESENT:
	case MMSCOPE_PG_PROTNONE:
	case MMSCOPE_PG_MIGRATION:
	case MMSCOPE_PG_HWPOISON:
	case MMSCOPE_PG_DEVICE_PRIVATE:
	case MMSCOPE_PG_DEVICE_EXCLUSIVE:
		return true;
	default:
		return false;
	}
}
EXPORT_SYMBOL_NS_GPL(pgwalk_has_pfn, "MMSCOPE");

/**
 * pgwalk_show_names() - print the names of the bits that are set
 * @m: where to print
 * @bits: the bits
 * @names: their names
 * @nr: number of @names
 * @separator: between two names
 * @follows: something stands in the list already; else an empty list is "-"
 */
void pgwalk_show_names(struct seq_file *m, u64 bits,
		       const struct pgwalk_name *names, unsigned int nr,
		       char separator, bool follows)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!(bits & names[i].mask))
			continue;
		if (follows)
			seq_putc(m, separator);
		seq_puts(m, names[i].name);
		follows = true;
	}
	if (!follows)
		seq_putc(m, '-');
}
EXPORT_SYMBOL_NS_GPL(pgwalk_show_names, "MMSCOPE");

/**
 * pgwalk_show_perms() - print what may be done, as "rw-u"
 * @m: where to print
 * @kind: enum mmscope_pgwalk_kind; only what is present allows anything
 * @flags: MMSCOPE_PG_*
 */
void pgwalk_show_perms(struct seq_file *m, unsigned int kind, u32 flags)
{
	if (kind != MMSCOPE_PG_PRESENT) {
		seq_puts(m, kind == MMSCOPE_PG_PROTNONE ? "----" : "-");
		return;
	}
	seq_putc(m, flags & MMSCOPE_PG_NOREAD ? '-' : 'r');
	seq_putc(m, flags & MMSCOPE_PG_WRITE ? 'w' : '-');
	seq_putc(m, flags & MMSCOPE_PG_EXEC ? 'x' : '-');
	seq_putc(m, flags & MMSCOPE_PG_USER ? 'u' : 'k');
}
EXPORT_SYMBOL_NS_GPL(pgwalk_show_perms, "MMSCOPE");

/**
 * pgwalk_show_detail() - print all else that is known, as a comma list
 * @m: where to print
 * @kind: enum mmscope_pgwalk_kind
 * @level: enum mmscope_pgwalk_level
 * @flags: MMSCOPE_PG_*
 * @pfn: swap offset, marker bits or table, by @kind
 * @swap_type: swap device
 */
void pgwalk_show_detail(struct seq_file *m, unsigned int kind,
			unsigned int level, u32 flags, u64 pfn,
			unsigned int swap_type)
{
	static const struct pgwalk_name names[] = {
		{ MMSCOPE_PG_ACCESSED, "accessed" },
		{ MMSCOPE_PG_DIRTY, "dirty" },
		{ MMSCOPE_PG_GLOBAL, "global" },
		{ MMSCOPE_PG_SOFT_DIRTY, "soft_dirty" },
		{ MMSCOPE_PG_UFFD_WP, "uffd_wp" },
		{ MMSCOPE_PG_SPECIAL, "special" },
		{ MMSCOPE_PG_CONT, "cont" },
		{ MMSCOPE_PG_ZERO, "zero" },
		{ MMSCOPE_PG_HUGETLB, "hugetlb" },
		{ MMSCOPE_PG_PFNMAP, "pfnmap" },
		{ MMSCOPE_PG_WEAK, "weak" },
		{ MMSCOPE_PG_REPEATED, "repeated" },
	};
	const u32 not_thp = MMSCOPE_PG_HUGETLB | MMSCOPE_PG_PFNMAP |
			    MMSCOPE_PG_SPECIAL;
	bool follows = true;

	if (kind == MMSCOPE_PG_SWAP)
		seq_printf(m, "swap:%u:%#llx", swap_type, pfn);
	else if (kind == MMSCOPE_PG_MARKER)
		seq_printf(m, "marker:%#llx", pfn);
	else if (kind == MMSCOPE_PG_ALIAS)
		seq_printf(m, "table:%#llx", pfn);
	else if (kind == MMSCOPE_PG_PRESENT && level > MMSCOPE_LEVEL_PTE &&
		 flags & MMSCOPE_PG_USER && !(flags & not_thp))
		seq_puts(m, "thp");
	else
		follows = false;
	pgwalk_show_names(m, flags, names, ARRAY_SIZE(names), ',', follows);
}

/**
 * pgwalk_show_entry() - print what a walk found, as "kind perms detail"
 * @m: where to print
 * @walk: the walk
 */
void pgwalk_show_entry(struct seq_file *m,
		       const struct mmscope_walk_record *walk)
{
	seq_printf(m, "%s ", pgwalk_kind_name(walk->kind));
	pgwalk_show_perms(m, walk->kind, walk->flags);
	seq_putc(m, ' ');
	pgwalk_show_detail(m, walk->kind, walk->level, walk->flags, walk->pfn,
			   walk->swap_type);
}
