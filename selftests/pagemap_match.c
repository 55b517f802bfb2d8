// SPDX-License-Identifier: GPL-2.0
/*
 * Every page of every mapping, as range, range.bin and walk.bin tell it, against
 * /proc/PID/pagemap; and the sums of every mapping against smaps.
 *
 * The processes are ./target, which owns every kind of user memory (its lines
 * say what was made), the child it forked, a target in a cgroup that is too
 * small for it, and this test itself. A target is stopped while it is looked at.
 * The kernel may still move its pages: pagemap is read before and after, and a
 * mapping that changed in between is looked at again. No page is left out.
 *
 * What pagemap cannot tell, by its own source (fs/proc/task_mmu.c):
 * - nothing of a VM_PFNMAP mapping, which it shows as a hole;
 * - nothing of the vsyscall page, which no VMA holds;
 * - no soft-dirty bit of a hugetlb page;
 * - no uffd-wp bit before 5.15 (fb8e37f35a2f).
 *
 * pagemap_match.sh sets up swap, huge pages, KSM and the cgroup.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mmscope/pgwalk.h>

#include "ktap.h"
#include "lib.h"
#include "truths.h"

#define ARENA_B		(48UL << 20)
#define ATTEMPTS	20
#define NOTES_MAX	20
#define WALK_BATCH	512
#define MAX_KINDS	96
#define SWAP_PFN_MASK	GENMASK_ULL(39, 0)	/* the rest: young and dirty bits */

/* Flags that text and binary both show. */
#define TWIN_FLAGS	(MMSCOPE_PG_WRITE | MMSCOPE_PG_EXEC | MMSCOPE_PG_USER | \
			 MMSCOPE_PG_SOFT_DIRTY | MMSCOPE_PG_UFFD_WP | \
			 MMSCOPE_PG_SPECIAL | MMSCOPE_PG_CONT | \
			 MMSCOPE_PG_ZERO | MMSCOPE_PG_HUGETLB | \
			 MMSCOPE_PG_PFNMAP)

enum view {
	VIEW_TEXT,
	VIEW_BIN,
	VIEW_WALK,
	VIEW_COUNT
};

static const char * const view_names[] = {
	[VIEW_TEXT] = "range",
	[VIEW_BIN] = "range.bin",
	[VIEW_WALK] = "walk.bin",
};

/* One kind of mapping, for the totals. */
struct total {
	char name[40];
	unsigned long pages, present, swap, other, none;
};

/**
 * struct process - what is being looked at
 * @who: "self" or the pid
 * @target: whose regions name its mappings, or NULL
 * @itself: it is this test
 * @walk_fd: walk.bin, asked for this process
 * @pages: all pages of all mappings
 * @mismatches: defects
 */
struct process {
	char who[16];
	const struct target *target;
	bool itself;
	int pagemap_fd, walk_fd;
	unsigned long pages, excepted, mismatches, vmas;
	struct total totals[MAX_KINDS];
	unsigned int nr_totals;
};

/* One mapping: the oracle, and our three views of it. */
struct views {
	u64 *map, *after;
	struct look *look[VIEW_COUNT];
};

static unsigned int notes;

/* Whether this kernel's pagemap knows uffd-wp: told by the "uffd" region. */
static bool pagemap_has_wp;

static void mismatch(struct process *p, u64 addr, const char *view,
		     const char *what, const struct look *l, u64 map)
{
	p->mismatches++;
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH pid %s addr %#llx %s: %s; %s level %u pfn %#llx flags %#x swap_type %u, pagemap %#llx",
			  p->who, (unsigned long long)addr, view, what,
			  kind_name(l->kind), l->level,
			  (unsigned long long)l->pfn, l->flags, l->swap_type,
			  (unsigned long long)map);
}

static u64 pm_swap_type(u64 map)
{
	return map & 31;
}

static u64 pm_swap_offset(u64 map)
{
	return (map & PM_PFN) >> 5;
}

/* Kind and place of one page; NULL when pagemap says the same. */
static const char *place_differs(const struct look *l, u64 map)
{
	bool present = map & PM_PRESENT, swap = map & PM_SWAP;

	switch (l->kind) {
	case MMSCOPE_PG_NONE:
		return present || swap ? "none" : NULL;
	case MMSCOPE_PG_PRESENT:
	case MMSCOPE_PG_PROTNONE:
		if (!present)
			return "present";
		return l->pfn == (map & PM_PFN) ? NULL : "pfn";
	case MMSCOPE_PG_SWAP:
		if (!swap)
			return "swap";
		if (l->swap_type != pm_swap_type(map))
			return "swap type";
		return l->pfn == pm_swap_offset(map) ? NULL : "swap offset";
	case MMSCOPE_PG_MARKER:
		if (!swap)
			return "marker";
		return l->pfn == pm_swap_offset(map) ? NULL : "marker bits";
	case MMSCOPE_PG_MIGRATION:
	case MMSCOPE_PG_HWPOISON:
	case MMSCOPE_PG_DEVICE_PRIVATE:
	case MMSCOPE_PG_DEVICE_EXCLUSIVE:
		if (!swap)
			return "special swap entry";
		return l->pfn == (pm_swap_offset(map) & SWAP_PFN_MASK) ?
			NULL : "pfn of a special swap entry";
	default:
		return "an entry that pgwalk could not make out";
	}
}

static bool soft_dirty_differs(const struct vma *vma, const struct look *l,
			       u64 map)
{
	bool ours = l->flags & MMSCOPE_PG_SOFT_DIRTY;

	if (vma_flag(vma, "ht"))
		ours = false;
	return !!(map & PM_SOFT_DIRTY) != (ours || vma_flag(vma, "sd"));
}

static bool uffd_wp_differs(const struct look *l, u64 map)
{
	if (!pagemap_has_wp || l->kind == MMSCOPE_PG_MARKER)
		return false;
	return !!(map & PM_UFFD_WP) != !!(l->flags & MMSCOPE_PG_UFFD_WP);
}

/* What the mapping may do bounds what its entries may do. */
static const char *perms_differ(const struct vma *vma, const struct look *l)
{
	bool exec = l->flags & MMSCOPE_PG_EXEC;

	if (l->kind == MMSCOPE_PG_PROTNONE &&
	    l->flags & (MMSCOPE_PG_WRITE | MMSCOPE_PG_EXEC))
		return "access to a page that nobody may touch";
	if (l->kind != MMSCOPE_PG_PRESENT)
		return NULL;
	if (!(l->flags & MMSCOPE_PG_USER))
		return "user page without user access";
	if (l->flags & MMSCOPE_PG_WRITE && vma->perms[1] != 'w')
		return "writable in a mapping that is not";
	if (exec != (vma->perms[2] == 'x'))
		return "execute permission";
	return NULL;
}

static void compare_page(struct process *p, const struct vma *vma, u64 addr,
			 const struct look *l, const char *view, u64 map)
{
	const char *what = NULL;

	if (!l->seen)
		what = "page left out";
	if (!what && !vma_flag(vma, "pf"))
		what = place_differs(l, map);
	if (!what && !vma_flag(vma, "pf") && soft_dirty_differs(vma, l, map))
		what = "soft-dirty";
	if (!what && uffd_wp_differs(l, map))
		what = "uffd-wp";
	if (!what)
		what = perms_differ(vma, l);
	if (what)
		mismatch(p, addr, view, what, l, map);
}

/* A page of ours may become writable while we write the views into it. */
static bool looks_equal(const struct process *p, const struct look *a,
			const struct look *b)
{
	u32 flags = p->itself ? TWIN_FLAGS & ~MMSCOPE_PG_WRITE : TWIN_FLAGS;

	return a->kind == b->kind && a->pfn == b->pfn &&
	       (a->kind == MMSCOPE_PG_NONE || a->level == b->level) &&
	       a->swap_type == b->swap_type &&
	       (a->flags & flags) == (b->flags & flags);
}

static u64 level_size_B(unsigned int level)
{
	return page_B << (9 * (level - 1));
}

static bool walk_good(const struct mmscope_walk_record *r, u64 addr)
{
	unsigned int i;

	if (r->addr != addr || r->level < MMSCOPE_LEVEL_PTE ||
	    r->level > r->top || r->top > MMSCOPE_LEVELS)
		return false;
	if (r->size_B != level_size_B(r->level) &&
	    !(r->flags & MMSCOPE_PG_HUGETLB))
		return false;
	/* Every level that was passed has an entry, and none below. */
	for (i = 0; i < MMSCOPE_LEVELS; i++) {
		if (i >= r->level && i < r->top && !r->entry[i])
			return false;
		if (i < r->level - 1U && (r->entry[i] || r->table_pfn[i]))
			return false;
	}
	return !r->entry[r->level - 1] == (r->kind == MMSCOPE_PG_NONE);
}

static bool walk_read(struct process *p, const struct vma *vma,
		      struct look *looks)
{
	size_t pages = (vma->end - vma->start) / page_B, at, i, nr;
	struct mmscope_walk_record *r;

	r = arena_get(WALK_BATCH * sizeof(*r));
	for (at = 0; at < pages; at += nr) {
		u64 addr = vma->start + at * page_B;
		ssize_t got;

		nr = pages - at < WALK_BATCH ? pages - at : WALK_BATCH;
		got = pread(p->walk_fd, r, nr * sizeof(*r),
			    addr / page_B * sizeof(*r));
		if (got != (ssize_t)(nr * sizeof(*r))) {
			ktap_note("walk.bin %#llx: read of %zu records gave %zd: %m",
				  (unsigned long long)addr, nr, got);
			return false;
		}
		for (i = 0; i < nr; i++) {
			if (!walk_good(&r[i], addr + i * page_B)) {
				ktap_note("walk.bin %#llx: record is not in itself right: addr %#llx size %llu kind %u level %u top %u",
					  (unsigned long long)addr + i * page_B,
					  (unsigned long long)r[i].addr,
					  (unsigned long long)r[i].size_B,
					  r[i].kind, r[i].level, r[i].top);
				return false;
			}
			looks[at + i] = (struct look) {
				.pfn = r[i].pfn, .flags = r[i].flags,
				.kind = r[i].kind, .level = r[i].level,
				.swap_type = r[i].swap_type, .seen = true,
			};
		}
	}
	return true;
}

static bool extents_good(struct process *p, const struct extents *extents,
			 const struct vma *vma, const char *view)
{
	if (!extents_sorted(extents, vma->start, vma->end))
		return false;
	if (!extents->truncated)
		return true;
	ktap_note("pid %s %#llx: %s is truncated", p->who,
		  (unsigned long long)vma->start, view);
	return false;
}

/* Our three views of one mapping. */
static bool take_views(struct process *p, const struct vma *vma,
		       struct views *v)
{
	unsigned long long start = vma->start, end = vma->end;
	struct extents extents;
	int err;

	err = extents_text(&extents, "pid=%s addr=%#llx-%#llx holes=1", p->who,
			   start, end);
	if (err || !extents_good(p, &extents, vma, "range"))
		goto failed;
	looks_from_extents(&extents, vma->start, vma->end, v->look[VIEW_TEXT]);

	err = extents_bin(&extents, "pid=%s addr=%#llx-%#llx holes=1", p->who,
			  start, end);
	if (err || !extents_good(p, &extents, vma, "range.bin"))
		goto failed;
	looks_from_extents(&extents, vma->start, vma->end, v->look[VIEW_BIN]);
	return walk_read(p, vma, v->look[VIEW_WALK]);
failed:
	ktap_note("pid %s %#llx-%#llx: no good answer (%s)", p->who, start, end,
		  strerror(-err));
	return false;
}

/* Until pagemap is the same before and after. */
static bool take_still(struct process *p, const struct vma *vma,
		       struct views *v)
{
	size_t pages = (vma->end - vma->start) / page_B, mark = arena_mark();
	int attempt;

	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		arena_reset(mark);
		if (!pagemap_read(p->pagemap_fd, vma->start, pages, v->map) ||
		    !take_views(p, vma, v) ||
		    !pagemap_read(p->pagemap_fd, vma->start, pages, v->after))
			return false;
		if (!memcmp(v->map, v->after, pages * sizeof(*v->map)))
			return true;
	}
	ktap_note("pid %s %#llx: pages did not come to rest", p->who,
		  (unsigned long long)vma->start);
	return false;
}

static void views_alloc(struct views *v, size_t pages)
{
	int i;

	v->map = arena_get(pages * sizeof(*v->map));
	v->after = arena_get(pages * sizeof(*v->after));
	for (i = 0; i < VIEW_COUNT; i++)
		v->look[i] = arena_get(pages * sizeof(*v->look[i]));
}

static const char *kind_of_vma(const struct process *p, const struct vma *vma)
{
	const struct target *t = p->target;
	unsigned int i;

	for (i = 0; t && i < t->nr; i++)
		if (!t->regions[i].absent && t->regions[i].start >= vma->start &&
		    t->regions[i].start < vma->end)
			return t->regions[i].name;
	if (vma->name[0] == '[')
		return vma->name;
	return vma->name[0] == '/' ? "file" : "anon";
}

static void add_total(struct process *p, const char *name,
		      const struct look *looks, size_t pages)
{
	struct total *t = p->totals;
	size_t i;

	while (t < p->totals + p->nr_totals && strcmp(t->name, name))
		t++;
	if (t == p->totals + MAX_KINDS)
		return;
	if (t == p->totals + p->nr_totals) {
		p->nr_totals++;
		snprintf(t->name, sizeof(t->name), "%.39s", name);
	}
	t->pages += pages;
	for (i = 0; i < pages; i++) {
		t->present += looks[i].kind == MMSCOPE_PG_PRESENT ||
			      looks[i].kind == MMSCOPE_PG_PROTNONE;
		t->swap += looks[i].kind == MMSCOPE_PG_SWAP;
		t->none += looks[i].kind == MMSCOPE_PG_NONE;
	}
	t->other = t->pages - t->present - t->swap - t->none;
}

static void print_totals(const struct process *p)
{
	const struct total *t;

	ktap_note("pid %s: %lu mappings, %lu pages, %lu of vsyscall excepted, %lu mismatches",
		  p->who, p->vmas, p->pages, p->excepted, p->mismatches);
	for (t = p->totals; t < p->totals + p->nr_totals; t++)
		ktap_note("  %-20s pages %6lu present %6lu swap %5lu other %5lu none %6lu",
			  t->name, t->pages, t->present, t->swap, t->other,
			  t->none);
}

/*
 * Sums of our pages as smaps counts them. Some kernels count the page behind a
 * special swap entry (migration, poison) as resident, some do not: odd.
 */
struct sums {
	unsigned long rss, odd, swap, huge, hugetlb;
};

static void add_sums(struct sums *s, const struct look *l)
{
	bool mapped = l->kind == MMSCOPE_PG_PRESENT ||
		      l->kind == MMSCOPE_PG_PROTNONE;

	s->swap += l->kind == MMSCOPE_PG_SWAP;
	s->odd += l->kind == MMSCOPE_PG_MIGRATION ||
		  l->kind == MMSCOPE_PG_HWPOISON;
	if (!mapped || l->flags & (MMSCOPE_PG_ZERO | MMSCOPE_PG_SPECIAL))
		return;
	if (l->flags & MMSCOPE_PG_HUGETLB) {
		s->hugetlb++;
		return;
	}
	s->rss++;
	s->huge += l->level > MMSCOPE_LEVEL_PTE;
}

static void check_sum(struct process *p, const struct vma *vma,
		      const char *name, unsigned long pages, unsigned long odd,
		      unsigned long kib)
{
	unsigned long got = kib / (page_B / 1024);

	if (got == pages || got == pages + odd)
		return;
	p->mismatches++;
	ktap_note("MISMATCH pid %s %#llx %s: %s %lu pages, smaps %lu KiB",
		  p->who, (unsigned long long)vma->start, vma->name, name,
		  pages, kib);
}

static void compare_smaps(struct process *p, const struct vma *vma,
			  const struct look *looks, size_t pages)
{
	struct sums s = { 0 };
	size_t i;

	for (i = 0; i < pages; i++)
		add_sums(&s, &looks[i]);
	/* Kernels of 6.1's time leave out huge pages that nobody may touch. */
	if (strncmp(vma->perms, "---", 3)) {
		check_sum(p, vma, "Rss", s.rss, s.odd, vma->kib[SMAPS_RSS]);
		check_sum(p, vma, "huge pages", s.huge, 0,
			  vma->kib[SMAPS_ANON_HUGE] +
			  vma->kib[SMAPS_SHMEM_PMD] + vma->kib[SMAPS_FILE_PMD]);
	}
	check_sum(p, vma, "hugetlb", s.hugetlb, 0,
		  vma->kib[SMAPS_SHARED_HUGETLB] +
		  vma->kib[SMAPS_PRIVATE_HUGETLB]);
	/* For shmem, smaps adds what is swapped out of the file itself. */
	if (!vma->inode)
		check_sum(p, vma, "Swap", s.swap, 0, vma->kib[SMAPS_SWAP]);
}

static void compare_vma(struct process *p, const struct vma *vma)
{
	size_t pages = (vma->end - vma->start) / page_B, i, mark = arena_mark();
	struct views v;
	int view;

	p->vmas++;
	p->pages += pages;
	views_alloc(&v, pages);
	if (!take_still(p, vma, &v)) {
		p->mismatches++;
		goto out;
	}
	for (i = 0; i < pages; i++) {
		u64 addr = vma->start + i * page_B;

		for (view = 0; view < VIEW_COUNT; view++)
			compare_page(p, vma, addr, &v.look[view][i],
				     view_names[view], v.map[i]);
		for (view = 1; view < VIEW_COUNT; view++)
			if (!looks_equal(p, &v.look[0][i], &v.look[view][i]))
				mismatch(p, addr, view_names[view],
					 "not what range says",
					 &v.look[view][i], v.look[0][i].pfn);
	}
	looks_add_huge_zero(v.look[VIEW_TEXT], pages);
	/* A VM_PFNMAP mapping has no pages that anybody counts. */
	if (!p->itself && !vma_flag(vma, "pf"))
		compare_smaps(p, vma, v.look[VIEW_TEXT], pages);
	add_total(p, kind_of_vma(p, vma), v.look[VIEW_TEXT], pages);
out:
	arena_reset(mark);
}

/* All VMAs in one answer: the same pages, and nothing between the VMAs. */
static void compare_whole(struct process *p, const struct vma *vmas, int nr,
			  bool binary)
{
	const char *view = binary ? "range.bin, whole" : "range, whole";
	size_t seen = 0, mapped = 0, mark = arena_mark(), i;
	struct extents extents;
	int err, v;

	err = binary ? extents_bin(&extents, "pid=%s", p->who) :
		       extents_text(&extents, "pid=%s", p->who);
	if (err || !extents_sorted(&extents, 0, 0) || extents.truncated) {
		ktap_note("pid %s %s: no good answer (%s)", p->who, view,
			  strerror(-err));
		p->mismatches++;
		goto out;
	}
	for (i = 0; i < extents.nr; i++)
		mapped += extents.e[i].size_B / page_B;
	for (v = 0; v < nr; v++) {
		size_t inner = arena_mark();
		size_t pages = (vmas[v].end - vmas[v].start) / page_B;
		struct look *looks = arena_get(pages * sizeof(*looks));

		seen += looks_from_extents(&extents, vmas[v].start, vmas[v].end,
					   looks);
		arena_reset(inner);
	}
	if (mapped != seen) {
		ktap_note("MISMATCH pid %s %s: %zu pages, %zu of them in a mapping",
			  p->who, view, mapped, seen);
		p->mismatches++;
	}
out:
	arena_reset(mark);
}

static bool is_vsyscall(const struct vma *vma)
{
	return !strcmp(vma->name, "[vsyscall]");
}

static bool process_open(struct process *p, const char *who)
{
	char words[32];

	snprintf(p->who, sizeof(p->who), "%s", who);
	p->itself = !strcmp(who, "self");
	p->pagemap_fd = proc_open(who, "pagemap", O_RDONLY);
	p->walk_fd = open(MMSCOPE_DIR "pgwalk/walk.bin", O_RDWR | O_CLOEXEC);
	snprintf(words, sizeof(words), "pid=%s", who);
	if (p->pagemap_fd < 0 || p->walk_fd < 0 ||
	    write(p->walk_fd, words, strlen(words)) < 0) {
		ktap_note("pid %s cannot be looked at: %m", who);
		return false;
	}
	return true;
}

/* All of one process; true when nothing differs. */
static bool compare_process(const char *who, const struct target *target)
{
	struct process *p = arena_get(sizeof(*p));
	struct vma *vmas;
	int nr, i;

	memset(p, 0, sizeof(*p));
	p->target = target;
	if (!process_open(p, who))
		return false;
	nr = vmas_read(who, &vmas);
	if (nr <= 0)
		p->mismatches++;
	for (i = 0; i < nr; i++) {
		if (is_vsyscall(&vmas[i]))
			p->excepted++;
		else
			compare_vma(p, &vmas[i]);
	}
	/* Our own mappings move while we look at all of them at once. */
	if (!p->itself && nr > 0) {
		compare_whole(p, vmas, nr, false);
		compare_whole(p, vmas, nr, true);
	}
	print_totals(p);
	close(p->pagemap_fd);
	close(p->walk_fd);
	return !p->mismatches;
}

/* ---- The tests ---- */

static void hold_still(pid_t pid, bool is_child_of_ours)
{
	char path[32], *text;
	int i, status;

	kill(pid, SIGSTOP);
	if (is_child_of_ours) {
		waitpid(pid, &status, WUNTRACED);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (i = 0; i < 1000; i++) {
		text = read_file(path, NULL);
		if (text && strstr(text, ") T "))
			return;
		usleep(1000);
	}
	ktap_note("pid %d did not stop", pid);
}

static const char *pid_name(char *buf, pid_t pid)
{
	snprintf(buf, 16, "%d", pid);
	return buf;
}

static void learn_wp(const struct target *target)
{
	const struct region *r = target_region(target, "uffd");
	char who[16];
	u64 map = 0;
	int fd;

	if (!r || r->absent)
		return;
	fd = proc_open(pid_name(who, target->pid), "pagemap", O_RDONLY);
	if (fd >= 0 && pagemap_read(fd, r->start, 1, &map))
		pagemap_has_wp = map & PM_UFFD_WP;
	close(fd);
}

/* Even pages were copied for the child, odd ones are still shared. */
static bool cow_holds(const struct target *target, const struct region *r)
{
	size_t pages = (r->end - r->start) / page_B, i;
	struct look *parent = arena_get(pages * sizeof(*parent));
	struct look *child = arena_get(pages * sizeof(*child));
	unsigned long long start = r->start, end = r->end;
	struct extents extents;
	bool good = true;

	if (extents_text(&extents, "pid=%d addr=%#llx-%#llx", target->pid, start,
			 end))
		return false;
	looks_from_extents(&extents, r->start, r->end, parent);
	if (extents_text(&extents, "pid=%d addr=%#llx-%#llx", target->child,
			 start, end))
		return false;
	looks_from_extents(&extents, r->start, r->end, child);
	for (i = 0; i < pages; i++) {
		bool same = parent[i].pfn == child[i].pfn;
		bool child_writes = child[i].flags & MMSCOPE_PG_WRITE;

		if (same != (i % 2 == 1) || child_writes == same)
			good = false;
	}
	return good;
}

static void test_fork(struct target *target)
{
	const struct region *r = target_region(target, "cow");
	char who[16];

	kill(target->pid, SIGCONT);
	if (!target_tell(target, "fork") || target->child <= 0)
		ktap_bail("target does not fork");
	hold_still(target->pid, true);
	hold_still(target->child, false);
	ktap_ok(r && !r->absent && cow_holds(target, r),
		"after fork: written pages parted, others shared and read only");
	ktap_ok(compare_process(pid_name(who, target->pid), target),
		"every page of the process after it forked");
	ktap_ok(compare_process(pid_name(who, target->child), target),
		"every page of the child it forked");
}

static bool clear_soft_dirty(const char *who)
{
	int fd = proc_open(who, "clear_refs", O_WRONLY);
	bool done = fd >= 0 && write(fd, "4", 1) == 1;

	close(fd);
	return done;
}

/* Without the VMAs' own flag, each page's bit is its entry's. */
static void test_soft_dirty(struct target *target)
{
	const char *name = "after clear_refs and writing, soft-dirty page by page";
	char who[16];

	pid_name(who, target->pid);
	if (!clear_soft_dirty(who)) {
		ktap_skip(name, "clear_refs cannot clear soft-dirty: %s",
			  strerror(errno));
		return;
	}
	kill(target->pid, SIGCONT);
	if (!target_tell(target, "dirty")) {
		ktap_ok(false, "%s (target does not answer)", name);
		return;
	}
	hold_still(target->pid, true);
	ktap_ok(compare_process(who, target), "%s", name);
}

static void test_limited(void)
{
	const char *name = "a process whose cgroup is too small for it";
	const char *const only[] = { "limited", NULL };
	const char *cgroup = getenv("LIMITED_CGROUP");
	struct target target;
	char who[16];

	if (!cgroup || !cgroup[0]) {
		ktap_skip(name, "%s", getenv("LIMITED_WHY") ?: "no cgroup given");
		ktap_skip("limited: some pages in swap", "no such process");
		return;
	}
	if (!target_start(&target, only, cgroup)) {
		ktap_ok(false, "%s (target does not start)", name);
		ktap_skip("limited: some pages in swap", "no such process");
		return;
	}
	hold_still(target.pid, true);
	ktap_ok(compare_process(pid_name(who, target.pid), &target), "%s", name);
	truths_test_limited(&target);
	target_stop(&target);
}

int main(void)
{
	struct target target;
	char who[16];

	lib_init(ARENA_B);
	lib_need("pgwalk/range");
	ktap_start(8 + truths_count());
	if (!target_start(&target, NULL, NULL))
		ktap_bail("target does not start");
	hold_still(target.pid, true);
	learn_wp(&target);
	if (!pagemap_has_wp)
		ktap_note("this kernel's pagemap does not tell uffd-wp");
	ktap_ok(compare_process(pid_name(who, target.pid), &target),
		"every page of a process that has every kind of memory");
	truths_test(&target);
	test_soft_dirty(&target);
	test_fork(&target);
	target_stop(&target);
	ktap_ok(compare_process("self", NULL), "every page of this test itself");
	test_limited();
	return ktap_finish();
}
