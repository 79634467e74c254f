# The server alone, static, on nothing: `docker run -p 8080:8080 -v ./scenarios:/scenarios cannery`
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build

# Static, so that the image needs no C library beside it, and with relocations packed, which saves 0.4 MB. The target is
# named so that what runs during the build (build scripts, macros) stays as it is.
ENV RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs"
RUN rustc -vV | sed -n 's/^host: //p' > /target

# The dependencies are built from the manifests alone, so that a change of the sources leaves them cached.
COPY Cargo.toml Cargo.lock ./
COPY cli/Cargo.toml cli/
RUN mkdir -p src cli/src && touch src/lib.rs && echo 'fn main() {}' > cli/src/main.rs \
 && cargo build --release --locked --target "$(cat /target)" -p cannery-cli

COPY schema schema
COPY src src
COPY cli/src cli/src
RUN touch src/lib.rs cli/src/main.rs \
 && cargo build --release --locked --target "$(cat /target)" -p cannery-cli \
 && cp "target/$(cat /target)/release/cannery" /cannery

FROM scratch
LABEL org.opencontainers.image.title="cannery" \
      org.opencontainers.image.description="A mock HTTP server: canned responses from scenario files, every request recorded" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /cannery /cannery
COPY scenarios /scenarios

# The grace ends before the ten seconds after which an engine kills a container that it stops.
ENV CANNERY_BIND_ADDRESS=0.0.0.0 CANNERY_GRACE=8s
EXPOSE 8080
USER 65534:65534
HEALTHCHECK --interval=2s --timeout=3s --start-period=10s --retries=3 CMD ["/cannery", "health"]
ENTRYPOINT ["/cannery"]
CMD ["serve"]
