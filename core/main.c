// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope.ko: what the modules of the suite share, and the files that belong to
 * none of them. Knows no allocator and attaches to nothing by itself.
 */
#define pr_fmt(fmt) "mmscope: " fmt

#include <linux/init.h>
#include <linux/mm.h>
#include <linux/module.h>

#include <mmscope/layout.h>
#include <mmscope/query.h>
#include <mmscope/version.h>

#include "core.h"

/* What page.c reads of the kernel's structures. */
static struct mms_member members[] = {
	MMS_PUBLIC(page, flags),
	MMS_PUBLIC(page, mapping),
	MMS_PUBLIC(page, private),
	MMS_PUBLIC(page, _mapcount),
	MMS_PUBLIC(page, _refcount),
	MMS_PUBLIC(address_space, host),
	MMS_PUBLIC(inode, i_ino),
	MMS_PUBLIC(inode, i_sb),
	MMS_PUBLIC(inode, i_data),
	MMS_PUBLIC(super_block, s_dev),
};

static struct mms_layout layout = {
	.owner = THIS_MODULE,
	.table = members,
	.nr = ARRAY_SIZE(members),
};

static struct mms_file *const files[] = {
	&mms_status_file,
	&mms_error_log_file,
	&mms_metrics_file,
	&mms_page_file,
	&mms_convert_file,
	&mms_ledger_file,
	&mms_pfn_file,
};

static struct mms_dir dir = {
	.owner = THIS_MODULE,
	.files = files,
	.nr = ARRAY_SIZE(files),
};

static int __init mmscope_init(void)
{
	int err;

	err = mms_layout_add(&layout);
	if (err)
		return err;
	err = mms_symbol_init();
	if (err)
		goto exit_layout;
	mms_page_init();
	mms_owner_init();
	err = mms_query_init();
	if (err)
		goto exit_owner;
	err = mms_dir_add(&dir);
	if (err)
		goto exit_query;
	return 0;

exit_query:
	mms_query_exit();
exit_owner:
	mms_owner_exit();
	mms_page_exit();
exit_layout:
	mms_layout_del(&layout);
	return err;
}

static void __exit mmscope_exit(void)
{
	mms_dir_del(&dir);
	mms_query_exit();
	mms_owner_exit();
	mms_page_exit();
	mms_layout_del(&layout);
}

module_init(mmscope_init);
module_exit(mmscope_exit);

MODULE_DESCRIPTION("mmscope core: symbols, layouts, hooks, requests and pages");
MODULE_AUTHOR("The mmscope developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMSCOPE_VERSION);
