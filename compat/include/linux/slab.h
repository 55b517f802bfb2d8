/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flags of a cache that came later, as 6.5 brought SLAB_NO_MERGE (d0bf7d5759c1),
 * or went away, as SLAB_MEM_SPREAD before 6.12. 0: no cache has it.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_SLAB_H
#define _MMSCOPE_COMPAT_LINUX_SLAB_H

#include_next <linux/slab.h>

#ifndef SLAB_MEM_SPREAD
#define SLAB_MEM_SPREAD		0
#endif
#ifndef SLAB_KMALLOC
#define SLAB_KMALLOC		0
#endif
#ifndef SLAB_NO_USER_FLAGS
#define SLAB_NO_USER_FLAGS	0
#endif
#ifndef SLAB_SKIP_KFENCE
#define SLAB_SKIP_KFENCE	0
#endif
#ifndef SLAB_NO_MERGE
#define SLAB_NO_MERGE		0
#endif
#ifndef SLAB_NO_OBJ_EXT
#define SLAB_NO_OBJ_EXT		0
#endif
#ifndef SLAB_NO_SHEAVES
#define SLAB_NO_SHEAVES		0
#endif
#ifndef SLAB_OBJ_EXT_IN_OBJ
#define SLAB_OBJ_EXT_IN_OBJ	0
#endif

#endif /* _MMSCOPE_COMPAT_LINUX_SLAB_H */
