// SPDX-License-Identifier: GPL-2.0
/*
 * What each page fault did, told by the entry before it and after it.
 *
 * One hook sees every fault: handle_mm_fault(), its entry and its return. In
 * between the caller's lock, of the VMA or the address space, keeps the VMA; all
 * that is wanted of it is copied at entry, because a call that returns
 * VM_FAULT_RETRY has dropped that lock. The tables are read by the walker, which
 * copes with tables that go; the top one stays, since whoever asks for a fault
 * keeps the mm. What entries cannot tell is marked by two hooks inside: that user
 * space was asked (handle_userfault()), and which pages fault-around may map
 * (filemap_map_pages()). They find their fault by a record of the task.
 *
 * A class is given to the call that changed the entry. A call that returned
 * VM_FAULT_RETRY and changed nothing is "retry", one that found all done is
 * "spurious".
 *
 * Deliberately ignored: two threads in faults on the same page at the same time
 * see the same change, and both are given its class. Traps that the
 * architecture refuses by the VMA alone never come here.
 */
#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include <mmscope/group.h>

#include "fault.h"
#include "pgwalk.h"
#include "trace.h"

#define MAXACTIVE	1024	/* tasks inside of a fault at once */

/* What is behind a VMA. */
enum source {
	SOURCE_ANON,
	SOURCE_FILE,
	SOURCE_SHMEM,
	SOURCE_HUGETLB,
	SOURCE_SPECIAL,
};

/* What a look at the entry of an address found. */
struct look {
	u64 pfn;
	u32 flags;
	u8 kind;
	u8 level;
};

/**
 * struct fault - a call that is under way
 * @mm: whose address space; NULL: nobody wants to know
 * @addr: address
 * @vm_flags: of its VMA
 * @index: of its page in the file
 * @start_ns: when it began
 * @before: the entry at that time
 * @around: the first page that fault-around may map
 * @around_pages: how many it may; 0: it was not tried
 * @around_before: how many of them were mapped
 * @flags: FAULT_FLAG_*
 * @source: enum source
 * @gup: no trap
 * @marked: hooks inside can find it
 * @userfault: user space was asked
 */
struct fault {
	struct mm_struct *mm;
	u64 addr;
	u64 vm_flags;
	u64 index;
	u64 start_ns;
	struct look before;
	u64 around;
	unsigned int around_pages;
	unsigned int around_before;
	u32 flags;
	u8 source;
	bool gup;
	bool marked;
	bool userfault;
};

static const char *const class_names[] = {
	[PGWALK_FAULT_UNKNOWN] = "unknown",
	[PGWALK_FAULT_ZERO_PAGE] = "zero_page",
	[PGWALK_FAULT_HUGE_ZERO] = "huge_zero",
	[PGWALK_FAULT_ANON] = "anon",
	[PGWALK_FAULT_THP] = "thp",
	[PGWALK_FAULT_COW_ZERO] = "cow_zero",
	[PGWALK_FAULT_COW_COPY] = "cow_copy",
	[PGWALK_FAULT_COW_REUSE] = "cow_reuse",
	[PGWALK_FAULT_FILE_READ] = "file_read",
	[PGWALK_FAULT_AROUND] = "fault_around",
	[PGWALK_FAULT_FILE_COW] = "file_cow",
	[PGWALK_FAULT_SHARED_WRITE] = "shared_write",
	[PGWALK_FAULT_MKWRITE] = "mkwrite",
	[PGWALK_FAULT_SHMEM] = "shmem",
	[PGWALK_FAULT_SWAP_MINOR] = "swap_minor",
	[PGWALK_FAULT_SWAP_MAJOR] = "swap_major",
	[PGWALK_FAULT_NUMA_HINT] = "numa_hint",
	[PGWALK_FAULT_HUGETLB] = "hugetlb",
	[PGWALK_FAULT_SPECIAL] = "special",
	[PGWALK_FAULT_USERFAULT] = "userfault",
	[PGWALK_FAULT_MIGRATION] = "migration",
	[PGWALK_FAULT_DEVICE] = "device",
	[PGWALK_FAULT_GUARD] = "guard",
	[PGWALK_FAULT_ERROR] = "error",
	[PGWALK_FAULT_SPURIOUS] = "spurious",
	[PGWALK_FAULT_RETRY] = "retry",
};

static_assert(ARRAY_SIZE(class_names) == PGWALK_FAULT_COUNT);

/* Marks of the task that is inside a fault: a pointer to its struct fault. */
static struct mms_recorder recorder = {
	.size_B = sizeof(struct fault *),
};

static struct mms_group groups[] = {
	{ .feature = "faults" },
};

/* filemap_map_pages() is hooked; else only the result tells of fault-around. */
static bool knows_around;
/* Who counts: changed under the lock, walked by callbacks under RCU. */
static LIST_HEAD(watches);
static DEFINE_MUTEX(watches_lock);

/* ---- Classes ---- */

static bool has_changed(const struct look *before, const struct look *after)
{
	const u32 by_itself = MMSCOPE_PG_ACCESSED | MMSCOPE_PG_DIRTY |
			      MMSCOPE_PG_SOFT_DIRTY;

	return before->kind != after->kind || before->level != after->level ||
	       before->pfn != after->pfn ||
	       (before->flags ^ after->flags) & ~by_itself;
}

/* The kernel's own rule, of mm_account_fault() in mm/memory.c. */
static bool is_major(const struct pgwalk_fault *done)
{
	return done->result & VM_FAULT_MAJOR || done->flags & FAULT_FLAG_TRIED;
}

static enum pgwalk_fault_class anon_class(const struct look *after)
{
	bool huge = after->level > MMSCOPE_LEVEL_PTE;

	if (after->flags & MMSCOPE_PG_ZERO)
		return huge ? PGWALK_FAULT_HUGE_ZERO : PGWALK_FAULT_ZERO_PAGE;
	return huge ? PGWALK_FAULT_THP : PGWALK_FAULT_ANON;
}

static enum pgwalk_fault_class file_class(const struct fault *fault,
					  const struct pgwalk_fault *done)
{
	bool write = done->flags & FAULT_FLAG_WRITE;

	if (write && !(fault->vm_flags & VM_SHARED))
		return PGWALK_FAULT_FILE_COW;
	/* What had to be read first is then mapped this way, too. */
	if (!write && done->result & VM_FAULT_NOPAGE && !is_major(done) &&
	    (fault->around_pages || !knows_around))
		return PGWALK_FAULT_AROUND;
	if (fault->source == SOURCE_SHMEM)
		return PGWALK_FAULT_SHMEM;
	return write ? PGWALK_FAULT_SHARED_WRITE : PGWALK_FAULT_FILE_READ;
}

/* Nothing was mapped before, and now something is. */
static enum pgwalk_fault_class new_class(const struct fault *fault,
					 const struct look *after,
					 const struct pgwalk_fault *done)
{
	switch (fault->source) {
	case SOURCE_ANON:
		return anon_class(after);
	case SOURCE_HUGETLB:
		return PGWALK_FAULT_HUGETLB;
	case SOURCE_SPECIAL:
		return PGWALK_FAULT_SPECIAL;
	default:
		return file_class(fault, done);
	}
}

/* A page was mapped before. */
static enum pgwalk_fault_class present_class(const struct fault *fault,
					     const struct look *after)
{
	const struct look *before = &fault->before;

	if (after->kind != MMSCOPE_PG_PRESENT)
		return PGWALK_FAULT_UNKNOWN;
	if (after->pfn != before->pfn && before->flags & MMSCOPE_PG_ZERO)
		return PGWALK_FAULT_COW_ZERO;
	if (after->pfn != before->pfn)
		return PGWALK_FAULT_COW_COPY;
	if (!(after->flags & ~before->flags & MMSCOPE_PG_WRITE))
		return PGWALK_FAULT_UNKNOWN;
	return fault->vm_flags & VM_SHARED ? PGWALK_FAULT_MKWRITE :
					     PGWALK_FAULT_COW_REUSE;
}

static enum pgwalk_fault_class changed_class(const struct fault *fault,
					     const struct look *after,
					     const struct pgwalk_fault *done)
{
	switch (fault->before.kind) {
	case MMSCOPE_PG_NONE:
	case MMSCOPE_PG_MARKER:
		return after->kind == MMSCOPE_PG_PRESENT ?
		       new_class(fault, after, done) : PGWALK_FAULT_UNKNOWN;
	case MMSCOPE_PG_PRESENT:
		return present_class(fault, after);
	case MMSCOPE_PG_PROTNONE:
		return PGWALK_FAULT_NUMA_HINT;
	case MMSCOPE_PG_SWAP:
		return is_major(done) ? PGWALK_FAULT_SWAP_MAJOR :
					PGWALK_FAULT_SWAP_MINOR;
	case MMSCOPE_PG_DEVICE_PRIVATE:
	case MMSCOPE_PG_DEVICE_EXCLUSIVE:
		return PGWALK_FAULT_DEVICE;
	default:
		return PGWALK_FAULT_UNKNOWN;
	}
}

static bool asks_user_space(u64 vm_flags)
{
	return vm_flags & (VM_UFFD_MISSING | VM_UFFD_WP | VM_UFFD_MINOR);
}

static enum pgwalk_fault_class classify(const struct fault *fault,
					const struct look *after,
					const struct pgwalk_fault *done)
{
	if (done->result & VM_FAULT_ERROR)
		return fault->before.kind == MMSCOPE_PG_MARKER &&
		       done->result & VM_FAULT_SIGSEGV ? PGWALK_FAULT_GUARD :
							 PGWALK_FAULT_ERROR;
	if (fault->userfault)
		return PGWALK_FAULT_USERFAULT;
	/* It may have been the one who waited for user space. */
	if (!fault->marked && asks_user_space(fault->vm_flags))
		return PGWALK_FAULT_UNKNOWN;
	if (fault->before.kind == MMSCOPE_PG_BAD || after->kind == MMSCOPE_PG_BAD)
		return PGWALK_FAULT_UNKNOWN;
	if (fault->before.kind == MMSCOPE_PG_MIGRATION)
		return PGWALK_FAULT_MIGRATION;
	if (has_changed(&fault->before, after))
		return changed_class(fault, after, done);
	if (done->result & VM_FAULT_RETRY)
		return PGWALK_FAULT_RETRY;
	return after->kind == MMSCOPE_PG_PRESENT ? PGWALK_FAULT_SPURIOUS :
						   PGWALK_FAULT_UNKNOWN;
}

/* ---- Who wants to know ---- */

static bool is_wanted(const struct mm_struct *mm)
{
	const struct pgwalk_fault_watch *watch;
	bool wanted = mms_group_tracing(groups);

	rcu_read_lock();
	list_for_each_entry_rcu(watch, &watches, node)
		wanted |= !watch->mm || watch->mm == mm;
	rcu_read_unlock();
	return wanted;
}

static enum pgwalk_fault_sum level_sum(unsigned int level)
{
	switch (level) {
	case 0:
		return PGWALK_SUM_NONE;
	case MMSCOPE_LEVEL_PTE:
		return PGWALK_SUM_PTE;
	case MMSCOPE_LEVEL_PMD:
		return PGWALK_SUM_PMD;
	default:
		return PGWALK_SUM_PUD;
	}
}

static void count(struct pgwalk_fault_watch *watch,
		  const struct pgwalk_fault *done)
{
	struct pgwalk_fault_row *row = &watch->rows[done->class];
	u64 *sums = row->sums;

	/* Faults come from tasks only: nothing that interrupts us comes here. */
	raw_spin_lock(&watch->lock);
	mms_latency_add(&row->latency, done->time_ns);
	if (!(done->result & (VM_FAULT_ERROR | VM_FAULT_RETRY)))
		sums[is_major(done) ? PGWALK_SUM_MAJOR : PGWALK_SUM_MINOR]++;
	if (done->result & VM_FAULT_RETRY)
		sums[PGWALK_SUM_RETRY]++;
	sums[done->flags & FAULT_FLAG_VMA_LOCK ? PGWALK_SUM_VMA_LOCK :
						 PGWALK_SUM_MMAP_LOCK]++;
	sums[PGWALK_SUM_GUP] += done->gup;
	sums[level_sum(done->level)]++;
	sums[PGWALK_SUM_TABLES] += done->tables;
	sums[PGWALK_SUM_AROUND] += done->around;
	raw_spin_unlock(&watch->lock);
}

static void tell(const struct pgwalk_fault *done)
{
	struct pgwalk_fault_watch *watch;

	if (mms_group_tracing(groups))
		trace_fault(done);
	rcu_read_lock();
	list_for_each_entry_rcu(watch, &watches, node)
		if (!watch->mm || watch->mm == done->mm)
			count(watch, done);
	rcu_read_unlock();
}

/* ---- The hooks' callbacks ---- */

static void look_at(const struct fault *fault, struct look *look)
{
	struct mmscope_walk_record walk;

	rcu_read_lock();
	pgwalk_walk_settled(fault->mm, fault->addr, &walk);
	rcu_read_unlock();
	look->pfn = walk.pfn;
	look->flags = walk.flags;
	look->kind = walk.kind;
	look->level = walk.level;
}

static unsigned int count_around(const struct fault *fault)
{
	struct mms_tables tables;
	unsigned int present;

	mms_mm_tables(fault->mm, fault->around, &tables);
	rcu_read_lock();
	present = pgwalk_count_present(&tables, fault->around,
				       fault->around_pages);
	rcu_read_unlock();
	return present;
}

static enum source source_of(const struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_HUGETLB)
		return SOURCE_HUGETLB;
	if (vma_is_anonymous((struct vm_area_struct *)vma))
		return SOURCE_ANON;
	if (!vma->vm_file || vma->vm_flags & VM_PFNMAP)
		return SOURCE_SPECIAL;
	return file_inode(vma->vm_file)->i_sb->s_magic == TMPFS_MAGIC ?
	       SOURCE_SHMEM : SOURCE_FILE;
}

static bool mark(struct fault *fault)
{
	struct fault **record = mms_record_open(&recorder);

	if (record)
		*record = fault;
	return record;
}

static struct fault *marked_fault(void)
{
	struct fault **record = mms_record_find(&recorder);

	return record ? *record : NULL;
}

static void unmark(struct fault *fault)
{
	struct fault **record = mms_record_find(&recorder);

	/* A fault inside this one has taken the record and given it back. */
	if (record && *record == fault)
		mms_record_close(&recorder, record);
}

/* handle_mm_fault(vma, address, flags, regs): the VMA is locked. */
static void on_enter(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	struct vm_area_struct *vma = (void *)regs_get_kernel_argument(regs, 0);
	struct fault *fault = data;

	mms_hook_hit(hook);
	memset(fault, 0, sizeof(*fault));
	if (!is_wanted(vma->vm_mm))
		return;
	fault->mm = vma->vm_mm;
	fault->addr = regs_get_kernel_argument(regs, 1);
	fault->flags = regs_get_kernel_argument(regs, 2);
	fault->gup = !regs_get_kernel_argument(regs, 3);
	fault->vm_flags = vma->vm_flags;
	fault->index = vma->vm_pgoff + PHYS_PFN(fault->addr - vma->vm_start);
	fault->source = source_of(vma);
	fault->marked = mark(fault);
	look_at(fault, &fault->before);
	fault->start_ns = ktime_get_mono_fast_ns();
}

static unsigned int tables_built(const struct look *before,
				 const struct look *after)
{
	if (before->kind == MMSCOPE_PG_BAD || after->kind == MMSCOPE_PG_BAD ||
	    before->level < after->level)
		return 0;
	return before->level - after->level;
}

/* Pages of other threads' faults in the same stretch count as well. */
static unsigned int pages_around(const struct fault *fault, vm_fault_t result)
{
	unsigned int now;

	if (!fault->around_pages || result & (VM_FAULT_ERROR | VM_FAULT_RETRY))
		return 0;
	now = count_around(fault);
	return now > fault->around_before ? now - fault->around_before : 0;
}

static void on_leave(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	u64 end_ns = ktime_get_mono_fast_ns();
	struct fault *fault = data;
	struct pgwalk_fault done;
	struct look after;

	if (!fault->mm)
		return;
	unmark(fault);
	look_at(fault, &after);
	done = (struct pgwalk_fault) {
		.mm = fault->mm,
		.addr = fault->addr,
		.time_ns = end_ns - fault->start_ns,
		.flags = fault->flags,
		.result = (__force vm_fault_t)regs_return_value(regs),
		.level = after.kind == MMSCOPE_PG_PRESENT ? after.level : 0,
		.tables = tables_built(&fault->before, &after),
		.gup = fault->gup,
	};
	done.around = pages_around(fault, done.result);
	done.class = classify(fault, &after, &done);
	tell(&done);
}

/* handle_userfault(vmf, reason) */
static void on_userfault(struct mms_hook *hook, struct pt_regs *regs,
			 void *data)
{
	struct fault *fault = marked_fault();

	mms_hook_hit(hook);
	if (fault)
		fault->userfault = true;
}

/* filemap_map_pages(vmf, first index, last index): of one page table. */
static void on_around(struct mms_hook *hook, struct pt_regs *regs, void *data)
{
	u64 first = regs_get_kernel_argument(regs, 1);
	u64 last = regs_get_kernel_argument(regs, 2);
	struct fault *fault = marked_fault();

	mms_hook_hit(hook);
	if (!fault || first > fault->index || last < fault->index ||
	    last - first >= MMS_TABLE_ENTRIES)
		return;
	fault->around = (fault->addr & PAGE_MASK) -
			((fault->index - first) << PAGE_SHIFT);
	fault->around_pages = last - first + 1;
	fault->around_before = count_around(fault);
}

/* ---- The hooks ---- */

/* A page of our own, for @touch to fault on. */
static int with_page(int (*touch)(unsigned char __user *page))
{
	unsigned long addr;
	int err;

	if (!current->mm)
		return -ENODEV;
	addr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(addr))
		return addr;
	err = touch((unsigned char __user *)addr);
	vm_munmap(addr, PAGE_SIZE);
	return err;
}

/* The page is ours: only memory can be wanting. */
static int read_and_write(unsigned char __user *page)
{
	unsigned char byte;

	return copy_from_user(&byte, page, sizeof(byte)) ||
	       copy_to_user(page, &byte, sizeof(byte)) ? -ENOMEM : 0;
}

static int test_fault(struct mms_hook *hook)
{
	return with_page(read_and_write);
}

/* In the order of arming: what marks a fault comes before what begins it. */
enum {
	HOOK_USERFAULT,
	HOOK_AROUND,
	HOOK_FAULT,
	HOOK_COUNT
};

#define FAULTS	BIT(0)	/* the group */

/* Kernels may lack what only tells more: user faults, a page cache mapped around. */
static struct mms_hook hooks[] = {
	[HOOK_USERFAULT] = {
		.owner = THIS_MODULE,
		.name = "handle_userfault",
		.kind = MMS_HOOK_KPROBE,
		.enter = on_userfault,
		.groups = FAULTS,
		.optional = true,
	},
	[HOOK_AROUND] = {
		.owner = THIS_MODULE,
		.name = "filemap_map_pages",
		.kind = MMS_HOOK_KPROBE,
		.enter = on_around,
		.groups = FAULTS,
		.optional = true,
	},
	[HOOK_FAULT] = {
		.owner = THIS_MODULE,
		.name = "handle_mm_fault",
		.kind = MMS_HOOK_KRETPROBE,
		.enter = on_enter,
		.leave = on_leave,
		.data_size_B = sizeof(struct fault),
		.maxactive = MAXACTIVE,
		.self_test = test_fault,
		.groups = FAULTS,
	},
};

static_assert(ARRAY_SIZE(hooks) == HOOK_COUNT);

static MMS_GROUPS(fault_groups, hooks, groups, &recorder);

/**
 * pgwalk_fault_error() - can faults be told?
 *
 * Return: 0, or why not.
 */
int pgwalk_fault_error(void)
{
	return groups[0].error;
}

/**
 * pgwalk_fault_watch_begin() - count faults from now on
 * @watch: where; @mm and @lock are set, all else is 0
 *
 * Context: Process context, may sleep.
 * Return: 0, or why it cannot be. pgwalk_fault_watch_end() after 0 only.
 */
int pgwalk_fault_watch_begin(struct pgwalk_fault_watch *watch)
{
	int err = mms_groups_get(&fault_groups, FAULTS);

	if (err)
		return err;
	watch->missed_before = mms_hook_missed(&hooks[HOOK_FAULT]);
	mutex_lock(&watches_lock);
	list_add_tail_rcu(&watch->node, &watches);
	mutex_unlock(&watches_lock);
	return 0;
}

/**
 * pgwalk_fault_watch_end() - count no more
 * @watch: a watch after pgwalk_fault_watch_begin(); nothing looks at it afterwards
 *
 * Context: Process context, may sleep.
 */
void pgwalk_fault_watch_end(struct pgwalk_fault_watch *watch)
{
	mutex_lock(&watches_lock);
	list_del_rcu(&watch->node);
	mutex_unlock(&watches_lock);
	mms_groups_put(&fault_groups, FAULTS);
	synchronize_rcu();
}

/**
 * pgwalk_fault_missed() - calls of any process that nobody saw
 * @watch: since this began
 *
 * Return: How many found no room among those that are under way.
 */
unsigned long pgwalk_fault_missed(const struct pgwalk_fault_watch *watch)
{
	return mms_hook_missed(&hooks[HOOK_FAULT]) - watch->missed_before;
}

/**
 * pgwalk_fault_listen() - the event was enabled
 *
 * Context: Process context, from tracepoint_probe_register().
 * Return: 0, why the hooks are off, or -ENODEV: the module is going.
 */
int pgwalk_fault_listen(void)
{
	return mms_group_listen(&fault_groups, 0);
}

/**
 * pgwalk_fault_ignore() - it was disabled again
 *
 * Context: Process context, from tracepoint_probe_unregister().
 */
void pgwalk_fault_ignore(void)
{
	mms_group_ignore(&fault_groups, 0);
}

/* ---- What is known of it all ---- */

/**
 * pgwalk_fault_name() - the word for a class
 * @class: enum pgwalk_fault_class
 */
const char *pgwalk_fault_name(unsigned int class)
{
	return class_names[class];
}

static int watch_known_faults(struct pgwalk_fault_watch *watch)
{
	const struct pgwalk_fault_row *rows = watch->rows;
	int err;

	watch->mm = current->mm;
	raw_spin_lock_init(&watch->lock);
	err = pgwalk_fault_watch_begin(watch);
	if (err)
		return err;
	err = with_page(read_and_write);
	pgwalk_fault_watch_end(watch);
	if (err)
		return err;
	if (rows[PGWALK_FAULT_ZERO_PAGE].latency.count &&
	    rows[PGWALK_FAULT_COW_ZERO].latency.count)
		return 0;
	/* Under mlockall(MCL_FUTURE) the page is there before it is touched. */
	return current->mm->def_flags & VM_LOCKED &&
	       rows[PGWALK_FAULT_ANON].latency.count ? 0 : -ENODATA;
}

/*
 * Two known faults must come out as what they are: so the arguments are where we
 * look for them.
 */
static int try_known_faults(void)
{
	struct pgwalk_fault_watch *watch;
	int err;

	watch = kvzalloc(sizeof(*watch), GFP_KERNEL);
	if (!watch)
		return -ENOMEM;
	err = watch_known_faults(watch);
	kvfree(watch);
	return err;
}

/**
 * pgwalk_fault_init() - find the hooks and try them
 *
 * What is missing turns features off, and nothing else; want of memory does not.
 *
 * Context: Process context, from module init.
 * Return: 0 or -ENOMEM.
 */
int pgwalk_fault_init(void)
{
	int err = mms_groups_register(&fault_groups);

	if (err)
		return err;
	knows_around = !hooks[HOOK_AROUND].error;
	err = pgwalk_fault_error() ?: try_known_faults();
	if (err == -ENOMEM) {
		mms_groups_exit(&fault_groups);
		return err;
	}
	if (err)
		mms_groups_lack(&fault_groups, FAULTS, "known_fault", err);
	mms_groups_start(&fault_groups);
	return 0;
}

/**
 * pgwalk_fault_exit() - forget them
 *
 * Context: Process context, from module exit, or from an init that failed.
 */
void pgwalk_fault_exit(void)
{
	mms_groups_exit(&fault_groups);
}

/**
 * pgwalk_fault_features() - a row for the features section of status
 * @m: where to print
 */
void pgwalk_fault_features(struct seq_file *m)
{
	char detail[32];

	scnprintf(detail, sizeof(detail), "no_room=%ld",
		  atomic_long_read(&recorder.full));
	mms_groups_features(m, &fault_groups, detail);
}
