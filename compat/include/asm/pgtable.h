/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86: 6.6 keeps the dirty bit of a write-protected page in a software bit
 * (fca4d413c5f7); before, there is the one bit.
 *
 * arm64: 6.9 takes the shareability bits of an entry for the address where this
 * has 52 bits (db95ea787bd1); before, they always say how a page is shared.
 */
#ifndef _MMSCOPE_COMPAT_ASM_PGTABLE_H
#define _MMSCOPE_COMPAT_ASM_PGTABLE_H

#include_next <asm/pgtable.h>

#ifndef _PAGE_DIRTY_BITS
#define _PAGE_DIRTY_BITS	_PAGE_DIRTY
#endif

#ifndef PTE_MAYBE_SHARED
#define PTE_MAYBE_SHARED	PTE_SHARED
#endif

#endif /* _MMSCOPE_COMPAT_ASM_PGTABLE_H */
