// SPDX-License-Identifier: Apache-2.0
// The C interface between harness.cpp and src/model/ffi.rs. Both sides keep the same layout, and the same B2H_ABI.
#pragma once
#include <cstdint>

#define B2H_ABI 6u

extern "C" {

// How valid or ready behaves over time.
struct B2hPattern {
    uint32_t kind;  // 0 always, 1 random with probability numerator/denominator, 2 adversarial, 3 never
    uint32_t numerator;
    uint32_t denominator;
};

// One packet's fate. Clocks count rising edges since the model was created.
struct B2hVerdict {
    uint64_t in_clock;       // the first beat was accepted in this clock
    uint64_t verdict_clock;  // mon_valid was high in this clock
    uint32_t length;         // mon_length
    uint32_t action;         // mon_action
    uint32_t target_kind;    // mon_tid; 0 unless the action is redirect
    uint32_t target;         // mon_tdest
};

// One frame that left by a sink.
struct B2hFrame {
    uint64_t out_clock;  // its first beat was first offered in this clock
    uint32_t length;     // bytes that came out
    uint32_t flags;      // bit 0: marked as modified; [15:8] bytes of metadata that come first
    uint32_t target_kind;  // tid, 0 for sinks without
    uint32_t target;       // tdest
    uint32_t source;       // s_axis_tuser of its first beat, as tuser says
    uint32_t reserved;
};

struct B2hRun {
    const uint8_t* bytes;  // all packets behind each other
    const uint64_t* ends;  // end offset of each packet
    const uint32_t* user;  // s_axis_tuser of each packet's first beat
    uint64_t count;
    B2hVerdict* verdicts;  // room for count
    B2hPattern source;
    B2hPattern sinks[4];  // pass, tx, redirect, event
    uint64_t seed;
    uint64_t hang_clocks;
    uint32_t lossless;
    uint32_t progress_clocks;  // progress is called every so many clocks, a power of two
    void (*progress)(void* context, uint64_t verdicts);  // may be null
    void* context;
};

struct B2hSummary {
    uint64_t offer_clock;   // the first beat was offered in this clock
    uint64_t accept_clock;  // the last beat was accepted in this clock
    uint64_t stall_clocks;  // clocks with valid and not ready at the input
    uint64_t beats;         // beats accepted
    uint64_t verdicts;
    uint64_t violations;
    uint64_t end_clock;
};

// A port of the model.
struct B2hPort {
    void* data;
    uint64_t bytes;
};

}  // extern "C"

// What b2h_run and the register accesses return.
enum B2hStatus : int32_t { B2H_OK = 0, B2H_HANG = 1, B2H_STOPPED = 2, B2H_BUS_ERROR = 3, B2H_TIMEOUT = 4 };
