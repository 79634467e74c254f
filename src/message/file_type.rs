//! The Content-Type of a file by its extension.

/// The Content-Type of plain text.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
/// The Content-Type of any other bytes.
pub(crate) const BYTES: &str = "application/octet-stream";

/// Extensions in lower case, sorted.
const BY_EXTENSION: [(&str, &str); 36] = [
    ("avif", "image/avif"),
    ("bin", BYTES),
    ("bmp", "image/bmp"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/vnd.microsoft.icon"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("ndjson", "application/x-ndjson"),
    ("ogg", "audio/ogg"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("rtf", "application/rtf"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("ttf", "font/ttf"),
    ("txt", TEXT),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

/// Returns the Content-Type of a file; `None` if its extension is not known.
pub(crate) fn media_type_of_file(path: &str) -> Option<&'static str> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    BY_EXTENSION.iter().find(|(known, _)| *known == extension).map(|(_, media)| *media)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_counts_in_any_case() {
        assert_eq!(media_type_of_file("a.d/b.tar.GZ"), Some("application/gzip"));
        assert_eq!(media_type_of_file("a.json/plain"), None);
        assert_eq!(media_type_of_file("x.JSON"), Some("application/json"));
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(BY_EXTENSION.is_sorted());
    }
}
