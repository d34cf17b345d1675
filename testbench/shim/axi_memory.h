// SPDX-License-Identifier: Apache-2.0
// Memory behind an AXI4 slave: INCR bursts as wide as the bus, answers in order, some clocks late.
#pragma once
#include <cstring>
#include <deque>

#include "nic_abi.h"

template <size_t BYTES>
class AxiMemory {
public:
    static constexpr uint64_t LATENCY = 8;    // clocks from an address, or from the last beat of data, to the answer
    static constexpr size_t BURSTS = 64;      // that are taken ahead, of each direction
    static constexpr uint64_t PAGE = 4096;
    static constexpr uint32_t DECERR = 3;

    explicit AxiMemory(const B2nMemory& memory) : memory_(memory) {}

    struct Burst {
        uint64_t address;
        uint64_t due;
        uint32_t left;  // beats
        uint32_t response;
    };

    // ---- outputs of this clock; they depend on no input of it ----
    bool awready() const { return writes_.size() < BURSTS; }
    bool arready() const { return reads_.size() < BURSTS; }
    bool bvalid(uint64_t clock) const { return !answers_.empty() && answers_.front().due <= clock; }
    uint32_t bresp() const { return answers_.front().response; }
    bool rvalid(uint64_t clock) const { return !reads_.empty() && reads_.front().due <= clock; }
    bool rlast() const { return reads_.front().left == 1; }
    // The beat that is next, and its response. True if the access is outside of what is allocated.
    bool read(uint8_t* beat, uint32_t& response, uint64_t& address) const {
        address = reads_.front().address & ~uint64_t{BYTES - 1};
        const uint8_t* from = at(address);
        response = from ? 0 : DECERR;
        if (from) std::memcpy(beat, from, BYTES);
        else std::memset(beat, 0xdb, BYTES);
        return !from;
    }
    bool idle() const { return reads_.empty() && writes_.empty() && answers_.empty(); }

    // ---- transfers of this clock ----
    void take_address(bool writes, uint64_t address, uint32_t length, uint64_t clock) {
        (writes ? writes_ : reads_).push_back({address, clock + LATENCY, length + 1, 0});
    }
    void took_beat() {
        Burst& burst = reads_.front();
        burst.address = (burst.address & ~uint64_t{BYTES - 1}) + BYTES;
        if (--burst.left == 0) reads_.pop_front();
    }
    void took_answer() { answers_.pop_front(); }
    // A beat of data; `wrong`: no burst, or `last` in the wrong place. True if the access is outside of what is allocated.
    bool write(const uint8_t* beat, uint64_t strobes, bool last, uint64_t clock, bool& wrong, uint64_t& address) {
        wrong = writes_.empty();
        if (wrong) return false;
        Burst& burst = writes_.front();
        address = burst.address & ~uint64_t{BYTES - 1};
        uint8_t* to = at(address);
        if (to && strobes == full()) {
            std::memcpy(to, beat, BYTES);
        } else if (to) {
            for (size_t i = 0; i < BYTES; ++i) {
                if (strobes >> i & 1) to[i] = beat[i];
            }
        }
        const bool outside = !to && strobes;
        if (outside) burst.response = DECERR;
        burst.address = address + BYTES;
        wrong = last != (burst.left == 1);
        if (--burst.left == 0) {
            burst.due = clock + LATENCY;
            answers_.push_back(burst);
            writes_.pop_front();
        }
        return outside;
    }

private:
    static constexpr uint64_t full() { return BYTES == 64 ? ~0ull : (1ull << BYTES) - 1; }
    // A beat never crosses a page.
    uint8_t* at(uint64_t address) const {
        if (address < memory_.base) return nullptr;
        const uint64_t offset = address - memory_.base;
        const uint64_t page = offset / PAGE;
        return page < memory_.count && memory_.pages[page] ? memory_.bytes + offset : nullptr;
    }

    B2nMemory memory_;
    std::deque<Burst> reads_;
    std::deque<Burst> writes_;
    std::deque<Burst> answers_;
};
