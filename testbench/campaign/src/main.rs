// SPDX-License-Identifier: Apache-2.0
//! `bpf2hdl-campaign`: what `./run fuzz`, `./run opcodes`, `./run storms` and `./run corpus` start.
#![forbid(unsafe_code)]

mod corpus_command;
mod storms_command;

use bpf2hdl_campaign::case::Case;
use bpf2hdl_campaign::engine;
use bpf2hdl_campaign::fuzz::{self, Settings, Totals};
use bpf2hdl_campaign::opcodes;
use bpf2hdl_campaign::status::{Status, table};
use bpf2hdl_testbench::capture;
use bpf2hdl_testbench::oracle::kernel;
use bpf2hdl_testbench::random::Feature;
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Campaigns that compare the compiler with the running kernel; they need root.
#[derive(Parser)]
#[command(name = "./run", max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Random programs: every form of the compiler, and Verilator, against the kernel
    Fuzz(FuzzArgs),
    /// Every opcode on pairs of edge values: kernel, rbpf, every form of the compiler, and Verilator
    Opcodes(OpcodesArgs),
    /// Programs of others, from packages: what the kernel loads, what is compiled, and whether both do the same
    Corpus(corpus_command::CorpusArgs),
    /// Every type of map and every helper under traffic that hits the same keys, against the kernel
    Storms(storms_command::StormsArgs),
    /// One program of the corpus; prints what is known of it
    #[command(hide = true)]
    CorpusProgram(corpus_command::ProgramArgs),
}

#[derive(Args)]
struct OpcodesArgs {
    /// Fewer values
    #[arg(long)]
    quick: bool,
    /// Run them on the engine instead of in pipelines in Verilator
    #[arg(long)]
    engine: bool,
    /// Leave Verilator out
    #[arg(long)]
    no_rtl: bool,
    /// Only lines of the table that hold this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Cores built at a time; as many as there are processors if left out
    #[arg(long)]
    jobs: Option<usize>,
    /// Folder for designs
    #[arg(long, default_value = "target/opcodes")]
    out: PathBuf,
}

#[derive(Args)]
struct FuzzArgs {
    /// Number of programs
    #[arg(long, default_value_t = 10_000)]
    programs: u64,
    /// Packets for each
    #[arg(long, default_value_t = 64)]
    packets: usize,
    /// How many of them go through Verilator as well
    #[arg(long, default_value_t = 300)]
    rtl: u64,
    /// Seed of the first program; the others follow
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Programs at a time; as many as there are processors if left out
    #[arg(long)]
    jobs: Option<usize>,
    /// Folder for failures and designs
    #[arg(long, default_value = "target/fuzz")]
    out: PathBuf,
    /// Run the programs on the engine, in Verilator, instead
    #[arg(long)]
    engine: bool,
    /// Print the program of the first seed and end
    #[arg(long)]
    show: bool,
    /// Run one kept program (a file as failures are written) with the capture beside it
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
}

fn main() -> ExitCode {
    let mut status = Status::default();
    let result = match Cli::parse().command {
        Command::Fuzz(args) => fuzz(&args, &mut status),
        Command::Opcodes(args) => opcodes(&args, &mut status),
        Command::Corpus(args) => {
            kernel_or_error().and_then(|()| corpus_command::run(&args, jobs(args.jobs), &mut status))
        }
        Command::Storms(args) => kernel_or_error().and_then(|()| storms_command::run(&args, &mut status)),
        Command::CorpusProgram(args) => corpus_command::one(args, &mut status),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            status.say(&format!("error: {reason}"));
            ExitCode::FAILURE
        }
    }
}

/// True if everything agrees.
fn fuzz(args: &FuzzArgs, status: &mut Status) -> Result<bool, String> {
    if args.show {
        status.say(Case::random(args.seed, args.packets).0.to_text().trim_end());
        return Ok(true);
    }
    kernel_or_error()?;
    if let Some(file) = &args.replay {
        return replay(file, args, status);
    }
    if args.engine {
        let totals = engine::run(args.seed, args.programs, args.packets, &args.out, status)?;
        status.say(&totals.to_text());
        return Ok(totals.failures.is_empty() && totals.agree > 0);
    }
    let settings = Settings {
        seed: args.seed,
        programs: args.programs,
        packets: args.packets,
        rtl: args.rtl,
        jobs: jobs(args.jobs),
        folder: args.out.clone(),
    };
    let started = Instant::now();
    let totals = fuzz::run(&settings, status);
    status.say(&summary(&totals, &settings, started.elapsed().as_secs_f64()));
    Ok(totals.failures.is_empty() && totals.stopped.is_none() && totals.agree > 0)
}

fn jobs(wanted: Option<usize>) -> usize {
    wanted.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1)
}

fn kernel_or_error() -> Result<(), String> {
    kernel::available().map_err(|reason| format!("the kernel can not be the reference here: {reason}"))
}

/// True if everything agrees.
fn opcodes(args: &OpcodesArgs, status: &mut Status) -> Result<bool, String> {
    kernel_or_error()?;
    let edges: &[u64] = if args.quick { &opcodes::FEW_EDGES } else { &opcodes::EDGES };
    let only = args.only.as_deref().unwrap_or_default();
    let settings = opcodes::Settings {
        items: opcodes::items().into_iter().filter(|item| item.row.contains(only)).collect(),
        edges,
        rtl: !args.no_rtl,
        engine: args.engine,
        phys_dev: only.is_empty() || "LD_ABS LD_IND".contains(only),
        jobs: jobs(args.jobs),
        folder: &args.out,
    };
    let started = Instant::now();
    let table = opcodes::run(&settings, &mut |line| status.show(line))?;
    status.say(&table.to_text());
    let wrong: Vec<&str> = table.iter().filter(|(_, row)| !row.is_right()).map(|(name, _)| name).collect();
    for (name, row) in table.iter() {
        row.wrong.iter().take(5).for_each(|text| status.say(&format!("FAILED  {name}: {text}")));
    }
    let total = table.total();
    status.say(&format!(
        "{} opcodes, {} forms ({} refused by the kernel), {} cases against the kernel, {} of them in rbpf, {} in Verilator; {:.0} s\n\
         differences {}",
        table.iter().count(),
        total.forms,
        total.refused,
        total.cases,
        total.rbpf_cases,
        total.rtl_cases,
        started.elapsed().as_secs_f64(),
        wrong.len()
    ));
    Ok(wrong.is_empty() && total.cases > 0)
}

fn replay(file: &Path, args: &FuzzArgs, status: &mut Status) -> Result<bool, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut case = Case::parse(&text)?;
    let beside = file.with_extension("pcap");
    if beside.exists() {
        let packets = capture::read(&beside).map_err(|error| error.to_string())?;
        case.packets = packets.iter().map(|packet| packet.data.to_vec()).collect();
    }
    if args.engine {
        let verdict = engine::judge(&case, 512, true, &args.out)?;
        status.say(&format!("{verdict:?}"));
        return Ok(!matches!(verdict, engine::Verdict::Fails(_)));
    }
    match fuzz::failure_of(&case, args.rtl > 0, args.seed, &args.out) {
        Some(failure) => {
            let folder = args.out.join("replay");
            fuzz::write_finding(&folder, &case, &failure, args.seed)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
            status.say(&format!("FAILED  {}: {}; reduced in {}", failure.form, failure.message, folder.display()));
            Ok(false)
        }
        None => {
            status.say("agrees with the kernel, or is refused by it");
            Ok(true)
        }
    }
}

fn summary(totals: &Totals, settings: &Settings, seconds: f64) -> String {
    let accepted = totals.accepted();
    let percent = |part: u64, whole: u64| format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64);
    let rows: Vec<Vec<String>> = Feature::ALL
        .iter()
        .map(|feature| {
            let count = totals.features.get(feature).copied().unwrap_or(0);
            vec![feature.name().to_owned(), count.to_string(), percent(count, accepted)]
        })
        .collect();
    let mut text = table(&["feature", "programs", "of accepted"], &rows);
    for (reason, count) in &totals.reasons {
        text += &format!("  {count:>6}  {reason}\n");
    }
    text += &format!(
        "\nseeds {} to {}: {} programs, {} accepted by the kernel ({}), {} over a limit, {} agree in every form on {} packets;\n\
         {} pipelines ({} interlocked programs, {} not scheduled), {} programs in Verilator ({} of more than {} bytes of SystemVerilog left out there); {seconds:.0} s\n",
        settings.seed,
        settings.seed + totals.done.max(1) - 1,
        totals.done,
        accepted,
        percent(accepted, totals.done),
        totals.over_limit,
        totals.agree,
        totals.packets,
        totals.pipelines,
        totals.interlocked,
        totals.unscheduled,
        totals.rtl,
        totals.too_large,
        fuzz::LARGEST_MODEL
    );
    for finding in &totals.failures {
        text += &format!(
            "FAILED  seed {}, {}: {}\n        reduced: {}\n        again: ./run fuzz --seed {} --programs 1 --packets {} --rtl {}\n",
            finding.seed,
            finding.failure.form,
            finding.failure.message,
            finding.folder.join("minimal.s").display(),
            finding.seed,
            settings.packets,
            u8::from(finding.failure.form.starts_with("rtl"))
        );
    }
    if let Some(reason) = &totals.stopped {
        text += &format!("STOPPED  {reason}\n");
    }
    text + &format!("mismatches {}", totals.failures.len())
}
