// SPDX-License-Identifier: Apache-2.0
// The packet loop around one bpf_core. Compiled together with the verilated model into one shared library;
// works for every bus width, which it takes from the model's ports.
//
// Time: in each clock the inputs are set while clk is low, the model settles, everything is observed, clk rises.
#include <memory>
#include <type_traits>

#include "Vcore.h"
#include "hooks.h"
#include "ports.h"
#include "stream.h"
#ifdef B2H_TRACE
#include "verilated_fst_c.h"
#endif

namespace {

constexpr size_t BYTES = sizeof(Vcore::s_axis_tdata);
constexpr size_t SINKS = 4;                // pass, tx, redirect, event
constexpr uint64_t AXIL_CLOCKS = 10000;   // longest register access
constexpr uint64_t QUIET_CLOCKS = 4096;   // outputs are empty after so many clocks without valid
constexpr uint64_t AFTER_CLOCKS = 64;     // watched for surplus frames once all is there

constexpr const char* SINK_NAMES[SINKS] = {"m_axis_pass", "m_axis_tx", "m_axis_redirect", "m_axis_event"};

class Harness {
public:
    Harness(uint64_t seed, const char* trace) {
        context_.randReset(2);
        context_.randSeed(static_cast<int>(seed & 0x7fffffff) | 1);
        context_.traceEverOn(trace != nullptr);
        top_ = std::make_unique<Vcore>(&context_, "core");
#ifdef B2H_TRACE
        if (trace) {
            fst_ = std::make_unique<VerilatedFstC>();
            top_->trace(fst_.get(), 99);
            fst_->open(trace);
        }
#endif
        begin(B2hRun{});
        // Ports start with noise, too: a valid would be a transfer that nobody has asked for.
        top_->s_axil_awvalid = top_->s_axil_wvalid = top_->s_axil_arvalid = 0;
        top_->s_axil_bready = top_->s_axil_rready = 0;
        top_->rst = 1;
        for (int i = 0; i < 16; ++i) step();
        top_->rst = 0;
        for (int i = 0; i < 16; ++i) step();
    }
    ~Harness() {
        top_->final();
#ifdef B2H_TRACE
        if (fst_) fst_->close();
#endif
    }

    int32_t run(const B2hRun& spec, B2hSummary& summary) {
        begin(spec);
        int32_t status = B2H_OK;
        while (!finished() && status == B2H_OK) {
            step();
            if (stopped) status = B2H_STOPPED;
            else if (clock_ - progress_clock_ > run_.hang_clocks) status = B2H_HANG;
            if (run_.progress && !(clock_ & (run_.progress_clocks - 1))) run_.progress(run_.context, summary_.verdicts);
        }
        summary_.end_clock = clock_;
        summary_.violations = broken_.count;
        summary = summary_;
        begin_idle();
        return status;
    }

    int32_t read(uint32_t address, uint32_t& value) {
        return axil_read(*top_, AXIL_CLOCKS, address, value, [&] { settle(); }, [&] { rise(); }, [] { return stopped; });
    }

    int32_t write(uint32_t address, uint32_t value) {
        top_->s_axil_wstrb = 0xf;
        return axil_write(*top_, AXIL_CLOCKS, address, value, [&] { settle(); }, [&] { rise(); }, [] { return stopped; });
    }

    // All ports but clk, in the order of ports.h: for whoever clocks the model by `pins`.
    const std::vector<B2hPort>& ports() {
        if (ports_.empty()) {
#define B2H_PORT(name) ports_.push_back({&top_->name, sizeof top_->name});
            B2H_TO_SLOT(B2H_PORT)
            B2H_FROM_SLOT(B2H_PORT)
#undef B2H_PORT
        }
        return ports_;
    }

    // The model with its ports as they are, clk low or high; nothing is offered, taken or watched here.
    int32_t pins(bool clk) {
        top_->clk = clk;
        top_->eval();
        dump();
        clock_ += clk;
        return stopped ? B2H_STOPPED : B2H_OK;
    }

    const Sink<BYTES>& sink(uint32_t index) const { return *sinks_[index % SINKS]; }
    const std::string& violations() const { return broken_.text; }

private:
    // Starts a run; everything counted so far is forgotten.
    void begin(const B2hRun& spec) {
        run_ = spec;
        source_ = std::make_unique<Source<BYTES>>(run_);
        probing_ = false;
        for (size_t i = 0; i < SINKS; ++i) {
            sinks_[i] = std::make_unique<Sink<BYTES>>(SINK_NAMES[i], i == 0, run_.sinks[i], run_.seed ^ (0xA0u + i));
            probing_ |= run_.sinks[i].kind == 2;
            expected_[i] = 0;
        }
        broken_ = Violations{};
        summary_ = B2hSummary{};
        offered_ = false;
        copies_ = false;
        stopped = false;
        progress_clock_ = clock_;
    }

    // After a run: nothing is offered, everything is taken; the results stay readable.
    void begin_idle() {
        run_.count = source_->packet;
        source_->valid = false;
        // The caller's memory is not ours any more: later verdicts are violations and touch nothing.
        summary_.verdicts = ~0ull;
    }

    bool finished() const {
        if (!source_->done() || summary_.verdicts != run_.count) return false;
        uint64_t active = progress_clock_;
        bool complete = true;
        for (size_t i = 0; i < SINKS; ++i) {
            if (run_.sinks[i].kind == 3) continue;  // nothing will come out
            active = std::max(active, sinks_[i]->active_clock);
            complete &= sinks_[i]->frames.size() >= expected_[i];
        }
        const uint64_t quiet = clock_ - active;
        if (complete) return quiet > (copies_ ? QUIET_CLOCKS : AFTER_CLOCKS);
        return !run_.lossless && quiet > QUIET_CLOCKS;
    }

    void step() {
        settle();
        rise();
    }

    // Inputs of this clock, combinational logic.
    void settle() {
        source_->offer();
        top_->s_axis_tvalid = source_->valid;
        top_->s_axis_tlast = source_->last;
        top_->s_axis_tkeep = static_cast<std::remove_reference_t<decltype(top_->s_axis_tkeep)>>(source_->keep);
        top_->s_axis_tuser = source_->user;
        std::memcpy(&top_->s_axis_tdata, source_->data, BYTES);
        for (auto& sink : sinks_) sink->decide();
        top_->clk = 0;
        if (probing_ && !(clock_ & 7)) probe();
        top_->m_axis_pass_tready = sinks_[0]->ready;
        top_->m_axis_tx_tready = sinks_[1]->ready;
        top_->m_axis_redirect_tready = sinks_[2]->ready;
        top_->m_axis_event_tready = sinks_[3]->ready;
        top_->eval();
        if (probed_) check_probe();
        dump();
    }

    // tvalid must not depend on tready in the same clock: look at it once with the opposite tready.
    void probe() {
        top_->m_axis_pass_tready = !sinks_[0]->ready;
        top_->m_axis_tx_tready = !sinks_[1]->ready;
        top_->m_axis_redirect_tready = !sinks_[2]->ready;
        top_->m_axis_event_tready = !sinks_[3]->ready;
        top_->eval();
        for (size_t i = 0; i < SINKS; ++i) probe_[i] = offers(i);
        probed_ = true;
    }
    void check_probe() {
        probed_ = false;
        for (size_t i = 0; i < SINKS; ++i) {
            if (probe_[i] != offers(i)) broken_.add(clock_, std::string(SINK_NAMES[i]) + ": tvalid depends on tready");
        }
    }
    bool offers(size_t sink) const {
        if (sink == 0) return top_->m_axis_pass_tvalid;
        if (sink == 1) return top_->m_axis_tx_tvalid;
        return sink == 2 ? top_->m_axis_redirect_tvalid : top_->m_axis_event_tvalid;
    }

    // Looks at everything, then the rising edge.
    void rise() {
        if (!top_->rst) observe();
        top_->clk = 1;
        top_->eval();
        dump();
        ++clock_;
    }

    void observe() {
        const bool accepted = source_->valid && top_->s_axis_tready;
        if (source_->valid && !offered_) offered_ = true, summary_.offer_clock = clock_;
        if (source_->valid && !accepted) ++summary_.stall_clocks;
        if (accepted) {
            if (source_->first()) run_.verdicts[source_->packet].in_clock = clock_;
            source_->advance();
            ++summary_.beats;
            summary_.accept_clock = progress_clock_ = clock_;
        }
        const Beat<BYTES> pass{top_->m_axis_pass_tvalid != 0, top_->m_axis_pass_tlast != 0, top_->m_axis_pass_tkeep,
                               top_->m_axis_pass_tuser, reinterpret_cast<const uint8_t*>(&top_->m_axis_pass_tdata)};
        const Beat<BYTES> tx{top_->m_axis_tx_tvalid != 0, top_->m_axis_tx_tlast != 0, top_->m_axis_tx_tkeep,
                             top_->m_axis_tx_tuser, reinterpret_cast<const uint8_t*>(&top_->m_axis_tx_tdata)};
        const Beat<BYTES> redirect{top_->m_axis_redirect_tvalid != 0, top_->m_axis_redirect_tlast != 0,
                                   top_->m_axis_redirect_tkeep, top_->m_axis_redirect_tuser,
                                   reinterpret_cast<const uint8_t*>(&top_->m_axis_redirect_tdata),
                                   top_->m_axis_redirect_tid, top_->m_axis_redirect_tdest};
        const Beat<BYTES> event{top_->m_axis_event_tvalid != 0, top_->m_axis_event_tlast != 0, top_->m_axis_event_tkeep,
                                top_->m_axis_event_tuser, reinterpret_cast<const uint8_t*>(&top_->m_axis_event_tdata)};
        if (sinks_[0]->observe(clock_, pass, broken_)) progress_clock_ = clock_;
        if (sinks_[1]->observe(clock_, tx, broken_)) progress_clock_ = clock_;
        if (sinks_[2]->observe(clock_, redirect, broken_)) progress_clock_ = clock_;
        if (sinks_[3]->observe(clock_, event, broken_)) progress_clock_ = clock_;
        if (top_->mon_valid) observe_verdict();
    }

    void observe_verdict() {
        progress_clock_ = clock_;
        if (summary_.verdicts >= source_->started) {
            broken_.add(clock_, "mon_valid: a verdict without a packet");
            return;
        }
        B2hVerdict& verdict = run_.verdicts[summary_.verdicts++];
        verdict.verdict_clock = clock_;
        verdict.length = top_->mon_length;
        verdict.action = top_->mon_action;
        verdict.target_kind = top_->mon_tid;
        verdict.target = verdict.target_kind ? top_->mon_tdest : 0;
        if (verdict.target_kind && verdict.action != 4) broken_.add(clock_, "mon_tid: a target without a redirect");
        const bool leaves = verdict.action == 2 || verdict.action == 3 || (verdict.action == 4 && verdict.target_kind);
        // To all ports of a map: how many frames that makes is not known here.
        const bool copies = leaves && verdict.target_kind == 1 && verdict.target >> 31;
        copies_ |= copies;
        if (leaves && !copies) ++expected_[verdict.action - 2];
        if (verdict.action > 4) broken_.add(clock_, "mon_action: " + std::to_string(verdict.action) + " is no action");
    }

    void dump() {
#ifdef B2H_TRACE
        if (fst_) fst_->dump(context_.time());
#endif
        context_.timeInc(1);
    }

    VerilatedContext context_;
    std::unique_ptr<Vcore> top_;
#ifdef B2H_TRACE
    std::unique_ptr<VerilatedFstC> fst_;
#endif
    std::vector<B2hPort> ports_;
    B2hRun run_{};
    std::unique_ptr<Source<BYTES>> source_;
    std::unique_ptr<Sink<BYTES>> sinks_[SINKS];
    Violations broken_;
    B2hSummary summary_{};
    uint64_t expected_[SINKS] = {};  // verdicts PASS, TX, REDIRECT to somewhere; of events none is known
    uint64_t clock_ = 0;
    uint64_t progress_clock_ = 0;  // last clock in which anything moved
    bool offered_ = false;
    bool copies_ = false;  // frames may leave more than once
    bool probing_ = false;
    bool probed_ = false;
    bool probe_[SINKS] = {};
};

}  // namespace

B2H_EXPORT uint32_t b2h_abi() { return B2H_ABI; }
B2H_EXPORT uint32_t b2h_bus_bits() { return 8 * BYTES; }
// Null if the model stopped while it was reset; b2h_message tells why.
B2H_EXPORT void* b2h_new(uint64_t seed, const char* trace) {
    captured.clear();
    stopped = false;
    Harness* harness = nullptr;
    guarded([&] { return harness = new Harness(seed, trace), B2H_OK; });
    if (harness && stopped) delete harness, harness = nullptr;
    return harness;
}
B2H_EXPORT void b2h_free(void* self) {
    guarded([&] { return delete static_cast<Harness*>(self), B2H_OK; });
}
B2H_EXPORT int32_t b2h_run(void* self, const B2hRun* run, B2hSummary* summary) {
    return guarded([&] { return static_cast<Harness*>(self)->run(*run, *summary); });
}
B2H_EXPORT int32_t b2h_read(void* self, uint32_t address, uint32_t* value) {
    return guarded([&] { return static_cast<Harness*>(self)->read(address, *value); });
}
B2H_EXPORT int32_t b2h_write(void* self, uint32_t address, uint32_t value) {
    return guarded([&] { return static_cast<Harness*>(self)->write(address, value); });
}
B2H_EXPORT uint64_t b2h_frames(void* self, uint32_t sink, const B2hFrame** frames) {
    const auto& list = static_cast<Harness*>(self)->sink(sink).frames;
    return *frames = list.data(), list.size();
}
B2H_EXPORT uint64_t b2h_bytes(void* self, uint32_t sink, const uint8_t** bytes) {
    const auto& list = static_cast<Harness*>(self)->sink(sink).bytes;
    return *bytes = list.data(), list.size();
}
B2H_EXPORT uint64_t b2h_ports(void* self, const B2hPort** ports) {
    const auto& list = static_cast<Harness*>(self)->ports();
    return *ports = list.data(), list.size();
}
B2H_EXPORT int32_t b2h_pins(void* self, uint32_t clk) {
    return guarded([&] { return static_cast<Harness*>(self)->pins(clk != 0); });
}
// Broken rules, one a line.
B2H_EXPORT uint64_t b2h_violations(void* self, const char** text) {
    const auto& list = static_cast<Harness*>(self)->violations();
    return *text = list.data(), list.size();
}
// What the model printed on this thread.
B2H_EXPORT uint64_t b2h_message(const char** text) { return *text = captured.data(), captured.size(); }
