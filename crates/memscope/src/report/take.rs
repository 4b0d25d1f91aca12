//! Taking a report: the survey of the accounts, and names for what it found.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::SystemTime;

use super::{Frame, Report, ScopeEntry, Site, SiteShare, Untold};
use crate::books::{self, Surveyed};

pub(super) fn report() -> Report {
    let survey = books::survey(true);
    let mut sites = Sites::default();
    let mut scopes: Vec<ScopeEntry> = Vec::with_capacity(survey.len());
    for surveyed in survey {
        let entry = entry(surveyed, &scopes, &mut sites);
        scopes.push(entry);
    }
    let untold = untold(&scopes);
    let sites = sites.into_sorted(&mut scopes);
    Report {
        taken: SystemTime::now(),
        scopes,
        sites,
        untold,
        growth: Vec::new(),
    }
}

fn entry(surveyed: Surveyed, before: &[ScopeEntry], sites: &mut Sites) -> ScopeEntry {
    let parent = surveyed.parent.map(|at| &before[at]);
    let own_name = match surveyed.request {
        Some(request) => format!("{}#{request}", surveyed.name),
        None => surveyed.name.to_owned(),
    };
    let path = match parent {
        Some(parent) if parent.parent.is_some() => format!("{} > {own_name}", parent.path),
        _ => own_name,
    };
    let mut shares: Vec<SiteShare> = surveyed
        .sites
        .iter()
        .map(|(number, blocks, bytes)| sites.add(*number, *blocks, *bytes))
        .collect();
    shares.sort_by_key(|share| Reverse(share.bytes));
    ScopeEntry {
        name: surveyed.name,
        request: surveyed.request,
        path,
        parent: surveyed.parent,
        depth: parent.map_or(0, |parent| parent.depth + 1),
        opened_at: surveyed.opened_at,
        age: surveyed.age,
        has_ended: surveyed.has_ended,
        own: surveyed.own,
        inclusive: surveyed.inclusive,
        sites: shares,
    }
}

/// Blocks that came or went between the looks at counters and at sites make either larger.
fn untold(scopes: &[ScopeEntry]) -> Untold {
    let mut untold = Untold::default();
    for scope in scopes {
        let (blocks, bytes) = scope.sites.iter().fold((0, 0), |sum: (u64, u64), share| {
            (
                sum.0.wrapping_add(share.blocks),
                sum.1.wrapping_add(share.bytes),
            )
        });
        untold.blocks += scope.own.live().saturating_sub(blocks);
        untold.bytes += scope.own.live_bytes().saturating_sub(bytes);
    }
    untold
}

/// Sites by their number, and frames by their address.
#[derive(Default)]
struct Sites {
    found: Vec<Site>,
    index: HashMap<u32, usize>,
    frames: HashMap<usize, Vec<Frame>>,
}

impl Sites {
    fn add(&mut self, number: u32, blocks: u64, bytes: u64) -> SiteShare {
        let at = match self.index.get(&number) {
            Some(at) => *at,
            None => {
                let site = Site::new(self.frames_of(number));
                self.found.push(site);
                self.index.insert(number, self.found.len() - 1);
                self.found.len() - 1
            }
        };
        let site = &mut self.found[at];
        site.blocks = site.blocks.wrapping_add(blocks);
        site.bytes = site.bytes.wrapping_add(bytes);
        SiteShare {
            site: at,
            blocks,
            bytes,
        }
    }

    fn frames_of(&mut self, number: u32) -> Vec<Frame> {
        let addresses = books::frames(number);
        let mut frames: Vec<Frame> = Vec::new();
        for address in addresses {
            let named = self.frames.entry(address);
            frames.extend_from_slice(named.or_insert_with(|| Frame::all_of(address)));
        }
        // The calls of the allocator tell nothing, unless there is nothing else.
        let own = frames.iter().position(Frame::is_own);
        let inner = &frames[..own.unwrap_or(frames.len())];
        let outer = inner.iter().rposition(Frame::is_of_allocator);
        if let Some(outer) = outer.filter(|outer| outer + 1 < frames.len()) {
            frames.drain(..=outer);
        }
        frames
    }

    /// Most bytes first.
    fn into_sorted(self, scopes: &mut [ScopeEntry]) -> Vec<Site> {
        let mut numbered: Vec<(usize, Site)> = self.found.into_iter().enumerate().collect();
        numbered.sort_by_key(|(_, site)| Reverse(site.bytes));
        let mut places = vec![0; numbered.len()];
        for (place, (number, _)) in numbered.iter().enumerate() {
            places[*number] = place;
        }
        for share in scopes.iter_mut().flat_map(|scope| &mut scope.sites) {
            share.site = places[share.site];
        }
        numbered.into_iter().map(|(_, site)| site).collect()
    }
}
