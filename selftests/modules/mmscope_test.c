// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel memory whose page frames are known: the oracle of kernel_match.
 *
 * Allocates one thing of every kind that a kernel address can be, and shows in
 * /sys/kernel/debug/mmscope_test/pages one line a page
 *
 *	name va pfn perms
 *
 * pfn comes from vmalloc_to_page(), virt_to_page() or the very page array that
 * was given to vmap(), and perms from the protection that was asked for: never
 * from a walk of our own, and nothing here is linked to mmscope. A pfn of "-"
 * is an address that must not be mapped, such as the guard page behind an area.
 *
 * Writing a number to .../churn allocates and frees so many vmalloc areas, as a
 * load for the tests of races.
 *
 * Everything is made at load and freed at unload, so there is nothing to lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define VMALLOC_B	(3UL << 20)
#define HUGE_B		(4UL << 20)
#define SMALL_B		64
#define LARGE_B		8192
#define BLOCK_ORDER	3
#define VMAP_PAGES	16
#define VMAP_STRIDE	7	/* prime to VMAP_PAGES: scrambles, repeats none */
#define CHURN_MAX	100000

static struct {
	void *vmalloc;
	void *vmalloc_huge;
	void *small;
	void *large;
	struct page *page;
	struct page *block;
	struct page *pages[VMAP_PAGES];
	void *vmap;
	void *vmap_ro;
} known;

/* One page of each section of a module. */
static const char rodata[PAGE_SIZE] = "rodata";
static char data[PAGE_SIZE] = "data";

static void show_page(struct seq_file *m, const char *name, const void *va,
		      const struct page *page, const char *perms)
{
	seq_printf(m, "%s 0x%lx %lu %s\n", name, (unsigned long)va,
		   page_to_pfn(page), perms);
}

static void show_none(struct seq_file *m, const char *name, const void *va)
{
	seq_printf(m, "%s 0x%lx - -\n", name, (unsigned long)va);
}

static void show_area(struct seq_file *m, const char *name, const void *area,
		      size_t size_B, const char *perms)
{
	size_t at;

	for (at = 0; at < size_B; at += PAGE_SIZE)
		show_page(m, name, area + at, vmalloc_to_page(area + at), perms);
}

static void show_linear(struct seq_file *m, const char *name, const void *va,
			size_t size_B)
{
	size_t at;

	for (at = 0; at < size_B; at += PAGE_SIZE)
		show_page(m, name, va + at, virt_to_page(va + at), "rw-");
}

static void show_vmap(struct seq_file *m, const char *name, const void *area,
		      const char *perms)
{
	int i;

	for (i = 0; i < VMAP_PAGES; i++)
		show_page(m, name, area + i * PAGE_SIZE, known.pages[i], perms);
}

static int pages_show(struct seq_file *m, void *unused)
{
	show_area(m, "vmalloc", known.vmalloc, VMALLOC_B, "rw-");
	show_none(m, "vmalloc_guard", known.vmalloc + VMALLOC_B);
	if (known.vmalloc_huge)
		show_area(m, "vmalloc_huge", known.vmalloc_huge, HUGE_B, "rw-");
	show_vmap(m, "vmap", known.vmap, "rw-");
	show_none(m, "vmap_guard", known.vmap + VMAP_PAGES * PAGE_SIZE);
	show_vmap(m, "vmap_ro", known.vmap_ro, "r--");
	show_linear(m, "kmalloc_small", known.small, SMALL_B);
	show_linear(m, "kmalloc_large", known.large, LARGE_B);
	show_linear(m, "page", page_address(known.page), PAGE_SIZE);
	show_linear(m, "block", page_address(known.block),
		    PAGE_SIZE << BLOCK_ORDER);
	show_area(m, "module_text", pages_show, 1, "r-x");
	show_area(m, "module_rodata", rodata, 1, "r--");
	show_area(m, "module_data", data, 1, "rw-");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pages);

/* Sizes that differ from round to round, so that areas move about. */
static int churn_once(unsigned int round)
{
	void *area = vmalloc(PAGE_SIZE * (1 + round % 61));

	if (!area)
		return -ENOMEM;
	*(unsigned int *)area = round;
	vfree(area);
	cond_resched();
	return signal_pending(current) ? -EINTR : 0;
}

static ssize_t churn_write(struct file *file, const char __user *buf,
			   size_t size_B, loff_t *pos)
{
	unsigned int i, rounds;
	int err;

	err = kstrtouint_from_user(buf, size_B, 0, &rounds);
	if (err)
		return err;
	if (rounds > CHURN_MAX)
		return -ERANGE;
	for (i = 0; i < rounds && !err; i++)
		err = churn_once(i);
	return err ?: size_B;
}

static const struct file_operations churn_fops = {
	.owner = THIS_MODULE,
	.write = churn_write,
	.llseek = noop_llseek,
};

static struct dentry *dir;

/* Every part may be missing: vfree(NULL) and its like do nothing. */
static void free_known(void)
{
	int i;

	vunmap(known.vmap_ro);
	vunmap(known.vmap);
	for (i = 0; i < VMAP_PAGES; i++)
		if (known.pages[i])
			__free_page(known.pages[i]);
	if (known.block)
		__free_pages(known.block, BLOCK_ORDER);
	if (known.page)
		__free_page(known.page);
	kfree(known.large);
	kfree(known.small);
	vfree(known.vmalloc_huge);
	vfree(known.vmalloc);
}

/* The page array is filled in an order that is not that of the addresses. */
static bool make_vmap(void)
{
	int i;

	for (i = 0; i < VMAP_PAGES; i++) {
		known.pages[i * VMAP_STRIDE % VMAP_PAGES] = alloc_page(GFP_KERNEL);
		if (!known.pages[i * VMAP_STRIDE % VMAP_PAGES])
			return false;
	}
	known.vmap = vmap(known.pages, VMAP_PAGES, VM_MAP, PAGE_KERNEL);
	known.vmap_ro = vmap(known.pages, VMAP_PAGES, VM_MAP, PAGE_KERNEL_RO);
	return known.vmap && known.vmap_ro;
}

#ifdef HAVE_VMALLOC_HUGE
static bool make_huge(void)
{
	known.vmalloc_huge = vmalloc_huge(HUGE_B, GFP_KERNEL);
	return known.vmalloc_huge;
}
#else
static bool make_huge(void)
{
	return true;
}
#endif

static bool make_known(void)
{
	known.vmalloc = vmalloc(VMALLOC_B);
	known.small = kmalloc(SMALL_B, GFP_KERNEL);
	known.large = kmalloc(LARGE_B, GFP_KERNEL);
	known.page = alloc_page(GFP_KERNEL);
	known.block = alloc_pages(GFP_KERNEL, BLOCK_ORDER);
	if (!known.vmalloc || !known.small || !known.large || !known.page ||
	    !known.block)
		return false;
	return make_vmap() && make_huge();
}

static int __init mmscope_test_init(void)
{
	if (!make_known()) {
		free_known();
		return -ENOMEM;
	}
	dir = debugfs_create_dir("mmscope_test", NULL);
	debugfs_create_file("pages", 0400, dir, NULL, &pages_fops);
	debugfs_create_file("churn", 0200, dir, NULL, &churn_fops);
	return 0;
}

static void __exit mmscope_test_exit(void)
{
	debugfs_remove(dir);
	free_known();
}

module_init(mmscope_test_init);
module_exit(mmscope_test_exit);

MODULE_DESCRIPTION("Kernel memory with known page frames, for mmscope's selftests");
MODULE_AUTHOR("mmscope developers");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
