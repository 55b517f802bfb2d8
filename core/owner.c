// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns a page frame: what its struct page says, and where that says nothing,
 * what the modules answer.
 *
 * A page that vmalloc, a kernel stack or a page table of the kernel took from the
 * page allocator has no mark of its own. A module that knows where these are
 * walks them and marks a window of page frames. What struct page says goes
 * first: a mark may be older than it.
 *
 * owners_lock covers the list of modules, and is held for reading while they are
 * asked about one window: a module that is unloaded waits for that.
 *
 * Deliberately ignored: who has a page of another by a reference only, as direct
 * I/O or a pipe does.
 */
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/rwsem.h>
#include <linux/seq_file.h>

#include <mmscope/owner.h>
#include <mmscope/page.h>
#include <mmscope/symbol.h>

#include "core.h"

static LIST_HEAD(answerers);
static DECLARE_RWSEM(owners_lock);

static const char *const owner_names[] = {
	[MMS_OWNER_UNKNOWN] = "unknown",
	[MMS_OWNER_BUDDY] = "buddy",
	[MMS_OWNER_PCP] = "pcp",
	[MMS_OWNER_SLAB] = "slab",
	[MMS_OWNER_LARGE_KMALLOC] = "large_kmalloc",
	[MMS_OWNER_PGTABLE] = "pgtable",
	[MMS_OWNER_VMALLOC] = "vmalloc",
	[MMS_OWNER_STACK] = "kernel_stack",
	[MMS_OWNER_PERCPU] = "percpu",
	[MMS_OWNER_MODULE] = "module",
	[MMS_OWNER_ANON] = "anon",
	[MMS_OWNER_KSM] = "ksm",
	[MMS_OWNER_FILE] = "file",
	[MMS_OWNER_SHMEM] = "shmem",
	[MMS_OWNER_HUGETLB] = "hugetlb",
	[MMS_OWNER_ZERO] = "huge_zero",
	[MMS_OWNER_KERNEL_IMAGE] = "kernel_image",
	[MMS_OWNER_MEMMAP] = "memmap",
	[MMS_OWNER_RESERVED] = "reserved",
	[MMS_OWNER_OFFLINE] = "offline",
	[MMS_OWNER_GUARD] = "guard",
	[MMS_OWNER_ZSMALLOC] = "zsmalloc",
	[MMS_OWNER_UNACCEPTED] = "unaccepted",
	[MMS_OWNER_MOVABLE] = "movable",
	[MMS_OWNER_COMPOUND] = "compound",
};

static_assert(ARRAY_SIZE(owner_names) == MMS_OWNER_COUNT);

/* Those that only a module can tell; of page tables it can tell more. */
static const char *const owner_modules[MMS_OWNER_COUNT] = {
	[MMS_OWNER_PCP] = "buddyviz",
	[MMS_OWNER_PGTABLE] = "pgwalk",
	[MMS_OWNER_VMALLOC] = "vmalloc_walk",
	[MMS_OWNER_STACK] = "vmalloc_walk",
	[MMS_OWNER_PERCPU] = "vmalloc_walk",
	[MMS_OWNER_MODULE] = "vmalloc_walk",
	[MMS_OWNER_ZERO] = "pgwalk",
	[MMS_OWNER_MEMMAP] = "pgwalk",
};

static const u8 owner_by_type[] = {
	[MMS_PAGE_BUDDY] = MMS_OWNER_BUDDY,
	[MMS_PAGE_SLAB] = MMS_OWNER_SLAB,
	[MMS_PAGE_PGTABLE] = MMS_OWNER_PGTABLE,
	[MMS_PAGE_OFFLINE] = MMS_OWNER_OFFLINE,
	[MMS_PAGE_GUARD] = MMS_OWNER_GUARD,
	[MMS_PAGE_HUGETLB] = MMS_OWNER_HUGETLB,
	[MMS_PAGE_LARGE_KMALLOC] = MMS_OWNER_LARGE_KMALLOC,
	[MMS_PAGE_ZSMALLOC] = MMS_OWNER_ZSMALLOC,
	[MMS_PAGE_UNACCEPTED] = MMS_OWNER_UNACCEPTED,
	[MMS_PAGE_KSM] = MMS_OWNER_KSM,
	[MMS_PAGE_ANON] = MMS_OWNER_ANON,
	[MMS_PAGE_MOVABLE] = MMS_OWNER_MOVABLE,
};

enum {
	SYM_TEXT,
	SYM_END,
};

static struct mms_symbol table[] = {
	[SYM_TEXT] = { .name = "_text", .purpose = "owner_kernel_image" },
	[SYM_END] = { .name = "_end", .purpose = "owner_kernel_image" },
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = table,
	.nr = ARRAY_SIZE(table),
};

static bool in_kernel_image(unsigned long pfn)
{
	return table[SYM_TEXT].addr && table[SYM_END].addr &&
	       pfn >= PHYS_PFN(__pa_symbol(table[SYM_TEXT].addr)) &&
	       pfn < PHYS_PFN(PAGE_ALIGN(__pa_symbol(table[SYM_END].addr)));
}

/* Boot has taken it and never gave it to the page allocator. */
static enum mms_owner owner_reserved(const struct mms_page *info,
				     enum mms_owner mark)
{
	if (in_kernel_image(info->pfn))
		return MMS_OWNER_KERNEL_IMAGE;
	return mark ?: MMS_OWNER_RESERVED;
}

/* A page on a per-CPU list is the only one that nobody refers to. */
static enum mms_owner owner_plain(const struct mms_page *info,
				  enum mms_owner mark)
{
	if (mark == MMS_OWNER_PCP && info->refcount)
		mark = MMS_OWNER_UNKNOWN;
	if (mark)
		return mark;
	return info->order ? MMS_OWNER_COMPOUND : MMS_OWNER_UNKNOWN;
}

/**
 * mms_owner_of() - whose a page frame is
 * @info: what it is
 * @mark: what the modules answer
 *
 * Context: Any.
 */
enum mms_owner mms_owner_of(const struct mms_page *info, enum mms_owner mark)
{
	switch (info->type) {
	case MMS_PAGE_RESERVED:
		return owner_reserved(info, mark);
	case MMS_PAGE_FILE:
		return info->head_flags & BIT(PG_swapbacked) ?
		       MMS_OWNER_SHMEM : MMS_OWNER_FILE;
	case MMS_PAGE_ABSENT:
	case MMS_PAGE_OTHER:
		return owner_plain(info, mark);
	default:
		return owner_by_type[info->type];
	}
}

/**
 * mms_owner_name() - the word for an owner
 * @owner: the owner
 */
const char *mms_owner_name(enum mms_owner owner)
{
	return owner_names[owner];
}

/**
 * mms_owner_module() - the module without which an owner cannot be told
 * @owner: the owner
 *
 * Return: Its name; NULL: core tells.
 */
const char *mms_owner_module(enum mms_owner owner)
{
	return owner_modules[owner];
}

/**
 * mms_is_memory() - is a reserved page frame memory, and no hole?
 * @info: what it is
 *
 * A hole in a stretch of memory has struct pages, too.
 */
bool mms_is_memory(const struct mms_page *info)
{
	if (info->type == MMS_PAGE_ABSENT)
		return false;
	return info->type != MMS_PAGE_RESERVED || page_is_ram(info->pfn);
}

/**
 * mms_owners_mark() - have all modules answer for a window
 * @window: the window
 *
 * Context: Process context, no lock held, may sleep.
 * Return: 0 or an errno.
 */
int mms_owners_mark(struct mms_window *window)
{
	struct mms_answerer *answerer;
	int err = 0;

	memset(window->owners, MMS_OWNER_UNKNOWN, window->nr);
	down_read(&owners_lock);
	list_for_each_entry(answerer, &answerers, node) {
		err = answerer->mark ? answerer->mark(window) : 0;
		if (err)
			break;
	}
	up_read(&owners_lock);
	return err;
}

/**
 * mms_owners_show() - what all modules say of one page frame
 * @m: where to print
 * @info: what it is
 * @addr: an address in it, or NULL
 *
 * Context: Process context, no lock held, may sleep.
 */
void mms_owners_show(struct seq_file *m, const struct mms_page *info,
		     const void *addr)
{
	struct mms_answerer *answerer;

	down_read(&owners_lock);
	list_for_each_entry(answerer, &answerers, node) {
		seq_printf(m, "## %s\n# name value\n", answerer->name);
		if (answerer->show)
			answerer->show(m, info, addr);
	}
	up_read(&owners_lock);
}

/**
 * mms_owners_has() - does a module answer?
 * @name: its name
 *
 * Context: Process context, may sleep.
 */
bool mms_owners_has(const char *name)
{
	struct mms_answerer *answerer;
	bool has = false;

	down_read(&owners_lock);
	list_for_each_entry(answerer, &answerers, node)
		has |= !strcmp(answerer->name, name);
	up_read(&owners_lock);
	return has;
}

/**
 * mms_answerer_add() - answer for page frames from now on
 * @answerer: what a module knows
 *
 * Context: Process context, from module init, when nothing else can fail.
 */
void mms_answerer_add(struct mms_answerer *answerer)
{
	down_write(&owners_lock);
	list_add_tail(&answerer->node, &answerers);
	up_write(&owners_lock);
}
EXPORT_SYMBOL_NS_GPL(mms_answerer_add, "MMSCOPE");

/**
 * mms_answerer_del() - answer no more
 * @answerer: after mms_answerer_add()
 *
 * Context: Process context, first in module exit; waits for an answer under way.
 */
void mms_answerer_del(struct mms_answerer *answerer)
{
	down_write(&owners_lock);
	list_del(&answerer->node);
	up_write(&owners_lock);
}
EXPORT_SYMBOL_NS_GPL(mms_answerer_del, "MMSCOPE");

/**
 * mms_owner_init() - find the kernel's image
 *
 * Context: Process context, from module init, after mms_symbol_init().
 */
void mms_owner_init(void)
{
	mms_symbols_add(&symbols);
}

/**
 * mms_owner_exit() - undo mms_owner_init()
 *
 * Context: Process context, from module exit.
 */
void mms_owner_exit(void)
{
	mms_symbols_del(&symbols);
}
