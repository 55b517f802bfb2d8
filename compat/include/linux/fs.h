/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.8 made /proc/PID/maps show the file that the user opened where an overlay
 * stands in between (def3ae83da02); before, the mapped file says it itself.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_FS_H
#define _MMSCOPE_COMPAT_LINUX_FS_H

#include_next <linux/fs.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
static inline const struct path *file_user_path(const struct file *file)
{
	return &file->f_path;
}

static inline const struct inode *file_user_inode(const struct file *file)
{
	return file_inode(file);
}
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_FS_H */
