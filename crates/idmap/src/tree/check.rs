//! What must hold of a tree whatever comparisons say.

use super::{Entry, NIL, Tree};
use crate::allocator::Allocator;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl<A: Allocator> Tree<A> {
    /// Says what is wrong with the structure, if anything. Does not look at records.
    pub(crate) fn check(&self) -> Result<(), String> {
        let chain = self.check_chain()?;
        let entries: usize = chain.iter().map(|leaf| self.leaf(*leaf).len()).sum();
        if entries != self.len() {
            return Err(format!(
                "the tree counts {} entries and has {entries}",
                self.len
            ));
        }
        let (mut met, mut inners) = (Vec::new(), 0);
        if self.root != NIL {
            self.check_below(self.root, NIL, self.height, &mut met, &mut inners)?;
        }
        if met != chain {
            return Err("the chain of leaves is not that of the tree".into());
        }
        self.check_free(chain.len(), inners)
    }

    fn check_chain(&self) -> Result<Vec<u32>, String> {
        let mut chain = Vec::new();
        let (mut at, mut before) = (self.first, NIL);
        while at != NIL && chain.len() <= self.leaves.len() {
            if self.leaf(at).before != before {
                return Err(format!("leaf {at} has the wrong neighbour"));
            }
            chain.push(at);
            (before, at) = (at, self.leaf(at).after);
        }
        if at == NIL && before == self.last {
            Ok(chain)
        } else {
            Err("the chain of leaves has a cycle, or ends too early".into())
        }
    }

    /// The first entry below a node, if it has one; the leaves met go to `met`.
    fn check_below(
        &self,
        node: u32,
        parent: u32,
        height: u32,
        met: &mut Vec<u32>,
        inners: &mut usize,
    ) -> Result<Option<Entry>, String> {
        if height == 0 {
            met.push(node);
            let leaf = self.leaf(node);
            leaf.check()?;
            if leaf.parent != parent {
                return Err(format!("leaf {node} has the wrong parent"));
            }
            if leaf.len() == 0 && node != self.root {
                return Err(format!("leaf {node} is empty"));
            }
            return Ok((leaf.len() > 0).then(|| leaf.entry(0)));
        }
        *inners += 1;
        let inner = self.inner(node);
        inner.check()?;
        if inner.parent != parent {
            return Err(format!("node {node} has the wrong parent"));
        }
        if parent == NIL && inner.children().len() == 1 {
            return Err("the root has one child".into());
        }
        let first = self.check_below(inner.child(0), node, height - 1, met, inners)?;
        for (separator, child) in inner.children()[1..].iter().enumerate() {
            if self.check_below(*child, node, height - 1, met, inners)?
                != Some(inner.separator(separator))
            {
                return Err(format!(
                    "separator {separator} of node {node} is not the first entry at its right"
                ));
            }
        }
        Ok(first)
    }

    fn check_free(&self, leaves: usize, inners: usize) -> Result<(), String> {
        let chain = |mut at: u32, nodes: usize, next: &dyn Fn(u32) -> u32| {
            let mut count = 0;
            while at != NIL && count <= nodes {
                (at, count) = (next(at), count + 1);
            }
            count
        };
        let free_leaves = chain(self.free_leaf, self.leaves.len(), &|at| self.leaf(at).after);
        let free_inners = chain(self.free_inner, self.inners.len(), &|at| {
            self.inner(at).child(0)
        });
        let counted = (self.spare_leaves as usize, self.spare_inners as usize);
        if (free_leaves, free_inners) != counted {
            return Err(format!(
                "{free_leaves} leaves and {free_inners} nodes are free, of {counted:?}"
            ));
        }
        let all = (self.leaves.len(), self.inners.len());
        if (leaves + free_leaves, inners + free_inners) != all {
            return Err(format!(
                "{leaves} leaves and {inners} nodes are used, {free_leaves} and {free_inners} are free, of {all:?}"
            ));
        }
        Ok(())
    }
}
