// SPDX-License-Identifier: Apache-2.0
//! One program for another: the NIC's own switch between two frames. Where maps move, no slot is selected meanwhile, and frames wait.

use super::datapath::Datapath;
use super::queue::lock;
use super::registers::System;
use super::{Active, Exchange, contents};
use crate::error::{Code, Failure, Result};
use crate::protocol::Loaded;
use bpf2hdl_host::nic::slots::{self, Policy, Slot};
use bpf2hdl_interface::MapContents;
use std::sync::Arc;
use std::time::Instant;

impl Datapath {
    pub(super) fn exchange(&mut self, exchange: Exchange) {
        let began = Instant::now();
        let nic = Arc::clone(&self.nic);
        let before = nic.queue.depth().0;
        let Exchange { new, keep, given, after, reply } = exchange;
        // While the lock is held no operation of the host can be asked for; those before it are done.
        let mut current = lock(&nic.current);
        let in_use = current.as_ref().map(|active| active.program.load);
        let result = match new {
            Some(_) if after.is_some() && after != in_use => {
                Err(Failure::new(Code::Refused, "another program was loaded meanwhile"))
            }
            None if current.is_none() => {
                Err(Failure::new(Code::NoProgram, "no program is loaded: everything passes already"))
            }
            None => self.select(None, Policy::Pass).map(|()| (None, Loaded::default())),
            Some(new) => self.to(current.as_ref(), &new, keep, &given).map(|loaded| (Some(*new), loaded)),
        };
        let answer = result.map(|(new, mut loaded)| {
            self.next_prints
                .push_back((self.events.0, new.as_ref().map(|new| Arc::clone(&new.prints)).unwrap_or_default()));
            let old = std::mem::replace(&mut *current, new);
            *lock(&nic.stopped) = None;
            if let Some(old) = old {
                nic.remove_design(std::path::Path::new(&old.program.design));
            }
            loaded.pause_ms = began.elapsed().as_secs_f64() * 1000.0;
            loaded.waited = nic.queue.depth().0.saturating_sub(before);
            loaded
        });
        drop(current);
        // The client may have gone; the program runs all the same.
        let _ = reply.send(answer);
    }

    fn to(&mut self, old: Option<&Active>, new: &Active, keep: bool, given: &MapContents) -> Result<Loaded> {
        let mut loaded = Loaded { load: new.program.load, slot: new.program.slot.clone(), ..Loaded::default() };
        let place = new.slot.place;
        let Some(old) = old.filter(|_| keep) else {
            self.select(Some(place), Policy::Pass)?;
            return Ok(loaded);
        };
        let (pairs, fresh) = contents::matching(&old.manifest, &new.manifest, given);
        let name = |(_, id): &(u32, u32)| new.manifest.maps.get(*id as usize).map(|map| map.name.clone());
        loaded.kept = pairs.iter().filter_map(name).collect();
        loaded.fresh = fresh;
        self.select(None, Policy::Wait)?;
        // Nothing moves while maps do: then the shell need not be clocked for them.
        self.hold_wire();
        let moved = contents::transfer(self, &old.slot, &new.slot, pairs, &new.manifest);
        self.release();
        // Frames go on, with the new program or with the old one.
        let next = if moved.is_ok() { place } else { old.slot.place };
        let selected = self.select(Some(next), Policy::Pass);
        moved.and(selected).map(|()| loaded)
    }

    /// Selects a slot, and waits until it is so; `policy` is for frames while none is selected: before the switch to none, after that to a slot, so that frames which
    /// wait do so until there is a program.
    fn select(&mut self, slot: Option<Slot>, policy: Policy) -> Result<()> {
        if self.is_stopped() {
            return self.select_again(slot);
        }
        if slot.is_none() {
            slots::set_policy(policy, Policy::Wait, u32::MAX, &mut System::new(self))?;
        }
        slots::select(slot, &mut System::new(self))?;
        while !slots::status(&mut System::new(self))?.done {
            self.step();
            if self.is_stopped() {
                return self.select_again(slot);
            }
        }
        if slot.is_some() {
            slots::set_policy(policy, Policy::Wait, u32::MAX, &mut System::new(self))?;
        }
        Ok(())
    }

    /// After the NIC has stopped: a new shell, in which this slot is the first to run.
    fn select_again(&mut self, slot: Option<Slot>) -> Result<()> {
        self.revive(slot)?;
        // A new shell has nothing inside.
        slots::select(slot, &mut self.sim)?;
        Ok(slots::wait_done(100_000, &mut self.sim)?)
    }
}
