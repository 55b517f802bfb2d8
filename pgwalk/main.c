// SPDX-License-Identifier: GPL-2.0
/*
 * pgwalk.ko: page tables, address spaces and page faults. Attaches to nothing and
 * holds nothing while no file is open and no event is on.
 */
#define pr_fmt(fmt) "pgwalk: " fmt

#include <linux/init.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>

#include <mmscope/layout.h>
#include <mmscope/owner.h>
#include <mmscope/query.h>
#include <mmscope/version.h>

#include "arch.h"
#include "fault.h"
#include "pgwalk.h"

/* What pgwalk reads of the kernel's structures. */
static struct mms_member members[] = {
	MMS_PUBLIC(task_struct, mm),
	MMS_PUBLIC(task_struct, active_mm),
	MMS_PUBLIC(task_struct, flags),
	MMS_PUBLIC(mm_struct, pgd),
	MMS_PUBLIC(mm_struct, mmap_lock),
	MMS_PUBLIC(mm_struct, page_table_lock),
	MMS_PUBLIC(mm_struct, mm_users),
	MMS_PUBLIC(mm_struct, mm_count),
	MMS_PUBLIC(mm_struct, map_count),
	MMS_PUBLIC(mm_struct, total_vm),
	MMS_PUBLIC(mm_struct, rss_stat),
	MMS_PUBLIC(mm_struct, start_stack),
	MMS_PUBLIC(vm_area_struct, vm_start),
	MMS_PUBLIC(vm_area_struct, vm_end),
	MMS_PUBLIC(vm_area_struct, vm_mm),
	MMS_PUBLIC(vm_area_struct, vm_flags),
	MMS_PUBLIC(vm_area_struct, vm_ops),
	MMS_PUBLIC(vm_area_struct, vm_file),
	MMS_PUBLIC(vm_area_struct, vm_pgoff),
	MMS_PUBLIC(file, f_inode),
	MMS_PUBLIC(inode, i_sb),
	MMS_PUBLIC(inode, i_mode),
	MMS_PUBLIC(inode, i_size),
	MMS_PUBLIC(inode, i_mapping),
	MMS_PUBLIC(address_space, i_pages),
	MMS_PUBLIC(super_block, s_magic),
};

static struct mms_layout layout = {
	.owner = THIS_MODULE,
	.table = members,
	.nr = ARRAY_SIZE(members),
};

static struct mms_file *const files[] = {
	&pgwalk_walk_file,
	&pgwalk_walk_bin_file,
	&pgwalk_range_file,
	&pgwalk_range_bin_file,
	&pgwalk_mm_file,
	&pgwalk_vmas_file,
	&pgwalk_layout_file,
	&pgwalk_faults_file,
	&pgwalk_pagecache_file,
	&pgwalk_map_file,
	&pgwalk_entry_file,
	&pgwalk_pin_file,
	&pgwalk_rmap_file,
};

static void show_features(struct seq_file *m)
{
	pgwalk_kernel_features(m);
	pgwalk_fault_features(m);
	pgwalk_rmap_features(m);
}

static struct mms_dir dir = {
	.name = "pgwalk",
	.owner = THIS_MODULE,
	.files = files,
	.nr = ARRAY_SIZE(files),
	.show_features = show_features,
};

static int __init pgwalk_init(void)
{
	int err;

	err = pgwalk_arch_check() ?: mms_layout_add(&layout);
	if (err)
		return err;
	pgwalk_kernel_init();
	pgwalk_arch_init();
	pgwalk_rmap_init();
	err = pgwalk_fault_init();
	if (err)
		goto exit_rmap;
	err = mms_dir_add(&dir);
	if (err)
		goto exit_fault;
	mms_answerer_add(&pgwalk_answerer);
	return 0;

exit_fault:
	pgwalk_fault_exit();
exit_rmap:
	pgwalk_rmap_exit();
	pgwalk_arch_exit();
	pgwalk_kernel_exit();
	mms_layout_del(&layout);
	return err;
}

static void __exit pgwalk_exit(void)
{
	mms_answerer_del(&pgwalk_answerer);
	mms_dir_del(&dir);
	pgwalk_fault_exit();
	pgwalk_rmap_exit();
	pgwalk_arch_exit();
	pgwalk_kernel_exit();
	mms_layout_del(&layout);
}

module_init(pgwalk_init);
module_exit(pgwalk_exit);

MODULE_DESCRIPTION("mmscope: page-table walks and address spaces");
MODULE_AUTHOR("The mmscope developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMSCOPE_VERSION);
MODULE_IMPORT_NS("MMSCOPE");
