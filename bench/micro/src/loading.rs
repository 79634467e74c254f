//! The cost of loading a file of stubs: parsing and compiling.

use bytes::Bytes;
use cannery::formats::{BodyFiles, FileFault, NoFiles};

use crate::exchange::loaded;
use crate::measured::{Kind, Task};

/// The size of a body file.
const MIB: usize = 1024 * 1024;

pub fn kind() -> Kind {
    Kind { name: "loading", tasks: Box::new(|_| tasks()) }
}

fn tasks() -> Vec<Task> {
    let name = |number| format!("name = 'stub {number}'\n");
    vec![
        loading("loading: 50 stubs", stubs(50, name), NoFiles),
        loading("loading: 500 stubs", stubs(500, name), NoFiles),
        loading("loading: 500 stubs without names", stubs(500, |_| String::new()), NoFiles),
        loading("loading: a stub with 1 MiB beside it", BESIDE.to_owned(), Beside(Bytes::from(vec![b'x'; MIB]))),
    ]
}

const BESIDE: &str = "[[stub]]\nrequest.path = '/a'\nresponse.file = 'a.bin'\n";

/// Returns stubs like those written by hand, with a template in their answers.
fn stubs(count: usize, name: impl Fn(usize) -> String) -> String {
    let stub = |number| {
        let id = "{{request.path_params.id}}";
        format!(
            "[[stub]]\n{}[stub.request]\nmethod = 'POST'\npath = '/shops/{number}/orders/{{id}}'\n\
             headers.X-Kind = {{ one_of = ['a', 'b'] }}\njson_includes = {{ kind = 'order', store = {number} }}\n\
             [stub.response]\nstatus = 201\nheaders.Location = '/orders/{id}'\njson = {{ id = '{id}', items = [1, 2] }}\n",
            name(number)
        )
    };
    (0..count).map(stub).collect()
}

fn loading(name: &'static str, text: String, files: impl BodyFiles + 'static) -> Task {
    Task::again(name, move || loaded(&text, &files)).dear()
}

/// Has the same file under every name.
struct Beside(Bytes);

impl BodyFiles for Beside {
    fn read(&self, _: &str) -> Result<Bytes, FileFault> {
        Ok(self.0.clone())
    }

    fn under(&self, path: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
        Ok(vec![(path.to_owned(), self.0.clone())])
    }
}
