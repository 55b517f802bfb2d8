/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 5.19 gave mm_page_alloc_zone_locked a fourth argument (10e0f7530205): what a
 * callback has behind its third one.
 */
#ifndef _MMSCOPE_COMPAT_TRACE_EVENTS_KMEM_H
#define _MMSCOPE_COMPAT_TRACE_EVENTS_KMEM_H

#include_next <trace/events/kmem.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 19, 0)
#define ZONE_LOCKED_PERCPU_REFILL
#else
#define ZONE_LOCKED_PERCPU_REFILL	, int percpu_refill
#endif

#endif /* _MMSCOPE_COMPAT_TRACE_EVENTS_KMEM_H */
