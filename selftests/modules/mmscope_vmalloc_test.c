// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of vmalloc that are known: the oracle of vmalloc_match.
 *
 * Makes areas of every kind, of sizes at the borders of a page, of a huge page and
 * of a page array of one page. In /sys/kernel/debug/mmscope_vmalloc_test:
 *
 *  areas	a line an area: name kind start requested_B pages array
 *		(array: "page" or "larger" than one; "-": the area has none)
 *  pages	a line a page: name va pfn, as vmalloc_to_page() says
 *  many	a number: so many areas of 1 to 3 pages are made, and kept; 0: none
 *  churn	a number: so many areas of all kinds are made and freed
 *  swap	1: two entries of the page array of area "put_pages", which is ours,
 *		change places, so that it is not what is mapped; 0: back
 *  one		a size: one area is made; reading tells where; 0: it is freed
 *  purge	anything: lazy areas are purged
 *
 * Nothing here is linked to mmscope. One user at a time, but for churn.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define MANY_MAX	20000
#define CHURN_MAX	1000000
#define ONE_MAX_B	SZ_64M
#define PAGES		80	/* more than vm_map_ram() takes from a block */
#define BLOCK_PAGES	8
#define PUT_PAGES	8
#define ARRAY_PAGES	(PAGE_SIZE / sizeof(struct page *))

/* An area of vmalloc() and its like. */
struct known {
	const char *name;
	const char *kind;
	size_t size_B;
	void *(*make)(size_t size_B);
	void *area;
};

static noinline void *make_plain(size_t size_B)
{
	return vmalloc(size_B);
}

static noinline void *make_zeroed(size_t size_B)
{
	return vzalloc(size_B);
}

static noinline void *make_user(size_t size_B)
{
	return vmalloc_user(size_B);
}

static noinline void *make_32(size_t size_B)
{
	return vmalloc_32(size_B);
}

#ifdef HAVE_VMALLOC_HUGE
static noinline void *make_huge(size_t size_B)
{
	return vmalloc_huge(size_B, GFP_KERNEL);
}
#endif

static struct known known[] = {
	{ "one_byte", "vmalloc", 1, make_plain },
	{ "page_less_1", "vmalloc", PAGE_SIZE - 1, make_plain },
	{ "page", "vmalloc", PAGE_SIZE, make_plain },
	{ "page_and_1", "vmalloc", PAGE_SIZE + 1, make_zeroed },
	{ "pmd_less_1", "vmalloc", PMD_SIZE - 1, make_plain },
	{ "pmd", "vmalloc", PMD_SIZE, make_plain },
	{ "pmd_and_1", "vmalloc", PMD_SIZE + 1, make_zeroed },
	{ "array_page", "vmalloc", ARRAY_PAGES * PAGE_SIZE, make_plain },
	{ "array_larger", "vmalloc", (ARRAY_PAGES + 1) * PAGE_SIZE, make_plain },
	{ "user", "vmalloc", 3 * PAGE_SIZE, make_user },
	{ "low", "vmalloc", 5 * PAGE_SIZE, make_32 },
#ifdef HAVE_VMALLOC_HUGE
	{ "huge", "vmalloc", 2 * PMD_SIZE, make_huge },
#endif
};

/* Pages that vmap() and vm_map_ram() map, and the areas. */
static struct page *pages[PAGES];
static void *vmap_area;
static void *ram_large;
static void *ram_block;

/* The array of put_pages belongs to the area: vfree() frees both. */
static struct page **put_pages;
static void *put_area;
static bool swapped;

/* What many and one keep. */
static DEFINE_MUTEX(lock);
static void **many;
static unsigned int nr_many;
static void *one;

/* ---- Showing ---- */

static void show_area(struct seq_file *m, const char *name, const char *kind,
		      const void *area, size_t size_B, const char *array)
{
	seq_printf(m, "%s %s 0x%lx %zu %zu %s\n", name, kind,
		   (unsigned long)area, size_B, PAGE_ALIGN(size_B) >> PAGE_SHIFT,
		   array);
}

static int areas_show(struct seq_file *m, void *unused)
{
	struct known *k;

	for (k = known; k < known + ARRAY_SIZE(known); k++)
		show_area(m, k->name, k->kind, k->area, k->size_B,
			  PAGE_ALIGN(k->size_B) > ARRAY_PAGES * PAGE_SIZE ?
			  "larger" : "page");
	show_area(m, "vmap", "vmap", vmap_area, PAGES * PAGE_SIZE, "-");
	show_area(m, "ram", "vm_map_ram", ram_large, PAGES * PAGE_SIZE, "-");
	show_area(m, "put_pages", "vmap", put_area, PUT_PAGES * PAGE_SIZE, "page");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(areas);

static void show_pages(struct seq_file *m, const char *name, const void *area,
		       size_t size_B)
{
	size_t at;

	for (at = 0; at < size_B; at += PAGE_SIZE)
		seq_printf(m, "%s 0x%lx %lu\n", name, (unsigned long)area + at,
			   page_to_pfn(vmalloc_to_page(area + at)));
}

static int pages_show(struct seq_file *m, void *unused)
{
	struct known *k;

	for (k = known; k < known + ARRAY_SIZE(known); k++)
		show_pages(m, k->name, k->area, k->size_B);
	show_pages(m, "vmap", vmap_area, PAGES * PAGE_SIZE);
	show_pages(m, "ram", ram_large, PAGES * PAGE_SIZE);
	show_pages(m, "ram_block", ram_block, BLOCK_PAGES * PAGE_SIZE);
	show_pages(m, "put_pages", put_area, PUT_PAGES * PAGE_SIZE);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pages);

/* ---- Doing ---- */

static void free_many(void)
{
	while (nr_many)
		vfree(many[--nr_many]);
	vfree(many);
	many = NULL;
}

static int make_many(unsigned int nr)
{
	free_many();
	if (!nr)
		return 0;
	many = vmalloc(nr * sizeof(*many));
	if (!many)
		return -ENOMEM;
	while (nr_many < nr) {
		many[nr_many] = vmalloc(PAGE_SIZE * (1 + nr_many % 3));
		if (!many[nr_many])
			return -ENOMEM;
		nr_many++;
		cond_resched();
	}
	return 0;
}

static int write_number(const char __user *buf, size_t size_B,
			unsigned int max, unsigned int *number)
{
	int err = kstrtouint_from_user(buf, size_B, 0, number);

	return err ?: *number > max ? -ERANGE : 0;
}

static ssize_t many_write(struct file *file, const char __user *buf,
			  size_t size_B, loff_t *pos)
{
	unsigned int nr;
	int err;

	err = write_number(buf, size_B, MANY_MAX, &nr);
	if (err)
		return err;
	mutex_lock(&lock);
	err = make_many(nr);
	if (err)
		free_many();
	mutex_unlock(&lock);
	return err ?: size_B;
}

static int churn_map(unsigned int round)
{
	void *area;

	if (round % 2) {
		area = vmap(pages, 1 + round % PAGES, VM_MAP, PAGE_KERNEL);
		vunmap(area);
	} else {
		area = vm_map_ram(pages, 1 + round % PAGES, NUMA_NO_NODE);
		if (area)
			vm_unmap_ram(area, 1 + round % PAGES);
	}
	return area ? 0 : -ENOMEM;
}

/* Sizes and kinds that differ from round to round. */
static int churn_once(unsigned int round)
{
	void *area;

	if (round % 3 == 0)
		return churn_map(round / 3);
	if (round % 97 == 1)
		area = vmalloc(PMD_SIZE + PAGE_SIZE);
	else
		area = vmalloc(PAGE_SIZE * (1 + round % 37));
	if (!area)
		return -ENOMEM;
	*(unsigned int *)area = round;
	vfree(area);
	return 0;
}

static ssize_t churn_write(struct file *file, const char __user *buf,
			   size_t size_B, loff_t *pos)
{
	unsigned int i, rounds;
	int err;

	err = write_number(buf, size_B, CHURN_MAX, &rounds);
	for (i = 0; i < rounds && !err; i++) {
		err = churn_once(i);
		cond_resched();
		if (signal_pending(current))
			break;
	}
	return err ?: size_B;
}

static ssize_t swap_write(struct file *file, const char __user *buf,
			  size_t size_B, loff_t *pos)
{
	unsigned int on;
	int err;

	err = write_number(buf, size_B, 1, &on);
	if (err)
		return err;
	mutex_lock(&lock);
	if (on != swapped)
		swap(put_pages[1], put_pages[5]);
	swapped = on;
	mutex_unlock(&lock);
	return size_B;
}

static int one_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "0x%lx\n", (unsigned long)one);
	return 0;
}

static int one_open(struct inode *inode, struct file *file)
{
	return single_open(file, one_show, NULL);
}

static ssize_t one_write(struct file *file, const char __user *buf,
			 size_t size_B, loff_t *pos)
{
	unsigned int want_B;
	int err;

	err = write_number(buf, size_B, ONE_MAX_B, &want_B);
	if (err)
		return err;
	mutex_lock(&lock);
	vfree(one);
	one = want_B ? vmalloc(want_B) : NULL;
	if (want_B && !one)
		err = -ENOMEM;
	mutex_unlock(&lock);
	return err ?: size_B;
}

static ssize_t purge_write(struct file *file, const char __user *buf,
			   size_t size_B, loff_t *pos)
{
	vm_unmap_aliases();
	return size_B;
}

static const struct file_operations many_fops = {
	.owner = THIS_MODULE,
	.write = many_write,
	.llseek = noop_llseek,
};

static const struct file_operations churn_fops = {
	.owner = THIS_MODULE,
	.write = churn_write,
	.llseek = noop_llseek,
};

static const struct file_operations swap_fops = {
	.owner = THIS_MODULE,
	.write = swap_write,
	.llseek = noop_llseek,
};

static const struct file_operations one_fops = {
	.owner = THIS_MODULE,
	.open = one_open,
	.read = seq_read,
	.write = one_write,
	.llseek = noop_llseek,
	.release = single_release,
};

static const struct file_operations purge_fops = {
	.owner = THIS_MODULE,
	.write = purge_write,
	.llseek = noop_llseek,
};

/* ---- Load and unload ---- */

static struct dentry *dir;

/* Every part may be missing. */
static void free_all(void)
{
	struct known *k;
	int i;

	free_many();
	vfree(one);
	if (swapped)
		swap(put_pages[1], put_pages[5]);
	vfree(put_area);
	if (ram_block)
		vm_unmap_ram(ram_block, BLOCK_PAGES);
	if (ram_large)
		vm_unmap_ram(ram_large, PAGES);
	vunmap(vmap_area);
	for (i = 0; i < PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
	for (k = known; k < known + ARRAY_SIZE(known); k++)
		vfree(k->area);
}

static noinline bool make_put_pages(void)
{
	unsigned int i;

	put_pages = kcalloc(PUT_PAGES, sizeof(*put_pages), GFP_KERNEL);
	if (!put_pages)
		return false;
	for (i = 0; i < PUT_PAGES; i++)
		put_pages[i] = alloc_page(GFP_KERNEL);
	if (put_pages[PUT_PAGES - 1])
		put_area = vmap(put_pages, PUT_PAGES, VM_MAP | VM_MAP_PUT_PAGES,
				PAGE_KERNEL);
	return put_area;
}

/* Not in the text of init, which is freed: callers have names. */
static noinline bool make_all(void)
{
	struct known *k;
	int i;

	for (k = known; k < known + ARRAY_SIZE(known); k++) {
		k->area = k->make(k->size_B);
		if (!k->area)
			return false;
	}
	for (i = 0; i < PAGES; i++) {
		/* An order that is not that of the addresses. */
		pages[i * 7 % PAGES] = alloc_page(GFP_KERNEL);
		if (!pages[i * 7 % PAGES])
			return false;
	}
	vmap_area = vmap(pages, PAGES, VM_MAP, PAGE_KERNEL);
	ram_large = vm_map_ram(pages, PAGES, NUMA_NO_NODE);
	ram_block = vm_map_ram(pages, BLOCK_PAGES, NUMA_NO_NODE);
	return vmap_area && ram_large && ram_block && make_put_pages();
}

static int __init mmscope_vmalloc_test_init(void)
{
	if (!make_all()) {
		free_all();
		return -ENOMEM;
	}
	dir = debugfs_create_dir("mmscope_vmalloc_test", NULL);
	debugfs_create_file("areas", 0400, dir, NULL, &areas_fops);
	debugfs_create_file("pages", 0400, dir, NULL, &pages_fops);
	debugfs_create_file("many", 0200, dir, NULL, &many_fops);
	debugfs_create_file("churn", 0200, dir, NULL, &churn_fops);
	debugfs_create_file("swap", 0200, dir, NULL, &swap_fops);
	debugfs_create_file("one", 0600, dir, NULL, &one_fops);
	debugfs_create_file("purge", 0200, dir, NULL, &purge_fops);
	return 0;
}

static void __exit mmscope_vmalloc_test_exit(void)
{
	debugfs_remove(dir);
	free_all();
}

module_init(mmscope_vmalloc_test_init);
module_exit(mmscope_vmalloc_test_exit);

MODULE_DESCRIPTION("Known areas of vmalloc, for mmscope's selftests");
MODULE_AUTHOR("The mmscope developers");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
