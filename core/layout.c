// SPDX-License-Identifier: GPL-2.0
/*
 * Structure layouts of the running kernel, and whether ours agree with them.
 *
 * A module declares the members that it reads. Private ones get their offset
 * from the kernel's BTF. Public ones come from the headers that the module was
 * built with; module loading does not compare structures, so this does, and a
 * module whose headers disagree with the kernel is refused.
 *
 * The BTF blob is read when a module loads, used in one pass and freed. Not
 * looked at: the BTF of other modules.
 */
#define pr_fmt(fmt) "mmscope: " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/vmalloc.h>

#include <mmscope/layout.h>

#include "btf.h"
#include "core.h"

#define BTF_PATH	"/sys/kernel/btf/vmlinux"
#define BTF_MAX_B	(64UL << 20)

/* All layouts, for status. */
static LIST_HEAD(layouts);
static DEFINE_MUTEX(layouts_lock);

static void *read_whole(const char *path, size_t *size_B)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	loff_t size, at = 0;
	ssize_t got;
	void *blob;

	if (IS_ERR(file))
		return ERR_CAST(file);
	size = i_size_read(file_inode(file));
	blob = ERR_PTR(-EFBIG);
	if (size <= 0 || size > BTF_MAX_B)
		goto close;
	/* Who cannot have it gets an errno; a report of the allocator adds nothing. */
	blob = __vmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!blob) {
		blob = ERR_PTR(-ENOMEM);
		goto close;
	}
	while (at < size) {
		got = kernel_read(file, blob + at, size - at, &at);
		if (got > 0)
			continue;
		vfree(blob);
		blob = ERR_PTR(got ?: -EIO);
		goto close;
	}
	*size_B = size;
close:
	filp_close(file, NULL);
	return blob;
}

static int read_layout(struct mms_layout *layout)
{
	struct mms_btf btf;
	size_t size_B;
	void *blob;
	int err;

	blob = read_whole(BTF_PATH, &size_B);
	if (IS_ERR(blob))
		return PTR_ERR(blob);
	err = mms_btf_open(&btf, blob, size_B);
	if (!err) {
		mms_btf_find(&btf, layout->table, layout->nr);
		mms_btf_close(&btf);
	}
	vfree(blob);
	return err;
}

static bool is_public(const struct mms_member *member)
{
	return member->header_offset_B >= 0;
}

static bool agrees(const struct mms_member *member)
{
	return !is_public(member) || !member->found ||
	       (member->offset_B == member->header_offset_B &&
		member->size_B == member->header_size_B);
}

static int compare_with_headers(const struct mms_layout *layout)
{
	const struct mms_member *member;
	int err = 0;
	unsigned int i;

	for (i = 0; i < layout->nr; i++) {
		member = &layout->table[i];
		if (agrees(member))
			continue;
		pr_err("%s: %s lies at %u (%u bytes) in this kernel, at %d (%d bytes) in the headers it was built with; build it with this kernel's headers\n",
		       layout->owner->name, member->path, member->offset_B,
		       member->size_B, member->header_offset_B,
		       member->header_size_B);
		err = -ENOEXEC;
	}
	return err;
}

/**
 * mms_layout_add() - find a module's members and list them in status
 * @layout: the table; what was found is filled in
 *
 * A kernel without BTF is no error: private members are absent then, public
 * ones are taken from the headers unchecked, and status says so.
 *
 * Context: Process context, from module init.
 * Return: 0; do not load with -ENOEXEC, when headers and kernel disagree, nor with
 * -ENOMEM: what is short now would be missing for as long as the module stays.
 */
int mms_layout_add(struct mms_layout *layout)
{
	int err;

	layout->error = read_layout(layout);
	if (layout->error == -ENOMEM)
		return -ENOMEM;
	if (layout->error)
		pr_warn("%s: no layouts from " BTF_PATH " (errno %d)\n",
			layout->owner->name, -layout->error);
	err = compare_with_headers(layout);
	if (err)
		return err;
	mutex_lock(&layouts_lock);
	list_add_tail(&layout->node, &layouts);
	mutex_unlock(&layouts_lock);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(mms_layout_add, "MMSCOPE");

/**
 * mms_layout_del() - take a module's members off the list
 * @layout: the table, after mms_layout_add() returned 0
 *
 * Context: Process context, from module exit.
 */
void mms_layout_del(struct mms_layout *layout)
{
	mutex_lock(&layouts_lock);
	list_del(&layout->node);
	mutex_unlock(&layouts_lock);
}
EXPORT_SYMBOL_NS_GPL(mms_layout_del, "MMSCOPE");

static void show_member(struct seq_file *m, const struct mms_layout *layout,
			const struct mms_member *member)
{
	seq_printf(m, "%s %s ", member->path, layout->owner->name);
	if (layout->error)
		seq_printf(m, "%s errno=%d,cannot_read:" BTF_PATH "\n",
			   is_public(member) ? "ok" : "off", -layout->error);
	else if (!member->found)
		seq_puts(m, "absent -\n");
	else if (member->bit_size)
		seq_printf(m, "ok offset_B=%u,bit=%u,bits=%u\n", member->offset_B,
			   member->bit_offset, member->bit_size);
	else
		seq_printf(m, "ok offset_B=%u,size_B=%u%s\n", member->offset_B,
			   member->size_B,
			   is_public(member) ? ",headers_agree" : "");
}

/**
 * mms_layouts_show() - the layouts section of status
 * @m: where to print
 */
void mms_layouts_show(struct seq_file *m)
{
	struct mms_layout *layout;
	unsigned int i;

	seq_puts(m, "## layouts\n# name module state detail\n");
	mutex_lock(&layouts_lock);
	list_for_each_entry(layout, &layouts, node)
		for (i = 0; i < layout->nr; i++)
			show_member(m, layout, &layout->table[i]);
	mutex_unlock(&layouts_lock);
}
