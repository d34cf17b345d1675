// SPDX-License-Identifier: Apache-2.0
//! `serial:` against the real hardware: `bpf_uart`, `bpf_serial`, `bpf_board_regs` and a compiled core in Verilator, whose pin is the other end of a
//! pseudo-terminal (`tests/bench/serial_bench.*`). Frames go through the core all the time.

mod support;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Place, Run, compiler, program, refusal};

/// What is compiled, and the simulated board around it.
struct Design {
    place: Place,
    folder: String,
    bench: PathBuf,
}

impl Design {
    fn new() -> Self {
        let place = Place::new();
        let folder = place.folder.path("design");
        let words = ["compile", &program("types"), "-o", &folder, "--bus", "64", "--target", "ecp5-25f"];
        let done = Command::new(compiler()).args(words).output().expect("the compiler starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let list = std::fs::read_to_string(Path::new(&folder).join("bpf_core.f")).expect("the list");
        let mut files: Vec<PathBuf> = list.lines().map(|line| Path::new(&folder).join(line)).collect();
        let library = ["bpf_sync", "bpf_uart", "bpf_serial", "bpf_axil_split", "bpf_board_regs"];
        files.extend(library.map(|name| own.join("../../hdl/rtl").join(format!("{name}.sv"))));
        files.push(own.join("tests/bench/serial_bench.sv"));
        let main = own.join("tests/bench/serial_bench.cpp");
        let bench = bpf2hdl_testbench::model::program(&files, "serial_bench", &main).expect("the bench");
        Self { place, folder, bench }
    }

    /// A board whose line damages or loses one byte in `one_in`.
    fn board(&self, seed: u32, one_in: u32) -> Board<'_> {
        let arguments = [seed, one_in, 1].map(|number| number.to_string());
        let mut child = Command::new(&self.bench)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bench starts");
        let mut said = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        said.read_line(&mut line).expect("it says where it is");
        Board { design: self, child, said, device: format!("serial:{},1000000", line.trim()) }
    }
}

/// A simulated board.
struct Board<'a> {
    design: &'a Design,
    child: Child,
    said: BufReader<ChildStdout>,
    device: String,
}

impl Board<'_> {
    fn run(&self, arguments: &str) -> Run {
        let words: Vec<&str> =
            ["-j", "--design", &self.design.folder].into_iter().chain(arguments.split_whitespace()).collect();
        self.design.place.ctl(&[&words[..], &["dev", &self.device]].concat())
    }

    #[track_caller]
    fn json(&self, arguments: &str) -> Value {
        self.run(arguments).good().json()
    }

    /// Ends it; bytes that were damaged or lost.
    fn end(mut self) -> u32 {
        drop(self.child.stdin.take());
        assert!(self.child.wait().expect("a child").success());
        let mut line = String::new();
        self.said.read_line(&mut line).expect("it says how many");
        line.trim().parse().expect("a number")
    }
}

impl Drop for Board<'_> {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Commands on every type of map whose second execution would give something else.
fn commands() -> Vec<String> {
    let mut commands: Vec<String> = [
        "map update name flows key 10.0.0.1 be16:443 6 0 value 5 0 1 88 noexist",
        "map update name flows key 10.0.0.1 be16:443 6 0 value 5 0 1 88 noexist",
        "map update name flows key 10.0.0.2 be16:443 6 0 value 6 0 0 89",
        "map update name flows key 10.0.0.3 be16:443 6 0 value 6 0 0 89 exist",
        "map lookup name flows key 10.0.0.2 be16:443 6 0",
        "map delete name flows key 10.0.0.2 be16:443 6 0",
        "map delete name flows key 10.0.0.2 be16:443 6 0",
        "map update name recent key u64:5 value u32:7",
        "map getnext name recent",
        "map update name hash_by_cpu key u16:8 value u32:3 noexist",
        "map dump name hash_by_cpu",
        "map delete name hash_by_cpu key u16:8",
        "map update name states key 1 value 1 2 3 4 5 6 7 8 1 2 3 4 7 0 0 0 254 255 255 255 255 255 255 255 1 0 1 65 254 255 0 10 255 255 255 1 5 0 6 0",
        "map dump name states",
        "map lookup name .data key 0 0 0 0",
        "map push name waiting value u32:1",
        "map push name waiting value u32:2",
        "map pop name waiting",
        "map dump name waiting",
        "map push name pile value u32:1",
        "map push name pile value u32:2",
        "map pop name pile",
        "map update name flows key 1 2 3 value 1 1 1 1",
        "map delete name states key 1",
        "map dump name nothing",
    ]
    .map(str::to_owned)
    .to_vec();
    // Each changes the trees of a trie twice: written with steps of MAP_INDEX, then exchanged.
    for net in 0..2 {
        commands.push(format!("map update name routes key 10.{net}.0.0/16 value u32:{net}"));
        commands.push(format!("map lookup name routes key 10.{net}.1.1/32"));
    }
    commands.push("map delete name routes key 10.1.0.0/16".to_owned());
    commands.push("map update name routes key 10.9.0.0/16 value u32:9 noexist".to_owned());
    commands.push("map dump name routes".to_owned());
    commands
}

#[test]
fn a_board_behind_a_serial_line() {
    let design = Design::new();
    let board = design.board(1, 0);

    let status = board.json("status");
    assert_eq!(
        (&status["state"], &status["target"], &status["bus_bits"]),
        (&json!("running"), &json!("ecp5-25f"), &json!(64))
    );
    let names: Vec<_> =
        status["interfaces"].as_array().expect("ports").iter().map(|port| port["name"].clone()).collect();
    assert_eq!(names, [json!("port1"), json!("port2")]);
    assert_eq!(board.json("prog show")[0]["name"], "types");
    assert_eq!(board.json("net")[0]["xdp"][0]["id"], 1);
    assert_eq!(board.json("feature probe")["device"]["target"], "ecp5-25f");
    assert_eq!(board.json("map show").as_array().map(Vec::len), Some(10));
    let (first, second) = (board.json("stats"), board.json("stats"));
    let count = |stats: &Value, part: &str, name: &str| stats[part][name].as_u64().expect("a number");
    for (part, name) in [("core", "rx_packets"), ("core", "pass_packets"), ("shell", "mac_rx")] {
        assert!(count(&first, part, name) < count(&second, part, name), "{name}: {first} {second}");
    }
    board.json("stats clear");
    assert!(count(&board.json("stats"), "core", "rx_packets") < count(&second, "core", "rx_packets"));
    for refused in ["prog load /nowhere.o", "prog unload", "trace file /dev/null", "prog tracelog"] {
        let message = refusal(&board.run(refused), "C0024");
        assert!(message.starts_with("serial:/dev/pts/"), "{message}");
    }

    // A bad line gives what a good one does: every word of every answer, then all maps.
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let noisy = design.board(7, 400);
    for command in commands() {
        for (board, results) in [(&board, &mut good), (&noisy, &mut bad)] {
            let run = board.run(&command);
            results.push(format!("{command}: {} {}", run.status, run.stdout));
        }
        assert_eq!(good.last(), bad.last());
    }
    let failed = good.iter().filter(|line| !line.contains(": 0 ")).count();
    assert_eq!(failed, 6, "{good:#?}");
    let routes = board.json("map dump name routes");
    assert_eq!(routes.as_array().map(Vec::len), Some(2), "{routes}");
    let spoilt = noisy.end();
    assert!(spoilt > 15, "{spoilt} bytes");
    assert_eq!(board.end(), 0);

    // Commands at the same time: each has the line for itself.
    let board = design.board(3, 0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let board = &board;
            scope.spawn(move || {
                for number in 0..4 {
                    board.json(&format!(
                        "map update name flows key 10.0.{thread}.{number} be16:1 1 1 value 0 0 0 0 noexist"
                    ));
                }
            });
        }
    });
    assert_eq!(board.json("map dump name flows").as_array().map(Vec::len), Some(16));

    // Other bits than the folder's.
    let other = design.place.folder.path("other");
    let words = ["compile", &program("guard"), "-o", &other, "--bus", "64", "--target", "ecp5-25f"];
    assert!(Command::new(compiler()).args(words).output().expect("it starts").status.success());
    let run = design.place.ctl(&["-j", "--design", &other, "status", "dev", &board.device]);
    assert!(refusal(&run, "C0009").contains("its build id"), "{}", run.stdout);

    // The cable is pulled out while a command runs, and before one.
    let batch = design.place.folder.path("batch");
    std::fs::write(&batch, "map dump name states\n".repeat(200)).expect("written");
    let words = ["-j", "--design", &design.folder, "batch", "file", &batch, "dev", &board.device];
    let child = design.place.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(500));
    let device = board.device.clone();
    drop(board);
    let output = child.wait_with_output().expect("it ends");
    let run = Run {
        status: output.status.code().expect("no signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    };
    let message = refusal(&run, "C0003");
    assert!(message.contains("the serial line") && message.starts_with("line "), "{message}");
    refusal(&design.place.ctl(&["-j", "--design", &design.folder, "status", "dev", &device]), "C0003");
}

#[test]
fn lines_that_are_none() {
    let place = Place::new();
    let folder = place.folder.path("design");
    let words = ["compile", &program("guard"), "-o", &folder, "--bus", "64", "--target", "ecp5-25f"];
    assert!(Command::new(compiler()).args(words).output().expect("it starts").status.success());
    let on = |device: &str| place.ctl(&["-j", "--design", &folder, "status", "dev", device]);
    let cases = [
        ("serial:", "C0002", "names no line"),
        ("serial:,115200", "C0002", "names no line"),
        ("serial:/dev/ttyUSB0,fast", "C0002", "`fast` is no speed"),
        ("serial:/dev/ttyUSB0,50", "C0002", "`50` is no speed"),
        ("serial:/nowhere/tty", "C0003", "can not be opened: No such file"),
        ("serial:/dev/null", "C0003", "it is no terminal device"),
        ("serial:/etc/passwd", "C0003", "it is no terminal device"),
        ("serial:/", "C0003", "can not be opened"),
    ];
    for (device, code, text) in cases {
        let message = refusal(&on(device), code);
        assert!(message.contains(text), "{device}: {message}");
    }
    let message = refusal(&place.ctl(&["-j", "status", "dev", "serial:/dev/null"]), "C0001");
    assert!(message.contains("needs the folder of the design"), "{message}");

    // A terminal with nobody behind it.
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).and_then(|()| unlockpt(&master)).expect("it may be used");
    let name = ptsname(&master, Vec::new()).expect("a name").into_string().expect("UTF-8");
    let begun = Instant::now();
    let run = on(&format!("serial:{name}"));
    assert!(refusal(&run, "C0017").contains("the board can not be reached: no answer came, 8 times"), "{}", run.stdout);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let item = &run.json()["items"][0];
    assert!(item["notes"][0].as_str().is_some_and(|note| note.starts_with("limits: 8 attempts, 251 ms")), "{item}");
    assert!(item["help"].as_str().is_some_and(|help| help.contains("115200 baud")), "{item}");
}
