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
#define BPF2HDL_SHELL_SHELL_NETFPGA_PLUS 4u /* NetFPGA-PLUS */
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

#define BPF2HDL_NIC_BASE 0x00010000u /* of the single-port NIC, beside its parts'; 4096 bytes */
#define BPF2HDL_NIC_MAGIC 0x00010000u /* RO */
#define BPF2HDL_NIC_MAGIC_VALUE 0x4232484eu
#define BPF2HDL_NIC_VERSION 0x00010004u /* RO */
#define BPF2HDL_NIC_VERSION_VALUE 0x00000001u
#define BPF2HDL_NIC_CONFIG 0x00010008u /* RO */
#define BPF2HDL_NIC_CONFIG_DATA_QUEUES_MASK 0x000000ffu /* receive queues for frames, 0 to this less 1; then that of events, then that of the tap */
#define BPF2HDL_NIC_CONFIG_DATA_QUEUES_SHIFT 0u
#define BPF2HDL_NIC_CONFIG_TX_QUEUES_MASK 0x0000ff00u /* transmit queues */
#define BPF2HDL_NIC_CONFIG_TX_QUEUES_SHIFT 8u
#define BPF2HDL_NIC_CONFIG_BUS_BITS_MASK 0xffff0000u /* width of streams and memory bus */
#define BPF2HDL_NIC_CONFIG_BUS_BITS_SHIFT 16u
#define BPF2HDL_NIC_CONTROL 0x0001000cu /* RW */
#define BPF2HDL_NIC_CONTROL_BY_RX_QUEUE_MASK 0x00000001u /* frames that no redirect steers go to the queue that came with them from the MAC; else to queue 0 */
#define BPF2HDL_NIC_IFINDEX 0x00010010u /* RW */
#define BPF2HDL_NIC_RX_BAD 0x00010020u /* RO */
#define BPF2HDL_NIC_RX_SIZE 0x00010024u /* RO */
#define BPF2HDL_NIC_RX_FULL 0x00010028u /* RO */
#define BPF2HDL_NIC_RX_FRAMES 0x0001002cu /* RO */
#define BPF2HDL_NIC_NO_PORT 0x00010030u /* RO */
#define BPF2HDL_NIC_TO_HOST 0x00010034u /* RO */
#define BPF2HDL_NIC_RECORDS 0x00010038u /* RO */
#define BPF2HDL_NIC_TX_FRAMES 0x0001003cu /* RO */
#define BPF2HDL_NIC_TX_HOST 0x00010040u /* RO */

#define BPF2HDL_SLOTS_BASE 0x00012000u /* of the two program slots, beside the NIC's; 4096 bytes */
#define BPF2HDL_SLOTS_MAGIC 0x00012000u /* RO */
#define BPF2HDL_SLOTS_MAGIC_VALUE 0x4232534cu
#define BPF2HDL_SLOTS_VERSION 0x00012004u /* RO */
#define BPF2HDL_SLOTS_VERSION_VALUE 0x00000001u
#define BPF2HDL_SLOTS_SELECT 0x00012008u /* RW */
#define BPF2HDL_SLOTS_SELECT_NONE 0u /* none */
#define BPF2HDL_SLOTS_SELECT_A 1u /* slot A */
#define BPF2HDL_SLOTS_SELECT_B 2u /* slot B */
#define BPF2HDL_SLOTS_STATUS 0x0001200cu /* RO */
#define BPF2HDL_SLOTS_STATUS_RUNNING_MASK 0x00000003u /* the slot that gets frames, as in SELECT; 0 also during a switch */
#define BPF2HDL_SLOTS_STATUS_RUNNING_SHIFT 0u
#define BPF2HDL_SLOTS_STATUS_DONE_MASK 0x00000004u /* SELECT is carried out */
#define BPF2HDL_SLOTS_STATUS_DRAINING_MASK 0x00000008u /* the old slot does what is left in it */
#define BPF2HDL_SLOTS_STATUS_STARTING_MASK 0x00000010u /* the old one is empty, the new one is not ready yet */
#define BPF2HDL_SLOTS_STATUS_LATE_MASK 0x00000020u /* the switch takes more than LIMIT clocks */
#define BPF2HDL_SLOTS_STATUS_INSIDE_MASK 0x00000040u /* a frame is half in a slot */
#define BPF2HDL_SLOTS_STATUS_ISOLATED_MASK 0x00000300u /* bit p: slot p is isolated; after its bit in ISOLATE is cleared also until its frames are accounted */
#define BPF2HDL_SLOTS_STATUS_ISOLATED_SHIFT 8u
#define BPF2HDL_SLOTS_POLICY 0x00012010u /* RW */
#define BPF2HDL_SLOTS_POLICY_NONE_MASK 0x00000003u /* what becomes of frames while no slot is selected */
#define BPF2HDL_SLOTS_POLICY_NONE_SHIFT 0u
#define BPF2HDL_SLOTS_POLICY_LATE_MASK 0x00000030u /* what becomes of them while a switch takes more than LIMIT clocks; before that they wait */
#define BPF2HDL_SLOTS_POLICY_LATE_SHIFT 4u
#define BPF2HDL_SLOTS_POLICY_WAIT 0u /* frames wait, up to the MAC's gate */
#define BPF2HDL_SLOTS_POLICY_PASS 1u /* frames go to the host as they are, as PASS */
#define BPF2HDL_SLOTS_POLICY_DROP 2u /* frames are dropped */
#define BPF2HDL_SLOTS_LIMIT 0x00012014u /* RW */
#define BPF2HDL_SLOTS_LAST 0x00012018u /* RO */
#define BPF2HDL_SLOTS_SWITCHES 0x0001201cu /* RO */
#define BPF2HDL_SLOTS_LATE 0x00012020u /* RO */
#define BPF2HDL_SLOTS_PASSED 0x00012024u /* RO */
#define BPF2HDL_SLOTS_DROPPED 0x00012028u /* RO */
#define BPF2HDL_SLOTS_WAITED 0x0001202cu /* RO */
#define BPF2HDL_SLOTS_ISOLATE 0x00012030u /* RW */
#define BPF2HDL_SLOTS_FRAMES 0x00012040u /* RO */
#define BPF2HDL_SLOTS_FRAMES_STRIDE 4u
#define BPF2HDL_SLOTS_FRAMES_MOST 2u /* so many at most */
#define BPF2HDL_SLOTS_VERDICTS 0x00012048u /* RO */
#define BPF2HDL_SLOTS_VERDICTS_STRIDE 4u
#define BPF2HDL_SLOTS_VERDICTS_MOST 2u /* so many at most */
#define BPF2HDL_SLOTS_LOST 0x00012050u /* RO */
#define BPF2HDL_SLOTS_LOST_STRIDE 4u
#define BPF2HDL_SLOTS_LOST_MOST 2u /* so many at most */
#define BPF2HDL_SLOTS_UNSENT 0x00012058u /* RO */
#define BPF2HDL_SLOTS_UNSENT_STRIDE 4u
#define BPF2HDL_SLOTS_UNSENT_MOST 2u /* so many at most */
#define BPF2HDL_SLOTS_CUT 0x00012060u /* RO */
#define BPF2HDL_SLOTS_CUT_STRIDE 4u
#define BPF2HDL_SLOTS_CUT_MOST 2u /* so many at most */

#define BPF2HDL_DMA_BASE 0x00000000u /* of the DMA, on a bus of its own; 65536 bytes */
#define BPF2HDL_DMA_MAGIC 0x00000000u /* RO */
#define BPF2HDL_DMA_MAGIC_VALUE 0x42324844u
#define BPF2HDL_DMA_VERSION 0x00000004u /* RO */
#define BPF2HDL_DMA_VERSION_VALUE 0x00000001u
#define BPF2HDL_DMA_CONFIG 0x00000008u /* RO */
#define BPF2HDL_DMA_CONFIG_RX_QUEUES_MASK 0x000000ffu /* receive queues */
#define BPF2HDL_DMA_CONFIG_RX_QUEUES_SHIFT 0u
#define BPF2HDL_DMA_CONFIG_TX_QUEUES_MASK 0x0000ff00u /* transmit queues */
#define BPF2HDL_DMA_CONFIG_TX_QUEUES_SHIFT 8u
#define BPF2HDL_DMA_CONFIG_BUS_BITS_MASK 0xffff0000u /* bits of the bus */
#define BPF2HDL_DMA_CONFIG_BUS_BITS_SHIFT 16u
#define BPF2HDL_DMA_COMPLETION_DELAY 0x0000000cu /* RW */
#define BPF2HDL_DMA_IRQ_PENDING 0x00000010u /* W1C */
#define BPF2HDL_DMA_IRQ_PENDING_RX_MASK 0x0000ffffu /* bit q: receive queue q */
#define BPF2HDL_DMA_IRQ_PENDING_RX_SHIFT 0u
#define BPF2HDL_DMA_IRQ_PENDING_TX_MASK 0xffff0000u /* bit q: transmit queue q */
#define BPF2HDL_DMA_IRQ_PENDING_TX_SHIFT 16u
#define BPF2HDL_DMA_IRQ_ENABLE 0x00000014u /* RW */
#define BPF2HDL_DMA_IRQ_ENABLE_RX_MASK 0x0000ffffu /* bit q: receive queue q */
#define BPF2HDL_DMA_IRQ_ENABLE_RX_SHIFT 0u
#define BPF2HDL_DMA_IRQ_ENABLE_TX_MASK 0xffff0000u /* bit q: transmit queue q */
#define BPF2HDL_DMA_IRQ_ENABLE_TX_SHIFT 16u
#define BPF2HDL_DMA_COUNTERS 0x00000040u /* RO */
#define BPF2HDL_DMA_COUNTERS_WORDS 16u /* 32-bit words */
#define BPF2HDL_DMA_COUNTERS_RX_FRAMES 0u /* received frames */
#define BPF2HDL_DMA_COUNTERS_RX_BYTES 1u /* their bytes written */
#define BPF2HDL_DMA_COUNTERS_DROPPED_EMPTY 2u /* dropped: no descriptor */
#define BPF2HDL_DMA_COUNTERS_DROPPED_STOPPED 3u /* dropped: queue not running, or none of this number */
#define BPF2HDL_DMA_COUNTERS_RX_CUT 4u /* cut */
#define BPF2HDL_DMA_COUNTERS_RX_ERROR 5u /* receive frames with an error */
#define BPF2HDL_DMA_COUNTERS_TX_FRAMES 6u /* transmitted frames */
#define BPF2HDL_DMA_COUNTERS_TX_BYTES 7u /* their bytes */
#define BPF2HDL_DMA_COUNTERS_TX_ERROR 8u /* transmit frames not sent: bus error or bad descriptor */
#define BPF2HDL_DMA_COUNTERS_FETCHES 9u /* fetches of descriptors */
#define BPF2HDL_DMA_COUNTERS_DESCRIPTORS 10u /* descriptors in them */
#define BPF2HDL_DMA_COUNTERS_COMPLETION_BURSTS 11u /* completion bursts */
#define BPF2HDL_DMA_COUNTERS_COMPLETIONS 12u /* completions in them */
#define BPF2HDL_DMA_COUNTERS_8 0x00000080u /* RO */
#define BPF2HDL_DMA_COUNTERS_8_WORDS 16u /* 32-bit words */
#define BPF2HDL_DMA_RX_QUEUES 0x00001000u /* RW */
#define BPF2HDL_DMA_RX_QUEUES_WORDS 256u /* 32-bit words */
#define BPF2HDL_DMA_TX_QUEUES 0x00002000u /* RW */
#define BPF2HDL_DMA_TX_QUEUES_WORDS 256u /* 32-bit words */

#define BPF2HDL_DMA_QUEUE_BASE 0x00000000u /* of one queue of the DMA, from the beginning of its page; 64 bytes */
#define BPF2HDL_DMA_QUEUE_CONTROL 0x00000000u /* RW */
#define BPF2HDL_DMA_QUEUE_CONTROL_ENABLE_MASK 0x00000001u /* 1 is taken only while idle */
#define BPF2HDL_DMA_QUEUE_CONTROL_WAIT_MASK 0x00000002u /* frames wait for descriptors */
#define BPF2HDL_DMA_QUEUE_CONTROL_SIZE_MASK 0x00000f00u /* log2 of the descriptors in the ring, 4 to 15 (taken with enable) */
#define BPF2HDL_DMA_QUEUE_CONTROL_SIZE_SHIFT 8u
#define BPF2HDL_DMA_QUEUE_STATUS 0x00000004u /* RO */
#define BPF2HDL_DMA_QUEUE_STATUS_RUNNING_MASK 0x00000001u /* running */
#define BPF2HDL_DMA_QUEUE_STATUS_IDLE_MASK 0x00000002u /* no access is under way */
#define BPF2HDL_DMA_QUEUE_STATUS_DESCRIPTOR_ERROR_MASK 0x00000100u /* bus error on a descriptor */
#define BPF2HDL_DMA_QUEUE_STATUS_DATA_ERROR_MASK 0x00000200u /* on data */
#define BPF2HDL_DMA_QUEUE_STATUS_COMPLETION_ERROR_MASK 0x00000400u /* on a completion */
#define BPF2HDL_DMA_QUEUE_STATUS_BAD_DESCRIPTOR_MASK 0x00000800u /* bad descriptor */
#define BPF2HDL_DMA_QUEUE_STATUS_BAD_PRODUCER_MASK 0x00001000u /* bad PRODUCER */
#define BPF2HDL_DMA_QUEUE_RING 0x00000008u /* RW */
#define BPF2HDL_DMA_QUEUE_RING_WORDS 2u /* 32-bit words */
#define BPF2HDL_DMA_QUEUE_COMPLETIONS 0x00000010u /* RW */
#define BPF2HDL_DMA_QUEUE_COMPLETIONS_WORDS 2u /* 32-bit words */
#define BPF2HDL_DMA_QUEUE_PRODUCER 0x00000018u /* RW */
#define BPF2HDL_DMA_QUEUE_CONSUMER 0x0000001cu /* RO */
#define BPF2HDL_DMA_QUEUE_IRQ 0x00000020u /* RW */
#define BPF2HDL_DMA_QUEUE_IRQ_TIME_MASK 0x0000ffffu /* IRQ_TIME */
#define BPF2HDL_DMA_QUEUE_IRQ_TIME_SHIFT 0u
#define BPF2HDL_DMA_QUEUE_IRQ_COUNT_MASK 0xffff0000u /* IRQ_COUNT (0 is as 1) */
#define BPF2HDL_DMA_QUEUE_IRQ_COUNT_SHIFT 16u
#define BPF2HDL_DMA_QUEUE_FRAMES 0x00000024u /* RO */
#define BPF2HDL_DMA_QUEUE_DROPPED 0x00000028u /* RO */

#endif
