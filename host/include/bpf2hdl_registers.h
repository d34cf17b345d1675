/* SPDX-License-Identifier: Apache-2.0 */
/* Made from bpf2hdl/interface/src/registers by its test `registers`; do not edit.
 * Registers have 32 bits, little-endian; addresses are in bytes from the start of the AXI4-Lite bus of the core, shell or board. */
#ifndef BPF2HDL_REGISTERS_H
#define BPF2HDL_REGISTERS_H

#define BPF2HDL_CORE_BASE 0x00000000u /* of bpf_core, the same for every program; 65536 bytes */
#define BPF2HDL_CORE_MAGIC 0x00000000u /* RO */
#define BPF2HDL_CORE_MAGIC_VALUE 0x42324831u
#define BPF2HDL_CORE_INTERFACE_VERSION 0x00000004u /* RO */
#define BPF2HDL_CORE_INTERFACE_VERSION_VALUE 0x00000001u
#define BPF2HDL_CORE_BUS_BITS 0x00000008u /* RO */
#define BPF2HDL_CORE_MAP_COUNT 0x0000000cu /* RO */
#define BPF2HDL_CORE_BUILD_ID 0x00000010u /* RO */
#define BPF2HDL_CORE_BUILD_ID_WORDS 8u /* 32-bit words */
#define BPF2HDL_CORE_CONTROL 0x00000030u /* RW */
#define BPF2HDL_CORE_CONTROL_LOSSLESS_MASK 0x00000001u /* a full output FIFO stops the input instead of losing packets */
#define BPF2HDL_CORE_CONTROL_COUNTER_CLEAR_MASK 0x00000002u /* sets all counters to zero */
#define BPF2HDL_CORE_STATUS 0x00000034u /* RO */
#define BPF2HDL_CORE_STATUS_IDLE_MASK 0x00000001u /* no packet is inside */
#define BPF2HDL_CORE_STATUS_CLEARING_MASK 0x00000002u /* hash maps are being cleared (after reset or a new seed), packets wait */
#define BPF2HDL_CORE_TIME 0x00000040u /* RW */
#define BPF2HDL_CORE_TIME_WORDS 2u /* 32-bit words */
#define BPF2HDL_CORE_TIME_RATE 0x00000048u /* RW */
#define BPF2HDL_CORE_TIME_STEP 0x0000004cu /* RW */
#define BPF2HDL_CORE_RANDOM 0x00000050u /* WO */
#define BPF2HDL_CORE_RANDOM_WORDS 2u /* 32-bit words */
#define BPF2HDL_CORE_COUNTERS 0x00000100u /* RO */
#define BPF2HDL_CORE_COUNTERS_WORDS 64u /* 32-bit words */
#define BPF2HDL_CORE_MAP_SELECT 0x00000400u /* RW */
#define BPF2HDL_CORE_MAP_INDEX 0x00000404u /* RW */
#define BPF2HDL_CORE_MAP_COMMAND 0x00000408u /* WO */
#define BPF2HDL_CORE_MAP_COMMAND_COMMAND_MASK 0x000000ffu /* what to do */
#define BPF2HDL_CORE_MAP_COMMAND_COMMAND_SHIFT 0u
#define BPF2HDL_CORE_MAP_COMMAND_INCREMENT_MASK 0x00000100u /* of read and write: then add 1 to MAP_INDEX */
#define BPF2HDL_CORE_MAP_COMMAND_FLAGS_MASK 0x00030000u /* of an update: bpf(2)'s flags; of a trie's word, bit 16: the word is used */
#define BPF2HDL_CORE_MAP_COMMAND_FLAGS_SHIFT 16u
#define BPF2HDL_CORE_MAP_COMMAND_READ 1u /* the entry into DATA */
#define BPF2HDL_CORE_MAP_COMMAND_WRITE 2u /* DATA to the entry; LPM tries: a word of the tree (below) */
#define BPF2HDL_CORE_MAP_COMMAND_LOOKUP 4u /* the value of KEY into DATA; LPM tries: this and the next three work on the slot MAP_INDEX */
#define BPF2HDL_CORE_MAP_COMMAND_UPDATE 5u /* DATA becomes the value of KEY */
#define BPF2HDL_CORE_MAP_COMMAND_DELETE 6u /* removes KEY */
#define BPF2HDL_CORE_MAP_COMMAND_NEXT 7u /* some entry into KEY and DATA, the first one for MAP_INDEX 0, which then leads to another one */
#define BPF2HDL_CORE_MAP_STATUS 0x0000040cu /* RO */
#define BPF2HDL_CORE_MAP_STATUS_BUSY_MASK 0x00000001u /* the command is not finished */
#define BPF2HDL_CORE_MAP_STATUS_ERROR_MASK 0x00000002u /* no such map or entry, or a command for another kind of map */
#define BPF2HDL_CORE_MAP_STATUS_ERRNO_MASK 0x00001f00u /* error number of the last command on a key (errno.h) */
#define BPF2HDL_CORE_MAP_STATUS_ERRNO_SHIFT 8u
#define BPF2HDL_CORE_MAP_ENTRIES 0x00000410u /* RO */
#define BPF2HDL_CORE_MAP_REFUSED 0x00000414u /* RO */
#define BPF2HDL_CORE_MAP_SEED 0x00000420u /* WO */
#define BPF2HDL_CORE_MAP_SEED_WORDS 4u /* 32-bit words */
#define BPF2HDL_CORE_KEY 0x00000800u /* RW */
#define BPF2HDL_CORE_KEY_WORDS 16u /* 32-bit words */
#define BPF2HDL_CORE_DATA 0x00001000u /* RW */
#define BPF2HDL_CORE_DATA_WORDS 1024u /* 32-bit words */
#define BPF2HDL_CORE_COUNTER_RX_PACKETS 0x00000100u /* frames received */
#define BPF2HDL_CORE_COUNTER_RX_BYTES 0x00000108u /* their bytes */
#define BPF2HDL_CORE_COUNTER_ABORTED_PACKETS 0x00000110u /* verdicts ABORTED */
#define BPF2HDL_CORE_COUNTER_ABORTED_BYTES 0x00000118u /* bytes of these as received */
#define BPF2HDL_CORE_COUNTER_DROP_PACKETS 0x00000120u /* verdicts DROP */
#define BPF2HDL_CORE_COUNTER_DROP_BYTES 0x00000128u /* bytes of these as received */
#define BPF2HDL_CORE_COUNTER_PASS_PACKETS 0x00000130u /* verdicts PASS */
#define BPF2HDL_CORE_COUNTER_PASS_BYTES 0x00000138u /* bytes of these as received */
#define BPF2HDL_CORE_COUNTER_TX_PACKETS 0x00000140u /* verdicts TX */
#define BPF2HDL_CORE_COUNTER_TX_BYTES 0x00000148u /* bytes of these as received */
#define BPF2HDL_CORE_COUNTER_REDIRECT_PACKETS 0x00000150u /* verdicts REDIRECT */
#define BPF2HDL_CORE_COUNTER_REDIRECT_BYTES 0x00000158u /* bytes of these as received */
#define BPF2HDL_CORE_COUNTER_PASS_LOST_PACKETS 0x00000160u /* PASS that the output had no room for */
#define BPF2HDL_CORE_COUNTER_TX_LOST_PACKETS 0x00000168u /* TX that the output had no room for */
#define BPF2HDL_CORE_COUNTER_INPUT_STALL_CYCLES 0x00000170u /* clocks in which the MAC offered a beat and was refused */
#define BPF2HDL_CORE_COUNTER_CYCLES 0x00000178u /* clocks */
#define BPF2HDL_CORE_COUNTER_REDIRECT_LOST_PACKETS 0x00000180u /* REDIRECT that the output had no room for */
#define BPF2HDL_CORE_COUNTER_REDIRECT_NO_TARGET_PACKETS 0x00000188u /* REDIRECT without a target */
#define BPF2HDL_CORE_COUNTER_EVENT_RECORDS 0x00000190u /* records that left for the host */
#define BPF2HDL_CORE_COUNTER_EVENT_LOST_RECORDS 0x00000198u /* records that found no room */

#define BPF2HDL_ENGINE_BASE 0x00000000u /* of engines, beside those of bpf_core; 65536 bytes */
#define BPF2HDL_ENGINE_ENGINE_CONTROL 0x00000500u /* RW */
#define BPF2HDL_ENGINE_ENGINE_CONTROL_RUN_MASK 0x00000001u /* takes packets and map commands; 0 while a program is loaded */
#define BPF2HDL_ENGINE_ENGINE_ADDRESS 0x00000504u /* RW */
#define BPF2HDL_ENGINE_ENGINE_DATA 0x00000508u /* WO */
#define BPF2HDL_ENGINE_ENGINE_FILL 0x0000050cu /* WO */
#define BPF2HDL_ENGINE_ENGINE_MEMORY 0x00000510u /* RO */
#define BPF2HDL_ENGINE_ENGINE_SLOTS 0x00000514u /* RO */
#define BPF2HDL_ENGINE_ENGINE_FAULTS 0x00000518u /* RO */
#define BPF2HDL_ENGINE_ENGINE_FAULT_SLOT 0x0000051cu /* RO */
#define BPF2HDL_ENGINE_ENGINE_FAULT_ADDRESS 0x00000520u /* RO */

#define BPF2HDL_SHELL_BASE 0x00010000u /* of the wrapper of a NIC shell, beside the core's; 4096 bytes */
#define BPF2HDL_SHELL_MAGIC 0x00010000u /* RO */
#define BPF2HDL_SHELL_MAGIC_VALUE 0x42324853u
#define BPF2HDL_SHELL_VERSION 0x00010004u /* RO */
#define BPF2HDL_SHELL_VERSION_VALUE 0x00000001u
#define BPF2HDL_SHELL_PORTS 0x00010008u /* RO */
#define BPF2HDL_SHELL_CONTROL 0x0001000cu /* RW */
#define BPF2HDL_SHELL_CONTROL_LOSSLESS_MASK 0x00000001u /* queues of the outputs (with several ports) wait for room instead of losing frames */
#define BPF2HDL_SHELL_SHELL 0x00010010u /* RO */
#define BPF2HDL_SHELL_SHELL_OPENNIC 1u /* OpenNIC */
#define BPF2HDL_SHELL_SHELL_CORUNDUM 2u /* Corundum */
#define BPF2HDL_SHELL_SHELL_LITEX 3u /* LiteX */
#define BPF2HDL_SHELL_NO_PORT 0x00010014u /* RO */
#define BPF2HDL_SHELL_NO_SOCKET 0x00010018u /* RO */
#define BPF2HDL_SHELL_IFINDEX 0x00010020u /* RW */
#define BPF2HDL_SHELL_IFINDEX_STRIDE 4u
#define BPF2HDL_SHELL_IFINDEX_MOST 8u /* so many at most */
#define BPF2HDL_SHELL_HOST_LOST 0x00010040u /* RO */
#define BPF2HDL_SHELL_HOST_LOST_STRIDE 4u
#define BPF2HDL_SHELL_HOST_LOST_MOST 8u /* so many at most */
#define BPF2HDL_SHELL_PORT_LOST 0x00010060u /* RO */
#define BPF2HDL_SHELL_PORT_LOST_STRIDE 4u
#define BPF2HDL_SHELL_PORT_LOST_MOST 8u /* so many at most */

#define BPF2HDL_TAP_BASE 0x00011000u /* of the tap, beside the wrapper's; 4096 bytes */
#define BPF2HDL_TAP_MAGIC 0x00011000u /* RO */
#define BPF2HDL_TAP_MAGIC_VALUE 0x42325450u
#define BPF2HDL_TAP_VERSION 0x00011004u /* RO */
#define BPF2HDL_TAP_VERSION_VALUE 0x00000001u
#define BPF2HDL_TAP_BUS_BITS 0x00011008u /* RO */
#define BPF2HDL_TAP_CONTROL 0x0001100cu /* RW */
#define BPF2HDL_TAP_CONTROL_ON_MASK 0x00000001u /* frames that begin from now on are copied */
#define BPF2HDL_TAP_CONTROL_POINTS_MASK 0x000000f0u /* where: bit 0 entry, 1 PASS, 2 TX, 3 REDIRECT */
#define BPF2HDL_TAP_CONTROL_POINTS_SHIFT 4u
#define BPF2HDL_TAP_SNAP 0x00011010u /* RW */
#define BPF2HDL_TAP_MASK 0x00011014u /* RW */
#define BPF2HDL_TAP_SAMPLE 0x00011018u /* RW */
#define BPF2HDL_TAP_CLOCK 0x00011020u /* RO */
#define BPF2HDL_TAP_CLOCK_WORDS 2u /* 32-bit words */
#define BPF2HDL_TAP_COPIES 0x00011040u /* RO */
#define BPF2HDL_TAP_COPIES_STRIDE 4u
#define BPF2HDL_TAP_COPIES_MOST 4u /* so many at most */
#define BPF2HDL_TAP_LOST 0x00011060u /* RO */
#define BPF2HDL_TAP_LOST_STRIDE 4u
#define BPF2HDL_TAP_LOST_MOST 4u /* so many at most */

#define BPF2HDL_GATE_BASE 0x0001f000u /* of the gate for bad frames of LiteX, beside the wrapper's; 4096 bytes */
#define BPF2HDL_GATE_BAD 0x0001f000u /* RO */
#define BPF2HDL_GATE_FULL 0x0001f004u /* RO */

#define BPF2HDL_BOARD_BASE 0x00008000u /* of a board, beside the core's; 4096 bytes */
#define BPF2HDL_BOARD_MAGIC 0x00008000u /* RO */
#define BPF2HDL_BOARD_MAGIC_VALUE 0x42324257u
#define BPF2HDL_BOARD_VERSION 0x00008004u /* RO */
#define BPF2HDL_BOARD_VERSION_VALUE 0x00000001u
#define BPF2HDL_BOARD_PORTS 0x00008008u /* RO */
#define BPF2HDL_BOARD_NOWHERE 0x0000800cu /* RO */
#define BPF2HDL_BOARD_RX_GOOD 0x00008010u /* RO */
#define BPF2HDL_BOARD_RX_GOOD_STRIDE 32u
#define BPF2HDL_BOARD_RX_GOOD_MOST 8u /* so many at most */
#define BPF2HDL_BOARD_RX_BAD 0x00008014u /* RO */
#define BPF2HDL_BOARD_RX_BAD_STRIDE 32u
#define BPF2HDL_BOARD_RX_BAD_MOST 8u /* so many at most */
#define BPF2HDL_BOARD_RX_LOST 0x00008018u /* RO */
#define BPF2HDL_BOARD_RX_LOST_STRIDE 32u
#define BPF2HDL_BOARD_RX_LOST_MOST 8u /* so many at most */
#define BPF2HDL_BOARD_TX_FRAMES 0x0000801cu /* RO */
#define BPF2HDL_BOARD_TX_FRAMES_STRIDE 32u
#define BPF2HDL_BOARD_TX_FRAMES_MOST 8u /* so many at most */
#define BPF2HDL_BOARD_TX_LOST 0x00008020u /* RO */
#define BPF2HDL_BOARD_TX_LOST_STRIDE 32u
#define BPF2HDL_BOARD_TX_LOST_MOST 8u /* so many at most */
#define BPF2HDL_BOARD_LINK 0x00008024u /* RO */
#define BPF2HDL_BOARD_LINK_STRIDE 32u
#define BPF2HDL_BOARD_LINK_MOST 8u /* so many at most */
#define BPF2HDL_BOARD_LINK_UP_MASK 0x00000001u /* link is up */
#define BPF2HDL_BOARD_LINK_SPEED_MASK 0x00000006u /* 2: 1000 Mbit/s */
#define BPF2HDL_BOARD_LINK_SPEED_SHIFT 1u
#define BPF2HDL_BOARD_LINK_DUPLEX_MASK 0x00000008u /* full duplex */

#endif
