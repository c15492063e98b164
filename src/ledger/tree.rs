//! The Merkle tree over a register's entries (RFC 6962 §2.1): how it grows, its root, and proofs about it.

use openssl::sha::{Sha256, sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// RFC 6962 §2.1: an inner node is hashed with this byte in front, a leaf with another.
const NODE: u8 = 0x01;

/// The right edge of a tree: the hashes of the perfect subtrees it consists of, the largest first. A tree grows by it alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    hashes: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree of `size` leaves; nothing when there are not as many hashes as such a tree has subtrees.
    #[must_use]
    pub fn new(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        (hashes.len() == size.count_ones() as usize).then_some(Self { size, hashes })
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hashes, the largest subtree first.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Adds a leaf and gives the hashes of the perfect subtrees that end with it, of two leaves, of four and so on.
    pub fn push(&mut self, leaf: Hash) -> Vec<Hash> {
        let mut completed = Vec::new();
        let mut hash = leaf;
        // Each subtree at the end that is as large as what was made becomes its left half.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.hashes.pop() {
                hash = node(&left, &hash);
                completed.push(hash);
            }
        }
        self.hashes.push(hash);
        self.size += 1;
        completed
    }

    /// The root: Merkle Tree Hash of all leaves (§2.1); of no leaves the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold_right(self.hashes.iter().copied()).unwrap_or_else(|| sha256(&[]))
    }
}

/// A perfect subtree: the `index`-th of those with 2 to the power of `level` leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub level: u32,
    pub index: u64,
}

impl Place {
    /// Number of the entry with which the subtree ends; entries count from 1.
    #[must_use]
    pub const fn last(self) -> u64 {
        (self.index + 1) << self.level
    }

    /// The two subtrees of which one above the leaves consists.
    #[must_use]
    pub const fn halves(self) -> [Self; 2] {
        let level = self.level.saturating_sub(1);
        [Self { level, index: self.index * 2 }, Self { level, index: self.index * 2 + 1 }]
    }
}

/// The subtrees whose hashes prove that leaf `leaf` (from 0) is in a tree of `size` leaves, in the order of §2.1.1; a
/// hash of the proof is the root of one or more of them. Nothing when the leaf is not in the tree.
#[must_use]
pub fn inclusion(leaf: u64, size: u64) -> Option<Vec<Vec<Place>>> {
    (leaf < size).then(|| {
        let mut path = Vec::new();
        walk(leaf, 0, size, &mut path);
        path
    })
}

/// The same to prove that a tree of `size` leaves begins with one of `former` leaves (§2.1.2).
#[must_use]
pub fn consistency(former: u64, size: u64) -> Option<Vec<Vec<Place>>> {
    (0 < former && former <= size).then(|| {
        let mut path = Vec::new();
        subproof(former, 0, size, true, &mut path);
        path
    })
}

/// The root of neighbouring perfect subtrees of falling size.
#[must_use]
pub fn joined(hashes: impl DoubleEndedIterator<Item = Hash>) -> Option<Hash> {
    fold_right(hashes)
}

/// Whether `path` proves that `leaf` is the leaf number `index` (from 0) of the tree of `size` leaves with this root.
#[must_use]
pub fn is_included(leaf: Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    // RFC 9162 §2.1.3.2, which says how to check what RFC 6962 defines.
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `path` proves that the tree of `size` leaves with root `root` begins with that of `former` leaves and its root.
#[must_use]
pub fn is_consistent(former: u64, former_root: &Hash, size: u64, root: &Hash, path: &[Hash]) -> bool {
    // RFC 9162 §2.1.4.2.
    if former == size {
        return path.is_empty() && former_root == root;
    }
    if former == 0 || former > size {
        return false;
    }
    let mut path = path.iter();
    let first = if former.is_power_of_two() { Some(former_root) } else { path.next() };
    let Some(&first) = first else { return false };
    let (mut place, mut last) = (former - 1, size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (first, first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            old = node(sibling, &old);
            new = node(sibling, &new);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            new = node(&new, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && old == *former_root && new == *root
}

/// §2.1.1 for the leaves from `start` to `end`.
fn walk(leaf: u64, start: u64, end: u64, path: &mut Vec<Vec<Place>>) {
    if end - start == 1 {
        return;
    }
    let middle = start + split(end - start);
    if leaf < middle {
        walk(leaf, start, middle, path);
        path.push(cover(middle, end));
    } else {
        walk(leaf, middle, end, path);
        path.push(cover(start, middle));
    }
}

/// §2.1.2 for the leaves from `start` to `end`; `whole` says whether the former tree is a subtree that is known.
fn subproof(former: u64, start: u64, end: u64, whole: bool, path: &mut Vec<Vec<Place>>) {
    if former == end {
        if !whole {
            path.push(cover(start, end));
        }
        return;
    }
    let middle = start + split(end - start);
    if former <= middle {
        subproof(former, start, middle, whole, path);
        path.push(cover(middle, end));
    } else {
        subproof(former, middle, end, false, path);
        path.push(cover(start, middle));
    }
}

/// The largest power of two that is smaller than `count`.
fn split(count: u64) -> u64 {
    count.next_power_of_two() / 2
}

/// The perfect subtrees of the leaves from `start` to `end`; `start` is a multiple of the largest's size.
fn cover(mut start: u64, end: u64) -> Vec<Place> {
    let mut places = Vec::new();
    while start < end {
        let level = (end - start).ilog2();
        places.push(Place { level, index: start >> level });
        start += 1 << level;
    }
    places
}

fn fold_right(hashes: impl DoubleEndedIterator<Item = Hash>) -> Option<Hash> {
    hashes.rev().reduce(|right, left| node(&left, &right))
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update(&[NODE]);
    hash.update(left);
    hash.update(right);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::ledger::leaf_hash;

    /// All subtrees of a tree, as a register keeps them, and its edge after each leaf.
    struct Grown {
        nodes: HashMap<Place, Hash>,
        edges: Vec<Edge>,
    }

    fn grown(leaves: &[Hash]) -> Grown {
        let (mut nodes, mut edge) = (HashMap::new(), Edge::default());
        let mut edges = vec![edge.clone()];
        for (index, leaf) in (0..).zip(leaves) {
            nodes.insert(Place { level: 0, index }, *leaf);
            for (level, hash) in (1..).zip(edge.push(*leaf)) {
                nodes.insert(Place { level, index: index >> level }, hash);
            }
            edges.push(edge.clone());
        }
        Grown { nodes, edges }
    }

    impl Grown {
        fn hashes(&self, path: &[Vec<Place>]) -> Vec<Hash> {
            path.iter().map(|cover| joined(cover.iter().map(|place| self.nodes[place])).unwrap()).collect()
        }
    }

    /// Merkle Tree Hash as RFC 6962 §2.1 defines it.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256(&[]),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node(&defined(left), &defined(right))
            }
        }
    }

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        // The leaves and roots by which implementations of RFC 6962 compare themselves.
        let leaves =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(&bytes(leaf))).collect();
        for (edge, root) in grown(&hashes).edges.iter().zip(roots) {
            assert_eq!(edge.root()[..], bytes(root), "{}", edge.size());
        }
    }

    #[test]
    fn a_tree_grows_as_it_is_defined() {
        let leaves = leaves(70);
        for edge in grown(&leaves).edges {
            let count = usize::try_from(edge.size()).unwrap();
            assert_eq!(edge.root(), defined(&leaves[..count]), "{count}");
            assert_eq!(Edge::new(edge.size(), edge.hashes().to_vec()), Some(edge.clone()));
            assert_eq!(
                Edge::new(edge.size() + 1, edge.hashes().to_vec()).is_some(),
                (edge.size() + 1).count_ones() == edge.size().count_ones()
            );
        }
    }

    #[test]
    fn every_leaf_of_every_tree_is_proved_and_no_other() {
        let leaves = leaves(40);
        let grown = grown(&leaves);
        for edge in &grown.edges {
            let (size, root) = (edge.size(), edge.root());
            assert_eq!(inclusion(size, size), None);
            for (index, leaf) in (0..size).zip(&leaves) {
                let path = grown.hashes(&inclusion(index, size).unwrap());
                assert!(is_included(*leaf, index, size, &path, &root), "{index} of {size}");
                let other = leaf_hash(b"another");
                assert!(!is_included(other, index, size, &path, &root));
                assert!(!is_included(*leaf, index, size, &path, &other));
                assert!(!is_included(*leaf, index + 1, size, &path, &root), "{index} of {size}");
                assert!(!is_included(*leaf, index, size, &[&path[..], &[other]].concat(), &root));
                if let Some((_, shorter)) = path.split_last() {
                    assert!(!is_included(*leaf, index, size, shorter, &root));
                }
            }
        }
    }

    #[test]
    fn every_tree_is_proved_to_go_on_from_every_former_one_and_from_no_other() {
        let grown = grown(&leaves(40));
        let other = leaf_hash(b"another");
        for new in &grown.edges {
            for old in &grown.edges[1..] {
                let Some(path) = consistency(old.size(), new.size()) else {
                    assert!(old.size() > new.size());
                    continue;
                };
                let path = grown.hashes(&path);
                let holds = |old_root: &Hash, root: &Hash, path: &[Hash]| {
                    is_consistent(old.size(), old_root, new.size(), root, path)
                };
                let (old_root, root) = (old.root(), new.root());
                assert!(holds(&old_root, &root, &path), "{} to {}", old.size(), new.size());
                assert!(!holds(&other, &root, &path));
                assert!(!holds(&old_root, &other, &path));
                assert!(!holds(&old_root, &root, &[&path[..], &[other]].concat()));
                for at in 0..path.len() {
                    let mut changed = path.clone();
                    changed[at] = other;
                    assert!(!holds(&old_root, &root, &changed), "{} to {}, {at}", old.size(), new.size());
                }
            }
        }
    }
}
