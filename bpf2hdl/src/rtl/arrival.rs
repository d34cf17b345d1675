// SPDX-License-Identifier: Apache-2.0
//! Time and random numbers in `bpf_core`.

use super::core::ports;
use super::text::Text;
use super::{Context, pipeline};
use crate::ir::Input;
use bpf2hdl_interface::arrival::time_rate;

/// Time and random numbers, where the program asks for them.
pub(super) fn write(cx: &Context<'_>, text: &mut Text) {
    let used: Vec<Input> = pipeline::inputs(&cx.design.pipeline).into_iter().map(|(input, _)| input).collect();
    let (time, random) = (used.contains(&Input::Time), used.contains(&Input::Random));
    if !time && !random {
        text.blank();
        text.comment(2, "The program asks neither for time nor for random numbers.");
        let zeros = ["token_time", "token_random", "time_rate", "time_step"];
        let rows: Vec<_> = zeros.iter().map(|name| ((*name).to_owned(), "'0".to_owned(), String::new())).collect();
        text.assigns(2, "=", "assign ", &rows);
        text.line(2, "logic unused_arrival;");
        text.line(2, "assign unused_arrival = ^{token_random, arrival_we, arrival_wdata};");
        return;
    }
    text.heading("what each token is told of time and chance");
    let list = "token_valid_i time_o random_o reg_we_i reg_wdata_i rate_o step_o";
    let others = [
        ("time_o", "token_time"),
        ("random_o", "token_random"),
        ("reg_we_i", "arrival_we"),
        ("reg_wdata_i", "arrival_wdata"),
        ("rate_o", "time_rate"),
        ("step_o", "time_step"),
    ];
    let rate = format!("32'h{:08x}", time_rate(cx.design.options.clock_mhz));
    text.instance("bpf_arrival", &[("TIME_RATE", rate)], "u_arrival", &ports(list, &others));
    if !random {
        text.blank();
        text.line(2, "logic unused_random;");
        text.line(2, "assign unused_random = ^token_random;");
    }
}
