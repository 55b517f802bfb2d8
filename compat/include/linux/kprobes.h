/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 5.11 took the way from an instance to its kretprobe out of the instance
 * (d741bf41d7c7).
 */
#ifndef _MMSCOPE_COMPAT_LINUX_KPROBES_H
#define _MMSCOPE_COMPAT_LINUX_KPROBES_H

#include_next <linux/kprobes.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
static inline struct kretprobe *get_kretprobe(struct kretprobe_instance *ri)
{
	return ri->rp;
}
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_KPROBES_H */
