//! What a reload changes: which of the files' stubs were added, changed or removed.
//!
//! Which files are read, and when, is decided by the caller.

use std::sync::Arc;

use foldhash::HashMap;

use super::mounted::MountedStub;
use super::set::StubSet;

/// The difference between the files' stubs before and after a reload, by identity. Each list is in order of precedence.
#[derive(Debug, Clone, Default)]
pub struct Reloaded {
    /// The new stubs.
    pub added: Vec<Arc<MountedStub>>,
    /// The stubs whose conditions or answers have changed, as they are now.
    pub changed: Vec<Arc<MountedStub>>,
    /// The stubs that are gone, as they were.
    pub removed: Vec<Arc<MountedStub>>,
}

impl Reloaded {
    pub(super) fn between(old: &StubSet, new: &StubSet) -> Reloaded {
        let (before, now) = (by_id(old), by_id(new));
        let mut reloaded = Reloaded::default();
        for mounted in file_stubs(new) {
            match before.get(mounted.reference.id.as_str()) {
                None => reloaded.added.push(mounted.clone()),
                Some(earlier) if !is_same(earlier, mounted) => reloaded.changed.push(mounted.clone()),
                Some(_) => {}
            }
        }
        reloaded.removed =
            file_stubs(old).filter(|mounted| !now.contains_key(mounted.reference.id.as_str())).cloned().collect();
        reloaded
    }
}

fn file_stubs(set: &StubSet) -> impl Iterator<Item = &Arc<MountedStub>> {
    set.stubs().iter().filter(|mounted| mounted.added.is_none())
}

fn by_id(set: &StubSet) -> HashMap<&str, &MountedStub> {
    let mut by_id = HashMap::with_capacity_and_hasher(set.len(), Default::default());
    by_id.extend(file_stubs(set).map(|mounted| (mounted.reference.id.as_str(), &**mounted)));
    by_id
}

fn is_same(one: &MountedStub, other: &MountedStub) -> bool {
    one.stub.has_same_definition(&other.stub) && one.representation == other.representation
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use bytes::Bytes;

    use super::*;
    use crate::engine::{Engine, Settings};
    use crate::formats::{NoFiles, Syntax, read_scenario, read_stub};
    use crate::journal::Outcome;
    use crate::message::{Head, Request};
    use crate::model::Timestamp;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn set(text: &str) -> StubSet {
        let (scenario, _) = read_scenario(text, "shop.toml", &NoFiles).expect("a scenario");
        StubSet::compile(&[scenario]).expect("a set")
    }

    fn stub(name: &str, text: &str) -> String {
        format!("[[stub]]\nname = '{name}'\nrequest.path = '/{name}'\nresponse.text = '{text}'\n")
    }

    fn engine(text: &str) -> Engine {
        Engine::new(set(text).into(), Settings::default())
    }

    fn get(engine: &Engine, path: &str) -> (u16, Bytes) {
        let request = Request::new(Head::compose("GET", path, []), Bytes::new(), None, AT);
        let exchange = engine.handle(&request, AT, None);
        (exchange.answer.status, exchange.answer.body.to_bytes())
    }

    fn names(stubs: &[Arc<MountedStub>]) -> Vec<&str> {
        stubs.iter().map(|mounted| mounted.reference.name.as_str()).collect()
    }

    #[test]
    fn a_reload_returns_which_stubs_were_added_changed_and_removed() {
        let engine = engine(&(stub("a", "a") + &stub("b", "b") + &stub("c", "c")));

        let reloaded = engine.reload(&set(&(stub("d", "d") + &stub("c", "c") + &stub("b", "other"))), AT);

        assert_eq!(names(&reloaded.added), ["d"]);
        assert_eq!(names(&reloaded.changed), ["b"], "a stub that only moved has not changed");
        assert_eq!(names(&reloaded.removed), ["a"]);
    }

    #[test]
    fn a_stub_changes_if_the_representation_of_its_documents_does() {
        let document = "[[stub]]\nname = 'a'\nresponse.document = { a = 1 }\n";
        let root = |root| format!("[representation.xml]\nroot = '{root}'\n{document}");
        let engine = engine(&root("A"));

        assert_eq!(names(&engine.reload(&set(&root("B")), AT).changed), ["a"]);
    }

    #[test]
    fn counts_depend_on_the_name_even_if_the_stub_was_removed_in_between() {
        let engine = engine(&(stub("a", "a") + &stub("b", "b")));
        get(&engine, "/a");
        get(&engine, "/b");

        engine.reload(&set(&stub("a", "other")), AT);
        engine.reload(&set(&(stub("b", "b") + &stub("a", "other"))), AT);
        get(&engine, "/a");

        let calls = |place: usize| engine.totals(&engine.stubs().stubs()[place]).calls;
        assert_eq!((calls(0), calls(1)), (1, 2));
    }

    #[test]
    fn no_request_is_lost_while_sets_are_swapped_and_stubs_added() {
        const REQUESTS: usize = 500;
        const ADDED: usize = 50;
        let sets = [set(&stub("a", "old")), set(&(stub("b", "b") + &stub("a", "new")))];
        let engine = engine(&stub("a", "old"));
        let (added, _) = read_stub("request.path = '/c'", Syntax::Toml, "x", "x", &NoFiles).expect("a stub");
        let done = AtomicBool::new(false);

        thread::scope(|scope| {
            let senders: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..REQUESTS).for_each(|_| assert_eq!(get(&engine, "/a").0, 200))))
                .collect();
            let adder = scope.spawn(|| {
                for _ in 0..ADDED {
                    engine.add(added.clone()).expect("a stub");
                }
            });
            scope.spawn(|| {
                for round in 0.. {
                    engine.reload(&sets[round % 2], AT);
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
            senders.into_iter().for_each(|thread| thread.join().expect("every request is answered"));
            adder.join().expect("every stub is added");
            done.store(true, Ordering::Relaxed);
        });

        let journal = engine.journal();
        assert_eq!(journal.entries.len(), 4 * REQUESTS);
        assert!(journal.entries.iter().all(|entry| matches!(entry.outcome, Outcome::Stub(_))));
        let set = engine.stubs();
        assert_eq!(set.stubs().iter().filter(|mounted| mounted.added.is_some()).count(), ADDED);
        let file_stub = set.stubs().iter().find(|mounted| mounted.reference.name == "a").expect("a stub");
        assert_eq!(engine.totals(file_stub).calls, 4 * REQUESTS as u64);
    }
}
