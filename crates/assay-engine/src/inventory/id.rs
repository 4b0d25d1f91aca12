//! Names for sites that survive edits elsewhere.

use std::collections::HashMap;

use assay_evidence::{SiteId, SiteKind};
use sha2::{Digest, Sha256};

use super::source::Source;
use super::syntax::RawSite;
use crate::fingerprint::hex;

/// Digits of the hash that an identifier keeps.
const DIGITS: usize = 16;

/// Gives identifiers out, and tells equal sites of one item apart by their order.
#[derive(Debug)]
pub(crate) struct Ids {
    package: String,
    seen: HashMap<String, u32>,
}

impl Ids {
    /// For the sites of one package.
    pub(crate) fn new(package: &str) -> Self {
        Self {
            package: package.to_owned(),
            seen: HashMap::new(),
        }
    }

    /// The identifier of a site that has source.
    pub(crate) fn of_source(&mut self, source: &Source, site: &RawSite) -> SiteId {
        // Of a block or a function every token counts; of an impl or a trait, whose methods are sites of their own,
        // only the head.
        let to = match site.kind {
            SiteKind::Impl | SiteKind::Trait => site.head.min(site.to),
            _ => site.to,
        };
        let mut tokens = String::new();
        for at in site.from..to {
            tokens.push_str(source.word(at));
            tokens.push(' ');
        }
        self.of_parts(&site.item, site.kind, &tokens)
    }

    /// The identifier of a site that is known by its item, its kind and some text.
    pub(crate) fn of_parts(&mut self, item: &str, kind: SiteKind, tokens: &str) -> SiteId {
        let mut hash = Sha256::new();
        for part in [self.package.as_str(), item, &format!("{kind:?}"), tokens] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let base = hex(&hash.clone().finalize());
        let ordinal = self
            .seen
            .entry(base)
            .and_modify(|count| *count += 1)
            .or_insert(0);
        hash.update(ordinal.to_le_bytes());
        let mut id = hex(&hash.finalize());
        id.truncate(DIGITS);
        SiteId(id)
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::scan;
    use super::*;

    fn ids(text: &str) -> Vec<SiteId> {
        let source = Source::new("src/lib.rs".to_owned(), text.to_owned()).expect("lexes");
        let mut ids = Ids::new("fixture");
        scan(&source, &[])
            .sites
            .iter()
            .map(|site| ids.of_source(&source, site))
            .collect()
    }

    #[test]
    fn an_identifier_survives_moves_comments_and_layout() {
        let before = ids("fn f() { unsafe { *p } }");
        let after =
            ids("fn other() {}\n// moved\nfn f() {\n  // why\n  unsafe {\n *p // here\n }\n}");
        assert_eq!(before, after);
    }

    #[test]
    fn an_identifier_changes_with_the_sites_tokens_and_its_item() {
        let base = ids("fn f() { unsafe { *p } }");
        assert_ne!(base, ids("fn f() { unsafe { *q } }"));
        assert_ne!(base, ids("fn g() { unsafe { *p } }"));
    }

    #[test]
    fn equal_sites_of_one_item_are_told_apart_by_order() {
        let two = ids("fn f() { unsafe { *p } unsafe { *p } }");
        assert_ne!(two[0], two[1]);
        assert_eq!(two[0], ids("fn f() { unsafe { *p } }")[0]);
    }
}
