//! A page of the documentation: its fences with their marks, its headings and its links.
//!
//! `play` runs the fences, and `links` follows the links.

use std::fs;
use std::path::{Path, PathBuf};

use crate::mark::Mark;

/// A Markdown file.
pub struct Page {
    /// Its path from the root of the repository.
    pub path: PathBuf,
    pub fences: Vec<Fence>,
    /// The lines outside of fences, with their numbers.
    pub prose: Vec<(usize, String)>,
    /// Faults: fences without a mark, or without an end.
    pub faults: Vec<String>,
}

/// A fenced block.
pub struct Fence {
    /// The line of its opening fence, from 1.
    pub line: usize,
    pub language: String,
    pub mark: Mark,
    /// Its lines, each with a line end.
    pub text: String,
}

impl Page {
    pub fn read(root: &Path, path: &Path) -> Page {
        let text = fs::read_to_string(root.join(path)).expect("the page can be read");
        Page::parse(path, &text)
    }

    pub fn parse(path: &Path, text: &str) -> Page {
        let mut page = Page { path: path.to_owned(), fences: Vec::new(), prose: Vec::new(), faults: Vec::new() };
        let mut open: Option<(usize, String, String)> = None;
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(info)) => open = Some((number, info.trim().to_owned(), String::new())),
                (None, None) => page.prose.push((number, line.to_owned())),
                (Some((_, _, body)), None) => body.extend([line, "\n"]),
                (Some(_), Some("")) => {
                    let (line, info, text) = open.take().expect("a fence is open");
                    let language = info.split_whitespace().next().unwrap_or_default().to_owned();
                    match Mark::read(&info, page.fences.last().map(|fence: &Fence| &fence.mark)) {
                        Ok(mark) => page.fences.push(Fence { line, language, mark, text }),
                        Err(fault) => page.faults.push(format!("{}:{line}: {fault}", path.display())),
                    }
                }
                (Some((from, ..)), Some(_)) => {
                    page.faults.push(format!("{}:{number}: the fence of line {from} is still open", path.display()));
                }
            }
        }
        if let Some((line, ..)) = open {
            page.faults.push(format!("{}:{line}: the fence is never closed", path.display()));
        }
        page
    }

    /// Returns file and line of a fence.
    pub fn place(&self, fence: &Fence) -> String {
        format!("{}:{}", self.path.display(), fence.line)
    }
}

/// Returns every page by path: the pages at the root of the repository, and all below `docs`.
pub fn pages(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).expect("a folder") {
            let path = folder.join(entry.expect("an entry").file_name());
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found.push("README.md".into());
    found.sort();
    found
}
