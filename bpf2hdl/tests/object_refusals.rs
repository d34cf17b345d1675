// SPDX-License-Identifier: Apache-2.0
//! Every kind of unusable input gives its own code and a message that names the cause.

mod object_support;

use bpf2hdl::diag::{Code, Diagnostics};
use bpf2hdl::object::{CompileOptions, Object, compile_c};
use object_support::{compile, compile_text, compilers, data, parse};
use std::path::Path;
use std::process::Command;

fn refusal(bytes: &[u8]) -> Diagnostics {
    Object::parse(bytes, "x.o").expect_err("a refusal")
}

fn link_refusal(text: &str) -> Diagnostics {
    let object = parse(&compile_text(text), "x.o");
    let program = object.select(None).unwrap_or_else(|errors| panic!("{errors}"));
    object.link(program).expect_err("a refusal")
}

/// Code, and a word of the text.
fn assert_refused(errors: &Diagnostics, code: Code, word: &str) {
    assert!(errors.contains(code), "{code} expected: {errors}");
    assert!(errors.to_text().contains(word), "{word} expected: {errors}");
    assert!(errors.iter().all(|error| !error.help.is_empty() && error.location.is_some()));
}

fn host_object(arguments: &[&str]) -> Vec<u8> {
    let (clang, _) = compilers().pop().expect("a compiler");
    let mut command = Command::new(clang);
    command.args(["-O2", "-c", "-o", "-", "-x", "c"]).args(arguments).arg(data("object_phys_dev.c"));
    command.output().expect("clang runs").stdout
}

#[test]
fn containers() {
    assert_refused(&refusal(b""), Code::NotElf, "empty");
    assert_refused(&refusal(b"int main(void) {}"), Code::NotElf, "not an ELF");
    assert_refused(&refusal(b"\x7fELF"), Code::DamagedElf, "ends inside");
    assert_refused(&refusal(&host_object(&["-target", "bpfeb"])), Code::BigEndian, "big-endian");
    let mut other = compile("object_btf.c", &[]);
    other[18] = 62;
    assert_refused(&refusal(&other), Code::NotBpf, "machine 62");
    let mut narrow = compile("object_btf.c", &[]);
    narrow[4] = 1;
    assert_refused(&refusal(&narrow), Code::Elf32, "32-bit");
    let whole = compile("object_btf.c", &[]);
    assert_refused(&refusal(&whole[..whole.len() / 2]), Code::DamagedElf, "damaged");
    let absent = Object::read(Path::new("/nonexistent/x.o")).expect_err("a refusal");
    assert_refused(&absent, Code::FileRead, "/nonexistent/x.o");
}

#[test]
fn program_choice() {
    let object = parse(&compile("object_btf.c", &[]), "x.o");
    let several = object.select(None).expect_err("a refusal");
    assert_refused(&several, Code::SeveralPrograms, "first (section xdp), second (section xdp/second)");
    assert_refused(&object.select(Some("nope")).expect_err("a refusal"), Code::ProgramNotFound, "first");
    assert_refused(&object.select(Some("ignored")).expect_err("a refusal"), Code::ProgramKind, "section tc");
    assert_eq!(object.select(Some("xdp/second")).map(|program| program.name.as_str()), Ok("second"));
    let text = "__attribute__((section(\"tc\"), used)) int f(void *c) { return 1; }";
    let none = parse(&compile_text(text), "x.o");
    assert_refused(&none.select(None).expect_err("a refusal"), Code::NoProgram, "section tc holds f");
}

#[test]
fn unresolvable_references() {
    let ksym = "extern int config __attribute__((section(\".kconfig\")));\n\
        __attribute__((section(\"xdp\"), used)) int f(void *c) { return config; }";
    assert_refused(&link_refusal(ksym), Code::UnresolvedSymbol, "config");
    let kfunc = "int bpf_something(void *);\n\
        __attribute__((section(\"xdp\"), used)) int f(void *c) { return bpf_something(c); }";
    assert_refused(&link_refusal(kfunc), Code::Kfunc, "bpf_something");
    let special = "int counter __attribute__((section(\"mine\")));\n\
        __attribute__((section(\"xdp\"), used)) int f(void *c) { return counter++; }";
    assert_refused(&link_refusal(special), Code::BadRelocation, "section mine");
    let huge = "char table[20000000];\n\
        __attribute__((section(\"xdp\"), used)) int f(unsigned *c) { return table[c[0]]; }";
    assert_refused(&link_refusal(huge), Code::GlobalsTooLarge, "20000000");
}

#[test]
fn errors_name_the_source_line() {
    let errors = link_refusal(
        "extern int config __attribute__((section(\".kconfig\")));\n\
        __attribute__((section(\"xdp\"), used)) int f(void *c) {\n return config; }",
    );
    let json = errors.to_json();
    assert_eq!((&json["code"], &json["items"][0]["line"]), (&"E0012".into(), &3.into()));
    assert!(json["error"].is_string() && json["items"][0]["help"].is_string());
}

#[test]
fn map_definitions() {
    let header = "#define U(n, v) int (*n)[v]\n";
    let program = "\n__attribute__((section(\"xdp\"), used)) int f(void *c) \
        { return ((int (*)(void *, void *))1)(&m, c); }";
    let map = |fields: &str| {
        let section = "__attribute__((section(\".maps\"), used))";
        compile_text(&format!("{header}struct {{ {fields} }} m {section};{program}"))
    };
    assert_refused(&refusal(&map("U(key_size, 4);")), Code::BadMapDefinition, "type is missing");
    assert_refused(&refusal(&map("U(type, 1); U(colour, 4);")), Code::BadMapDefinition, "colour");
    let differ = map("U(type, 1); U(key_size, 8); int *key;");
    assert_refused(&refusal(&differ), Code::BadMapDefinition, "as 8 and as 4");
    let mut stripped = compile("object_btf.c", &[]);
    let at = stripped.windows(6).position(|bytes| bytes == b".BTF\0\0" || &bytes[..5] == b".BTF\0").expect(".BTF");
    stripped[at + 1] = b'X';
    assert_refused(&refusal(&stripped), Code::MapsNeedBtf, ".maps");
}

#[test]
fn c_sources() {
    let folder = std::env::temp_dir().join(format!("bpf2hdl-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let source = folder.join("bad.c");
    std::fs::write(&source, "int f(void)\n{\n\treturn nonsense;\n}\n#include <no/such.h>\n").expect("a file");
    let errors = compile_c(&source, &CompileOptions::standard()).expect_err("a refusal");
    assert_refused(&errors, Code::CompileC, "such.h");
    let absent = compile_c(&folder.join("none.c"), &CompileOptions::standard()).expect_err("a refusal");
    assert_refused(&absent, Code::FileRead, "none.c");
    let options = CompileOptions { clang: Some("/nonexistent/clang".into()), ..CompileOptions::standard() };
    let missing = compile_c(&source, &options).expect_err("a refusal");
    assert!(missing.contains(Code::ClangMissing) && missing.to_text().contains("/nonexistent/clang"));
    std::fs::remove_dir_all(&folder).expect("removal");
}
