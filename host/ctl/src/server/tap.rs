// SPDX-License-Identifier: Apache-2.0
//! The two interfaces that Linux sees: one behind the DMA, one at the other end of the MAC's wire.

use super::system;
use crate::error::{Code, Failure, Result};
use crate::protocol::Interface;
use std::fs::File;
use std::path::PathBuf;
use std::thread;

/// Longest name of an interface (`IFNAMSIZ` less its zero).
const LONGEST: usize = 15;

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// `dma` or `mac`.
    pub(super) side: &'static str,
    pub(super) name: String,
    /// Name of a namespace of `ip netns`, or a path.
    pub(super) netns: Option<String>,
}

/// An interface and its frames.
#[derive(Debug)]
pub(super) struct Tap {
    pub(super) file: File,
    pub(super) interface: Interface,
}

/// Makes an interface, in a namespace if one is named. It goes when the file is closed.
pub(super) fn open(wish: &Wish) -> Result<Tap> {
    let Wish { side, name, netns } = wish.clone();
    let refuse = |text: String| Failure::new(Code::Interface, text);
    if name.is_empty() || name.len() > LONGEST || name.contains(['/', ' ', ':']) {
        let text =
            format!("`{name}` is no name for an interface: 1 to {LONGEST} characters, without `/`, `:` and spaces");
        return Err(refuse(text).hint("give a shorter one with --tap, or with --mac-tap"));
    }
    let path = netns.as_ref().map(|netns| match netns.contains('/') {
        true => PathBuf::from(netns),
        false => PathBuf::from("/run/netns").join(netns),
    });
    let namespace = path.as_ref().map(File::open).transpose().map_err(|error| {
        let shown = path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        refuse(format!("the network namespace {shown} can not be opened: {error}"))
            .hint("make it with `ip netns add NAME`")
    })?;
    let make = {
        let name = name.clone();
        move || -> std::io::Result<(File, u32)> {
            if let Some(namespace) = namespace {
                system::enter_namespace(&namespace)?;
            }
            system::tap(&name)
        }
    };
    // In a thread of its own, because that stays in the namespace.
    let made = thread::spawn(make).join().map_err(|_| refuse("the thread that makes interfaces failed".to_owned()))?;
    let (file, ifindex) = made.map_err(|error| {
        let failure = refuse(format!("the TAP interface {name} can not be made: {error}"));
        match error.kind() {
            std::io::ErrorKind::ResourceBusy => {
                failure.hint("an interface of that name is in use; choose another name")
            }
            _ => failure,
        }
    })?;
    Ok(Tap { file, interface: Interface { side: side.to_owned(), name, netns, ifindex } })
}
