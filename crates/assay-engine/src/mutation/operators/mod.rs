//! The operators: what is changed, found in the tokens of the relevant functions.

mod bounds;
mod checks;
mod numbers;
mod order;
mod orderings;
mod release;
mod shape;
#[cfg(test)]
pub(super) mod tests;

use assay_evidence::Site;

use super::candidate::{self, Candidate};
use super::functions::Region;
use crate::inventory::Sources;

pub(super) use shape::lifted;

/// Every candidate of a package, each with its identifier, in the order of files and positions.
pub(super) fn candidates(
    package: &str,
    sources: &Sources,
    sites: &[Site],
    regions: &[Region<'_>],
) -> Vec<Candidate> {
    let publishers = order::publishers(regions);
    let mut found = Vec::new();
    for region in regions {
        orderings::find(region, &mut found);
        checks::find(region, &mut found);
        numbers::find(region, &mut found);
        order::find(region, &publishers, &mut found);
        release::find(region, &mut found);
    }
    bounds::find(sources, sites, &mut found);
    candidate::name(package, &mut found);
    found
}
