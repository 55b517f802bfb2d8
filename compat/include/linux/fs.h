/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an overlay stands in between, the mapped file is not the one that the
 * user opened. 6.7 took the user's path out of its f_path (def3ae83da02) and
 * introduced file_user_path() (08582d678fcf), 6.8 file_user_inode()
 * (3efdc78fdc21). Before, f_path is the user's and the inode the real one.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_FS_H
#define _MMSCOPE_COMPAT_LINUX_FS_H

#include_next <linux/fs.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline const struct path *file_user_path(const struct file *file)
{
	return &file->f_path;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
static inline const struct inode *file_user_inode(const struct file *file)
{
	return file_inode(file);
}
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_FS_H */
