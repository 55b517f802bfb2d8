/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MMSCOPE_VERSION_H
#define _MMSCOPE_VERSION_H

#define MMSCOPE_VERSION	"0.1"

#endif /* _MMSCOPE_VERSION_H */
