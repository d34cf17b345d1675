// SPDX-License-Identifier: Apache-2.0
//! Damaged folders of `bpf2hdl compile`: whatever becomes of a byte or a file, the folder is refused, or what is loaded is the same design.

use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A folder that is removed at the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        // In memory where there is such a place: some hundred thousand files are written.
        let memory = PathBuf::from("/dev/shm");
        let place = if memory.is_dir() { memory } else { env::temp_dir() };
        let folder = place.join(format!("bpf2hdlctl-{name}-{}", std::process::id()));
        // What a killed test has left.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The compiler beside the tests' folder, or of the environment.
pub(crate) fn find_compiler() -> PathBuf {
    let named = env::var_os("BPF2HDL").map(PathBuf::from);
    let path = named.unwrap_or_else(|| {
        let exe = env::current_exe().expect("a path");
        exe.ancestors().nth(2).expect("the build's folder").join("bpf2hdl")
    });
    assert!(path.is_file(), "{} is missing: `cargo build --release -p bpf2hdl` builds it", path.display());
    path
}

/// A compiled program whose folder has a file of each kind, and what is loaded of it.
struct Design {
    folder: Folder,
    files: Vec<(String, Vec<u8>)>,
    manifest: Manifest,
    sums: BTreeMap<String, String>,
    out: Folder,
}

impl Design {
    fn new(name: &str) -> Self {
        let (folder, out) = (Folder::new(name), Folder::new(&format!("{name}-out")));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/table.c");
        let mut command = Command::new(find_compiler());
        command.arg("compile").arg(source).arg("-o").arg(&folder.0).args(["--bus", "64", "--emit", "asm,pipe"]);
        let done = command.output().expect("the compiler starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let (mut names, mut folders) = (Vec::new(), vec![PathBuf::new()]);
        while let Some(inner) = folders.pop() {
            for entry in fs::read_dir(folder.0.join(&inner)).expect("there").flatten() {
                let path = inner.join(entry.file_name());
                if entry.path().is_dir() { folders.push(path) } else { names.push(path.display().to_string()) }
            }
        }
        names.sort();
        let files = names.into_iter().map(|name| (name.clone(), fs::read(folder.0.join(&name)).expect("readable")));
        let (files, manifest) = (files.collect(), Manifest::load(&folder.0).expect("a manifest"));
        let sums = sums(&folder.0).expect("sums");
        Self { folder, files, manifest, sums, out }
    }

    fn get(&self, name: &str) -> &[u8] {
        self.files.iter().find(|(own, _)| own == name).map(|(_, bytes)| bytes).expect("a file of it")
    }

    /// Loads the folder with another file in the place of `name` (or none); whether it is taken. If it is, it is the same design.
    #[track_caller]
    fn is_taken(&self, name: &str, bytes: Option<&[u8]>, what: &dyn std::fmt::Display) -> bool {
        let path = self.folder.0.join(name);
        match bytes {
            Some(bytes) => fs::write(&path, bytes).expect("written"),
            None => fs::remove_file(&path).expect("removed"),
        }
        let result = catch_unwind(AssertUnwindSafe(|| {
            let result = prepare(&self.folder.0, &[], &self.out.0, false);
            bytes_xlated(&self.out.0);
            result
        }));
        fs::write(&path, self.get(name)).expect("written");
        let taken = match result.unwrap_or_else(|_| panic!("{name}, {what}: a panic")) {
            Ok((manifest, warnings)) => {
                assert_eq!((manifest, warnings.as_str()), (self.manifest.clone(), ""), "{name}, {what}");
                let needed = self.manifest.files.iter().chain(&self.manifest.memories).map(String::as_str);
                for name in needed.chain([FILE_NAME, "bpf_core.f"]) {
                    let copy = fs::read(self.out.0.join(name)).expect("it was copied");
                    assert!(copy == self.get(name), "{name}, {what}: another file was taken");
                }
                true
            }
            Err(failure) => {
                assert_eq!(failure.code, Code::Artifact, "{name}, {what}: {failure}");
                assert!(!failure.message.is_empty() && !failure.help.is_empty());
                false
            }
        };
        fs::remove_dir_all(&self.out.0).and_then(|()| fs::create_dir(&self.out.0)).expect("emptied");
        taken
    }

    /// Whether loading depends on the file.
    fn counts(&self, name: &str) -> bool {
        name == SUMS_NAME || self.sums.contains_key(name)
    }
}

/// A byte that is changed at `at`.
fn flipped(bytes: &[u8], at: usize, mask: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= mask;
    bytes
}

fn without(bytes: &[u8], at: usize) -> Vec<u8> {
    [&bytes[..at], &bytes[at + 1..]].concat()
}

#[test]
fn each_byte_of_the_sums_counts() {
    let design = Design::new("sums-bytes");
    let whole = design.get(SUMS_NAME).to_vec();
    assert!(design.is_taken(SUMS_NAME, Some(&whole), &"nothing"));
    let mut taken = Vec::new();
    for at in 0..whole.len() {
        for mask in [1, 1 << (at % 7 + 1), 0xff] {
            if design.is_taken(SUMS_NAME, Some(&flipped(&whole, at, mask)), &format!("byte {at} ^ {mask:#x}")) {
                taken.push(at);
            }
        }
        if design.is_taken(SUMS_NAME, Some(&without(&whole, at)), &format!("without byte {at}")) {
            taken.push(at);
        }
        if design.is_taken(SUMS_NAME, Some(&whole[..at]), &format!("{at} bytes of it")) {
            taken.push(at);
        }
    }
    // A list that ends early is the list of a folder without the forms for people, which stand at its end.
    let ends: Vec<usize> = ["program.asm", "program.pipe"]
        .map(|name| whole.windows(name.len()).position(|window| window == name.as_bytes()).expect("listed") - 66)
        .to_vec();
    assert_eq!(taken, ends, "bytes that make no difference");
    // A line that is missing, doubled, or in another place.
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let mut optional = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let others = || lines.iter().enumerate().filter(move |(other, _)| *other != number).map(|(_, line)| *line);
        let name = String::from_utf8_lossy(&line[66..line.len() - 1]).into_owned();
        if design.is_taken(SUMS_NAME, Some(&others().collect::<Vec<_>>().concat()), &format!("without {name}")) {
            optional.push(name.clone());
        }
        let twice = [&whole, *line].concat();
        assert!(!design.is_taken(SUMS_NAME, Some(&twice), &format!("{name} twice")));
        let moved: Vec<&[u8]> = others().chain([*line]).collect();
        assert!(design.is_taken(SUMS_NAME, Some(&moved.concat()), &format!("{name} at the end")));
    }
    assert_eq!(optional, ["program.asm", "program.pipe"], "forms for people");
}

#[test]
fn each_byte_of_a_file_counts() {
    let design = Design::new("file-bytes");
    let (mut cases, mut taken) = (0_u32, Vec::new());
    for (name, whole) in &design.files {
        let Some(sum) = design.sums.get(name) else { continue };
        let path = design.folder.0.join(name);
        // The sum is all that stands between a file and its use: bytes that are changed, missing, or not there any more.
        let mut check = |bytes: &[u8], what: String| {
            fs::write(&path, bytes).expect("written");
            cases += 1;
            if read(&design.folder.0, name, sum).is_ok() {
                taken.push(format!("{name}: {what}"));
            }
        };
        // The library's files are the same in all designs.
        let step = if name.starts_with("hdl/") { 61 } else { 1 };
        for at in (0..whole.len()).step_by(step) {
            check(&flipped(whole, at, 1 << (at % 8)), format!("byte {at}"));
            if whole.len() < 8192 || at % 61 == 0 {
                check(&without(whole, at), format!("without byte {at}"));
                check(&whole[..at], format!("{at} bytes of it"));
            }
        }
        fs::write(&path, whole).expect("written");
    }
    assert_eq!(taken, Vec::<String>::new());
    assert!(cases > 50_000, "{cases} cases");
}

/// The whole way of a load, for each file: a few damages, none of it, something else in its place.
#[test]
fn each_file_counts_or_makes_no_difference() {
    let design = Design::new("whole");
    let other = b"no design\n".to_vec();
    for (name, whole) in &design.files {
        let (counts, last) = (design.counts(name), whole.len() - 1);
        let mut spoilt: Vec<(Option<Vec<u8>>, String)> = vec![
            (None, "missing".to_owned()),
            (Some(Vec::new()), "empty".to_owned()),
            (Some(other.clone()), "another file".to_owned()),
            (Some([whole.as_slice(), &other].concat()), "longer".to_owned()),
        ];
        for at in (0..whole.len()).step_by(whole.len() / 12 + 1).chain([last]) {
            spoilt.push((Some(flipped(whole, at, 0x10)), format!("byte {at}")));
            spoilt.push((Some(whole[..at].to_vec()), format!("{at} bytes of it")));
        }
        for (bytes, what) in spoilt {
            assert_eq!(design.is_taken(name, bytes.as_deref(), &what), !counts, "{name}, {what}");
        }
        // A folder, and a file that may not be read as text.
        let path = design.folder.0.join(name);
        fs::remove_file(&path).and_then(|()| fs::create_dir(&path)).expect("a folder");
        let result = prepare(&design.folder.0, &[], &design.out.0, false);
        assert_eq!(result.is_ok(), !counts, "{name}, a folder");
        fs::remove_dir(&path).and_then(|()| fs::write(&path, whole)).expect("written");
        assert_eq!(design.is_taken(name, Some(&[0xff; 300]), &"no text"), !counts, "{name}");
    }
    let uncounted: Vec<&str> =
        design.files.iter().map(|(name, _)| name.as_str()).filter(|name| !design.counts(name)).collect();
    assert_eq!(uncounted, ["report.html", "report.json"]);
}

/// A report is for people, but a number in it is shown: any report will do.
#[test]
fn reports_with_any_number_are_shown() {
    let folder = Folder::new("report");
    for (text, bytes) in
        [("{\"instructions\": 18446744073709551615}", u64::MAX), ("{\"instructions\": 3}", 24), ("[", 0), ("[[[", 0)]
    {
        fs::write(folder.0.join("report.json"), text).expect("written");
        assert_eq!(bytes_xlated(&folder.0), bytes, "{text}");
    }
}

#[test]
fn lists_of_sums_are_read_strictly() {
    let folder = env::temp_dir().join(format!("bpf2hdlctl-sums-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let sum = encode_hex(&Sha256::digest(b"text"));
    fs::write(folder.join("a"), "text").expect("written");
    let with = |text: String| {
        fs::write(folder.join(SUMS_NAME), text).expect("written");
        sums(&folder)
    };
    let good = with(format!("{sum}  a\n")).expect("good");
    assert!(read(&folder, "a", &good["a"]).is_ok());
    let failure = read(&folder, "a", &"0".repeat(64)).expect_err("another sum");
    assert!(failure.message.contains("not what the compiler wrote"), "{}", failure.message);
    for bad in [
        "",
        "x\n",
        &format!("{sum} a\n"),
        &format!("{sum}  ../a\n"),
        &format!("{sum}  /a\n"),
        &format!("{sum}  a"),
        &format!("{sum}  a\n{sum}  a\n"),
    ] {
        let found = with(bad.to_owned());
        assert!(found.is_err() || bad.is_empty(), "{bad:?}");
    }
    assert!(verify(&folder).is_err());
    fs::remove_dir_all(&folder).expect("removed");
}
