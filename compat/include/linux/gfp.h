/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flags of requests for memory that not every kernel has; without a bit there.
 * 5.18 brought those of tags and of KASAN (9353ffa6e9e9), 6.4 made two of these
 * one, 6.10 brought the one of slab objects' extensions; 6.3 dropped atomic.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_GFP_H
#define _MMSCOPE_COMPAT_LINUX_GFP_H

#include_next <linux/gfp.h>

#define MMS_NO_GFP	((__force gfp_t)0)

#ifndef __GFP_ATOMIC
#define __GFP_ATOMIC	MMS_NO_GFP
#endif
#ifndef __GFP_ZEROTAGS
#define __GFP_ZEROTAGS	MMS_NO_GFP
#endif
#ifndef __GFP_SKIP_ZERO
#define __GFP_SKIP_ZERO	MMS_NO_GFP
#endif
#ifndef __GFP_SKIP_KASAN
#define __GFP_SKIP_KASAN	MMS_NO_GFP
#endif
#ifndef __GFP_SKIP_KASAN_POISON
#define __GFP_SKIP_KASAN_POISON	MMS_NO_GFP
#endif
#ifndef __GFP_SKIP_KASAN_UNPOISON
#define __GFP_SKIP_KASAN_UNPOISON	MMS_NO_GFP
#endif
#ifndef __GFP_NO_OBJ_EXT
#define __GFP_NO_OBJ_EXT	MMS_NO_GFP
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_GFP_H */
