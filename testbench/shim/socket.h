// SPDX-License-Identifier: Apache-2.0
// A socket of nic.sv: where the ports of a program's model and those of the shell's model are copied to each other.
#pragma once
#include <array>
#include <cstring>
#include <vector>

#include "Vnic.h"
#include "nic_abi.h"
#include "ports.h"

enum Port {
#define B2N_INDEX(name) I_##name,
    B2H_TO_SLOT(B2N_INDEX) B2H_FROM_SLOT(B2N_INDEX)
#undef B2N_INDEX
    PORTS,
    FIRST_FROM = I_s_axis_tready,
};
constexpr size_t SIZES[PORTS] = {
#define B2N_SIZE(name) sizeof(Vnic::a_##name),
    B2H_TO_SLOT(B2N_SIZE) B2H_FROM_SLOT(B2N_SIZE)
#undef B2N_SIZE
};
struct Output {
    Port valid, data, keep, last, user, ready;
};
constexpr Output OUTPUTS[4] = {
#define B2N_OUTPUT(name)                                                                                                                    \
    {I_m_axis_##name##_tvalid, I_m_axis_##name##_tdata, I_m_axis_##name##_tkeep, I_m_axis_##name##_tlast, I_m_axis_##name##_tuser, \
     I_m_axis_##name##_tready},
    B2N_OUTPUT(pass) B2N_OUTPUT(tx) B2N_OUTPUT(redirect) B2N_OUTPUT(event)
#undef B2N_OUTPUT
};

// One slot: the shell's ports, and the program's if there is one.
struct Socket {
    std::array<void*, PORTS> shell{};
    B2nPlug plug{};
    std::array<std::vector<uint8_t>, 4> frames;  // of each output, so far

    bool plugged() const { return plug.model != nullptr; }
    template <Port I>
    bool move(void* to, const void* from) {
        if (!std::memcmp(to, from, SIZES[I])) return false;
        std::memcpy(to, from, SIZES[I]);
        return true;
    }
    template <Port I>
    bool down() {
        return move<I>(plug.ports[I].data, shell[I]);
    }
    template <Port I>
    bool up() {
        return move<I>(shell[I], plug.ports[I].data);
    }
    bool flag(Port port) const { return *static_cast<const uint8_t*>(shell[port]); }
    template <typename T>
    T value(Port port) const {
        T value;
        std::memcpy(&value, shell[port], sizeof value);
        return value;
    }

    // From the shell to the program; data of a stream only while it is offered.
    bool to_program() {
        bool changed = down<I_rst>() | down<I_s_axis_tvalid>();
        if (flag(I_s_axis_tvalid)) changed |= down<I_s_axis_tdata>() | down<I_s_axis_tkeep>() | down<I_s_axis_tlast>() | down<I_s_axis_tuser>();
        changed |= down<I_m_axis_pass_tready>() | down<I_m_axis_tx_tready>() | down<I_m_axis_redirect_tready>() | down<I_m_axis_event_tready>();
        changed |= down<I_s_axil_awvalid>() | down<I_s_axil_wvalid>() | down<I_s_axil_bready>() | down<I_s_axil_arvalid>() | down<I_s_axil_rready>();
        changed |= down<I_s_axil_awaddr>() | down<I_s_axil_wdata>() | down<I_s_axil_wstrb>() | down<I_s_axil_araddr>();
        return changed;
    }
    bool from_program() {
        bool changed = up<I_s_axis_tready>() | up<I_mon_valid>();
        changed |= up<I_m_axis_pass_tvalid>() | up<I_m_axis_tx_tvalid>() | up<I_m_axis_redirect_tvalid>() | up<I_m_axis_event_tvalid>();
#define B2N_STREAM(name)                                                                                                   \
    if (flag(I_m_axis_##name##_tvalid)) {                                                                                  \
        changed |= up<I_m_axis_##name##_tdata>() | up<I_m_axis_##name##_tkeep>() | up<I_m_axis_##name##_tlast>(); \
        changed |= up<I_m_axis_##name##_tuser>();                                                                          \
    }
        B2N_STREAM(pass) B2N_STREAM(tx) B2N_STREAM(redirect) B2N_STREAM(event)
#undef B2N_STREAM
        if (flag(I_m_axis_redirect_tvalid)) changed |= up<I_m_axis_redirect_tid>() | up<I_m_axis_redirect_tdest>();
        if (flag(I_mon_valid)) changed |= up<I_mon_action>() | up<I_mon_length>() | up<I_mon_tid>() | up<I_mon_tdest>();
        changed |= up<I_s_axil_awready>() | up<I_s_axil_wready>() | up<I_s_axil_bvalid>() | up<I_s_axil_arready>() | up<I_s_axil_rvalid>();
        changed |= up<I_s_axil_bresp>() | up<I_s_axil_rdata>() | up<I_s_axil_rresp>();
        return changed;
    }
    // One access to the program's registers, clocked by its ports alone: as harness.cpp does it.
    int32_t access(bool writes, uint16_t address, uint32_t& value, uint64_t clocks) {
        const auto set = [this](Port port, auto number) { std::memcpy(plug.ports[port].data, &number, SIZES[port]); };
        const auto is = [this](Port port) { return *static_cast<const uint8_t*>(plug.ports[port].data) != 0; };
        const Port valid = writes ? I_s_axil_awvalid : I_s_axil_arvalid, ready = writes ? I_s_axil_awready : I_s_axil_arready;
        const Port answer = writes ? I_s_axil_bvalid : I_s_axil_rvalid, response = writes ? I_s_axil_bresp : I_s_axil_rresp;
        const Port taken = writes ? I_s_axil_bready : I_s_axil_rready;
        set(writes ? I_s_axil_awaddr : I_s_axil_araddr, address);
        if (writes) set(I_s_axil_wdata, value), set(I_s_axil_wstrb, uint8_t{0xf}), set(I_s_axil_wvalid, uint8_t{1});
        set(valid, uint8_t{1}), set(taken, uint8_t{1});
        int32_t status = B2H_TIMEOUT;
        bool address_taken = false, data_taken = !writes;
        for (uint64_t i = 0; i < clocks && status == B2H_TIMEOUT; ++i) {
            if (plug.pins(plug.model, 0) != B2H_OK) status = B2H_STOPPED;
            const bool address_now = is(valid) && is(ready), data_now = writes && is(I_s_axil_wvalid) && is(I_s_axil_wready);
            address_taken |= address_now, data_taken |= data_now;
            const bool answered = is(answer) && address_taken && data_taken;
            const bool bad = *static_cast<const uint8_t*>(plug.ports[response].data) != 0;
            if (answered && !writes) std::memcpy(&value, plug.ports[I_s_axil_rdata].data, sizeof value);
            if (plug.pins(plug.model, 1) != B2H_OK) status = B2H_STOPPED;
            if (address_now) set(valid, uint8_t{0});
            if (data_now) set(I_s_axil_wvalid, uint8_t{0});
            if (answered && status == B2H_TIMEOUT) status = bad ? B2H_BUS_ERROR : B2H_OK;
        }
        set(valid, uint8_t{0}), set(I_s_axil_wvalid, uint8_t{0}), set(taken, uint8_t{0});
        return status;
    }

    // An empty slot gives nothing.
    void silence() {
        for (size_t port = FIRST_FROM; port < PORTS; ++port) std::memset(shell[port], 0, SIZES[port]);
        for (auto& frame : frames) frame.clear();
        plug = {};
    }
};
