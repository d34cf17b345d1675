// SPDX-License-Identifier: Apache-2.0
// Included before everything else: what the model prints ($display, assertion texts) is captured, never printed.
#pragma once
#ifdef __cplusplus
extern "C"
#endif
int b2h_printf(const char* format, ...);
#define VL_PRINTF b2h_printf
