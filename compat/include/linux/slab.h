/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flags of a cache that came later, as 6.5 brought SLAB_NO_MERGE (d0bf7d5759c1),
 * or went away, as SLAB_MEM_SPREAD before 6.12. 0: no cache has it.
 */
#ifndef _MMSCOPE_COMPAT_LINUX_SLAB_H
#define _MMSCOPE_COMPAT_LINUX_SLAB_H

#include_next <linux/slab.h>
#include <linux/bits.h>
#include <linux/version.h>

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

/*
 * Flags that mm/slub.c keeps to itself; 6.9 made them bits of the header's enum
 * (cc61eb851c9a).
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#define MMS_SLAB_OBJECT_POISON	((slab_flags_t __force)BIT(_SLAB_OBJECT_POISON))
#define MMS_SLAB_CMPXCHG_DOUBLE	((slab_flags_t __force)BIT(_SLAB_CMPXCHG_DOUBLE))
#else
#define MMS_SLAB_OBJECT_POISON	((slab_flags_t __force)0x80000000U)
#define MMS_SLAB_CMPXCHG_DOUBLE	((slab_flags_t __force)0x40000000U)
#endif

/*
 * kmem_cache_alloc_bulk() returns how many objects came, all or none; 7.2, whether they did,
 * of which a register has one byte.
 */
static inline unsigned int mms_bulk_came(unsigned long returned, unsigned int wanted)
{
	if (__same_type(kmem_cache_alloc_bulk(NULL, 0, 0, NULL), bool))
		returned = (u8)returned;
	return (u32)returned ? wanted : 0;
}

#endif /* _MMSCOPE_COMPAT_LINUX_SLAB_H */
