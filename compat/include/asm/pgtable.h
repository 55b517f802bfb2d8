/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.6 keeps the dirty bit of a write-protected page in a software bit
 * (fca4d413c5f7); before, there is the one bit.
 */
#ifndef _MMSCOPE_COMPAT_ASM_PGTABLE_H
#define _MMSCOPE_COMPAT_ASM_PGTABLE_H

#include_next <asm/pgtable.h>

#ifndef _PAGE_DIRTY_BITS
#define _PAGE_DIRTY_BITS	_PAGE_DIRTY
#endif

#endif /* _MMSCOPE_COMPAT_ASM_PGTABLE_H */
