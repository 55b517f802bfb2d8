/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.19 gathered what an entry that is not present may be in <linux/leafops.h>
 * (68aa2fdbf57f) and removed the single questions of <linux/swapops.h>. Here
 * are the new names for older kernels, as far as they are used.
 */
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#include_next <linux/leafops.h>
#else
#ifndef _MMSCOPE_COMPAT_LINUX_LEAFOPS_H
#define _MMSCOPE_COMPAT_LINUX_LEAFOPS_H

#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

typedef swp_entry_t softleaf_t;

enum softleaf_type {
	SOFTLEAF_NONE,
	SOFTLEAF_SWAP,
	SOFTLEAF_MIGRATION_READ,
	SOFTLEAF_MIGRATION_READ_EXCLUSIVE,
	SOFTLEAF_MIGRATION_WRITE,
	SOFTLEAF_DEVICE_PRIVATE_READ,
	SOFTLEAF_DEVICE_PRIVATE_WRITE,
	SOFTLEAF_DEVICE_EXCLUSIVE,
	SOFTLEAF_HWPOISON,
	SOFTLEAF_MARKER,
};

/*
 * 5.14 brought device-exclusive entries (b756a3b5e7ea), is_pfn_swap_entry()
 * (af5cdaf82238) and the name "writable" (4dd845b5a3e5); 5.19 markers
 * (679d10331910); 6.1 a pfn narrower than the offset (0d206b5d2e0d).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 19, 0)
static inline bool is_pte_marker_entry(swp_entry_t entry)
{
	return false;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
static inline bool is_pfn_swap_entry(swp_entry_t entry)
{
	return is_migration_entry(entry) || is_device_private_entry(entry);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
static inline unsigned long swp_offset_pfn(swp_entry_t entry)
{
	return swp_offset(entry);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
static inline bool is_device_exclusive_entry(swp_entry_t entry)
{
	return false;
}

static inline bool is_writable_migration_entry(swp_entry_t entry)
{
	return is_write_migration_entry(entry);
}

static inline bool is_writable_device_private_entry(swp_entry_t entry)
{
	return is_write_device_private_entry(entry);
}
#endif

/* Stable trees got these two as macros in <linux/swapops.h>. */
#ifndef softleaf_from_pte
#define softleaf_from_pte(pte)	pte_to_swp_entry(pte)
#endif
#ifndef softleaf_to_pfn
#define softleaf_to_pfn(entry)	swp_offset_pfn(entry)
#endif

static inline enum softleaf_type softleaf_type(softleaf_t entry)
{
	if (!non_swap_entry(entry))
		return SOFTLEAF_SWAP;
	if (is_pte_marker_entry(entry))
		return SOFTLEAF_MARKER;
	if (is_device_exclusive_entry(entry))
		return SOFTLEAF_DEVICE_EXCLUSIVE;
	if (is_migration_entry(entry))
		return is_writable_migration_entry(entry) ?
		       SOFTLEAF_MIGRATION_WRITE : SOFTLEAF_MIGRATION_READ;
	if (is_device_private_entry(entry))
		return is_writable_device_private_entry(entry) ?
		       SOFTLEAF_DEVICE_PRIVATE_WRITE :
		       SOFTLEAF_DEVICE_PRIVATE_READ;
	return is_hwpoison_entry(entry) ? SOFTLEAF_HWPOISON : SOFTLEAF_NONE;
}

static inline bool softleaf_has_pfn(softleaf_t entry)
{
	return is_pfn_swap_entry(entry) || is_hwpoison_entry(entry);
}

#endif /* _MMSCOPE_COMPAT_LINUX_LEAFOPS_H */
#endif
