// SPDX-License-Identifier: Apache-2.0
//! The command of the storms.

use bpf2hdl_campaign::status::{Status, table};
use bpf2hdl_campaign::storms::{self, Outcome, Program, Settings};
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Stack of the working thread in bytes, as in `bpf2hdl`.
const STACK_BYTES: usize = 256 << 20;

#[derive(Args)]
pub(crate) struct StormsArgs {
    /// Only programs whose name, or what they cover, holds this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Packets for each program
    #[arg(long, default_value_t = 100_000)]
    packets: usize,
    /// Run the programs on the engine instead of in pipelines
    #[arg(long)]
    engine: bool,
    /// Seed of the packets
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder with the programs
    #[arg(long, value_name = "DIR", default_value = "testbench/campaign/storms")]
    programs: PathBuf,
    /// Folder for designs
    #[arg(long, default_value = "target/storms")]
    out: PathBuf,
}

/// True if nothing differs and every demanded rate is reached.
pub(crate) fn run(args: &StormsArgs, status: &mut Status) -> Result<bool, String> {
    let settings = Settings {
        packets: args.packets,
        storm: 20_000.min(args.packets),
        folder: args.out.clone(),
        seed: args.seed,
        quick: false,
        engine: args.engine,
    };
    let mut programs = Program::all(&args.programs)?;
    let holds = |program: &Program| {
        program.name.contains(&args.only) || program.covers.iter().any(|name| name.contains(&args.only))
    };
    programs.retain(holds);
    let (mut rows, mut wrong, mut covered) = (Vec::new(), 0, BTreeSet::new());
    for (number, program) in programs.iter().enumerate() {
        status.show(|| format!("{} of {}: {}", number + 1, programs.len(), program.name));
        let (job, place) = (program.clone(), settings.clone());
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || storms::run(&job, &place));
        let outcome = thread.map_err(|error| error.to_string())?.join();
        let problems = match outcome.unwrap_or_else(|_| Err("the compiler panicked".to_owned())) {
            Ok(outcome) => {
                covered.extend(program.covers.iter().cloned());
                rows.push(row(program, &outcome));
                problems(program, &outcome, args.engine)
            }
            Err(reason) => vec![reason],
        };
        wrong += usize::from(!problems.is_empty());
        problems.iter().for_each(|problem| status.say(&format!("FAILED  {}: {problem}", program.name)));
    }
    let titles = ["program", "covers", "stages", "packets", "aborted/drop/pass/tx/redirect", "differ", "pkt/clk"];
    status.say(&table(&titles, &rows));
    status.say(&format!(
        "{} map types and helpers: {}",
        covered.len(),
        covered.into_iter().collect::<Vec<_>>().join(", ")
    ));
    status.say(&format!("{} programs, {wrong} wrong", programs.len()));
    Ok(wrong == 0 && !programs.is_empty())
}

fn row(program: &Program, outcome: &Outcome) -> Vec<String> {
    let demanded = program.rate.map_or_else(String::new, |rate| format!(" of {rate:.2}"));
    vec![
        program.name.clone(),
        program.covers.join(" "),
        outcome.stages.to_string(),
        outcome.compared.to_string(),
        outcome.actions.map(|count| count.to_string()).join("/"),
        outcome.mismatches.to_string(),
        format!("{:.3}{demanded}", outcome.rate),
    ]
}

fn problems(program: &Program, outcome: &Outcome, on_engine: bool) -> Vec<String> {
    let mut problems: Vec<String> = outcome.explained.iter().take(3).cloned().collect();
    if outcome.mismatches > 0 {
        problems.push(format!("{} mismatches", outcome.mismatches));
    }
    if outcome.compared == 0 || !outcome.maps {
        problems.push("packets or maps were not compared".to_owned());
    }
    if let Some(rate) = program.rate.filter(|rate| !on_engine && !outcome.reaches(*rate)) {
        problems.push(format!("{:.3} packets per clock on one key, {rate:.2} are demanded", outcome.rate));
    }
    problems
}
