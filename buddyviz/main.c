// SPDX-License-Identifier: GPL-2.0
/*
 * buddyviz.ko: zones, free lists and per-CPU page lists of the page allocator.
 * Attaches to nothing and holds nothing while no file is open and no event is on.
 */
#define pr_fmt(fmt) "buddyviz: " fmt

#include <linux/init.h>
#include <linux/module.h>

#include <mmscope/owner.h>
#include <mmscope/query.h>
#include <mmscope/version.h>

#include "buddyviz.h"
#include "path.h"

static struct mms_file *const files[] = {
	&buddyviz_zones_file,
	&buddyviz_freelists_file,
	&buddyviz_blocks_file,
	&buddyviz_blocks_bin_file,
	&buddyviz_pcp_file,
	&buddyviz_pageblocks_file,
	&buddyviz_fragmentation_file,
	&buddyviz_check_file,
	&buddyviz_gfp_file,
	&buddyviz_block_file,
	&buddyviz_alloc_file,
};

static void show_features(struct seq_file *m)
{
	buddyviz_zones_features(m);
	buddyviz_path_features(m);
}

static struct mms_dir dir = {
	.name = "buddyviz",
	.owner = THIS_MODULE,
	.files = files,
	.nr = ARRAY_SIZE(files),
	.show_features = show_features,
};

static int __init buddyviz_init(void)
{
	int err;

	buddyviz_zones_init();
	err = buddyviz_path_init();
	if (err)
		goto zones_exit;
	err = mms_dir_add(&dir);
	if (err)
		goto path_exit;
	mms_answerer_add(&buddyviz_answerer);
	return 0;

path_exit:
	buddyviz_path_exit();
zones_exit:
	buddyviz_zones_exit();
	return err;
}

static void __exit buddyviz_exit(void)
{
	mms_answerer_del(&buddyviz_answerer);
	mms_dir_del(&dir);
	buddyviz_path_exit();
	buddyviz_zones_exit();
}

module_init(buddyviz_init);
module_exit(buddyviz_exit);

MODULE_DESCRIPTION("mmscope: zones, free lists and per-CPU page lists");
MODULE_AUTHOR("The mmscope developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMSCOPE_VERSION);
MODULE_IMPORT_NS("MMSCOPE");
