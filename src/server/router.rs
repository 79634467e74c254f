//! Decides where a request goes: to an engine, or to a reserved path such as the admin API.
//!
//! A route is a base path and the handler of the paths below it. The router removes the base from the path of the request, so that
//! the handler sees only the rest. `cannery serve` and the harness have one engine, which gets every path that is not reserved.

use std::sync::Arc;

use crate::engine::Engine;
use crate::message::Request;

use super::reserved::Reserved;

/// Finds the route of a request. It is used once for each request.
pub(super) struct Router {
    handlers: Handlers,
    /// The routes with a base, the longest base first.
    mounts: Vec<(String, Route)>,
    /// The route of all other paths.
    root: Route,
}

/// The handlers. Routes have their places in these lists.
#[derive(Default)]
struct Handlers {
    engines: Vec<Arc<Engine>>,
    reserved: Vec<Arc<dyn Reserved>>,
}

/// The handler of the requests of a route.
pub(super) enum Handler {
    Engine(Arc<Engine>),
    Reserved(Arc<dyn Reserved>),
}

/// Where a request goes.
///
/// A request keeps its route until it is answered. It has places in the router and no references: threads that count
/// references to one engine for each request slow each other down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Engine(EngineId),
    Reserved(ReservedId),
}

/// The place of an engine in its router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EngineId(u32);

/// The place of a reserved path in its router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReservedId(u32);

impl Router {
    /// A router with one route, which gets every path.
    pub(super) fn new(root: impl Into<Handler>) -> Router {
        let mut handlers = Handlers::default();
        let root = handlers.add(root.into());
        Router { handlers, mounts: Vec::new(), root }
    }

    /// Adds the route of a base, which starts with a slash and does not end with one. It comes before the routes of shorter bases.
    pub(super) fn mount(&mut self, base: String, handler: impl Into<Handler>) {
        let route = self.handlers.add(handler.into());
        let place = self.mounts.partition_point(|(other, _)| other.len() > base.len());
        self.mounts.insert(place, (base, route));
    }

    /// Returns the route of a request, and removes the base of the route from its path.
    pub(super) fn route(&self, request: &mut Request) -> Route {
        let mount = self.mounts.iter().find(|(base, _)| request.strip_base(base));
        mount.map_or(self.root, |(_, route)| *route)
    }

    /// Returns the engine of a route of this router.
    pub(super) fn engine(&self, id: EngineId) -> &Arc<Engine> {
        &self.handlers.engines[id.0 as usize]
    }

    /// Returns the handler of a reserved path of this router.
    pub(super) fn reserved(&self, id: ReservedId) -> &Arc<dyn Reserved> {
        &self.handlers.reserved[id.0 as usize]
    }
}

impl Handlers {
    fn add(&mut self, handler: Handler) -> Route {
        match handler {
            Handler::Engine(engine) => {
                self.engines.push(engine);
                Route::Engine(EngineId(self.engines.len() as u32 - 1))
            }
            Handler::Reserved(reserved) => {
                self.reserved.push(reserved);
                Route::Reserved(ReservedId(self.reserved.len() as u32 - 1))
            }
        }
    }
}

impl From<Arc<Engine>> for Handler {
    fn from(engine: Arc<Engine>) -> Handler {
        Handler::Engine(engine)
    }
}

impl From<Arc<dyn Reserved>> for Handler {
    fn from(reserved: Arc<dyn Reserved>) -> Handler {
        Handler::Reserved(reserved)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::engine::{Settings, StubSet};
    use crate::message::Head;
    use crate::model::Timestamp;

    fn engine() -> Arc<Engine> {
        Arc::new(Engine::new(Arc::<StubSet>::default(), Settings::default()))
    }

    /// A router with an engine at `/a`, `/a/b` and `/c`, and one for the rest.
    fn router() -> Router {
        let mut router = Router::new(engine());
        for base in ["/a", "/a/b", "/c"] {
            router.mount(base.to_owned(), engine());
        }
        router
    }

    fn request(target: &str) -> Request {
        Request::new(Head::compose("GET", target, []), Bytes::new(), None, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_longest_base_of_a_path_decides() {
        let router = router();

        for (target, engine, base, path) in [
            ("/a", 1, "/a", "/"),
            ("/a/", 1, "/a", "/"),
            ("/a?b=/c", 1, "/a", "/"),
            ("/a/x/b?y", 1, "/a", "/x/b"),
            ("/a//b", 1, "/a", "//b"),
            ("/a/b", 2, "/a/b", "/"),
            ("/a/b/c/", 2, "/a/b", "/c/"),
            ("/a/bc", 1, "/a", "/bc"),
            ("http://host/c/x?y", 3, "/c", "/x"),
            ("http://host/c", 3, "/c", "/"),
            ("http://host", 0, "", "/"),
            ("http://host?/c", 0, "", "/"),
            ("/", 0, "", "/"),
            ("/ab", 0, "", "/ab"),
            ("/A", 0, "", "/A"),
            ("/%61", 0, "", "/%61"),
            ("//a", 0, "", "//a"),
            ("/d/a", 0, "", "/d/a"),
            ("*", 0, "", "*"),
            ("", 0, "", ""),
        ] {
            let mut request = request(target);
            let route = router.route(&mut request);

            assert_eq!(route, Route::Engine(EngineId(engine)), "{target}");
            assert_eq!((request.base(), request.path()), (base, path), "{target}");
        }
    }

    #[test]
    fn a_base_that_is_mounted_again_leads_to_the_newest() {
        let mut router = router();
        router.mount("/a".to_owned(), engine());

        assert_eq!(router.route(&mut request("/a/x")), Route::Engine(EngineId(4)));
    }
}
