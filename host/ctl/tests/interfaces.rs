// SPDX-License-Identifier: Apache-2.0
//! A NIC that Linux's own traffic flows through: `ping` and a TCP connection between two network namespaces.

mod support;

use std::process::{Command, Output};
use support::{Place, program, root_or_skip};

/// Runs a command line.
fn run(line: &str) -> Output {
    let mut words = line.split_whitespace();
    Command::new(words.next().expect("a command")).args(words).output().expect("it starts")
}

#[track_caller]
fn good(line: &str) -> String {
    let output = run(line);
    assert!(
        output.status.success(),
        "{line}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Two namespaces that go away at the end.
struct Namespaces {
    host: String,
    peer: String,
}

impl Namespaces {
    fn new() -> Self {
        let id = std::process::id();
        let both = Self { host: format!("b2h-host-{id}"), peer: format!("b2h-peer-{id}") };
        good(&format!("ip netns add {}", both.host));
        good(&format!("ip netns add {}", both.peer));
        both
    }

    fn addresses(&self) {
        good(&format!("ip -n {} addr add 10.77.0.1/24 dev b2h0", self.host));
        good(&format!("ip -n {} addr add 10.77.0.2/24 dev b2h0-mac", self.peer));
    }

    /// Whether the peer reaches the host.
    fn ping(&self) -> bool {
        run(&format!("ip netns exec {} ping -q -c 2 -i 0.2 -W 1 10.77.0.1", self.peer)).status.success()
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        run(&format!("ip netns del {}", self.host));
        run(&format!("ip netns del {}", self.peer));
    }
}

#[test]
fn ping_passes_is_blocked_and_survives_reloads() {
    if !root_or_skip("ping_passes_is_blocked_and_survives_reloads", &["ip", "ping"]) {
        return;
    }
    let place = Place::new();
    let spaces = Namespaces::new();
    let message = {
        let guard = program("guard");
        let run = place.ctl(&["-j", "sim", "up", "nic", "--prog", &guard, "--bus", "64", "--tap", "a-name-too-long"]);
        support::refusal(&run, "C0018")
    };
    assert!(message.contains("a-name-too-long-mac"), "{message}");
    let up = place.up("guard", &["--tap", "b2h0", "--netns", &spaces.host, "--mac-netns", &spaces.peer]);
    assert!(up.stdout.contains("interface b2h0-mac in namespace"), "{}", up.stdout);
    spaces.addresses();
    assert!(spaces.ping(), "{}", place.on("stats").stdout);
    place.on("map update name blocked key 10.77.0.2 value 1");
    assert!(!spaces.ping());
    place.on("map delete name blocked key 10.77.0.2");
    assert!(spaces.ping());

    // A flood while programs are exchanged: every request is answered.
    place.on(&format!("prog load {} --keep-maps --dry-run", program("mark")));
    let flood = format!("netns exec {} ping -q -f -c 3000 10.77.0.1", spaces.peer);
    let flood = Command::new("ip")
        .args(flood.split_whitespace())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    for name in ["guard", "guard", "guard"] {
        place.on(&format!("prog load {} --keep-maps", program(name)));
    }
    let said = String::from_utf8_lossy(&flood.wait_with_output().expect("it ends").stdout).into_owned();
    assert!(said.contains("3000 packets transmitted, 3000 received, 0% packet loss"), "{said}");
    let shell = &place.json("stats")["shell"];
    assert_eq!(
        (&shell["rx_overflow"], &shell["tx_errors"], &shell["bypass"]),
        (&0.into(), &0.into(), &0.into()),
        "{shell}"
    );

    tcp(&spaces);
    place.clean_log();
    let status = place.json("status");
    // Read one after the other, while some may be on their way.
    let [read, sent] =
        [("dma", "tx_frames"), ("gate", "tx_host")].map(|(part, name)| status["nic"][part][name].as_u64());
    assert!(read > Some(3000) && sent > Some(3000), "what Linux sends goes by a ring: {status}");
    assert_eq!((&status["interfaces"][0]["name"], &status["interfaces"][1]["side"]), (&"b2h0".into(), &"mac".into()));
    place.ctl(&["sim", "down", "nic"]).good();
    assert!(!good(&format!("ip -n {} -o link", spaces.host)).contains("b2h0"), "the interfaces are gone");
}

/// 200,000 bytes each way over TCP.
fn tcp(spaces: &Namespaces) {
    let server = "import socket\ns=socket.create_server(('10.77.0.1',7777))\nprint('ready',flush=True)\nc,_=s.accept()\nn=0\nwhile n<200000:\n d=c.recv(65536)\n n+=len(d)\n c.sendall(d)\n";
    let client = "import socket\nc=socket.create_connection(('10.77.0.1',7777),10)\nd=bytes(i*7%251 for i in range(200000))\nimport threading\nthreading.Thread(target=c.sendall,args=(d,)).start()\ng=b''\nwhile len(g)<200000: g+=c.recv(65536)\nassert g==d\nprint('equal')\n";
    let start = |space: &str, text: &str| {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", space, "python3", "-c", text]).stdout(std::process::Stdio::piped());
        command.spawn().expect("it starts")
    };
    let mut server = start(&spaces.host, server);
    let mut ready = [0; 5];
    std::io::Read::read_exact(server.stdout.as_mut().expect("piped"), &mut ready).expect("it says so");
    let client = start(&spaces.peer, client).wait_with_output().expect("it ends");
    assert!(client.status.success() && client.stdout.starts_with(b"equal"));
    assert!(server.wait().expect("it ends").success());
}
