//! Checks that the links of the pages lead to existing files and headings.

use std::collections::{BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::page::Page;

static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\]\(([^)\s]+)\)").expect("a regex"));
static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new("`[^`]*`").expect("a regex"));

/// A link: its line, the file that it leads to, and the heading in it.
pub struct Link {
    pub line: usize,
    pub file: PathBuf,
    pub anchor: Option<String>,
}

/// Returns the links of a page into the repository.
pub fn links(page: &Page) -> Vec<Link> {
    let mut found = Vec::new();
    for (line, text) in &page.prose {
        for target in LINK.captures_iter(&CODE.replace_all(text, "code")).map(|link| link[1].to_owned()) {
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = match target.split_once('#') {
                Some((file, anchor)) => (file, Some(anchor.to_owned())),
                None => (target.as_str(), None),
            };
            let folder = page.path.parent().unwrap_or(Path::new(""));
            let file = if file.is_empty() { page.path.clone() } else { plain(&folder.join(file)) };
            found.push(Link { line: *line, file, anchor });
        }
    }
    found
}

/// Returns every broken link.
pub fn broken(root: &Path, pages: &[Page]) -> Vec<String> {
    let headings: HashMap<&Path, BTreeSet<String>> =
        pages.iter().map(|page| (page.path.as_path(), anchors(page))).collect();
    let mut complaints = Vec::new();
    for page in pages {
        for link in links(page) {
            let place = format!("{}:{}", page.path.display(), link.line);
            if !root.join(&link.file).exists() {
                complaints.push(format!("{place}: there is no {}", link.file.display()));
            }
            if let (Some(anchor), Some(known)) = (&link.anchor, headings.get(link.file.as_path()))
                && !known.contains(anchor)
            {
                complaints.push(format!("{place}: {} has no heading #{anchor}", link.file.display()));
            }
        }
    }
    complaints
}

/// Returns the anchors that GitHub gives the headings of a page.
fn anchors(page: &Page) -> BTreeSet<String> {
    let headings = page.prose.iter().filter(|(_, line)| line.starts_with('#'));
    headings
        .map(|(_, line)| {
            let heading = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            heading.chars().filter(|character| character.is_alphanumeric() || "-_".contains(*character)).collect()
        })
        .collect()
}

/// Returns a path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
