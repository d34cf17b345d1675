// SPDX-License-Identifier: Apache-2.0
//! All programs, each judged in a process of its own.

use super::libbpf;
use super::row::{Equal, Kernel, List, Refusal, Row};
use bpf2hdl::object::Object;
use serde_json::Value;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What to do with the list.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The list that `corpus.py` wrote.
    pub list: List,
    /// Only programs whose object or name holds this.
    pub only: String,
    /// Packets with each contents of the maps.
    pub packets: usize,
    /// How many programs are built in Verilator as well.
    pub rtl: usize,
    /// Programs at a time.
    pub jobs: usize,
    /// Longest time for one program.
    pub patience: Duration,
    /// Folder for answers, logs and designs.
    pub folder: PathBuf,
}

/// A program to be judged.
struct Work {
    row: Row,
    object: PathBuf,
    number: usize,
    rtl: bool,
}

struct Running {
    work: Work,
    child: Child,
    since: Instant,
}

/// Judges all programs; rows come in the order of the list.
///
/// # Errors
/// What can not be written or started.
pub fn run(settings: &Settings, show: &mut dyn FnMut(String)) -> Result<Vec<Row>, String> {
    let mut rows: Vec<Option<Row>> = Vec::new();
    let mut waiting = plan(settings, &mut rows);
    let (total, mut running): (usize, Vec<Running>) = (rows.len(), Vec::new());
    std::fs::create_dir_all(&settings.folder).map_err(|error| format!("{}: {error}", settings.folder.display()))?;
    while !waiting.is_empty() || !running.is_empty() {
        while running.len() < settings.jobs {
            let Some(work) = waiting.pop_front() else { break };
            let child = start(&work, settings).map_err(|error| format!("a program can not be judged: {error}"))?;
            running.push(Running { work, child, since: Instant::now() });
        }
        let mut still = Vec::new();
        for mut one in running {
            let status = one.child.try_wait().map_err(|error| error.to_string())?;
            let late = status.is_none() && one.since.elapsed() > settings.patience;
            if late {
                // It may have ended meanwhile.
                let _ = one.child.kill();
                let _ = one.child.wait();
            }
            if late || status.is_some() {
                let (number, wanted) = (one.work.number, one.work.rtl);
                let row = answer(one.work, settings, late);
                // What is not built in hardware leaves its turn to the next one.
                if let (Equal::NotCompared, true, Some(next)) = (&row.hardware, wanted, waiting.front_mut()) {
                    next.rtl = true;
                }
                rows[number] = Some(row);
                show(format!("{} of {total} programs", rows.iter().flatten().count()));
            } else {
                still.push(one);
            }
        }
        running = still;
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(rows.into_iter().flatten().collect())
}

/// All programs; objects that can not be read as a whole have their row at once. The hardware of every k-th is built.
fn plan(settings: &Settings, rows: &mut Vec<Option<Row>>) -> VecDeque<Work> {
    let mut waiting = VecDeque::new();
    for listed in &settings.list.objects {
        match Object::read(&listed.object) {
            Ok(object) => {
                for program in &object.programs {
                    let mut row = Row::new(&listed.group, &listed.object, &program.name);
                    row.section.clone_from(&program.section);
                    if row.object.contains(&settings.only) || row.program.contains(&settings.only) {
                        waiting.push_back(Work { row, object: listed.object.clone(), number: rows.len(), rtl: false });
                        rows.push(None);
                    }
                }
            }
            Err(refused) => {
                let mut row = Row::new(&listed.group, &listed.object, "");
                let one = |e: &bpf2hdl::diag::Diagnostic| Refusal {
                    code: e.code.id().to_owned(),
                    message: e.message.clone(),
                };
                row.refusals = refused.errors().map(one).collect();
                row.kernel = libbpf::loads(&listed.object, "");
                rows.push(Some(row));
            }
        }
    }
    let step = (waiting.len() / settings.rtl.max(1)).max(1);
    for work in waiting.iter_mut().step_by(step).take(settings.rtl) {
        work.rtl = true;
    }
    waiting
}

fn start(work: &Work, settings: &Settings) -> io::Result<Child> {
    let place = |suffix: &str| settings.folder.join(format!("{}{suffix}", work.number));
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["corpus-program", "--group", &work.row.group, "--program", &work.row.program]);
    command.arg("--object").arg(&work.object).args(["--packets", &settings.packets.to_string()]);
    if let Some(captures) = &settings.list.captures {
        command.arg("--captures").arg(captures);
    }
    if work.rtl {
        command.arg("--rtl").arg(place(".design"));
    }
    let (answer, log) = (File::create(place(".json"))?, File::create(place(".log"))?);
    command.stdin(Stdio::null()).stdout(answer).stderr(log).spawn()
}

fn answer(work: Work, settings: &Settings, late: bool) -> Row {
    let read = |suffix: &str| {
        std::fs::read_to_string(settings.folder.join(format!("{}{suffix}", work.number))).unwrap_or_default()
    };
    let found = serde_json::from_str::<Value>(&read(".json")).ok().and_then(|json| Row::from_json(&json));
    found.filter(|_| !late).unwrap_or_else(|| {
        let log = read(".log");
        let last =
            log.lines().rfind(|line| !line.trim().is_empty() && !line.starts_with("note: ")).unwrap_or("no message");
        let late_text = || format!("no answer after {} s", settings.patience.as_secs());
        let kernel = Kernel::Unknown("the judge did not answer".to_owned());
        Row { crash: Some(if late { late_text() } else { last.to_owned() }), kernel, ..work.row }
    })
}
