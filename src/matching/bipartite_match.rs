//! Assigns each item a place of its own: a maximum matching in a bipartite graph.

use std::collections::VecDeque;

use crate::budget::spend;

/// Returns whether each item can be assigned a place of its own that it fits. Items and places are identified by their numbers.
///
/// Augmenting paths are searched breadth first, so the stack does not grow with the number of items. Each call of `fits` takes a
/// step of the budget; once it is exceeded, the result is `false`. The crates `petgraph` and `pathfinding` have the algorithm
/// too, but on a graph or a matrix that must be filled first, which would call `fits` for all pairs. Most items find a place at
/// the first attempt.
pub(crate) fn bipartite_match(items: usize, places: usize, fits: impl Fn(usize, usize) -> bool) -> bool {
    if items > places {
        return false;
    }
    let mut matching = BipartiteMatching { place_of: vec![None; items], item_at: vec![None; places] };
    (0..items).all(|item| matching.add(item, &fits))
}

struct BipartiteMatching {
    /// For each item, its place.
    place_of: Vec<Option<usize>>,
    /// For each place, its item.
    item_at: Vec<Option<usize>>,
}

impl BipartiteMatching {
    /// Assigns a place to one more item, moving others if necessary. Returns whether that is possible.
    fn add(&mut self, item: usize, fits: &impl Fn(usize, usize) -> bool) -> bool {
        // Lists are often in the same order.
        if self.item_at[item].is_none() && spend(1) && fits(item, item) {
            self.assign(item, item);
            return true;
        }
        if !spend(self.item_at.len() / ITEMS_PER_STEP) {
            return false;
        }
        // For each place that was reached, the item that looks for it.
        let mut seeker_of: Vec<Option<usize>> = vec![None; self.item_at.len()];
        let mut seeking = VecDeque::from([item]);
        while let Some(seeker) = seeking.pop_front() {
            for place in 0..self.item_at.len() {
                if seeker_of[place].is_some() {
                    continue;
                }
                if !spend(1) {
                    return false;
                }
                if !fits(seeker, place) {
                    continue;
                }
                seeker_of[place] = Some(seeker);
                match self.item_at[place] {
                    Some(other) => seeking.push_back(other),
                    None => {
                        self.augment(place, &seeker_of);
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Gives a free place to the item that looks for it, the place of that item to the one that looks for it, and so on.
    fn augment(&mut self, free: usize, seeker_of: &[Option<usize>]) {
        let mut next = Some(free);
        while let Some(place) = next {
            let Some(item) = seeker_of[place] else { return };
            next = self.place_of[item];
            self.assign(item, place);
        }
    }

    fn assign(&mut self, item: usize, place: usize) {
        self.place_of[item] = Some(place);
        self.item_at[place] = Some(item);
    }
}

/// The entries of a list that are set or skipped in one step.
const ITEMS_PER_STEP: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, Exceeded, within};

    #[test]
    fn items_move_to_let_another_one_in() {
        // 0 fits everywhere, 1 at the first two places, 2 at the first alone.
        assert!(bipartite_match(3, 3, |item, place| place < 3 - item));
        assert!(!bipartite_match(3, 3, |item, place| place < 2 || item == 3));
        assert!(!bipartite_match(2, 1, |_, _| true));
        assert!(bipartite_match(0, 0, |_, _| false));
    }

    #[test]
    fn a_long_chain_of_moves_takes_no_stack() {
        // Each item fits its own place and the next one; the last one fits the first place alone.
        let last = 19_999;
        let fits =
            |item: usize, place: usize| if item == last { place == 0 } else { place == item || place == item + 1 };

        assert!(bipartite_match(last + 1, last + 1, fits));
    }

    #[test]
    fn assigning_ends_with_the_budget() {
        let budget = Budget { steps: 1000, rendered: 0 };

        let ended = within(budget, || bipartite_match(1000, 1000, |item, place| item + place == 999));
        assert_eq!(ended, Err(Exceeded::Steps(1000)));
    }
}
