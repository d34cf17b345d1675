// SPDX-License-Identifier: Apache-2.0
// One AXI4-Stream packet source and the receiving side with its rule checks.
#pragma once
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "pattern.h"

// Broken rules: all are counted, the first few are told.
struct Violations {
    uint64_t count = 0;
    std::string text;
    void add(uint64_t clock, const std::string& what) {
        if (count++ < 20) text += "clock " + std::to_string(clock) + ": " + what + "\n";
    }
};

// Offers packets beat by beat. Bytes outside tkeep, and all data while not valid, are noise.
template <size_t BYTES>
class Source {
public:
    Source(const B2hRun& run) : run_(run), pattern_(run.source, run.seed ^ 0x50u), noise_(run.seed ^ 0x51u) {}

    bool valid = false;
    bool last = false;
    uint64_t keep = 0;
    uint32_t user = 0;
    uint8_t data[BYTES] = {};
    uint64_t started = 0;  // packets whose first beat was accepted
    uint64_t packet = 0;   // packet being offered
    bool first() const { return at_ == begin(); }
    bool done() const { return packet == run_.count; }

    // Puts up the beat of this clock, if the pattern wants one.
    void offer() {
        if (valid) return;
        if (done() || !pattern_.decide(false)) {
            scramble(0);
            keep = noise_.next();
            return;
        }
        const uint64_t left = run_.ends[packet] - at_;
        const size_t size = static_cast<size_t>(std::min<uint64_t>(left, BYTES));
        std::memcpy(data, run_.bytes + at_, size);
        scramble(size);
        keep = size == 64 ? ~0ull : (1ull << size) - 1;
        last = left <= BYTES;
        user = first() ? run_.user[packet] : static_cast<uint32_t>(noise_.next());
        valid = true;
    }

    // The beat was taken.
    void advance() {
        if (first()) ++started;
        at_ = last ? run_.ends[packet] : at_ + BYTES;
        if (last) ++packet;
        valid = false;
    }

private:
    uint64_t begin() const { return packet ? run_.ends[packet - 1] : 0; }
    void scramble(size_t from) {
        if (from < BYTES) std::memset(data + from, static_cast<int>(noise_.next() >> 56), BYTES - from);
    }
    const B2hRun& run_;
    Pattern pattern_;
    Random noise_;
    uint64_t at_ = 0;
};

// What a sink sees in one clock.
template <size_t BYTES>
struct Beat {
    bool valid;
    bool last;
    uint64_t keep;
    uint64_t user;
    const uint8_t* data;
    uint32_t target_kind = 0;  // tid and tdest, of sinks that have them
    uint32_t target = 0;
};

// Receives frames and checks the rules of the stream and of tuser.
template <size_t BYTES>
class Sink {
public:
    // `metadata`: frames may come behind metadata, whose length tuser says.
    Sink(const char* name, bool metadata, const B2hPattern& spec, uint64_t seed)
        : name_(name), metadata_(metadata), pattern_(spec, seed) {}

    bool ready = false;
    std::vector<uint8_t> bytes;
    std::vector<B2hFrame> frames;
    uint64_t active_clock = 0;  // last clock with valid

    void decide() { ready = pattern_.decide(waiting_); }

    // Called once in each clock; true if a beat was taken.
    bool observe(uint64_t clock, const Beat<BYTES>& beat, Violations& broken) {
        if (waiting_) check_stable(clock, beat, broken);
        waiting_ = beat.valid && !ready;
        if (!beat.valid) return false;
        active_clock = clock;
        if (!offered_) {
            offered_ = true;
            check_beat(clock, beat, broken);
        }
        if (!ready) {
            held_last_ = beat.last, held_keep_ = beat.keep, held_user_ = beat.user;
            held_kind_ = beat.target_kind, held_target_ = beat.target;
            std::memcpy(held_data_, beat.data, BYTES);
            return false;
        }
        take(clock, beat, broken);
        return true;
    }

private:
    std::string at(const char* what) const { return std::string(name_) + ": " + what; }

    void check_stable(uint64_t clock, const Beat<BYTES>& beat, Violations& broken) {
        if (!beat.valid) {
            broken.add(clock, at("tvalid fell before tready"));
            offered_ = false;
        } else if (beat.last != held_last_ || beat.keep != held_keep_ || beat.user != held_user_ ||
                   beat.target_kind != held_kind_ || beat.target != held_target_ ||
                   std::memcmp(beat.data, held_data_, BYTES)) {
            broken.add(clock, at("the beat changed while waiting for tready"));
        }
    }

    void check_beat(uint64_t clock, const Beat<BYTES>& beat, Violations& broken) {
        const uint64_t full = BYTES == 64 ? ~0ull : (1ull << BYTES) - 1;
        if (beat.keep & (beat.keep + 1)) broken.add(clock, at("tkeep has a hole"));
        if (!beat.keep) broken.add(clock, at("a beat without a byte"));
        if (!beat.last && beat.keep != full) broken.add(clock, at("tkeep is not full before the last beat"));
        if ((beat.user & 0xffffffff) >> (metadata_ ? 25 : 17)) broken.add(clock, at("the unused bits of tuser are not zero"));
        if (!inside_) {
            first_user_ = beat.user;
            first_kind_ = beat.target_kind, first_target_ = beat.target;
            first_clock_ = clock;
        } else if (beat.user != first_user_) {
            broken.add(clock, at("tuser changed inside a frame"));
        } else if (beat.target_kind != first_kind_ || beat.target != first_target_) {
            broken.add(clock, at("tid or tdest changed inside a frame"));
        }
    }

    void take(uint64_t clock, const Beat<BYTES>& beat, Violations& broken) {
        const size_t size = static_cast<size_t>(__builtin_popcountll(beat.keep));
        bytes.insert(bytes.end(), beat.data, beat.data + size);
        length_ += static_cast<uint32_t>(size);
        inside_ = !beat.last;
        offered_ = false;
        if (!beat.last) return;
        if (length_ != (first_user_ & 0xffff)) {
            broken.add(clock, at("tuser says ") + std::to_string(first_user_ & 0xffff) + " bytes, the frame had " +
                                  std::to_string(length_));
        }
        frames.push_back({first_clock_, length_, static_cast<uint32_t>((first_user_ >> 16 & 1) | (first_user_ >> 17 & 0xff) << 8), first_kind_, first_target_,
                          static_cast<uint32_t>(first_user_ >> 32), 0});
        length_ = 0;
    }

    const char* name_;
    bool metadata_;
    Pattern pattern_;
    bool waiting_ = false;  // valid was high without ready in the clock before
    bool offered_ = false;  // the present beat has been checked
    bool inside_ = false;   // beats of the present frame were taken before
    bool held_last_ = false;
    uint64_t held_keep_ = 0;
    uint64_t held_user_ = 0;
    uint32_t held_kind_ = 0;
    uint32_t held_target_ = 0;
    uint8_t held_data_[BYTES] = {};
    uint64_t first_user_ = 0;
    uint32_t first_kind_ = 0;
    uint32_t first_target_ = 0;
    uint64_t first_clock_ = 0;
    uint32_t length_ = 0;
};
