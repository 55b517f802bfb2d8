/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 6.16 renamed rdmsrl() to rdmsrq() (c435e608cf59).
 */
#ifndef _MMSCOPE_COMPAT_ASM_MSR_H
#define _MMSCOPE_COMPAT_ASM_MSR_H

#include_next <asm/msr.h>

#ifndef rdmsrq
#define rdmsrq(msr, value)	rdmsrl(msr, value)
#endif

#endif /* _MMSCOPE_COMPAT_ASM_MSR_H */
