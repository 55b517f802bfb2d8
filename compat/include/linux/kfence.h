/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 5.12 introduced KFENCE (0ce20dd84089). Before, no address is one of its.
 */
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 12, 0)
#include_next <linux/kfence.h>
#else
#ifndef _MMSCOPE_COMPAT_LINUX_KFENCE_H
#define _MMSCOPE_COMPAT_LINUX_KFENCE_H

#include <linux/types.h>

static inline bool is_kfence_address(const void *addr)
{
	return false;
}

#endif /* _MMSCOPE_COMPAT_LINUX_KFENCE_H */
#endif

/* Where an object's own page is; without KFENCE there is no pool. */
#ifndef _MMSCOPE_COMPAT_LINUX_KFENCE_POOL_H
#define _MMSCOPE_COMPAT_LINUX_KFENCE_POOL_H

#include <linux/types.h>
#include <linux/uaccess.h>

static inline const char *kfence_pool_start(void)
{
#ifdef CONFIG_KFENCE
	return __kfence_pool;
#else
	return NULL;
#endif
}

/*
 * Where the descriptions of its objects begin, by the variable kfence_metadata: 6.6 made
 * a pointer of the array (cabdf74e6b31).
 */
static inline const char *kfence_metadata_start(unsigned long variable)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return (const char *)variable;
#else
	const char *start;

	return variable && !get_kernel_nofault(start, (const char *const *)variable) ?
	       start : NULL;
#endif
}

/*
 * Of enum kfence_object_state, which is private: unused, allocated, and since 6.12, before
 * freed, what is freed but waits for RCU (c36be0cdf63d).
 */
static inline bool kfence_state_is_held(u64 state)
{
	return state == 1 ||
	       (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) && state == 2);
}

#endif /* _MMSCOPE_COMPAT_LINUX_KFENCE_POOL_H */
