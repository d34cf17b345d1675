// SPDX-License-Identifier: Apache-2.0
// What every harness has around its model: what the model prints and how it ends, the way out for exceptions, registers by AXI4-Lite. Included once.
#pragma once
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "abi.h"
#include "verilated.h"

#define B2H_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

thread_local std::string captured;  // what the model printed
thread_local bool stopped = false;  // $stop, $fatal or a failed assertion

// Exceptions end here: they must not cross into Rust.
template <typename Function>
int32_t guarded(Function function) {
    try {
        return function();
    } catch (const std::exception& error) {
        captured += error.what();
        return B2H_STOPPED;
    } catch (...) {
        captured += "unknown C++ exception";
        return B2H_STOPPED;
    }
}

// Reads a register in at most so many clocks, each of which is `settle` and `rise`; `ended` says that the model has stopped.
template <typename Top, typename Settle, typename Rise, typename Ended>
int32_t axil_read(Top& top, uint64_t clocks, uint32_t address, uint32_t& value, Settle settle, Rise rise, Ended ended) {
    top.s_axil_araddr = static_cast<std::remove_reference_t<decltype(top.s_axil_araddr)>>(address);
    top.s_axil_arvalid = top.s_axil_rready = 1;
    bool sent = false;
    for (uint64_t i = 0; i < clocks; ++i) {
        settle();
        const bool accept = top.s_axil_arvalid && top.s_axil_arready;
        const bool answer = top.s_axil_rvalid && (sent || accept);
        value = top.s_axil_rdata;
        const bool bad = top.s_axil_rresp != 0;
        rise();
        if (accept) sent = true, top.s_axil_arvalid = 0;
        if (ended()) return B2H_STOPPED;
        if (answer) return top.s_axil_rready = 0, bad ? B2H_BUS_ERROR : B2H_OK;
    }
    top.s_axil_arvalid = 0;
    return B2H_TIMEOUT;
}

// Writes one, likewise.
template <typename Top, typename Settle, typename Rise, typename Ended>
int32_t axil_write(Top& top, uint64_t clocks, uint32_t address, uint32_t value, Settle settle, Rise rise, Ended ended) {
    top.s_axil_awaddr = static_cast<std::remove_reference_t<decltype(top.s_axil_awaddr)>>(address);
    top.s_axil_wdata = value;
    top.s_axil_awvalid = top.s_axil_wvalid = top.s_axil_bready = 1;
    for (uint64_t i = 0; i < clocks; ++i) {
        settle();
        const bool address_taken = top.s_axil_awvalid && top.s_axil_awready;
        const bool data_taken = top.s_axil_wvalid && top.s_axil_wready;
        const bool answer = top.s_axil_bvalid;
        const bool bad = top.s_axil_bresp != 0;
        rise();
        if (address_taken) top.s_axil_awvalid = 0;
        if (data_taken) top.s_axil_wvalid = 0;
        if (ended()) return B2H_STOPPED;
        if (answer) return top.s_axil_bready = 0, bad ? B2H_BUS_ERROR : B2H_OK;
    }
    top.s_axil_awvalid = top.s_axil_wvalid = 0;
    return B2H_TIMEOUT;
}

}  // namespace

extern "C" int b2h_printf(const char* format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (captured.size() < 16384) captured += text;
    return size;
}

// The model's ways to end the process: here they only end the run.
void vl_finish(const char*, int, const char*) VL_MT_UNSAFE { stopped = true; }
void vl_stop(const char* file, int line, const char*) VL_MT_UNSAFE {
    stopped = true;
    b2h_printf("stopped at %s:%d\n", file ? file : "?", line);
}
void vl_fatal(const char* file, int line, const char*, const char* message) VL_MT_UNSAFE {
    throw std::runtime_error(std::string(message) + " at " + (file ? file : "?") + ":" + std::to_string(line));
}
