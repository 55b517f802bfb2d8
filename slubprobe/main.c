// SPDX-License-Identifier: GPL-2.0
/*
 * slubprobe.ko: the slab allocator, down to every object. Attaches to nothing
 * and holds nothing while no file is open and no event is on.
 */
#define pr_fmt(fmt) "slubprobe: " fmt

#include <linux/init.h>
#include <linux/module.h>

#include <mmscope/owner.h>
#include <mmscope/query.h>
#include <mmscope/version.h>

#include "level.h"
#include "slubprobe.h"

static struct mms_file *const files[] = {
	&slubprobe_caches_file,
	&slubprobe_cache_file,
	&slubprobe_check_file,
	&slubprobe_object_file,
	&slubprobe_slabs_file,
	&slubprobe_objects_file,
	&slubprobe_objects_bin_file,
	&slubprobe_classes_file,
	&slubprobe_kmalloc_file,
	&slubprobe_stats_file,
	&slubprobe_own_file,
};

static void show_features(struct seq_file *m)
{
	slub_features(m);
	slub_level_features(m);
}

static struct mms_dir dir = {
	.name = "slubprobe",
	.owner = THIS_MODULE,
	.files = files,
	.nr = ARRAY_SIZE(files),
	.show_features = show_features,
};

static int __init slubprobe_init(void)
{
	int err;

	err = slub_init();
	if (err)
		return err;
	err = slub_level_init();
	if (err)
		goto slub_exit;
	err = mms_dir_add(&dir);
	if (err)
		goto level_exit;
	mms_answerer_add(&slubprobe_answerer);
	return 0;

level_exit:
	slub_level_exit();
slub_exit:
	slub_exit();
	return err;
}

static void __exit slubprobe_exit(void)
{
	mms_answerer_del(&slubprobe_answerer);
	mms_dir_del(&dir);
	slub_level_exit();
	slub_exit();
	slub_own_exit();
}

module_init(slubprobe_init);
module_exit(slubprobe_exit);

MODULE_DESCRIPTION("mmscope: the slab allocator, down to every object");
MODULE_AUTHOR("The mmscope developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(MMSCOPE_VERSION);
MODULE_IMPORT_NS("MMSCOPE");
