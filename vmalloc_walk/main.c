// SPDX-License-Identifier: GPL-2.0
/*
 * vmalloc_walk.ko: the areas of vmalloc(), what is between them, and how they are
 * mapped. Attaches to nothing and holds nothing while no file is open and no event
 * is on.
 */
#define pr_fmt(fmt) "vmalloc_walk: " fmt

#include <linux/init.h>
#include <linux/module.h>

#include <mmscope/owner.h>
#include <mmscope/query.h>
#include <mmscope/version.h>

#include "path.h"
#include "vmalloc_walk.h"

static struct mms_file *const files[] = {
	&vmw_areas_file,
	&vmw_area_file,
	&vmw_holes_file,
	&vmw_lazy_file,
	&vmw_sync_file,
	&vmw_check_file,
	&vmw_vmalloc_file,
};

static void show_features(struct seq_file *m)
{
	vmw_trees_features(m);
	vmw_path_features(m);
}

static struct mms_dir dir = {
	.name = "vmalloc_walk",
	.owner = THIS_MODULE,
	.files = files,
	.nr = ARRAY_SIZE(files),
	.show_features = show_features,
};

static int __init vmalloc_walk_init(void)
{
	int err;

	vmw_areas_init();
	err = vmw_trees_init();
	if (err)
		return err;
	err = vmw_path_init();
	if (err)
		goto trees_exit;
	err = mms_dir_add(&dir);
	if (err)
		goto path_exit;
	mms_answerer_add(&vmw_answerer);
	return 0;

path_exit:
	vmw_path_exit();
trees_exit:
	vmw_trees_exit();
	return err;
}

static void __exit vmalloc_walk_exit(void)
{
	mms_answerer_del(&vmw_answerer);
	mms_dir_del(&dir);
	vmw_path_exit();
	vmw_trees_exit();
}

module_init(vmalloc_walk_init);
module_exit(vmalloc_walk_exit);

MODULE_DESCRIPTION("mmscope: vmalloc areas, holes and mappings");
MODULE_AUTHOR("The mmscope developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMSCOPE_VERSION);
MODULE_IMPORT_NS("MMSCOPE");
