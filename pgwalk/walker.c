// SPDX-License-Identifier: GPL-2.0
/*
 * The page-table walker: one address, or a range as extents.
 *
 * Tables may be freed while we read them: by munmap() of a neighbour, by
 * khugepaged, by a huge vmalloc mapping that replaces small ones. Three things
 * make that harmless and the answer true:
 *
 *  - every entry is loaded with copy_from_kernel_nofault(), so a table that is
 *    gone gives a wrong value, never an oops;
 *  - after an entry was loaded, the entry above it is loaded again: if it still
 *    points to the same table, and so on up to the top table, which the caller
 *    keeps, the table was in use when we read it. Only then is the value
 *    believed and followed. Otherwise the walk starts over;
 *  - callers hold what keeps most of that from happening at all: mmap_lock and
 *    RCU for a process, init_mm's mmap_lock and memory hotplug for the kernel.
 *
 * In a range each table is copied as a whole: a process's under the lock that
 * its page faults take (the split page-table lock), the kernel's, which have no
 * such lock, until two copies are equal; a narrow walk copies only the entries of
 * its own range. What is shown is decoded from the copy.
 *
 * The kernel may map one page over and over: KASAN does so with all of its shadow
 * that nothing needs yet, terabytes of it, by tables whose entries are all the
 * same. What lies below such entries is looked at once, and is one extent. Other
 * tables are shared as well: espfix has one for half a terabyte. Entries that lead
 * to the table of the entry before them are one record, which says so.
 *
 * Deliberately ignored: entries that change after they were read; and hugetlb
 * tables shared between processes, whose lock an unsharing process could free
 * under us: these are copied until equal as well.
 */
#include <linux/hugetlb.h>
#include <linux/leafops.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"

#define TRIES_MAX	8	/* walks or copies until one is believed */
#define BUDGET		4096	/* entries read under one hold of a lock */
#define SETTLE_MAX	1000	/* walks until an entry is taken for none */
#define COPY_COST	64	/* what copying a table counts for */

/* What an entry is, at whichever level. */
enum step {
	STEP_NONE,
	STEP_TABLE,
	STEP_LEAF,
	STEP_NOT_PRESENT,
	STEP_BAD,
};

/**
 * pgwalk_level_shift() - address bits below the index of a level
 * @level: enum mmscope_pgwalk_level
 */
unsigned int pgwalk_level_shift(unsigned int level)
{
	switch (level) {
	case MMSCOPE_LEVEL_PGD:
		return PGDIR_SHIFT;
	case MMSCOPE_LEVEL_P4D:
		return P4D_SHIFT;
	case MMSCOPE_LEVEL_PUD:
		return PUD_SHIFT;
	case MMSCOPE_LEVEL_PMD:
		return PMD_SHIFT;
	default:
		return PAGE_SHIFT;
	}
}
EXPORT_SYMBOL_NS_GPL(pgwalk_level_shift, "MMSCOPE");

/**
 * pgwalk_level_entries() - number of entries in a table of a level
 * @level: enum mmscope_pgwalk_level
 */
unsigned int pgwalk_level_entries(unsigned int level)
{
	/* Only the top table may be shorter than others; where not, nothing is asked. */
	const bool all_whole = PTRS_PER_PGD == MMS_TABLE_ENTRIES;

	if (all_whole || level != pgwalk_arch_top())
		return MMS_TABLE_ENTRIES;
	return pgwalk_arch_top_entries();
}

/**
 * pgwalk_level_index() - index of an address's entry in its table
 * @level: enum mmscope_pgwalk_level
 * @addr: virtual address
 */
unsigned int pgwalk_level_index(unsigned int level, u64 addr)
{
	return (addr >> pgwalk_level_shift(level)) &
	       (pgwalk_level_entries(level) - 1);
}

static bool load(const void *entry, u64 *raw)
{
	return !copy_from_kernel_nofault(raw, entry, sizeof(*raw));
}

/*
 * Not pud_bad() and its like: those know what the kernel's common code makes, and
 * take the tables of espfix, which are not writable, for broken.
 */
static enum step step_table(u64 raw)
{
	return pgwalk_arch_is_table(raw) ? STEP_TABLE : STEP_BAD;
}

/*
 * A pud has the form of a pmd, but up to 6.7 only the pmd helpers know a huge
 * page without access, which is present: so the order of the questions matters.
 */
static enum step step_huge(pmd_t pmd)
{
	if (pmd_none(pmd))
		return STEP_NONE;
	if (!pmd_present(pmd))
		return STEP_NOT_PRESENT;
	return pmd_leaf(pmd) ? STEP_LEAF : step_table(pmd_val(pmd));
}

static enum step step_pte(pte_t pte)
{
	if (pte_none(pte))
		return STEP_NONE;
	return pte_present(pte) ? STEP_LEAF : STEP_NOT_PRESENT;
}

static enum step step_of(unsigned int level, u64 raw)
{
	switch (level) {
	case MMSCOPE_LEVEL_PGD:
		return pgd_none(__pgd(raw)) ? STEP_NONE : step_table(raw);
	case MMSCOPE_LEVEL_P4D:
		return p4d_none(__p4d(raw)) ? STEP_NONE : step_table(raw);
	case MMSCOPE_LEVEL_PUD:
	case MMSCOPE_LEVEL_PMD:
		return step_huge(__pmd(raw));
	default:
		return step_pte(__pte(raw));
	}
}

/* The table that an entry points to; NULL if no memory can be there. */
static const void *child_of(u64 raw)
{
	u64 pfn = pgwalk_arch_table_pfn(raw);

	return pfn_valid(pfn) ? __va(PFN_PHYS(pfn)) : NULL;
}

static unsigned long leaf_pfn(unsigned int level, u64 raw)
{
	switch (level) {
	case MMSCOPE_LEVEL_PUD:
		return pud_pfn(__pud(raw));
	case MMSCOPE_LEVEL_PMD:
		return pmd_pfn(__pmd(raw));
	default:
		return pte_pfn(__pte(raw));
	}
}

/* Does an entry, loaded again, still point to this table? */
static bool still_points(const void *entry, unsigned int level,
			 const void *table)
{
	u64 raw;

	return load(entry, &raw) && step_of(level, raw) == STEP_TABLE &&
	       child_of(raw) == table;
}

static u64 table_pfn(const void *table)
{
	return PHYS_PFN(__pa(table));
}

/* ---- Decoding ---- */

/* The end of a walk: what a walk and an extent have in common. */
struct leaf {
	u64 pfn;
	u32 flags;
	u8 kind;
	u8 swap_type;
};

static const u8 soft_kinds[] = {
	[SOFTLEAF_NONE] = MMSCOPE_PG_OTHER,
	[SOFTLEAF_SWAP] = MMSCOPE_PG_SWAP,
	[SOFTLEAF_MIGRATION_READ] = MMSCOPE_PG_MIGRATION,
	[SOFTLEAF_MIGRATION_READ_EXCLUSIVE] = MMSCOPE_PG_MIGRATION,
	[SOFTLEAF_MIGRATION_WRITE] = MMSCOPE_PG_MIGRATION,
	[SOFTLEAF_DEVICE_PRIVATE_READ] = MMSCOPE_PG_DEVICE_PRIVATE,
	[SOFTLEAF_DEVICE_PRIVATE_WRITE] = MMSCOPE_PG_DEVICE_PRIVATE,
	[SOFTLEAF_DEVICE_EXCLUSIVE] = MMSCOPE_PG_DEVICE_EXCLUSIVE,
	[SOFTLEAF_HWPOISON] = MMSCOPE_PG_HWPOISON,
	[SOFTLEAF_MARKER] = MMSCOPE_PG_MARKER,
};

/* Huge entries that are not present have the form of a pte. */
static void decode_not_present(u64 raw, struct leaf *leaf)
{
	pte_t pte = __pte(raw);
	softleaf_t entry = softleaf_from_pte(pte);

	leaf->kind = soft_kinds[softleaf_type(entry)];
	leaf->pfn = softleaf_has_pfn(entry) ? softleaf_to_pfn(entry) :
					      swp_offset(entry);
	if (leaf->kind == MMSCOPE_PG_SWAP)
		leaf->swap_type = swp_type(entry);
	if (pte_swp_soft_dirty(pte))
		leaf->flags |= MMSCOPE_PG_SOFT_DIRTY;
	if (pte_swp_uffd_wp(pte))
		leaf->flags |= MMSCOPE_PG_UFFD_WP;
}

static void decode_leaf(unsigned int level, u64 raw, u32 access,
			struct leaf *leaf)
{
	leaf->pfn = leaf_pfn(level, raw);
	leaf->flags = pgwalk_arch_leaf_flags(level, raw);
	leaf->flags &= access | ~PGWALK_ACCESS;
	leaf->kind = MMSCOPE_PG_PRESENT;
	if (!pgwalk_arch_may_access(raw)) {
		leaf->kind = MMSCOPE_PG_PROTNONE;
		leaf->flags &= ~PGWALK_ACCESS;
	}
	if (pgwalk_is_zero_page(level, leaf->pfn))
		leaf->flags |= MMSCOPE_PG_ZERO;
}

static void decode(unsigned int level, u64 raw, enum step step, u32 access,
		   struct leaf *leaf)
{
	memset(leaf, 0, sizeof(*leaf));
	switch (step) {
	case STEP_NONE:
		leaf->kind = MMSCOPE_PG_NONE;
		break;
	case STEP_LEAF:
		decode_leaf(level, raw, access, leaf);
		break;
	case STEP_NOT_PRESENT:
		decode_not_present(raw, leaf);
		break;
	default:
		leaf->kind = MMSCOPE_PG_BAD;
		break;
	}
}

/* Do the pfns of an extent count up with its addresses? */
static bool counts_pages(const struct mmscope_range_record *extent)
{
	/* One small page stands for every page of an extent. */
	if (extent->flags & (MMSCOPE_PG_ZERO | MMSCOPE_PG_REPEATED) &&
	    extent->level == MMSCOPE_LEVEL_PTE)
		return false;
	switch (extent->kind) {
	case MMSCOPE_PG_NONE:
	case MMSCOPE_PG_MARKER:
	case MMSCOPE_PG_OTHER:
	case MMSCOPE_PG_BAD:
	case MMSCOPE_PG_ALIAS:
		return false;
	default:
		return true;
	}
}

/* ---- One address ---- */

static bool walk_once(const struct mms_tables *tables, u64 addr,
		      struct mmscope_walk_record *walk)
{
	const void *table = tables->root, *entry, *above = NULL;
	unsigned int level = tables->top;
	bool user = pgwalk_is_user(addr);
	u32 access = PGWALK_ACCESS;
	enum step step;
	struct leaf leaf;
	u64 raw;

	for (;; level--) {
		entry = table + pgwalk_level_index(level, addr) * sizeof(raw);
		raw = 0;
		step = load(entry, &raw) ? step_of(level, raw) : STEP_BAD;
		if (above && !still_points(above, level + 1, table))
			return false;
		walk->table_pfn[level - 1] = table_pfn(table);
		walk->entry[level - 1] = raw;
		if (step != STEP_TABLE)
			break;
		access &= pgwalk_arch_table_access(raw, user);
		above = entry;
		table = child_of(raw);
		if (!table) {
			step = STEP_BAD;
			break;
		}
	}
	decode(level, raw, step, access, &leaf);
	walk->level = level;
	walk->size_B = 1ULL << pgwalk_level_shift(level);
	walk->kind = leaf.kind;
	walk->flags = leaf.flags;
	walk->swap_type = leaf.swap_type;
	walk->pfn = leaf.pfn;
	if (pgwalk_has_pfn(leaf.kind) || leaf.kind == MMSCOPE_PG_SWAP)
		walk->pfn += (addr & (walk->size_B - 1)) >> PAGE_SHIFT;
	return true;
}

/**
 * mms_walk() - walk the page tables for one address
 * @tables: which tables
 * @addr: any canonical virtual address
 * @walk: filled in
 *
 * Mirrors what the hardware does, and gup_fast() of mm/gup.c.
 *
 * Context: Any but NMI. The caller keeps the top table: a reference to the mm,
 * or nothing for the kernel's. Holding mmap_lock or init_mm's makes retries
 * rare, but is not needed for safety.
 * Return: true, or false if the tables did not hold still; @walk is then kind
 * MMSCOPE_PG_BAD.
 */
bool mms_walk(const struct mms_tables *tables, u64 addr,
	      struct mmscope_walk_record *walk)
{
	int i;

	for (i = 0; i < TRIES_MAX; i++) {
		memset(walk, 0, sizeof(*walk));
		walk->addr = addr;
		walk->top = tables->top;
		if (walk_once(tables, addr, walk))
			return true;
	}
	walk->kind = MMSCOPE_PG_BAD;
	walk->level = tables->top;
	return false;
}
EXPORT_SYMBOL_NS_GPL(mms_walk, "MMSCOPE");

/**
 * pgwalk_count_present() - how many pages of a stretch small entries map
 * @tables: which tables
 * @addr: the first page
 * @pages: number of pages, all below one table of the last level
 *
 * Context: As for mms_walk(); held still by the lock that @addr's faults take.
 * Return: The number; 0 where the last level does not exist.
 */
unsigned int pgwalk_count_present(const struct mms_tables *tables, u64 addr,
				  unsigned int pages)
{
	struct mmscope_walk_record walk;
	unsigned int present = 0;
	const u64 *entry;
	u64 raw;

	mms_walk(tables, addr, &walk);
	if (walk.level != MMSCOPE_LEVEL_PTE || walk.kind == MMSCOPE_PG_BAD)
		return 0;
	entry = __va(PFN_PHYS(walk.table_pfn[MMSCOPE_LEVEL_PTE - 1]));
	entry += pgwalk_level_index(MMSCOPE_LEVEL_PTE, addr);
	while (pages--)
		present += load(entry++, &raw) && step_pte(__pte(raw)) == STEP_LEAF;
	return present;
}

/* ---- Tables ---- */

/* The level at which an entry leads to the table of the last visit's, or 0. */
static unsigned int same_table(const struct mmscope_walk_record *now,
			       const struct mmscope_walk_record *before)
{
	unsigned int level;

	for (level = now->top; level > now->level; level--)
		if (now->entry[level - 1] == before->entry[level - 1] &&
		    (now->addr ^ before->addr) >> pgwalk_level_shift(level))
			return level;
	return 0;
}

static u32 fresh_tables(const struct mmscope_walk_record *now,
			const struct mmscope_walk_record *before,
			unsigned int lowest)
{
	unsigned int level = max_t(unsigned int, now->level, lowest);
	u32 fresh = 0;

	for (; level <= now->top; level++)
		if (now->table_pfn[level - 1] != before->table_pfn[level - 1])
			fresh |= BIT(level);
	return fresh;
}

/**
 * pgwalk_visit() - the next tables of a range of addresses
 * @visit: where the visit stands
 *
 * A table that several addresses share is visited again for each stretch of them,
 * but not for neighbours: KASAN and espfix have terabytes of these.
 *
 * Context: As for mms_walk().
 * Return: false when all were visited.
 */
bool pgwalk_visit(struct pgwalk_visit *visit)
{
	struct mmscope_walk_record before = visit->walk;
	unsigned int step, same = 0;

	if (visit->done)
		return false;
	visit->fresh = 0;
	if (mms_walk(&visit->tables, visit->at, &visit->walk)) {
		same = same_table(&visit->walk, &before);
		visit->fresh = fresh_tables(&visit->walk, &before,
					    max(visit->lowest, same));
	}
	step = max3(visit->lowest + 1, (unsigned int)visit->walk.level, same);
	visit->at |= (1ULL << pgwalk_level_shift(step)) - 1;
	visit->done = visit->at >= visit->last;
	visit->at++;
	return true;
}

/* ---- Ranges ---- */

/* The lock under which page faults change a table. */
static spinlock_t *table_lock(struct mm_struct *mm, unsigned int level,
			      const void *table, u64 above)
{
	pmd_t pmd;

	switch (level) {
	case MMSCOPE_LEVEL_PTE:
		pmd = __pmd(above);
		return pte_lockptr(mm, &pmd);
	case MMSCOPE_LEVEL_PMD:
		return pmd_lockptr(mm, (pmd_t *)table);
	default:
		return &mm->page_table_lock;
	}
}

/* An entry at the last level, read again: is it nothing, and not on its way? */
static bool is_settled_none(struct mm_struct *mm,
			    const struct mmscope_walk_record *walk)
{
	unsigned int index = pgwalk_level_index(MMSCOPE_LEVEL_PTE, walk->addr);
	const u64 *table = __va(PFN_PHYS(walk->table_pfn[MMSCOPE_LEVEL_PTE - 1]));
	const spinlock_t *lock = table_lock(mm, MMSCOPE_LEVEL_PTE, table,
					    walk->entry[MMSCOPE_LEVEL_PMD - 1]);
	spinlock_t copy;	/* as it was at an instant */
	u64 raw;

	/* A lock that is not inside struct page goes with its table. */
	if (copy_from_kernel_nofault(&copy, lock, sizeof(copy)))
		return false;
	/* Who clears an entry for a moment has the lock all the time. */
	smp_rmb();
	return !spin_is_locked(&copy) && load(&table[index], &raw) &&
	       pte_none(__pte(raw));
}

/**
 * pgwalk_walk_settled() - walk, and look twice at what is nothing
 * @mm: whose address space, which the caller keeps; a fault that is over may have
 *	dropped its lock, and tables may go meanwhile
 * @addr: address in it
 * @walk: filled in
 *
 * Whoever changes an entry, to move its page say, clears it, has the TLBs flushed,
 * and puts the new one there, all under the table's lock. The lock is not taken
 * here, only waited for, and not for long: an entry that is on its way for all that
 * time is told as nothing.
 *
 * Context: Any but NMI, in an RCU read-side section.
 */
void pgwalk_walk_settled(struct mm_struct *mm, u64 addr,
			 struct mmscope_walk_record *walk)
{
	struct mms_tables tables;
	int i;

	mms_mm_tables(mm, addr, &tables);
	for (i = 0; i < SETTLE_MAX; i++) {
		mms_walk(&tables, addr, walk);
		if (walk->kind != MMSCOPE_PG_NONE ||
		    walk->level != MMSCOPE_LEVEL_PTE ||
		    is_settled_none(mm, walk))
			return;
		cpu_relax();
	}
}

static size_t table_size_B(unsigned int level)
{
	return pgwalk_level_entries(level) * sizeof(u64);
}

static bool copy_locked(struct mms_range *range, unsigned int level,
			const void *table, const void *above, u64 above_raw)
{
	u64 *to = range->copy[level - 1].entries;
	spinlock_t *lock = table_lock(range->mm, level, table, above_raw);
	bool ok;

	spin_lock(lock);
	ok = (!above || still_points(above, level + 1, table)) &&
	     !copy_from_kernel_nofault(to, table, table_size_B(level));
	spin_unlock(lock);
	return ok;
}

/* The part of a table on the way to an address that a copy has to hold. */
static size_t part_of_table(const struct mms_range *range, unsigned int level,
			    u64 addr, size_t *offset_B)
{
	u64 span_B = (u64)pgwalk_level_entries(level) << pgwalk_level_shift(level);
	u64 first, last;

	*offset_B = 0;
	if (!range->narrow)
		return table_size_B(level);
	first = max(range->first, addr & ~(span_B - 1));
	last = min(range->last, addr | (span_B - 1));
	*offset_B = pgwalk_level_index(level, first) * sizeof(u64);
	return (pgwalk_level_index(level, last) + 1) * sizeof(u64) - *offset_B;
}

static bool copy_until_equal(struct mms_range *range, unsigned int level,
			     u64 addr, const void *table, const void *above)
{
	size_t offset_B, size_B = part_of_table(range, level, addr, &offset_B);
	void *to = (void *)range->copy[level - 1].entries + offset_B;
	const void *from = table + offset_B;
	u64 *again = range->again;
	int i;

	if (copy_from_kernel_nofault(to, from, size_B))
		return false;
	for (i = 0; i < TRIES_MAX; i++) {
		if (copy_from_kernel_nofault(again, from, size_B))
			return false;
		if (!memcmp(to, again, size_B))
			return !above || still_points(above, level + 1, table);
		memcpy(to, again, size_B);
	}
	return false;
}

/* Have a copy of the table at a level; above is the entry that points to it. */
static bool have_copy(struct mms_range *range, unsigned int level, u64 addr,
		      const void *table, const void *above, u64 above_raw)
{
	struct mms_table_copy *copy = &range->copy[level - 1];
	bool ok;

	if (copy->table == table)
		return true;
	range->budget -= COPY_COST;
	if (range->mm && !(range->vma_flags & MMSCOPE_PG_HUGETLB))
		ok = copy_locked(range, level, table, above, above_raw);
	else
		ok = copy_until_equal(range, level, addr, table, above);
	copy->table = ok ? table : NULL;
	return ok;
}

/* Where the walk for an address ended, in the copies. */
struct spot {
	unsigned int level;
	unsigned int index;
	enum step step;
	u32 access;
};

static bool find_spot(struct mms_range *range, u64 addr, struct spot *spot)
{
	const void *table = range->tables.root, *above = NULL;
	u64 raw = 0;

	spot->access = PGWALK_ACCESS;
	for (spot->level = range->tables.top;; spot->level--) {
		if (!have_copy(range, spot->level, addr, table, above, raw))
			return false;
		spot->index = pgwalk_level_index(spot->level, addr);
		raw = range->copy[spot->level - 1].entries[spot->index];
		spot->step = step_of(spot->level, raw);
		if (spot->step != STEP_TABLE)
			return true;
		spot->access &= pgwalk_arch_table_access(raw, pgwalk_is_user(addr));
		above = table + spot->index * sizeof(raw);
		table = child_of(raw);
		if (!table)
			return false;
	}
}

static void forget_copies(struct mms_range *range)
{
	unsigned int i;

	for (i = 0; i < MMSCOPE_LEVELS; i++)
		range->copy[i].table = NULL;
}

static bool find_spot_retry(struct mms_range *range, u64 addr,
			    struct spot *spot)
{
	int i;

	for (i = 0; i < TRIES_MAX; i++) {
		if (find_spot(range, addr, spot))
			return true;
		forget_copies(range);
	}
	return false;
}

static bool extends(const struct mmscope_range_record *extent,
		    const struct mmscope_range_record *next)
{
	u64 pages = extent->size_B >> PAGE_SHIFT;

	if (extent->kind != next->kind || extent->flags != next->flags ||
	    extent->level != next->level ||
	    extent->swap_type != next->swap_type ||
	    extent->start + extent->size_B != next->start)
		return false;
	return next->pfn == extent->pfn + (counts_pages(next) ? pages : 0);
}

/* Grow the extent, or put it out and start the next; at most one record. */
static void add(struct mms_range *range,
		const struct mmscope_range_record *next,
		struct mmscope_range_record *records, unsigned int *nr)
{
	struct mmscope_range_record *extent = &range->extent;

	if (extends(extent, next)) {
		extent->size_B += next->size_B;
		return;
	}
	*nr += mms_range_end(range, &records[*nr]);
	*extent = *next;
}

/**
 * mms_range_end() - put out the last extent
 * @range: the walk
 * @records: room for one
 *
 * Return: 1, or 0 if there is none to be shown.
 */
unsigned int mms_range_end(struct mms_range *range,
			   struct mmscope_range_record *records)
{
	bool shown = range->extent.kind != MMSCOPE_PG_END &&
		     (range->holes || range->extent.kind != MMSCOPE_PG_NONE);

	if (shown)
		*records = range->extent;
	range->extent.kind = MMSCOPE_PG_END;
	return shown;
}
EXPORT_SYMBOL_NS_GPL(mms_range_end, "MMSCOPE");

/* Step behind what was reported, minding the end of the address space. */
static void advance(struct mms_range *range, u64 through)
{
	range->budget--;
	if (through >= range->last)
		range->done = true;
	else
		range->at = through + 1;
}

/**
 * mms_range_hole() - report that nothing is mapped
 * @range: the walk; from its address on
 * @last: last address of the hole
 * @records: room for one more behind @nr
 * @nr: records so far
 */
void mms_range_hole(struct mms_range *range, u64 last,
		    struct mmscope_range_record *records, unsigned int *nr)
{
	const struct mmscope_range_record hole = {
		.start = range->at,
		.size_B = last - range->at + 1,
		.kind = MMSCOPE_PG_NONE,
	};

	add(range, &hole, records, nr);
	advance(range, last);
}
EXPORT_SYMBOL_NS_GPL(mms_range_hole, "MMSCOPE");

/*
 * Do two entries say the same? Those of the kernel that lead to one table may differ
 * in whether they let users pass, as KASAN's do: what counts there is the leaf.
 */
static bool is_same(unsigned int level, bool user, u64 a, u64 b)
{
	u32 access = user ? PGWALK_ACCESS : PGWALK_ACCESS & ~MMSCOPE_PG_USER;

	if (a == b)
		return true;
	return step_of(level, a) == STEP_TABLE &&
	       step_of(level, b) == STEP_TABLE &&
	       pgwalk_arch_table_pfn(a) == pgwalk_arch_table_pfn(b) &&
	       !((pgwalk_arch_table_access(a, user) ^
		  pgwalk_arch_table_access(b, user)) & access);
}

/* The last address behind entries that are the same as the walk's own. */
static u64 same_through(const struct mms_range *range, unsigned int level)
{
	const u64 *entries = range->copy[level - 1].entries;
	unsigned int own = pgwalk_level_index(level, range->at), next;
	u64 size_B = 1ULL << pgwalk_level_shift(level);
	bool user = pgwalk_is_user(range->at);

	for (next = own + 1; next < pgwalk_level_entries(level); next++)
		if (!is_same(level, user, entries[next], entries[own]))
			break;
	return (range->at | (size_B - 1)) + (next - own - 1) * size_B;
}

/* Report one entry, or the part of it inside the range; if empty, all in a row. */
static void add_entry(struct mms_range *range, const struct spot *spot,
		      unsigned int index, u64 last,
		      struct mmscope_range_record *records, unsigned int *nr)
{
	u64 raw = range->copy[spot->level - 1].entries[index];
	u64 size_B = 1ULL << pgwalk_level_shift(spot->level);
	u64 through = min(range->at | (size_B - 1), last);
	struct mmscope_range_record next;
	struct leaf leaf;

	decode(spot->level, raw, step_of(spot->level, raw), spot->access, &leaf);
	if (leaf.kind == MMSCOPE_PG_NONE) {
		through = min(same_through(range, spot->level), last);
		mms_range_hole(range, through, records, nr);
		return;
	}
	next = (struct mmscope_range_record) {
		.start = range->at,
		.size_B = through - range->at + 1,
		.pfn = leaf.pfn,
		.flags = leaf.flags | range->vma_flags,
		.kind = leaf.kind,
		.level = spot->level,
		.swap_type = leaf.swap_type,
	};
	if (counts_pages(&next))
		next.pfn += (range->at & (size_B - 1)) >> PAGE_SHIFT;
	add(range, &next, records, nr);
	advance(range, through);
}

/* Of the kernel's tables: are all entries the same? */
static bool is_uniform(const struct mms_range *range, unsigned int level)
{
	const u64 *entries = range->copy[level - 1].entries;
	unsigned int i;

	for (i = 1; i < pgwalk_level_entries(level); i++)
		if (!is_same(level, false, entries[i], entries[0]))
			return false;
	return true;
}

/*
 * Report what is one page over and over: as long as each table on the way up
 * leads everywhere to the same, so does the entry that points to it.
 */
static bool add_repeated(struct mms_range *range, const struct spot *spot,
			 u64 last, struct mmscope_range_record *records,
			 unsigned int *nr)
{
	unsigned int level = MMSCOPE_LEVEL_PTE;
	struct mmscope_range_record next;
	struct leaf leaf;
	u64 through;

	if (range->mm || range->narrow || spot->level != level ||
	    spot->step != STEP_LEAF || !is_uniform(range, level))
		return false;
	while (level < range->tables.top && is_uniform(range, level))
		level++;
	through = min(same_through(range, level), last);
	decode(spot->level, range->copy[spot->level - 1].entries[spot->index],
	       spot->step, spot->access, &leaf);
	next = (struct mmscope_range_record) {
		.start = range->at,
		.size_B = through - range->at + 1,
		.pfn = leaf.pfn,
		.flags = leaf.flags | MMSCOPE_PG_REPEATED,
		.kind = leaf.kind,
		.level = spot->level,
	};
	add(range, &next, records, nr);
	advance(range, through);
	return true;
}

/* Does the walk stand where an entry leads to the table of the one before it? */
static bool is_alias(const struct mms_range *range, unsigned int level)
{
	const u64 *entries = range->copy[level - 1].entries;
	unsigned int index = pgwalk_level_index(level, range->at);
	u64 size_B = 1ULL << pgwalk_level_shift(level);

	return index && !(range->at & (size_B - 1)) &&
	       range->at - range->first >= size_B &&
	       is_same(level, false, entries[index], entries[index - 1]);
}

/* Report all entries in a row that lead to the table which was just walked. */
static bool add_alias(struct mms_range *range, const struct spot *spot,
		      u64 last, struct mmscope_range_record *records,
		      unsigned int *nr)
{
	unsigned int level = range->tables.top;
	struct mmscope_range_record next;
	u64 through, raw;

	if (range->mm || range->narrow || range->at & (PMD_SIZE - 1))
		return false;
	while (level > spot->level && !is_alias(range, level))
		level--;
	if (level == spot->level)
		return false;
	raw = range->copy[level - 1].entries[pgwalk_level_index(level, range->at)];
	through = min(same_through(range, level), last);
	next = (struct mmscope_range_record) {
		.start = range->at,
		.size_B = through - range->at + 1,
		.pfn = pgwalk_arch_table_pfn(raw),
		.kind = MMSCOPE_PG_ALIAS,
		.level = level,
	};
	add(range, &next, records, nr);
	advance(range, through);
	return true;
}

/* Report an entry and all behind it in the same table, up to the next table. */
static void add_run(struct mms_range *range, const struct spot *spot, u64 last,
		    struct mmscope_range_record *records, unsigned int max,
		    unsigned int *nr)
{
	const u64 *entries = range->copy[spot->level - 1].entries;
	unsigned int index = spot->index;

	do {
		add_entry(range, spot, index, last, records, nr);
		index = pgwalk_level_index(spot->level, range->at);
	} while (!range->done && range->at <= last && *nr < max &&
		 range->budget > 0 && index &&
		 step_of(spot->level, entries[index]) != STEP_TABLE);
}

/* A table that never held still, or is none: say so for all it covers. */
static void add_bad(struct mms_range *range, const struct spot *spot, u64 last,
		    struct mmscope_range_record *records, unsigned int *nr)
{
	unsigned int level = min(spot->level + 1, (unsigned int)range->tables.top);
	u64 size_B = 1ULL << pgwalk_level_shift(level);
	u64 through = min(range->at | (size_B - 1), last);
	const struct mmscope_range_record bad = {
		.start = range->at,
		.size_B = through - range->at + 1,
		.kind = MMSCOPE_PG_BAD,
		.level = level,
	};

	add(range, &bad, records, nr);
	advance(range, through);
}

/**
 * mms_range_begin() - start a walk
 * @range: tables, mm, at, last and holes are set, all else is 0
 */
void mms_range_begin(struct mms_range *range)
{
	range->first = range->at;
	range->extent.kind = MMSCOPE_PG_END;
}
EXPORT_SYMBOL_NS_GPL(mms_range_begin, "MMSCOPE");

/**
 * mms_range_relocked() - the lock was taken anew: trust no copy, read a batch
 * @range: the walk
 */
void mms_range_relocked(struct mms_range *range)
{
	forget_copies(range);
	range->budget = BUDGET;
}
EXPORT_SYMBOL_NS_GPL(mms_range_relocked, "MMSCOPE");

/**
 * mms_range_walk() - walk on
 * @range: the walk, from its address on
 * @last: walk no further than this address, included
 * @records: extents that are complete
 * @max: room in @records
 *
 * Mirrors walk_page_range() of mm/pagewalk.c and ptdump of mm/ptdump.c.
 *
 * Context: As for mms_walk(), and for a process: mmap_lock held for reading, in
 * an RCU read-side section, @last inside the VMA that holds the address.
 * Return: The number of @records. The walk is behind @last, or @max or the
 * budget of this hold is used up.
 */
unsigned int mms_range_walk(struct mms_range *range, u64 last,
			    struct mmscope_range_record *records,
			    unsigned int max)
{
	unsigned int nr = 0;
	struct spot spot;

	while (!range->done && range->at <= last && nr < max &&
	       range->budget > 0) {
		if (!find_spot_retry(range, range->at, &spot))
			add_bad(range, &spot, last, records, &nr);
		else if (!add_repeated(range, &spot, last, records, &nr) &&
			 !add_alias(range, &spot, last, records, &nr))
			add_run(range, &spot, last, records, max, &nr);
	}
	return nr;
}
EXPORT_SYMBOL_NS_GPL(mms_range_walk, "MMSCOPE");
