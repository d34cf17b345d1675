// SPDX-License-Identifier: Apache-2.0
// Seeded patterns for ready and valid.
#pragma once
#include "abi.h"

// xorshift64*: small, fast, and the same on every machine.
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 0x1234567ull) {
        if (!state_) state_ = 1;
    }
    uint64_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545F4914F6CDD1Dull;
    }
    uint32_t below(uint32_t limit) { return limit ? static_cast<uint32_t>((next() >> 32) % limit) : 0; }

private:
    uint64_t state_;
};

// Decides clock by clock. The adversarial kind changes between behaviours that break careless flow control.
class Pattern {
public:
    Pattern(const B2hPattern& spec, uint64_t seed) : spec_(spec), random_(seed) {}

    // `valid_before`: whether the other side was valid in the clock before and its beat is still not taken.
    bool decide(bool valid_before) {
        if (spec_.kind == 0) return true;
        if (spec_.kind == 1) return random_.below(spec_.denominator) < spec_.numerator;
        if (spec_.kind == 3) return false;
        if (!left_) choose();
        --left_;
        switch (phase_) {
            case STALL: return false;
            case TOGGLE: return left_ & 1;
            case AFTER_VALID: return valid_before;
            case HALF: return random_.next() >> 63;
            default: return true;
        }
    }
    Random& random() { return random_; }

private:
    enum Phase { STALL, TOGGLE, AFTER_VALID, HALF, FULL, PHASES };
    void choose() {
        static const uint32_t longest[PHASES] = {600, 60, 200, 200, 300};
        phase_ = static_cast<Phase>(random_.below(PHASES));
        left_ = 1 + random_.below(longest[phase_]);
    }
    B2hPattern spec_;
    Random random_;
    Phase phase_ = FULL;
    uint32_t left_ = 0;
};
