// SPDX-License-Identifier: Apache-2.0
//! The commands of the corpus.

use bpf2hdl_campaign::corpus::{self, List, Row, Settings};
use bpf2hdl_campaign::status::Status;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// Stack of the working thread in bytes, as in `bpf2hdl`.
const STACK_BYTES: usize = 256 << 20;

#[derive(Args)]
pub(crate) struct CorpusArgs {
    /// The list of objects that was collected
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// Only programs whose name, or whose object's, holds this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Packets with each contents of the maps, of which there are three
    #[arg(long, default_value_t = 400)]
    packets: usize,
    /// How many programs are built in Verilator as well
    #[arg(long, default_value_t = 6)]
    rtl: usize,
    /// Programs at a time; as many as there are processors if left out
    #[arg(long)]
    pub(crate) jobs: Option<usize>,
    /// Longest time for one program, in seconds
    #[arg(long, default_value_t = 300)]
    patience: u64,
    /// Folder for answers, logs and designs
    #[arg(long, default_value = "target/corpus")]
    out: PathBuf,
    /// Write everything that was found to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ProgramArgs {
    #[arg(long)]
    group: String,
    #[arg(long)]
    object: PathBuf,
    #[arg(long)]
    program: String,
    #[arg(long)]
    packets: usize,
    #[arg(long)]
    captures: Option<PathBuf>,
    #[arg(long)]
    rtl: Option<PathBuf>,
}

/// True if nothing differs and nothing crashed.
pub(crate) fn run(args: &CorpusArgs, jobs: usize, status: &mut Status) -> Result<bool, String> {
    let settings = Settings {
        list: List::read(&args.list)?,
        only: args.only.clone(),
        packets: args.packets,
        rtl: args.rtl,
        jobs,
        patience: Duration::from_secs(args.patience),
        folder: args.out.join("programs"),
    };
    let rows = corpus::run(&settings, &mut |line| status.show(|| line))?;
    let (text, json) = corpus::summary(&rows, &settings.list);
    status.say(&text);
    if let Some(file) = &args.json {
        std::fs::write(file, format!("{json:#}\n")).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let counts = corpus::Counts::of(rows.iter());
    status.say(&format!(
        "{} programs, {} loaded by the kernel, {} of them compiled, {} equal\nmismatches {}",
        counts.programs, counts.loaded, counts.compiled, counts.equal, counts.faults
    ));
    Ok(counts.faults == 0 && counts.equal > 0)
}

/// Judges one program and prints its row.
pub(crate) fn one(args: ProgramArgs, status: &mut Status) -> Result<bool, String> {
    let judged = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let row = Row::new(&args.group, &args.object, &args.program);
        let traffic = corpus::Traffic::new(args.packets, args.captures.as_deref())?;
        corpus::judge(row, &args.object, &traffic, args.rtl.as_deref())
    });
    let judged = judged.map_err(|error| error.to_string())?.join();
    let row = judged.map_err(|_| "the compiler panicked".to_owned())??;
    status.say(&row.to_json().to_string());
    Ok(true)
}
