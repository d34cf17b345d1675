// SPDX-License-Identifier: Apache-2.0
// The NIC (nic.sv) with programs in its sockets, a memory behind its bus and a MAC on both sides. Compiled together with the verilated shell into one shared library, for one bus width; programs are
// libraries of their own (harness.cpp), which are connected in each clock.
//
// Time: while clk is low, ports are copied from shell to programs and back and all are evaluated until nothing changes; everything is observed; clk rises everywhere.
#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "Vnic.h"
#include "axi_memory.h"
#include "hooks.h"
#include "socket.h"

namespace {

constexpr size_t BYTES = sizeof(Vnic::rx_tdata);
constexpr uint64_t AXIL_CLOCKS = 100000;              // longest register access
constexpr size_t GATE_BEATS = 32768 / BYTES - 8;      // beats that the gate surely has room for (GATE_BYTES of nic.sv)
constexpr size_t GATE_FRAMES = 500;                   // frames (FRAMES of bpf_rx_gate)
constexpr uint64_t ALONE = 400;                       // clocks without movement after which nothing is on its way any more
constexpr int SETTLE = 16;                            // rounds until ports stay

struct Frame {
    std::vector<uint8_t> bytes;
    size_t beats() const { return (bytes.size() + BYTES - 1) / BYTES; }
};

class Nic {
public:
    Nic(uint64_t seed, const B2nMemory& memory) : memory_(memory) {
        context_.randReset(2);
        context_.randSeed(static_cast<int>(seed & 0x7fffffff) | 1);
        top_ = std::make_unique<Vnic>(&context_, "nic");
#define B2N_PORT(name) sockets_[0].shell[I_##name] = &top_->a_##name, sockets_[1].shell[I_##name] = &top_->b_##name;
        B2H_TO_SLOT(B2N_PORT)
        B2H_FROM_SLOT(B2N_PORT)
#undef B2N_PORT
        for (auto& socket : sockets_) socket.silence();
        // Ports start with noise.
        top_->rx_tvalid = top_->rx_bad = top_->rx_queue = 0;
        top_->tx_tready = 1;
        top_->s_axil_awvalid = top_->s_axil_wvalid = top_->s_axil_arvalid = top_->s_axil_bready = top_->s_axil_rready = 0;
        top_->rst = 1;
        for (int i = 0; i < 16; ++i) clock();
        top_->rst = 0;
        for (int i = 0; i < 16; ++i) clock();
    }
    ~Nic() { top_->final(); }

    // ---- programs ----
    int32_t plug(uint32_t slot, const B2nPlug* plug) {
        Socket& socket = sockets_[slot & 1];
        owed_[slot & 1] = 0;
        if (!plug) return socket.silence(), B2H_OK;
        if (plug->count != PORTS) return B2H_STOPPED;
        for (size_t port = 0; port < PORTS; ++port) {
            if (plug->ports[port].bytes != SIZES[port]) return B2H_STOPPED;
        }
        socket.silence();
        socket.plug = *plug;
        // What the program was last told is not what the shell says now.
        for (size_t port = 0; port < FIRST_FROM; ++port) std::memcpy(plug->ports[port].data, socket.shell[port], SIZES[port]);
        return B2H_OK;
    }

    // ---- frames ----
    void offer(const uint8_t* bytes, uint64_t length) { source_.push_back({std::vector<uint8_t>(bytes, bytes + length)}); }
    void hold(bool hold) { hold_ = hold; }

    // Clocks, at most so many; ends early when `quiet` clocks have gone by in which nothing moved and no frame waits that may begin.
    int32_t run(uint64_t clocks, uint64_t quiet) {
        for (uint64_t i = 0; i < clocks; ++i) {
            clock();
            if (stopped_) return B2H_STOPPED;
            if (clock_ - active_ > quiet && (source_.empty() || hold_)) break;
        }
        return B2H_OK;
    }

    int32_t read(uint32_t address, uint32_t& value) {
        if (Socket* socket = alone(address)) return direct(*socket, false, address, value);
        return axil_read(*top_, AXIL_CLOCKS, address, value, [&] { settle(); }, [&] { rise(); }, [&] { return stopped_ != 0; });
    }

    // What one to the NIC, the slots or the DMA sets off may take some clocks to be seen: it counts as movement.
    int32_t write(uint32_t address, uint32_t value) {
        if (Socket* socket = alone(address)) return direct(*socket, true, address, value);
        const int32_t status = axil_write(*top_, AXIL_CLOCKS, address, value, [&] { settle(); }, [&] { rise(); }, [&] { return stopped_ != 0; });
        if (!is_window(address)) active_ = clock_;
        return status;
    }

    // ---- what happened since the last `clear` ----
    const std::vector<B2nHappening>& happenings() const { return happenings_; }
    const std::vector<uint8_t>& bytes() const { return bytes_; }
    const std::string& violations() const { return violation_text_; }
    void clear() { happenings_.clear(), bytes_.clear(); }
    B2nState state() const {
        const uint32_t interrupts = static_cast<uint32_t>(top_->rx_irq) | static_cast<uint32_t>(top_->tx_irq) << 16;
        return {clock_, active_, source_.size(), violations_, interrupts, stopped_};
    }

private:
    void clock() {
        settle();
        rise();
    }

    // The socket of a slot's window (nic.md) whose program can be clocked alone: nothing moves in the NIC or is about to, nothing is in the slot or at its ports. The shell would only hand the access on, and
    // nothing else would change in it. So maps are filled and moved at the rate of a program's model, not of all of them.
    Socket* alone(uint32_t address) {
        if (!is_window(address)) return nullptr;
        const uint32_t slot = address >> 17;
        Socket& socket = sockets_[slot];
        const bool begins = !source_.empty() && !hold_ && fits();
        if (!socket.plugged() || clock_ - active_ <= ALONE || inside_ || begins || owed_[slot] || socket.flag(I_rst)) return nullptr;
        if (socket.flag(I_s_axis_tvalid) || socket.flag(I_s_axil_arvalid) || socket.flag(I_s_axil_awvalid) || socket.flag(I_s_axil_wvalid)) return nullptr;
        for (const Output& output : OUTPUTS) {
            if (socket.flag(output.valid)) return nullptr;
        }
        return socket.flag(I_s_axil_rvalid) || socket.flag(I_s_axil_bvalid) ? nullptr : &socket;
    }

    int32_t direct(Socket& socket, bool writes, uint32_t address, uint32_t& value) {
        const uint32_t slot = static_cast<uint32_t>(&socket - sockets_.data());
        const int32_t status = socket.access(writes, static_cast<uint16_t>(address), value, AXIL_CLOCKS);
        if (status == B2H_STOPPED) stopped_ = 2 + slot;
        // The program's outputs are the shell's inputs again from its next clock on.
        return status;
    }

    // Pages 0 and 2 are those of the slots' cores.
    static bool is_window(uint32_t address) { return (address >> 16 & ~2u) == 0; }
    bool fits() const { return gate_beats_ + source_.front().beats() <= GATE_BEATS && gate_frames_ < GATE_FRAMES; }

    // The MAC's beat, the bus' answers: none depends on another signal of this clock.
    void inputs() {
        if (!inside_ && !source_.empty() && !hold_) {
            inside_ = fits();
            at_ = 0;
        }
        top_->rx_tvalid = inside_;
        if (inside_) {
            const auto& bytes = source_.front().bytes;
            const size_t left = bytes.size() - at_;
            const size_t size = left < BYTES ? left : BYTES;
            std::memcpy(&top_->rx_tdata, bytes.data() + at_, size);
            top_->rx_tkeep = static_cast<std::remove_reference_t<decltype(top_->rx_tkeep)>>(size == 64 ? ~0ull : (1ull << size) - 1);
            top_->rx_tlast = left <= BYTES;
        }
        top_->awready = memory_.awready();
        top_->wready = 1;
        top_->arready = memory_.arready();
        top_->bvalid = memory_.bvalid(clock_);
        if (top_->bvalid) top_->bresp = memory_.bresp();
        const bool valid = memory_.rvalid(clock_);
        if (valid && !beat_shown_) {
            uint64_t address;
            uint32_t response;
            if (memory_.read(reinterpret_cast<uint8_t*>(&top_->rdata), response, address)) fault(0, address);
            top_->rresp = response;
            top_->rlast = memory_.rlast();
            beat_shown_ = true;
        }
        top_->rvalid = valid;
    }

    void settle() {
        inputs();
        top_->clk = 0;
        for (auto& socket : sockets_) {
            if (socket.plugged()) socket.from_program();
        }
        top_->eval();
        bool first = true;
        for (int round = 0; round < SETTLE; ++round, first = false) {
            bool changed = false;
            for (uint32_t slot = 0; slot < 2; ++slot) {
                Socket& socket = sockets_[slot];
                if (!socket.plugged()) continue;
                if (socket.to_program() || first) {
                    pins(slot, 0);
                    changed |= socket.from_program();
                }
            }
            if (!changed) return;
            top_->eval();
        }
        violation("the ports of a slot do not settle");
    }

    void pins(uint32_t slot, uint32_t clk) {
        B2nPlug& plug = sockets_[slot].plug;
        if (plug.pins(plug.model, clk) != B2H_OK && !stopped_) stopped_ = 2 + slot;
    }

    void rise() {
        if (!top_->rst) observe();
        top_->clk = 1;
        top_->eval();
        for (uint32_t slot = 0; slot < 2; ++slot) {
            if (sockets_[slot].plugged()) pins(slot, 1);
        }
        context_.timeInc(1);
        ++clock_;
        if (stopped && !stopped_) stopped_ = 1;
    }

    void observe() {
        bool moved = top_->rx_tvalid || top_->tx_tvalid || !memory_.idle();
        observe_gate();
        observe_bus();
        if (top_->tx_tvalid) {
            append(sent_, &top_->tx_tdata, top_->tx_tkeep);
            // A frame whose slot was cut off in its middle is damaged: no MAC sends it as a good one.
            if (top_->tx_tlast && top_->tx_bad) sent_.clear();
            else if (top_->tx_tlast) happen(B2N_SENT, 0, top_->own, 0, 0, 0, 0, &sent_);
        }
        for (uint32_t slot = 0; slot < 2; ++slot) {
            Socket& socket = sockets_[slot];
            if (!socket.plugged()) continue;
            moved |= socket.flag(I_s_axis_tvalid) && socket.flag(I_s_axis_tready);
            moved |= observe_slot(slot, socket);
        }
        if (moved) active_ = clock_;
    }

    // Frames that the gate has judged have left it, or will; the bytes of dropped ones do not stay.
    void observe_gate() {
        if (inside_) {
            at_ += BYTES;
            ++gate_beats_;
            if (top_->rx_tlast) {
                judged_.push_back(source_.front().beats());
                ++gate_frames_;
                source_.pop_front();
                inside_ = false;
            }
        }
        if (top_->gate_leave) --gate_beats_;
        const int fate = top_->gate_good ? 0 : top_->gate_bad ? 1 : top_->gate_size ? 2 : top_->gate_full ? 3 : -1;
        if (fate >= 0 && !judged_.empty()) {
            if (fate > 0) gate_beats_ -= judged_.front(), --gate_frames_;
            judged_.pop_front();
            happen(B2N_GATE, 0, static_cast<uint32_t>(fate));
        }
        if (top_->place_valid) {
            --gate_frames_;
            if (top_->place_where == 1) ++owed_[top_->place_slot];
            happen(B2N_PLACE, top_->place_slot, top_->place_where);
        }
    }

    void observe_bus() {
        if (top_->awvalid && top_->awready) memory_.take_address(true, top_->awaddr, top_->awlen, clock_);
        if (top_->arvalid && top_->arready) memory_.take_address(false, top_->araddr, top_->arlen, clock_);
        if (top_->wvalid) {
            bool wrong = false;
            uint64_t address = 0;
            const auto* data = reinterpret_cast<const uint8_t*>(&top_->wdata);
            if (memory_.write(data, top_->wstrb, top_->wlast, clock_, wrong, address)) fault(1, address);
            if (wrong) violation("a beat of W without its burst, or WLAST in the wrong place");
        }
        if (top_->rvalid && top_->rready) memory_.took_beat(), beat_shown_ = false;
        if (top_->bvalid && top_->bready) memory_.took_answer();
    }

    bool observe_slot(uint32_t slot, Socket& socket) {
        bool moved = false;
        if (socket.flag(I_mon_valid)) {
            moved = true;
            if (owed_[slot]) --owed_[slot];
            const uint32_t target = socket.value<uint32_t>(I_mon_tdest);
            happen(B2N_VERDICT, slot, socket.value<uint8_t>(I_mon_action), socket.value<uint16_t>(I_mon_length), 0,
                   socket.value<uint8_t>(I_mon_tid), target);
        }
        for (uint32_t output = 0; output < 4; ++output) {
            const Output& ports = OUTPUTS[output];
            if (!socket.flag(ports.valid) || !socket.flag(ports.ready)) continue;
            moved = true;
            uint64_t keep = 0;
            std::memcpy(&keep, socket.shell[ports.keep], SIZES[ports.keep]);
            append(socket.frames[output], socket.shell[ports.data], keep);
            if (!socket.flag(ports.last)) continue;
            uint64_t user = 0;
            std::memcpy(&user, socket.shell[ports.user], SIZES[ports.user]);
            const bool redirect = output == 2;
            happen(B2N_EXIT, slot, output, 0, user, redirect ? socket.value<uint8_t>(I_m_axis_redirect_tid) : 0,
                   redirect ? socket.value<uint32_t>(I_m_axis_redirect_tdest) : 0, &socket.frames[output]);
        }
        return moved;
    }

    static void append(std::vector<uint8_t>& frame, const void* data, uint64_t keep) {
        const auto* bytes = static_cast<const uint8_t*>(data);
        frame.insert(frame.end(), bytes, bytes + __builtin_popcountll(keep));
    }

    void happen(uint32_t kind, uint32_t slot, uint32_t what, uint32_t length = 0, uint64_t user = 0, uint32_t target_kind = 0,
                uint32_t target = 0, std::vector<uint8_t>* frame = nullptr) {
        B2nHappening happening{clock_, user, kind, slot, what, length, target_kind, target, bytes_.size()};
        if (frame) {
            happening.length = static_cast<uint32_t>(frame->size());
            bytes_.insert(bytes_.end(), frame->begin(), frame->end());
            frame->clear();
        }
        happenings_.push_back(happening);
    }

    void fault(uint32_t writes, uint64_t address) { happen(B2N_FAULT, 0, writes, 0, address); }

    void violation(const char* what) {
        if (violations_++ < 20) violation_text_ += "clock " + std::to_string(clock_) + ": " + what + "\n";
    }

    VerilatedContext context_;
    std::unique_ptr<Vnic> top_;
    std::array<Socket, 2> sockets_;
    AxiMemory<BYTES> memory_;
    bool beat_shown_ = false;  // rdata is that of the next beat
    std::deque<Frame> source_;
    bool inside_ = false;  // the first frame of the source has begun
    bool hold_ = false;
    size_t at_ = 0;
    size_t gate_beats_ = 0;
    size_t gate_frames_ = 0;
    std::array<uint64_t, 2> owed_{};  // frames in a slot without a verdict
    std::deque<size_t> judged_;  // beats of frames that have ended and are not judged yet
    std::vector<uint8_t> sent_;
    std::vector<B2nHappening> happenings_;
    std::vector<uint8_t> bytes_;
    std::string violation_text_;
    uint64_t violations_ = 0;
    uint64_t clock_ = 0;
    uint64_t active_ = 0;
    uint32_t stopped_ = 0;
};

Nic& nic(void* self) { return *static_cast<Nic*>(self); }

}  // namespace

B2H_EXPORT uint32_t b2n_abi() { return B2N_ABI; }
B2H_EXPORT uint32_t b2n_bus_bits() { return 8 * BYTES; }
// Null if the model stopped while it was reset; b2n_message tells why.
B2H_EXPORT void* b2n_new(uint64_t seed, const B2nMemory* memory) {
    captured.clear();
    stopped = false;
    Nic* made = nullptr;
    guarded([&] { return made = new Nic(seed, *memory), B2H_OK; });
    if (made && stopped) delete made, made = nullptr;
    return made;
}
B2H_EXPORT void b2n_free(void* self) {
    guarded([&] { return delete static_cast<Nic*>(self), B2H_OK; });
}
// A null plug empties the slot.
B2H_EXPORT int32_t b2n_plug(void* self, uint32_t slot, const B2nPlug* plug) {
    return guarded([&] { return nic(self).plug(slot, plug); });
}
B2H_EXPORT void b2n_offer(void* self, const uint8_t* bytes, uint64_t length) {
    guarded([&] { return nic(self).offer(bytes, length), B2H_OK; });
}
B2H_EXPORT void b2n_hold(void* self, uint32_t hold) { nic(self).hold(hold != 0); }
B2H_EXPORT int32_t b2n_run(void* self, uint64_t clocks, uint64_t quiet) {
    return guarded([&] { return nic(self).run(clocks, quiet); });
}
B2H_EXPORT int32_t b2n_read(void* self, uint32_t address, uint32_t* value) {
    return guarded([&] { return nic(self).read(address, *value); });
}
B2H_EXPORT int32_t b2n_write(void* self, uint32_t address, uint32_t value) {
    return guarded([&] { return nic(self).write(address, value); });
}
B2H_EXPORT uint64_t b2n_happenings(void* self, const B2nHappening** list, const uint8_t** bytes, uint64_t* byte_count) {
    const auto& happenings = nic(self).happenings();
    *bytes = nic(self).bytes().data(), *byte_count = nic(self).bytes().size();
    return *list = happenings.data(), happenings.size();
}
B2H_EXPORT void b2n_clear(void* self) { nic(self).clear(); }
B2H_EXPORT void b2n_state(void* self, B2nState* state) { *state = nic(self).state(); }
// Broken rules, one a line.
B2H_EXPORT uint64_t b2n_violations(void* self, const char** text) {
    const auto& list = nic(self).violations();
    return *text = list.data(), list.size();
}
// What the shell's model printed on this thread.
B2H_EXPORT uint64_t b2n_message(const char** text) { return *text = captured.data(), captured.size(); }
