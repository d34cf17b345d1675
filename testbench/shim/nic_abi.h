// SPDX-License-Identifier: Apache-2.0
// The C interface between nic.cpp and src/model/nic_ffi.rs. Both sides keep the same layout, and the same B2N_ABI.
#pragma once
#include <cstdint>

#include "abi.h"

#define B2N_ABI 1u

extern "C" {

// Memory of the host. An access to a page whose byte is 0 is answered DECERR.
struct B2nMemory {
    uint8_t* bytes;
    const uint8_t* pages;
    uint64_t base;   // bus address of the first byte, a multiple of 4096
    uint64_t count;  // pages
};

// A program in a socket: a model of harness.cpp.
struct B2nPlug {
    void* model;
    int32_t (*pins)(void* model, uint32_t clk);  // b2h_pins
    const B2hPort* ports;                        // b2h_ports
    uint64_t count;
};

enum B2nKind : uint32_t {
    B2N_GATE = 0,     // a frame's end at the gate: `what` 0 good, 1 bad, 2 of a wrong size, 3 no room
    B2N_PLACE = 1,    // a good frame begins: `what` 1 in a slot, 2 to the host, 3 dropped
    B2N_VERDICT = 2,  // of a slot: `what` the action, `length`, `kind` and `target`
    B2N_EXIT = 3,     // a frame out of a slot: `what` the output (0 pass, 1 tx, 2 redirect, 3 event), `user`, `kind`, `target`, bytes
    B2N_SENT = 4,     // a frame to the MAC: `what` 1 the host's own, bytes
    B2N_FAULT = 5,    // an access outside of allocated memory: `what` 0 a read, 1 a write; `user` the address
};

struct B2nHappening {
    uint64_t clock;
    uint64_t user;
    uint32_t kind;    // B2nKind
    uint32_t slot;    // 0 A, 1 B
    uint32_t what;
    uint32_t length;  // bytes of the frame
    uint32_t target_kind;
    uint32_t target;
    uint64_t begin;   // of its bytes among all, EXIT and SENT
};

struct B2nState {
    uint64_t clock;
    uint64_t active;      // last clock in which anything moved
    uint64_t waiting;     // frames that were offered and have not begun
    uint64_t violations;
    uint32_t interrupts;  // bits 15:0 receive queues, 31:16 transmit queues
    uint32_t stopped;     // 1: the shell, 2: slot A, 3: slot B
};

}  // extern "C"
