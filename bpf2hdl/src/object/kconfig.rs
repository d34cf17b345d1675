// SPDX-License-Identifier: Apache-2.0
//! `extern ... __kconfig`: settings of the kernel that the program runs in.
//!
//! The object names them in a data section of its BTF without giving them a place. As libbpf does, they get one: a read-only
//! section `.kconfig`, in which they are variables like others. What hardware knows has its value: the version of the
//! kernel whose results it has, and `CONFIG_HZ`, which `bpf_jiffies64` goes by. Weak ones are 0; the others have to be set.

use super::btf::Btf;
use super::elf::{Elf, Place};
use bpf2hdl_interface::arrival::JIFFY_NS;
use std::collections::BTreeSet;

/// Name of the section, in BTF and here.
pub(super) const SECTION: &str = ".kconfig";
/// `KERNEL_VERSION(6, 18, 0)`: the kernel that results are compared with.
const VERSION: u64 = 6 << 16 | 18 << 8;
const NANOSECONDS: u64 = 1_000_000_000;
/// Largest variable, and all of them together, in bytes; libbpf's limit for strings is less.
const MAX_BYTES: u32 = 4096;
const MAX_TOTAL: u64 = 1 << 16;

/// A variable of the section.
struct Setting<'a> {
    name: &'a str,
    offset: u64,
    size: u32,
}

/// Gives the variables their places; returns the names of those without a value.
pub(super) fn place(elf: &mut Elf, btf: Option<&Btf>) -> BTreeSet<String> {
    let (settings, bytes) = layout(btf);
    let mut open = BTreeSet::new();
    if settings.is_empty() {
        return open;
    }
    let mut contents = vec![0; bytes];
    for Setting { name, offset, size } in &settings {
        let known = match *name {
            "LINUX_KERNEL_VERSION" => VERSION,
            "CONFIG_HZ" => NANOSECONDS / u64::from(JIFFY_NS),
            _ => continue,
        };
        let place = usize::try_from(*offset).ok().and_then(|offset| contents.get_mut(offset..)).unwrap_or_default();
        let size = (*size as usize).min(8);
        place.iter_mut().zip(known.to_le_bytes()).take(size).for_each(|(byte, value)| *byte = value);
    }
    let section = elf.add_section(SECTION, &contents);
    for symbol in elf.symbols.iter_mut().filter(|symbol| symbol.place == Place::Undefined) {
        let Some(setting) = settings.iter().find(|setting| setting.name == symbol.name) else { continue };
        symbol.place = Place::Section(section);
        (symbol.value, symbol.size) = (setting.offset, setting.size.into());
        if !symbol.weak && !["LINUX_KERNEL_VERSION", "CONFIG_HZ"].contains(&setting.name) {
            open.insert(symbol.name.clone());
        }
    }
    open
}

/// The variables one behind the other, each aligned to its size, and the bytes of all.
fn layout(btf: Option<&Btf>) -> (Vec<Setting<'_>>, usize) {
    let (mut settings, mut end) = (Vec::new(), 0u64);
    let Some(btf) = btf else { return (settings, 0) };
    for var in btf.data_section(SECTION).unwrap_or_default() {
        let Some(ty) = btf.get(var.ty) else { continue };
        let Some(size) = btf.size(var.ty).filter(|size| (1..=MAX_BYTES).contains(size)) else { continue };
        let offset = end.next_multiple_of(u64::from(size.next_power_of_two().min(8)));
        if offset + u64::from(size) > MAX_TOTAL {
            break;
        }
        end = offset + u64::from(size);
        settings.push(Setting { name: btf.string(ty.name), offset, size });
    }
    (settings, usize::try_from(end).unwrap_or_default())
}
